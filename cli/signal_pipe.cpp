// SPDX-License-Identifier: MIT
#include "cli/signal_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace mcp_push {
namespace {

constexpr std::array k_signals = {SIGINT,  SIGTERM,  SIGHUP,  SIGQUIT, SIGUSR1,
                                  SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD};

int g_writer = -1; // a handler has nothing else to find the pipe by

bool is_from_kernel(const siginfo_t& info) {
#if defined(__linux__)
    return info.si_code == SI_KERNEL;
#else
    return info.si_pid == 0;
#endif
}

void note_signal(int number, siginfo_t* info, void*) {
    const int code = errno;
    const std::array<char, 2> message = {static_cast<char>(number), static_cast<char>(is_from_kernel(*info) ? 1 : 0)};
    if (::write(g_writer, message.data(), message.size()) < 0) {
        // The pipe is full: some thousand signals wait already.
    }
    errno = code;
}

void install(int number) {
    struct sigaction action {};
    action.sa_sigaction = &note_signal;
    action.sa_flags = SA_SIGINFO; // without SA_RESTART: a blocked write notices
    sigfillset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
}

} // namespace

Result<SignalPipe> SignalPipe::open() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return Error{ErrorKind::storage, "cannot make a pipe: " + errno_text(errno)};
    SignalPipe signals{FileHandle(ends[0]), FileHandle(ends[1])};
    for (const int fd : ends) {
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    g_writer = ends[1];
    for (const int number : k_signals) {
        struct sigaction before {};
        ::sigaction(number, nullptr, &before);
        signals.m_before[number] = before;
        if (before.sa_handler != SIG_IGN || number == SIGCHLD) install(number);
    }
    return signals;
}

SignalPipe::SignalPipe(SignalPipe&& other) noexcept
    : m_reader(std::move(other.m_reader)), m_writer(std::move(other.m_writer)),
      m_before(std::exchange(other.m_before, {})) {}

SignalPipe::~SignalPipe() {
    if (!m_writer) return;
    restore();
    g_writer = -1;
}

std::optional<SignalPipe::Arrived> SignalPipe::next() {
    std::array<char, 2> message{};
    if (::read(m_reader.get(), message.data(), message.size()) != static_cast<ssize_t>(message.size()))
        return std::nullopt;
    return Arrived{message[0], message[1] != 0};
}

void SignalPipe::restore() const {
    for (const auto& [number, before] : m_before)
        ::sigaction(number, &before, nullptr);
}

void SignalPipe::stop_here(bool whole_group) {
    ::signal(SIGTSTP, SIG_DFL);
    ::kill(whole_group ? 0 : ::getpid(), SIGTSTP);
    if (m_before[SIGTSTP].sa_handler != SIG_IGN) install(SIGTSTP);
}

} // namespace mcp_push
