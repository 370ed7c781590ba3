#include "ctf/parser.h"

#include <algorithm>

#include "ctf/bits.h"
#include "ctf/error.h"

namespace ctf {

TypePtr TypeScope::find(const std::string& name) const {
  for (const TypeScope* s = this; s; s = s->outer_)
    if (auto it = s->types_.find(name); it != s->types_.end()) return it->second;
  return nullptr;
}

bool seal(Type& t) {
  uint64_t bits = 0;
  switch (t.kind) {
    case Kind::Integer:
    case Kind::Enum:
    case Kind::Float: t.fixed = {true, t.size}; break;
    case Kind::Array:
      if (t.element->fixed.known) {
        if (t.length) bits = align_up(t.element->fixed.bits, t.element->align) * (t.length - 1) + t.element->fixed.bits;
        t.fixed = {true, bits};
      }
      break;
    case Kind::Struct:
      for (const Field& f : t.fields) {
        if (!f.type->fixed.known) return true;
        bits = align_up(bits, f.type->align) + f.type->fixed.bits;
        if (bits > kMaxFixed) return false;
      }
      t.fixed = {true, bits};
      break;
    default: break;
  }
  return t.fixed.bits <= kMaxFixed;
}

TypePtr Parser::sealed(std::shared_ptr<Type> t) {
  if (!seal(*t)) lex_.fail("a field of more than " + std::to_string(kMaxFixed / 8) + " bytes");
  return t;
}

void Parser::statement() {
  if (lex_.accept(";")) return;
  if (declaration(*meta_.root_)) return;
  const std::string word = lex_.identifier();
  if (word == "trace") trace();
  else if (word == "env") env();
  else if (word == "clock") clock();
  else if (word == "stream") stream();
  else if (word == "event") event();
  else skip_block();  // callsite, and what later versions may add
  lex_.expect(";");
}

/// Entries of a `{ … }` block: `key := type;` go to `typed`, `key = value;` to `valued`; what neither knows is stepped over.
void Parser::block(TypeScope& scope, const Entry& typed, const Entry& valued) {
  lex_.expect("{");
  while (!lex_.accept("}")) {
    if (declaration(scope)) continue;
    const std::string key = path();
    if (lex_.accept(":=")) {
      if (!typed(key)) type(scope);
    } else {
      lex_.expect("=");
      if (!valued(key)) skip_value();
    }
    lex_.expect(";");
  }
}

void Parser::skip_block() {
  while (!lex_.is("{") && !lex_.is(";")) {
    if (lex_.token == Token::End) lex_.fail("a block was expected instead of the end");
    lex_.next();
  }
  if (lex_.is(";")) return;
  for (size_t open = 0;;) {
    if (lex_.token == Token::End) lex_.fail("the block does not end");
    if (lex_.is("{")) open++;
    if (lex_.is("}") && --open == 0) break;
    lex_.next();
  }
  lex_.next();
}

void Parser::skip_value() {
  while (!lex_.is(";") && !lex_.is("}")) {
    if (lex_.token == Token::End) lex_.fail("a value was expected instead of the end");
    lex_.next();
  }
}

void Parser::trace() {
  TypeScope scope(meta_.root_.get());
  ByteOrder byte_order = meta_.byte_order;
  std::string uuid = meta_.uuid;
  TypePtr header = meta_.packet_header;
  block(
      scope,
      [&](const std::string& key) {
        if (key != "packet.header") return false;
        header = type(scope);
        return true;
      },
      [&](const std::string& key) {
        if (key == "byte_order") {
          byte_order = order();
          if (byte_order == ByteOrder::Native) lex_.fail("the trace's byte_order cannot be native");
        } else if (key == "uuid") {
          uuid = word_or_string();
          std::transform(uuid.begin(), uuid.end(), uuid.begin(), [](unsigned char c) { return std::tolower(c); });
        } else if (key == "major") {
          if (const uint64_t major = unsigned_number(); major != 1)
            lex_.fail("major version " + std::to_string(major) + " is not CTF 1.8");
        } else {
          return false;
        }
        return true;
      });
  meta_.byte_order = byte_order;
  meta_.uuid = uuid;
  meta_.packet_header = header;
}

void Parser::env() {
  TypeScope scope(meta_.root_.get());
  std::vector<std::pair<std::string, EnvValue>> values;
  block(scope, [](const std::string&) { return false; },
        [&](const std::string& key) {
          EnvValue value;
          if (lex_.token == Token::Number || lex_.is("-") || lex_.is("+")) {
            value.number = signed_number();
          } else {
            value.is_string = true;
            value.text = word_or_string();
          }
          values.emplace_back(key, value);
          return true;
        });
  for (auto& v : values) meta_.env.push_back(std::move(v));
}

void Parser::clock() {
  TypeScope scope(meta_.root_.get());
  Clock clock;
  block(scope, [](const std::string&) { return false; },
        [&](const std::string& key) {
          if (key == "name") clock.name = word_or_string();
          else if (key == "freq") clock.freq = unsigned_number();
          else if (key == "offset_s") clock.offset_s = signed_number();
          else if (key == "offset") clock.offset = signed_number();
          else return false;
          return true;
        });
  if (!clock.freq || clock.freq > 1'000'000'000'000ull) lex_.fail("the clock's frequency must be between 1 and 10^12 Hz");
  meta_.clocks.push_back(clock);
}

void Parser::stream() {
  TypeScope scope(meta_.root_.get());
  StreamClass stream;
  block(
      scope,
      [&](const std::string& key) {
        TypePtr* slot = key == "packet.context" ? &stream.packet_context
                        : key == "event.header" ? &stream.event_header
                        : key == "event.context" ? &stream.event_context
                                                 : nullptr;
        if (!slot) return false;
        *slot = type(scope);
        if ((*slot)->kind != Kind::Struct) lex_.fail(key + " must be a struct");
        return true;
      },
      [&](const std::string& key) {
        if (key != "id") return false;
        stream.id = unsigned_number();
        return true;
      });
  if (!meta_.streams.try_emplace(stream.id, std::move(stream)).second)
    lex_.fail("stream " + std::to_string(stream.id) + " is declared twice");
}

void Parser::event() {
  TypeScope scope(meta_.root_.get());
  auto event = std::make_shared<EventClass>();
  block(
      scope,
      [&](const std::string& key) {
        TypePtr* slot = key == "fields" ? &event->fields : key == "context" ? &event->context : nullptr;
        if (!slot) return false;
        *slot = type(scope);
        if ((*slot)->kind != Kind::Struct) lex_.fail("an event's " + key + " must be a struct");
        return true;
      },
      [&](const std::string& key) {
        if (key == "name") event->name = word_or_string();
        else if (key == "id") event->id = unsigned_number();
        else if (key == "stream_id") event->stream_id = unsigned_number();
        else return false;
        return true;
      });
  // A trace of a single, undeclared stream class is allowed (CTF 1.8, section 7.3.2).
  auto& stream = meta_.streams[event->stream_id];
  stream.id = event->stream_id;
  const uint64_t id = event->id;
  if (!stream.events.try_emplace(id, std::move(event)).second)
    lex_.fail("event " + std::to_string(id) + " of stream " + std::to_string(stream.id) + " is declared twice");
}

/// `typealias`, `typedef`, or a named struct, variant or enum that stands alone. False: something else is next.
bool Parser::declaration(TypeScope& scope) {
  if (lex_.is_word("typealias")) {
    type_alias(scope);
  } else if (lex_.is_word("typedef")) {
    type_def(scope);
  } else if (lex_.is_word("struct") || lex_.is_word("variant") || lex_.is_word("enum")) {
    type(scope);
  } else {
    return false;
  }
  lex_.expect(";");
  return true;
}

void Parser::type_alias(TypeScope& scope) {
  lex_.next();
  TypePtr target = type(scope);
  lex_.expect(":=");
  std::string name = lex_.identifier();
  while (lex_.token == Token::Identifier) {
    name += ' ';
    name += lex_.identifier();
  }
  scope.add(name, std::move(target));
}

void Parser::type_def(TypeScope& scope) {
  lex_.next();
  TypePtr base = type(scope);
  do {
    const std::string name = lex_.identifier();
    scope.add(name, dimensions(base));
  } while (lex_.accept(","));
}

TypePtr Parser::type(TypeScope& scope) {
  if (++depth_ > kMaxDepth) lex_.fail("types are nested deeper than " + std::to_string(kMaxDepth) + " levels");
  TypePtr result = lex_.is_word("integer")          ? integer()
                   : lex_.is_word("floating_point") ? floating()
                   : lex_.is_word("string")         ? string_type()
                   : lex_.is_word("enum")           ? enumeration(scope)
                   : lex_.is_word("struct")         ? structure(scope)
                   : lex_.is_word("variant")        ? variant(scope)
                                                    : named(scope);
  depth_--;
  return result;
}

/// A type by its name, of one or several words (`unsigned long`): the longest name that is known.
TypePtr Parser::named(TypeScope& scope) {
  std::string name = lex_.identifier();
  if (name == "const") name = lex_.identifier();
  TypePtr found = scope.find(name);
  while (lex_.token == Token::Identifier) {
    const std::string longer = name + " " + lex_.text;
    TypePtr more = scope.find(longer);
    if (!more && found) break;
    name = longer;
    found = more;
    lex_.next();
  }
  // What came last was to be the field's name.
  if (!found) lex_.fail("the type '" + name.substr(0, std::min<size_t>(name.rfind(' '), 80)) + "' is not declared");
  return found;
}

/// `{ key = value; … }` of an integer, float or string; what `attribute` does not take is stepped over.
void Parser::attributes(const std::function<void(const std::string& key)>& attribute) {
  lex_.expect("{");
  while (!lex_.accept("}")) {
    const std::string key = path();
    lex_.expect("=");
    attribute(key);
    skip_value();
    lex_.expect(";");
  }
}

TypePtr Parser::integer() {
  lex_.next();
  const std::string_view body = lex_.rest_to('}');
  if (body.empty()) return new_integer();
  const auto known = meta_.integers_.find(std::string(body));
  if (known != meta_.integers_.end()) {
    lex_.skip(body);
    return known->second;
  }
  return meta_.integers_[std::string(body)] = new_integer();
}

TypePtr Parser::new_integer() {
  auto t = std::make_shared<Type>();
  t->kind = Kind::Integer;
  uint32_t align = 0;
  attributes([&](const std::string& key) {
    if (key == "size") t->size = static_cast<uint32_t>(std::min<uint64_t>(unsigned_number(), 65));
    else if (key == "align") align = alignment();
    else if (key == "signed") t->is_signed = boolean();
    else if (key == "byte_order") t->order = order();
    else if (key == "map") t->maps_clock = true;
    else if (key == "encoding") {
      const std::string e = word_or_string();
      t->is_text = e == "UTF8" || e == "utf8" || e == "ASCII" || e == "ascii";
    } else if (key == "base") {
      if (lex_.token == Token::Number) {
        t->base = static_cast<uint8_t>(lex_.number == 2 || lex_.number == 8 || lex_.number == 16 ? lex_.number : 10);
        lex_.next();
      } else {
        const std::string b = word_or_string();
        t->base = b == "hexadecimal" || b == "hex" || b == "x" || b == "X" || b == "p" || b == "pointer" ? 16
                  : b == "octal" || b == "oct" || b == "o"                                             ? 8
                  : b == "binary" || b == "b"                                                          ? 2
                                                                                                       : 10;
      }
    }
  });
  if (!t->size || t->size > 64) lex_.fail("an integer's size must be between 1 and 64 bits");
  t->align = align ? align : t->size % 8 ? 1 : 8;
  return sealed(t);
}

TypePtr Parser::floating() {
  lex_.next();
  auto t = std::make_shared<Type>();
  t->kind = Kind::Float;
  uint32_t align = 0;
  uint64_t exponent = 0, mantissa = 0;
  attributes([&](const std::string& key) {
    if (key == "exp_dig") exponent = unsigned_number();
    else if (key == "mant_dig") mantissa = unsigned_number();
    else if (key == "align") align = alignment();
    else if (key == "byte_order") t->order = order();
  });
  if (exponent == 8 && mantissa == 24) t->size = 32;
  else if (exponent == 11 && mantissa == 53) t->size = 64;
  else lex_.fail("only floating point numbers of 32 (8 and 24) and 64 (11 and 53) bits are known");
  t->align = align ? align : 8;
  return sealed(t);
}

TypePtr Parser::string_type() {
  lex_.next();
  auto t = std::make_shared<Type>();
  t->kind = Kind::String;
  t->align = 8;
  t->is_text = true;
  if (lex_.is("{")) attributes([](const std::string&) {});
  return t;
}

TypePtr Parser::enumeration(TypeScope& scope) {
  lex_.next();
  std::string name;
  if (lex_.token == Token::Identifier) name = lex_.identifier();
  TypePtr container;
  if (lex_.accept(":")) container = type(scope);
  if (!lex_.is("{")) {
    TypePtr known = scope.find("enum " + name);
    if (!known) lex_.fail("enum '" + name + "' is not declared");
    return known;
  }
  if (!container) container = scope.find("int");
  if (!container || container->kind != Kind::Integer) lex_.fail("an enum needs an integer type");
  auto t = std::make_shared<Type>(*container);
  t->kind = Kind::Enum;
  lex_.expect("{");
  uint64_t next = 0;
  while (!lex_.accept("}")) {
    EnumRange range;
    range.label = word_or_string();
    range.low = range.high = next;
    if (lex_.accept("=")) {
      range.low = range.high = static_cast<uint64_t>(signed_number());
      if (lex_.accept("...")) range.high = static_cast<uint64_t>(signed_number());
    }
    next = range.high + 1;
    t->ranges.push_back(std::move(range));
    if (!lex_.accept(",") && !lex_.is("}")) lex_.fail("',' or '}' was expected instead of " + lex_.describe());
  }
  if (!name.empty()) scope.add("enum " + name, t);
  return t;
}

/// The fields of a struct or the options of a variant, in a scope of their own.
void Parser::members(Type& compound, TypeScope& outer) {
  TypeScope scope(&outer);
  lex_.expect("{");
  while (!lex_.accept("}")) {
    if (lex_.is_word("typealias") || lex_.is_word("typedef")) {
      declaration(scope);
      continue;
    }
    TypePtr base = type(scope);
    if (lex_.accept(";")) continue;  // a named struct, variant or enum declared in passing
    do {
      const std::string name = lex_.identifier();
      compound.fields.push_back({name, dimensions(base)});
    } while (lex_.accept(","));
    lex_.expect(";");
    if (compound.fields.size() > 65536) lex_.fail("more than 65536 fields");
  }
}

TypePtr Parser::structure(TypeScope& scope) {
  lex_.next();
  std::string name;
  if (lex_.token == Token::Identifier && lex_.text != "align") name = lex_.identifier();
  if (!lex_.is("{")) {
    TypePtr known = scope.find("struct " + name);
    if (!known) lex_.fail("struct '" + name + "' is not declared");
    return known;
  }
  auto t = std::make_shared<Type>();
  t->kind = Kind::Struct;
  members(*t, scope);
  if (lex_.is_word("align")) {
    lex_.next();
    lex_.expect("(");
    t->align = alignment();
    lex_.expect(")");
  }
  for (const Field& f : t->fields) t->align = std::max(t->align, f.type->align);
  sealed(t);
  if (!name.empty()) scope.add("struct " + name, t);
  return t;
}

TypePtr Parser::variant(TypeScope& scope) {
  lex_.next();
  std::string name, tag;
  if (lex_.token == Token::Identifier) name = lex_.identifier();
  if (lex_.accept("<")) {
    tag = path();
    lex_.expect(">");
  }
  auto t = std::make_shared<Type>();
  if (lex_.is("{")) {
    t->kind = Kind::Variant;
    members(*t, scope);
    if (!name.empty()) scope.add("variant " + name, t);
  } else {
    TypePtr known = scope.find("variant " + name);
    if (!known) lex_.fail("variant '" + name + "' is not declared");
    *t = *known;
  }
  t->reference = tag;
  return t;
}

/// `[N]` and `[length]` after a declarator; the leftmost dimension is the outermost.
TypePtr Parser::dimensions(TypePtr element) {
  if (!lex_.accept("[")) return element;
  auto t = std::make_shared<Type>();
  if (lex_.token == Token::Number) {
    t->kind = Kind::Array;
    t->length = unsigned_number();
    if (t->length > kMaxArray) lex_.fail("an array of more than " + std::to_string(kMaxArray) + " elements");
  } else {
    t->kind = Kind::Sequence;
    t->reference = path();
  }
  lex_.expect("]");
  if (++depth_ > kMaxDepth) lex_.fail("too many dimensions");
  t->element = dimensions(std::move(element));
  depth_--;
  t->align = t->element->align;
  return sealed(t);
}

int64_t Parser::signed_number() {
  const bool negative = lex_.accept("-");
  if (!negative) lex_.accept("+");
  if (lex_.token != Token::Number) lex_.fail("a number was expected instead of " + lex_.describe());
  const uint64_t v = lex_.number;
  lex_.next();
  return static_cast<int64_t>(negative ? 0 - v : v);
}

uint64_t Parser::unsigned_number() {
  if (lex_.token != Token::Number) lex_.fail("a number was expected instead of " + lex_.describe());
  const uint64_t v = lex_.number;
  lex_.next();
  return v;
}

bool Parser::boolean() {
  if (lex_.token == Token::Number) return unsigned_number() != 0;
  const std::string word = word_or_string();
  if (word == "true" || word == "TRUE") return true;
  if (word == "false" || word == "FALSE") return false;
  lex_.fail("true or false was expected instead of '" + word + "'");
}

std::string Parser::word_or_string() {
  if (lex_.token != Token::String && lex_.token != Token::Identifier) lex_.fail("a name or string was expected instead of " + lex_.describe());
  std::string word = lex_.text;
  lex_.next();
  return word;
}

/// `a.b.c`
std::string Parser::path() {
  std::string p = lex_.identifier();
  while (lex_.accept(".")) p += "." + lex_.identifier();
  return p;
}

ByteOrder Parser::order() {
  const std::string word = word_or_string();
  if (word == "le" || word == "little") return ByteOrder::Little;
  if (word == "be" || word == "big" || word == "network") return ByteOrder::Big;
  if (word == "native") return ByteOrder::Native;
  lex_.fail("byte_order must be le, be, network or native, not '" + word + "'");
}

uint32_t Parser::alignment() {
  const uint64_t a = unsigned_number();
  if (!a || (a & (a - 1)) || a > kMaxAlign) lex_.fail("an alignment must be a power of two up to " + std::to_string(kMaxAlign) + " bits");
  return static_cast<uint32_t>(a);
}

Metadata::Metadata() : root_(std::make_unique<TypeScope>()) {}
Metadata::~Metadata() = default;
Metadata::Metadata(Metadata&&) noexcept = default;
Metadata& Metadata::operator=(Metadata&&) noexcept = default;

const EnvValue* Metadata::env_value(std::string_view name) const {
  for (const auto& [key, value] : env)
    if (key == name) return &value;
  return nullptr;
}

void Metadata::append(std::string_view text, bool final, const std::string& file) {
  name = file;
  pending_ += text;
  // A token may be cut where the text ends for now; none spans lines.
  const size_t usable = final ? pending_.size() : pending_.rfind('\n') + 1;
  const std::string_view view = std::string_view(pending_).substr(0, usable);
  size_t done = 0, line = line_;
  try {
    Lexer lexer(view, line_, name);
    Parser parser(*this, lexer);
    while (lexer.token != Token::End) {
      done = lexer.begin;
      line = lexer.line();
      parser.statement();
    }
    done = usable;
    line = lexer.line();
  } catch (const UnexpectedEnd& e) {
    if (final) throw Error(e.message);
  }
  pending_.erase(0, done);
  line_ = line;
}

}  // namespace ctf
