// The LTTng live viewer protocol 2.4 to 2.15 (lttng-tools, doc/live-reading-protocol.txt; lttng-viewer-abi.h): requests
// and replies in turn over one connection, all integers big endian. Both sides speak the lower one of their versions.
// The relay daemon answers requests in their order, so that several can be sent before the first answer is read.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "live/connection.h"

namespace live {

struct RelaySession {
  uint64_t id;
  uint32_t live_timer_us, clients, streams;
  std::string host, name;
  bool ctf2 = false;  // told from 2.15 on; before, such sessions are not shown
};

struct RelayStream {
  uint64_t id, trace;
  bool is_metadata;
  std::string path, channel;
};

enum class Seek : uint32_t { Beginning = 1, Last = 2 };
enum class IndexStatus : uint32_t { Ok = 1, Retry = 2, HangUp = 3, Error = 4, Inactive = 5, End = 6 };
enum class PacketStatus : uint32_t { Ok = 1, Retry = 2, Error = 3, End = 4 };
enum class AttachStatus : uint32_t { Ok = 1, Already = 2, Unknown = 3, NotLive = 4, SeekError = 5, NoSession = 6 };
enum class StreamsStatus : uint32_t { Ok = 1, NoNew = 2, Error = 3, HangUp = 4 };

struct Index {
  IndexStatus status;
  uint64_t offset, packet_bits, content_bits, begin, end, discarded, stream_class;
  bool new_metadata, new_streams;
};

class Viewer {
 public:
  /// Connects and shakes hands. Throws Disconnected, or ctf::Error where something else listens there. No byte for
  /// `patience` ms means that the connection is broken, now and later.
  Viewer(const std::string& host, uint16_t port, const std::string& name, int patience, const std::atomic<bool>& stop);

  std::vector<RelaySession> sessions();
  void create_session();
  AttachStatus attach(uint64_t session, Seek seek, std::vector<RelayStream>& streams);
  /// Asked for with the next `send`, to be read in the order of asking before anything else is asked.
  void ask_index(uint64_t stream);
  void ask_packet(uint64_t stream, uint64_t offset, uint32_t bytes);
  void send();
  Index read_index();
  struct PacketReply {
    PacketStatus status;
    bool new_metadata, new_streams;
  };
  /// `out` becomes the bytes, `bytes` long as they were asked for, where the status is Ok.
  PacketReply read_packet(uint32_t bytes, std::vector<uint8_t>& out);
  /// Appends what is new. False: nothing.
  bool metadata(uint64_t stream, std::string& out);
  StreamsStatus new_streams(uint64_t session, std::vector<RelayStream>& streams);

  /// The relay daemon's protocol version.
  uint32_t minor() const { return minor_; }

 private:
  void request(uint32_t command, const std::vector<uint64_t>& words = {}, const std::vector<uint32_t>& halves = {});
  void add(uint32_t command, const std::vector<uint64_t>& words, const std::vector<uint32_t>& halves);
  std::vector<uint8_t> reply(size_t bytes);
  std::string string(uint32_t bytes);
  void read_streams(uint32_t count, std::vector<RelayStream>& out);
  [[noreturn]] void broken(const std::string& what) const;

  std::string name_;
  Connection connection_;
  std::vector<uint8_t> requests_;  // that are not sent,
  size_t unsent_ = 0;              // and their number
  uint32_t minor_ = 0;
};

}  // namespace live
