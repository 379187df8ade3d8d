// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <util.h>
#else
#include <pty.h>
#endif

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace mcp_push {

/// A program on a terminal of its own, with somebody who types and reads.
class TerminalSession {
public:
    /// `body` runs in the child; it returns only where it fails.
    template <class Body>
    TerminalSession(unsigned short rows, unsigned short columns, Body&& body) {
        winsize size{rows, columns, 0, 0};
        m_pid = ::forkpty(&m_master, nullptr, nullptr, &size);
        if (m_pid < 0) {
            std::perror("forkpty");
            std::abort();
        }
        if (m_pid == 0) ::_exit(body());
    }
    TerminalSession(const TerminalSession&) = delete;
    ~TerminalSession() {
        if (m_pid > 0) {
            ::kill(-m_pid, SIGKILL);
            (void)wait();
        }
        ::close(m_master);
    }

    void type(std::string_view keys) const {
        while (!keys.empty()) {
            const ssize_t written = ::write(m_master, keys.data(), keys.size());
            if (written < 0 && errno != EINTR) return;
            if (written > 0) keys.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void resize(unsigned short rows, unsigned short columns) const {
        const winsize size{rows, columns, 0, 0};
        ::ioctl(m_master, TIOCSWINSZ, &size);
    }
    /// Reads until the screen has shown these words since the last call; false at the end or after 20 seconds.
    [[nodiscard]] bool shows(std::string_view words) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        for (;;) {
            if (const auto at = m_unseen.find(words); at != std::string::npos) {
                m_unseen.erase(0, at + words.size());
                return true;
            }
            if (std::chrono::steady_clock::now() > end || !read_some()) return false;
        }
    }
    /// The exit code, or 128 + the signal. Reads on meanwhile: a full terminal would hold the program.
    [[nodiscard]] int wait() {
        int status = 0;
        while (::waitpid(m_pid, &status, WNOHANG) == 0)
            (void)read_some();
        m_pid = -1;
        while (read_some()) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    /// All that was shown.
    [[nodiscard]] const std::string& screen() const { return m_screen; }
    /// What was shown and not yet asked for.
    [[nodiscard]] const std::string& unseen() const { return m_unseen; }

private:
    /// False when the terminal has no other end any more.
    bool read_some() {
        pollfd entry{.fd = m_master, .events = POLLIN, .revents = 0};
        if (::poll(&entry, 1, 20) <= 0) return m_pid > 0;
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(m_master, buffer.data(), buffer.size());
        if (got <= 0) return got < 0 && errno == EINTR;
        m_unseen.append(buffer.data(), static_cast<std::size_t>(got));
        m_screen.append(buffer.data(), static_cast<std::size_t>(got));
        return true;
    }

    pid_t m_pid = -1;
    int m_master = -1;
    std::string m_unseen;
    std::string m_screen;
};

} // namespace mcp_push
