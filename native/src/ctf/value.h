// One decoded record as a tree of values: for packet headers and for tools that want every field. The hot path runs
// programs (program.h) instead; tests hold the two against each other.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ctf/types.h"

namespace ctf {

struct Value {
  const Type* type = nullptr;
  std::string_view name;
  uint64_t number = 0;  // Integer, Enum (sign extended), Float: bits as stored
  std::string text;     // String, and arrays of characters
  uint16_t option = 0;  // Variant: index of the option, its value is children[0]
  std::vector<Value> children;

  const Value* child(std::string_view wanted) const;
  double real() const;
};

/// Reads values of declared types at a bit position. References are resolved in what this reader has read before.
class ValueReader {
 public:
  ValueReader(const uint8_t* data, uint64_t begin, uint64_t end, ByteOrder native) : data_(data), pos_(begin), end_(end), native_(native) {}

  /// Reads a root, known to references as `scope` ("event.fields"). False: the data end too early, or are impossible.
  /// The clock (cycles) follows the integers that map it.
  bool read(const TypePtr& type, std::string_view scope, Value& out);

  /// Lets references find a root that another reader has read.
  void know(std::string_view scope, const Value& value) { roots_.emplace_back(scope, &value); }

  /// The value that a length or tag reference means.
  const Value* resolve(const std::string& reference) const;

  uint64_t position() const { return pos_; }
  uint64_t clock = 0;

 private:
  bool read_value(const Type& type, Value& out);
  bool read_elements(const Type& type, uint64_t count, Value& out);

  const uint8_t* data_;
  uint64_t pos_, end_;
  ByteOrder native_;
  uint64_t budget_ = 1 << 22;  // values: empty elements take no data
  std::vector<std::pair<std::string, const Value*>> roots_;
  std::vector<const Value*> scopes_;
};

}  // namespace ctf
