// Reading integers out of packet bytes: any bit offset and size, both byte orders (CTF 1.8, section 4.1.5).
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace ctf {

template <typename T>
inline T load(const uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

/// An integer of 8, 16, 32 or 64 bits at a byte, zero extended.
inline uint64_t read_bytes(const uint8_t* p, unsigned size, bool big) {
  static_assert(std::endian::native == std::endian::little, "boxtop reads traces on little-endian machines");
  switch (size) {
    case 8: return *p;
    case 16: return big ? __builtin_bswap16(load<uint16_t>(p)) : load<uint16_t>(p);
    case 32: return big ? __builtin_bswap32(load<uint32_t>(p)) : load<uint32_t>(p);
    default: return big ? __builtin_bswap64(load<uint64_t>(p)) : load<uint64_t>(p);
  }
}

/// An integer of 1 to 64 bits at bit `pos`, zero extended. Little-endian fields fill bytes from their low bits on,
/// big-endian ones from their high bits on.
inline uint64_t read_bits(const uint8_t* data, uint64_t pos, unsigned size, bool big) {
  uint64_t v = 0;
  for (unsigned got = 0; got < size;) {
    const unsigned bit = static_cast<unsigned>((pos + got) & 7);
    const unsigned take = size - got < 8 - bit ? size - got : 8 - bit;
    const uint8_t byte = data[(pos + got) >> 3];
    if (big) {
      v = v << take | ((byte >> (8 - bit - take)) & ((1u << take) - 1));
    } else {
      v |= uint64_t((byte >> bit) & ((1u << take) - 1)) << got;
    }
    got += take;
  }
  return v;
}

inline uint64_t sign_extend(uint64_t v, unsigned size) {
  return size == 64 ? v : static_cast<uint64_t>(static_cast<int64_t>(v << (64 - size)) >> (64 - size));
}

/// A clock field of `size` bits carries the clock's low bits: it moved on to the next value that ends in them, which may
/// be one wrap later (CTF 1.8, section 8).
inline void advance_clock(uint64_t& clock, uint64_t v, unsigned size) {
  if (size >= 64) {
    clock = v;
    return;
  }
  const uint64_t mask = (uint64_t(1) << size) - 1;
  if (v < (clock & mask)) clock += mask + 1;
  clock = (clock & ~mask) | v;
}

inline uint64_t align_up(uint64_t pos, uint64_t align) { return (pos + align - 1) & ~(align - 1); }

}  // namespace ctf
