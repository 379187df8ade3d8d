// SPDX-License-Identifier: MIT
#include "core/config/variables.hpp"

#include "core/base/text.hpp"
#include "core/config/shell_file.hpp"

namespace mcp_push {

void Variables::add_file(const ConfigFile& file, From owner, const std::function<bool(std::string_view)>& is_known,
                         std::vector<Problem>& problems) {
    constexpr int k_most_problems = 20;
    auto parsed = parse_shell_file(file.text);
    int told = 0;
    for (auto& fault : parsed.faults) {
        if (!fault.name.empty() && !is_known(fault.name)) continue;
        if (++told > k_most_problems) break;
        std::string message = fault.name.empty() ? fault.message : fault.name + ": " + fault.message;
        problems.push_back(
            {file.shown + ":" + std::to_string(fault.line), std::move(message), std::move(fault.hint), ""});
    }
    File entry{.shown = file.shown, .owner = owner, .entries = {}};
    for (auto& variable : parsed.variables) {
        if (variable.value.empty()) continue;
        entry.entries.insert_or_assign(std::move(variable.name), Entry{std::move(variable.value), variable.line});
    }
    m_files.push_back(std::move(entry));
}

std::optional<Variables::Found> Variables::find(std::string_view name, From from) const {
    if (from == From::environment || from == From::anywhere) {
        auto value = m_environment.find(name);
        if (value && !value->empty()) {
            // Bytes that are no UTF-8 could not be kept for a later delivery as they are.
            if (!is_valid_utf8(*value)) value = repair_utf8(*value);
            return Found{std::move(*value), "environment " + std::string(name), From::environment};
        }
    }
    for (const auto& file : m_files) {
        if (from != From::anywhere && from != file.owner) continue;
        const auto found = file.entries.find(name);
        if (found == file.entries.end()) continue;
        return Found{found->second.value, file.shown + ":" + std::to_string(found->second.line), file.owner};
    }
    return std::nullopt;
}

} // namespace mcp_push
