// A block of projected events as columns, and what a subscription asks for. `native/types.ts` documents both for users.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctf {

enum class ColumnType : uint8_t { I32, F64, U64, String, List };

/// Bytes of one cell.
inline size_t cell_size(ColumnType t) { return t == ColumnType::F64 || t == ColumnType::U64 ? 8 : 4; }

struct ColumnSpec {
  std::string name;
  ColumnType type;
};

struct Selection {
  std::vector<std::string> events;  // exact, or a prefix with `*`
  std::vector<uint32_t> columns;    // indices into Subscription::columns
};

struct Subscription {
  std::vector<ColumnSpec> columns;
  std::vector<Selection> selections;
};

/// Distinct strings; ids count from 1. They stay from one batch of a slot to the next until they are many, so that who
/// reads what recurs makes it once.
class StringTable {
 public:
  StringTable() : slots_(1024) {}
  /// A new batch begins. Where ids begin anew, `generation` is another.
  void begin();
  uint32_t intern(const uint8_t* text, size_t length);
  std::string_view get(uint32_t id) const;  // empty view with null data where there is none
  size_t size() const { return ends_.size(); }
  /// Bytes that this batch has added.
  size_t added() const { return bytes_.size() - kept_; }
  uint32_t generation() const { return generation_; }

  static constexpr size_t kMaxKept = 1 << 16;

 private:
  void grow();
  size_t kept_ = 0;
  uint32_t generation_ = 0;
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> ends_, hashes_, slots_;  // slots_: id or 0, open addressing
};

/// Something lost, see `Loss` of native/types.ts.
struct Loss {
  enum Kind : uint8_t { DiscardedEvents, LostPackets, TruncatedPacket, CorruptPacket } kind;
  uint32_t stream;
  bool counted;
  uint64_t count;
  int64_t begin, end;  // ns since the epoch
  uint32_t row;
  std::string message;
};

/// Rows are filled by the decoder into memory that its owner gave: `time`, `event`, `stream`, `cpu` and `cells`, one
/// array a column of the subscription, each of `capacity` cells.
struct Batch {
  uint32_t capacity = 0, length = 0;
  double* time = nullptr;
  uint16_t* event = nullptr;
  uint16_t* stream = nullptr;
  int16_t* cpu = nullptr;
  std::vector<void*> cells;
  StringTable strings, lists;
  std::vector<Loss> losses;
  int64_t watermark = 0;  // ns since the epoch

  void clear();
  uint32_t intern(std::span<const double> list);
  /// A view with null data where there is none.
  std::span<const double> list(uint32_t id) const;
  /// Strings and lists are bounded too: a batch of huge ones ends early.
  bool full() const { return length >= capacity || strings.added() > kMaxAdded || lists.added() > kMaxAdded; }

  static constexpr size_t kMaxAdded = 1 << 20;
};

}  // namespace ctf
