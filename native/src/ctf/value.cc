#include "ctf/value.h"

#include <bit>

#include "ctf/bits.h"

namespace ctf {

const Value* Value::child(std::string_view wanted) const {
  for (const Value& v : children)
    if (v.name == wanted) return &v;
  return nullptr;
}

double Value::real() const {
  return type->size == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(number))) : std::bit_cast<double>(number);
}

bool ValueReader::read(const TypePtr& type, std::string_view scope, Value& out) {
  if (!type) return true;
  roots_.emplace_back(scope, &out);
  return read_value(*type, out);
}

const Value* ValueReader::resolve(const std::string& reference) const {
  const auto down = [](const Value* v, std::string_view path) {
    while (v && !path.empty()) {
      const size_t dot = std::min(path.find('.'), path.size());
      v = v->child(path.substr(0, dot));
      if (v && v->type && v->type->kind == Kind::Variant && dot < path.size() && !v->children.empty()) v = &v->children[0];
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return v;
  };
  for (const auto& [scope, value] : roots_)
    if (reference.size() > scope.size() && reference.compare(0, scope.size(), scope) == 0 && reference[scope.size()] == '.')
      if (const Value* v = down(value, std::string_view(reference).substr(scope.size() + 1))) return v;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const Value* v = down(*scope, reference)) return v;
  return nullptr;
}

bool ValueReader::read_elements(const Type& t, uint64_t count, Value& out) {
  const Type& e = *t.element;
  pos_ = align_up(pos_, e.align);
  const bool characters = e.kind == Kind::Integer && e.is_text && e.size == 8;
  if (e.fixed.known && e.fixed.bits && (pos_ > end_ || count > (end_ - pos_) / e.fixed.bits)) return false;
  if (characters && e.align == 8) {
    out.text.assign(reinterpret_cast<const char*>(data_ + (pos_ >> 3)), count);
    pos_ += 8 * count;
    return true;
  }
  for (uint64_t k = 0; k < count; k++) {
    out.children.emplace_back();
    if (!read_value(e, out.children.back())) return false;
  }
  return true;
}

bool ValueReader::read_value(const Type& t, Value& out) {
  if (!budget_) return false;
  budget_--;
  out.type = &t;
  if (t.kind != Kind::Variant) pos_ = align_up(pos_, t.align);
  if (pos_ > end_) return false;
  switch (t.kind) {
    case Kind::Integer:
    case Kind::Enum:
    case Kind::Float: {
      if (end_ - pos_ < t.size) return false;
      const bool big = (t.order == ByteOrder::Native ? native_ : t.order) == ByteOrder::Big;
      const uint64_t v = read_bits(data_, pos_, t.size, big);
      if (t.maps_clock) advance_clock(clock, v, t.size);
      out.number = t.is_signed ? sign_extend(v, t.size) : v;
      pos_ += t.size;
      return true;
    }
    case Kind::String: {
      const uint8_t* from = data_ + (pos_ >> 3);
      const uint64_t room = (end_ - pos_) >> 3;
      const void* nul = room ? std::memchr(from, 0, room) : nullptr;
      if (!nul) return false;
      out.text.assign(reinterpret_cast<const char*>(from), reinterpret_cast<const char*>(nul));
      pos_ += 8 * (out.text.size() + 1);
      return true;
    }
    case Kind::Array: return read_elements(t, t.length, out);
    case Kind::Sequence: {
      const Value* length = resolve(t.reference);
      return length && read_elements(t, length->number, out);
    }
    case Kind::Struct: {
      out.children.reserve(t.fields.size());  // references point into it
      scopes_.push_back(&out);
      for (const Field& f : t.fields) {
        out.children.emplace_back();
        out.children.back().name = f.name;
        if (!read_value(*f.type, out.children.back())) return false;
      }
      scopes_.pop_back();
      return true;
    }
    case Kind::Variant: {
      const Value* tag = resolve(t.reference);
      if (!tag || tag->type->kind != Kind::Enum) return false;
      for (const EnumRange& r : tag->type->ranges) {
        const bool in = tag->type->is_signed ? static_cast<int64_t>(tag->number) >= static_cast<int64_t>(r.low) && static_cast<int64_t>(tag->number) <= static_cast<int64_t>(r.high)
                                             : tag->number >= r.low && tag->number <= r.high;
        if (!in) continue;
        for (size_t k = 0; k < t.fields.size(); k++) {
          if (t.fields[k].name != r.label && t.fields[k].name != "_" + r.label) continue;
          out.option = static_cast<uint16_t>(k);
          out.children.emplace_back();
          out.children.back().name = t.fields[k].name;
          return read_value(*t.fields[k].type, out.children.back());
        }
      }
      return false;
    }
  }
  return false;
}

}  // namespace ctf
