// SPDX-License-Identifier: MIT
// A TOML document -> Config: options, rules, project, routes.
#include "core/base/edit_distance.hpp"
#include "core/base/text.hpp"
#include "core/config/load_context.hpp"

#include <algorithm>
#include <charconv>

namespace mcp_push {
namespace {

class DocumentReader {
public:
    DocumentReader(LoadContext& context, DocumentSource& source) : m_context(context), m_source(source) {}

    void read_faults(const std::vector<TomlFault>& faults);
    void read_table(const TomlValue& table, const std::string& prefix);

private:
    void problem(const TomlValue& at, std::string_view message, std::string_view hint = {}) {
        m_context.problem(m_source.place(at), message, hint);
    }
    [[nodiscard]] bool refused(const std::string& key, const TomlValue& value);
    [[nodiscard]] bool read_structured(const std::string& key, const TomlValue& value);
    void read_option(const Option& option, const TomlValue& value);
    void read_unknown(const std::string& prefix, const std::string& key, const TomlValue& value);
    void read_overrides(const TomlValue& value);
    void read_override(const TomlValue& table);
    [[nodiscard]] bool read_condition(const std::string& key, const TomlValue& value, RuleOverride& rule,
                                      std::vector<EventKind>& events);
    void read_project_names(const TomlValue& value);
    void add_project_name(std::string pattern, const std::string& name);
    void read_routes(const TomlValue& value);
    void read_unused(const std::string& section, const TomlValue& value);

    LoadContext& m_context;
    DocumentSource& m_source;
};

constexpr std::array<std::string_view, 9> k_condition_keys = {"event",   "agent", "project",   "branch", "host",
                                                              "channel", "hours", "threshold", "both"};

/// "rules" of "rules.threshold".
std::string_view section_of(std::string_view key) {
    const auto dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}
std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

bool is_section(std::string_view key) {
    const auto in_it = [&](std::string_view known) { return section_of(known) == key; };
    return std::ranges::any_of(options(), in_it, &Option::key) || std::ranges::any_of(structured_keys(), in_it);
}

/// Whether a project's file may set the key, or something in the section.
bool open_to_projects(std::string_view key) {
    if (key == "rules.when" || key == "project.name") return true;
    return std::ranges::any_of(options(), [&](const Option& option) {
        return option.by == SetBy::project && (option.key == key || section_of(option.key) == key);
    });
}

bool are_hours(std::string_view text) {
    const auto hour = [](std::string_view part) {
        part = trim(part);
        int value = -1;
        const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value);
        return code == std::errc() && end == part.data() + part.size() && value >= 0 && value <= 24;
    };
    const auto dash = text.find('-');
    return dash != std::string_view::npos && hour(text.substr(0, dash)) && hour(text.substr(dash + 1));
}

void DocumentReader::read_faults(const std::vector<TomlFault>& faults) {
    for (const auto& fault : faults) {
        const bool channel = fault.section.starts_with("channels.");
        m_context.problem(
            m_source.shown + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column),
            fault.message + "; " +
                (fault.section.empty() ? "the part before the first [section]" : "[" + fault.section + "]") +
                " is left out",
            "texts need quotes: key = \"value\"", channel ? fault.section.substr(9) : "");
    }
}

/// True, with a Problem, where the file may not say this.
bool DocumentReader::refused(const std::string& key, const TomlValue& value) {
    if (m_source.may_do_all || open_to_projects(key)) return false;
    problem(value, key + " may not be set by a project's own file",
            "put it into config.toml, or trust this folder: mcp-push config trust " + m_source.folder);
    return true;
}

void DocumentReader::read_table(const TomlValue& table, const std::string& prefix) {
    for (const auto& [raw_key, value] : table.members) {
        if (m_context.has_enough_problems()) return;
        const auto key = prefix + plain_key(raw_key);
        if (const Option* const option = find_option(key)) {
            if (!refused(key, value)) read_option(*option, value);
        } else if (std::ranges::find(structured_keys(), key) != structured_keys().end()) {
            if (!refused(key, value) && !read_structured(key, value)) problem(value, key + " is not of the right kind");
        } else if (value.is_table() && is_section(key)) {
            if (!refused(key, value)) read_table(value, key + ".");
        } else {
            read_unknown(prefix, key, value);
        }
    }
}

bool DocumentReader::read_structured(const std::string& key, const TomlValue& value) {
    if (key == "rules.when") {
        if (!value.is_array() && !value.is_table()) return false;
        read_overrides(value);
    } else if (key == "project.name") {
        if (!value.is_scalar()) return false;
        if (m_source.project) {
            add_project_name(m_source.folder, value.text);
            m_context.config.origins[key] = m_source.origin(value);
        } else {
            problem(value, "project.name belongs into a project's .mcp-push.toml",
                    "here write [project.names] and \"~/folder\" = \"name\"");
        }
    } else if (!value.is_table()) {
        return false;
    } else if (key == "project.names") {
        read_project_names(value);
    } else if (key == "channels") {
        read_channels(m_context, value, m_source);
    } else if (key == "routes") {
        read_routes(value);
    } else {
        read_unused(key, value);
    }
    return true;
}

void DocumentReader::read_option(const Option& option, const TomlValue& value) {
    const auto text = text_of(value, "\n");
    if (!text || (value.is_array() && !option.list)) {
        return problem(value, std::string(option.key) + " is not of the right kind",
                       "give " + std::string(option.format));
    }
    set_option(m_context, option, *text, m_source.place(value), m_source.origin(value));
}

void DocumentReader::read_unknown(const std::string& prefix, const std::string& key, const TomlValue& value) {
    const std::string_view word = last_part(key);
    std::vector<std::string_view> beside; // what could stand in this place
    std::string elsewhere;
    const auto look = [&](std::string_view known) {
        if (known.starts_with(prefix)) {
            const auto rest = known.substr(prefix.size());
            beside.push_back(rest.substr(0, rest.find('.')));
        }
        if (last_part(known) == word) elsewhere = known;
    };
    for (const auto& option : options())
        look(option.key);
    for (const auto known : structured_keys())
        look(known);
    auto hint = did_you_mean(word, beside);
    if (!elsewhere.empty()) hint = "write it under [" + std::string(section_of(elsewhere)) + "]";
    if (hint.empty()) hint = "see mcp-push config init";
    problem(value, shorten(key, 80) + " is not known", hint);
}

void DocumentReader::read_overrides(const TomlValue& value) {
    if (value.is_table()) return read_override(value);
    for (const auto& item : value.items) {
        if (item.is_table()) {
            read_override(item);
        } else {
            problem(item, "rules.when holds tables", "write [[rules.when]] and the keys on lines of their own");
        }
    }
}

/// A rule with a part that cannot be understood is left out whole: without a condition it would hold too often.
void DocumentReader::read_override(const TomlValue& table) {
    RuleOverride rule;
    std::vector<EventKind> events;
    bool good = true;
    for (const auto& [raw_key, value] : table.members) {
        if (!read_condition(plain_key(raw_key), value, rule, events)) good = false;
    }
    if (!good) return;
    if (!rule.threshold && !rule.both) {
        return problem(table, "this rules.when changes nothing", "give threshold or both");
    }
    auto& overrides = m_context.config.rules.overrides;
    if (events.empty()) overrides.push_back(rule);
    for (const auto event : events) {
        rule.event = event;
        overrides.push_back(rule);
    }
}

bool DocumentReader::read_condition(const std::string& key, const TomlValue& value, RuleOverride& rule,
                                    std::vector<EventKind>& events) {
    const auto wrong = [&](std::string_view message, std::string_view hint) {
        problem(value, "rules.when." + key + std::string(message), hint);
        return false;
    };
    const auto text = text_of(value, "\n");
    if (!text || (value.is_array() && key != "event")) return wrong(" is not of the right kind", "give a text");
    if (key == "event") {
        for (const auto word : split(*text, '\n')) {
            const auto event = parse_event_kind(trim(word));
            if (!event) {
                return wrong(": \"" + std::string(cut(word, 60)) + "\" is not an event",
                             "one of start, update, end, error, needs_user_action, cancelled");
            }
            events.push_back(*event);
        }
    } else if (key == "threshold") {
        auto threshold = parse_threshold(*text);
        if (!threshold) return wrong(": " + threshold.error().message, threshold.error().hint);
        rule.threshold = *threshold;
    } else if (key == "both") {
        const auto both = parse_bool(*text);
        if (!both) return wrong(": " + both.error().message, both.error().hint);
        rule.both = *both;
    } else if (key == "hours") {
        if (!are_hours(*text)) {
            return wrong(": \"" + std::string(cut(*text, 60)) + "\" are no hours", "write them like \"22-8\"");
        }
        rule.hours = *text;
    } else if (key == "agent") {
        rule.agent = *text;
    } else if (key == "project") {
        rule.project = *text;
    } else if (key == "branch") {
        rule.branch = *text;
    } else if (key == "host") {
        rule.host = *text;
    } else if (key == "channel") {
        rule.channel = *text;
    } else {
        return wrong(" is not known", did_you_mean(key, k_condition_keys));
    }
    return true;
}

void DocumentReader::read_project_names(const TomlValue& value) {
    for (const auto& [pattern, name] : value.members) {
        const auto text = text_of(name, "");
        if (!text || name.is_array()) {
            problem(name, "project.names holds texts", "\"~/folder\" = \"name\"");
            continue;
        }
        add_project_name(expand_home(pattern, m_context.input.paths), *text);
    }
}

void DocumentReader::add_project_name(std::string pattern, const std::string& name) {
    while (pattern.size() > 1 && pattern.ends_with('/'))
        pattern.pop_back();
    auto& names = m_context.config.project_names;
    if (pattern.find('*') == std::string::npos) names[pattern + "/*"] = name;
    names[std::move(pattern)] = name;
}

void DocumentReader::read_routes(const TomlValue& value) {
    for (const auto& [name, channels] : value.members) {
        const auto text = text_of(channels, "\n");
        if (!text) {
            problem(channels, "routes." + name + " is not of the right kind", name + " = [\"phone\", \"desk\"]");
            continue;
        }
        auto& route = m_context.config.routes[name];
        route.clear();
        for (const auto channel : split(*text, '\n')) {
            if (!channel.empty()) route.emplace_back(channel);
        }
        m_context.config.origins["routes." + name] = m_source.place(channels);
    }
}

void DocumentReader::read_unused(const std::string& section, const TomlValue& value) {
    for (const auto& [key, inner] : value.members) {
        problem(inner, section + "." + key + " is not used by this version", "remove it, or put a # before it");
    }
}

} // namespace

std::string plain_key(std::string_view key) {
    std::string plain(key);
    std::ranges::replace(plain, '-', '_');
    return plain;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > 60) return {}; // the distance costs the product of the lengths
    const auto near = nearest(word, candidates);
    return near.empty() ? std::string() : "did you mean " + std::string(near) + "?";
}

std::optional<std::string> text_of(const TomlValue& value, std::string_view separator) {
    using Kind = TomlValue::Kind;
    if (value.kind == Kind::table || value.kind == Kind::time) return std::nullopt;
    if (value.kind != Kind::array) return value.text;
    std::string text;
    for (const auto& item : value.items) {
        if (!item.is_scalar() || item.kind == Kind::time) return std::nullopt;
        if (&item != &value.items.front()) text += separator;
        text += item.text;
    }
    return text;
}

void apply_document(LoadContext& context, const TomlDocument& document, DocumentSource& source) {
    DocumentReader reader(context, source);
    reader.read_faults(document.faults);
    reader.read_table(document.root, "");
}

} // namespace mcp_push
