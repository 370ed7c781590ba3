#include "ctf/packet_source.h"

#include <algorithm>

namespace ctf {

FilePackets::FilePackets(const Trace& trace, const StreamFiles& files, int64_t begin, int64_t end) : trace_(trace), files_(files), end_(end), packets_(files.packets) {
  if (begin == INT64_MIN) return;
  // Old tracers may write events behind their packet's end, but never behind the next one's beginning.
  const uint64_t from = trace.cycles(begin);
  while (next_ + 1 < packets_.size() && packets_[next_].end && packets_[next_].end < from && packets_[next_ + 1].begin < from) next_++;
}

bool FilePackets::behind(const PacketRef& p) const { return end_ != INT64_MAX && p.begin && trace_.nanoseconds(p.begin) >= end_; }

uint64_t FilePackets::bytes() const {
  uint64_t sum = 0;
  for (size_t k = next_; k < packets_.size() && !behind(packets_[k]); k++) sum += packets_[k].size;
  return sum;
}

PacketSource::Next FilePackets::next() {
  if (next_ >= packets_.size() || behind(packets_[next_])) return Next::End;
  const PacketRef& ref = packets_[next_++];
  if (ref.file != open_file_) {
    file_ = std::make_unique<File>(files_.files[ref.file]);
    open_file_ = ref.file;
  }
  return Next::Packet;
}

uint64_t FilePackets::there() const {
  const PacketRef& p = packets_[next_ - 1];
  return std::min(p.size, file_->size() > p.offset ? file_->size() - p.offset : 0);
}

/// The index was not true: walks this file's packets from here.
bool FilePackets::repair() {
  const PacketRef ref = packets_[next_ - 1];
  std::vector<PacketRef> walked;
  std::vector<Unreadable> unreadable;
  walk_packets(trace_.metadata, *file_, ref.file, ref.offset, walked, unreadable);
  if (walked.empty() || (walked[0].size == ref.size && walked[0].offset == ref.offset)) return false;
  const auto here = packets_.begin() + static_cast<long>(--next_);
  const auto last = std::find_if(here, packets_.end(), [&](const PacketRef& p) { return p.file != ref.file; });
  packets_.insert(packets_.erase(here, last), walked.begin(), walked.end());
  return true;
}

std::string FilePackets::place() const {
  return files_.files[open_file_] + ": packet " + std::to_string(next_ - 1) + " at byte " + std::to_string(packets_[next_ - 1].offset);
}

}  // namespace ctf
