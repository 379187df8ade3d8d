// SPDX-License-Identifier: MIT
#include "core/rules/holds.hpp"

#include <algorithm>

namespace mcp_push {

HoldVerdict judge_hold(const SessionState& state, Hold kind, const std::string& turn_id, const std::string& question) {
    const Turn* turn = nullptr;
    for (const auto* candidate : {&state.turn, &state.previous}) {
        if (turn == nullptr && *candidate && (*candidate)->id == turn_id) turn = &**candidate;
    }
    if (kind == Hold::question) {
        if (turn == nullptr) return HoldVerdict::cancel; // the session has moved on twice
        const bool open =
            std::ranges::any_of(turn->questions, [&](const OpenQuestion& asked) { return asked.id == question; });
        return open ? HoldVerdict::release : HoldVerdict::cancel;
    }
    // The user went on before it was told, and its end will be told when its tasks come back.
    if (std::ranges::find(state.parked, turn_id, &Turn::id) != state.parked.end()) return HoldVerdict::cancel;
    // A missed end is worse than a needless one: what is no longer known is told.
    if (turn == nullptr) return HoldVerdict::release;
    if (kind == Hold::refusal) return is_open(turn->phase) ? HoldVerdict::cancel : HoldVerdict::release;
    const bool over = turn->phase == TurnPhase::waiting_shells || turn->phase == TurnPhase::settled;
    return over ? HoldVerdict::release : HoldVerdict::cancel;
}

} // namespace mcp_push
