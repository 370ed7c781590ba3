// The decoding thread: fills batches ahead of the consumer, as many as there are slots, and waits when all are taken.
// Knows nothing of Node.
#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ctf/source.h"

namespace boxtop {

class Reader {
 public:
  explicit Reader(std::unique_ptr<ctf::EventSource> source) : source_(std::move(source)) {}
  ~Reader() { close(); }

  /// Begins to decode into the slots. `notify` is called from the decoding thread when somebody waits (see `take`).
  void start(std::vector<ctf::Batch> slots, std::function<void()> notify);

  enum class State { Batch, Waiting, End };
  /// The oldest filled slot, if any. Waiting: `notify` will be called once. Throws what the decoder threw.
  State take(size_t& slot);
  /// Gives a taken slot back.
  void release(size_t slot);
  const ctf::Batch& batch(size_t slot) const { return slots_[slot]; }

  /// Ends the thread, whatever it does; safe to call again.
  void close();

  const ctf::EventSource& source() const { return *source_; }

 private:
  void work();
  bool enough() const { return free_.size() * 2 >= slots_.size(); }

  std::unique_ptr<ctf::EventSource> source_;
  std::vector<ctf::Batch> slots_;
  std::function<void()> notify_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::deque<size_t> free_, ready_;
  bool closed_ = false, ended_ = false, waiting_ = false;
  std::exception_ptr error_;
};

}  // namespace boxtop
