#include "live/session.h"

#include <algorithm>

#include "ctf/bits.h"
#include "ctf/error.h"

namespace live {

using Clock = std::chrono::steady_clock;

namespace {

constexpr uint64_t kMaxPacket = 256ull << 20;  // bytes
constexpr int kMaxAttempts = 12;               // to reconnect: about 40 seconds

/// Takes the complete metadata packets from the front of the bytes, as text.
std::string take_text(std::string& bytes, const std::string& name) {
  size_t whole = 0;
  while (bytes.size() - whole >= 37) {
    const auto* p = reinterpret_cast<const uint8_t*>(bytes.data()) + whole;
    const bool big = p[0] == 0x75;
    if (ctf::read_bytes(p, 32, big) != 0x75D11D57) throw ctf::Error(name + ": the relay daemon's metadata are not packets of CTF 1.8");
    const uint64_t size = ctf::read_bytes(p + 28, 32, big) / 8;
    if (size < 37) throw ctf::Error(name + ": a metadata packet of " + std::to_string(size) + " bytes");
    if (size > bytes.size() - whole) break;
    whole += size;
  }
  if (!whole) return {};
  std::string text = ctf::metadata_text(std::string_view(bytes).substr(0, whole), name);
  bytes.erase(0, whole);
  return text;
}

}  // namespace

ctf::PacketSource::Next LivePackets::next() {
  if (!session_.viewer_) return Next::Wait;
  if (!remote_->id) return remote_->ended ? Next::End : Next::Wait;
  try {
    Viewer& viewer = *session_.viewer_;
    if (!remote_->announced) {
      const Index index = viewer.next_index(*remote_->id);
      session_.flags(index.new_metadata, index.new_streams);
      switch (index.status) {
        case IndexStatus::Ok: remote_->announced = index; break;
        case IndexStatus::Retry: return Next::Wait;
        case IndexStatus::Inactive: bound_ = std::max(bound_, index.end); return Next::Wait;
        case IndexStatus::HangUp:
        case IndexStatus::End: remote_->id.reset(), remote_->ended = true; return Next::End;
        case IndexStatus::Error: throw ctf::Error(place() + ": the relay daemon cannot read its index");
      }
    }
    const uint64_t bytes = remote_->announced->packet_bits / 8;
    if (!bytes || bytes > kMaxPacket) throw ctf::Error(place() + ": the relay daemon announces a packet of " + std::to_string(bytes) + " bytes");
    const Viewer::PacketReply reply = viewer.packet(*remote_->id, remote_->announced->offset, static_cast<uint32_t>(bytes), bytes_);
    session_.flags(reply.new_metadata, reply.new_streams);
    switch (reply.status) {
      case PacketStatus::Ok: break;
      case PacketStatus::Retry: return Next::Wait;
      case PacketStatus::End: remote_->id.reset(), remote_->ended = true; return Next::End;
      case PacketStatus::Error:
        // With new metadata: they had to be read first.
        if (reply.new_metadata || reply.new_streams) return Next::Wait;
        remote_->announced.reset();
        throw ctf::Error(place() + ": the relay daemon cannot read the packet");
    }
    offset_ = remote_->announced->offset;
    bound_ = std::max(bound_, remote_->announced->end);
    remote_->announced.reset();
    number_++;
    return Next::Packet;
  } catch (const Disconnected& why) {
    session_.drop(why);
    return Next::Wait;
  }
}

size_t LivePackets::read(uint64_t offset, uint8_t* to, size_t bytes) {
  if (offset >= bytes_.size()) return 0;
  const size_t n = std::min<uint64_t>(bytes, bytes_.size() - offset);
  std::copy_n(bytes_.begin() + static_cast<long>(offset), n, to);
  return n;
}

std::string LivePackets::place() const { return session_.url_.text + ", " + name_ + ": packet " + std::to_string(number_) + " at byte " + std::to_string(offset_); }

void Session::attach() {
  auto viewer = std::make_unique<Viewer>(url_.host, url_.port, url_.text, stop_);
  const std::vector<RelaySession> offered = viewer->sessions();
  std::vector<RelaySession> wanted;
  std::string others;
  for (const RelaySession& s : offered) {
    if (s.host == url_.target && s.name == url_.session) wanted.push_back(s);
    else if (others.size() < 300) others += (others.empty() ? "" : ", ") + std::string("net://") + url_.host + ":" + std::to_string(url_.port) + "/host/" + s.host + "/" + s.name;
  }
  if (wanted.empty())
    throw ctf::Error(url_.text + ": the relay daemon has no such session" + (others.empty() ? ", and no other one" : "; it has " + others) +
                     (viewer->minor() >= 15 ? ". Sessions that LTTng 2.15 and newer record as CTF 2 are not shown: create them with --trace-format=ctf-1.8" : ""));
  for (const RelaySession& s : wanted) {
    if (!s.live_timer_us) throw ctf::Error(url_.text + ": is not a live session: create it with lttng create --live");
    live_timer_us_ = s.live_timer_us;
  }
  viewer->create_session();
  viewer_ = std::move(viewer);
  relay_sessions_.clear();
  for (const RelaySession& s : wanted) {
    std::vector<RelayStream> streams;
    const AttachStatus status = viewer_->attach(s.id, seek_, streams);
    if (status != AttachStatus::Ok) viewer_.reset();
    switch (status) {
      case AttachStatus::Ok: break;
      case AttachStatus::Already: throw ctf::Error(url_.text + ": someone else is attached to this session; LTTng lets one viewer read it at a time");
      case AttachStatus::Unknown: throw ctf::Error(url_.text + ": the session has ended, or is recorded as CTF 2 (LTTng 2.15 and newer: create it with --trace-format=ctf-1.8)");
      case AttachStatus::NotLive: throw ctf::Error(url_.text + ": is not a live session: create it with lttng create --live");
      case AttachStatus::SeekError:
      case AttachStatus::NoSession: throw ctf::Error(url_.text + ": the relay daemon refuses to be read from there (status " + std::to_string(static_cast<int>(status)) + ")");
    }
    relay_sessions_.push_back(s.id);
    adopt(streams);
  }
  open_ = relay_sessions_;
  attempts_ = 0;
  last_trouble_.clear();
  for (auto& [id, trace] : traces_) fetch_metadata(trace);
}

/// Takes in streams; those known from before a lost connection go on where they were.
void Session::adopt(const std::vector<RelayStream>& streams) {
  for (const RelayStream& s : streams) {
    const std::string key = s.path + "/" + s.channel;
    if (s.is_metadata) {
      // A trace is known again by the path of its metadata.
      auto known = known_.find(key);
      const uint64_t id = known == known_.end() ? s.trace : known->second.trace;
      if (known == known_.end()) known_.emplace(key, Known{id, nullptr});
      LiveTrace& t = traces_[id];
      t.trace->metadata_path = url_.text;
      if (t.trace->paths.empty()) t.trace->paths.push_back(url_.text);
      t.metadata_stream = s.id;
      t.repeated = t.received;
      t.has_metadata_stream = true;
      continue;
    }
    if (auto known = known_.find(key); known != known_.end()) {
      // One that has hung up is over, also where the relay daemon still lists it.
      if (RemoteStream* const stream = known->second.stream.get(); stream && !stream->ended) stream->id = s.id, stream->announced.reset();
      continue;
    }
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
  // After a reconnection the metadata come from their beginning again.
  const size_t known = std::min<uint64_t>(t.repeated, bytes.size());
  t.repeated -= known;
  t.received += bytes.size() - known;
  t.packets.append(bytes, known);
  const std::string text = take_text(t.packets, url_.text);
  if (text.empty()) return;
  t.trace->metadata.append(text, false, url_.text + " (metadata)");
  t.ready = !t.trace->metadata.streams.empty();
  t.grown = true;
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
    out.push_back(std::move(*it));
    it = waiting_.erase(it);
  }
  return out;
}

void Session::drop(const Disconnected& why) {
  viewer_.reset();
  last_trouble_ = why.why;
  // What comes after is read from the moment of the reconnection; what is missed shows as lost packets.
  seek_ = Seek::Last;
  for (auto& [key, known] : known_)
    if (known.stream) known.stream->id.reset(), known.stream->announced.reset();
  next_attempt_ = Clock::now();
}

void Session::poll() {
  const Clock::time_point now = Clock::now();
  try {
    if (!viewer_) {
      if (now < next_attempt_) return;
      if (++attempts_ > kMaxAttempts) throw ctf::Error(url_.text + ": the connection was lost (" + last_trouble_ + ") and cannot be made again");
      next_attempt_ = now + std::chrono::milliseconds(std::min(250 << std::min(attempts_, 5), 5000));
      attach();
      return;
    }
    if (now < next_poll_) return;
    next_poll_ = now + std::chrono::microseconds(std::max<uint32_t>(live_timer_us_ / 2, 20'000));
    for (auto& [id, trace] : traces_)
      if (!trace.ready) fetch_metadata(trace);
    for (auto it = open_.begin(); it != open_.end();) {
      std::vector<RelayStream> streams;
      const StreamsStatus status = viewer_->new_streams(*it, streams);
      if (status == StreamsStatus::Ok) adopt(streams);
      it = status == StreamsStatus::HangUp ? open_.erase(it) : it + 1;
    }
  } catch (const Disconnected& why) {
    const bool again = !viewer_;
    if (again) last_trouble_ = why.why;
    else drop(why);
  }
}

bool Session::ended() const {
  if (!open_.empty() || !viewer_) return false;
  return std::all_of(known_.begin(), known_.end(), [](const auto& k) { return !k.second.stream || k.second.stream->ended; });
}

}  // namespace live
