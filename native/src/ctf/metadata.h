// What a trace's metadata declares: the trace, its clocks, environment, stream and event classes.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ctf/types.h"

namespace ctf {

struct EventClass {
  uint64_t id = 0;
  uint64_t stream_id = 0;
  std::string name;
  TypePtr context;  // per-event context
  TypePtr fields;   // payload
};

struct StreamClass {
  uint64_t id = 0;
  TypePtr packet_context, event_header, event_context;
  std::unordered_map<uint64_t, std::shared_ptr<EventClass>> events;
};

/// Nanoseconds since the Unix epoch = offset_s + (offset + cycles) / freq.
struct Clock {
  std::string name;
  uint64_t freq = 1'000'000'000;
  int64_t offset_s = 0;
  int64_t offset = 0;  // cycles
};

struct EnvValue {
  bool is_string = false;
  std::string text;
  int64_t number = 0;
};

class TypeScope;

/// The declarations of one metadata text. Grows: `append` may be called again with text that follows.
class Metadata {
 public:
  Metadata();
  ~Metadata();
  Metadata(Metadata&&) noexcept;
  Metadata& operator=(Metadata&&) noexcept;

  /// Parses `text`, which continues what was appended before. A statement that is not yet complete is kept for the next
  /// call, unless `final`. Throws Error with line and column, `file` being its name.
  void append(std::string_view text, bool final, const std::string& file);

  std::string name;  // the file's, for messages
  ByteOrder byte_order = ByteOrder::Little;
  std::string uuid;  // 36 characters, lower case; empty where the metadata has none
  TypePtr packet_header;
  std::vector<Clock> clocks;
  std::vector<std::pair<std::string, EnvValue>> env;
  std::map<uint64_t, StreamClass> streams;

  const EnvValue* env_value(std::string_view name) const;

 private:
  friend class Parser;
  std::string pending_;
  size_t line_ = 1;
  std::unique_ptr<TypeScope> root_;
  // What stands after the word `integer`: LTTng writes a dozen of them thousands of times.
  std::unordered_map<std::string, TypePtr> integers_;
};

/// Plain TSDL text of a metadata file's bytes: as they are, or unpacked where they are packetized (CTF 1.8, section 7.1).
/// `order` is told where the packets tell it. Throws Error naming `name` and the offset.
std::string metadata_text(std::string_view bytes, const std::string& name);

/// Bytes of a metadata file beyond which it is refused.
constexpr uint64_t kMaxMetadata = 256ull << 20;

}  // namespace ctf
