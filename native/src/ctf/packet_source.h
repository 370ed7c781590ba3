// Where a stream gets its packets from, one after the other: files here, a relay daemon in live/.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ctf/trace.h"

namespace ctf {

class PacketSource {
 public:
  virtual ~PacketSource() = default;

  enum class Next : uint8_t {
    Packet,
    Wait,  // none yet; ask again
    End,
  };
  /// Goes to the next packet.
  virtual Next next() = 0;
  /// Reads the packet's bytes from `offset` on; fewer than asked for only where they end.
  virtual size_t read(uint64_t offset, uint8_t* to, size_t bytes) = 0;
  /// The packet's bytes as announced, and as they are there.
  virtual uint64_t size() const = 0;
  virtual uint64_t there() const = 0;
  /// The packet's header says another size than announced. True: `next` gives it again, rightly.
  virtual bool repair() { return false; }
  /// "file: packet 3 at byte 4096"
  virtual std::string place() const = 0;
  virtual uint64_t offset() const = 0;
  /// Nothing was left out before the first packet.
  virtual bool from_beginning() const = 0;
  /// After Wait: no event before this clock value will come.
  virtual uint64_t bound() const { return 0; }
};

/// The packets of stream files within a range of time.
class FilePackets : public PacketSource {
 public:
  /// `begin` and `end` in ns since the epoch: packets that lie outside as a whole are left out.
  FilePackets(const Trace& trace, const StreamFiles& files, int64_t begin = INT64_MIN, int64_t end = INT64_MAX);

  /// Goes on at packet `k`.
  void start_at(size_t k) { next_ = k; }
  /// Bytes of the packets that are still to come.
  uint64_t bytes() const;

  Next next() override;
  size_t read(uint64_t offset, uint8_t* to, size_t bytes) override { return file_->read(packets_[next_ - 1].offset + offset, to, bytes); }
  uint64_t size() const override { return packets_[next_ - 1].size; }
  uint64_t there() const override;
  bool repair() override;
  std::string place() const override;
  uint64_t offset() const override { return packets_[next_ - 1].offset; }
  bool from_beginning() const override { return next_ == 1; }

 private:
  bool behind(const PacketRef& packet) const;

  const Trace& trace_;
  const StreamFiles& files_;
  const int64_t end_;
  std::vector<PacketRef> packets_;
  size_t next_ = 0;
  std::unique_ptr<File> file_;
  uint32_t open_file_ = ~0u;
};

}  // namespace ctf
