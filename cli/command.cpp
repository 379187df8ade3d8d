// SPDX-License-Identifier: MIT
#include "cli/command.hpp"

namespace mcp_push {

const std::vector<std::string>& Invocation::all(std::string_view name) const {
    static const std::vector<std::string> k_none;
    const auto found = m_values.find(name);
    return found == m_values.end() ? k_none : found->second;
}

std::optional<std::string> Invocation::find(std::string_view name) const {
    const auto& values = all(name);
    if (values.empty()) return std::nullopt;
    return values.back();
}

std::string Invocation::get(std::string_view name, std::string_view other) const {
    return find(name).value_or(std::string(other));
}

} // namespace mcp_push
