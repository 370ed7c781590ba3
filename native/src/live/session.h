// One live session of a relay daemon: its traces and streams, kept over a lost connection.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ctf/packet_source.h"
#include "live/url.h"
#include "live/viewer.h"

namespace live {

class Session;

/// What the relay daemon says of a stream; the session keeps it when its reader is gone.
struct RemoteStream {
  std::optional<uint64_t> id;  // none while the relay daemon does not know it (any more)
  bool ended = false;
  std::optional<Index> announced;  // of a packet that has not been fetched
};

/// The packets of one stream, asked for one by one.
class LivePackets : public ctf::PacketSource {
 public:
  LivePackets(Session& session, std::string name, std::shared_ptr<RemoteStream> remote) : session_(session), name_(std::move(name)), remote_(std::move(remote)) {}

  Next next() override;
  size_t read(uint64_t offset, uint8_t* to, size_t bytes) override;
  uint64_t size() const override { return bytes_.size(); }
  uint64_t there() const override { return bytes_.size(); }
  std::string place() const override;
  uint64_t offset() const override { return offset_; }
  bool from_beginning() const override { return number_ == 1; }
  uint64_t bound() const override { return bound_; }

 private:
  Session& session_;
  const std::string name_;
  const std::shared_ptr<RemoteStream> remote_;
  std::vector<uint8_t> bytes_;
  uint64_t offset_ = 0, number_ = 0, bound_ = 0;
};

/// A trace of the session with what has come of its metadata.
struct LiveTrace {
  std::unique_ptr<ctf::Trace> trace = std::make_unique<ctf::Trace>();
  uint64_t metadata_stream = 0;
  bool has_metadata_stream = false;
  uint64_t received = 0, repeated = 0;  // bytes of metadata that came, and that come a second time
  std::string packets;  // bytes of metadata packets that are not yet complete
  bool ready = false;   // something is declared
  bool grown = false;   // since `Session::take_grown`
};

class Session {
 public:
  Session(Url url, Seek seek, const std::atomic<bool>& stop) : url_(std::move(url)), seek_(seek), stop_(stop) {}

  /// Connects and attaches. Throws ctf::Error with one sentence where that cannot be, Disconnected where it may later.
  void attach();
  /// Asks for what is new: metadata not yet there, streams. Makes the connection anew where it broke.
  void poll();

  struct NewStream {
    LiveTrace* trace;
    uint64_t key;  // of the trace
    std::unique_ptr<LivePackets> packets;
    std::string channel;
  };
  /// Streams whose trace has metadata and that nobody has taken yet.
  std::vector<NewStream> take_streams();
  std::map<uint64_t, LiveTrace>& traces() { return traces_; }

  /// Nothing more will come.
  bool ended() const;
  bool connected() const { return viewer_ != nullptr; }
  uint32_t live_timer_us() const { return live_timer_us_; }
  const Url& url() const { return url_; }

 private:
  friend class LivePackets;
  void adopt(const std::vector<RelayStream>& streams);
  void fetch_metadata(LiveTrace& trace);
  void flags(bool new_metadata, bool new_streams);
  void drop(const Disconnected& why);

  const Url url_;
  Seek seek_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Viewer> viewer_;
  std::vector<uint64_t> relay_sessions_;
  std::vector<uint64_t> open_;  // relay sessions that have not hung up
  uint32_t live_timer_us_ = 1'000'000;
  std::map<uint64_t, LiveTrace> traces_;  // by the relay daemon's trace id, or a number of ours after a reconnection
  struct Known {
    uint64_t trace;
    std::shared_ptr<RemoteStream> stream;  // none for metadata
  };
  std::map<std::string, Known> known_;  // by path and channel
  std::vector<NewStream> waiting_;
  int attempts_ = 0;
  std::chrono::steady_clock::time_point next_attempt_{}, next_poll_{};
  std::string last_trouble_;
};

}  // namespace live
