#include "ctf/columns.h"

#include <algorithm>

#include "ctf/bits.h"

namespace ctf {

namespace {

/// Multiply-and-fold over eight bytes at a time; only spreads strings over a table that is thrown away with its batch.
uint32_t hash(const uint8_t* p, size_t n) {
  uint64_t h = n * 0x9E3779B97F4A7C15ull;
  while (n >= 8) {
    h = (h ^ load<uint64_t>(p)) * 0xFF51AFD7ED558CCDull;
    h ^= h >> 32;
    p += 8, n -= 8;
  }
  uint64_t tail = 0;
  for (size_t i = 0; i < n; i++) tail |= uint64_t(p[i]) << (8 * i);
  h = (h ^ tail) * 0xC4CEB9FE1A85EC53ull;
  return static_cast<uint32_t>(h ^ (h >> 29));
}

}  // namespace

void StringTable::begin() {
  if (bytes_.size() > kMaxKept) {
    if (slots_.size() > 8192) slots_.resize(1024);
    std::fill(slots_.begin(), slots_.end(), 0);
    bytes_.clear();
    ends_.clear();
    hashes_.clear();
    generation_++;
  }
  kept_ = bytes_.size();
}

std::string_view StringTable::get(uint32_t id) const {
  if (!id || id > ends_.size()) return {};
  const uint32_t from = id == 1 ? 0 : ends_[id - 2];
  // An empty string is not the absence of one.
  return ends_[id - 1] == from ? std::string_view("") : std::string_view(reinterpret_cast<const char*>(bytes_.data()) + from, ends_[id - 1] - from);
}

uint32_t StringTable::intern(const uint8_t* text, size_t length) {
  const uint32_t h = hash(text, length);
  const size_t mask = slots_.size() - 1;
  size_t at = h & mask;
  for (; slots_[at]; at = (at + 1) & mask) {
    if (hashes_[slots_[at] - 1] != h) continue;
    const std::string_view known = get(slots_[at]);
    if (known.size() == length && !std::memcmp(known.data(), text, length)) return slots_[at];
  }
  bytes_.insert(bytes_.end(), text, text + length);
  ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  hashes_.push_back(h);
  const uint32_t id = static_cast<uint32_t>(ends_.size());
  slots_[at] = id;
  if (ends_.size() * 2 > slots_.size()) grow();
  return id;
}

void StringTable::grow() {
  slots_.assign(slots_.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t id = 1; id <= ends_.size(); id++) {
    size_t at = hashes_[id - 1] & mask;
    while (slots_[at]) at = (at + 1) & mask;
    slots_[at] = id;
  }
}

void Batch::clear() {
  length = 0;
  strings.begin();
  lists.begin();
  losses.clear();
}

uint32_t Batch::intern(std::span<const double> list) {
  return lists.intern(reinterpret_cast<const uint8_t*>(list.data()), list.size_bytes());
}

std::span<const double> Batch::list(uint32_t id) const {
  // Each begins at a multiple of its values' size: all are of such values.
  const std::string_view bytes = lists.get(id);
  return {reinterpret_cast<const double*>(bytes.data()), bytes.size() / sizeof(double)};
}

}  // namespace ctf
