#include "live/viewer.h"

#include <algorithm>

#include "ctf/bits.h"
#include "ctf/error.h"
#include "ctf/metadata.h"

namespace live {

namespace {

// What a reply may claim. A relay daemon knows thousands of sessions or streams at most.
constexpr uint32_t kMaxSessions = 8192, kMaxStreams = 32768;
constexpr size_t kSessionBytes = 339, kStreamBytes = 4371;
constexpr uint32_t kMaxName = 4096;
/// From kLengths on sessions are listed with their names' lengths and format.
constexpr uint32_t kOldest = 4, kLengths = 15, kNewest = 15;
/// A packet becomes memory as it comes, in such pieces: its announcement alone costs nothing.
constexpr size_t kPiece = 1 << 20;

enum Command : uint32_t { kConnect = 1, kList = 2, kAttach = 3, kIndex = 4, kPacket = 5, kMetadata = 6, kNewStreams = 7, kCreate = 8 };
enum Flag : uint32_t { kNewMetadataFlag = 1, kNewStreamsFlag = 2 };

uint32_t be32(const uint8_t* p) { return static_cast<uint32_t>(ctf::read_bytes(p, 32, true)); }
uint64_t be64(const uint8_t* p) { return ctf::read_bytes(p, 64, true); }

void put(std::vector<uint8_t>& out, uint64_t v, int bytes) {
  for (int i = bytes - 1; i >= 0; i--) out.push_back(static_cast<uint8_t>(v >> (8 * i)));
}

std::string text(const uint8_t* p, size_t room) {
  return std::string(reinterpret_cast<const char*>(p), static_cast<size_t>(std::find(p, p + room, 0) - p));
}

}  // namespace

Viewer::Viewer(const std::string& host, uint16_t port, const std::string& name, int patience, const std::atomic<bool>& stop) : name_(name), connection_(host, port, patience, stop) {
  // u64 viewer session (none yet), u32 major, minor, type (1: this is the command connection)
  request(kConnect, {~uint64_t(0)}, {2, kNewest, 1});
  const std::vector<uint8_t> r = reply(20);
  const uint32_t major = be32(r.data() + 8), minor = be32(r.data() + 12);
  if (major != 2 || minor > 1000) throw ctf::Error(name_ + ": what listens on port " + std::to_string(port) + " speaks another protocol than a relay daemon of LTTng 2; its live port is 5344 unless set otherwise");
  if (minor < kOldest) throw ctf::Error(name_ + ": the relay daemon speaks version 2." + std::to_string(minor) + " of the live protocol; 2.4 is the oldest that works");
  minor_ = std::min(minor, kNewest);
}

void Viewer::broken(const std::string& what) const { throw ctf::Error(name_ + ": the relay daemon's answer makes no sense: " + what); }

void Viewer::request(uint32_t command, const std::vector<uint64_t>& words, const std::vector<uint32_t>& halves) {
  add(command, words, halves);
  send();
}

void Viewer::add(uint32_t command, const std::vector<uint64_t>& words, const std::vector<uint32_t>& halves) {
  unsent_++;
  put(requests_, words.size() * 8 + halves.size() * 4, 8);
  put(requests_, command, 4);
  put(requests_, 0, 4);
  for (const uint64_t w : words) put(requests_, w, 8);
  for (const uint32_t h : halves) put(requests_, h, 4);
}

/// Headers and payloads in one write: two would wait for each other (Nagle, delayed acknowledgements).
void Viewer::send() {
  connection_.send(requests_, unsent_ > 1);
  requests_.clear();
  unsent_ = 0;
}

std::vector<uint8_t> Viewer::reply(size_t bytes) {
  std::vector<uint8_t> out(bytes);
  connection_.receive(out.data(), bytes);
  return out;
}

std::vector<RelaySession> Viewer::sessions() {
  request(kList);
  const uint32_t count = be32(reply(4).data());
  if (count > kMaxSessions) broken(std::to_string(count) + " sessions");
  std::vector<RelaySession> out;
  const bool lengths = minor_ >= kLengths;
  for (uint32_t i = 0; i < count; i++) {
    const std::vector<uint8_t> r = reply(lengths ? 32 : kSessionBytes);
    out.push_back({be64(r.data()), be32(r.data() + 8), be32(r.data() + 12), be32(r.data() + 16), {}, {}});
    if (lengths) {
      out.back().ctf2 = be32(r.data() + 28) != 0;
      out.back().host = string(be32(r.data() + 20));
      out.back().name = string(be32(r.data() + 24));
    } else {
      out.back().host = text(r.data() + 20, 64);
      out.back().name = text(r.data() + 84, 255);
    }
  }
  return out;
}

/// A text of so many bytes, with or without a NUL at its end.
std::string Viewer::string(uint32_t bytes) {
  if (bytes > kMaxName) broken("a name of " + std::to_string(bytes) + " bytes");
  const std::vector<uint8_t> r = reply(bytes);
  return text(r.data(), bytes);
}

void Viewer::create_session() {
  request(kCreate);
  if (const uint32_t status = be32(reply(4).data()); status != 1) broken("it refuses a viewer session (status " + std::to_string(status) + ")");
}

void Viewer::read_streams(uint32_t count, std::vector<RelayStream>& out) {
  if (count > kMaxStreams) broken(std::to_string(count) + " streams");
  for (uint32_t i = 0; i < count; i++) {
    const std::vector<uint8_t> r = reply(kStreamBytes);
    out.push_back({be64(r.data()), be64(r.data() + 8), be32(r.data() + 16) == 1, text(r.data() + 20, 4096), text(r.data() + 4116, 255)});
  }
}

AttachStatus Viewer::attach(uint64_t session, Seek seek, std::vector<RelayStream>& streams) {
  request(kAttach, {session, 0}, {static_cast<uint32_t>(seek)});
  const std::vector<uint8_t> r = reply(8);
  const uint32_t status = be32(r.data());
  if (status < 1 || status > 6) broken("attach status " + std::to_string(status));
  if (status == 1) read_streams(be32(r.data() + 4), streams);
  return static_cast<AttachStatus>(status);
}

void Viewer::ask_index(uint64_t stream) { add(kIndex, {stream}, {}); }

Index Viewer::read_index() {
  const std::vector<uint8_t> r = reply(64);
  const auto word = [&](unsigned i) { return be64(r.data() + 8 * i); };
  const uint32_t status = be32(r.data() + 56), flags = be32(r.data() + 60);
  if (status < 1 || status > 6) broken("index status " + std::to_string(status));
  const Index out{static_cast<IndexStatus>(status), word(0), word(1), word(2), word(3), word(4), word(5), word(6), (flags & kNewMetadataFlag) != 0, (flags & kNewStreamsFlag) != 0};
  if (out.status == IndexStatus::Ok && (out.packet_bits % 8 || out.content_bits > out.packet_bits)) broken("a packet of " + std::to_string(out.packet_bits) + " bits with " + std::to_string(out.content_bits) + " bits of content");
  return out;
}

void Viewer::ask_packet(uint64_t stream, uint64_t offset, uint32_t bytes) { add(kPacket, {stream, offset}, {bytes}); }

Viewer::PacketReply Viewer::read_packet(uint32_t bytes, std::vector<uint8_t>& out) {
  const std::vector<uint8_t> r = reply(12);
  const uint32_t status = be32(r.data()), length = be32(r.data() + 4), flags = be32(r.data() + 8);
  if (status < 1 || status > 4) broken("packet status " + std::to_string(status));
  if (status == 1) {
    if (length != bytes) broken(std::to_string(length) + " bytes of packet instead of " + std::to_string(bytes));
    for (size_t got = 0; got < bytes;) {
      const size_t n = std::min<size_t>(bytes - got, kPiece);
      if (out.size() < got + n) out.resize(got + n);
      connection_.receive(out.data() + got, n);
      got += n;
    }
    out.resize(bytes);
  }
  return {static_cast<PacketStatus>(status), (flags & kNewMetadataFlag) != 0, (flags & kNewStreamsFlag) != 0};
}

bool Viewer::metadata(uint64_t stream, std::string& out) {
  request(kMetadata, {stream});
  const std::vector<uint8_t> r = reply(12);
  const uint64_t length = be64(r.data());
  const uint32_t status = be32(r.data() + 8);
  if (status == 3) broken("it cannot give the metadata");
  if (status != 1) return false;
  if (length > ctf::kMaxMetadata || out.size() + length > ctf::kMaxMetadata) broken("metadata of " + std::to_string(length) + " bytes");
  // As it comes: a length alone costs no memory.
  uint8_t piece[65536];
  for (uint64_t left = length; left;) {
    const size_t n = std::min<uint64_t>(left, sizeof piece);
    connection_.receive(piece, n);
    out.append(reinterpret_cast<const char*>(piece), n);
    left -= n;
  }
  return length > 0;
}

StreamsStatus Viewer::new_streams(uint64_t session, std::vector<RelayStream>& streams) {
  request(kNewStreams, {session});
  const std::vector<uint8_t> r = reply(8);
  const uint32_t status = be32(r.data());
  if (status < 1 || status > 4) broken("new-streams status " + std::to_string(status));
  if (status == 1) read_streams(be32(r.data() + 4), streams);
  return static_cast<StreamsStatus>(status);
}

}  // namespace live
