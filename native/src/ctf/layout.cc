#include "ctf/error.h"
#include "ctf/trace.h"

namespace ctf {

namespace {

constexpr size_t kFastIds = 4096;
constexpr size_t kMaxNames = 65000;

bool is_integer(const Type& t, uint32_t size, uint32_t align, bool clock) {
  return t.kind == Kind::Integer && t.size == size && t.align <= align && t.maps_clock == clock && !t.is_signed;
}

/// struct { enum : uintN { compact = 0 ... extended-1, extended } id; variant <id> { struct { ts } compact; struct { u32 id; u64 ts } extended } v; }
/// as lttng-modules and lttng-ust write it without padding (lttng-events.c, lttng-ust-abi).
bool is_lttng_header(const Type& t, ByteOrder native, uint32_t id_size, uint32_t time_size) {
  if (t.fields.size() != 2 || t.align != 8) return false;
  const Type& id = *t.fields[0].type;
  const Type& v = *t.fields[1].type;
  const uint64_t extended = (uint64_t(1) << id_size) - 1;
  if (id.kind != Kind::Enum || id.size != id_size || id.align > 8 || id.ranges.size() != 2 || v.kind != Kind::Variant || v.fields.size() != 2) return false;
  if (id.ranges[0].label != v.fields[0].name || id.ranges[0].low != 0 || id.ranges[0].high != extended - 1 || id.ranges[1].label != v.fields[1].name || id.ranges[1].low != extended || id.ranges[1].high != extended) return false;
  const Type& compact = *v.fields[0].type;
  const Type& full = *v.fields[1].type;
  if (compact.kind != Kind::Struct || compact.fields.size() != 1 || full.kind != Kind::Struct || full.fields.size() != 2 || compact.align > 8 || full.align > 8) return false;
  const Type *time = compact.fields[0].type.get(), *full_id = full.fields[0].type.get(), *full_time = full.fields[1].type.get();
  for (const Type* x : {&id, time, full_id, full_time})
    if ((x->order == ByteOrder::Native ? native : x->order) != ByteOrder::Little) return false;
  return is_integer(*time, time_size, id_size == 5 ? 1 : 8, true) && full.align == 8 && full.fields[0].name == "id" && is_integer(*full_id, 32, 8, false) && is_integer(*full_time, 64, 8, true);
}

bool matches(const std::string& pattern, const std::string& name) {
  if (pattern.ends_with('*')) return name.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0;
  return pattern == name;
}

}  // namespace

uint16_t EventNames::index(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (auto it = indices_.find(name); it != indices_.end()) return it->second;
  if (names_.size() >= kMaxNames) throw Error("the trace has more than " + std::to_string(kMaxNames) + " kinds of events");
  const uint16_t index = static_cast<uint16_t>(names_.size());
  names_.push_back(name);
  counters_.emplace_back(0);
  indices_.emplace(name, index);
  return index;
}

size_t EventNames::size() const {
  const std::lock_guard lock(mutex_);
  return names_.size();
}

std::string EventNames::name(size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < names_.size() ? names_[index] : std::string();
}

uint64_t EventNames::count(size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < counters_.size() ? counters_[index].load(std::memory_order_relaxed) : 0;
}

StreamLayout::StreamLayout(const Metadata& metadata, const StreamClass& stream, const Subscription& subscription, EventNames& names)
    : metadata_(metadata), stream_(stream), subscription_(subscription), names_(names), fast_(kFastIds) {
  externals.roots = {{"trace.packet.header", "", metadata.packet_header}, {"stream.packet.context", "", stream.packet_context}};
  if (!stream.event_header) return;
  if (is_lttng_header(*stream.event_header, metadata.byte_order, 5, 27)) form = HeaderForm::Compact;
  else if (is_lttng_header(*stream.event_header, metadata.byte_order, 16, 32)) form = HeaderForm::Large;
  else try {
    header = compile({{"stream.event.header", "", stream.event_header}}, {}, metadata.byte_order, Purpose::Header, false, externals);
  } catch (const Error& e) {
    throw Error(metadata.name + ": the event header of stream " + std::to_string(stream.id) + ": " + e.what());
  }
}

const EventLayout* StreamLayout::find(uint64_t id) {
  if (auto it = events_.find(id); it != events_.end()) return it->second.get();
  const auto declared = stream_.events.find(id);
  if (declared == stream_.events.end()) return nullptr;
  const EventClass& event = *declared->second;
  auto layout = std::make_unique<EventLayout>();
  std::vector<bool> taken(subscription_.columns.size());
  std::vector<Wanted> wanted;
  for (const Selection& s : subscription_.selections) {
    bool match = false;
    for (const std::string& pattern : s.events) match = match || matches(pattern, event.name);
    if (!match) continue;
    layout->wanted = true;
    for (const uint32_t c : s.columns) {
      if (taken[c]) continue;
      taken[c] = true;
      wanted.push_back({subscription_.columns[c].name, static_cast<uint16_t>(c), subscription_.columns[c].type});
    }
  }
  const std::vector<Root> roots{{"stream.event.context", "ctx.", stream_.event_context}, {"event.context", "ctx.", event.context}, {"event.fields", "", event.fields}};
  try {
    const bool at_byte = form != HeaderForm::Program;
    layout->skip = compile(roots, {}, metadata_.byte_order, Purpose::Event, at_byte, externals);
    if (layout->wanted) layout->project = compile(roots, wanted, metadata_.byte_order, Purpose::Event, at_byte, externals);
  } catch (const Error& e) {
    throw Error(metadata_.name + ": event '" + event.name + "': " + e.what());
  }
  layout->name = names_.index(event.name);
  layout->count = &names_.counter(layout->name);
  const EventLayout* made = layout.get();
  events_.emplace(id, std::move(layout));
  if (id < fast_.size()) fast_[id] = made;
  return made;
}

}  // namespace ctf
