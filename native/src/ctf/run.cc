#include <limits>
#include <span>

#include "ctf/bits.h"
#include "ctf/program.h"

namespace ctf {

namespace {

template <typename T>
inline void put(Batch* batch, uint16_t column, uint32_t row, T value) {
  static_cast<T*>(batch->cells[column])[row] = value;
}

inline void put_integer(Batch* batch, const Instruction& i, uint32_t row, uint64_t v) {
  switch (i.type) {
    case ColumnType::I32: put<int32_t>(batch, i.column, row, static_cast<int32_t>(v)); break;
    case ColumnType::F64: put<double>(batch, i.column, row, i.is_signed ? static_cast<double>(static_cast<int64_t>(v)) : static_cast<double>(v)); break;
    default: put<uint64_t>(batch, i.column, row, v);
  }
}

inline uint64_t integer(const Instruction& i, const uint8_t* data, uint64_t pos) {
  const uint64_t v = read_bytes(data + (pos >> 3), i.size, i.big);
  return i.is_signed ? sign_extend(v, i.size) : v;
}

inline uint64_t bits(const Instruction& i, const uint8_t* data, uint64_t pos) {
  const uint64_t v = read_bits(data, pos, i.size, i.big);
  return i.is_signed ? sign_extend(v, i.size) : v;
}

void missing(Batch* batch, const Instruction& i, uint32_t row) {
  switch (i.type) {
    case ColumnType::I32: put<int32_t>(batch, i.column, row, std::numeric_limits<int32_t>::min()); break;
    case ColumnType::F64: put<double>(batch, i.column, row, std::numeric_limits<double>::quiet_NaN()); break;
    case ColumnType::U64: put<uint64_t>(batch, i.column, row, ~uint64_t(0)); break;
    default: put<uint32_t>(batch, i.column, row, 0);
  }
}

/// Characters up to the first NUL.
void text(Batch* batch, const Instruction& i, uint32_t row, const uint8_t* p, uint64_t length) {
  const void* nul = std::memchr(p, 0, length);
  if (nul) length = static_cast<uint64_t>(static_cast<const uint8_t*>(nul) - p);
  put<uint32_t>(batch, i.column, row, batch->strings.intern(p, length));
}

double list_value(const Instruction& i, uint64_t v) { return i.is_signed ? static_cast<double>(static_cast<int64_t>(v)) : static_cast<double>(v); }

[[gnu::noinline]] void list(Batch* batch, const Instruction& i, uint32_t row, const uint8_t* data, uint64_t pos, uint64_t count) {
  constexpr uint64_t kMost = 4096;  // what an analyzer may want of an array; the rest is stepped over
  const uint64_t kept = count < kMost ? count : kMost;
  double values[kMost];
  for (uint64_t k = 0; k < kept; k++) values[k] = list_value(i, integer(i, data, pos + k * i.size));
  put<uint32_t>(batch, i.column, row, batch->intern({values, kept}));
}

Status run_block(const Program& program, uint32_t block, Cursor& c, Batch* batch, uint32_t row) {
  for (const Instruction& i : program.blocks[block]) {
    switch (i.op) {
      case Op::Need:
        if (c.end - c.pos < i.a) return Status::NeedMore;
        break;
      case Op::Advance: c.pos += i.a; break;
      case Op::Align:
        c.pos = align_up(c.pos, i.a);
        if (c.pos > c.end) return Status::NeedMore;
        break;
      case Op::Copy32: put<uint32_t>(batch, i.column, row, load<uint32_t>(c.data + ((c.pos + i.a) >> 3))); break;
      case Op::Copy64: put<uint64_t>(batch, i.column, row, load<uint64_t>(c.data + ((c.pos + i.a) >> 3))); break;
      case Op::Integer: put_integer(batch, i, row, integer(i, c.data, c.pos + i.a)); break;
      case Op::Bits: put_integer(batch, i, row, bits(i, c.data, c.pos + i.a)); break;
      case Op::Float: {
        const uint64_t v = read_bits(c.data, c.pos + i.a, i.size, i.big);
        put<double>(batch, i.column, row, i.size == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(v))) : std::bit_cast<double>(v));
        break;
      }
      case Op::IntegerToRegister: c.registers[i.reg] = integer(i, c.data, c.pos + i.a); break;
      case Op::BitsToRegister: c.registers[i.reg] = bits(i, c.data, c.pos + i.a); break;
      case Op::Clock: advance_clock(c.clock, read_bits(c.data, c.pos + i.a, i.size, i.big), i.size); break;
      case Op::EventId: c.id = read_bits(c.data, c.pos + i.a, i.size, i.big); break;
      case Op::Text: text(batch, i, row, c.data + ((c.pos + i.a) >> 3), i.b); break;
      case Op::TextSequence: {
        const uint64_t n = c.registers[i.reg];
        if (n > (c.end - c.pos) / 8) return Status::NeedMore;
        text(batch, i, row, c.data + (c.pos >> 3), n);
        c.pos += 8 * n;
        break;
      }
      case Op::String: {
        const uint8_t* from = c.data + (c.pos >> 3);
        const void* nul = c.end - c.pos < 8 ? nullptr : std::memchr(from, 0, (c.end - c.pos) >> 3);
        if (!nul) return Status::NeedMore;
        const uint64_t n = static_cast<uint64_t>(static_cast<const uint8_t*>(nul) - from);
        if (i.column != kNoColumn) put<uint32_t>(batch, i.column, row, batch->strings.intern(from, n));
        c.pos += 8 * (n + 1);
        break;
      }
      case Op::ListOfOne: {
        const double value = list_value(i, bits(i, c.data, c.pos + i.a));
        put<uint32_t>(batch, i.column, row, batch->intern({&value, 1}));
        break;
      }
      case Op::List:
      case Op::ListSequence: {
        const uint64_t n = i.op == Op::List ? i.b : c.registers[i.reg];
        if (n > (c.end - c.pos) / i.size) return Status::NeedMore;
        list(batch, i, row, c.data, c.pos, n);
        c.pos += n * i.size;
        break;
      }
      case Op::SkipSequence: {
        const uint64_t n = c.registers[i.reg];
        if (!n || !i.a) break;
        if (n - 1 > (c.end - c.pos) / i.b || (n - 1) * i.b + i.a > c.end - c.pos) return Status::NeedMore;
        c.pos += (n - 1) * i.b + i.a;
        break;
      }
      case Op::Loop:
      case Op::LoopSequence: {
        const uint64_t n = i.op == Op::Loop ? i.b : c.registers[i.reg];
        for (uint64_t k = 0; k < n; k++) {
          const uint64_t before = c.pos;
          if (const Status s = run_block(program, static_cast<uint32_t>(i.a), c, batch, row); s != Status::Ok) return s;
          if (c.pos == before) break;  // elements of no size: there may be 2^64 of them
        }
        break;
      }
      case Op::Switch: {
        const SwitchTable& table = program.switches[i.a];
        const uint64_t v = c.registers[i.reg];
        const Case* found = nullptr;
        for (const Case& k : table.cases) {
          const bool in = table.is_signed ? static_cast<int64_t>(v) >= static_cast<int64_t>(k.low) && static_cast<int64_t>(v) <= static_cast<int64_t>(k.high)
                                          : v >= k.low && v <= k.high;
          if (in) {
            found = &k;
            break;
          }
        }
        if (!found) return Status::Corrupt;
        if (const Status s = run_block(program, found->block, c, batch, row); s != Status::Ok) return s;
        break;
      }
      case Op::Missing: missing(batch, i, row); break;
    }
  }
  return Status::Ok;
}

}  // namespace

Status run(const Program& program, Cursor& cursor, Batch* batch, uint32_t row) { return run_block(program, 0, cursor, batch, row); }

}  // namespace ctf
