#include "live/live_source.h"

#include <algorithm>

#include "ctf/error.h"

namespace live {

namespace {

/// An idle trace still moves on in time: an empty batch tells it after so many ns.
constexpr int64_t kTellTime = 50'000'000;
constexpr size_t kWindow = 64 << 10;
constexpr uint32_t kMaxStreams = 65535;  // a batch tells them in 16 bits
constexpr int kPatience = 10'000;        // ms without a byte
/// Between two questions: a part of the live timer, which adds to what one is late by; longer where nothing is due, and where
/// nothing has come for some timers, because a session that is stopped tells nothing at all.
constexpr std::chrono::microseconds kShortestPause{1'000}, kLongestPause{50'000}, kIdlePause{500'000};
constexpr int kPausesPerTimer = 8, kIdleTimers = 3;

[[noreturn]] void unreachable(const Url& url, const Disconnected& d) {
  throw ctf::Error(url.text + ": no relay daemon answers at " + url.host + " port " + std::to_string(url.port) + " (" + d.why + "); is lttng-relayd running there, and is that its live port?");
}

}  // namespace

std::vector<Offered> list_sessions(const std::string& text) {
  const Url url = parse_url(text, false);
  std::atomic<bool> stop{false};
  try {
    Viewer viewer(url.host, url.port, url.text, kPatience, stop);
    std::vector<Offered> out;
    for (RelaySession& s : viewer.sessions()) {
      std::string name = url.daemon() + "/host/" + s.host + "/" + s.name;
      out.push_back({std::move(s), std::move(name)});
    }
    return out;
  } catch (const Disconnected& d) {
    unreachable(url, d);
  }
}

LiveSource::LiveSource(const std::vector<std::string>& urls, ctf::Subscription subscription, SessionOptions options) : EventSource(std::move(subscription)) {
  options.shared = urls.size() > 1;
  for (const std::string& text : urls) {
    sessions_.push_back(std::make_unique<Session>(parse_url(text, true), options, stop_));
    try {
      sessions_.back()->attach();
    } catch (const Disconnected& d) {
      unreachable(sessions_.back()->url(), d);
    }
  }
  take_news();
}

/// Traces that metadata have declared, and streams that can be decoded with them, join.
void LiveSource::take_news() {
  for (const auto& session : sessions_) {
    for (auto& [id, t] : session->traces()) {
      if (!t.ready || !t.grown) continue;
      t.grown = false;
      const auto [it, added] = trace_numbers_.try_emplace(&t, static_cast<uint32_t>(trace_numbers_.size()));
      // Who begins is not idle, however long it took until then.
      progress_at_ = std::chrono::steady_clock::now();
      if (added) add(*t.trace);
      else update(it->second, *t.trace);
    }
    for (Session::NewStream& s : session->take_streams()) {
      progress_at_ = std::chrono::steady_clock::now();
      if (streams_ == kMaxStreams) {
        session->give_up(session->url().text + ": more than " + std::to_string(kMaxStreams) + " streams");
        break;
      }
      // The class of a stream is told by its packets: the first one is looked at when it comes.
      const std::string channel = s.channel.substr(0, s.channel.rfind('_'));
      const size_t digits = s.channel.rfind('_');
      std::optional<uint64_t> cpu;
      if (digits != std::string::npos && digits + 1 < s.channel.size() && s.channel.size() - digits < 8 && s.channel.find_first_not_of("0123456789", digits + 1) == std::string::npos) cpu = std::stoul(s.channel.substr(digits + 1));
      const uint32_t number = trace_numbers_.at(s.trace);
      const ctf::Trace& trace = *s.trace->trace;
      add(ctf::StreamDescription{number, 0, channel, cpu, {session->url().text + "/" + s.channel}});
      merge_.add(std::make_unique<ctf::Stream>(
          trace, std::move(s.packets), layouts(trace, streams_), streams_, ctf::StreamOptions{.window = kWindow, .stop = &stop_}, &totals_));
      streams_++;
    }
  }
}

bool LiveSource::ended() const {
  return std::all_of(sessions_.begin(), sessions_.end(), [](const auto& s) { return s->ended(); });
}

void LiveSource::stop() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  stopped_.notify_all();
}

void LiveSource::pause() {
  uint32_t timer = ~0u;
  for (const auto& s : sessions_) timer = std::min(timer, s->live_timer_us());
  const std::chrono::microseconds period(timer);
  auto length = std::clamp(period / kPausesPerTimer, kShortestPause, kLongestPause);
  const bool begins = std::any_of(sessions_.begin(), sessions_.end(), [](const auto& s) { return s->begins(); });
  const auto now = std::chrono::steady_clock::now();
  if (!begins && now - progress_at_ > period * kIdleTimers) length = std::clamp(period, length, kIdlePause);
  auto due = std::chrono::steady_clock::time_point::max();
  for (const auto& s : sessions_) due = std::min(due, s->due());
  if (due > now + length) length = std::min(std::chrono::duration_cast<std::chrono::microseconds>(due - now), std::max(period, length));
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, length, [this] { return stop_.load(); });
}

/// What is wrong with connections, all in one text.
void LiveSource::tell_trouble() {
  std::string all;
  for (const auto& s : sessions_)
    if (!s->trouble().empty()) all += (all.empty() ? "" : "; ") + s->trouble();
  set_trouble(std::move(all));
}

/// All is over. Throws where a session was given up.
void LiveSource::end() const {
  std::string all;
  for (const auto& s : sessions_)
    if (s->gave_up()) all += (all.empty() ? "" : "; ") + s->trouble();
  if (!all.empty()) throw ctf::Error(all);
}

bool LiveSource::fill(ctf::Batch& batch) {
  batch.clear();
  try {
    while (!stop_) {
      for (const auto& s : sessions_) s->poll();
      tell_trouble();
      take_news();
      int64_t origin = origin_;
      const ctf::Merge::Filled filled = merge_.fill(batch, origin);
      if (origin != origin_) {
        origin_ = origin;
        touch();
      }
      const bool later = origin != ctf::Merge::kFirstEvent && (told_ == INT64_MIN || batch.watermark - told_ >= kTellTime);
      if (later || batch.length) progress_at_ = std::chrono::steady_clock::now();
      if (filled == ctf::Merge::Filled::Full && batch.full()) return true;
      if (batch.length || !batch.losses.empty() || later) {
        told_ = batch.watermark;
        return true;
      }
      // Who prepares for the first event by what is declared does so while that is on its way.
      if (origin == ctf::Merge::kFirstEvent && told_declared_ != declared()) {
        told_declared_ = declared();
        batch.watermark = ctf::Merge::kFirstEvent;
        return true;
      }
      if (filled == ctf::Merge::Filled::End && ended()) {
        take_news();
        if (!merge_.streams()) {
          end();
          return false;
        }
      }
      pause();
    }
  } catch (const Stopped&) {
  }
  return false;
}

}  // namespace live
