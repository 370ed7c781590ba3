// Unit tests of the decoder, without Node and without files. Prints a line a failure and "N passed, N failed".
#include <cstdio>
#include <cstring>
#include <functional>

#include "ctf/bits.h"
#include "ctf/error.h"
#include "ctf/lexer.h"
#include "ctf/stream.h"
#include "ctf/trace.h"
#include "memory_file.h"
#include "sample_metadata.h"

using namespace ctf;

namespace {

int passed = 0, failed = 0;
const char* current = "";

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      std::printf("FAILED %s (line %d): %s\n", current, __LINE__, #condition);  \
      throw Error("check");                                                     \
    }                                                                           \
  } while (0)

void test(const char* name, const std::function<void()>& body) {
  current = name;
  try {
    body();
    passed++;
  } catch (const std::exception& e) {
    if (std::strcmp(e.what(), "check")) std::printf("FAILED %s: %s\n", name, e.what());
    failed++;
  }
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

std::unique_ptr<Trace> sample() {
  auto trace = std::make_unique<Trace>();
  trace->metadata.append(std::string(kSampleHeader) + kSampleStreams, true, "metadata");
  return trace;
}

/// Bytes of packets, least significant first.
struct Bytes {
  std::vector<uint8_t> bytes;
  template <typename T>
  Bytes& put(T v) {
    const auto* p = reinterpret_cast<const uint8_t*>(&v);
    bytes.insert(bytes.end(), p, p + sizeof v);
    return *this;
  }
  Bytes& text(const char* s) {
    bytes.insert(bytes.end(), s, s + std::strlen(s) + 1);
    return *this;
  }
  Bytes& compact(uint32_t id, uint64_t clock) { return put<uint32_t>(id | static_cast<uint32_t>(clock & 0x7FFFFFF) << 5); }
  Bytes& comm(const char* s) {
    char c[16] = {};
    std::strncpy(c, s, 15);
    bytes.insert(bytes.end(), c, c + 16);
    return *this;
  }
};

Bytes packet(uint32_t stream, uint64_t begin, uint64_t end, uint64_t sequence, uint64_t discarded, const Bytes& events, size_t padding = 0) {
  Bytes p;
  const uint64_t content = 68 + events.bytes.size();
  p.put<uint32_t>(0xC1FC1FC1).put<uint32_t>(stream).put<uint64_t>(0);
  p.put(begin).put(end).put<uint64_t>(content * 8).put<uint64_t>((content + padding) * 8).put(sequence).put(discarded).put<uint32_t>(3);
  p.bytes.insert(p.bytes.end(), events.bytes.begin(), events.bytes.end());
  p.bytes.resize(content + padding);
  return p;
}

/// One stream over bytes, with a batch of given columns for all its events.
struct Reading {
  std::unique_ptr<Trace> trace = sample();
  StreamFiles files;
  MemoryFile file;
  Subscription subscription;
  EventNames names;
  Totals totals;
  std::vector<std::vector<uint64_t>> cells;
  Batch batch;
  std::vector<double> time;
  std::vector<uint16_t> event, stream_index;
  std::vector<int16_t> cpu;
  std::vector<Loss> losses;

  Reading(const Bytes& bytes, std::vector<ColumnSpec> columns, uint32_t stream_id = 0, size_t window = 4096) : file(bytes.bytes) {
    files.stream_id = stream_id;
    files.files.push_back(file.path());
    std::vector<Unreadable> unreadable;
    walk_packets(trace->metadata, File(file.path()), 0, 0, files.packets, unreadable);
    subscription.columns = std::move(columns);
    Selection all{{"*"}, {}};
    for (uint32_t i = 0; i < subscription.columns.size(); i++) all.columns.push_back(i);
    subscription.selections.push_back(all);
    batch.capacity = 1000;
    batch.clear();
    cells.assign(subscription.columns.size(), std::vector<uint64_t>(batch.capacity));
    for (auto& c : cells) batch.cells.push_back(c.data());
    time.resize(batch.capacity), event.resize(batch.capacity), stream_index.resize(batch.capacity), cpu.resize(batch.capacity);
    batch.event = event.data(), batch.stream = stream_index.data(), batch.cpu = cpu.data();
    StreamLayout layout(trace->metadata, trace->metadata.streams.at(stream_id), subscription, names);
    Stream stream(*trace, std::make_unique<FilePackets>(*trace, files), [&](uint64_t) -> StreamLayout& { return layout; }, 0, {.window = window}, &totals);
    while (stream.next(losses) == Stream::Step::Event) {
      time[batch.length] = static_cast<double>(stream.time());
      if (stream.emit(batch, batch.length)) batch.length++;
    }
  }
  int32_t i32(size_t column, size_t row) const { return static_cast<const int32_t*>(batch.cells[column])[row]; }
  double f64(size_t column, size_t row) const { return static_cast<const double*>(batch.cells[column])[row]; }
  std::string text(size_t column, size_t row) const { return std::string(batch.strings.get(static_cast<const uint32_t*>(batch.cells[column])[row])); }
};

void bits_tests() {
  test("bits of both orders", [] {
    const uint8_t d[] = {0xA5, 0x3C, 0xFF, 0x01};
    CHECK(read_bits(d, 0, 4, false) == 0x5 && read_bits(d, 4, 8, false) == 0xCA);
    CHECK(read_bits(d, 0, 4, true) == 0xA && read_bits(d, 4, 8, true) == 0x53);
    CHECK(read_bits(d, 0, 32, false) == 0x01FF3CA5 && read_bits(d, 0, 32, true) == 0xA53CFF01);
    CHECK(static_cast<int64_t>(sign_extend(0xF, 4)) == -1 && sign_extend(7, 4) == 7);
  });
  test("a clock field wraps at most once", [] {
    uint64_t clock = (5ull << 27) - 1;
    advance_clock(clock, 0, 27);
    CHECK(clock == 5ull << 27);
    advance_clock(clock, 0, 27);
    CHECK(clock == 5ull << 27);
    advance_clock(clock, 7, 64);
    CHECK(clock == 7);
  });
  test("a string table tells strings apart, also the empty one", [] {
    StringTable t;
    t.begin();
    const auto add = [&](const std::string& s) { return t.intern(reinterpret_cast<const uint8_t*>(s.data()), s.size()); };
    const uint32_t empty = add(""), a = add("a");
    CHECK(empty && a && empty != a && add("") == empty && t.get(empty).data() && t.get(0).data() == nullptr);
    for (int i = 0; i < 5000; i++) add("name " + std::to_string(i));
    CHECK(t.get(add("name 4321")) == "name 4321" && add("a") == a && t.size() == 5002);
  });
  test("a string table keeps its ids from batch to batch until there are many", [] {
    StringTable t;
    t.begin();
    const auto add = [&](const std::string& s) { return t.intern(reinterpret_cast<const uint8_t*>(s.data()), s.size()); };
    const uint32_t id = add("worker"), generation = t.generation();
    t.begin();
    CHECK(add("worker") == id && t.get(id) == "worker" && t.added() == 0 && t.generation() == generation);
    add(std::string(StringTable::kMaxKept, 'x'));
    CHECK(t.added() == StringTable::kMaxKept);
    t.begin();
    CHECK(t.generation() != generation && t.size() == 0 && t.added() == 0);
  });
  test("lists are told apart, also the empty one", [] {
    Batch b;
    b.clear();
    const double some[] = {1, 2, 3};
    const uint32_t none = b.intern({some, 0}), three = b.intern(some);
    CHECK(none && three && none != three && b.intern(some) == three);
    CHECK(b.list(none).empty() && b.list(none).data() && !b.list(0).data() && b.list(three).size() == 3 && b.list(three)[2] == 3);
  });
}

void metadata_tests() {
  test("metadata that grows in pieces of any size declares the same", [] {
    const std::string text = std::string(kSampleHeader) + kSampleStreams;
    for (const size_t step : {1ul, 7ul, 64ul, 4096ul}) {
      Metadata m;
      for (size_t at = 0; at < text.size(); at += step) m.append(text.substr(at, step), at + step >= text.size(), "m");
      CHECK(m.streams.size() == 2 && m.streams.at(0).events.size() == 5 && m.env.size() == 3);
    }
  });
  test("errors name file, line and column", [] {
    Metadata m;
    CHECK(error_of([&] { m.append("trace {\n  byte_order = purple;\n};\n", true, "f"); }).find("f:2:") == 0);
    CHECK(error_of([&] { Metadata n; n.append("event { name = \"x\"; fields := struct { nothing _a; }; };", true, "f"); }).find("'nothing' is not declared") != std::string::npos);
    CHECK(error_of([&] { Metadata n; n.append("trace {", true, "f"); }).find("f:1:") == 0);
    CHECK(error_of([&] { Metadata n; n.append("typealias integer { size = 65; } := x;", true, "f"); }).find("64 bits") != std::string::npos);
  });
  test("nesting and sizes are bounded", [] {
    std::string deep = "typealias ";
    for (int i = 0; i < 1000; i++) deep += "struct { ";
    CHECK(error_of([&] { Metadata m; m.append(deep, true, "f"); }).find("nested deeper") != std::string::npos);
    std::string doubling = "typealias integer { size = 8; } := u8; struct s0 { u8 a; };\n";
    for (int i = 1; i < 60; i++) doubling += "struct s" + std::to_string(i) + " { struct s" + std::to_string(i - 1) + " a; struct s" + std::to_string(i - 1) + " b; };\n";
    CHECK(error_of([&] { Metadata m; m.append(doubling, true, "f"); }).find("more than") != std::string::npos);
  });
  test("unknown blocks and comments are stepped over", [] {
    Metadata m;
    m.append("callsite { name = \"x\"; func = \"f\"; line = 1; }; /* a\n b */ future <x> { a { b; } }; // end\nenv { a = -3; };", true, "f");
    CHECK(m.env.size() == 1 && m.env[0].second.number == -3);
  });
  test("packetized metadata", [] {
    Bytes b;
    const std::string text = "env { a = 1; };";
    b.put<uint32_t>(0x75D11D57);
    b.bytes.resize(24);
    b.put<uint32_t>(static_cast<uint32_t>((37 + text.size()) * 8)).put<uint32_t>(4096 * 8).put<uint8_t>(0).put<uint8_t>(0).put<uint8_t>(0).put<uint8_t>(1).put<uint8_t>(8);
    b.bytes.insert(b.bytes.end(), text.begin(), text.end());
    std::string bytes(b.bytes.begin(), b.bytes.end());
    CHECK(error_of([&] { metadata_text(bytes.substr(0, 45), "f"); }).find("cut short") != std::string::npos);
    bytes.resize(4096);
    CHECK(metadata_text(bytes, "f") == text);
    bytes[35] = 2;
    CHECK(error_of([&] { metadata_text(bytes, "f"); }).find("ctf-1.8") != std::string::npos);
  });
}

void stream_tests() {
  test("fixed fields, text arrays and missing fields", [] {
    Bytes e;
    e.compact(0, 100).comm("init").put<int32_t>(-7).put<int64_t>(256);
    e.compact(1, 200).put<int32_t>(3).text("/etc/passwd").put<uint64_t>(~0ull);
    const Reading r(packet(0, 90, 1000, 0, 0, e), {{"tid", ColumnType::I32}, {"comm", ColumnType::String}, {"state", ColumnType::F64}, {"name", ColumnType::String}, {"address", ColumnType::U64}});
    CHECK(r.batch.length == 2 && r.losses.empty());
    CHECK(r.i32(0, 0) == -7 && r.text(1, 0) == "init" && r.f64(2, 0) == 256 && r.text(3, 0).empty());
    CHECK(r.i32(0, 1) == INT32_MIN && r.f64(2, 1) != r.f64(2, 1) && r.text(3, 1) == "/etc/passwd" && static_cast<const uint64_t*>(r.batch.cells[4])[1] == ~0ull);
    CHECK(r.time[0] == 1100 && r.time[1] == 1200 && r.cpu[0] == 3);
  });
  test("sequences become lists", [] {
    Bytes e;
    e.compact(2, 100).put<uint8_t>(2).put<int32_t>(11).put<int32_t>(1).put<uint32_t>(5);
    const Reading r(packet(0, 90, 1000, 0, 0, e), {{"vtids", ColumnType::List}, {"ns", ColumnType::I32}});
    const uint32_t id = static_cast<const uint32_t*>(r.batch.cells[0])[0];
    const std::span<const double> list = r.batch.list(id);
    CHECK(list.size() == 2 && list[0] == 11 && list[1] == 1 && r.i32(1, 0) == 5);
    CHECK(r.batch.list(0).empty() && r.batch.list(id + 1).empty() && r.batch.list(~0u).empty());
  });
  test("variants, bit fields in them, and what follows them", [] {
    Bytes e;
    e.compact(3, 1).put<uint8_t>(2).put<uint8_t>(0x45).put<uint16_t>(60).put<uint32_t>(77);
    e.compact(3, 2).put<uint8_t>(0).put<uint32_t>(78);
    e.compact(3, 3).put<uint8_t>(4).put<uint8_t>(2).text("a").text("b").put<uint32_t>(79);
    const Reading r(packet(0, 0, 1000, 0, 0, e), {{"header.v4._version", ColumnType::I32}, {"header.v4.version", ColumnType::I32}, {"after", ColumnType::I32}});
    CHECK(r.batch.length == 3 && r.i32(1, 0) == 5 && r.i32(1, 1) == INT32_MIN && r.i32(2, 0) == 77 && r.i32(2, 1) == 78 && r.i32(2, 2) == 79);
  });
  test("an id beyond the compact header's range comes extended", [] {
    Bytes e;
    e.put<uint8_t>(31).put<uint32_t>(40).put<uint64_t>(500).put<uint32_t>(1).put<uint16_t>(9).text("x").put<double>(1.5);
    const Reading r(packet(0, 0, 1000, 0, 0, e), {{"d", ColumnType::F64}});
    CHECK(r.batch.length == 1 && r.f64(0, 0) == 1.5 && r.time[0] == 1500);
  });
  test("an event longer than the window", [] {
    Bytes e;
    const std::string name(100000, 'n');
    e.compact(0, 1).comm("a").put<int32_t>(1).put<int64_t>(0);
    e.compact(1, 2).put<int32_t>(3).text(name.c_str()).put<uint64_t>(0);
    e.compact(0, 3).comm("b").put<int32_t>(2).put<int64_t>(0);
    const Reading r(packet(0, 0, 1000, 0, 0, e), {{"name", ColumnType::String}, {"tid", ColumnType::I32}}, 0, 512);
    CHECK(r.batch.length == 3 && r.text(0, 1) == name && r.i32(1, 2) == 2);
  });
  test("discarded events and lost packets are counted", [] {
    Bytes e;
    e.compact(0, 100).comm("a").put<int32_t>(1).put<int64_t>(0);
    Bytes all = packet(0, 90, 200, 0, 2, e, 100);
    const Bytes second = packet(0, 200, 300, 3, 7, Bytes());
    all.bytes.insert(all.bytes.end(), second.bytes.begin(), second.bytes.end());
    const Reading r(all, {});
    CHECK(r.losses.size() == 3 && r.totals.discarded_events == 7 && r.totals.lost_packets == 2);
    CHECK(r.losses[0].kind == Loss::DiscardedEvents && r.losses[0].count == 2 && r.losses[1].kind == Loss::LostPackets && r.losses[2].count == 5 && r.losses[2].begin == 1200);
  });
  test("a broken event leaves its packet and goes on with the next", [] {
    Bytes bad, good;
    bad.compact(9, 100);
    good.compact(0, 300).comm("b").put<int32_t>(2).put<int64_t>(0);
    Bytes all = packet(0, 90, 200, 0, 0, bad);
    const Bytes second = packet(0, 200, 300, 1, 0, good);
    all.bytes.insert(all.bytes.end(), second.bytes.begin(), second.bytes.end());
    const Reading r(all, {{"tid", ColumnType::I32}});
    CHECK(r.batch.length == 1 && r.i32(0, 0) == 2 && r.losses.size() == 1 && r.losses[0].kind == Loss::CorruptPacket);
    CHECK(r.losses[0].message.find("event id 9") != std::string::npos && r.losses[0].message.find("packet 0 at byte 0") != std::string::npos);
  });
  test("a file that ends within a packet", [] {
    Bytes e;
    e.compact(0, 100).comm("a").put<int32_t>(1).put<int64_t>(0).compact(0, 101).comm("b").put<int32_t>(2).put<int64_t>(0);
    Bytes all = packet(0, 90, 200, 0, 0, e);
    all.bytes.resize(all.bytes.size() - 3);
    const Reading r(all, {{"tid", ColumnType::I32}});
    CHECK(r.batch.length == 1 && r.losses.size() == 1 && r.losses[0].kind == Loss::TruncatedPacket && r.losses[0].count == 3);
  });
  test("a sequence that claims more than there is", [] {
    Bytes e;
    e.compact(2, 100).put<uint8_t>(255).put<int32_t>(1);
    const Reading r(packet(0, 90, 200, 0, 0, e), {{"vtids", ColumnType::List}});
    CHECK(r.batch.length == 0 && r.losses.size() == 1);
  });
  test("events of no size end their packet instead of going on for ever", [] {
    auto trace = std::make_unique<Trace>();
    trace->metadata.append("trace { byte_order = le; }; event { name = \"nothing\"; fields := struct {}; };", true, "m");
    const Bytes bytes = Bytes().put<uint64_t>(0);
    const MemoryFile file(bytes.bytes);
    StreamFiles files;
    files.files.push_back(file.path());
    std::vector<Unreadable> unreadable;
    walk_packets(trace->metadata, File(file.path()), 0, 0, files.packets, unreadable);
    EventNames names;
    const Subscription nothing;
    StreamLayout layout(trace->metadata, trace->metadata.streams.at(0), nothing, names);
    std::vector<Loss> losses;
    Stream stream(*trace, std::make_unique<FilePackets>(*trace, files), [&](uint64_t) -> StreamLayout& { return layout; }, 0, {}, nullptr);
    CHECK(stream.next(losses) == Stream::Step::End && losses.size() == 1);
  });
  test("context fields come with their prefix", [] {
    Bytes e;
    e.put<uint16_t>(0).put<uint32_t>(100).put<int32_t>(42).comm("proc").put<int64_t>(-2);
    const Reading r(packet(1, 90, 200, 0, 0, e), {{"ctx.tid", ColumnType::I32}, {"ctx.procname", ColumnType::String}, {"ret", ColumnType::F64}, {"tid", ColumnType::I32}}, 1);
    CHECK(r.batch.length == 1 && r.i32(0, 0) == 42 && r.text(1, 0) == "proc" && r.f64(2, 0) == -2 && r.i32(3, 0) == INT32_MIN);
  });
}

}  // namespace

int main() {
  bits_tests();
  metadata_tests();
  stream_tests();
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed ? 1 : 0;
}
