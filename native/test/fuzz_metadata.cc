// libFuzzer: any text as metadata, in two pieces, and all that it declares compiled.
#include <string>

#include "ctf/error.h"
#include "ctf/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ctf;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    const std::string text = metadata_text(bytes, "fuzz");
    Metadata m;
    m.append(text.substr(0, text.size() / 2), false, "fuzz");
    m.append(text.substr(text.size() / 2), true, "fuzz");
    const Subscription subscription{{{"tid", ColumnType::I32}, {"comm", ColumnType::String}, {"vtids", ColumnType::List}, {"ctx.tid", ColumnType::I32}}, {{{"*"}, {0, 1, 2, 3}}}};
    for (const auto& [id, stream] : m.streams) {
      EventNames names;
      StreamLayout layout(m, stream, subscription, names);
      for (const auto& [event_id, event] : stream.events) layout.event(event_id);
    }
  } catch (const Error&) {
  }
  return 0;
}
