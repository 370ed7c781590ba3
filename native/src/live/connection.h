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
  /// Throws Disconnected where nobody answers.
  Connection(const std::string& host, uint16_t port, const std::atomic<bool>& stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(const std::vector<uint8_t>& bytes);
  void receive(uint8_t* to, size_t bytes);

 private:
  void wait(short events);
  int fd_ = -1;
  const std::atomic<bool>& stop_;
};

}  // namespace live
