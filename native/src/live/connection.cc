#include "live/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace live {

namespace {

constexpr int kSlice = 20;  // ms between two looks at `stop`
constexpr size_t kBuffer = 64 << 10;

}  // namespace

Connection::Connection(const std::string& host, uint16_t port, int patience, const std::atomic<bool>& stop) : patience_(patience), stop_(stop), buffer_(kBuffer) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found)) throw Disconnected{"the host name cannot be resolved: " + std::string(::gai_strerror(error))};
  std::string why = "no address";
  for (addrinfo* a = found; a && fd_ < 0; a = a->ai_next) {
    const int fd = ::socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0) continue;
    try {
      if (::connect(fd, a->ai_addr, a->ai_addrlen) && errno != EINPROGRESS) throw Disconnected{std::strerror(errno)};
      connected(fd);
      fd_ = fd;
    } catch (const Disconnected& d) {
      why = d.why;
      ::close(fd);
    } catch (...) {
      ::freeaddrinfo(found);
      ::close(fd);
      throw;
    }
  }
  ::freeaddrinfo(found);
  if (fd_ < 0) throw Disconnected{why};
  // From here on calls block, for a slice of time: an answer costs one call, not three.
  ::fcntl(fd_, F_SETFL, 0);
  const timeval slice{0, kSlice * 1000};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &slice, sizeof slice);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() { ::close(fd_); }

/// Another slice of waiting is over.
void Connection::waited(int& ms) const {
  if (stop_.load(std::memory_order_relaxed)) throw Stopped{};
  if ((ms += kSlice) >= patience_) throw Disconnected{"no answer for " + std::to_string(patience_ / 1000) + " seconds"};
}

/// Waits until the connection stands.
void Connection::connected(int fd) const {
  pollfd p{fd, POLLOUT, 0};
  for (int ms = 0; ::poll(&p, 1, kSlice) <= 0;) waited(ms);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) throw Disconnected{std::strerror(error)};
}

void Connection::send(const std::vector<uint8_t>& bytes, bool several) {
  several_ = several;
  is_first_ = true;
  int ms = 0;
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<size_t>(n), ms = 0;
    else if (n < 0 && (errno == EAGAIN || errno == EINTR)) waited(ms);
    else throw Disconnected{std::strerror(errno)};
  }
}

size_t Connection::receive_some(uint8_t* to, size_t room) {
  // The relay daemon's socket holds the next small answer back until the last is acknowledged (Nagle), which else takes 40 ms.
  const int on = 1;
  if (several_ && !std::exchange(is_first_, false)) ::setsockopt(fd_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  for (int ms = 0;;) {
    const ssize_t n = ::recv(fd_, to, room, 0);
    if (n > 0) return static_cast<size_t>(n);
    if (n == 0) throw Disconnected{"the connection was closed from there"};
    if (errno != EAGAIN && errno != EINTR) throw Disconnected{std::strerror(errno)};
    waited(ms);
  }
}

void Connection::receive(uint8_t* to, size_t bytes) {
  while (bytes) {
    if (begin_ == end_ && bytes >= buffer_.size()) {
      const size_t n = receive_some(to, bytes);
      to += n, bytes -= n;
      continue;
    }
    if (begin_ == end_) begin_ = 0, end_ = receive_some(buffer_.data(), buffer_.size());
    const size_t n = std::min(bytes, end_ - begin_);
    std::copy_n(buffer_.data() + begin_, n, to);
    to += n, bytes -= n, begin_ += n;
  }
}

}  // namespace live
