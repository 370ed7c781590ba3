#include "ctf/merge.h"

#include <algorithm>

namespace ctf {

namespace {

/// Rows between two looks at `stop`.
constexpr uint32_t kPatience = 4096;

}  // namespace

void Merge::add(std::unique_ptr<Stream> stream) { joining_.push_back(std::move(stream)); }

void Merge::sift_down(size_t at) {
  Member moved = std::move(heap_[at]);
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) child++;
    if (!before(heap_[child], moved)) break;
    heap_[at] = std::move(heap_[child]);
    at = child;
  }
  heap_[at] = std::move(moved);
}

/// Takes the first member out.
void Merge::leave() {
  heap_[0] = std::move(heap_.back());
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0);
}

/// The stream's next event; what was lost before it lies after the rows that the batch has.
Stream::Step Merge::advance(Stream& stream, const Batch& batch) {
  const size_t known = losses.size();
  const Stream::Step step = stream.next(losses);
  for (size_t k = known; k < losses.size(); k++) losses[k].row = batch.length;
  return step;
}

Merge::Filled Merge::fill(Batch& batch, int64_t& origin) {
  if (!joining_.empty()) {
    for (auto& stream : joining_) {
      const Stream::Step step = advance(*stream, batch);
      if (step != Stream::Step::End) heap_.push_back({std::move(stream), step == Stream::Step::Wait});
    }
    joining_.clear();
    for (size_t k = heap_.size() / 2; k-- > 0;) sift_down(k);
  }
  uint32_t patience = kPatience;
  while (!heap_.empty() && !batch.full()) {
    if (stop_.load(std::memory_order_relaxed)) return finish(batch, Filled::End, origin);
    Member& top = heap_[0];
    if (top.waiting) {
      const Stream* const asked = top.stream.get();
      const Stream::Step step = advance(*top.stream, batch);
      top.waiting = step == Stream::Step::Wait;
      if (step == Stream::Step::End) leave();
      else sift_down(0);
      if (step == Stream::Step::Wait && heap_[0].stream.get() == asked) return finish(batch, Filled::Wait, origin);
      continue;
    }
    // The run of events that this stream may give before another one's turn.
    const Member* second = heap_.size() < 2 ? nullptr : heap_.size() < 3 || before(heap_[1], heap_[2]) ? &heap_[1] : &heap_[2];
    Stream& stream = *top.stream;
    Stream::Step step;
    if (origin == kFirstEvent) origin = stream.time();
    do {
      const uint32_t row = batch.length;
      const int64_t time = stream.time();
      if (stream.emit(batch, row)) {
        reached_ = std::max(reached_, time);  // a broken stream may step back in time; batches never do
        batch.time[row] = static_cast<double>(reached_ - origin);
        batch.length++;
      }
      step = advance(stream, batch);
    } while (step == Stream::Step::Event && --patience && !batch.full() && (!second || before(top, *second)));
    if (!patience) patience = kPatience;
    top.waiting = step == Stream::Step::Wait;
    if (step == Stream::Step::End) leave();
    else sift_down(0);
  }
  return finish(batch, heap_.empty() ? Filled::End : Filled::Full, origin);
}

Merge::Filled Merge::finish(Batch& batch, Filled filled, int64_t origin) {
  // Before the first event there is no origin to tell their times from.
  if (origin != kFirstEvent || filled == Filled::End) batch.losses.swap(losses), losses.clear();
  totals_.rows += batch.length;
  if (batch.length) totals_.position = reached_;
  if (!heap_.empty()) reached_ = std::max(reached_, heap_[0].stream->time());
  batch.watermark = reached_ == INT64_MIN ? origin : reached_;
  return filled;
}

}  // namespace ctf
