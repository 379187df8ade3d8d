// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"

#include <atomic>
#include <thread>

namespace mcp_push {

/// Turns SIGTERM, SIGINT and SIGHUP into a flag. A thread of its own takes the signals, so that none can slip between
/// looking at the flag and going to sleep: it sets the flag, then wakes the deliverer's sleep.
class StopSignal {
public:
    explicit StopSignal(const Paths& paths);
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    [[nodiscard]] bool requested() const { return m_number.load() != 0; }
    /// The signal's number, 0 where there was none.
    [[nodiscard]] int number() const { return m_number.load(); }

private:
    std::atomic<int> m_number{0};
    std::atomic<bool> m_over{false};
    std::thread m_thread;
};

} // namespace mcp_push
