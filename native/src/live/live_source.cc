#include "live/live_source.h"

#include <algorithm>

#include "ctf/error.h"

namespace live {

namespace {

/// An idle trace still moves on in time: an empty batch tells it after so many ns.
constexpr int64_t kTellTime = 50'000'000;
constexpr size_t kWindow = 64 << 10;

[[noreturn]] void unreachable(const Url& url, const Disconnected& d) {
  throw ctf::Error(url.text + ": no relay daemon can be reached at " + url.host + " port " + std::to_string(url.port) + " (" + d.why + "); is lttng-relayd running?");
}

}  // namespace

std::vector<Offered> list_sessions(const std::string& text) {
  const Url url = parse_url(text, false);
  std::atomic<bool> stop{false};
  try {
    Viewer viewer(url.host, url.port, url.text, stop);
    std::vector<Offered> out;
    for (RelaySession& s : viewer.sessions()) {
      std::string name = "net://" + url.host + ":" + std::to_string(url.port) + "/host/" + s.host + "/" + s.name;
      out.push_back({std::move(s), std::move(name)});
    }
    return out;
  } catch (const Disconnected& d) {
    unreachable(url, d);
  }
}

LiveSource::LiveSource(const std::vector<std::string>& urls, ctf::Subscription subscription, Seek seek) : EventSource(std::move(subscription)) {
  for (const std::string& text : urls) {
    sessions_.push_back(std::make_unique<Session>(parse_url(text, true), seek, stop_));
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
      if (added) add(*t.trace);
      else update(it->second, *t.trace);
    }
    for (Session::NewStream& s : session->take_streams()) {
      // The class of a stream is told by its packets: the first one is looked at when it comes.
      const std::string channel = s.channel.substr(0, s.channel.rfind('_'));
      const size_t digits = s.channel.rfind('_');
      std::optional<uint64_t> cpu;
      if (digits != std::string::npos && digits + 1 < s.channel.size() && s.channel.size() - digits < 8 && s.channel.find_first_not_of("0123456789", digits + 1) == std::string::npos) cpu = std::stoul(s.channel.substr(digits + 1));
      const uint32_t number = trace_numbers_.at(s.trace);
      const ctf::Trace& trace = *s.trace->trace;
      add(ctf::StreamDescription{number, 0, channel, cpu, {session->url().text + "/" + s.channel}});
      merge_.add(std::make_unique<ctf::Stream>(
          trace, std::move(s.packets), layouts(trace), streams_++, ctf::StreamOptions{.window = kWindow, .stop = &stop_}, &totals_));
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

void LiveSource::pause(std::chrono::microseconds how_long) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, how_long, [this] { return stop_.load(); });
}

bool LiveSource::fill(ctf::Batch& batch) {
  batch.clear();
  uint32_t timer = ~0u;
  for (const auto& s : sessions_) timer = std::min(timer, s->live_timer_us());
  const auto longest = std::chrono::microseconds(std::clamp<uint32_t>(timer / 8, 1000, 50'000));
  auto delay = std::chrono::microseconds(1000);
  try {
    while (!stop_) {
      bool connected = true;
      for (const auto& s : sessions_) {
        s->poll();
        connected = connected && s->connected();
      }
      connected_ = connected;
      take_news();
      int64_t origin = origin_;
      const ctf::Merge::Filled filled = merge_.fill(batch, origin);
      if (origin != origin_) {
        origin_ = origin;
        touch();
      }
      if (filled == ctf::Merge::Filled::Full && batch.full()) return true;
      if (filled == ctf::Merge::Filled::End && ended()) {
        take_news();
        if (!merge_.streams()) return false;
      }
      const bool later = origin != ctf::Merge::kFirstEvent && (told_ == INT64_MIN || batch.watermark - told_ >= kTellTime);
      if (batch.length || !batch.losses.empty() || later) {
        told_ = batch.watermark;
        return true;
      }
      pause(delay);
      delay = std::min(delay * 2, longest);
    }
  } catch (const Stopped&) {
  }
  return false;
}

}  // namespace live
