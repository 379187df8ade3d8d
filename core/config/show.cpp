// SPDX-License-Identifier: MIT
#include "core/config/show.hpp"

#include "core/base/text.hpp"
#include "core/config/options.hpp"
#include "core/config/secret_ref.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

std::string in_one_line(std::string_view text) { return replace_all(std::string(text), "\n", ", "); }

const Field* find_field_of(const ChannelSpec* spec, std::string_view key) {
    if (spec == nullptr) return nullptr;
    const auto found = std::ranges::find(spec->fields, key, &Field::key);
    return found == spec->fields.end() ? nullptr : &*found;
}

void show_channel(std::vector<ShowRow>& rows, const ChannelConfig& channel, ChannelSpecs specs) {
    const ChannelSpec* const spec = find_spec(specs, channel.type);
    const auto add = [&](std::string_view key, std::string value) {
        rows.push_back({"channels." + channel.name + "." + std::string(key), std::move(value), channel.origin});
    };
    add("type", channel.type);
    if (!channel.enabled) add("enabled", "false");
    for (const auto& [key, value] : channel.settings)
        add(key, shown_setting(spec, key, value));
    for (const auto& [key, reference] : channel.references)
        add(key, describe(reference));
    if (channel.threshold)
        add("threshold", channel.threshold->after ? duration_text(*channel.threshold->after) : "never");
    std::vector<std::string> events;
    for (const auto event : channel.events)
        events.emplace_back(name_of(event));
    if (!events.empty()) add("events", join(events, ", "));
    if (channel.privacy) add("privacy", std::string(name_of(*channel.privacy)));
    if (channel.language) add("language", std::string(name_of(*channel.language)));
}

std::string text_of(const RuleOverride& rule) {
    std::string text;
    const auto add = [&](std::string_view key, std::string_view value) {
        if (value.empty()) return;
        if (!text.empty()) text += ", ";
        text += std::string(key) + " = " + std::string(value);
    };
    if (rule.event) add("event", name_of(*rule.event));
    add("agent", rule.agent);
    add("project", rule.project);
    add("branch", rule.branch);
    add("host", rule.host);
    add("channel", rule.channel);
    add("hours", rule.hours);
    if (rule.threshold) add("threshold", rule.threshold->after ? duration_text(*rule.threshold->after) : "never");
    if (rule.both) add("both", *rule.both ? "true" : "false");
    return text;
}

/// A default as TOML: a list as an array, numbers and words in quotes but true and false.
std::string toml_of(const Option& option, std::string_view text) {
    if (option.list) {
        std::string array;
        for (const auto line : split(text, '\n')) {
            if (line.empty()) continue;
            if (!array.empty()) array += ", ";
            array += "\"" + std::string(line) + "\"";
        }
        return "[" + array + "]";
    }
    if (text == "true" || text == "false") return std::string(text);
    return "\"" + std::string(text) + "\"";
}

std::string_view section_name(const Option& option) {
    const auto dot = option.key.find('.');
    return dot == std::string_view::npos ? std::string_view() : option.key.substr(0, dot);
}

/// Words at most `width` bytes a line, each begun with "# ".
std::string as_comment(std::string_view text, std::size_t width) {
    std::string result = "#";
    std::size_t used = 1;
    for (const auto word : split(text, ' ')) {
        if (used + 1 + word.size() > width) {
            result += "\n#";
            used = 1;
        }
        result += ' ';
        result += word;
        used += 1 + word.size();
    }
    return result + "\n";
}

std::string commented_out(std::string_view toml) {
    std::string result;
    for (const auto line : split(trim(toml), '\n'))
        result += "#" + std::string(line) + "\n";
    return result;
}

constexpr std::string_view k_init_head = R"(# mcp-push: how you are told. Keep this file to yourself: chmod 600.
# A line that begins with # is not read. `mcp-push config check` reads the rest with you, `mcp-push config show` says
# what holds and why, `mcp-push send "It works"` proves that a message arrives.

)";

constexpr std::string_view k_init_rules = R"(
# Other thresholds for some runs; the last rule that fits counts. Conditions: event, agent, project, branch, host,
# channel (with * and ?), hours.
#[[rules.when]]
#project = "big-*"
#event = "end"
#threshold = "10m"
)";

constexpr std::string_view k_init_names = R"(
# What messages call a folder.
#[project.names]
#"~/work/shop-frontend" = "Shop"
)";

constexpr std::string_view k_init_channels = R"(
# Channels: one table each, under a name of your choice. A secret is a text or a reference:
#   token = { env = "X" }             a variable
#   token = { file = "~/.secret" }    the text of a file
#   token = { command = ["pass", "show", "push"] }    the first line that a program prints
#   token = { keyring = "push" }      secret-tool store --label=push service mcp-push key push
# Every channel may also have: enabled, threshold, events, privacy, language, proxy, timeout, base_url.
)";

constexpr std::string_view k_init_routes = R"(
# Who is told, where not every channel is meant.
#[routes]
#default = ["phone", "desk"]
)";

} // namespace

std::string shown_setting(const ChannelSpec* spec, std::string_view key, std::string_view value) {
    if (key == "timeout") return std::string(value);
    if (key == "proxy" || key == "base_url") return redact(value);
    const Field* const field = find_field_of(spec, key);
    // A setting of a type that is not known may be anything.
    if (field == nullptr || field->secret) return mask(value);
    return in_one_line(redact(value));
}

std::vector<ShowRow> show_rows(const Config& config, ChannelSpecs specs) {
    std::vector<ShowRow> rows;
    const auto origin_of = [&](const std::string& key) {
        const auto found = config.origins.find(key);
        return found == config.origins.end() ? Origin("default") : found->second;
    };
    for (const auto& option : options()) {
        const std::string key(option.key);
        auto value = in_one_line(option.get(config));
        rows.push_back({key, key == "http.proxy" ? redact(value) : std::move(value), origin_of(key)});
    }
    for (const auto& channel : config.channels)
        show_channel(rows, channel, specs);
    for (const auto& [name, channels] : config.routes) {
        rows.push_back({"routes." + name, join(channels, ", "), origin_of("routes." + name)});
    }
    for (std::size_t i = 0; i < config.rules.overrides.size(); ++i) {
        rows.push_back({"rules.when[" + std::to_string(i) + "]", text_of(config.rules.overrides[i]), ""});
    }
    for (const auto& [pattern, name] : config.project_names)
        rows.push_back({"project.names." + pattern, name, ""});
    return rows;
}

std::string initial_config(ChannelSpecs specs) {
    const Config defaults;
    std::string text(k_init_head);
    std::string_view section;
    for (const auto& option : options()) {
        if (section_name(option) != section) {
            if (section == "rules") text += k_init_rules;
            section = section_name(option);
            text += "\n[" + std::string(section) + "]\n";
        }
        text += as_comment(option.help, 100);
        const auto key = section.empty() ? option.key : option.key.substr(section.size() + 1);
        text += "#" + std::string(key) + " = " + toml_of(option, option.get(defaults)) + "\n";
    }
    text += k_init_names;
    text += k_init_routes;
    text += k_init_channels;
    for (const auto* const spec : specs) {
        if (!spec->example.empty()) text += "\n# " + std::string(spec->title) + "\n" + commented_out(spec->example);
    }
    return text;
}

} // namespace mcp_push
