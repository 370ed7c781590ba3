#include "ctf/merge.h"

#include <algorithm>

namespace ctf {

namespace {

/// Rows between two looks at `stop`.
constexpr uint32_t kPatience = 4096;
/// Losses whose place is still to come: a stream has one or two, but a damaged trace may have any number.
constexpr size_t kMaxHeld = 4096;

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

/// The stream's next event, and what was lost before it.
Stream::Step Merge::advance(Stream& stream) {
  const Stream::Step step = stream.next(met_);
  if (!met_.empty()) [[unlikely]] {
    for (Loss& loss : met_) lose(std::move(loss));
    met_.clear();
  }
  return step;
}

void Merge::lose(Loss loss) {
  const auto later = [](const Loss& a, const Loss& b) { return a.begin != b.begin ? a.begin > b.begin : a.stream > b.stream; };
  // Those of one stream stay as told.
  held_.insert(std::lower_bound(held_.begin(), held_.end(), loss, later), std::move(loss));
  next_loss_ = held_.size() > kMaxHeld ? INT64_MIN : held_.back().begin;
}

/// Tells the losses whose place is before an event of the stream at `time`, after the rows that the batch has; and those
/// that are too many to be held.
void Merge::place(Batch& batch, int64_t time, int64_t stream) {
  while (!held_.empty()) {
    Loss& loss = held_.back();
    if (held_.size() <= kMaxHeld && (loss.begin != time ? loss.begin > time : loss.stream > stream)) break;
    loss.row = batch.length;
    batch.losses.push_back(std::move(loss));
    held_.pop_back();
  }
  next_loss_ = held_.empty() ? INT64_MAX : held_.back().begin;
}

Merge::Filled Merge::fill(Batch& batch, int64_t& origin) {
  if (!joining_.empty()) {
    for (auto& stream : joining_) {
      const Stream::Step step = advance(*stream);
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
      const Stream::Step step = advance(*top.stream);
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
      if (time >= next_loss_) [[unlikely]] place(batch, time, stream.index());
      if (stream.emit(batch, row)) {
        reached_ = std::max(reached_, time);  // a broken stream may step back in time; batches never do
        batch.time[row] = static_cast<double>(reached_ - origin);
        batch.length++;
      }
      step = advance(stream);
    } while (step == Stream::Step::Event && --patience && !batch.full() && (!second || before(top, *second)));
    if (!patience) patience = kPatience;
    top.waiting = step == Stream::Step::Wait;
    if (step == Stream::Step::End) leave();
    else sift_down(0);
  }
  return finish(batch, heap_.empty() ? Filled::End : Filled::Full, origin);
}

Merge::Filled Merge::finish(Batch& batch, Filled filled, int64_t origin) {
  totals_.rows += batch.length;
  if (batch.length) totals_.position = reached_;
  if (!heap_.empty()) reached_ = std::max(reached_, heap_[0].stream->time());
  // Before the first event there is no origin to tell their times from.
  if (origin != kFirstEvent) {
    if (filled == Filled::End) place(batch, INT64_MAX, INT64_MAX);
    else place(batch, reached_, -1);
  }
  batch.watermark = reached_ == INT64_MIN ? origin : reached_;
  return filled;
}

}  // namespace ctf
