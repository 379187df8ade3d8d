// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/json.hpp"
#include "core/model/decision.hpp"
#include "core/model/event.hpp"
#include "core/model/hold.hpp"

namespace mcp_push {

/// The model as JSON, as the store keeps it. Moments are milliseconds since 1970; members at their defaults are left
/// out. Reading takes what it can: an absent, unknown or wrongly typed member leaves the default.
[[nodiscard]] Json json_of(const Facts& facts);
[[nodiscard]] Json json_of(const Event& event);
[[nodiscard]] Json json_of(const Decision& decision);
[[nodiscard]] Json json_of(const HoldRef& hold);

[[nodiscard]] Facts facts_from(const Json& value);
[[nodiscard]] Event event_from(const Json& value);
[[nodiscard]] Decision decision_from(const Json& value);
[[nodiscard]] HoldRef hold_from(const Json& value);

} // namespace mcp_push
