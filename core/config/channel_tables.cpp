// SPDX-License-Identifier: MIT
// [channels.NAME] tables -> ChannelConfig.
#include "core/base/text.hpp"
#include "core/config/load_context.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mcp_push {
namespace {

class ChannelReader {
public:
    ChannelReader(LoadContext& context, DocumentSource& source) : m_context(context), m_source(source) {}
    void read(const std::string& name, const TomlValue& table);

private:
    void problem(const TomlValue& at, std::string_view message, std::string_view hint = {}, std::string channel = {}) {
        m_context.problem(m_source.place(at), "channels." + m_channel.name + std::string(message), hint,
                          std::move(channel));
    }
    [[nodiscard]] bool find_type(const TomlValue& table);
    [[nodiscard]] bool read_common(const std::string& key, const TomlValue& value);
    template <class T>
    void read_value(const std::string& key, const TomlValue& value, Result<T> (*parse)(std::string_view),
                    std::optional<T>& into);
    void read_events(const TomlValue& value);
    void read_setting(const std::string& key, const TomlValue& value);
    [[nodiscard]] bool read_reference(const std::string& key, const TomlValue& value);
    [[nodiscard]] const Field* field(std::string_view key) const;
    void unknown(const std::string& key, const TomlValue& value);

    LoadContext& m_context;
    DocumentSource& m_source;
    const ChannelSpec* m_spec = nullptr;
    ChannelConfig m_channel;
};

constexpr std::array<std::pair<std::string_view, SecretRef::Kind>, 4> k_reference_kinds = {
    {{"env", SecretRef::Kind::env},
     {"file", SecretRef::Kind::file},
     {"command", SecretRef::Kind::command},
     {"keyring", SecretRef::Kind::keyring}}};
constexpr std::string_view k_reference_hint = "write a text, or { env = \"X\" }, { file = \"/x\" }, { keyring = \"x\" "
                                              "}, { command = [\"pass\", \"show\", \"x\"] }";

bool is_channel_name(std::string_view name) {
    const auto ordinary = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '"'; };
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, ordinary) && trim(name) == name;
}

/// With ';' between the elements, as the originals' lists have; with line feeds where that would be misread.
std::optional<std::string> setting_text(const TomlValue& value) {
    const bool lines = std::ranges::any_of(
        value.items, [](const TomlValue& item) { return item.text.find_first_of(";:\n") != std::string::npos; });
    return text_of(value, lines ? "\n" : ";");
}

const Field* ChannelReader::field(std::string_view key) const {
    if (m_spec == nullptr) return nullptr;
    const auto found = std::ranges::find(m_spec->fields, key, &Field::key);
    return found == m_spec->fields.end() ? nullptr : &*found;
}

/// False where nobody could tell what the channel is.
bool ChannelReader::find_type(const TomlValue& table) {
    const TomlValue* const type = table.find("type");
    const auto word = type != nullptr ? type->text : m_channel.name;
    m_spec = find_spec(m_context.input.specs, word);
    m_channel.type = m_spec != nullptr ? std::string(m_spec->id) : word;
    if (m_spec != nullptr) return true;
    if (type == nullptr || type->kind != TomlValue::Kind::string || word.empty()) {
        problem(type != nullptr ? *type : table, " has no type", "add type = \"...\": mcp-push channels lists them",
                m_channel.name);
        return false;
    }
    std::vector<std::string_view> known;
    for (const auto* const spec : m_context.input.specs) {
        known.push_back(spec->id);
        for (const auto alias : split(spec->aliases, ' ')) {
            if (!alias.empty()) known.push_back(alias);
        }
    }
    auto hint = did_you_mean(word, known);
    if (hint.empty()) hint = "mcp-push channels lists the types";
    problem(*type, ": there is no channel type \"" + shorten(word, 60) + "\"", hint, m_channel.name);
    return true;
}

void ChannelReader::read(const std::string& name, const TomlValue& table) {
    m_channel.name = name;
    m_channel.origin = m_source.origin(table);
    if (!find_type(table)) return;
    for (const auto& [raw_key, value] : table.members) {
        const auto key = plain_key(raw_key);
        if (key == "type" || read_common(key, value)) continue;
        if (m_spec == nullptr || field(key) != nullptr) {
            read_setting(key, value);
        } else {
            unknown(key, value);
        }
    }
    auto& channels = m_context.config.channels;
    const auto same = std::ranges::find(channels, name, &ChannelConfig::name);
    if (same == channels.end()) {
        channels.push_back(std::move(m_channel));
    } else {
        *same = std::move(m_channel);
    }
    if (m_source.project) m_context.own_channels.insert(name);
}

template <class T>
void ChannelReader::read_value(const std::string& key, const TomlValue& value, Result<T> (*parse)(std::string_view),
                               std::optional<T>& into) {
    auto parsed = parse(value.is_scalar() ? value.text : "");
    if (parsed) {
        into = std::move(parsed).value();
    } else {
        problem(value, "." + key + ": " + parsed.error().message, parsed.error().hint);
    }
}

/// What every channel may have. A bad value is a Problem and leaves the general one in force.
bool ChannelReader::read_common(const std::string& key, const TomlValue& value) {
    if (key == "enabled") {
        std::optional<bool> enabled;
        read_value(key, value, &parse_bool, enabled);
        m_channel.enabled = enabled.value_or(true);
    } else if (key == "threshold") {
        read_value(key, value, &parse_threshold, m_channel.threshold);
    } else if (key == "events") {
        read_events(value);
    } else if (key == "privacy") {
        std::optional<Privacy> privacy;
        read_value(key, value, &parse_privacy, privacy);
        // Someone meant to hide something: not knowing what, hide all that can be hidden.
        m_channel.privacy = privacy.value_or(Privacy::none);
    } else if (key == "language") {
        read_value(key, value, &parse_language, m_channel.language);
    } else if (key == "timeout") {
        std::optional<Millis> timeout;
        read_value(key, value, &parse_duration, timeout);
        if (timeout) m_channel.settings["timeout"] = value.text;
    } else if (key == "proxy" || key == "base_url") {
        read_setting(key, value);
    } else {
        return false;
    }
    return true;
}

void ChannelReader::read_events(const TomlValue& value) {
    const auto words = text_of(value, "\n").value_or("");
    for (const auto word : split(words, '\n')) {
        if (const auto event = parse_event_kind(trim(word))) {
            m_channel.events.push_back(*event);
        } else {
            problem(value, ".events: \"" + std::string(cut(word, 60)) + "\" is not an event",
                    "one of start, update, end, error, needs_user_action, cancelled");
        }
    }
}

void ChannelReader::read_setting(const std::string& key, const TomlValue& value) {
    if (value.is_table()) {
        if (!read_reference(key, value)) {
            problem(value, "." + key + " is neither a text nor a reference", k_reference_hint);
        }
        return;
    }
    auto text = setting_text(value);
    if (!text) return problem(value, "." + key + " is not of the right kind", k_reference_hint);
    if (text->empty()) return;
    const Field* const known = field(key);
    if (m_spec == nullptr || (known != nullptr && known->secret)) m_source.holds_secrets = true;
    m_channel.settings[key] = std::move(*text);
}

bool ChannelReader::read_reference(const std::string& key, const TomlValue& value) {
    if (value.members.size() != 1) return false;
    const auto& [word, given] = value.members.front();
    const auto kind = std::ranges::find(k_reference_kinds, word, [](const auto& pair) { return pair.first; });
    if (kind == k_reference_kinds.end()) return false;
    SecretRef reference{.kind = kind->second, .words = {}};
    if (reference.kind == SecretRef::Kind::command && given.is_array()) {
        for (const auto& item : given.items) {
            if (item.kind != TomlValue::Kind::string) return false;
            reference.words.push_back(item.text);
        }
    } else if (given.kind == TomlValue::Kind::string) {
        reference.words.push_back(given.text);
    }
    if (reference.words.empty() || reference.words[0].empty()) return false;
    auto& first = reference.words[0];
    if (reference.kind == SecretRef::Kind::file) {
        first = expand_home(first, m_context.input.paths);
        if (!first.starts_with('/')) first = m_source.folder + "/" + first;
    } else if (reference.kind == SecretRef::Kind::command) {
        first = expand_home(first, m_context.input.paths);
    }
    m_channel.references[key] = std::move(reference);
    return true;
}

void ChannelReader::unknown(const std::string& key, const TomlValue& value) {
    std::vector<std::string_view> known;
    std::string hint;
    for (const auto& one : m_spec->fields) {
        known.push_back(one.key);
        if (equals_ignoring_case(one.env, key) || equals_ignoring_case(one.env_alias, key)) {
            hint = "in this file write " + std::string(one.key);
        }
    }
    for (const auto& common : common_channel_keys())
        known.push_back(common.key);
    if (hint.empty()) hint = did_you_mean(key, known);
    if (hint.empty()) hint = "mcp-push channels show " + std::string(m_spec->id) + " lists what is";
    problem(value, "." + shorten(key, 60) + " is not known", hint);
}

} // namespace

void read_channels(LoadContext& context, const TomlValue& table, DocumentSource& source) {
    for (const auto& [name, value] : table.members) {
        if (!is_channel_name(name)) {
            context.problem(source.place(value), "a channel cannot be called \"" + shorten(name, 60) + "\"",
                            "give it a name of letters and digits");
        } else if (!value.is_table()) {
            context.problem(source.place(value), "channels." + name + " is not a table",
                            "write [channels." + name + "] and its keys on lines of their own", name);
        } else {
            ChannelReader(context, source).read(name, value);
        }
    }
}

} // namespace mcp_push
