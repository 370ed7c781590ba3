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
  /// one stream as written. Sets the batch's losses and watermark.
  Filled fill(Batch& batch, int64_t& origin);
  static constexpr int64_t kFirstEvent = INT64_MIN;

  size_t streams() const { return heap_.size(); }
  /// Losses that are to come with the next batch.
  std::vector<Loss> losses;

 private:
  struct Member {
    std::unique_ptr<Stream> stream;
    bool waiting;
  };
  static bool before(const Member& a, const Member& b) { return a.stream->time() != b.stream->time() ? a.stream->time() < b.stream->time() : a.stream->index() < b.stream->index(); }
  void sift_down(size_t at);
  Stream::Step advance(Stream& stream, const Batch& batch);
  void leave();
  Filled finish(Batch& batch, Filled filled, int64_t origin);

  Totals& totals_;
  const std::atomic<bool>& stop_;
  std::vector<std::unique_ptr<Stream>> joining_;
  std::vector<Member> heap_;
  int64_t reached_ = INT64_MIN;
};

}  // namespace ctf
