#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "ctf/bits.h"
#include "ctf/error.h"
#include "ctf/trace.h"

namespace ctf {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxDirectoryDepth = 12;
constexpr size_t kMaxFiles = 1 << 20;

/// Directories with a file `metadata`, below `path` or `path` itself, sorted.
void find_metadata(const fs::path& path, int depth, size_t& seen, std::vector<fs::path>& out) {
  std::error_code error;
  if (fs::is_regular_file(path / "metadata", error)) {
    out.push_back(path);
    return;
  }
  if (!depth) return;
  std::vector<fs::path> below;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (++seen > kMaxFiles) return;
    std::error_code ignored;
    // A link to a directory may lead in circles, and the depth ends that; hidden ones are nobody's trace.
    if (it->path().filename().native()[0] != '.' && it->is_directory(ignored)) below.push_back(it->path());
  }
  std::sort(below.begin(), below.end());
  for (const fs::path& p : below) find_metadata(p, depth - 1, seen, out);
}

std::string read_metadata(const fs::path& directory) {
  const std::string path = (directory / "metadata").string();
  const File file(path);
  if (file.size() > kMaxMetadata) throw Error(path + ": metadata of " + std::to_string(file.size() >> 20) + " MB is more than the " + std::to_string(kMaxMetadata >> 20) + " MB that are accepted");
  std::string bytes(file.size(), '\0');
  bytes.resize(file.read(0, reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()));
  return metadata_text(bytes, path);
}

std::vector<std::string> stream_files(const fs::path& directory) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (name[0] == '.' || name == "metadata" || !it->is_regular_file(ignored)) continue;
    if (out.size() >= kMaxFiles) break;
    out.push_back(it->path().string());
  }
  if (error) throw Error(directory.string() + ": cannot be listed: " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

bool all_digits(const std::string& s) { return !s.empty() && s.find_first_not_of("0123456789") == std::string::npos; }

/// `sched_0` is channel sched of CPU 0; where trace files are split by size, `sched_0_3` is its fourth file.
struct FileName {
  std::string channel, of_split;  // of_split: empty where the name does not fit CHANNEL_CPU_NUMBER
};

FileName parse_name(const std::string& path, std::optional<uint64_t> cpu) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const size_t last = name.rfind('_');
  if (last == std::string::npos || !all_digits(name.substr(last + 1))) return {name, {}};
  const std::string shorter = name.substr(0, last);
  const size_t before = shorter.rfind('_');
  const bool split = cpu && before != std::string::npos && shorter.substr(before + 1) == std::to_string(*cpu);
  return {shorter, split ? shorter.substr(0, before) : ""};
}

/// Streams of a trace by (class, instance); files of one stream follow each other in time.
class StreamFinder {
 public:
  explicit StreamFinder(Trace& trace) : trace_(trace) {}

  void add(const std::string& path) {
    const File file(path);
    if (!file.size()) return;
    uint8_t head[kHeaderBytes];
    PacketHeader first;
    const std::string wrong = parse_packet(trace_.metadata, head, file.read(0, head, sizeof head), first);
    std::vector<PacketRef> packets;
    std::vector<Unreadable> unreadable;
    if (!wrong.empty() || !index_packets(path, file, 0, packets)) walk_packets(trace_.metadata, file, 0, 0, packets, unreadable);
    if (packets.empty()) {
      // Nothing tells which stream this was: a stream of its own carries the message.
      StreamFiles& s = streams_["!" + path];
      s.channel = parse_name(path, {}).channel;
      s.files.push_back(path);
      for (const Unreadable& u : unreadable) s.unreadable.emplace_back(0, u);
      return;
    }
    // The first packet that can be read names the stream.
    if (!wrong.empty()) parse_packet(trace_.metadata, head, file.read(packets[0].offset, head, sizeof head), first = {});
    const std::string instance = first.instance_id ? std::to_string(*first.instance_id) : first.cpu_id ? "cpu" + std::to_string(*first.cpu_id) : path.substr(path.rfind('/') + 1);
    StreamFiles& s = streams_[std::to_string(first.stream_id) + "/" + instance];
    if (s.files.empty()) {
      s.stream_id = first.stream_id;
      s.cpu = first.cpu_id ? first.cpu_id : first.instance_id;
    }
    if (parse_name(path, s.cpu).of_split.empty()) whole_files_.insert(first.stream_id);
    const uint32_t number = static_cast<uint32_t>(s.files.size());
    s.files.push_back(path);
    for (PacketRef p : packets) p.file = number, s.packets.push_back(p);
    for (const Unreadable& u : unreadable) s.unreadable.emplace_back(number, u);
  }

  void finish() {
    for (auto& [key, s] : streams_) {
      if (s.channel.empty()) {
        // Of one class either all names carry a file number or none does.
        const FileName name = parse_name(s.files[0], s.cpu);
        s.channel = whole_files_.count(s.stream_id) ? name.channel : name.of_split;
      }
      std::stable_sort(s.packets.begin(), s.packets.end(), [](const PacketRef& a, const PacketRef& b) { return a.begin != b.begin ? a.begin < b.begin : a.sequence < b.sequence; });
      // Overlapping snapshots, and copies, hold the same packet twice.
      const auto same = [](const PacketRef& a, const PacketRef& b) { return a.begin == b.begin && a.end == b.end && a.sequence == b.sequence && a.content_bits == b.content_bits && (a.file != b.file || a.offset != b.offset) && (a.end || a.sequence); };
      s.packets.erase(std::unique(s.packets.begin(), s.packets.end(), same), s.packets.end());
      trace_.streams.push_back(std::move(s));
    }
    std::stable_sort(trace_.streams.begin(), trace_.streams.end(), [](const StreamFiles& a, const StreamFiles& b) {
      return a.channel != b.channel ? a.channel < b.channel : a.cpu.value_or(0) < b.cpu.value_or(0);
    });
  }

 private:
  Trace& trace_;
  std::map<std::string, StreamFiles> streams_;
  std::set<uint64_t> whole_files_;  // stream classes whose files are not split
};

}  // namespace

int64_t Trace::nanoseconds(uint64_t cycles) const {
  if (metadata.clocks.empty()) return static_cast<int64_t>(cycles);
  const Clock& c = metadata.clocks[0];
  const __int128 total = static_cast<__int128>(cycles) + c.offset;
  const __int128 ns = c.freq == 1'000'000'000 ? total : total * 1'000'000'000 / static_cast<__int128>(c.freq);
  return static_cast<int64_t>(ns + static_cast<__int128>(c.offset_s) * 1'000'000'000);
}

uint64_t Trace::cycles(int64_t ns) const {
  if (metadata.clocks.empty()) return static_cast<uint64_t>(ns);
  const Clock& c = metadata.clocks[0];
  const __int128 since = static_cast<__int128>(ns) - static_cast<__int128>(c.offset_s) * 1'000'000'000;
  const __int128 total = (c.freq == 1'000'000'000 ? since : since * static_cast<__int128>(c.freq) / 1'000'000'000) - c.offset;
  return total < 0 ? 0 : static_cast<uint64_t>(total);
}

std::vector<std::unique_ptr<Trace>> open_traces(const std::vector<std::string>& paths) {
  std::vector<fs::path> directories;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) throw Error(path + ": " + (error ? error.message() : std::string("no such file or directory")));
    if (!fs::is_directory(status)) throw Error(path + ": is not a directory; name the directory of a CTF trace or of a recording");
    if (fs::directory_iterator(path, error); error) throw Error(path + ": cannot be read: " + error.message());
    size_t seen = 0;
    const size_t before = directories.size();
    find_metadata(path, kMaxDirectoryDepth, seen, directories);
    if (directories.size() == before) throw Error(path + ": holds no CTF trace (no file named metadata in it or below)");
  }
  std::sort(directories.begin(), directories.end());
  directories.erase(std::unique(directories.begin(), directories.end()), directories.end());

  // Chunks of one session carry the same UUID; the longest metadata knows most.
  struct Found {
    std::vector<fs::path> directories;
    Metadata metadata;
    size_t text_size = 0;
  };
  std::vector<Found> found;
  std::map<std::string, size_t> by_identity;
  for (const fs::path& d : directories) {
    const std::string text = read_metadata(d);
    Metadata m;
    m.append(text, true, (d / "metadata").string());
    const EnvValue *host = m.env_value("hostname"), *domain = m.env_value("domain"), *pid = m.env_value("vpid");
    const std::string identity = m.uuid.empty() ? d.string() : m.uuid + "/" + (host ? host->text : "") + "/" + (domain ? domain->text : "") + "/" + (pid ? std::to_string(pid->number) : "");
    const auto [it, added] = by_identity.try_emplace(identity, found.size());
    if (added) found.emplace_back();
    Found& f = found[it->second];
    f.directories.push_back(d);
    if (added || text.size() > f.text_size) f.metadata = std::move(m), f.text_size = text.size();
  }

  std::vector<std::unique_ptr<Trace>> traces;
  for (Found& f : found) {
    auto trace = std::make_unique<Trace>();
    trace->metadata = std::move(f.metadata);
    trace->metadata_path = trace->metadata.name;
    if (trace->metadata.streams.empty()) throw Error(trace->metadata_path + ": declares no stream");
    StreamFinder finder(*trace);
    for (const fs::path& d : f.directories) {
      trace->paths.push_back(d.string());
      for (const std::string& file : stream_files(d)) finder.add(file);
    }
    finder.finish();
    traces.push_back(std::move(trace));
  }
  return traces;
}

}  // namespace ctf
