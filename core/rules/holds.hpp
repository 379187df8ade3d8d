// SPDX-License-Identifier: MIT
#pragma once

#include "core/model/hold.hpp"
#include "core/model/session.hpp"

#include <string>

namespace mcp_push {

/// Whether a held notification may go, by what the session's memory says now. Pure.
enum class HoldVerdict { release, cancel };
[[nodiscard]] HoldVerdict judge_hold(const SessionState& state, Hold kind, const std::string& turn,
                                     const std::string& question);

} // namespace mcp_push
