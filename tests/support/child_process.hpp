// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace mcp_push {

/// A copy of this process that runs `body` (an int of its own exit code) and ends without destructors, so that nothing
/// of the test happens twice. It is killed when the test lets go of it before it has ended.
class ChildProcess {
public:
    template <class Body>
    explicit ChildProcess(Body&& body) : m_pid(::fork()) {
        if (m_pid < 0) {
            std::perror("fork");
            std::abort();
        }
        if (m_pid == 0) ::_exit(body());
    }
    ChildProcess(ChildProcess&& other) noexcept : m_pid(std::exchange(other.m_pid, -1)) {}
    ChildProcess& operator=(ChildProcess&&) = delete;
    ~ChildProcess() {
        if (m_pid < 0) return;
        signal(9);
        (void)wait();
    }

    void signal(int number) const { ::kill(m_pid, number); }
    /// Whether it has ended by itself or by a signal; wait() still tells how.
    [[nodiscard]] bool has_ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
    }
    /// Its exit code, or 128 + the signal that ended it.
    [[nodiscard]] int wait() {
        int status = 0;
        while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
        }
        m_pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t m_pid;
};

} // namespace mcp_push
