// SPDX-License-Identifier: MIT
#include "tests/support/loopback_server.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace mcp_push {
namespace {

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::abort();
}

int listen_on_loopback(int& port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 256) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        give_up("loopback server");
    }
    port = ntohs(address.sin_port);
    return fd;
}

struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// A stream over a socket, with TLS or without.
class Stream {
public:
    Stream(int fd, SSL_CTX* context) : m_fd(fd) {
        if (context == nullptr) return;
        m_ssl.reset(SSL_new(context));
        SSL_set_fd(m_ssl.get(), fd);
        m_usable = SSL_accept(m_ssl.get()) == 1;
    }
    [[nodiscard]] bool usable() const { return m_usable; }
    bool read_more(std::string& text) {
        std::array<char, 16384> buffer{};
        const auto got = m_ssl ? SSL_read(m_ssl.get(), buffer.data(), static_cast<int>(buffer.size()))
                               : static_cast<int>(::recv(m_fd, buffer.data(), buffer.size(), 0));
        if (got <= 0) return false;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        return true;
    }
    bool write(std::string_view text) {
        while (!text.empty()) {
            const auto count = static_cast<int>(std::min<std::size_t>(text.size(), 1 << 20));
            const auto sent = m_ssl ? SSL_write(m_ssl.get(), text.data(), count)
                                    : static_cast<int>(::send(m_fd, text.data(), count, MSG_NOSIGNAL));
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// The peer learns of the connection's end by a reset.
    void reset_when_closed() const {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }

private:
    int m_fd;
    std::unique_ptr<SSL, FreeSsl> m_ssl;
    bool m_usable = true;
};

} // namespace

std::string LoopbackServer::Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

struct LoopbackServer::State {
    Handler handler;
    Accept accept = Accept::plain;
    int port = 0;
    FileHandle listener;
    FileHandle stop_reader;
    FileHandle stop_writer;
    std::unique_ptr<SSL_CTX, FreeSsl> context;
    mutable std::mutex mutex;
    std::vector<Request> requests;
    std::vector<int> open;
    std::atomic<int> connections{0};
    std::vector<std::thread> workers;
    std::thread acceptor;

    /// Waits until the server ends, at most so long; whether it ended.
    bool stopped_within(Millis limit) const {
        pollfd entry{.fd = stop_reader.get(), .events = POLLIN, .revents = 0};
        return ::poll(&entry, 1, static_cast<int>(limit.count())) > 0;
    }

    void accept_all() {
        for (;;) {
            std::array<pollfd, 2> entries = {{{.fd = listener.get(), .events = POLLIN, .revents = 0},
                                              {.fd = stop_reader.get(), .events = POLLIN, .revents = 0}}};
            if (::poll(entries.data(), entries.size(), -1) < 0) continue;
            if (entries[1].revents != 0) return;
            const int fd = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) continue;
            const int number = ++connections;
            const std::lock_guard lock(mutex);
            open.push_back(fd);
            workers.emplace_back([this, fd, number] { serve(fd, number); });
        }
    }

    void serve(int fd, int number) {
        if (accept == Accept::silent) {
            (void)stopped_within(Millis(3'600'000));
        } else {
            Stream stream(fd, context.get());
            std::string text;
            while (stream.usable() && serve_one(stream, text, number)) {
            }
        }
        const std::lock_guard lock(mutex);
        std::erase(open, fd);
        ::close(fd);
    }

    static bool read_request(Stream& stream, std::string& text, Request& request) {
        std::size_t end = 0;
        while ((end = text.find("\r\n\r\n")) == std::string::npos) {
            if (!stream.read_more(text)) return false;
        }
        const std::string head = text.substr(0, end);
        bool first = true;
        std::size_t length = 0;
        for (const auto raw : split(head, '\n')) {
            const auto line = trim(raw);
            if (first) {
                const auto words = split(line, ' ');
                if (words.size() < 3) return false;
                request.method = words[0];
                request.target = words[1];
                first = false;
            } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
                request.headers.emplace_back(to_lower(line.substr(0, colon)),
                                             std::string(trim(line.substr(colon + 1))));
            }
        }
        const auto value = request.header("content-length");
        std::from_chars(value.data(), value.data() + value.size(), length);
        while (text.size() < end + 4 + length) {
            if (!stream.read_more(text)) return false;
        }
        request.body = text.substr(end + 4, length);
        text.erase(0, end + 4 + length);
        return true;
    }

    bool serve_one(Stream& stream, std::string& text, int number) {
        Request request;
        request.connection = number;
        if (!read_request(stream, text, request)) return false;
        {
            const std::lock_guard lock(mutex);
            requests.push_back(request);
        }
        const Answer answer = handler(request);
        if (answer.delay.count() > 0 && stopped_within(answer.delay)) return false;
        using enum Answer::Manner;
        if (answer.manner == hang) (void)stopped_within(Millis(3'600'000));
        if (answer.manner == hang || answer.manner == close_at_once) return false;
        if (answer.manner == raw) return stream.write(answer.body) && false;
        std::string reply = "HTTP/1.1 " + std::to_string(answer.status) +
                            " Answer\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
        for (const auto& [name, value] : answer.headers)
            reply += name + ": " + value + "\r\n";
        reply += "\r\n";
        if (answer.manner == cut_after_headers) return stream.write(reply) && false;
        if (answer.manner == reset_in_body) {
            stream.reset_when_closed();
            return stream.write(reply + answer.body.substr(0, answer.body.size() / 2)) && false;
        }
        if (answer.manner == hang_in_body) {
            (void)stream.write(reply + answer.body.substr(0, answer.body.size() / 2));
            (void)stopped_within(Millis(3'600'000));
            return false;
        }
        return stream.write(reply + (request.method == "HEAD" ? std::string() : answer.body));
    }
};

LoopbackServer::LoopbackServer(Handler handler, Accept accept, const std::string& certificate, const std::string& key)
    : m_state(std::make_unique<State>()) {
    m_state->handler = std::move(handler);
    m_state->accept = accept;
    if (accept == Accept::tls) {
        m_state->context.reset(SSL_CTX_new(TLS_server_method()));
        if (SSL_CTX_use_certificate_file(m_state->context.get(), certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(m_state->context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
            give_up("loopback server's certificate");
        }
    }
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) give_up("loopback server's pipe");
    m_state->stop_reader = FileHandle(ends[0]);
    m_state->stop_writer = FileHandle(ends[1]);
    m_state->listener = FileHandle(listen_on_loopback(m_state->port));
    m_state->acceptor = std::thread([state = m_state.get()] { state->accept_all(); });
}

LoopbackServer::~LoopbackServer() {
    m_state->stop_writer.reset(); // the reader's end becomes readable for everybody who waits on it
    m_state->acceptor.join();
    {
        const std::lock_guard lock(m_state->mutex);
        for (const int fd : m_state->open)
            ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& worker : m_state->workers)
        worker.join();
}

int LoopbackServer::port() const { return m_state->port; }

std::string LoopbackServer::url(std::string_view path) const {
    const bool tls = m_state->accept == Accept::tls;
    return (tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port()) + std::string(path);
}

std::vector<LoopbackServer::Request> LoopbackServer::requests() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->requests;
}

int LoopbackServer::connections() const { return m_state->connections; }

int closed_port() {
    int port = 0;
    ::close(listen_on_loopback(port));
    return port;
}

} // namespace mcp_push
