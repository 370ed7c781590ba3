// One TCP connection whose every wait ends: at a time limit, or when told to stop.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace live {

/// The connection broke or timed out: it may be made anew.
struct Disconnected {
  std::string why;
};

/// The owner wants to stop.
struct Stopped {};

class Connection {
 public:
  /// Throws Disconnected where nobody answers. No byte for `patience` ms ends it, now and later.
  Connection(const std::string& host, uint16_t port, int patience, const std::atomic<bool>& stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `several`: more than one answer is to come.
  void send(const std::vector<uint8_t>& bytes, bool several);
  void receive(uint8_t* to, size_t bytes);

 private:
  void connected(int fd) const;
  size_t receive_some(uint8_t* to, size_t room);
  void waited(int& ms) const;

  int fd_ = -1;
  const int patience_;
  const std::atomic<bool>& stop_;
  std::vector<uint8_t> buffer_;  // what came with the last answer and was not yet asked for: [begin_, end_)
  size_t begin_ = 0, end_ = 0;
  bool several_ = false, is_first_ = true;  // is_first_: none of the answers has come
};

}  // namespace live
