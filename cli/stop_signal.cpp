// SPDX-License-Identifier: MIT
#include "cli/stop_signal.hpp"

#include "core/base/wake.hpp"

#include <pthread.h>

#include <csignal>

namespace mcp_push {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, number);
    return set;
}

} // namespace

StopSignal::StopSignal(const Paths& paths) {
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_thread = std::thread([this, paths, set] {
        for (;;) {
            int number = 0;
            if (::sigwait(&set, &number) != 0) return;
            if (m_over.load()) return;
            m_number = number;
            (void)wake_deliverer(paths);
        }
    });
}

StopSignal::~StopSignal() {
    m_over = true;
    // It is blocked everywhere, so it ends nothing: the thread takes it out of sigwait.
    // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread)
    ::pthread_kill(m_thread.native_handle(), SIGTERM);
    m_thread.join();
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace mcp_push
