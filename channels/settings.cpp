// SPDX-License-Identifier: MIT
#include "channels/settings.hpp"

#include "channels/robot.hpp"
#include "core/base/edit_distance.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace mcp_push {
namespace {

/// Settings that every channel may have.
constexpr std::array<std::string_view, 3> k_common = {"proxy", "timeout", "base_url"};

bool is_common(std::string_view key) { return std::ranges::find(k_common, key) != k_common.end(); }

const Field* find_field(const ChannelSpec& spec, std::string_view key) {
    const auto found = std::ranges::find(spec.fields, key, &Field::key);
    return found == spec.fields.end() ? nullptr : &*found;
}

/// The word of `choices` that `value` means, or "".
std::string_view find_choice(std::string_view choices, std::string_view value) {
    for (const auto choice : split(choices, '|')) {
        if (equals_ignoring_case(choice, trim(value))) return choice;
    }
    return {};
}

std::string where(const ChannelConfig& channel, std::string_view key) {
    return "channels." + channel.name + "." + std::string(key);
}

Error missing(const ChannelConfig& channel, const Field& field) {
    std::string hint = "set " + std::string(field.key) + " = \"...\" in [channels." + channel.name + "]";
    if (!field.env.empty()) hint += " or the variable " + std::string(field.env);
    return {ErrorKind::config, where(channel, field.key) + " is missing (" + std::string(field.help) + ")", hint};
}

Error bad_choice(const ChannelConfig& channel, const Field& field, std::string_view value) {
    const auto shown = field.secret ? std::string() : " \"" + shorten(one_line(value), 60) + "\"";
    return {ErrorKind::config, where(channel, field.key) + shown + " is none of the accepted words",
            "use one of " + replace_all(std::string(field.choices), "|", ", ")};
}

bool is_public_header(std::string_view name) {
    constexpr std::array<std::string_view, 4> k_public = {"content-type", "accept", "user-agent", "accept-language"};
    return std::ranges::any_of(k_public, [name](auto known) { return equals_ignoring_case(known, name); });
}

Status check_timeout(const ChannelConfig& channel, const Settings& settings) {
    if (!settings.has("timeout")) return {};
    const auto timeout = parse_duration(settings["timeout"]);
    if (timeout && timeout->count() > 0) return {};
    return Error{ErrorKind::config, where(channel, "timeout") + " is no duration above zero", "write it as \"20s\""};
}

/// The pieces of a secret address that may each be its key, and that a server shows without the rest ("Cannot POST
/// /hooks/9f86d081884c"): the password before the host, long steps of the path, values of the query.
std::vector<std::string> secrets_in_address(std::string_view address) {
    constexpr std::size_t k_step = 10; // shorter ones are words: "webhook", "services"
    constexpr std::size_t k_value = 6;
    std::vector<std::string> secrets;
    const auto scheme = address.find("://");
    if (scheme == std::string_view::npos) return secrets;
    address.remove_prefix(scheme + 3);
    const auto slash = std::min(address.find_first_of("/?#"), address.size());
    if (const auto at = address.substr(0, slash).rfind('@'); at != std::string_view::npos) {
        const auto user = address.substr(0, at);
        secrets.emplace_back(user.substr(std::min(user.find(':') + 1, user.size())));
    }
    address.remove_prefix(slash);
    const auto question = std::min(address.find('?'), address.size());
    for (const auto step : split(address.substr(0, question), '/')) {
        if (step.size() >= k_step && step.find('$') == std::string_view::npos) secrets.emplace_back(step);
    }
    const auto query = address.substr(std::min(question + 1, address.size()));
    for (const auto pair : split(query, '&')) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.find('$') != std::string_view::npos) continue; // a template's
        for (auto value : {std::string(pair.substr(equals + 1)), query_value(pair, pair.substr(0, equals))}) {
            if (value.size() >= k_value) secrets.push_back(std::move(value));
        }
    }
    return secrets;
}

} // namespace

const std::string& Settings::operator[](std::string_view key) const {
    static const std::string k_empty;
    const auto found = m_values.find(key);
    return found == m_values.end() ? k_empty : found->second;
}

Result<Settings> make_settings(const ChannelType& type, const ChannelConfig& channel) {
    Settings::Values values;
    for (const auto& field : type.spec->fields) {
        const auto found = channel.settings.find(field.key);
        std::string value = found == channel.settings.end() ? std::string() : found->second;
        if (value.empty()) value = field.fallback;
        if (value.empty() && field.required) return missing(channel, field);
        if (!value.empty() && !field.choices.empty()) {
            const auto choice = find_choice(field.choices, value);
            if (choice.empty()) return bad_choice(channel, field, value);
            value = choice;
        }
        values.emplace(field.key, std::move(value));
    }
    for (const auto key : k_common) {
        const auto found = channel.settings.find(key);
        if (found != channel.settings.end()) values.emplace(key, found->second);
    }
    Settings settings(std::move(values));
    TRY(check_timeout(channel, settings));
    if (type.code->normalise == nullptr) return settings;
    auto normalised = type.code->normalise(std::move(settings));
    if (!normalised) return std::move(normalised).error().with_context("channels." + channel.name);
    return normalised;
}

std::vector<Problem> check_settings(const ChannelType& type, const ChannelConfig& channel) {
    std::vector<Problem> problems;
    // What a reference will bring is not known yet; a stand-in satisfies "required" and is judged by nothing else.
    if (channel.references.empty()) {
        if (auto settings = make_settings(type, channel); !settings) {
            problems.push_back({channel.origin, settings.error().message, settings.error().hint, channel.name});
        }
    } else {
        for (const auto& field : type.spec->fields) {
            const auto found = channel.settings.find(field.key);
            const bool there =
                channel.references.contains(field.key) || (found != channel.settings.end() && !found->second.empty());
            if (!field.required || there || !field.fallback.empty()) continue;
            const auto error = missing(channel, field);
            problems.push_back({channel.origin, error.message, error.hint, channel.name});
        }
    }
    std::vector<std::string_view> known(k_common.begin(), k_common.end());
    for (const auto& field : type.spec->fields)
        known.push_back(field.key);
    for (const auto& [key, value] : channel.settings) {
        if (find_field(*type.spec, key) != nullptr || is_common(key)) continue;
        const auto near = nearest(key, known);
        problems.push_back({channel.origin, where(channel, key) + " is not known",
                            near.empty() ? "mcp-push channels show " + std::string(type.spec->id) + " lists what is"
                                         : "did you mean " + std::string(near) + "?",
                            ""});
    }
    return problems;
}

std::vector<std::string> secrets_of(const ChannelSpec& spec, const Settings& settings) {
    std::vector<std::string> secrets;
    const auto add = [&](const std::string& value) {
        // Shorter ones would tear holes into ordinary words and protect nothing.
        if (value.size() >= 4) secrets.push_back(value);
    };
    for (const auto& field : spec.fields) {
        if (!field.secret) continue;
        add(settings[field.key]);
        for (const auto& piece : secrets_in_address(settings[field.key]))
            add(piece);
        for (const auto line : split(settings[field.key], '\n')) { // headers: each value on its own
            const auto colon = line.find(':');
            if (colon == std::string_view::npos || is_public_header(trim(line.substr(0, colon)))) continue;
            const auto value = trim(line.substr(colon + 1));
            add(std::string(value));
            if (const auto space = value.rfind(' '); space != std::string_view::npos) { // "Bearer abc"
                add(std::string(value.substr(space + 1)));
            }
        }
    }
    for (const auto* const key : {"proxy", "base_url"}) { // open to everybody, unless a password stands in them
        if (settings[key].find('@') == std::string::npos) continue;
        add(settings[key]);
        for (const auto& piece : secrets_in_address(settings[key]))
            add(piece);
    }
    std::ranges::sort(secrets, std::ranges::greater{}, &std::string::size);
    return secrets;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets) {
        text = replace_all(std::move(text), secret, "[redacted]");
        if (const auto encoded = percent_encode(secret); encoded != secret) {
            text = replace_all(std::move(text), encoded, "[redacted]");
        }
    }
    return redact(text);
}

} // namespace mcp_push
