// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <atomic>

namespace mcp_push {

/// A clock that stands still until a test moves it. Safe to read from one thread while another moves it.
class ManualClock final : public Clock {
public:
    explicit ManualClock(TimePoint now = from_millis(1'700'000'000'000), Millis since_boot = Millis(3'600'000))
        : m_now(to_millis(now)), m_since_boot(since_boot.count()) {}

    [[nodiscard]] TimePoint now() const override { return from_millis(m_now.load()); }
    [[nodiscard]] Millis since_boot() const override { return Millis(m_since_boot.load()); }

    /// Time passes: both clocks go on.
    void advance(Millis by) {
        m_now += by.count();
        m_since_boot += by.count();
    }
    /// The wall clock alone is moved, forwards or back, as by a person or a time server.
    void jump(Millis by) { m_now += by.count(); }
    void set_now(TimePoint now) { m_now = to_millis(now); }
    /// Also back: a reboot.
    void set_since_boot(Millis since_boot) { m_since_boot = since_boot.count(); }

private:
    std::atomic<long long> m_now;
    std::atomic<long long> m_since_boot;
};

} // namespace mcp_push
