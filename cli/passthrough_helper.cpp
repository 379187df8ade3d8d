// SPDX-License-Identifier: MIT
// Between us and a command on a terminal of its own stands a helper process, the leader of the new session: a
// command whose parent is in another session could not be stopped by Ctrl-Z (its process group would be orphaned,
// POSIX 2.4.3).
#include "cli/passthrough_parts.hpp"

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace mcp_push::passthrough {

void be_helper(const Starter& starter, TerminalPair& terminals, const FileHandle& errors, const FileHandle& reports,
               Pipe& trouble) {
    // SIGHUP too: the terminal hangs up when its last user, the command, has ended, and that end is still to be told.
    for (const int number : {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP})
        ::signal(number, SIG_IGN);
    for (const int number : {SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGCHLD})
        ::signal(number, SIG_DFL);
    ::setsid();
    const int slave = terminals.slave.get();
    ::ioctl(slave, TIOCSCTTY, 0);
    const pid_t command = ::fork();
    if (command == 0) {
        ::setpgid(0, 0);
        ::tcsetpgrp(slave, ::getpid());
        ::dup2(slave, STDIN_FILENO);
        ::dup2(slave, STDOUT_FILENO);
        ::dup2(errors ? errors.get() : slave, STDERR_FILENO);
        starter.become(trouble.writer.get());
    }
    if (command < 0) {
        const int code = errno;
        if (::write(trouble.writer.get(), &code, sizeof code) < 0) ::_exit(1);
        ::_exit(1);
    }
    ::setpgid(command, command);
    ::tcsetpgrp(slave, command);
    // Only the command may hold the terminal open, so that its end can be seen at the other side.
    for (int fd = 0; fd <= 2; ++fd)
        ::close(fd);
    terminals.slave.reset();
    terminals.master.reset();
    trouble.writer.reset();
    const int errors_fd = errors.get();
    if (errors_fd >= 0) ::close(errors_fd);
    HelperReport report{command, 0, true};
    while (::write(reports.get(), &report, sizeof report) == static_cast<ssize_t>(sizeof report)) {
        report.started = false;
        pid_t got = 0;
        while ((got = ::waitpid(command, &report.status, WUNTRACED)) < 0 && errno == EINTR) {
        }
        if (got < 0 || WIFSTOPPED(report.status)) continue;
        if (::write(reports.get(), &report, sizeof report) < 0) ::_exit(1);
        // The session, and with it the terminal's last output, lives until it has been read.
        char byte = 0;
        while (::read(reports.get(), &byte, 1) < 0 && errno == EINTR) {
        }
        break;
    }
    ::_exit(0);
}

} // namespace mcp_push::passthrough
