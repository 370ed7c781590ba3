// What is done to decode one event: a short list of instructions, compiled once for each event class from its declared
// types and the subscribed fields. Everything that nobody wants is stepped over, in one instruction where its size is
// known. Positions are in bits from the data's beginning.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ctf/columns.h"
#include "ctf/types.h"

namespace ctf {

enum class Op : uint8_t {
  Need,        // fail unless `a` bits are there
  Advance,     // pos += a (Need came before)
  Align,       // pos up to a multiple of a
  Copy32,      // 32-bit little-endian integer at pos+a → i32 cell of `column`
  Copy64,      // 64-bit little-endian integer at pos+a → u64 cell of `column`
  Integer,     // integer of `size` bits at the byte at pos+a → cell
  Bits,        // the same, at any bit
  Float,       // 32 or 64 bits at pos+a → cell
  IntegerToRegister, BitsToRegister,
  Clock,       // integer at pos+a moves the clock
  EventId,     // integer at pos+a is the event's id
  Text,        // array of b characters at pos+a → string cell
  TextSequence,// register[reg] characters from pos → string cell, and past them
  String,      // NUL-terminated from pos → string cell where column is given, and past it
  ListOfOne,   // integer of `size` bits at pos+a, at any bit → list cell
  List,        // b integers of `size` bits from pos → list cell, and past them
  ListSequence,// the same, register[reg] of them
  SkipSequence,// past register[reg] elements of a bits, stride b
  Loop,        // program `a` b times
  LoopSequence,// program `a` register[reg] times
  Switch,      // one of the programs of switches[a] by register[reg]
  Missing,     // "no such field" into the cell of `column`
};

constexpr uint16_t kNoColumn = 0xFFFF;
constexpr unsigned kRegisters = 64;

struct Instruction {
  Op op;
  uint8_t size = 0;
  bool is_signed = false, big = false;
  ColumnType type = ColumnType::I32;
  uint8_t reg = 0;
  uint16_t column = kNoColumn;
  uint64_t a = 0, b = 0;
};

struct Case {
  uint64_t low, high;
  uint32_t block;
};

struct SwitchTable {
  bool is_signed;
  std::vector<Case> cases;
};

/// Blocks of instructions; block 0 is the whole, the others are bodies of loops and cases.
struct Program {
  std::vector<std::vector<Instruction>> blocks{1};
  std::vector<SwitchTable> switches;
  /// Where the whole is one step of a known size: its bits.
  bool is_fixed = false;
  uint64_t fixed_bits = 0;
};

/// A subscribed field: its path as users write it, and where it goes.
struct Wanted {
  std::string path;
  uint16_t column;
  ColumnType type;
};

/// A root of names: `event.fields` and so on, with the prefix that users write before its fields (`ctx.` or nothing).
struct Root {
  std::string scope;
  std::string prefix;
  TypePtr type;
};

enum class Purpose { Event, Header };

/// Fields of the packet's header and context that lengths and tags of its events refer to (`stream.packet.context.n`).
/// All programs of a stream class share them: their registers count down from the last, and are loaded for each packet.
struct Externals {
  std::vector<Root> roots;
  std::vector<std::string> paths;  // paths[i] is in register kRegisters - 1 - i
};

/// Compiles the roots, which follow each other in the trace. Purpose::Header makes Clock and EventId instructions.
/// `at_byte`: they begin at a whole byte. `externals` grows by what they refer to.
/// Throws Error where a length or tag cannot be resolved, or the types are absurdly large.
Program compile(const std::vector<Root>& roots, const std::vector<Wanted>& wanted, ByteOrder native, Purpose purpose,
                bool at_byte, Externals& externals);

/// Fields of a root as users write them, in order: nested structs with dots, variants by option.
std::vector<std::string> field_paths(const Root& root);

enum class Status : uint8_t {
  Ok,
  NeedMore,  // the data end before the event does
  Corrupt,   // no data can make this an event
};

/// Where the decoder stands. `data` has `end` bits.
struct Cursor {
  const uint8_t* data = nullptr;
  uint64_t pos = 0, end = 0;
  uint64_t clock = 0;  // cycles
  uint64_t id = 0;     // Header: the event's id
  uint64_t registers[kRegisters];
};

/// Sets the registers of `externals` from the bytes of a packet's header and context.
void load_externals(const Externals& externals, const std::vector<uint8_t>& packet_head, ByteOrder native, Cursor& cursor);

/// Runs a program at the cursor, into `row` of `batch` (may be null for programs without columns).
/// On NeedMore the cursor's position is undefined: restore it, bring more data, run again.
Status run(const Program& program, Cursor& cursor, Batch* batch, uint32_t row);

}  // namespace ctf
