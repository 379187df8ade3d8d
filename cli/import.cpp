// SPDX-License-Identifier: MIT
#include "cli/import.hpp"

#include "core/base/text.hpp"
#include "core/config/options.hpp"
#include "core/config/shell_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace mcp_push {
namespace {

/// A folder that no file is in: the import must not see the user's own files.
constexpr std::string_view k_nowhere = "/dev/null/nowhere";
constexpr std::string_view k_from_environment = "environment";

bool is_bare_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string toml_key(std::string_view key) { return is_bare_key(key) ? std::string(key) : toml_string(key); }

/// An option's value as the file has it: lists are arrays.
std::string toml_value(const Option& option, const std::string& text) {
    if (!option.list) return text == "true" || text == "false" ? text : toml_string(text);
    std::vector<std::string> elements;
    for (const auto element : split(text, '\n'))
        elements.push_back(toml_string(element));
    return "[" + join(elements, ", ") + "]";
}

} // namespace

std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : repair_utf8(text)) {
        switch (c) {
        case '"':
            result += "\\\"";
            break;
        case '\\':
            result += "\\\\";
            break;
        case '\n':
            result += "\\n";
            break;
        case '\r':
            result += "\\r";
            break;
        case '\t':
            result += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                std::array<char, 8> buffer{};
                std::snprintf(buffer.data(), buffer.size(), "\\u%04X", static_cast<unsigned>(c));
                result += buffer.data();
            } else {
                result += c;
            }
        }
    }
    return result + "\"";
}

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
    return resolved ? resolved.get() : "";
}

Imported import_shell_file(std::string_view text, ChannelSpecs specs) {
    const auto file = parse_shell_file(text);
    Environment::Map variables;
    for (const auto& variable : file.variables)
        variables[variable.name] = variable.value;
    auto imported = import_variables(Environment(std::move(variables)), specs);
    std::vector<std::string> faults;
    for (const auto& fault : file.faults) {
        faults.push_back(std::to_string(fault.line) + ": " + (fault.name.empty() ? "" : fault.name + ": ") +
                         fault.message + (fault.hint.empty() ? "" : " (" + fault.hint + ")"));
    }
    imported.faults.insert(imported.faults.begin(), faults.begin(), faults.end());
    return imported;
}

Imported import_variables(const Environment& environment, ChannelSpecs specs) {
    Imported imported;
    LoadInput input;
    input.environment = environment;
    input.paths.config_dir = input.paths.state_dir = input.paths.home = k_nowhere;
    input.specs = specs;
    const Config config = load_config(input);

    std::string section;
    for (const auto& option : options()) {
        const auto origin = config.origins.find(std::string(option.key));
        const bool given = origin != config.origins.end() && origin->second.starts_with(k_from_environment);
        // The originals' users read Chinese; their variables say so only as long as nothing else configures.
        const bool implied = option.key == "language" && config.language == Language::chinese;
        if (!given && !implied) continue;
        const auto dot = option.key.find('.');
        const auto name = dot == std::string_view::npos ? std::string_view() : option.key.substr(0, dot);
        if (name != section) imported.toml += (imported.toml.empty() ? "[" : "\n[") + std::string(name) + "]\n";
        section = name;
        imported.toml +=
            std::string(option.key.substr(dot + 1)) + " = " + toml_value(option, option.get(config)) + "\n";
        if (given) ++imported.entries;
    }
    for (const auto& channel : config.channels) {
        if (!channel.origin.starts_with(k_from_environment)) continue;
        imported.toml += (imported.toml.empty() ? "[channels." : "\n[channels.") + toml_key(channel.name) + "]\n";
        imported.toml += "type = " + toml_string(channel.type) + "\n";
        for (const auto& [key, value] : channel.settings) {
            if (!value.empty()) imported.toml += toml_key(key) + " = " + toml_string(value) + "\n";
        }
        ++imported.entries;
    }
    for (const auto& problem : config.problems) {
        imported.faults.push_back(problem.where + ": " + problem.message +
                                  (problem.hint.empty() ? "" : " (" + problem.hint + ")"));
    }
    return imported;
}

} // namespace mcp_push
