// Packets of a stream file: what their header and context say, and where they lie (CTF 1.8, section 5).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctf/metadata.h"

namespace ctf {

struct PacketHeader {
  uint64_t stream_id = 0;
  std::optional<uint64_t> instance_id, cpu_id, sequence, discarded;
  unsigned discarded_bits = 64;  // size of the cumulative counter, which wraps
  uint64_t begin = 0, end = 0;   // cycles; end 0: not closed (a crash)
  bool has_time = false;
  uint64_t content_bits = 0, packet_bits = 0;  // 0: to the end of the file
  uint64_t header_bits = 0;                    // where the first event begins
};

/// Bytes that hold any packet header and context that LTTng writes.
constexpr size_t kHeaderBytes = 4096;

/// What `parse_packet` says where the bytes end too early.
inline constexpr char kHeaderCut[] = "its header is cut short";

/// Reads a packet's header and context from its first bytes. Returns what is wrong, or an empty text.
std::string parse_packet(const Metadata& metadata, const uint8_t* data, size_t bytes, PacketHeader& out);

/// Where a packet lies in its file.
struct PacketRef {
  uint32_t file = 0;
  uint64_t offset = 0, size = 0;   // bytes
  uint64_t begin = 0, end = 0;     // cycles
  uint64_t sequence = 0;
  uint64_t content_bits = 0;       // 0: not known before the packet is read
};

/// Bytes of a file that no packet could be found in.
struct Unreadable {
  uint64_t offset, bytes;
  std::string why;
  bool cut = false;  // the file ends within a packet's header
};

/// A stream file open for reading at any offset. Throws Error naming the path.
class File {
 public:
  explicit File(const std::string& path);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  /// Bytes read; fewer than asked for only at the end of the file.
  size_t read(uint64_t offset, uint8_t* to, size_t bytes) const;
  uint64_t size() const { return size_; }

 private:
  std::string path_;
  int fd_;
  uint64_t size_;
};

/// The packets of one file from byte `offset` on, by walking over their headers. Where a header is broken, goes on at the
/// next page that begins like a packet of this trace.
void walk_packets(const Metadata& metadata, const File& file, uint32_t number, uint64_t offset, std::vector<PacketRef>& out, std::vector<Unreadable>& unreadable);

/// The packets as LTTng's index file tells them (index/NAME.idx, lttng-index format 1.0 and 1.1). False where there is
/// none or it does not fit the stream file exactly; it is never needed.
bool index_packets(const std::string& stream_path, const File& file, uint32_t number, std::vector<PacketRef>& out);

}  // namespace ctf
