#include "live/connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace live {

namespace {

constexpr int kSlice = 20;       // ms between two looks at `stop`
constexpr int kPatience = 10000; // ms without a byte

}  // namespace

Connection::Connection(const std::string& host, uint16_t port, const std::atomic<bool>& stop) : stop_(stop) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found)) throw Disconnected{"the host name cannot be resolved: " + std::string(::gai_strerror(error))};
  std::string why = "no address";
  for (addrinfo* a = found; a; a = a->ai_next) {
    fd_ = ::socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (fd_ < 0) continue;
    int error = ::connect(fd_, a->ai_addr, a->ai_addrlen) ? errno : 0;
    if (error == EINPROGRESS) {
      try {
        wait(POLLOUT);
        socklen_t size = sizeof error;
        ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
      } catch (const Disconnected&) {
        error = ETIMEDOUT;
      } catch (...) {
        ::freeaddrinfo(found);
        ::close(fd_);
        throw;
      }
    }
    if (!error) break;
    why = std::strerror(error);
    ::close(fd_);
    fd_ = -1;
  }
  ::freeaddrinfo(found);
  if (fd_ < 0) throw Disconnected{why};
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() { ::close(fd_); }

void Connection::wait(short events) {
  pollfd p{fd_, events, 0};
  for (int waited = 0; waited < kPatience; waited += kSlice) {
    if (stop_.load(std::memory_order_relaxed)) throw Stopped{};
    const int n = ::poll(&p, 1, kSlice);
    if (n > 0) return;
    if (n < 0 && errno != EINTR) throw Disconnected{std::strerror(errno)};
  }
  throw Disconnected{"no answer for " + std::to_string(kPatience / 1000) + " seconds"};
}

void Connection::send(const std::vector<uint8_t>& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<size_t>(n);
    else if (n < 0 && (errno == EAGAIN || errno == EINTR)) wait(POLLOUT);
    else throw Disconnected{std::strerror(errno)};
  }
}

void Connection::receive(uint8_t* to, size_t bytes) {
  for (size_t got = 0; got < bytes;) {
    const ssize_t n = ::recv(fd_, to + got, bytes - got, 0);
    if (n > 0) got += static_cast<size_t>(n);
    else if (n == 0) throw Disconnected{"the relay daemon closed the connection"};
    else if (errno == EAGAIN || errno == EINTR) wait(POLLIN);
    else throw Disconnected{std::strerror(errno)};
  }
}

}  // namespace live
