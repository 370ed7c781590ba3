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
  std::optional<Index> announced;  // what it answered, where the stream has not acted on it
};

/// The packets of one stream. What is asked for one is asked for others of the session with it, ahead of their turn: on a busy
/// machine an answer takes the relay daemon its turn on a CPU, however much is asked.
class LivePackets : public ctf::PacketSource {
 public:
  LivePackets(Session& session, std::string name, std::shared_ptr<RemoteStream> remote);

  ~LivePackets() override;
  LivePackets(const LivePackets&) = delete;
  LivePackets& operator=(const LivePackets&) = delete;

  Next next() override;
  size_t read(uint64_t offset, uint8_t* to, size_t bytes) override;
  uint64_t size() const override { return bytes_.size(); }
  uint64_t there() const override { return bytes_.size(); }
  std::string place() const override;
  uint64_t offset() const override { return offset_; }
  bool from_beginning() const override;
  uint64_t bound() const override { return bound_; }

 private:
  friend class Session;
  /// A packet that has come before its turn, or why it has not.
  struct Fetched {
    Index index;
    PacketStatus status;
  };

  Next ask();
  Next take();
  uint64_t announced_bytes() const { return remote_->announced->packet_bits / 8; }
  bool is_fetchable() const;
  void arrived();

  Session& session_;
  const std::string name_;
  const std::shared_ptr<RemoteStream> remote_;
  std::vector<uint8_t> bytes_, ahead_;
  std::optional<Fetched> fetched_;  // `ahead_` has its bytes
  uint64_t offset_ = 0, number_ = 0, bound_ = 0;
  bool joined_ = false;  // it is read
  std::chrono::steady_clock::time_point asked_at_{};  // for an index, when there was none
  std::chrono::steady_clock::time_point arrived_at_{};  // the last packet or beacon
  std::chrono::steady_clock::duration spacing_{};       // between that and the one before
};

/// A trace of the session with what has come of its metadata.
struct LiveTrace {
  std::unique_ptr<ctf::Trace> trace = std::make_unique<ctf::Trace>();
  uint64_t metadata_stream = 0;
  bool has_metadata_stream = false;
  std::string received;  // bytes of metadata, in packets, of which the first `parsed` are declared
  size_t parsed = 0;
  size_t compared = 0;   // of those that come a second time, after a lost connection
  bool ready = false;   // something is declared
  bool grown = false;   // since `Session::take_grown`
};

struct SessionOptions {
  Seek seek = Seek::Beginning;
  /// How long a lost connection is tried to be made again.
  std::chrono::milliseconds retry{120'000};
  /// Others are read with it: they do not wait for one from which nothing comes.
  bool shared = false;
};

class Session {
 public:
  Session(Url url, SessionOptions options, const std::atomic<bool>& stop) : url_(std::move(url)), options_(options), seek_(options.seek), stop_(stop) {}

  /// Connects and attaches. Throws ctf::Error with one sentence where that cannot be, Disconnected where it may later.
  void attach();
  /// Asks for what is new: metadata not yet there, streams. Makes the connection anew where it broke, or gives it up.
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

  /// Streams or what declares them are still to come: who waits for the first event waits for them, too.
  bool begins() const;
  /// Before this nothing new is to be expected: a stream tells something with every live timer, or sooner where buffers fill.
  std::chrono::steady_clock::time_point due() const;
  /// Nothing more will come.
  bool ended() const;
  /// What is wrong with the connection, as a sentence; empty for nothing. After `gave_up` it is why.
  const std::string& trouble() const { return trouble_; }
  bool gave_up() const { return gave_up_; }
  /// It ends here: its streams too.
  void give_up(const std::string& why);
  uint32_t live_timer_us() const { return live_timer_us_; }
  const Url& url() const { return url_; }

 private:
  friend class LivePackets;
  void adopt(const std::vector<RelayStream>& streams);
  void fetch_metadata(LiveTrace& trace);
  void flags(bool new_metadata, bool new_streams);
  void refuse(AttachStatus status) const;
  void detach();
  void drop(const Disconnected& why);
  void attach_again();
  void ask_indexes(LivePackets& first);
  void fetch_packets(LivePackets& first);
  void progress(uint64_t cycles);
  void assume();

  const Url url_;
  const SessionOptions options_;
  Seek seek_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Viewer> viewer_;
  std::vector<uint64_t> relay_sessions_;
  std::vector<uint64_t> open_;  // those of them that have not hung up
  uint32_t live_timer_us_ = 1'000'000;
  std::map<uint64_t, LiveTrace> traces_;  // by the relay daemon's trace id, or a number of ours after a reconnection
  struct Known {
    uint64_t trace;
    std::shared_ptr<RemoteStream> stream;  // none for metadata
  };
  std::map<std::string, Known> known_;  // by path and channel
  std::vector<LivePackets*> packets_;  // all that there are
  std::vector<NewStream> waiting_;
  int attempts_ = 0;  // to connect again
  std::chrono::steady_clock::time_point lost_at_{}, next_attempt_{}, next_poll_{};
  std::string trouble_;
  bool gave_up_ = false;
  uint64_t latest_ = 0;  // the last time that any stream has told of, in cycles, and when it did
  /// Nothing comes before it, in cycles (LTTng's clocks count ns). The same for all streams until the next `poll`: one that
  /// moves on whenever it is asked would be asked without end.
  uint64_t assumed_ = 0;
  std::chrono::steady_clock::time_point progress_at_ = std::chrono::steady_clock::now();
};

}  // namespace live
