// SPDX-License-Identifier: MIT
// The one file that includes toml++.
#include "core/config/toml_file.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

namespace mcp_push {
namespace {

/// A dotted key has no more parts than a line has dots; a hostile one may be as deep as the document is long.
constexpr int k_most_dots = 128;
/// Faults after which the rest of a document is given up.
constexpr int k_most_faults = 16;

using Place = std::pair<int, int>;

Place place_of(const toml::source_position& position) {
    return {static_cast<int>(position.line), static_cast<int>(position.column)};
}

std::string real_text(double value) {
    char buffer[64] = {};
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return code == std::errc() ? std::string(buffer, end) : std::string();
}

/// The first line with so many dots, or 0. The library calls itself once for each part of a dotted key.
int find_too_deep(std::string_view text) {
    int line = 1;
    int dots = 0;
    for (const char c : text) {
        if (c == '.' && ++dots > k_most_dots) return line;
        if (c != '\n') continue;
        ++line;
        dots = 0;
    }
    return 0;
}

TomlValue convert(const toml::node& node, Place place) {
    TomlValue result;
    std::tie(result.line, result.column) = place;
    using Kind = TomlValue::Kind;
    if (const auto* const table = node.as_table()) {
        for (const auto& [key, value] : *table) {
            result.members.push_back({std::string(key.str()), convert(value, place_of(key.source().begin))});
        }
        std::ranges::sort(result.members, {},
                          [](const TomlMember& member) { return Place(member.value.line, member.value.column); });
    } else if (const auto* const array = node.as_array()) {
        result.kind = Kind::array;
        for (const auto& value : *array) {
            result.items.push_back(convert(value, place_of(value.source().begin)));
        }
    } else if (const auto* const text = node.as_string()) {
        result.kind = Kind::string;
        result.text = text->get();
    } else if (const auto* const integer = node.as_integer()) {
        result.kind = Kind::integer;
        result.text = std::to_string(integer->get());
    } else if (const auto* const real = node.as_floating_point()) {
        result.kind = Kind::real;
        result.text = real_text(real->get());
    } else if (const auto* const boolean = node.as_boolean()) {
        result.kind = Kind::boolean;
        result.text = boolean->get() ? "true" : "false";
    } else {
        result.kind = Kind::time;
    }
    return result;
}

/// The library's words without what they quote of the file, which may be a secret.
std::string without_quotes(std::string_view description) {
    const auto end = description.find_first_of("'\"");
    auto words = trim(description.substr(0, end));
    for (const std::string_view dangling : {", saw", ": expected", " expected", ":"}) {
        if (end != std::string_view::npos && words.ends_with(dangling)) words.remove_suffix(dangling.size());
    }
    auto result = std::string(words.empty() ? "not valid TOML" : words);
    if (result[0] == 'E') result[0] = 'e'; // "Error while parsing"
    return result;
}

bool is_header(std::string_view line) { return trim(line).starts_with('['); }

/// "channels.phone" of "[channels.phone] # mine".
std::string header_name(std::string_view line) {
    auto name = trim(line);
    while (name.starts_with('['))
        name.remove_prefix(1);
    name = trim(name.substr(0, name.find_first_of("]#\r\n")));
    return replace_all(std::string(cut(name, 80)), "\"", "");
}

/// Replaces the part around a line (from its header to before the next) by blank lines, so that the places of the rest
/// stay true. False when that part is blank already.
bool blank_section(std::string& text, int line, std::string& section) {
    const auto lines = split(text, '\n');
    const auto count = static_cast<int>(lines.size());
    int first = std::clamp(line, 1, count) - 1;
    int last = first + 1;
    while (first > 0 && !is_header(lines[static_cast<std::size_t>(first)]))
        --first;
    while (last < count && !is_header(lines[static_cast<std::size_t>(last)]))
        ++last;

    const auto& header = lines[static_cast<std::size_t>(first)];
    section = is_header(header) ? header_name(header) : "";
    const auto begin = static_cast<std::size_t>(header.data() - text.data());
    const auto& end_line = lines[static_cast<std::size_t>(last - 1)];
    const auto end = static_cast<std::size_t>(end_line.data() - text.data()) + end_line.size();
    bool changed = false;
    for (std::size_t i = begin; i < end; ++i) {
        if (text[i] == '\n' || text[i] == ' ') continue;
        text[i] = ' ';
        changed = true;
    }
    return changed;
}

} // namespace

const TomlValue* TomlValue::find(std::string_view key) const {
    const auto found = std::ranges::find(members, key, &TomlMember::key);
    return found == members.end() ? nullptr : &found->value;
}

TomlDocument parse_toml(std::string_view text) {
    TomlDocument document;
    document.root.line = 1;
    document.root.column = 1;
    std::string remaining;
    for (int attempt = 0; attempt < k_most_faults; ++attempt) {
        const auto source = attempt == 0 ? text : std::string_view(remaining);
        TomlFault fault;
        if (const int line = find_too_deep(source); line > 0) {
            fault.line = line;
            fault.column = 1;
            fault.message = "more dots in a line than any key has";
        } else if (auto parsed = toml::parse(source)) {
            document.root = convert(parsed.table(), {1, 1});
            return document;
        } else {
            std::tie(fault.line, fault.column) = place_of(parsed.error().source().begin);
            fault.message = without_quotes(parsed.error().description());
        }
        if (attempt == 0) remaining = text;
        const bool changed = blank_section(remaining, fault.line, fault.section);
        document.faults.push_back(std::move(fault));
        if (!changed) return document;
    }
    return document;
}

} // namespace mcp_push
