// Streams as one sequence in the order of time.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "ctf/stream.h"

namespace ctf {

class Merge {
 public:
  /// `stop` ends a `fill` early.
  Merge(Totals& totals, const std::atomic<bool>& stop) : totals_(totals), stop_(stop) {}

  /// Lets a stream take part from its first event on.
  void add(std::unique_ptr<Stream> stream);

  enum class Filled : uint8_t {
    Full,  // more may follow at once
    Wait,  // a stream has nothing yet
    End,   // all streams have ended
  };
  /// Appends rows with the next events; their times count from `origin` (ns since the epoch), or from the first event
  /// where origin is kFirstEvent, which then is set. Events of equal time come in the order of their streams, those of
  /// one stream as written. Appends losses, and sets the watermark.
  Filled fill(Batch& batch, int64_t& origin);
  static constexpr int64_t kFirstEvent = INT64_MIN;

  size_t streams() const { return heap_.size(); }

  /// A loss is told where an event of its stream at its begin would come, however early it became known: a trace that is
  /// read while it is recorded tells the same as its recording. One that became known later comes before the next row.
  void lose(Loss loss);

 private:
  struct Member {
    std::unique_ptr<Stream> stream;
    bool waiting;
  };
  static bool before(const Member& a, const Member& b) { return a.stream->time() != b.stream->time() ? a.stream->time() < b.stream->time() : a.stream->index() < b.stream->index(); }
  void sift_down(size_t at);
  Stream::Step advance(Stream& stream);
  void place(Batch& batch, int64_t time, int64_t stream);
  void leave();
  Filled finish(Batch& batch, Filled filled, int64_t origin);

  Totals& totals_;
  const std::atomic<bool>& stop_;
  std::vector<std::unique_ptr<Stream>> joining_;
  std::vector<Member> heap_;
  int64_t reached_ = INT64_MIN;
  std::vector<Loss> met_;   // by the last step of a stream
  std::vector<Loss> held_;  // losses whose place is still to come, the first one last
  int64_t next_loss_ = INT64_MAX;
};

}  // namespace ctf
