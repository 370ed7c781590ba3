// Declared types of CTF 1.8 (Common Trace Format, version 1.8.3, section 4), as the TSDL parser builds them.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ctf {

enum class Kind : uint8_t { Integer, Float, Enum, String, Array, Sequence, Struct, Variant };
enum class ByteOrder : uint8_t { Native, Little, Big };

struct Type;
using TypePtr = std::shared_ptr<const Type>;

/// Bits of a type where they do not depend on the data, counted from its own alignment.
struct FixedSize {
  bool known = false;
  uint64_t bits = 0;
};

struct Field {
  std::string name;  // as written, with LTTng's leading `_`
  TypePtr type;
};

/// One label of an enumeration; the bounds are compared in the signedness of the container.
struct EnumRange {
  std::string label;
  uint64_t low = 0, high = 0;
};

struct Type {
  Kind kind = Kind::Integer;
  uint32_t align = 1;  // bits, a power of two

  // Integer, Float; Enum copies those of its container.
  uint32_t size = 0;  // bits
  bool is_signed = false;
  bool is_text = false;  // encoding UTF8 or ASCII
  bool maps_clock = false;
  uint8_t base = 10;
  ByteOrder order = ByteOrder::Native;

  std::vector<EnumRange> ranges;  // Enum
  TypePtr element;                // Array, Sequence
  uint64_t length = 0;            // Array
  std::string reference;          // Sequence: path of its length; Variant: path of its tag
  std::vector<Field> fields;      // Struct: fields; Variant: options

  FixedSize fixed;  // set by `seal`
};

/// Works out `fixed` once everything else is set (once for each type: declarations that share types can multiply).
/// False: larger than kMaxFixed.
bool seal(Type& type);


/// `_name` as users know it: LTTng writes a `_` before every field name (CTF 1.8, section 4.2).
inline std::string display_name(const std::string& name) {
  return !name.empty() && name[0] == '_' ? name.substr(1) : name;
}

constexpr uint32_t kMaxAlign = 4096;        // bits
constexpr uint64_t kMaxArray = 1ull << 24;  // elements of a fixed array
constexpr uint64_t kMaxFixed = 1ull << 36;  // bits of one declared field
constexpr unsigned kMaxDepth = 32;          // nesting of types

}  // namespace ctf
