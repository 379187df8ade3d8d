// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"
#include "core/model/session.hpp"
#include "core/rules/turns.hpp"
#include "hooks/agent.hpp"
#include "hooks/arguments.hpp"
#include "hooks/tell.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// What a hook's call came to.
struct Taken {
    std::string reply;                      ///< for the agent, on standard output; nearly always empty
    std::vector<std::string> notifications; ///< ids of what was kept, for --wait
};

/// An agent's payload: decode, move the session on, tell what is to be told. Errors never reach the agent; the caller
/// writes them to the log. Kinds payload (not to be read) and storage (neither kept nor handed over).
[[nodiscard]] Result<Taken> take_payload(Teller& teller, std::string_view payload, std::string_view agent,
                                         const Moment& now);

/// The explicit and the positional form. Kinds payload and storage.
[[nodiscard]] Result<Taken> take_explicit(Teller& teller, const HookArguments& arguments, const std::string& folder,
                                          const Moment& now);

/// The event that a turn machine's finding stands for. `silent` and `settled` have no message of their own.
[[nodiscard]] Event make_event(const TurnEvent& found, const AgentSpec& agent, const Decoded& decoded,
                               const Moment& now);

/// What the agent's own records can tell the turn machine. Both arguments must outlive it.
[[nodiscard]] History history_of(const AgentSpec& agent, const Decoded& decoded);

/// The identity under which an event of a run is told once.
[[nodiscard]] std::string event_key(const RunKey& run, EventKind kind, std::string_view question);

} // namespace mcp_push
