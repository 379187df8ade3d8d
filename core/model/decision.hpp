// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

enum class Urgency { low, normal, high, urgent };
[[nodiscard]] std::string_view name_of(Urgency urgency);
[[nodiscard]] std::optional<Urgency> parse_urgency(std::string_view name);

/// Which of the two messages of the original's table a channel gets.
struct ChannelVerdict {
    std::string channel;
    bool send = false;  ///< notify_send
    bool event = false; ///< notify_event
    bool both = false;  ///< as two messages; otherwise one, in the shape that the channel takes
    std::string why;    ///< only where this channel differs from the rule
};

/// What the rules made of an event: whether, how and how loudly to tell someone, and by which rule.
struct Decision {
    std::string rule; ///< "success over 60 s: notify_send + notify_event"
    bool send = false;
    bool event = false;
    Urgency urgency = Urgency::normal;
    std::vector<ChannelVerdict> channels; ///< only those that get something
    std::vector<std::string> notes;       ///< for `why`: each step that mattered

    [[nodiscard]] bool silent() const { return !send && !event; }
};

} // namespace mcp_push
