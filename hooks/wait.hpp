// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/tell.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// Stays until each delivery of these notifications has an outcome, at most `limit`. Error kinds: network when a
/// channel refused or could not be reached at its first attempt, timeout.
[[nodiscard]] Status wait_for_outcomes(Teller& teller, const std::vector<std::string>& notifications, Millis limit);

} // namespace mcp_push
