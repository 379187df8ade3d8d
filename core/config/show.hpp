// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// A line of `config show`. Secrets are masked.
struct ShowRow {
    std::string key; ///< "rules.threshold", "channels.phone.token"
    std::string value;
    Origin origin;
};
/// Every option, then what is configured of channels, routes, rules and names.
[[nodiscard]] std::vector<ShowRow> show_rows(const Config& config, ChannelSpecs specs);

/// A channel's setting as it may be shown.
[[nodiscard]] std::string shown_setting(const ChannelSpec* spec, std::string_view key, std::string_view value);

/// What `config init` writes: every option with its default, and an example of each channel type, all commented out.
[[nodiscard]] std::string initial_config(ChannelSpecs specs);

/// The reference page docs/configuration.md.
[[nodiscard]] std::string config_reference();

} // namespace mcp_push
