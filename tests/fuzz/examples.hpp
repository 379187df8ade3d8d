// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"
#include "channels/settings.hpp"
#include "core/config/toml_file.hpp"
#include "tests/fuzz/input.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mcp_push::fuzz {

/// The channel that a spec's own example configures.
inline ChannelConfig example_config(const ChannelSpec& spec) {
    ChannelConfig channel;
    channel.type = spec.id;
    const auto document = parse_toml(spec.example);
    const auto* const channels = document.root.find("channels");
    require(channels != nullptr && channels->members.size() == 1, "an example configures one channel");
    channel.name = channels->members[0].key;
    for (const auto& [key, value] : channels->members[0].value.members) {
        if (key != "type") channel.settings[key] = value.text;
    }
    return channel;
}

/// Every channel type with a judge of its own, and the settings of its example.
inline std::vector<std::pair<const ChannelType*, Settings>> example_channels() {
    std::vector<std::pair<const ChannelType*, Settings>> examples;
    for (const auto& type : channel_types()) {
        auto settings = make_settings(type, example_config(*type.spec));
        require(settings.ok(), "an example works");
        if (type.code->judge != nullptr) examples.emplace_back(&type, std::move(settings).value());
    }
    return examples;
}

} // namespace mcp_push::fuzz
