// All streams of all traces as one sequence in the order of time.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ctf/stream.h"

namespace ctf {

struct Range {
  int64_t begin = INT64_MIN, end = INT64_MAX;  // ns since the epoch, [begin, end)
};

class Merge {
 public:
  /// Throws Error where nothing can be read.
  Merge(const std::vector<std::string>& paths, Subscription subscription, Range range);

  /// Fills the batch with the next events. False: these were the last. Events of equal time come in the order of their
  /// streams, those of one stream as written.
  bool fill(Batch& batch);
  /// Ends a `fill` early; from any thread.
  void stop() { stop_ = true; }

  const std::vector<std::unique_ptr<Trace>>& traces() const { return traces_; }
  struct StreamRef {
    uint32_t trace;
    const StreamFiles* files;
  };
  const std::vector<StreamRef>& streams() const { return refs_; }
  const EventNames& names() const { return names_; }
  const Totals& totals() const { return totals_; }
  /// Times of the first and last event of all traces, ns since the epoch.
  int64_t first() const { return first_; }
  int64_t last() const { return last_; }
  uint64_t bytes() const { return bytes_; }

 private:
  StreamLayout& layout(std::vector<std::pair<const StreamClass*, std::unique_ptr<StreamLayout>>>& of, const Trace& trace, uint64_t id, const Subscription& subscription, EventNames& names);
  void find_bounds();
  void prime();
  bool before(const Stream* a, const Stream* b) const { return a->time() != b->time() ? a->time() < b->time() : a->index() < b->index(); }
  void sift_down(size_t at);

  Subscription subscription_;
  Range range_;
  std::vector<std::unique_ptr<Trace>> traces_;
  std::vector<StreamRef> refs_;
  std::vector<std::pair<const StreamClass*, std::unique_ptr<StreamLayout>>> layouts_;
  EventNames names_;
  Totals totals_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> heap_;
  std::vector<Loss> losses_;
  std::atomic<bool> stop_{false};
  bool primed_ = false;
  int64_t first_ = 0, last_ = 0, reached_ = INT64_MIN;
  uint64_t bytes_ = 0;
};

}  // namespace ctf
