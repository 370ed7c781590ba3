#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "ctf/bits.h"
#include "ctf/error.h"
#include "ctf/program.h"
#include "ctf/value.h"

namespace ctf {

namespace {

constexpr size_t kMaxSteps = 50000;

bool byte_sized(uint32_t size) { return size == 8 || size == 16 || size == 32 || size == 64; }

class Compiler {
 public:
  Compiler(const std::vector<Root>& roots, const std::vector<Wanted>& wanted, ByteOrder native, Purpose purpose, bool at_byte, Externals& externals)
      : roots_(roots), native_(native), purpose_(purpose), at_byte_(at_byte), externals_(externals) {
    for (const Wanted& w : wanted) wanted_[w.path] = &w;
  }

  Program compile() {
    // Twice: the first pass finds out which integers later lengths and tags refer to.
    pass();
    collecting_ = false;
    pass();
    std::vector<Instruction> missing;
    for (const auto& [path, w] : wanted_)
      if (!always_.count(path)) missing.push_back({.op = Op::Missing, .type = w->type, .column = w->column});
    auto& main = program_.blocks[0];
    program_.is_fixed = missing.empty() && (main.empty() || (main.size() == 2 && main[0].op == Op::Need && main[1].op == Op::Advance));
    program_.fixed_bits = main.empty() ? 0 : main[0].a;
    main.insert(main.begin(), missing.begin(), missing.end());
    return std::move(program_);
  }

 private:
  /// One block under construction: instructions of the current stretch of known size read at pos+offset.
  struct Block {
    std::vector<Instruction> code;
    uint64_t offset = 0;
    uint64_t aligned = 8;  // pos is known to be a multiple of this
    size_t need = 0;
  };

  void pass() {
    program_ = {};
    declared_.clear();
    always_.clear();
    conditional_ = 0;
    count_ = 0;
    next_register_ = 0;
    registers_.clear();
    Block block;
    block.aligned = at_byte_ ? 8 : 1;
    begin_stretch(block);
    for (const Root& root : roots_)
      if (root.type) {
        scopes_ = {root.scope};
        structure(block, *root.type, root.scope, root.prefix);
      }
    flush(block);
    block.code.pop_back();  // the empty stretch that flush began
    program_.blocks[0] = std::move(block.code);
  }

  void begin_stretch(Block& b) {
    b.need = b.code.size();
    b.code.push_back({.op = Op::Need});
  }

  /// Ends the stretch: what was read in it has been checked by its Need.
  void flush(Block& b) {
    if (b.offset) {
      b.code[b.need].a = b.offset;
      emit(b, {.op = Op::Advance, .a = b.offset});
      b.aligned = std::min<uint64_t>(b.aligned, b.offset & -b.offset);
      b.offset = 0;
    } else if (b.code.size() == b.need + 1) {
      b.code.pop_back();
    }
    begin_stretch(b);
  }

  /// Shared declarations can multiply: a few lines of metadata may mean 2^32 fields.
  void count() {
    if (++count_ > kMaxSteps) throw Error("the declared fields are too many to decode");
  }

  void emit(Block& b, Instruction i) {
    count();
    b.code.push_back(i);
  }

  void align(Block& b, uint32_t alignment) {
    if (alignment <= b.aligned) {
      b.offset = align_up(b.offset, alignment);
      return;
    }
    flush(b);
    b.code.pop_back();
    emit(b, {.op = Op::Align, .a = alignment});
    b.aligned = alignment;
    begin_stretch(b);
  }

  void advance(Block& b, uint64_t bits) {
    if (bits > (1ull << 40) || b.offset > (1ull << 40)) throw Error("the declared fields are too large");
    b.offset += bits;
  }

  const Wanted* wanted(const std::string& shown) {
    auto it = wanted_.find(shown);
    return it == wanted_.end() ? nullptr : it->second;
  }

  void got(const std::string& shown) {
    if (!conditional_) always_.insert(shown);
  }

  /// Whether anything below needs instructions of its own, so that the whole cannot be stepped over at once.
  bool interesting(const Type& t, const std::string& path, const std::string& shown) {
    if (purpose_ == Purpose::Header) return true;
    const auto below = [](const auto& names, const std::string& p) {
      auto it = names.lower_bound(p);
      return it != names.end() && it->first.compare(0, p.size(), p) == 0;
    };
    if (t.kind == Kind::Struct || t.kind == Kind::Variant) return below(wanted_, shown + ".") || below(references_, path + ".");
    return wanted_.count(shown) || references_.count(path);
  }

  void field(Block& b, const Type& t, const std::string& path, const std::string& shown) {
    count();
    declared_.insert(path);
    if (t.fixed.known && !collecting_ && !interesting(t, path, shown)) {
      align(b, t.align);
      advance(b, t.fixed.bits);
      return;
    }
    switch (t.kind) {
      case Kind::Integer:
      case Kind::Enum:
      case Kind::Float: scalar(b, t, path, shown); break;
      case Kind::String: string(b, shown); break;
      case Kind::Array:
      case Kind::Sequence: array(b, t, path, shown); break;
      case Kind::Struct: structure(b, t, path, shown.empty() ? shown : shown + "."); break;
      case Kind::Variant: variant(b, t, path, shown); break;
    }
  }

  /// `prefix`: what users write before the names of its fields.
  void structure(Block& b, const Type& t, const std::string& path, const std::string& prefix) {
    align(b, t.align);
    scopes_.push_back(path);
    for (const Field& f : t.fields) field(b, *f.type, path + "." + f.name, prefix + display_name(f.name));
    scopes_.pop_back();
  }

  bool big(const Type& t) const { return (t.order == ByteOrder::Native ? native_ : t.order) == ByteOrder::Big; }

  void scalar(Block& b, const Type& t, const std::string& path, const std::string& shown) {
    align(b, t.align);
    const bool whole = b.aligned >= 8 && b.offset % 8 == 0 && byte_sized(t.size);
    Instruction i{.op = Op::Integer, .size = static_cast<uint8_t>(t.size), .is_signed = t.is_signed, .big = big(t), .a = b.offset};
    if (purpose_ == Purpose::Header) {
      const size_t dot = path.rfind('.');
      i.op = t.maps_clock ? Op::Clock : Op::EventId;
      if (t.maps_clock || path.compare(dot + 1, std::string::npos, "id") == 0) emit(b, i);
    }
    if (references_.count(path) && t.kind != Kind::Float) {
      i.op = whole ? Op::IntegerToRegister : Op::BitsToRegister;
      i.reg = registers_.try_emplace(path, next_register_).first->second;
      if (i.reg == next_register_ && ++next_register_ + externals_.paths.size() > kRegisters) throw Error("more than 64 lengths and tags in one event");
      emit(b, i);
    }
    if (const Wanted* w = wanted(shown)) {
      i.column = w->column;
      i.type = w->type;
      const bool number = w->type == ColumnType::I32 || w->type == ColumnType::F64 || w->type == ColumnType::U64;
      if (t.kind == Kind::Float) i.op = Op::Float;
      else if (whole && t.size == 32 && !i.big && w->type == ColumnType::I32) i.op = Op::Copy32;
      else if (whole && t.size == 64 && !i.big && w->type == ColumnType::U64) i.op = Op::Copy64;
      else i.op = whole ? Op::Integer : Op::Bits;
      if (number && (t.kind != Kind::Float || w->type == ColumnType::F64)) {
        emit(b, i);
        got(shown);
      } else if (w->type == ColumnType::List && t.kind != Kind::Float) {
        i.op = Op::ListOfOne;
        emit(b, i);
        got(shown);
      }
    }
    advance(b, t.size);
  }

  void string(Block& b, const std::string& shown) {
    align(b, 8);
    flush(b);
    b.code.pop_back();
    Instruction i{.op = Op::String};
    if (const Wanted* w = wanted(shown); w && w->type == ColumnType::String) {
      i.column = w->column;
      got(shown);
    }
    emit(b, i);
    b.aligned = 8;
    begin_stretch(b);
  }

  void array(Block& b, const Type& t, const std::string& path, const std::string& shown) {
    const Type& e = *t.element;
    const FixedSize size = e.fixed;
    align(b, t.align);
    const Wanted* w = wanted(shown);
    const bool characters = e.kind == Kind::Integer && e.is_text && e.size == 8 && b.aligned >= 8 && e.align == 8;
    const bool text = w && w->type == ColumnType::String && characters;
    const bool list = w && w->type == ColumnType::List && (e.kind == Kind::Integer || e.kind == Kind::Enum) && byte_sized(e.size) &&
                      e.align % 8 == 0 && e.align <= e.size && !characters;
    Instruction i{.op = Op::Text, .size = static_cast<uint8_t>(e.size), .is_signed = e.is_signed, .big = big(e), .column = w ? w->column : kNoColumn, .a = b.offset, .b = t.length};
    if (text || list) got(shown);
    if (t.kind == Kind::Array && text) {
      emit(b, i);
      advance(b, 8 * t.length);
      return;
    }
    // What follows runs from pos itself, and moves it.
    flush(b);
    b.code.pop_back();
    if (t.kind == Kind::Sequence) i.reg = length_register(t, path);
    if (text) {
      i.op = Op::TextSequence;
    } else if (list) {
      i.op = t.kind == Kind::Array ? Op::List : Op::ListSequence;
    } else if (size.known && t.kind == Kind::Sequence) {
      i.op = Op::SkipSequence;
      i.a = size.bits;
      i.b = align_up(size.bits, e.align);
    } else {
      i.op = t.kind == Kind::Array ? Op::Loop : Op::LoopSequence;
      i.a = body(e, path + "[]", shown + "[]");
    }
    emit(b, i);
    const bool bytes = i.op != Op::Loop && i.op != Op::LoopSequence && size.bits % 8 == 0 && e.align % 8 == 0;
    b.aligned = bytes ? 8 : 1;
    begin_stretch(b);
  }

  /// A block of its own for something that is decoded none, one or many times.
  uint32_t body(const Type& t, const std::string& path, const std::string& shown) {
    const uint32_t index = static_cast<uint32_t>(program_.blocks.size());
    program_.blocks.emplace_back();
    Block inner;
    inner.aligned = 1;
    begin_stretch(inner);
    conditional_++;
    field(inner, t, path, shown);
    conditional_--;
    flush(inner);
    inner.code.pop_back();
    program_.blocks[index] = std::move(inner.code);
    return index;
  }

  void variant(Block& b, const Type& t, const std::string& path, const std::string& shown) {
    const Type* tag = nullptr;
    Instruction i{.op = Op::Switch};
    const std::string target = resolve(t.reference, path, "tag of the variant");
    i.reg = reference_register(target);
    tag = find(target);
    if (!tag || tag->kind != Kind::Enum) throw Error("the tag '" + t.reference + "' of a variant is not an enum");
    flush(b);
    b.code.pop_back();
    SwitchTable table{tag->is_signed, {}};
    for (const Field& option : t.fields) {
      const uint32_t block = body(*option.type, path + "." + option.name, shown + "." + display_name(option.name));
      for (const EnumRange& r : tag->ranges)
        if (r.label == option.name || "_" + r.label == option.name) table.cases.push_back({r.low, r.high, block});
    }
    i.a = program_.switches.size();
    program_.switches.push_back(std::move(table));
    emit(b, i);
    b.aligned = 1;
    begin_stretch(b);
  }

  uint8_t length_register(const Type& t, const std::string& path) {
    return reference_register(resolve(t.reference, path, "length of the sequence"));
  }

  uint8_t reference_register(const std::string& target) {
    if (external(target)) {
      auto& paths = externals_.paths;
      const auto known = std::find(paths.begin(), paths.end(), target);
      const size_t index = static_cast<size_t>(known - paths.begin());
      if (known == paths.end()) paths.push_back(target);
      if (index + next_register_ >= kRegisters) throw Error("more than 64 lengths and tags in one event");
      return static_cast<uint8_t>(kRegisters - 1 - index);
    }
    references_[target] = true;
    if (collecting_) return 0;
    auto it = registers_.find(target);
    if (it == registers_.end()) throw Error("the field '" + target + "' that gives a length or tag is not an integer");
    return it->second;
  }

  /// Full path of the field that `reference` means at `path`: absolute, or in the nearest enclosing scope (CTF 1.8, section 7.3.2).
  std::string resolve(const std::string& reference, const std::string& path, const char* what) {
    if (reference.empty()) throw Error(std::string("the ") + what + " '" + path + "' is not given");
    if (declared_.count(reference) || external(reference)) return reference;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      if (const std::string full = *scope + "." + reference; declared_.count(full)) return full;
    throw Error("the " + std::string(what) + " '" + path + "', '" + reference + "', is not declared before it");
  }

  bool external(const std::string& full) {
    const Type* t = find(full, externals_.roots);
    return t && (t->kind == Kind::Integer || t->kind == Kind::Enum);
  }

  const Type* find(const std::string& full) {
    const Type* t = find(full, roots_);
    return t ? t : find(full, externals_.roots);
  }

  /// The type of a declared field, by walking down from its root.
  static const Type* find(const std::string& full, const std::vector<Root>& roots) {
    for (const Root& root : roots) {
      if (!root.type || full.compare(0, root.scope.size() + 1, root.scope + ".")) continue;
      const Type* t = root.type.get();
      for (size_t at = root.scope.size() + 1; t && at <= full.size();) {
        const size_t dot = std::min(full.find('.', at), full.size());
        std::string name = full.substr(at, dot - at);
        at = dot + 1;
        size_t elements = 0;
        for (; name.size() > 2 && name.ends_with("[]"); elements++) name.resize(name.size() - 2);
        const Type* next = nullptr;
        for (const Field& f : t->fields)
          if (f.name == name) next = f.type.get();
        for (; next && elements; elements--) next = next->element.get();
        t = next;
      }
      if (t) return t;
    }
    return nullptr;
  }

  const std::vector<Root>& roots_;
  ByteOrder native_;
  Purpose purpose_;
  bool at_byte_;
  Externals& externals_;
  std::map<std::string, const Wanted*> wanted_;
  std::map<std::string, bool> references_;  // full paths that lengths and tags refer to
  std::map<std::string, uint8_t> registers_;
  std::set<std::string> declared_, always_;
  std::vector<std::string> scopes_;
  Program program_;
  bool collecting_ = true;
  int conditional_ = 0;
  size_t count_ = 0;
  uint8_t next_register_ = 0;
};

void list_paths(const Type& t, const std::string& prefix, size_t& budget, std::vector<std::string>& out) {
  for (const Field& f : t.fields) {
    if (!budget || !--budget) return;
    const std::string shown = prefix + display_name(f.name);
    if (f.type->kind == Kind::Struct || f.type->kind == Kind::Variant) list_paths(*f.type, shown + ".", budget, out);
    else out.push_back(shown);
  }
}
}  // namespace

void load_externals(const Externals& externals, const std::vector<uint8_t>& packet_head, ByteOrder native, Cursor& cursor) {
  if (externals.paths.empty()) return;
  ValueReader reader(packet_head.data(), 0, packet_head.size() * 8, native);
  std::vector<Value> values(externals.roots.size());
  for (size_t r = 0; r < values.size(); r++)
    if (!reader.read(externals.roots[r].type, externals.roots[r].scope, values[r])) return;
  for (size_t i = 0; i < externals.paths.size(); i++) {
    const Value* v = reader.resolve(externals.paths[i]);
    cursor.registers[kRegisters - 1 - i] = v ? v->number : 0;
  }
}

Program compile(const std::vector<Root>& roots, const std::vector<Wanted>& wanted, ByteOrder native, Purpose purpose, bool at_byte, Externals& externals) {
  return Compiler(roots, wanted, native, purpose, at_byte, externals).compile();
}

std::vector<std::string> field_paths(const Root& root) {
  std::vector<std::string> out;
  size_t budget = 10000;
  if (root.type) list_paths(*root.type, root.prefix, budget, out);
  return out;
}

}  // namespace ctf
