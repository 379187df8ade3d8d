// SPDX-License-Identifier: MIT
#pragma once

#include "core/model/session.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

/// What the turn machine may ask about the past where its own memory has a gap. Each answer is optional.
struct History {
    /// The prompt that opened the turn of this id, from the agent's own records.
    std::function<std::optional<RecordedPrompt>(const std::string& turn)> find_prompt = {};
    /// The error with which the turn of this id ended, from the agent's own records.
    std::function<std::optional<RecordedFailure>(const std::string& turn)> find_failure = {};
};

/// Something that happened to a run, as the turn machine found it; `evaluate` decides whether anybody is told.
struct TurnEvent {
    enum class Kind {
        ended, ///< success
        over,  ///< success with shells still running: told later, unless they come back
        failed,
        question, ///< the person is needed, and the agent has reminded of it
        settled,  ///< a turn that waits as `over` is to be told now
        silent,   ///< nothing to tell; `note` says why
    } kind = Kind::silent;
    std::string turn;
    std::string question;
    std::optional<Millis> duration;
    std::optional<Moment> start;
    Moment asked;
    int background = 0;
    std::string prompt;
    std::string tool;
    std::string text;
    std::string note; ///< for the journal and `why`
};

/// Moves the session on by one signal and says what came of it. Pure: all that is outside comes in through `history`.
/// The rules are PRODUCT.md section 3 ("Rules"); each branch in turns.cpp names the case it is for.
[[nodiscard]] std::vector<TurnEvent> step(SessionState& state, const Signal& signal, const Moment& now,
                                          Millis background_grace, const History& history = {});

} // namespace mcp_push
