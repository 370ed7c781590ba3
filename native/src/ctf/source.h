// A source of events as the addon sees it: files (FileSource) or live sessions (live/).
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ctf/columns.h"
#include "ctf/merge.h"
#include "ctf/trace.h"

namespace ctf {

struct DeclaredEvent {
  std::string name;
  uint64_t stream_class;
  std::vector<std::string> fields, context;
};

struct TraceDescription {
  std::vector<std::string> paths;
  std::vector<std::pair<std::string, EnvValue>> env;
  std::string uuid;
  std::vector<DeclaredEvent> declared;
};
std::shared_ptr<const TraceDescription> describe(const Trace& trace);

struct StreamDescription {
  uint32_t trace;
  uint64_t stream_class;
  std::string channel;
  std::optional<uint64_t> cpu;
  std::vector<std::string> files;
};

class EventSource {
 public:
  explicit EventSource(Subscription subscription) : subscription_(std::move(subscription)) {}
  virtual ~EventSource() = default;

  /// Fills an empty batch with the next events; waits where there are none yet. False: these were the last.
  virtual bool fill(Batch& batch) = 0;
  /// Ends a `fill` early; from any thread.
  virtual void stop() { stop_ = true; }

  /// What may be asked from any thread.
  std::vector<std::shared_ptr<const TraceDescription>> traces() const;
  std::vector<StreamDescription> streams() const;
  /// Grows whenever traces or streams do.
  uint32_t version() const { return version_.load(); }
  const EventNames& names() const { return names_; }
  const Totals& totals() const { return totals_; }
  /// Time of the first event, ns since the epoch; Merge::kFirstEvent while a live source has not met it.
  int64_t origin() const { return origin_.load(); }
  /// Time of the last event, and bytes of all streams within the range; a live source does not know.
  std::optional<int64_t> last() const { return last_; }
  std::optional<uint64_t> bytes() const { return bytes_; }
  /// What is wrong with a live connection, as a sentence; empty for nothing.
  std::string trouble() const;

 protected:
  /// The layouts that the stream with this number needs, which also tell its class.
  Layouts layouts(const Trace& trace, uint32_t stream);
  void add(const Trace& trace);
  void add(StreamDescription stream);
  void update(size_t trace, const Trace& now);
  /// Tells the others that there is more to know.
  void touch() { version_++; }

  const Subscription subscription_;
  std::atomic<bool> stop_{false};
  EventNames names_;
  Totals totals_;
  std::atomic<int64_t> origin_{Merge::kFirstEvent};
  std::optional<int64_t> last_;
  std::optional<uint64_t> bytes_;
  void set_trouble(std::string trouble);

 private:
  StreamLayout& layout(const Trace& trace, uint64_t stream_id);
  void learn_class(uint32_t stream, uint64_t stream_class);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const TraceDescription>> traces_;
  std::vector<StreamDescription> streams_;
  std::string trouble_;
  std::atomic<uint32_t> version_{0};
  std::vector<std::pair<const StreamClass*, std::unique_ptr<StreamLayout>>> layouts_;
};

struct Range {
  int64_t begin = INT64_MIN, end = INT64_MAX;  // ns since the epoch, [begin, end)
};

/// All traces at or below some paths. Throws Error where nothing can be read.
class FileSource : public EventSource {
 public:
  FileSource(const std::vector<std::string>& paths, Subscription subscription, Range range);
  bool fill(Batch& batch) override;

 private:
  void find_bounds(size_t window);

  std::vector<std::unique_ptr<Trace>> found_;
  struct Found {
    const Trace* trace;
    const StreamFiles* files;
  };
  std::vector<Found> files_;
  Merge merge_{totals_, stop_};
};

}  // namespace ctf
