// SPDX-License-Identifier: MIT
#include "cli/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace mcp_push {

std::optional<OwnTerminal> OwnTerminal::find() {
    termios found{};
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return std::nullopt;
    if (::tcgetattr(STDIN_FILENO, &found) != 0) return std::nullopt;
    OwnTerminal terminal(found);
    if (!terminal.in_foreground()) return std::nullopt;
    return terminal;
}

winsize OwnTerminal::size() const {
    winsize size{};
    ::ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
    return size;
}

bool OwnTerminal::in_foreground() const { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

void OwnTerminal::make_raw() {
    if (m_raw) return;
    (void)::tcgetattr(STDIN_FILENO, &m_found); // a shell may have changed it while we were stopped
    termios raw = m_found;
    ::cfmakeraw(&raw);
    m_raw = ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void OwnTerminal::restore() {
    if (!m_raw) return;
    // From the background this would stop us, and there the terminal is somebody else's.
    if (in_foreground()) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &m_found);
    m_raw = false;
}

Result<TerminalPair> open_terminal_pair(const OwnTerminal& like) {
    TerminalPair pair;
    pair.master = FileHandle(::posix_openpt(O_RDWR | O_NOCTTY));
    if (!pair.master || ::grantpt(pair.master.get()) != 0 || ::unlockpt(pair.master.get()) != 0) {
        return Error{ErrorKind::storage, "cannot open a terminal: " + errno_text(errno)};
    }
    const char* const name = ::ptsname(pair.master.get());
    if (name != nullptr) pair.slave = FileHandle(::open(name, O_RDWR | O_NOCTTY));
    if (!pair.slave) return Error{ErrorKind::storage, "cannot open a terminal: " + errno_text(errno)};
    for (const int fd : {pair.master.get(), pair.slave.get()})
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    const winsize size = like.size();
    ::tcsetattr(pair.slave.get(), TCSANOW, &like.settings());
    ::ioctl(pair.slave.get(), TIOCSWINSZ, &size);
    return pair;
}

} // namespace mcp_push
