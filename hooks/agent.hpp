// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/json.hpp"
#include "core/base/paths.hpp"
#include "core/model/event.hpp"
#include "core/model/session.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcp_push {

/// A hook's payload, understood.
struct Decoded {
    Signal signal;
    std::string folder;  ///< the session's working folder
    std::string records; ///< path of the agent's own transcript, "" where it keeps none
    std::string resume;  ///< the command that resumes the session
    int agent_pid = 0;   ///< the agent's process, 0 where it cannot be told
};

/// One agent's constant data and code. Written once, in hooks/agents/<id>.cpp.
struct AgentSpec {
    std::string_view id;    ///< "claude-code"
    std::string_view title; ///< "Claude Code"
    /// Whether a payload is this agent's.
    bool (*recognises)(const Json& payload, const Environment& environment);
    /// The payload in common words. Unknown events become SignalKind::other. Errors: payload.
    Result<Decoded> (*decode)(const Json& payload, const Environment& environment);
    /// The prompt that opened a turn, from the agent's records; reads a bounded tail.
    std::optional<RecordedPrompt> (*find_prompt)(const std::string& records, const std::string& turn) = nullptr;
    /// The error with which a turn ended, from the agent's records; reads a bounded tail.
    std::optional<RecordedFailure> (*find_failure)(const std::string& records, const std::string& turn) = nullptr;
    /// Whether the records show that the user has dealt with a question asked at this time (an interrupt, an answer).
    bool (*dealt_with)(const std::string& records, TimePoint asked) = nullptr;
    /// Whether another hook is configured that may refuse the end of a turn and send the agent back to work.
    bool (*may_be_refused)(const Decoded& decoded, const Environment& environment) = nullptr;
    /// Whether the records show that a stop at this time was refused.
    bool (*was_refused)(const std::string& records, TimePoint stopped) = nullptr;
    /// The hook's standard output for a notification that the agent itself is to show on the terminal; "" for none.
    std::string (*terminal_reply)(std::string_view title, std::string_view body) = nullptr;
};

[[nodiscard]] std::span<const AgentSpec* const> agent_specs();
[[nodiscard]] const AgentSpec* find_agent(std::string_view id);

} // namespace mcp_push

// An agent's file defines its constant; the linker names the agent whose file forgets it.
#define MCP_PUSH_AGENT(name)                                                                                           \
    extern const ::mcp_push::AgentSpec agent_##name;                                                                   \
    constexpr ::mcp_push::AgentSpec agent_##name
