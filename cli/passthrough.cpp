// SPDX-License-Identifier: MIT
#include "cli/passthrough.hpp"

#include "cli/passthrough_parts.hpp"
#include "cli/terminal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace mcp_push {
namespace passthrough {

void Starter::become(int trouble_fd) const {
    std::vector<char*> pointers;
    pointers.reserve(command.size() + 1);
    for (const auto& word : command)
        pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    signals.restore();
    for (const int number : {SIGTTIN, SIGTTOU})
        ::signal(number, SIG_DFL);
    ::signal(SIGPIPE, ignore_sigpipe ? SIG_IGN : SIG_DFL);
    ::execvp(pointers[0], pointers.data());
    const int code = errno;
    if (::write(trouble_fd, &code, sizeof code) < 0) ::_exit(126);
    ::_exit(code == ENOENT ? 127 : 126);
}

Result<Pipe> open_pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return Error{ErrorKind::storage, "cannot make a pipe: " + errno_text(errno)};
    for (const int fd : ends)
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    return Pipe{FileHandle(ends[0]), FileHandle(ends[1])};
}

int read_trouble(Pipe& pipe) {
    pipe.writer.reset();
    int code = 0;
    ssize_t got = 0;
    while ((got = ::read(pipe.reader.get(), &code, sizeof code)) < 0 && errno == EINTR) {
    }
    return got == static_cast<ssize_t>(sizeof code) ? code : 0;
}

bool Relay::write_all(int fd, std::string_view bytes, const std::function<void()>& on_signal) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EINTR) {
            on_signal();
        } else if (errno == EAGAIN) {
            pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
            if (::poll(&entry, 1, -1) < 0) on_signal();
        } else {
            return false;
        }
    }
    return true;
}

Relay::Got Relay::pump(OutputTail* tail, const std::function<void()>& on_signal) {
    std::array<char, 64 * 1024> buffer{};
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return Got::nothing;
    if (got <= 0) { // a terminal whose other end is closed reads as EIO
        from.reset();
        return Got::end;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    if (tail != nullptr) tail->add(bytes);
    // A reader that has left is the command's affair: its next write fails as it would without us.
    if (!write_all(to, bytes, on_signal)) from.reset();
    return Got::some;
}

} // namespace passthrough

namespace {

using passthrough::Pipe;
using passthrough::Relay;
using passthrough::Starter;

bool same_place(int one, int other) {
    struct stat a {};
    struct stat b {};
    return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
           a.st_rdev == b.st_rdev;
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

/// Runs a command in our own process group, its output and errors through pipes.
class PipesRun {
public:
    explicit PipesRun(Starter& starter) : m_starter(starter) {}

    Result<int> run(OutputTail& tail, int& trouble) {
        TRY_ASSIGN(Pipe trouble_pipe, passthrough::open_pipe());
        const bool together = same_place(STDOUT_FILENO, STDERR_FILENO);
        std::array<FileHandle, 2> writers;
        for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
            if (!is_open(fd) || (together && fd == STDERR_FILENO)) continue;
            TRY_ASSIGN(Pipe pipe, passthrough::open_pipe());
            m_relays.push_back({std::move(pipe.reader), fd});
            writers[static_cast<std::size_t>(fd - 1)] = std::move(pipe.writer);
        }
        m_child = ::fork();
        if (m_child < 0) return Error{ErrorKind::storage, "cannot start a process: " + errno_text(errno)};
        if (m_child == 0) {
            if (writers[0]) ::dup2(writers[0].get(), STDOUT_FILENO);
            if (together) ::dup2(writers[0].get(), STDERR_FILENO);
            if (writers[1]) ::dup2(writers[1].get(), STDERR_FILENO);
            m_starter.become(trouble_pipe.writer.get());
        }
        for (auto& writer : writers)
            writer.reset();
        trouble = passthrough::read_trouble(trouble_pipe);
        while (!m_ended)
            turn(tail);
        // What it wrote before its end is in the pipes by now.
        for (auto& relay : m_relays) {
            if (relay.from) ::fcntl(relay.from.get(), F_SETFL, O_NONBLOCK);
            while (relay.from && relay.pump(&tail, on_signal()) == Relay::Got::some) {
            }
        }
        leave_relay_behind();
        return m_status;
    }

private:
    std::function<void()> on_signal() {
        return [this] { handle_signals(); };
    }

    void turn(OutputTail& tail) {
        std::vector<pollfd> entries = {{.fd = m_starter.signals.fd(), .events = POLLIN, .revents = 0}};
        for (const auto& relay : m_relays)
            entries.push_back({.fd = relay.from.get(), .events = POLLIN, .revents = 0});
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) m_ended = true;
        handle_signals();
        for (std::size_t i = 0; i < m_relays.size(); ++i) {
            if (entries[i + 1].revents != 0 && m_relays[i].from) m_relays[i].pump(&tail, on_signal());
        }
    }

    void handle_signals() {
        while (const auto signal = m_starter.signals.next()) {
            if (signal->number == SIGCHLD) {
                if (!m_ended && ::waitpid(m_child, &m_status, WNOHANG) == m_child) m_ended = true;
                continue;
            }
            // What the terminal sent has reached the command already: it is in our process group.
            if (!m_ended && (!signal->from_kernel || signal->number == SIGCONT)) ::kill(m_child, signal->number);
            if (signal->number == SIGTSTP) m_starter.signals.stop_here(false);
        }
    }

    /// Processes that the command left in the background go on writing; without somebody at the pipes' other end they
    /// would die of it, which they would not without us.
    void leave_relay_behind() {
        std::erase_if(m_relays, [](const Relay& relay) { return !relay.from; });
        if (m_relays.empty() || ::fork() != 0) return;
        m_starter.signals.restore();
        while (!m_relays.empty()) {
            std::vector<pollfd> entries;
            for (const auto& relay : m_relays)
                entries.push_back({.fd = relay.from.get(), .events = POLLIN, .revents = 0});
            if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) break;
            for (auto& relay : m_relays)
                relay.pump(nullptr, [] {});
            std::erase_if(m_relays, [](const Relay& relay) { return !relay.from; });
        }
        ::_exit(0);
    }

    Starter& m_starter;
    std::vector<Relay> m_relays;
    pid_t m_child = -1;
    bool m_ended = false;
    int m_status = 0;
};

} // namespace

Result<CommandEnd> pass_through(const std::vector<std::string>& command, bool ignore_sigpipe) {
    const Millis begin = system_clock().since_boot();
    TRY_ASSIGN(SignalPipe signals, SignalPipe::open());
    Starter starter{command, signals, ignore_sigpipe};
    OutputTail tail;
    int trouble = 0;
    int status = 0;
    if (auto terminal = OwnTerminal::find()) {
        TRY_ASSIGN(status, passthrough::run_on_terminal(starter, *terminal, tail, trouble));
    } else {
        TRY_ASSIGN(status, PipesRun(starter).run(tail, trouble));
    }
    CommandEnd end;
    end.took = system_clock().since_boot() - begin;
    end.output_tail = tail.text();
    if (trouble != 0) {
        end.trouble = command[0] + ": " + (trouble == ENOENT ? "command not found" : errno_text(trouble));
        end.exit_code = trouble == ENOENT ? 127 : 126;
    } else if (WIFSIGNALED(status)) {
        end.signal = WTERMSIG(status);
        end.exit_code = 128 + end.signal;
    } else {
        end.exit_code = WEXITSTATUS(status);
    }
    return end;
}

} // namespace mcp_push
