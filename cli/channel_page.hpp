// SPDX-License-Identifier: MIT
#pragma once

#include "core/model/channel_spec.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

[[nodiscard]] std::string_view name_of(Dialect dialect);
[[nodiscard]] std::string_view name_of(LengthUnit unit);

/// One channel type for a screen.
[[nodiscard]] std::string channel_text(const ChannelSpec& spec, std::size_t width);

/// The reference page docs/channels.md.
[[nodiscard]] std::string channels_page();

} // namespace mcp_push
