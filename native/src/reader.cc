#include "reader.h"

#include <pthread.h>

#include <utility>

namespace boxtop {

void Reader::start(std::vector<ctf::Batch> slots, std::function<void()> notify) {
  slots_ = std::move(slots);
  notify_ = std::move(notify);
  for (size_t i = 0; i < slots_.size(); i++) free_.push_back(i);
  thread_ = std::thread([this] { work(); });
}

void Reader::work() {
  // Else it goes by Node's name, as so many threads do; with us, too.
  ::pthread_setname_np(::pthread_self(), "boxtop-decode");
  for (bool more = true; more;) {
    size_t slot;
    {
      std::unique_lock lock(mutex_);
      // Once all are taken it sleeps until half of them are back: waking for each one costs more than decoding it.
      if (free_.empty()) freed_.wait(lock, [this] { return closed_ || enough(); });
      if (closed_) return;
      slot = free_.front();
      free_.pop_front();
    }
    std::exception_ptr error;
    try {
      more = source_->fill(slots_[slot]);
    } catch (...) {
      error = std::current_exception();
      more = false;
    }
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    error_ = error;
    ended_ = !more;
    if (!error) ready_.push_back(slot);
    // Full batches come one after the other: whoever waits is woken for several. One that is not full is all there is now.
    if (waiting_ && (ended_ || !slots_[slot].full() || ready_.size() * 2 >= slots_.size())) {
      waiting_ = false;
      notify_();
    }
  }
}

Reader::State Reader::take(size_t& slot) {
  const std::lock_guard lock(mutex_);
  if (!ready_.empty()) {
    slot = ready_.front();
    ready_.pop_front();
    return State::Batch;
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  if (ended_ || closed_) return State::End;
  waiting_ = true;
  return State::Waiting;
}

void Reader::release(size_t slot) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
    wake = enough();
  }
  if (wake) freed_.notify_one();
}

void Reader::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_ = false;
  }
  source_->stop();
  freed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace boxtop
