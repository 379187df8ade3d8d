// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"
#include "core/base/result.hpp"
#include "core/store/store.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// The last way out when the outbox cannot take a notification (disk full or read-only, database locked or damaged, no
/// home): a deliverer is started that gets it on standard input (`mcp-push deliver --given`), keeps it in the outbox if
/// that works meanwhile, and otherwise sends it from memory.
[[nodiscard]] Status hand_over(const NewNotification& notification, const Environment& environment);

[[nodiscard]] std::string notification_to_text(const NewNotification& notification);
[[nodiscard]] Result<NewNotification> notification_from_text(std::string_view text);

} // namespace mcp_push
