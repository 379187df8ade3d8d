// SPDX-License-Identifier: MIT
// A command on a terminal of its own: our side of it.
#include "cli/passthrough_parts.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace mcp_push::passthrough {
namespace {

/// After the command's end its last output may need a moment to come through the terminal; longer waits only for
/// processes that it left behind.
constexpr int k_quiet_ms = 30;

class TerminalRun {
public:
    TerminalRun(Starter& starter, OwnTerminal& own, OutputTail& tail) : m_starter(starter), m_own(own), m_tail(tail) {}

    Result<int> run(int& trouble);

private:
    void turn();
    void handle_signals();
    void handle_report();
    void copy_size() const;
    void go_on();
    void read_keys();
    void write_keys();
    void drain();
    [[nodiscard]] std::function<void()> on_signal() {
        return [this] { handle_signals(); };
    }

    Starter& m_starter;
    OwnTerminal& m_own;
    OutputTail& m_tail;
    std::vector<Relay> m_relays; ///< the terminal's master, then errors where they go elsewhere
    FileHandle m_reports;
    std::string m_keys; ///< read, not yet taken by the command's terminal
    bool m_keys_ended = false;
    pid_t m_command = 0;
    bool m_ended = false;
    int m_status = 0;
};

Result<int> TerminalRun::run(int& trouble) {
    TRY_ASSIGN(Pipe trouble_pipe, open_pipe());
    TRY_ASSIGN(TerminalPair terminals, open_terminal_pair(m_own));
    Pipe errors;
    if (::isatty(STDERR_FILENO) != 1 && ::fcntl(STDERR_FILENO, F_GETFD) >= 0) {
        TRY_ASSIGN(errors, open_pipe());
    }
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) != 0) {
        return Error{ErrorKind::storage, "cannot make a socket: " + errno_text(errno)};
    }
    m_reports = FileHandle(sockets[0]);
    FileHandle helper_end(sockets[1]);
    for (const int fd : sockets)
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    const pid_t helper = ::fork();
    if (helper < 0) return Error{ErrorKind::storage, "cannot start a process: " + errno_text(errno)};
    if (helper == 0) {
        m_reports.reset();
        be_helper(m_starter, terminals, errors.writer, helper_end, trouble_pipe);
    }
    helper_end.reset();
    terminals.slave.reset();
    errors.writer.reset();
    ::fcntl(terminals.master.get(), F_SETFL, O_NONBLOCK);
    m_relays.push_back({std::move(terminals.master), STDOUT_FILENO});
    if (errors.reader) m_relays.push_back({std::move(errors.reader), STDERR_FILENO});
    m_own.make_raw();
    trouble = read_trouble(trouble_pipe);
    while (!m_ended)
        turn();
    drain();
    m_own.restore();
    m_reports.reset();
    int ignored = 0;
    while (::waitpid(helper, &ignored, 0) < 0 && errno == EINTR) {
    }
    return m_status;
}

void TerminalRun::turn() {
    const auto& master = m_relays.front().from;
    std::vector<pollfd> entries = {
        {.fd = m_starter.signals.fd(), .events = POLLIN, .revents = 0},
        {.fd = m_reports.get(), .events = POLLIN, .revents = 0},
        {.fd = m_own.is_raw() && m_keys.empty() && !m_keys_ended ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
        {.fd = m_keys.empty() ? -1 : master.get(), .events = POLLOUT, .revents = 0}};
    const auto first_relay = entries.size();
    for (const auto& relay : m_relays)
        entries.push_back({.fd = relay.from.get(), .events = POLLIN, .revents = 0});
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) m_ended = true;
    handle_signals();
    if (entries[2].revents != 0) read_keys();
    if (entries[3].revents != 0) write_keys();
    for (std::size_t i = 0; i < m_relays.size(); ++i) {
        if (entries[first_relay + i].revents != 0 && m_relays[i].from) m_relays[i].pump(&m_tail, on_signal());
    }
    if (entries[1].revents != 0) handle_report();
}

void TerminalRun::read_keys() {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got > 0) {
        m_keys.assign(buffer.data(), static_cast<std::size_t>(got));
        write_keys();
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        m_keys_ended = true; // the terminal is gone; SIGHUP says so too
    }
}

void TerminalRun::write_keys() {
    const auto& master = m_relays.front().from;
    if (!master) return m_keys.clear();
    const ssize_t written = ::write(master.get(), m_keys.data(), m_keys.size());
    if (written > 0) {
        m_keys.erase(0, static_cast<std::size_t>(written));
    } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
        m_keys.clear();
    }
}

void TerminalRun::copy_size() const {
    const winsize size = m_own.size();
    if (m_relays.front().from) ::ioctl(m_relays.front().from.get(), TIOCSWINSZ, &size);
}

void TerminalRun::go_on() {
    if (m_own.in_foreground()) m_own.make_raw();
    copy_size();
    if (m_command > 0 && !m_ended) ::kill(-m_command, SIGCONT);
}

void TerminalRun::handle_signals() {
    while (const auto signal = m_starter.signals.next()) {
        switch (signal->number) {
        case SIGCHLD:
            break; // the helper's end; what matters it has reported
        case SIGWINCH:
            copy_size();
            break;
        case SIGCONT:
            go_on();
            break;
        case SIGHUP:
            if (m_command > 0) ::kill(-m_command, SIGHUP);
            break;
        default:
            if (m_command > 0 && !m_ended) ::kill(m_command, signal->number);
            break;
        }
    }
}

void TerminalRun::handle_report() {
    HelperReport report;
    const ssize_t got = ::recv(m_reports.get(), &report, sizeof report, MSG_WAITALL);
    if (got < 0 && errno == EINTR) return;
    if (got != static_cast<ssize_t>(sizeof report)) { // the helper was killed: so is its session
        m_ended = true;
        m_status = SIGKILL;
        return;
    }
    m_command = report.pid;
    if (report.started) return;
    if (WIFSTOPPED(report.status)) {
        m_own.restore();
        m_starter.signals.stop_here(true);
        go_on();
        return;
    }
    m_ended = true;
    m_status = report.status;
}

void TerminalRun::drain() {
    for (;;) {
        std::vector<pollfd> entries;
        for (const auto& relay : m_relays) {
            if (relay.from) entries.push_back({.fd = relay.from.get(), .events = POLLIN, .revents = 0});
        }
        if (entries.empty()) return;
        const int ready = ::poll(entries.data(), entries.size(), k_quiet_ms);
        if (ready == 0) return;
        if (ready < 0) {
            handle_signals();
            continue;
        }
        for (auto& relay : m_relays) {
            if (!relay.from) continue;
            ::fcntl(relay.from.get(), F_SETFL, O_NONBLOCK);
            relay.pump(&m_tail, on_signal());
        }
    }
}

} // namespace

Result<int> run_on_terminal(Starter& starter, OwnTerminal& own, OutputTail& tail, int& trouble) {
    return TerminalRun(starter, own, tail).run(trouble);
}

} // namespace mcp_push::passthrough
