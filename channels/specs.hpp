// SPDX-License-Identifier: MIT
#pragma once

#include "core/model/channel_spec.hpp"

namespace mcp_push {

/// Every channel type as constant data, generated from channels/services/*.cpp. In mp_specs and in mp_channels.
[[nodiscard]] ChannelSpecs channel_specs();

} // namespace mcp_push
