#include "live/url.h"

#include "ctf/error.h"

namespace live {

bool is_url(const std::string& text) { return text.compare(0, 6, "net://") == 0 || text.compare(0, 7, "net4://") == 0 || text.compare(0, 7, "net6://") == 0; }

Url parse_url(const std::string& text, bool needs_session) {
  const auto fail = [&](const std::string& why) { throw ctf::Error(text + ": " + why + "; a live session is net://HOST[:PORT]/host/TARGET/SESSION"); };
  Url url;
  url.text = text;
  if (!is_url(text)) fail("is not a net:// URL");
  std::string rest = text.substr(text.find("//") + 2);
  const size_t slash = rest.find('/');
  std::string host = rest.substr(0, slash);
  std::string path = slash == std::string::npos ? "" : rest.substr(slash + 1);
  if (!host.empty() && host[0] == '[') {
    const size_t end = host.find(']');
    if (end == std::string::npos) fail("the address in [] does not end");
    url.host = host.substr(1, end - 1);
    host = host.substr(end + 1);
  } else {
    const size_t colon = host.find(':');
    url.host = host.substr(0, colon);
    host = colon == std::string::npos ? "" : host.substr(colon);
  }
  if (url.host.empty()) fail("names no host");
  if (!host.empty()) {
    const std::string digits = host.substr(1);
    if (host[0] != ':' || digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos || std::stoul(digits) == 0 || std::stoul(digits) > 65535) fail("the port must be a number from 1 to 65535");
    url.port = static_cast<uint16_t>(std::stoul(digits));
  }
  if (path.empty() && !needs_session) return url;
  if (path.compare(0, 5, "host/")) fail("names no session");
  path = path.substr(5);
  const size_t between = path.find('/');
  if (between == std::string::npos || between == 0 || between + 1 >= path.size()) fail("names no session");
  url.target = path.substr(0, between);
  url.session = path.substr(between + 1);
  return url;
}

}  // namespace live
