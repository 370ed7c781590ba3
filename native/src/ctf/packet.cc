#include "ctf/packet.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ctf/bits.h"
#include "ctf/error.h"
#include "ctf/value.h"

namespace ctf {

namespace {

constexpr uint64_t kPage = 4096;

std::string uuid_text(const Value& v) {
  std::string bytes = v.text, out;
  if (bytes.empty())
    for (const Value& b : v.children) bytes += static_cast<char>(b.number);
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < bytes.size(); i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += digits[uint8_t(bytes[i]) >> 4];
    out += digits[uint8_t(bytes[i]) & 15];
  }
  return out;
}

}  // namespace

std::string parse_packet(const Metadata& m, const uint8_t* data, size_t bytes, PacketHeader& out) {
  ValueReader reader(data, 0, bytes * 8, m.byte_order);
  Value header, context;
  if (!reader.read(m.packet_header, "trace.packet.header", header)) return kHeaderCut;
  out.stream_id = m.streams.size() == 1 ? m.streams.begin()->first : 0;
  for (const Value& v : header.children) {
    if (v.name == "magic") {
      if (v.number != 0xC1FC1FC1) return "the magic number 0xC1FC1FC1 is missing";
    } else if (v.name == "uuid") {
      if (!m.uuid.empty() && uuid_text(v) != m.uuid) return "its UUID is not that of the metadata";
    } else if (v.name == "stream_id") {
      out.stream_id = v.number;
    } else if (v.name == "stream_instance_id") {
      out.instance_id = v.number;
    }
  }
  const auto stream = m.streams.find(out.stream_id);
  if (stream == m.streams.end()) return "its stream class " + std::to_string(out.stream_id) + " is not declared in the metadata";
  if (!reader.read(stream->second.packet_context, "stream.packet.context", context)) return kHeaderCut;
  bool has_content = false, has_size = false;
  for (const Value& v : context.children) {
    if (v.name == "timestamp_begin") out.begin = v.number, out.has_time = true;
    else if (v.name == "timestamp_end") out.end = v.number;
    else if (v.name == "content_size") out.content_bits = v.number, has_content = true;
    else if (v.name == "packet_size") out.packet_bits = v.number, has_size = true;
    else if (v.name == "packet_seq_num") out.sequence = v.number;
    else if (v.name == "events_discarded") out.discarded = v.number, out.discarded_bits = v.type->size;
    else if (v.name == "cpu_id") out.cpu_id = v.number;
  }
  out.header_bits = reader.position();
  if (!has_content) out.content_bits = out.packet_bits;
  if (has_size && !out.packet_bits) return "its packet_size is 0";
  if (out.packet_bits % 8) return "its packet_size is not a whole number of bytes";
  if (out.content_bits && out.content_bits < out.header_bits) return "its content_size is smaller than its header";
  if (out.packet_bits && out.packet_bits < out.content_bits) return "its content_size is larger than its packet_size";
  if (out.end && out.end < out.begin) return "it ends before it begins in time";
  return {};
}

File::File(const std::string& path) : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), size_(0) {
  struct stat st;
  if (fd_ < 0) throw Error(path + ": cannot be opened: " + std::strerror(errno));
  if (::fstat(fd_, &st) || !S_ISREG(st.st_mode)) {
    ::close(fd_);
    throw Error(path + ": is not a regular file");
  }
  size_ = static_cast<uint64_t>(st.st_size);
}

File::~File() { ::close(fd_); }

size_t File::read(uint64_t offset, uint8_t* to, size_t bytes) const {
  size_t got = 0;
  while (got < bytes) {
    const ssize_t n = ::pread(fd_, to + got, bytes - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(path_ + ": cannot be read at byte " + std::to_string(offset + got) + ": " + std::strerror(errno));
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  return got;
}

void walk_packets(const Metadata& m, const File& file, uint32_t number, uint64_t offset, std::vector<PacketRef>& out, std::vector<Unreadable>& unreadable) {
  uint8_t head[kHeaderBytes];
  std::string why;
  uint64_t lost_from = offset;
  for (uint64_t at = offset; at < file.size();) {
    PacketHeader h;
    const std::string wrong = parse_packet(m, head, file.read(at, head, sizeof head), h);
    if (!wrong.empty()) {
      if (why.empty()) {
        why = wrong;
        lost_from = at;
        // Without a magic number or UUID to look for, nothing tells where the next packet may be.
        if (!m.packet_header) break;
      }
      at = align_up(at + 1, kPage);
      continue;
    }
    if (!why.empty()) {
      unreadable.push_back({lost_from, at - lost_from, why});
      why.clear();
    }
    PacketRef ref{number, at, h.packet_bits / 8, h.begin, h.end, h.sequence.value_or(0), h.content_bits};
    if (!ref.size) ref.size = file.size() - at, ref.content_bits = ref.size * 8;
    out.push_back(ref);
    at += ref.size;
  }
  if (!why.empty()) unreadable.push_back({lost_from, file.size() - lost_from, why, why == kHeaderCut && file.size() - lost_from < kHeaderBytes});
}

bool index_packets(const std::string& stream_path, const File& file, uint32_t number, std::vector<PacketRef>& out) {
  constexpr uint32_t kIndexMagic = 0xC1F1DCC1;
  const size_t slash = stream_path.rfind('/');
  const std::string path = stream_path.substr(0, slash + 1) + "index/" + stream_path.substr(slash + 1) + ".idx";
  if (::access(path.c_str(), R_OK)) return false;
  const File index(path);
  uint8_t head[16];
  if (index.read(0, head, sizeof head) < sizeof head) return false;
  const auto be32 = [&](const uint8_t* p) { return static_cast<uint32_t>(read_bytes(p, 32, true)); };
  const uint32_t length = be32(head + 12);
  if (be32(head) != kIndexMagic || be32(head + 4) != 1 || length < 56 || length > 4096 || (index.size() - 16) % length) return false;
  const uint64_t count = (index.size() - 16) / length;
  if (count > file.size() / 64 + 1) return false;
  std::vector<uint8_t> bytes(count * length);
  if (index.read(16, bytes.data(), bytes.size()) < bytes.size()) return false;
  std::vector<PacketRef> refs;
  refs.reserve(count);
  uint64_t at = 0;
  for (uint64_t k = 0; k < count; k++) {
    const uint8_t* e = bytes.data() + k * length;
    const auto word = [&](unsigned i) { return read_bytes(e + 8 * i, 64, true); };
    PacketRef ref{number, word(0), word(1) / 8, word(3), word(4), length >= 72 ? word(8) : 0, word(2)};
    if (ref.offset != at || !ref.size || ref.size > file.size() - at || ref.content_bits > ref.size * 8 || (ref.end && ref.end < ref.begin)) return false;
    at += ref.size;
    refs.push_back(ref);
  }
  if (at != file.size()) return false;
  out.insert(out.end(), refs.begin(), refs.end());
  return true;
}

}  // namespace ctf
