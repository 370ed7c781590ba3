// recut TRACE INTO PERIOD: writes the LTTng trace below TRACE to INTO with its packets cut as a live timer of PERIOD ns
// would have cut them: at each tick of the clock. For packed streams of LTTng ≥ 2.8 on little-endian machines.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "ctf/bits.h"
#include "ctf/error.h"
#include "ctf/stream.h"
#include "ctf/trace.h"

using namespace ctf;

namespace {

constexpr size_t kBegin = 32, kEnd = 40, kContent = 48, kPacket = 56, kSequence = 64, kEvents = 84, kPage = 4096;

/// Keeps the bytes of the packet that a stream reads, and counts packets.
class Tap : public FilePackets {
 public:
  using FilePackets::FilePackets;
  Next next() override {
    const Next found = FilePackets::next();
    if (found == Next::Packet) {
      number++;
      bytes.resize(size());
      read(0, bytes.data(), bytes.size());
    }
    return found;
  }
  std::vector<uint8_t> bytes;
  size_t number = 0;
};

/// The packet that is being written: events of one tick that follow each other.
class Piece {
 public:
  Piece(const std::string& path, uint64_t period) : out_(path, std::ios::binary), period_(period) {}

  void begin(const std::vector<uint8_t>& packet, uint64_t clock) {
    bytes_.assign(packet.begin(), packet.begin() + kEvents);
    std::memcpy(bytes_.data() + kBegin, &clock, 8);
  }
  void add(const uint8_t* event, size_t size, uint64_t time) {
    bytes_.insert(bytes_.end(), event, event + size);
    last_ = time;
  }
  bool empty() const { return bytes_.size() <= kEvents; }
  uint64_t tick() const { return last_ / period_; }
  /// `next`: time of the event that follows.
  void end(uint64_t next) {
    if (empty()) return;
    const uint64_t end = next / period_ > tick() ? (tick() + 1) * period_ : last_, content = bytes_.size() * 8;
    bytes_.resize((bytes_.size() + kPage - 1) / kPage * kPage);
    const uint64_t size = bytes_.size() * 8;
    std::memcpy(bytes_.data() + kEnd, &end, 8);
    std::memcpy(bytes_.data() + kContent, &content, 8);
    std::memcpy(bytes_.data() + kPacket, &size, 8);
    std::memcpy(bytes_.data() + kSequence, &sequence_, 8);
    sequence_++;
    out_.write(reinterpret_cast<const char*>(bytes_.data()), static_cast<std::streamsize>(bytes_.size()));
    bytes_.clear();
  }

 private:
  std::ofstream out_;
  const uint64_t period_;
  std::vector<uint8_t> bytes_;
  uint64_t last_ = 0, sequence_ = 0;
};

void recut(const Trace& trace, const StreamFiles& files, const std::string& to, uint64_t period) {
  EventNames names;
  const Subscription nothing;
  StreamLayout layout(trace.metadata, trace.metadata.streams.at(files.stream_id), nothing, names);
  auto tap = std::make_unique<Tap>(trace, files);
  Tap& packets = *tap;
  Stream stream(trace, std::move(tap), [&](uint64_t) -> StreamLayout& { return layout; }, 0, {.every_event = true}, nullptr);
  Piece piece(to, period);
  std::vector<Loss> losses;
  size_t packet = 0, from = 0;
  uint64_t clock = 0;
  while (stream.next(losses) == Stream::Step::Event) {
    const uint64_t time = stream.cycles();
    if (packets.number != packet) {
      piece.end(time);
      packet = packets.number;
      from = kEvents;
      std::memcpy(&clock, packets.bytes.data() + kBegin, 8);
    } else if (!piece.empty() && time / period != piece.tick()) {
      piece.end(time);
    }
    if (piece.empty()) piece.begin(packets.bytes, clock);
    if (!stream.skip()) throw Error("a broken event");
    const size_t to_byte = stream.packet_position() / 8;
    piece.add(packets.bytes.data() + from, to_byte - from, time);
    from = to_byte;
    clock = time;
  }
  piece.end(~uint64_t(0));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw Error("usage: recut TRACE INTO PERIOD");
    for (const auto& trace : open_traces({argv[1]})) {
      const std::filesystem::path from = trace->paths.at(0), into = std::filesystem::path(argv[2]) / std::filesystem::relative(from, argv[1]);
      std::filesystem::create_directories(into);
      std::filesystem::copy_file(from / "metadata", into / "metadata");
      for (const StreamFiles& s : trace->streams)
        if (!s.packets.empty()) recut(*trace, s, into / std::filesystem::path(s.files.at(0)).filename(), std::stoull(argv[3]));
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "recut: %s\n", e.what());
    return 1;
  }
}
