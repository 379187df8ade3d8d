// SPDX-License-Identifier: MIT
#pragma once

#include "core/model/decision.hpp"

#include <string>
#include <vector>

namespace mcp_push {

struct Link {
    std::string label;
    std::string url;
};

/// One message to a person, not yet fitted to a channel.
struct Message {
    std::string title; ///< one line; outcome, project and duration stand in its first 60 characters
    std::string body;
    bool markdown = false; ///< body is CommonMark
    Urgency urgency = Urgency::normal;
    std::vector<Link> links;
    std::string event_json; ///< the structured event (notify_event), for channels that take one; else empty
};

} // namespace mcp_push
