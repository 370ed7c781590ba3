#include "live/session.h"

#include <algorithm>
#include <utility>

#include "ctf/bits.h"
#include "ctf/error.h"

namespace live {

using Clock = std::chrono::steady_clock;

namespace {

constexpr uint64_t kMaxPacket = 256ull << 20;  // bytes
constexpr uint64_t kMaxHeld = 2ull << 30;      // bytes of one session's packets: a sub-buffer for each stream
constexpr uint64_t kMaxAhead = 4ull << 20;     // bytes of those of them that come before their turn
/// Requests in one write. More could wait for each other: theirs for our reading, ours for theirs.
constexpr size_t kTogether = 64;
/// A stream that has nothing is asked with others only so often each live timer.
constexpr uint32_t kAsksTogether = 2;
constexpr size_t kMaxKnown = 65535;            // streams of one session
constexpr int kPatience = 10'000, kPatienceAgain = 3'000;  // ms without a byte: at first, and while others wait
constexpr std::chrono::milliseconds kFirstPause{250}, kLongestPause{5'000};  // between two attempts
constexpr uint32_t kPollsWhileBeginning = 4;  // each live timer, for what is new; one later
/// Others go on without a session that has not told a time for so long, or for so many of its live timers.
constexpr std::chrono::milliseconds kSilence{2'000};
constexpr int kSilentTimers = 4;
const char* const kAsCtf18 = "create it with lttng create --live --trace-format=ctf-1.8";

/// Takes the complete metadata packets from `parsed` on, as text.
std::string take_text(const std::string& bytes, size_t& parsed, const std::string& name) {
  size_t whole = parsed;
  while (bytes.size() - whole >= 37) {
    const auto* p = reinterpret_cast<const uint8_t*>(bytes.data()) + whole;
    const bool big = p[0] == 0x75;
    if (ctf::read_bytes(p, 32, big) != 0x75D11D57) throw ctf::Error(name + ": the metadata are not packets of CTF 1.8" + (p[0] == 0x1E || p[0] == '{' ? std::string(" but of CTF 2; ") + kAsCtf18 : ""));
    const uint64_t size = ctf::read_bytes(p + 28, 32, big) / 8;
    if (size < 37) throw ctf::Error(name + ": a metadata packet of " + std::to_string(size) + " bytes");
    if (size > bytes.size() - whole) break;
    whole += size;
  }
  if (whole == parsed) return {};
  std::string text = ctf::metadata_text(std::string_view(bytes).substr(parsed, whole - parsed), name);
  parsed = whole;
  return text;
}

}  // namespace

LivePackets::LivePackets(Session& session, std::string name, std::shared_ptr<RemoteStream> remote) : session_(session), name_(std::move(name)), remote_(std::move(remote)) { session_.packets_.push_back(this); }

LivePackets::~LivePackets() { std::erase(session_.packets_, this); }

bool LivePackets::from_beginning() const { return number_ == 1 && session_.seek_ == Seek::Beginning; }

ctf::PacketSource::Next LivePackets::next() {
  try {
    const Next found = fetched_ ? take() : ask();
    if (found == Next::Wait) bound_ = std::max(bound_, session_.assumed_);
    return found;
  } catch (const Disconnected& why) {
    session_.drop(why);
    return Next::Wait;
  } catch (const ctf::Error& error) {
    // What has come before is still told, and so are the other sessions.
    session_.give_up(error.what());
    return Next::End;
  }
}

ctf::PacketSource::Next LivePackets::ask() {
  if (remote_->ended) return Next::End;
  if (!session_.viewer_ || !remote_->id) return Next::Wait;
  const bool known = remote_->announced.has_value();
  if (!known) session_.ask_indexes(*this);
  if (!remote_->announced) return Next::Wait;
  Index& index = *remote_->announced;
  switch (index.status) {
    case IndexStatus::Ok:
      // The new ones join first: they may have something from before this packet.
      if (std::exchange(index.new_streams, false)) return Next::Wait;
      break;
    case IndexStatus::Retry: return Next::Wait;
    case IndexStatus::Inactive:
      bound_ = std::max(bound_, index.end);
      session_.progress(bound_);
      remote_->announced.reset();
      // What was told before its turn may no longer be all that there is.
      return known ? ask() : Next::Wait;
    case IndexStatus::HangUp:
    case IndexStatus::End: remote_->id.reset(), remote_->ended = true; return Next::End;
    case IndexStatus::Error: throw ctf::Error(place() + ": the relay daemon cannot read its index");
  }
  const uint64_t bytes = announced_bytes();
  if (!bytes || bytes > kMaxPacket) throw ctf::Error(place() + ": the relay daemon announces a packet of " + std::to_string(bytes) + " bytes");
  session_.fetch_packets(*this);
  return fetched_ ? take() : Next::Wait;
}

/// What has been fetched.
ctf::PacketSource::Next LivePackets::take() {
  const auto [index, status] = *fetched_;
  fetched_.reset();
  offset_ = index.offset;
  switch (status) {
    case PacketStatus::Ok: break;
    case PacketStatus::Retry: return Next::Wait;
    case PacketStatus::End: remote_->id.reset(), remote_->ended = true; return Next::End;
    case PacketStatus::Error: throw ctf::Error(place() + ": the relay daemon cannot read the packet");
  }
  bytes_.swap(ahead_);
  ahead_.clear();
  bound_ = std::max(bound_, index.end);
  session_.progress(bound_);
  number_++;
  return Next::Packet;
}

/// A packet is announced that can be fetched before its turn; not one before which new streams are to join.
bool LivePackets::is_fetchable() const {
  if (!joined_ || fetched_ || !remote_->id || !remote_->announced) return false;
  const Index& index = *remote_->announced;
  return index.status == IndexStatus::Ok && !index.new_streams && announced_bytes() && announced_bytes() <= kMaxPacket;
}

void LivePackets::arrived() {
  const Clock::time_point now = Clock::now();
  spacing_ = arrived_at_ == Clock::time_point{} ? Clock::duration{} : now - arrived_at_;
  arrived_at_ = now;
}

size_t LivePackets::read(uint64_t offset, uint8_t* to, size_t bytes) {
  if (offset >= bytes_.size()) return 0;
  const size_t n = std::min<uint64_t>(bytes, bytes_.size() - offset);
  std::copy_n(bytes_.begin() + static_cast<long>(offset), n, to);
  return n;
}

std::string LivePackets::place() const { return session_.url_.text + ", " + name_ + ": packet " + std::to_string(number_) + " at byte " + std::to_string(offset_); }

void Session::attach() {
  auto viewer = std::make_unique<Viewer>(url_.host, url_.port, url_.text, attempts_ ? kPatienceAgain : kPatience, stop_);
  const std::vector<RelaySession> offered = viewer->sessions();
  std::vector<RelaySession> wanted;
  std::string others;
  for (const RelaySession& s : offered) {
    if (s.host == url_.target && s.name == url_.session) wanted.push_back(s);
    else if (others.size() < 300) others += (others.empty() ? "" : ", ") + url_.daemon() + "/host/" + s.host + "/" + s.name;
  }
  if (wanted.empty() && attempts_) throw ctf::Error("the connection was lost, and the session is gone from the relay daemon: " + url_.text);
  if (wanted.empty()) throw ctf::Error(url_.text + ": the relay daemon has no such session" + (others.empty() ? ", and no other one" : "; it has " + others));
  for (const RelaySession& s : wanted) {
    if (s.ctf2) throw ctf::Error(url_.text + ": the session is recorded as CTF 2, which boxtop does not read; " + kAsCtf18);
    if (!s.live_timer_us) throw ctf::Error(url_.text + ": is not a live session: create it with lttng create --live");
    live_timer_us_ = s.live_timer_us;
  }
  viewer->create_session();
  relay_sessions_.clear();
  viewer_ = std::move(viewer);
  try {
    // The kernel, and programs of 64 and of 32 bits, are sessions of one name there.
    for (const RelaySession& s : wanted) {
      std::vector<RelayStream> streams;
      const AttachStatus status = viewer_->attach(s.id, seek_, streams);
      if (status == AttachStatus::Already && attempts_) throw Disconnected{"the relay daemon believes that someone is attached, perhaps still we"};
      refuse(status);
      relay_sessions_.push_back(s.id);
      adopt(streams);
    }
    for (auto& [id, trace] : traces_) fetch_metadata(trace);
  } catch (...) {
    detach();
    throw;
  }
  open_ = relay_sessions_;
  attempts_ = 0;
  trouble_.clear();
}

void Session::refuse(AttachStatus status) const {
  switch (status) {
    case AttachStatus::Ok: return;
    case AttachStatus::Already: throw ctf::Error(url_.text + ": someone else is attached to this session; LTTng lets one viewer read it at a time");
    case AttachStatus::Unknown: throw ctf::Error(url_.text + ": the session has ended, or is recorded as CTF 2 (the default from LTTng 2.15 on: " + kAsCtf18 + ")");
    case AttachStatus::NotLive: throw ctf::Error(url_.text + ": is not a live session: create it with lttng create --live");
    case AttachStatus::SeekError:
    case AttachStatus::NoSession: throw ctf::Error(url_.text + ": the relay daemon refuses to be read from there (status " + std::to_string(static_cast<int>(status)) + ")");
  }
}

/// Takes in streams; those known from before a lost connection go on where they were.
void Session::adopt(const std::vector<RelayStream>& streams) {
  for (const RelayStream& s : streams) {
    const std::string key = s.path + "/" + s.channel;
    if (s.is_metadata) {
      // A trace is known again by the path of its metadata.
      auto known = known_.find(key);
      const uint64_t id = known == known_.end() ? s.trace : known->second.trace;
      if (known == known_.end()) {
        if (known_.size() >= kMaxKnown) throw ctf::Error(url_.text + ": more than " + std::to_string(kMaxKnown) + " streams");
        known_.emplace(key, Known{id, nullptr});
      }
      LiveTrace& t = traces_[id];
      t.trace->metadata_path = url_.text;
      if (t.trace->paths.empty()) t.trace->paths.push_back(url_.text);
      t.metadata_stream = s.id;
      t.compared = 0;
      t.has_metadata_stream = true;
      continue;
    }
    if (auto known = known_.find(key); known != known_.end()) {
      // One that has hung up is over, also where the relay daemon still lists it.
      if (RemoteStream* const stream = known->second.stream.get(); stream && !stream->ended) stream->id = s.id, stream->announced.reset();
      continue;
    }
    if (known_.size() >= kMaxKnown) throw ctf::Error(url_.text + ": more than " + std::to_string(kMaxKnown) + " streams");
    auto remote = std::make_shared<RemoteStream>();
    remote->id = s.id;
    known_.emplace(key, Known{s.trace, remote});
    waiting_.push_back({nullptr, s.trace, std::make_unique<LivePackets>(*this, s.channel.empty() ? s.path : s.channel, remote), s.channel});
  }
}

void Session::fetch_metadata(LiveTrace& t) {
  if (!t.has_metadata_stream || !viewer_) return;
  std::string bytes;
  if (!viewer_->metadata(t.metadata_stream, bytes)) return;
  // After a lost connection they come from their beginning again.
  const size_t again = std::min(t.received.size() - t.compared, bytes.size());
  if (t.received.compare(t.compared, again, bytes, 0, again) != 0) throw ctf::Error("the connection was lost, and meanwhile another session has taken the name: " + url_.text);
  t.compared += bytes.size();
  t.received.append(bytes, again);
  if (t.received.size() > ctf::kMaxMetadata) throw ctf::Error(url_.text + ": more than " + std::to_string(ctf::kMaxMetadata >> 20) + " MiB of metadata");
  const std::string text = take_text(t.received, t.parsed, url_.text);
  if (text.empty()) return;
  t.trace->metadata.append(text, false, url_.text + " (metadata)");
  t.ready = !t.trace->metadata.streams.empty();
  t.grown = true;
}

/// Asks what the stream has next, and so for others of which that is not known.
void Session::ask_indexes(LivePackets& first) {
  const Clock::time_point now = Clock::now();
  const auto pause = std::chrono::microseconds(live_timer_us_ / kAsksTogether);
  std::vector<LivePackets*> asked{&first};
  for (LivePackets* const p : packets_) {
    if (asked.size() == kTogether) break;
    if (p != &first && p->joined_ && p->remote_->id && !p->remote_->announced && now - p->asked_at_ >= pause) asked.push_back(p);
  }
  for (const LivePackets* const p : asked) viewer_->ask_index(*p->remote_->id);
  viewer_->send();
  bool new_metadata = false, new_streams = false;
  for (LivePackets* const p : asked) {
    const Index index = viewer_->read_index();
    new_metadata |= index.new_metadata, new_streams |= index.new_streams;
    if (index.status == IndexStatus::Inactive && index.end > p->bound_) p->arrived();
    if (index.status == IndexStatus::Retry) p->asked_at_ = now;
    else p->remote_->announced = index;
  }
  flags(new_metadata, new_streams);
}

/// Fetches the packet that is announced for the stream, and for others as far as there is room before their turn.
void Session::fetch_packets(LivePackets& first) {
  uint64_t ahead = 0, held = first.announced_bytes();
  for (const LivePackets* const p : packets_) ahead += p->ahead_.size(), held += p->bytes_.size() + p->ahead_.size();
  if (held > kMaxHeld) throw ctf::Error(url_.text + ": packets of more than " + std::to_string(kMaxHeld >> 30) + " GiB at a time");
  std::vector<LivePackets*> asked{&first};
  for (LivePackets* const p : packets_) {
    if (asked.size() == kTogether) break;
    if (p == &first || !p->is_fetchable() || ahead + p->announced_bytes() > kMaxAhead) continue;
    ahead += p->announced_bytes();
    asked.push_back(p);
  }
  for (const LivePackets* const p : asked) viewer_->ask_packet(*p->remote_->id, p->remote_->announced->offset, static_cast<uint32_t>(p->announced_bytes()));
  viewer_->send();
  bool new_metadata = false, new_streams = false;
  for (LivePackets* const p : asked) {
    const Viewer::PacketReply reply = viewer_->read_packet(static_cast<uint32_t>(p->announced_bytes()), p->ahead_);
    new_metadata |= reply.new_metadata, new_streams |= reply.new_streams;
    // An error with news: they had to be read first.
    const bool again = reply.status == PacketStatus::Retry || (reply.status == PacketStatus::Error && (reply.new_metadata || reply.new_streams));
    if (again) continue;
    p->arrived();
    p->fetched_ = {*p->remote_->announced, reply.status};
    p->remote_->announced.reset();
  }
  flags(new_metadata, new_streams);
}

void Session::flags(bool new_metadata, bool new_streams) {
  if (new_metadata)
    for (auto& [id, trace] : traces_) fetch_metadata(trace);
  if (!new_streams) return;
  for (const uint64_t id : relay_sessions_) {
    std::vector<RelayStream> streams;
    if (viewer_->new_streams(id, streams) == StreamsStatus::Ok) adopt(streams);
  }
  for (auto& [id, trace] : traces_)
    if (!trace.ready) fetch_metadata(trace);
}

std::vector<Session::NewStream> Session::take_streams() {
  std::vector<NewStream> out;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const auto trace = traces_.find(it->key);
    if (trace == traces_.end() || !trace->second.ready) {
      ++it;
      continue;
    }
    it->trace = &trace->second;
    it->packets->joined_ = true;
    out.push_back(std::move(*it));
    it = waiting_.erase(it);
  }
  return out;
}

/// Forgets the connection; streams stay known, and what has come of them.
void Session::detach() {
  viewer_.reset();
  for (LivePackets* const p : packets_)
    if (p->fetched_ && p->fetched_->status != PacketStatus::Ok) p->fetched_.reset();
  for (auto& [key, known] : known_)
    if (known.stream) known.stream->id.reset(), known.stream->announced.reset();
}

void Session::drop(const Disconnected& why) {
  detach();
  trouble_ = "connection lost, connecting again (" + why.why + "): " + url_.text;
  // What comes after is read from the moment of the reconnection; what is missed shows as lost packets.
  seek_ = Seek::Last;
  lost_at_ = next_attempt_ = Clock::now();
}

void Session::give_up(const std::string& why) {
  detach();
  for (auto& [key, known] : known_)
    if (known.stream) known.stream->ended = true;
  open_.clear();
  trouble_ = why;
  gave_up_ = true;
}

/// One attempt, where it is time for it.
void Session::attach_again() {
  const Clock::time_point now = Clock::now();
  if (now < next_attempt_) return;
  attempts_++;
  try {
    attach();
  } catch (const Disconnected& why) {
    const auto pause = std::min<std::chrono::milliseconds>(kFirstPause * (1 << std::min(attempts_ - 1, 5)), kLongestPause);
    next_attempt_ = Clock::now() + pause;
    if (next_attempt_ - lost_at_ > options_.retry) {
      const auto tried = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - lost_at_).count();
      throw ctf::Error("the connection was lost, and could not be made again in " + std::to_string(tried) + " seconds (" + why.why + "): " + url_.text);
    }
    trouble_ = "connection lost, connecting again, attempt " + std::to_string(attempts_ + 1) + " (" + why.why + "): " + url_.text;
  }
}

void Session::poll() {
  if (gave_up_) return;
  assume();
  const Clock::time_point now = Clock::now();
  try {
    if (!viewer_) {
      if (!ended()) attach_again();
      return;
    }
    if (now < next_poll_) return;
    for (auto it = open_.begin(); it != open_.end();) {
      std::vector<RelayStream> streams;
      const StreamsStatus status = viewer_->new_streams(*it, streams);
      if (status == StreamsStatus::Ok) adopt(streams);
      // An error means that the session is not known any more.
      const bool over = status == StreamsStatus::HangUp || status == StreamsStatus::Error;
      it = over ? open_.erase(it) : it + 1;
    }
    for (auto& [id, trace] : traces_)
      if (!trace.ready) fetch_metadata(trace);
    const uint32_t period = std::clamp<uint32_t>(live_timer_us_, 50'000, 1'000'000);
    next_poll_ = now + std::chrono::microseconds(begins() ? period / kPollsWhileBeginning : period);
  } catch (const Disconnected& why) {
    drop(why);
  } catch (const ctf::Error& error) {
    give_up(error.what());
  }
}

bool Session::begins() const {
  if (open_.empty()) return false;
  return traces_.empty() || !waiting_.empty() || std::any_of(traces_.begin(), traces_.end(), [](const auto& t) { return !t.second.ready; });
}

Clock::time_point Session::due() const {
  const Clock::duration period = std::chrono::microseconds(live_timer_us_);
  Clock::time_point due = Clock::time_point::max();
  if (viewer_ && !begins())
    for (const LivePackets* const p : packets_)
      if (p->joined_ && p->remote_->id && !p->fetched_ && !p->remote_->announced) due = std::min(due, p->arrived_at_ + std::min(period, p->spacing_) * 7 / 8);
  // Where no stream tells, it may be the session that does.
  return due == Clock::time_point::max() ? Clock::time_point{} : due;
}

bool Session::ended() const {
  return open_.empty() && std::all_of(known_.begin(), known_.end(), [](const auto& k) { return !k.second.stream || k.second.stream->ended; });
}

void Session::progress(uint64_t cycles) {
  if (cycles <= latest_) return;
  latest_ = cycles;
  progress_at_ = Clock::now();
}

/// Where the session is stopped or out of reach and others are read with it, their time goes on.
void Session::assume() {
  if (!options_.shared) return;
  const auto silence = std::max<Clock::duration>(kSilence, std::chrono::microseconds(uint64_t(live_timer_us_) * kSilentTimers));
  const auto since = Clock::now() - progress_at_ - silence;
  if (since.count() <= 0) return;
  if (latest_) {
    assumed_ = latest_ + static_cast<uint64_t>(std::chrono::nanoseconds(since).count());
    return;
  }
  // It has never told a time: ours, if its traces tell how their clocks go by it.
  const auto time = std::chrono::system_clock::now() - silence;
  for (const auto& [id, t] : traces_)
    if (t.ready) assumed_ = std::max(assumed_, t.trace->cycles(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count()));
}

}  // namespace live
