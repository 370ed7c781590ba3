// Prints every event of the traces below the given paths as
//   babeltrace2 --clock-cycles --no-delta --names=all
// does, stream after stream. With --verify also decodes each event by its compiled program, with every field wanted, and
// compares the two.
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>

#include "ctf/error.h"
#include "ctf/stream.h"
#include "ctf/trace.h"
#include "ctf/value.h"

using namespace ctf;

namespace {

void print_string(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text.substr(0, text.find('\0'))) {
    static const char special[] = "\a\b\033\f\n\r\t\v", letters[] = "abefnrtv";
    if (std::strchr("\\'\"?", c)) out += '\\', out += c;
    else if (!std::iscntrl(static_cast<unsigned char>(c))) out += c;
    else if (const char* at = std::strchr(special, c)) out += '\\', out += letters[at - special];
    else {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
      out += hex;
    }
  }
  out += '"';
}

void print_integer(std::string& out, const Type& t, uint64_t v) {
  char text[80];
  // A negative number shows the bits of whole digits.
  const unsigned digit = t.base == 16 ? 4 : t.base == 8 ? 3 : 1;
  const unsigned shown = (t.size + digit - 1) / digit * digit;
  const uint64_t masked = shown >= 64 ? v : v & ((uint64_t(1) << shown) - 1);
  if (t.base == 16) std::snprintf(text, sizeof text, "0x%lX", masked);
  else if (t.base == 8) std::snprintf(text, sizeof text, "0%lo", masked);
  else if (t.base == 2) {
    out += "0b";
    for (unsigned i = t.size; i-- > 0;) out += masked >> i & 1 ? '1' : '0';
    return;
  } else if (t.is_signed) std::snprintf(text, sizeof text, "%ld", static_cast<int64_t>(v));
  else std::snprintf(text, sizeof text, "%lu", v);
  out += text;
}

void print(std::string& out, const Value& v) {
  const Type& t = *v.type;
  switch (t.kind) {
    case Kind::Integer: print_integer(out, t, v.number); break;
    case Kind::Enum: {
      std::vector<std::string> labels;
      for (const EnumRange& r : t.ranges)
        if (t.is_signed ? static_cast<int64_t>(v.number) >= static_cast<int64_t>(r.low) && static_cast<int64_t>(v.number) <= static_cast<int64_t>(r.high) : v.number >= r.low && v.number <= r.high) labels.push_back(r.label);
      out += "( ";
      if (labels.empty()) out += "<unknown>";
      for (size_t i = 0; i < labels.size(); i++) {
        if (i) out += ", ";
        print_string(out, labels[i]);
      }
      out += " : container = ";
      print_integer(out, t, v.number);
      out += " )";
      break;
    }
    case Kind::Float: {
      char text[64];
      std::snprintf(text, sizeof text, "%g", v.real());
      out += text;
      break;
    }
    case Kind::String: print_string(out, v.text); break;
    case Kind::Array:
    case Kind::Sequence:
      if (t.element->kind == Kind::Integer && t.element->is_text && t.element->size == 8) {
        print_string(out, v.text);
        break;
      }
      out += "[ ";
      for (size_t i = 0; i < v.children.size(); i++) {
        out += (i ? ", [" : "[") + std::to_string(i) + "] = ";
        print(out, v.children[i]);
      }
      out += v.children.empty() ? "]" : " ]";
      break;
    case Kind::Variant:
      out += "{ ";
      print(out, v.children[0]);
      out += " }";
      break;
    case Kind::Struct: {
      out += "{ ";
      bool first = true;
      for (const Value& c : v.children) {
        out += first ? "" : ", ";
        first = false;
        out += display_name(std::string(c.name)) + " = ";
        print(out, c);
      }
      out += first ? "}" : " }";
    }
  }
}

/// The packet context without what only serves the reader.
void print_packet_context(std::string& out, const Value& context) {
  static const std::set<std::string_view> internal{"timestamp_begin", "timestamp_end", "content_size", "packet_size", "packet_seq_num", "events_discarded"};
  Value shown;
  shown.type = context.type;
  for (const Value& c : context.children)
    if (!internal.count(c.name)) shown.children.push_back(c);
  if (shown.children.empty()) return;
  out += ", stream.packet.context = ";
  print(out, shown);
}

/// Every field that can be a column, and what the program made of it against what the tree says.
class Verifier {
 public:
  Verifier(const Metadata& metadata, const StreamClass& stream) : metadata_(metadata), externals_{{{"trace.packet.header", "", metadata.packet_header}, {"stream.packet.context", "", stream.packet_context}}, {}} {}

  std::string check(const StreamClass& stream, const EventClass& event, const Cursor& at, const std::vector<uint8_t>& packet_head, const Value& context, const Value& own, const Value& fields) {
    Made& m = made_[&event];
    if (!m.ready) make(m, stream, event);
    Batch batch;
    batch.capacity = 1;
    batch.clear();
    std::vector<uint64_t> cells(m.wanted.size() + 1);
    for (uint64_t& c : cells) batch.cells.push_back(&c);
    Cursor cursor = at;
    load_externals(externals_, packet_head, metadata_.byte_order, cursor);
    Cursor skipping = cursor;
    if (run(m.program, cursor, &batch, 0) != Status::Ok || run(m.skip, skipping, nullptr, 0) != Status::Ok) return "the program fails";
    if (cursor.pos != skipping.pos) return "skipping ends elsewhere than decoding";
    end_ = cursor.pos;
    for (size_t i = 0; i < m.wanted.size(); i++) {
      const Wanted& w = m.wanted[i];
      const Value* v = nullptr;
      for (const auto& [prefix, root] : {std::pair<std::string, const Value*>{"ctx.", &context}, {"ctx.", &own}, {"", &fields}})
        if (!v && w.path.compare(0, prefix.size(), prefix) == 0 && (!prefix.empty() || w.path.compare(0, 4, "ctx."))) v = find(*root, w.path.substr(prefix.size()));
      if (const std::string wrong = compare(batch, w, cells[i], v); !wrong.empty()) return w.path + ": " + wrong;
    }
    return {};
  }
  uint64_t end() const { return end_; }

 private:
  struct Made {
    bool ready = false;
    std::vector<Wanted> wanted;
    Program program, skip;
  };

  static const Value* find(const Value& root, std::string path) {
    const Value* v = &root;
    while (v && !path.empty()) {
      const size_t dot = std::min(path.find('.'), path.size());
      const std::string name = path.substr(0, dot);
      path = dot < path.size() ? path.substr(dot + 1) : "";
      const Value* next = nullptr;
      for (const Value& c : v->children)
        if (display_name(std::string(c.name)) == name) next = &c;
      v = next;
    }
    return v;
  }

  void make(Made& m, const StreamClass& stream, const EventClass& event) {
    m.ready = true;
    const std::vector<Root> roots{{"stream.event.context", "ctx.", stream.event_context}, {"event.context", "ctx.", event.context}, {"event.fields", "", event.fields}};
    for (const Root& root : roots)
      for (const std::string& path : field_paths(root)) {
        const Type* t = root.type.get();
        std::string rest = path.substr(root.prefix.size());
        while (!rest.empty() && t) {
          const size_t dot = std::min(rest.find('.'), rest.size());
          const Type* next = nullptr;
          for (const Field& f : t->fields)
            if (display_name(f.name) == rest.substr(0, dot)) next = f.type.get();
          t = next;
          rest = dot < rest.size() ? rest.substr(dot + 1) : "";
        }
        if (!t) continue;
        ColumnType type = ColumnType::U64;
        if (t->kind == Kind::String) type = ColumnType::String;
        if (t->kind == Kind::Float) type = ColumnType::F64;
        if (t->kind == Kind::Array || t->kind == Kind::Sequence) type = t->element->is_text ? ColumnType::String : ColumnType::List;
        if (t->kind == Kind::Integer && t->size == 32) type = ColumnType::I32;
        if (t->kind == Kind::Integer && t->size == 16) type = ColumnType::F64;
        m.wanted.push_back({path, static_cast<uint16_t>(m.wanted.size()), type});
      }
    m.program = compile(roots, m.wanted, metadata_.byte_order, Purpose::Event, false, externals_);
    m.skip = compile(roots, {}, metadata_.byte_order, Purpose::Event, false, externals_);
  }

  static double number(const Value& v) {
    if (v.type->kind == Kind::Float) return v.real();
    return v.type->is_signed ? static_cast<double>(static_cast<int64_t>(v.number)) : static_cast<double>(v.number);
  }

  static std::string compare(const Batch& batch, const Wanted& w, uint64_t cell, const Value* v) {
    const auto text = [](double d) { return std::to_string(d); };
    double real;
    std::memcpy(&real, &cell, 8);
    switch (w.type) {
      case ColumnType::I32:
        return static_cast<int32_t>(cell) == (v ? static_cast<int32_t>(v->number) : INT32_MIN) ? "" : "i32 " + std::to_string(static_cast<int32_t>(cell));
      case ColumnType::U64: return cell == (v ? v->number : ~uint64_t(0)) ? "" : "u64 " + std::to_string(cell);
      case ColumnType::F64: {
        const double expected = v ? number(*v) : NAN;
        return real == expected || (std::isnan(real) && std::isnan(expected)) ? "" : "f64 " + text(real) + " instead of " + text(expected);
      }
      case ColumnType::String: {
        const std::string_view s = batch.strings.get(static_cast<uint32_t>(cell));
        if (!v) return static_cast<uint32_t>(cell) ? "a string that is not there" : "";
        return s == std::string_view(v->text).substr(0, v->text.find('\0')) ? "" : "string '" + std::string(s) + "'";
      }
      case ColumnType::List: {
        const uint32_t id = static_cast<uint32_t>(cell);
        if (!id) return "";  // not a list of integers
        if (!v) return "a list that is not there";
        const std::span<const double> list = batch.list(id);
        if (list.size() != std::min<size_t>(v->children.size(), 4096)) return "list of " + std::to_string(list.size());
        for (size_t i = 0; i < list.size(); i++)
          if (list[i] != number(v->children[i])) return "list element " + std::to_string(i);
        return "";
      }
    }
    return {};
  }

  const Metadata& metadata_;
  Externals externals_;
  std::unordered_map<const EventClass*, Made> made_;
  uint64_t end_ = 0;
};

std::string trace_prefix(const Metadata& m) {
  std::string out;
  for (const char* name : {"hostname", "procname", "vpid"})
    if (const EnvValue* v = m.env_value(name)) out += "trace:" + std::string(name) + " = " + (v->is_string ? v->text : std::to_string(v->number)) + ", ";
  return out;
}

int print_stream(const Trace& trace, const StreamFiles& files, bool verify, bool quiet) {
  const Metadata& m = trace.metadata;
  if (files.packets.empty()) return 0;
  EventNames names;
  const Subscription nothing;
  const StreamClass& stream_class = m.streams.at(files.stream_id);
  StreamLayout layout(m, stream_class, nothing, names);
  Stream stream(trace, std::make_unique<FilePackets>(trace, files), [&](uint64_t) -> StreamLayout& { return layout; }, 0, {.window = 16 << 10, .every_event = true}, nullptr);
  Verifier verifier(m, stream_class);
  std::vector<Loss> losses;
  std::string line;
  const std::string prefix = trace_prefix(m);
  int wrong = 0;
  while (stream.next(losses) == Stream::Step::Event) {
    const EventClass& event = *stream_class.events.at(stream.cursor().id);
    Value packet_header, packet_context, context, own, fields;
    bool whole = false;
    while (!whole) {
      ValueReader head(stream.packet_head().data(), 0, stream.packet_head().size() * 8, m.byte_order);
      packet_header = packet_context = context = own = fields = {};
      head.read(m.packet_header, "trace.packet.header", packet_header);
      head.read(stream_class.packet_context, "stream.packet.context", packet_context);
      const Cursor& c = stream.cursor();
      ValueReader reader(c.data, c.pos, c.end, m.byte_order);
      reader.know("trace.packet.header", packet_header);
      reader.know("stream.packet.context", packet_context);
      if (reader.read(stream_class.event_context, "stream.event.context", context) && reader.read(event.context, "event.context", own) && reader.read(event.fields, "event.fields", fields)) {
        whole = true;
        if (!verify) continue;
        std::string what = verifier.check(stream_class, event, c, stream.packet_head(), context, own, fields);
        if (what.empty() && verifier.end() != reader.position()) what = "ends at another bit";
        if (!what.empty() && wrong++ < 20) std::fprintf(stderr, "%s at %lu: %s\n", event.name.c_str(), stream.cycles(), what.c_str());
      } else if (!stream.more_data()) {
        break;
      }
    }
    if (!quiet && whole) {
      char head[96];
      std::snprintf(head, sizeof head, "timestamp = %020lu, ", stream.cycles());
      line = head + prefix + "name = " + event.name;
      if (packet_context.type) print_packet_context(line, packet_context);
      for (const auto& [scope, value] : {std::pair<const char*, const Value*>{"stream.event.context", &context}, {"event.context", &own}, {"event.fields", &fields}})
        if (value->type) {
          line += std::string(", ") + scope + " = ";
          print(line, *value);
        }
      line += '\n';
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
    stream.skip();
  }
  for (const Loss& l : losses) std::fprintf(stderr, "%s\n", l.message.c_str());
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  bool verify = false, quiet = false;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; i++) {
    if (!std::strcmp(argv[i], "--verify")) verify = quiet = true;
    else paths.emplace_back(argv[i]);
  }
  try {
    int wrong = 0;
    for (const auto& trace : open_traces(paths))
      for (const StreamFiles& s : trace->streams) wrong += print_stream(*trace, s, verify, quiet);
    if (verify) std::printf("%d differences\n", wrong);
    return wrong ? 1 : 0;
  } catch (const Error& e) {
    std::fprintf(stderr, "ctf-text: %s\n", e.what());
    return 1;
  }
}
