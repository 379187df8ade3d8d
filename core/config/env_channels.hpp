// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/paths.hpp"
#include "core/base/result.hpp"
#include "core/config/config.hpp"

#include <set>
#include <string>
#include <string_view>

namespace mcp_push {

// Channels that only some process's environment (or a trusted project) names are kept in `env-channels` in the state
// folder (0600), one line of JSON each, so that a deliverer started elsewhere, after a reboot or from a timer has them.
// Rows in the outbox name them by key; no secret is in the database.

/// 16 hexadecimal digits over everything that a delivery needs: type, settings, references, language and privacy.
[[nodiscard]] std::string environment_key_of(const ChannelConfig& channel);

/// Keeps a channel that has an environment_key; one without is no error and not kept. Writes nothing when the key is
/// there and not older than half a day (the date of one in use is renewed). Safe with any number of hooks at once.
[[nodiscard]] Status remember_env_channel(const Paths& paths, const ChannelConfig& channel,
                                          TimePoint now = system_clock().now());

/// Kind no_input when the key is not there.
[[nodiscard]] Result<ChannelConfig> find_env_channel(const Paths& paths, std::string_view key);

/// Drops what is not in `keep_keys` and was not used for a week, and returns how many. A hook may have looked its key
/// up a moment ago and not written its row yet: hence the week.
[[nodiscard]] Result<int> forget_unused(const Paths& paths, const std::set<std::string, std::less<>>& keep_keys,
                                        TimePoint now = system_clock().now());

} // namespace mcp_push
