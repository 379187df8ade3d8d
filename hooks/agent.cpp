// SPDX-License-Identifier: MIT
#include "hooks/agent.hpp"

#include "core/base/text.hpp"

namespace mcp_push {

const AgentSpec* find_agent(std::string_view id) {
    const auto plain = [](std::string_view word) { return replace_all(to_lower(word), "_", "-"); };
    for (const auto* agent : agent_specs()) {
        if (plain(agent->id) == plain(id)) return agent;
    }
    return nullptr;
}

} // namespace mcp_push
