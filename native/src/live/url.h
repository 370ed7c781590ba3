// net://HOST[:PORT]/host/TARGET/SESSION, as babeltrace2 and lttng view write it.
#pragma once
#include <cstdint>
#include <string>

namespace live {

struct Url {
  std::string host;
  uint16_t port = 5344;
  std::string target, session;  // empty in a URL that only names a relay daemon
  std::string text;

  /// net://HOST:PORT
  std::string daemon() const { return "net://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port); }
};

bool is_url(const std::string& text);
/// Throws ctf::Error that shows the form.
Url parse_url(const std::string& text, bool needs_session);

}  // namespace live
