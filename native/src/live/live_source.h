// Live sessions of relay daemons as one source, merged with the same merge as files.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ctf/source.h"
#include "live/session.h"

namespace live {

/// A line of `boxtop sessions`.
struct Offered {
  RelaySession session;
  std::string url;
};
/// What a relay daemon offers. Throws ctf::Error.
std::vector<Offered> list_sessions(const std::string& url);

class LiveSource : public ctf::EventSource {
 public:
  /// Attaches to all; throws ctf::Error where one cannot be.
  LiveSource(const std::vector<std::string>& urls, ctf::Subscription subscription, SessionOptions options);
  /// Throws ctf::Error when all is over and a session did not end by itself.
  bool fill(ctf::Batch& batch) override;
  void stop() override;

 private:
  void take_news();
  void tell_trouble();
  bool ended() const;
  /// Grows whenever traces, streams or kinds of events do.
  std::pair<uint32_t, size_t> declared() const { return {version(), names_.size()}; }
  void end() const;
  void pause();

  std::vector<std::unique_ptr<Session>> sessions_;
  std::map<const LiveTrace*, uint32_t> trace_numbers_;
  uint32_t streams_ = 0;
  int64_t told_ = INT64_MIN;  // the watermark of the last batch
  std::pair<uint32_t, size_t> told_declared_{};  // what there was when a batch without rows told of it
  std::chrono::steady_clock::time_point progress_at_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable stopped_;
  ctf::Merge merge_{totals_, stop_};  // last: its streams use the sessions
};

}  // namespace live
