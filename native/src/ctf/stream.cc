#include "ctf/stream.h"

#include <algorithm>
#include <cstring>

#include "ctf/bits.h"
#include "ctf/error.h"

namespace ctf {

namespace {

constexpr uint64_t kStep = kMaxAlign / 8;
constexpr uint64_t kMaxEvent = 64 << 20;  // bytes
/// lttng-modules before 2.9.13 and 2.10.10 and lttng-ust before 2.11 may write events behind their packet's end; a
/// header flipped by a broken disk writes them centuries behind.
constexpr uint64_t kTolerance = 10;  // seconds

}  // namespace

Stream::Stream(const Trace& trace, std::unique_ptr<PacketSource> packets, Layouts layouts, uint32_t index, StreamOptions options, Totals* totals)
    : trace_(trace), packets_(std::move(packets)), layouts_(std::move(layouts)), index_(index), options_(options), totals_(totals) {}

uint64_t Stream::tolerance() const {
  return kTolerance * (trace_.metadata.clocks.empty() ? 1'000'000'000 : trace_.metadata.clocks[0].freq);
}

/// Leaves a packet that cannot be decoded further.
void Stream::broken(const std::string& what, std::vector<Loss>& losses) {
  close_packet();
  // A packet that its file cuts short was told of when it was opened.
  if (truncated_ && window_begin_ * 8 + cursor_.end >= content_bits_) return;
  const uint64_t at = packets_->offset() + window_begin_ + (cursor_.pos >> 3);
  losses.push_back({Loss::CorruptPacket, index_, false, 0, time_, std::max(time_, last_end_), 0, packets_->place() + ": " + what + " at byte " + std::to_string(at) + "; the rest of the packet is skipped"});
}

/// What the tracer says it lost before or during this packet: the rules of babeltrace2's src.ctf.fs.
void Stream::note_gaps(const PacketHeader& h, std::vector<Loss>& losses) {
  const int64_t begin = trace_.nanoseconds(h.begin), end = h.end ? trace_.nanoseconds(h.end) : begin;
  if (h.sequence) {
    if (!first_ && *h.sequence > last_sequence_ + 1) {
      const uint64_t gap = *h.sequence - last_sequence_ - 1;
      losses.push_back({Loss::LostPackets, index_, true, gap, last_end_, begin, 0, packets_->place() + ": " + std::to_string(gap) + " packet(s) before it are missing"});
      if (totals_) totals_->lost_packets += gap;
    }
    last_sequence_ = *h.sequence;
  }
  if (h.discarded) {
    const uint64_t mask = h.discarded_bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << h.discarded_bits) - 1;
    // The counter is cumulative and wraps. The first packet of a stream tells its own count only if nothing came before it.
    const bool counted = !first_ || (h.sequence && *h.sequence == 0);
    uint64_t lost = !first_ ? (*h.discarded - last_discarded_) & mask : counted || packets_->from_beginning() ? *h.discarded : 0;
    // lttng-ust writes a smaller count than before into packets of an overwrite channel now and then: nothing was lost.
    if (!first_ && lost > mask / 2) lost = 0;
    if (lost) {
      losses.push_back({Loss::DiscardedEvents, index_, counted, lost, first_ ? begin : last_end_, end, 0, packets_->place() + ": the tracer discarded " + (counted ? std::to_string(lost) : std::string("an unknown number of")) + " event(s): its buffers were full"});
      if (totals_ && counted) totals_->discarded_events += lost;
    }
    last_discarded_ = *h.discarded;
  }
  first_ = false;
  last_end_ = end;
}

/// Opens the next packet that has events.
Stream::Step Stream::open_packet(std::vector<Loss>& losses) {
  for (;;) {
    if (options_.stop && options_.stop->load(std::memory_order_relaxed)) return Step::End;
    const PacketSource::Next next = packets_->next();
    if (next == PacketSource::Next::End) return Step::End;
    if (next == PacketSource::Next::Wait) {
      learn_clock();
      time_ = std::max(time_, time_of(packets_->bound()));
      return Step::Wait;
    }
    learn_clock();
    window_begin_ = 0;
    cursor_.pos = 0;
    if (buffer_.size() < options_.window) buffer_.resize(options_.window);
    const size_t got = packets_->read(0, buffer_.data(), std::min<uint64_t>(buffer_.size(), packets_->size()));
    PacketHeader h;
    if (const std::string wrong = parse_packet(trace_.metadata, buffer_.data(), std::min(got, kHeaderBytes), h); !wrong.empty()) {
      losses.push_back({Loss::CorruptPacket, index_, false, 0, last_end_, last_end_, 0, packets_->place() + ": " + wrong});
      continue;
    }
    if (h.packet_bits && h.packet_bits / 8 != packets_->size() && packets_->repair()) continue;
    if (totals_) totals_->bytes_read += packets_->size(), totals_->packets++;
    if (!layout_ || h.stream_id != stream_id_) {
      layout_ = &layouts_(h.stream_id);
      stream_id_ = h.stream_id;
    }
    note_gaps(h, losses);
    if (h.cpu_id && *h.cpu_id < 32768) cpu_ = static_cast<int>(*h.cpu_id);
    content_bits_ = h.content_bits ? h.content_bits : packets_->size() * 8;
    const uint64_t there = packets_->there() * 8;
    if (const uint64_t claimed = std::max(content_bits_, h.packet_bits); claimed > there) {
      const uint64_t missing = (claimed - there + 7) / 8;
      losses.push_back({Loss::TruncatedPacket, index_, true, missing, last_end_, last_end_, 0, packets_->place() + ": " + std::to_string(missing) + " bytes of it are missing: its file was cut short"});
      content_bits_ = std::min(content_bits_, there);
    }
    truncated_ = h.content_bits > there;
    cursor_.data = buffer_.data();
    cursor_.end = std::min<uint64_t>(got * 8, content_bits_);
    cursor_.pos = h.header_bits;
    if (h.has_time) cursor_.clock = h.begin;
    earliest_ = h.has_time && h.begin > tolerance() ? h.begin - tolerance() : 0;
    if (!h.end || __builtin_add_overflow(h.end, tolerance(), &latest_)) latest_ = ~uint64_t(0);
    packet_head_.assign(buffer_.begin(), buffer_.begin() + static_cast<long>((h.header_bits + 7) / 8));
    if (cursor_.pos >= content_bits_) continue;  // an empty packet
    loaded_ = layout_->externals.paths.size();
    load_externals(layout_->externals, packet_head_, trace_.metadata.byte_order, cursor_);
    in_packet_ = true;
    event_begin_ = ~uint64_t(0);
    return Step::Event;
  }
}

/// The metadata that tell the clock may come after the stream.
void Stream::learn_clock() {
  const auto& clocks = trace_.metadata.clocks;
  unit_ = clocks.empty() || clocks[0].freq == 1'000'000'000;
  offset_ = static_cast<uint64_t>(trace_.nanoseconds(0));
}

/// Brings more of the packet into the window, keeping what is behind bit `keep_from` of it; that becomes the cursor's
/// position. False: there is no more.
bool Stream::slide(uint64_t keep_from) {
  const uint64_t in_window = (cursor_.end + 7) / 8;
  if (window_begin_ * 8 + cursor_.end >= content_bits_) return false;
  const uint64_t keep = (keep_from >> 3) / kStep * kStep;
  if (!keep) {
    if (buffer_.size() >= kMaxEvent) return false;
    buffer_.resize(buffer_.size() * 2);
  }
  const uint64_t kept = in_window - keep;
  std::memmove(buffer_.data(), buffer_.data() + keep, kept);
  window_begin_ += keep;
  const uint64_t content = (content_bits_ + 7) / 8;
  const uint64_t want = std::min<uint64_t>(buffer_.size(), content - window_begin_) - kept;
  const size_t got = packets_->read(window_begin_ + kept, buffer_.data() + kept, want);
  if (got < want) content_bits_ = (window_begin_ + kept + got) * 8;  // the file was cut while it was read
  cursor_.data = buffer_.data();
  cursor_.pos = keep_from - keep * 8;
  cursor_.end = std::min<uint64_t>((kept + got) * 8, content_bits_ - window_begin_ * 8);
  return got > 0;
}

/// Reads the header of the event at the cursor. False: the packet is left.
bool Stream::header(std::vector<Loss>& losses) {
  const uint64_t clock = cursor_.clock;
  for (;;) {
    uint64_t from = cursor_.pos;
    Status status = Status::Ok;
    if (layout_->form == HeaderForm::Program) {
      cursor_.id = 0;
      status = run(layout_->header, cursor_, nullptr, 0);
    } else {
      cursor_.pos = from = align_up(from, 8);
      const unsigned bytes = layout_->form == HeaderForm::Compact ? 4 : 6;
      const unsigned full = layout_->form == HeaderForm::Compact ? 13 : 14;
      const uint64_t room = cursor_.end < from ? 0 : (cursor_.end - from) >> 3;
      const uint8_t* p = cursor_.data + (from >> 3);
      if (room < bytes) {
        status = Status::NeedMore;
      } else if (layout_->form == HeaderForm::Compact) {
        const uint32_t word = load<uint32_t>(p);
        cursor_.id = word & 31;
        if (cursor_.id != 31) {
          advance_clock(cursor_.clock, word >> 5, 27);
          cursor_.pos += 32;
        }
      } else {
        cursor_.id = load<uint16_t>(p);
        if (cursor_.id != 0xFFFF) {
          advance_clock(cursor_.clock, load<uint32_t>(p + 2), 32);
          cursor_.pos += 48;
        }
      }
      if (status == Status::Ok && cursor_.pos == from) {
        if (room < full) {
          status = Status::NeedMore;
        } else {
          cursor_.id = load<uint32_t>(p + full - 12);
          cursor_.clock = load<uint64_t>(p + full - 8);
          cursor_.pos += full * 8;
        }
      }
    }
    if (status == Status::Ok) return true;
    cursor_.clock = clock;
    cursor_.pos = from;
    if (status == Status::Corrupt || !slide(from)) {
      broken("an event header that cannot be decoded", losses);
      return false;
    }
  }
}

Stream::Step Stream::next(std::vector<Loss>& losses) {
  if (!late_.empty()) {
    losses.insert(losses.end(), late_.begin(), late_.end());
    late_.clear();
  }
  for (;;) {
    while (!in_packet_ || window_begin_ * 8 + cursor_.pos >= content_bits_) {
      close_packet();
      if (const Step step = open_packet(losses); step != Step::Event) return step;
    }
    if (packet_position() == event_begin_) {
      broken("events of no size", losses);
      continue;
    }
    event_begin_ = packet_position();
    if (!header(losses)) continue;
    const EventLayout* event = layout_->event(cursor_.id);
    if (!event) {
      broken("event id " + std::to_string(cursor_.id) + ", which the metadata do not declare,", losses);
      continue;
    }
    if (cursor_.clock > latest_ || cursor_.clock < earliest_) {
      broken("a timestamp far outside the packet's time", losses);
      continue;
    }
    if (layout_->externals.paths.size() != loaded_) {
      loaded_ = layout_->externals.paths.size();
      load_externals(layout_->externals, packet_head_, trace_.metadata.byte_order, cursor_);
    }
    pending_ = event;
    const bool wanted = event->wanted || options_.every_event;
    if (wanted || options_.begin != INT64_MIN || options_.end != INT64_MAX) {
      time_ = time_of(cursor_.clock);
      if (time_ >= options_.end) return Step::End;
      if (wanted && time_ >= options_.begin) return Step::Event;
    }
    if (time_ >= options_.begin) event->count->store(event->count->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (!skip()) {
      losses.insert(losses.end(), late_.begin(), late_.end());
      late_.clear();
    }
  }
}

bool Stream::skip() { return decode(pending_->skip, nullptr, 0); }

bool Stream::decode(const Program& program, Batch* batch, uint32_t row) {
  if (program.is_fixed && cursor_.end - cursor_.pos >= program.fixed_bits) {
    cursor_.pos += program.fixed_bits;
    return true;
  }
  for (;;) {
    const uint64_t from = cursor_.pos;
    const Status status = run(program, cursor_, batch, row);
    if (status == Status::Ok) return true;
    cursor_.pos = from;
    if (status == Status::Corrupt || !slide(from)) {
      broken("an event that cannot be decoded", late_);
      return false;
    }
  }
}

bool Stream::emit(Batch& batch, uint32_t row) {
  if (!decode(pending_->project, &batch, row)) return false;
  batch.event[row] = pending_->name;
  batch.stream[row] = static_cast<uint16_t>(index_);
  batch.cpu[row] = static_cast<int16_t>(cpu_);
  pending_->count->store(pending_->count->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return true;
}

}  // namespace ctf
