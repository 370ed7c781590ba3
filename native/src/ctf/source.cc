#include "ctf/source.h"

#include <algorithm>
#include <map>

#include "ctf/error.h"

namespace ctf {

namespace {

constexpr size_t kMaxStreams = 65000;
/// How many packets at a stream's end are looked at for its last event.
constexpr size_t kEmptyPackets = 64;

/// Many streams (CPUs × channels) share a bound on memory.
size_t window_size(size_t streams) { return streams <= 64 ? 128 << 10 : streams <= 512 ? 32 << 10 : 16 << 10; }

}  // namespace

std::shared_ptr<const TraceDescription> describe(const Trace& trace) {
  auto out = std::make_shared<TraceDescription>();
  out->paths = trace.paths;
  out->env = trace.metadata.env;
  out->uuid = trace.metadata.uuid;
  for (const auto& [id, stream] : trace.metadata.streams) {
    const std::vector<std::string> shared = field_paths({"", "", stream.event_context});
    for (const auto& [event_id, event] : stream.events) {
      DeclaredEvent d{event->name, id, field_paths({"", "", event->fields}), shared};
      for (std::string& own : field_paths({"", "", event->context})) d.context.push_back(std::move(own));
      out->declared.push_back(std::move(d));
    }
  }
  return out;
}

std::vector<std::shared_ptr<const TraceDescription>> EventSource::traces() const {
  const std::lock_guard lock(mutex_);
  return traces_;
}

std::vector<StreamDescription> EventSource::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_;
}

std::string EventSource::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void EventSource::set_trouble(std::string trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

void EventSource::add(const Trace& trace) {
  auto description = describe(trace);
  const std::lock_guard lock(mutex_);
  traces_.push_back(std::move(description));
  version_++;
}

void EventSource::update(size_t trace, const Trace& now) {
  auto description = describe(now);
  const std::lock_guard lock(mutex_);
  traces_[trace] = std::move(description);
  version_++;
}

void EventSource::add(StreamDescription stream) {
  const std::lock_guard lock(mutex_);
  if (streams_.size() >= kMaxStreams) throw Error("more than " + std::to_string(kMaxStreams) + " streams");
  streams_.push_back(std::move(stream));
  version_++;
}

StreamLayout& EventSource::layout(const Trace& trace, uint64_t stream_id) {
  const StreamClass& stream = trace.metadata.streams.at(stream_id);
  for (auto& [known, made] : layouts_)
    if (known == &stream) return *made;
  layouts_.emplace_back(&stream, std::make_unique<StreamLayout>(trace.metadata, stream, subscription_, names_));
  return *layouts_.back().second;
}

/// Live, only a stream's packets tell its class.
void EventSource::learn_class(uint32_t stream, uint64_t stream_class) {
  const std::lock_guard lock(mutex_);
  if (streams_[stream].stream_class == stream_class) return;
  streams_[stream].stream_class = stream_class;
  version_++;
}

Layouts EventSource::layouts(const Trace& trace, uint32_t stream) {
  return [this, &trace, stream](uint64_t stream_id) -> StreamLayout& {
    learn_class(stream, stream_id);
    return layout(trace, stream_id);
  };
}

FileSource::FileSource(const std::vector<std::string>& paths, Subscription subscription, Range range) : EventSource(std::move(subscription)), found_(open_traces(paths)) {
  for (uint32_t t = 0; t < found_.size(); t++) {
    add(*found_[t]);
    for (const StreamFiles& s : found_[t]->streams) {
      files_.push_back({found_[t].get(), &s});
      add(StreamDescription{t, s.stream_id, s.channel, s.cpu, s.files});
    }
  }
  const size_t window = window_size(files_.size());
  find_bounds(window);
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < files_.size(); i++) {
    const auto& [trace, files] = files_[i];
    for (const auto& [file, u] : files->unreadable)
      merge_.lose({u.cut ? Loss::TruncatedPacket : Loss::CorruptPacket, i, !u.cut, u.bytes, origin_, origin_, 0, files->files[file] + ": " + std::to_string(u.bytes) + " bytes at byte " + std::to_string(u.offset) + " are skipped: " + u.why});
    if (files->packets.empty()) continue;
    auto packets = std::make_unique<FilePackets>(*trace, *files, range.begin, range.end);
    bytes += packets->bytes();
    merge_.add(std::make_unique<Stream>(*trace, std::move(packets), layouts(*trace, i), i, StreamOptions{.window = window, .stop = &stop_, .begin = range.begin, .end = range.end}, &totals_));
  }
  bytes_ = bytes;
}

/// The first and the last event of all, which only the packets tell: their own times begin at the buffers' creation and
/// end at the last flush.
void FileSource::find_bounds(size_t window) {
  const Subscription nothing;
  EventNames names;
  std::map<const StreamClass*, StreamLayout> made;
  bool any = false;
  int64_t first = INT64_MAX, last = INT64_MIN;
  std::string trouble;
  for (uint32_t i = 0; i < files_.size(); i++) {
    const Trace* const trace = files_[i].trace;
    const StreamFiles* const files = files_[i].files;
    if (trouble.empty() && !files->unreadable.empty()) trouble = files->files[files->unreadable[0].first] + ": no packet can be read: " + files->unreadable[0].second.why;
    if (files->packets.empty()) continue;
    std::vector<Loss> losses;
    const Layouts layouts = [&](uint64_t id) -> StreamLayout& {
      const StreamClass& stream = trace->metadata.streams.at(id);
      return made.try_emplace(&stream, trace->metadata, stream, nothing, names).first->second;
    };
    const auto from = [&](size_t k) {
      auto packets = std::make_unique<FilePackets>(*trace, *files);
      packets->start_at(k);
      return Stream(*trace, std::move(packets), layouts, i, {.window = window, .every_event = true}, nullptr);
    };
    Stream head = from(0);
    bool found = false;
    while (!found && head.next(losses) == Stream::Step::Event) {
      const int64_t time = head.time();
      if (!(found = head.skip())) continue;
      first = std::min(first, time);
      last = std::max(last, time);
    }
    if (!found) {
      if (trouble.empty() && !losses.empty()) trouble = losses[0].message;
      continue;
    }
    any = true;
    const size_t count = files->packets.size();
    found = false;
    for (size_t k = count; !found && k-- > (count > kEmptyPackets ? count - kEmptyPackets : 0);) {
      Stream tail = from(k);
      while (tail.next(losses) == Stream::Step::Event) {
        const int64_t time = tail.time();
        if (tail.skip()) found = true, last = std::max(last, time);
      }
    }
  }
  if (!any) {
    if (!trouble.empty()) throw Error(trouble);
    for (const Found& f : files_)
      for (const PacketRef& p : f.files->packets) first = last = std::min(first, f.trace->nanoseconds(p.begin));
  }
  origin_ = first;
  last_ = last;
}

bool FileSource::fill(Batch& batch) {
  batch.clear();
  int64_t origin = origin_;
  const Merge::Filled filled = merge_.fill(batch, origin);
  if (filled == Merge::Filled::End && !stop_) batch.watermark = std::max(batch.watermark, *last_);
  return filled == Merge::Filled::Full;
}

}  // namespace ctf
