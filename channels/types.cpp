// SPDX-License-Identifier: MIT
#include "channels/channel.hpp"

namespace mcp_push {

const ChannelType* find_channel_type(std::string_view name) {
    const auto* const spec = find_spec(channel_specs(), name);
    if (spec == nullptr) return nullptr;
    for (const auto& type : channel_types()) {
        if (type.spec->id == spec->id) return &type;
    }
    return nullptr;
}

Capabilities capabilities_of(const ChannelType& type, const Settings& settings) {
    return type.code->capabilities == nullptr ? type.spec->capabilities : type.code->capabilities(settings);
}

} // namespace mcp_push
