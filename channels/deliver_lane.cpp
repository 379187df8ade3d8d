// SPDX-License-Identifier: MIT
#include "channels/deliver_lane.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

/// A fiftieth longer than the service says, for the ways that messages travel.
Millis length_of(const RateLimit& limit) { return Millis(limit.seconds * 1020LL); }
bool is_limit(const RateLimit& limit) { return limit.count > 0 && limit.seconds > 0; }

} // namespace

Millis Lane::window_of(const Capabilities& capabilities) {
    Millis window{0};
    for (const auto& limit : {capabilities.rate, capabilities.burst}) {
        if (is_limit(limit)) window = std::max(window, length_of(limit));
    }
    return window;
}

Lane::Lane(const Capabilities& capabilities, std::vector<Millis> sent_before) : m_sent(std::move(sent_before)) {
    for (const auto& limit : {capabilities.rate, capabilities.burst}) {
        if (is_limit(limit)) m_limits.push_back(limit);
    }
    std::ranges::sort(m_sent);
}

Millis Lane::slot_after(Millis now, const std::vector<Millis>& reserved) const {
    Millis slot = std::max(now, m_blocked);
    if (m_limits.empty()) return slot;
    auto times = m_sent;
    times.insert(times.end(), m_out, now);
    times.insert(times.end(), reserved.begin(), reserved.end());
    for (const auto& limit : m_limits) {
        const auto count = static_cast<std::size_t>(limit.count);
        if (times.size() < count) continue;
        // The one that must have left the window before another may enter it.
        slot = std::max(slot, times[times.size() - count] + length_of(limit));
    }
    return slot;
}

Millis Lane::next_slot(Millis now) const { return slot_after(now, {}); }

Millis Lane::reserve(Millis now) {
    const Millis slot = slot_after(now, m_reserved);
    if (!m_limits.empty()) m_reserved.push_back(slot);
    return slot;
}

void Lane::answered(Millis now) {
    if (m_out > 0) --m_out;
    if (m_limits.empty()) return;
    Millis window{0};
    for (const auto& limit : m_limits)
        window = std::max(window, length_of(limit));
    std::erase_if(m_sent, [&](Millis when) { return when + window <= now; });
    m_sent.push_back(now);
}

void Lane::wait_until(Millis when) { m_blocked = std::max(m_blocked, when); }

} // namespace mcp_push
