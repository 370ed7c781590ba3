#include <array>

#include "ctf/error.h"
#include "ctf/metadata.h"

namespace ctf {

namespace {

constexpr uint32_t kMagic = 0x75D11D57;
constexpr size_t kHeader = 37;  // magic, uuid, checksum, content_size, packet_size, compression, encryption, scheme, major, minor

uint32_t u32(std::string_view b, size_t at, bool big) {
  uint32_t v = 0;
  for (int i = 0; i < 4; i++) v |= uint32_t(uint8_t(b[at + i])) << (big ? 24 - 8 * i : 8 * i);
  return v;
}

}  // namespace

std::string metadata_text(std::string_view b, const std::string& name) {
  if (b.size() < 4) {
    if (b.empty()) throw Error(name + ": the metadata file is empty");
    return std::string(b);
  }
  const bool little = u32(b, 0, false) == kMagic, big = u32(b, 0, true) == kMagic;
  if (!little && !big) return std::string(b);
  std::string text;
  text.reserve(b.size());
  for (size_t at = 0; at < b.size();) {
    const auto fail = [&](const std::string& what) {
      throw Error(name + ": metadata packet at byte " + std::to_string(at) + ": " + what);
    };
    if (b.size() - at < kHeader) fail("cut short: " + std::to_string(b.size() - at) + " bytes are left for a header of 37");
    if (u32(b, at, big) != kMagic) fail("the magic number 0x75D11D57 is missing");
    const uint32_t content = u32(b, at + 24, big), packet = u32(b, at + 28, big);
    if (b[at + 32] || b[at + 33]) fail("compressed or encrypted metadata cannot be read");
    if (b[at + 35] != 1) fail("format version " + std::to_string(uint8_t(b[at + 35])) + " is not CTF 1.8 (LTTng 2.15 and newer: create the session with --trace-format=ctf-1.8)");
    if (content % 8 || packet % 8 || content / 8 < kHeader || packet < content) fail("impossible content size or packet size");
    if (content / 8 > b.size() - at) fail("cut short: " + std::to_string(content / 8) + " bytes declared, " + std::to_string(b.size() - at) + " in the file");
    text.append(b.substr(at + kHeader, content / 8 - kHeader));
    at += std::min<size_t>(packet / 8, b.size() - at);
  }
  return text;
}

}  // namespace ctf
