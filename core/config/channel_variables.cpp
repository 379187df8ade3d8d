// SPDX-License-Identifier: MIT
// Variables -> channels: those that the original programs' variables describe, and what tables take from variables.
#include "core/base/text.hpp"
#include "core/config/env_channels.hpp"
#include "core/config/load_context.hpp"
#include "core/config/secret_ref.hpp"
#include "core/config/shell_file.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

using From = Variables::From;
using Values = std::map<std::string, std::string, std::less<>>;

/// A field that says whether a type without credentials is wanted at all: CONSOLE=true. It is no setting.
bool is_switch(const Field& field) { return field.key == "enabled" && !field.env.empty(); }

std::optional<Variables::Found> find_value(const LoadContext& context, const Field& field, From from) {
    if (field.env.empty()) return std::nullopt;
    auto found = context.variables.find(field.env, from);
    if (field.env_alias.empty()) return found;
    auto alias = context.variables.find(field.env_alias, from);
    if (!found || (alias && alias->from < found->from)) return alias;
    return found;
}

/// What variables say about a channel type.
struct Described {
    Values values;
    Origin origin;         ///< of the first value that is required, or of the switch
    bool wanted = true;    ///< a switch is not off
    bool started = false;  ///< something that no other type shares was given
    bool original = false; ///< by a variable of the originals, not an alias
    std::vector<const Field*> missing;
};

Described describe_type(const LoadContext& context, const ChannelSpec& spec, From from) {
    Described described;
    for (const auto& field : spec.fields) {
        const auto found = find_value(context, field, from);
        if (is_switch(field)) {
            described.wanted = found && is_truthy(found->value);
            described.started = described.original = described.wanted;
            if (found) described.origin = found->origin;
            continue;
        }
        if (!found) {
            if (field.required && field.fallback.empty()) described.missing.push_back(&field);
            continue;
        }
        if (field.required || field.secret) {
            if (!described.started && described.origin.empty()) described.origin = found->origin;
            described.started = true;
            described.original = described.original || context.variables.find(field.env, from).has_value();
        }
        described.values.emplace(field.key, found->value);
    }
    return described;
}

/// Whether two channels of a type reach the same place.
bool same_target(const ChannelSpec& spec, const Values& one, const Values& other) {
    return std::ranges::all_of(spec.fields, [&](const Field& field) {
        if (!field.required) return true;
        const auto a = one.find(field.key);
        const auto b = other.find(field.key);
        return (a == one.end() ? field.fallback : std::string_view(a->second)) ==
               (b == other.end() ? field.fallback : std::string_view(b->second));
    });
}

/// Fetches what a table names as { env = "X" }.
void resolve_variables(LoadContext& context, ChannelConfig& channel) {
    for (auto it = channel.references.begin(); it != channel.references.end();) {
        const auto& [key, reference] = *it;
        if (reference.kind != SecretRef::Kind::env) {
            ++it;
            continue;
        }
        const auto found = context.variables.find(reference.words[0]);
        if (!found) {
            if (channel.enabled) {
                context.problem(channel.origin,
                                "channels." + channel.name + "." + key + ": the variable " + reference.words[0] +
                                    " is not set",
                                "set it where the agent is started", channel.name);
            }
            ++it;
            continue;
        }
        const auto for_all = context.variables.find(reference.words[0], From::user);
        if (!for_all || for_all->value != found->value) context.own_channels.insert(channel.name);
        channel.settings[key] = found->value;
        it = channel.references.erase(it);
    }
}

void check_required(const LoadContext& context, const ChannelConfig& channel) {
    const ChannelSpec* const spec = find_spec(context.input.specs, channel.type);
    if (spec == nullptr || !channel.enabled) return;
    for (const auto& field : spec->fields) {
        if (!field.required || !field.fallback.empty() || is_switch(field)) continue;
        if (channel.settings.contains(field.key) || channel.references.contains(field.key)) continue;
        const std::string key(field.key);
        context.problem(channel.origin,
                        "channels." + channel.name + "." + key + " is missing (" + std::string(field.help) + ")",
                        "set " + key + " = \"...\" in [channels." + channel.name + "]", channel.name);
    }
}

void add_described(LoadContext& context, const ChannelSpec& spec) {
    auto& channels = context.config.channels;
    if (std::ranges::find(channels, spec.id, &ChannelConfig::name) != channels.end()) return;
    auto described = describe_type(context, spec, From::anywhere);
    if (!described.wanted || !described.started) return;
    const auto of_type = [&](const ChannelConfig& channel) { return channel.type == spec.id; };
    const std::string name(spec.id);
    if (!described.missing.empty()) {
        if (std::ranges::any_of(channels, of_type)) return; // the variable may be there for that channel's table
        std::vector<std::string> variables;
        for (const auto* const field : described.missing)
            variables.emplace_back(field->env.empty() ? field->key : field->env);
        constexpr std::string_view k_environment = "environment ";
        std::string_view beside = described.origin;
        if (beside.starts_with(k_environment)) beside.remove_prefix(k_environment.size());
        context.problem(described.origin, name + " is half configured: " + join(variables, ", ") + " is not set",
                        "set it beside " + std::string(beside), name);
        return;
    }
    const bool there_already = std::ranges::any_of(channels, [&](const ChannelConfig& channel) {
        return of_type(channel) && same_target(spec, channel.settings, described.values);
    });
    if (there_already) return;
    const auto for_all = describe_type(context, spec, From::user);
    if (!for_all.wanted || !for_all.missing.empty() || for_all.values != described.values)
        context.own_channels.insert(name);
    context.originals_variables = context.originals_variables || described.original;
    ChannelConfig channel;
    channel.name = name;
    channel.type = name;
    channel.settings = std::move(described.values);
    channel.origin = std::move(described.origin);
    channels.push_back(std::move(channel));
}

} // namespace

bool is_known_variable(std::string_view name, ChannelSpecs specs) {
    if (std::ranges::any_of(options(), [&](const Option& option) { return option.env == name; })) return true;
    return std::ranges::any_of(specs, [&](const ChannelSpec* spec) {
        return std::ranges::any_of(spec->fields, [&](const Field& field) {
            return !name.empty() && (field.env == name || field.env_alias == name);
        });
    });
}

bool holds_secret_variable(const ConfigFile& file, ChannelSpecs specs) {
    const auto parsed = parse_shell_file(file.text);
    return std::ranges::any_of(parsed.variables, [&](const ShellVariable& variable) {
        return !variable.value.empty() && std::ranges::any_of(specs, [&](const ChannelSpec* spec) {
            return std::ranges::any_of(spec->fields, [&](const Field& field) {
                return field.secret && (field.env == variable.name || field.env_alias == variable.name);
            });
        });
    });
}

void complete_channels(LoadContext& context) {
    for (auto& channel : context.config.channels) {
        resolve_variables(context, channel);
        check_required(context, channel);
    }
    for (const auto* const spec : context.input.specs)
        add_described(context, *spec);
}

void mark_environment_channels(LoadContext& context) {
    for (auto& channel : context.config.channels) {
        if (!context.own_channels.contains(channel.name)) continue;
        // A deliverer elsewhere may have another locale and no MCP_PUSH_PRIVACY: what holds here goes with the channel.
        if (!channel.language) channel.language = context.config.language;
        if (!channel.privacy) channel.privacy = context.config.privacy;
        channel.environment_key = environment_key_of(channel);
    }
}

} // namespace mcp_push
