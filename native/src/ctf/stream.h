// One stream as a cursor over its events: packets are read through a window of bounded size, events nobody wants are
// stepped over, and what is lost or broken becomes data.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "ctf/columns.h"
#include "ctf/packet_source.h"
#include "ctf/trace.h"

namespace ctf {

/// Totals over all streams; written by the decoding thread, read by others.
struct Totals {
  std::atomic<uint64_t> rows{0}, packets{0}, bytes_read{0}, discarded_events{0}, lost_packets{0};
  std::atomic<int64_t> position{INT64_MIN};  // ns since the epoch
};

/// What a stream is read for.
struct StreamOptions {
  size_t window = 128 << 10;        // bytes
  bool every_event = false;         // stop at events that nobody wants too
  const std::atomic<bool>* stop = nullptr;  // ends the stream at the next packet
  int64_t begin = INT64_MIN, end = INT64_MAX;  // ns since the epoch, [begin, end)
};

/// The layouts of a trace's stream classes, by id.
using Layouts = std::function<StreamLayout&(uint64_t stream_id)>;

class Stream {
 public:
  Stream(const Trace& trace, std::unique_ptr<PacketSource> packets, Layouts layouts, uint32_t index, StreamOptions options, Totals* totals);

  enum class Step : uint8_t { Event, Wait, End };
  /// Goes to the next event. Losses met on the way go to `losses`.
  Step next(std::vector<Loss>& losses);
  /// ns since the epoch: of the event, or, after Wait, before which none will come.
  int64_t time() const { return time_; }
  uint64_t cycles() const { return cursor_.clock; }
  uint32_t index() const { return index_; }

  /// Decodes the event into a row of the batch, all but the time; and stands behind it. False: it is broken (a loss), `next` goes on.
  bool emit(Batch& batch, uint32_t row);

  /// Steps over the event that `next` found.
  bool skip();

  /// For tools that decode by other means (value.h): the event that `next` found begins with its context at the cursor's
  /// position; `packet_head` is the packet's header and context.
  const Cursor& cursor() const { return cursor_; }
  uint64_t packet_position() const { return window_begin_ * 8 + cursor_.pos; }
  bool more_data() { return slide(cursor_.pos); }
  const std::vector<uint8_t>& packet_head() const { return packet_head_; }

 private:
  Step open_packet(std::vector<Loss>& losses);
  void close_packet() { in_packet_ = false; }
  bool header(std::vector<Loss>& losses);
  bool slide(uint64_t keep_from);
  void note_gaps(const PacketHeader& h, std::vector<Loss>& losses);
  void broken(const std::string& what, std::vector<Loss>& losses);
  bool decode(const Program& program, Batch* batch, uint32_t row);
  uint64_t tolerance() const;
  void learn_clock();
  int64_t time_of(uint64_t cycles) const { return unit_ ? static_cast<int64_t>(cycles + offset_) : trace_.nanoseconds(cycles); }

  const Trace& trace_;
  std::unique_ptr<PacketSource> packets_;
  const Layouts layouts_;
  StreamLayout* layout_ = nullptr;  // of the packet's class
  uint64_t stream_id_ = 0;
  const uint32_t index_;
  const StreamOptions options_;
  Totals* totals_;

  bool in_packet_ = false;
  std::vector<uint8_t> buffer_, packet_head_;
  uint64_t window_begin_ = 0;    // bytes in the packet, a multiple of kMaxAlign / 8
  uint64_t content_bits_ = 0;    // of the packet, as far as the file reaches
  uint64_t earliest_ = 0, latest_ = 0;  // cycles that no event of the packet can lie outside of
  uint64_t event_begin_ = 0;     // bit of the packet where the last event's header began; ~0 before the first
  bool truncated_ = false;
  size_t loaded_ = 0;            // externals of the layout that the registers hold
  Cursor cursor_;
  bool unit_ = true;       // the clock counts ns: time = cycles + offset_
  uint64_t offset_ = 0;
  const EventLayout* pending_ = nullptr;
  int64_t time_ = 0;
  int cpu_ = -1;

  bool first_ = true;  // no packet was read before
  uint64_t last_discarded_ = 0, last_sequence_ = 0;
  int64_t last_end_ = 0;
  std::vector<Loss> late_;  // met in emit
};

}  // namespace ctf
