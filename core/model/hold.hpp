// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <string>

namespace mcp_push {

/// Why a notification is kept but not yet to be sent. The deliverer looks at the session's file when it is due.
enum class Hold {
    none,
    question,   ///< a question that is told when the run reaches the threshold, if it still waits
    background, ///< a turn that left shells running: told when nothing came back within the grace
    refusal,    ///< an end that another hook of the agent may refuse: told when the agent has not gone on
};

/// What the deliverer needs to check a held notification. Kept as JSON.
struct HoldRef {
    Hold kind = Hold::none;
    std::string agent;
    std::string session;
    std::string records; ///< the agent's own transcript, where it keeps one
    std::string turn;
    std::string question;
    TimePoint asked{}; ///< question: when it was asked; refusal: when the turn stopped
    int agent_pid = 0;
};

} // namespace mcp_push
