// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"
#include "cli/context.hpp"

#include <string>

namespace mcp_push {

/// How many rows a listing shows, from `--limit`.
[[nodiscard]] Result<std::size_t> limit_of(const Invocation& invocation, std::size_t other);

/// The title under which a notification was told.
[[nodiscard]] std::string title_of(const NotificationRow& row, const Config& config);

/// The one notification whose id is, begins or ends with these characters. Kind no_input.
[[nodiscard]] Result<NotificationRow> find_by_id(Store& store, std::string_view id);

/// A delivery with its notification's title, for `outbox` and `log`.
[[nodiscard]] OrderedJson delivery_json(const DeliveryRow& row, const std::string& title);
[[nodiscard]] Style style_of(DeliveryState state);
/// "succeeded", and what else a person reads of the state.
[[nodiscard]] std::string why_of(const DeliveryRow& row);

/// "2026-11-21T10:00:00Z" or null.
[[nodiscard]] OrderedJson json_time(TimePoint when);
[[nodiscard]] OrderedJson json_time(const std::optional<TimePoint>& when);

} // namespace mcp_push
