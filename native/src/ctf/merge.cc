#include "ctf/merge.h"

#include <algorithm>

#include "ctf/error.h"

namespace ctf {

namespace {

constexpr size_t kMaxStreams = 65000;
/// How many packets at a stream's end are looked at for its last event.
constexpr size_t kEmptyPackets = 64;
/// Rows between two looks at `stop`.
constexpr uint32_t kPatience = 4096;

/// Many streams (CPUs × channels) share a bound on memory.
size_t window(size_t streams) { return streams <= 64 ? 128 << 10 : streams <= 512 ? 32 << 10 : 16 << 10; }

}  // namespace

Merge::Merge(const std::vector<std::string>& paths, Subscription subscription, Range range)
    : subscription_(std::move(subscription)), range_(range), traces_(open_traces(paths)) {
  for (uint32_t t = 0; t < traces_.size(); t++)
    for (const StreamFiles& s : traces_[t]->streams) refs_.push_back({t, &s});
  if (refs_.size() > kMaxStreams) throw Error("more than " + std::to_string(kMaxStreams) + " streams");
  find_bounds();
  StreamOptions options{.window = window(refs_.size()), .stop = &stop_, .begin = range.begin, .end = range.end};
  for (uint32_t i = 0; i < refs_.size(); i++) {
    const StreamFiles& files = *refs_[i].files;
    for (const auto& [file, u] : files.unreadable)
      losses_.push_back({Loss::CorruptPacket, i, true, u.bytes, first_, first_, 0, files.files[file] + ": " + std::to_string(u.bytes) + " bytes at byte " + std::to_string(u.offset) + " are skipped: " + u.why});
    if (files.packets.empty()) continue;
    const Trace& trace = *traces_[refs_[i].trace];
    streams_.push_back(std::make_unique<Stream>(trace, files, layout(layouts_, trace, files.stream_id, subscription_, names_), i, options, &totals_));
    bytes_ += streams_.back()->bytes();
  }
}

StreamLayout& Merge::layout(std::vector<std::pair<const StreamClass*, std::unique_ptr<StreamLayout>>>& of, const Trace& trace, uint64_t id, const Subscription& subscription, EventNames& names) {
  const StreamClass& stream = trace.metadata.streams.at(id);
  for (auto& [known, made] : of)
    if (known == &stream) return *made;
  of.emplace_back(&stream, std::make_unique<StreamLayout>(trace.metadata, stream, subscription, names));
  return *of.back().second;
}

/// The first and the last event of all, which only the packets tell: their own times begin at the buffers' creation and
/// end at the last flush.
void Merge::find_bounds() {
  const Subscription nothing;
  EventNames names;
  std::vector<std::pair<const StreamClass*, std::unique_ptr<StreamLayout>>> layouts;
  bool any = false;
  std::string trouble;
  const StreamOptions options{.window = window(refs_.size()), .every_event = true};
  for (uint32_t i = 0; i < refs_.size(); i++) {
    const StreamFiles& files = *refs_[i].files;
    const Trace& trace = *traces_[refs_[i].trace];
    if (trouble.empty() && !files.unreadable.empty()) trouble = files.files[files.unreadable[0].first] + ": no packet can be read: " + files.unreadable[0].second.why;
    if (files.packets.empty()) continue;
    std::vector<Loss> losses;
    Stream stream(trace, files, layout(layouts, trace, files.stream_id, nothing, names), i, options, nullptr);
    bool found = false;
    while (!found && stream.next(losses)) {
      const int64_t time = stream.time();
      if (!(found = stream.skip())) continue;
      first_ = any ? std::min(first_, time) : time;
      last_ = any ? std::max(last_, time) : time;
      any = true;
    }
    if (!found) {
      if (trouble.empty() && !losses.empty()) trouble = losses[0].message;
      continue;
    }
    const size_t count = files.packets.size();
    for (size_t k = count; k-- > (count > kEmptyPackets ? count - kEmptyPackets : 0);) {
      Stream tail(trace, files, layout(layouts, trace, files.stream_id, nothing, names), i, options, nullptr);
      tail.start_at(k);
      bool any_here = false;
      while (tail.next(losses)) {
        const int64_t time = tail.time();
        if (tail.skip()) any_here = true, last_ = std::max(last_, time);
      }
      if (any_here) break;
    }
  }
  if (any) return;
  const std::string where = traces_.empty() ? "" : traces_[0]->paths[0] + ": ";
  if (refs_.empty()) throw Error(where + "the trace has metadata, but no stream file with data");
  if (!trouble.empty()) throw Error(trouble);
  first_ = last_ = INT64_MAX;
  for (const StreamRef& r : refs_)
    for (const PacketRef& p : r.files->packets) first_ = last_ = std::min(first_, traces_[r.trace]->nanoseconds(p.begin));
}

void Merge::prime() {
  for (const auto& s : streams_)
    if (s->next(losses_)) heap_.push_back(s.get());
  for (size_t k = heap_.size() / 2; k-- > 0;) sift_down(k);
}

void Merge::sift_down(size_t at) {
  Stream* const moved = heap_[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) child++;
    if (!before(heap_[child], moved)) break;
    heap_[at] = heap_[child];
    at = child;
  }
  heap_[at] = moved;
}

bool Merge::fill(Batch& batch) {
  batch.clear();
  if (!primed_) {
    prime();
    primed_ = true;
  }
  uint32_t patience = kPatience;
  while (!heap_.empty() && !batch.full()) {
    Stream* const top = heap_[0];
    // The run of events that this stream may give before another one's turn.
    const Stream* second = heap_.size() < 2 ? nullptr : heap_.size() < 3 || before(heap_[1], heap_[2]) ? heap_[1] : heap_[2];
    bool more = true;
    do {
      const uint32_t row = batch.length;
      const int64_t time = top->time();
      if (top->emit(batch, row)) {
        reached_ = std::max(reached_, time);  // a broken stream may step back in time; batches never do
        batch.time[row] = static_cast<double>(reached_ - first_);
        batch.length++;
      }
      const size_t known = losses_.size();
      more = top->next(losses_);
      for (size_t k = known; k < losses_.size(); k++) losses_[k].row = batch.length;
      if (!--patience) {
        patience = kPatience;
        if (stop_.load(std::memory_order_relaxed)) return false;
      }
    } while (more && !batch.full() && (!second || before(top, second)));
    if (!more) {
      heap_[0] = heap_.back();
      heap_.pop_back();
    }
    if (!heap_.empty()) sift_down(0);
  }
  batch.losses.swap(losses_);
  losses_.clear();
  totals_.rows += batch.length;
  if (batch.length) totals_.position = reached_;
  batch.watermark = heap_.empty() ? std::max(last_, reached_) : std::max(reached_, heap_[0]->time());
  return !heap_.empty();
}

}  // namespace ctf
