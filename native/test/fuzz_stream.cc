// libFuzzer: any bytes as a stream file of a trace as LTTng writes them. The first byte chooses byte order, alignment and
// what is wanted. Every event is decoded by its program and by the value tree, which must end at the same bit.
#include <cstdlib>
#include <string>

#include "ctf/error.h"
#include "ctf/stream.h"
#include "ctf/value.h"
#include "memory_file.h"
#include "sample_metadata.h"

using namespace ctf;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

const Trace& trace(bool big, bool natural) {
  static Trace traces[2][2];
  Trace& t = traces[big][natural];
  if (t.metadata.streams.empty()) {
    std::string text = std::string(kSampleHeader) + kSampleStreams;
    if (big) text = replaced(text, "byte_order = le", "byte_order = be");
    if (natural)
      for (const char* size : {"16", "32", "64"}) text = replaced(text, std::string("size = ") + size + "; align = 8", std::string("size = ") + size + "; align = " + size);
    t.metadata.append(text, true, "sample");
  }
  return t;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Trace& t = trace(data[0] & 1, data[0] & 2);
  const bool wanted = data[0] & 4;
  MemoryFile memory(data + 1, size - 1);
  StreamFiles files;
  files.files.push_back(memory.path());
  std::vector<Unreadable> unreadable;
  walk_packets(t.metadata, File(memory.path()), 0, 0, files.packets, unreadable);
  files.stream_id = data[0] & 8 ? 1 : 0;

  Subscription subscription{{{"tid", ColumnType::I32}, {"comm", ColumnType::String}, {"vtids", ColumnType::List}, {"state", ColumnType::F64}, {"name", ColumnType::String}, {"header.v4.version", ColumnType::I32}, {"d", ColumnType::F64}, {"ctx.tid", ColumnType::I32}, {"ctx.procname", ColumnType::String}, {"address", ColumnType::U64}}, {}};
  Selection all{{"*"}, {}};
  for (uint32_t i = 0; i < subscription.columns.size(); i++) all.columns.push_back(i);
  if (wanted) subscription.selections.push_back(all);

  EventNames names;
  Totals totals;
  const StreamClass& stream_class = t.metadata.streams.at(files.stream_id);
  StreamLayout layout(t.metadata, stream_class, subscription, names);
  Batch batch;
  batch.capacity = 64;
  batch.clear();
  std::vector<std::vector<uint64_t>> cells(subscription.columns.size(), std::vector<uint64_t>(batch.capacity));
  for (auto& c : cells) batch.cells.push_back(c.data());
  uint16_t event[64], index[64];
  int16_t cpu[64];
  batch.event = event, batch.stream = index, batch.cpu = cpu;
  std::vector<Loss> losses;
  Stream stream(t, std::make_unique<FilePackets>(t, files), [&](uint64_t) -> StreamLayout& { return layout; }, 0, {.window = 512, .every_event = true}, &totals);
  try {
    while (stream.next(losses) == Stream::Step::Event) {
      const Cursor& c = stream.cursor();
      Value context, fields;
      const EventClass& event_class = *stream_class.events.at(c.id);
      bool whole = false;
      uint64_t tree_end = 0;
      do {
        ValueReader reader(c.data, c.pos, c.end, t.metadata.byte_order);
        context = fields = {};
        whole = reader.read(stream_class.event_context, "stream.event.context", context) && reader.read(event_class.fields, "event.fields", fields);
        tree_end = stream.packet_position() + reader.position() - c.pos;
      } while (!whole && stream.more_data());
      const bool decoded = wanted ? stream.emit(batch, batch.length) : stream.skip();
      if (decoded != whole || (decoded && stream.packet_position() != tree_end)) std::abort();
      if (decoded && wanted) {
        for (uint32_t id = 1; id <= batch.strings.size(); id++) batch.strings.get(id);
        if (++batch.length == batch.capacity) batch.clear();
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
