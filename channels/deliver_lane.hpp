// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/model/channel_spec.hpp"

#include <optional>
#include <vector>

namespace mcp_push {

/// When one channel may be sent on: its rate limits, a wait that the service asked for, and whether its host was found
/// unreachable. Counts in time since boot, so that a wall clock that jumps opens and closes nothing.
class Lane {
public:
    Lane() = default;
    Lane(const Capabilities& capabilities, std::vector<Millis> sent_before);

    /// The earliest moment, from `now` on, at which one more message may go out.
    [[nodiscard]] Millis next_slot(Millis now) const;
    /// The same for the message after those that were sent or have been given a slot; takes that slot.
    Millis reserve(Millis now);
    /// Forgets what `reserve` handed out: those messages come back by themselves.
    void clear_reservations() { m_reserved.clear(); }
    /// One message goes out; `answered` says when it had certainly arrived. The service counts arrivals, so that is the
    /// moment that counts here.
    void started() { ++m_out; }
    void answered(Millis now);
    /// Nothing goes out before this.
    void wait_until(Millis when);

    /// The channel's longest window: how far back its history counts.
    [[nodiscard]] static Millis window_of(const Capabilities& capabilities);

private:
    [[nodiscard]] Millis slot_after(Millis now, const std::vector<Millis>& reserved) const;

    std::vector<RateLimit> m_limits;
    Millis m_blocked{0};
    std::size_t m_out = 0;
    std::vector<Millis> m_sent; ///< ascending, within the longest window
    std::vector<Millis> m_reserved;
};

} // namespace mcp_push
