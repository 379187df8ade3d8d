// SPDX-License-Identifier: MIT
#include "bench/sink.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <string_view>
#include <utility>

namespace mcp_push::bench {
namespace {

constexpr std::string_view k_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::size_t k_requests_kept = 100'000;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::abort();
}

/// A header's value, without the white space around it; "" when it is not there.
std::string_view header(std::string_view head, std::string_view name) {
    const std::string wanted = "\r\n" + std::string(name) + ":";
    for (std::size_t at = 0; at + wanted.size() <= head.size(); ++at) {
        if (::strncasecmp(head.data() + at, wanted.data(), wanted.size()) != 0) continue;
        auto value = head.substr(at + wanted.size());
        value = value.substr(0, value.find("\r\n"));
        const auto first = value.find_first_not_of(' ');
        return first == std::string_view::npos ? std::string_view() : value.substr(first);
    }
    return {};
}

std::size_t content_length(std::string_view head) {
    const auto value = header(head, "Content-Length");
    std::size_t length = 0;
    std::from_chars(value.data(), value.data() + value.size(), length);
    return length;
}

} // namespace

struct Sink::Connection {
    int fd = -1;
    std::string text;
    std::size_t due = 0; ///< requests that are to be answered now
};

Sink::Sink(Manner manner, std::chrono::milliseconds delay) : m_manner(manner), m_delay(delay) {
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (m_listener < 0 || ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(m_listener, 1024) != 0 ||
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        give_up("sink");
    }
    m_port = ntohs(address.sin_port);
    m_stop = ::eventfd(0, EFD_CLOEXEC);
    m_thread = std::thread([this] { serve(); });
}

Sink::~Sink() {
    const std::uint64_t one = 1;
    if (::write(m_stop, &one, sizeof one) != sizeof one) std::abort();
    m_thread.join();
    ::close(m_listener);
    ::close(m_stop);
}

std::string Sink::url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(m_port) + path; }

std::vector<Sink::Request> Sink::take_requests() {
    const std::lock_guard lock(m_guard);
    return std::exchange(m_requests, {});
}

bool Sink::wait_for(std::size_t count, std::chrono::milliseconds limit) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (m_count.load() < count) {
        if (std::chrono::steady_clock::now() > end) return false;
        ::poll(nullptr, 0, 1);
    }
    return true;
}

/// Takes what has arrived apart; false when the other side has closed.
bool Sink::read_from(Connection& connection) {
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t got = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
        if (got == 0) return false;
        if (got < 0) break;
        connection.text.append(buffer.data(), static_cast<std::size_t>(got));
        if (static_cast<std::size_t>(got) < buffer.size()) break;
    }
    for (;;) {
        const auto head = connection.text.find("\r\n\r\n");
        if (head == std::string::npos) return true;
        const auto headers = std::string_view(connection.text).substr(0, head);
        const std::size_t length = content_length(headers);
        if (connection.text.size() < head + 4 + length) return true;
        {
            const std::lock_guard lock(m_guard);
            if (m_requests.size() < k_requests_kept) {
                m_requests.push_back(
                    {std::string(header(headers, "Idempotency-Key")), connection.text.substr(head + 4, length)});
            }
        }
        m_latest = std::chrono::steady_clock::now().time_since_epoch().count();
        ++m_count;
        ++connection.due;
        connection.text.erase(0, head + 4 + length);
    }
}

void Sink::serve() {
    const int poller = ::epoll_create1(EPOLL_CLOEXEC);
    const auto watch = [&](int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0) give_up("sink: epoll");
    };
    watch(m_listener);
    watch(m_stop);
    std::map<int, Connection> connections;
    std::deque<std::pair<Instant, int>> answers; // in the order in which they are due
    const auto answer = [](int fd) { (void)!::send(fd, k_answer.data(), k_answer.size(), MSG_NOSIGNAL); };
    for (bool working = true; working;) {
        int patience = -1;
        if (!answers.empty()) {
            const auto left = answers.front().first - std::chrono::steady_clock::now();
            patience =
                static_cast<int>(std::max<long long>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
        }
        std::array<epoll_event, 256> events{};
        const int ready = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), patience);
        for (int index = 0; index < ready; ++index) {
            const int fd = events[static_cast<std::size_t>(index)].data.fd;
            if (fd == m_stop) {
                working = false;
            } else if (fd == m_listener) {
                for (int peer = 0;
                     (peer = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
                    const int on = 1;
                    ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    connections[peer].fd = peer;
                    watch(peer);
                }
            } else if (auto& connection = connections[fd]; !read_from(connection)) {
                std::erase_if(answers, [&](const auto& due) { return due.second == fd; });
                connections.erase(fd);
                ::close(fd);
            } else {
                for (; connection.due > 0; --connection.due) {
                    if (m_manner == Manner::hang) continue;
                    if (m_delay.count() == 0) {
                        answer(fd);
                    } else {
                        answers.emplace_back(std::chrono::steady_clock::now() + m_delay, fd);
                    }
                }
            }
        }
        for (; !answers.empty() && answers.front().first <= std::chrono::steady_clock::now(); answers.pop_front()) {
            answer(answers.front().second);
        }
    }
    for (const auto& [fd, connection] : connections)
        ::close(fd);
    ::close(poller);
}

} // namespace mcp_push::bench
