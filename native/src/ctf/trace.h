// A trace on disk: its metadata, its streams and their files; and the event classes as they are decoded for one
// subscription.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ctf/columns.h"
#include "ctf/metadata.h"
#include "ctf/packet.h"
#include "ctf/program.h"

namespace ctf {

/// Names of the events met, in the order they were met; several event classes may share a name. Written by the decoding
/// thread, read by others.
class EventNames {
 public:
  uint16_t index(const std::string& name);
  std::atomic<uint64_t>& counter(uint16_t index) { return counters_[index]; }
  size_t size() const;
  std::string name(size_t index) const;
  uint64_t count(size_t index) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, uint16_t> indices_;
  std::deque<std::string> names_;
  std::deque<std::atomic<uint64_t>> counters_;  // a deque: addresses stay
};

/// One event class, ready to decode.
struct EventLayout {
  bool wanted = false;
  uint16_t name = 0;
  std::atomic<uint64_t>* count = nullptr;
  Program project;  // into the columns
  Program skip;     // over it
};

/// How event headers are read: LTTng's two forms at once, others by their program.
enum class HeaderForm : uint8_t { Compact, Large, Program };

/// One stream class with the layouts of its events, made when first met.
class StreamLayout {
 public:
  StreamLayout(const Metadata& metadata, const StreamClass& stream, const Subscription& subscription, EventNames& names);
  const EventLayout* event(uint64_t id) {
    if (id < fast_.size() && fast_[id]) return fast_[id];
    return find(id);
  }
  HeaderForm form = HeaderForm::Program;
  Program header;
  Externals externals;

 private:
  const EventLayout* find(uint64_t id);
  const Metadata& metadata_;
  const StreamClass& stream_;
  const Subscription& subscription_;
  EventNames& names_;
  std::vector<const EventLayout*> fast_;
  std::unordered_map<uint64_t, std::unique_ptr<EventLayout>> events_;
};

struct StreamFiles {
  uint64_t stream_id = 0;
  std::string channel;
  std::optional<uint64_t> cpu;
  std::vector<std::string> files;
  std::vector<PacketRef> packets;  // in the order of time, without repetitions
  std::vector<std::pair<uint32_t, Unreadable>> unreadable;
};

/// One trace; the chunks of a rotated session, which share a UUID, are one.
struct Trace {
  Metadata metadata;
  std::string metadata_path;
  std::vector<std::string> paths;
  std::vector<StreamFiles> streams;

  /// ns since the Unix epoch of a clock value (cycles).
  int64_t nanoseconds(uint64_t cycles) const;
  /// Clock value of a time.
  uint64_t cycles(int64_t ns) const;
};

/// Finds and opens all traces below the given paths. Throws Error where there is none, or metadata are broken.
std::vector<std::unique_ptr<Trace>> open_traces(const std::vector<std::string>& paths);

}  // namespace ctf
