// SPDX-License-Identifier: MIT
#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace mcp_push {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Length of the valid UTF-8 sequence at the start of `text` (RFC 3629), or 0.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F; // surrogates
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
    } else {
        return 0;
    }
    if (text.size() < length || byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (!is_continuation(text[i])) return 0;
    }
    return length;
}

/// Length of the terminal escape sequence at the start of `text` (ECMA-48), or 0. A sequence begins with ESC and
/// another character, or with that character's C1 control, U+0080 to U+009F.
std::size_t escape_length(std::string_view text) {
    std::size_t at = 2;
    char introducer = '\0';
    if (text.front() == '\x1b') {
        if (text.size() < 2) return 1;
        introducer = text[1];
    } else if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0) {
        introducer = static_cast<char>(static_cast<unsigned char>(text[1]) - 0x40);
    } else {
        return 0;
    }
    const auto within = [&](char low, char high) { return at < text.size() && text[at] >= low && text[at] <= high; };
    switch (introducer) {
    case '[': // CSI: parameters and intermediates, then one final byte
        while (within(0x20, 0x3F))
            ++at;
        return within(0x40, 0x7E) ? at + 1 : at;
    case ']': // OSC, DCS, SOS, PM and APC reach to BEL or ST
    case 'P':
    case 'X':
    case '^':
    case '_':
        for (; at < text.size() && text[at] != '\n'; ++at) {
            if (text[at] == '\a') return at + 1;
            const auto next = text.substr(at, 2);
            if (next == "\x1b\\" || next == "\xC2\x9C") return at + 2;
        }
        return at;
    default:
        if (text.front() != '\x1b') return 2;
        if (introducer < 0x20 || introducer > 0x7E) return 1;
        if (introducer >= 0x30) return 2;
        while (within(0x20, 0x2F))
            ++at; // a character set and its like: intermediates, then one final byte
        return within(0x30, 0x7E) ? at + 1 : at;
    }
}

/// Characters that make a terminal or a phone show a text in another order than it is in: U+202A to U+202E, U+2066 to
/// U+2069. A command could look harmless with them.
bool is_order_control(std::string_view character) {
    return (character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||
           (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9");
}

/// U+0085, U+2028 and U+2029 break a line too.
bool is_line_separator(std::string_view character) {
    return character == "\xC2\x85" || character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9";
}

} // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string to_lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) result += separator;
        result += parts[i];
    }
    return result;
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
    if (what.empty()) return text;
    std::string result;
    std::size_t copied = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, copied)) {
        result.append(text, copied, at - copied).append(with);
        copied = at + what.size();
    }
    return copied == 0 ? text : std::move(result.append(text, copied));
}

std::string_view cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    std::size_t end = bytes;
    while (end > 0 && bytes - end < 4 && is_continuation(text[end]))
        --end;
    return text.substr(0, bytes - end < 4 ? end : bytes); // four in a row belong to no sequence
}

std::string shorten(std::string_view text, std::size_t bytes) {
    constexpr std::string_view k_left_out = "…";
    if (text.size() <= bytes) return std::string(text);
    if (bytes < k_left_out.size()) return std::string(cut(text, bytes));
    return std::string(cut(text, bytes - k_left_out.size())) + std::string(k_left_out);
}

std::string_view tail(std::string_view text, std::size_t lines, std::size_t bytes) {
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    std::size_t begin = text.size() > bytes ? text.size() - bytes : 0;
    if (begin > 0) {
        const auto line = text.find('\n', begin - 1);
        if (line != std::string_view::npos) begin = line + 1;
        while (begin < text.size() && is_continuation(text[begin]))
            ++begin;
    }
    std::size_t start = text.size();
    while (lines > 0 && start > begin) {
        const auto before = text.rfind('\n', start - 1);
        if (before == std::string_view::npos || before < begin) return text.substr(begin);
        start = before;
        --lines;
    }
    return start < text.size() && text[start] == '\n' ? text.substr(start + 1) : text.substr(start);
}

std::string head(std::string_view text, std::size_t lines, std::size_t bytes) {
    text = trim(text);
    if (lines == 0) return {};
    std::size_t end = 0;
    for (std::size_t line = 0; line < lines && end < text.size(); ++line) {
        end = std::min(text.find('\n', end), text.size());
        if (line + 1 < lines && end < text.size()) ++end;
    }
    if (end >= text.size()) return shorten(text, bytes);
    return shorten(std::string(trim(text.substr(0, end))) + "\n…", bytes);
}

std::string one_line(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    bool space = false;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(sequence_length(text), 1);
        const auto character = text.substr(0, length);
        text.remove_prefix(length);
        if (is_space(character.front()) || is_line_separator(character)) {
            space = true;
            continue;
        }
        if (space && !result.empty()) result += ' ';
        space = false;
        result += character;
    }
    return result;
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string repair_utf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto length = sequence_length(text);
        if (length == 0) {
            result += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            result += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return result;
}

std::string clean_text(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const char c = text.front();
        const auto length = sequence_length(text);
        const auto character = text.substr(0, length);
        if (is_line_separator(character)) {
            result += '\n';
            text.remove_prefix(length);
            continue;
        }
        if (const auto escape = escape_length(text); escape > 0) {
            text.remove_prefix(escape);
            continue;
        }
        if (is_order_control(character)) {
            text.remove_prefix(length);
            continue;
        }
        if (length == 0) {
            result += "\xEF\xBF\xBD";
            text.remove_prefix(1);
            continue;
        }
        const bool control = length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F);
        if (c == '\r' && !text.substr(1).starts_with('\n')) {
            result += '\n'; // a lone carriage return overwrites a line on a terminal; a message keeps both
        } else if (!control || c == '\n' || c == '\t') {
            result += character;
        }
        text.remove_prefix(length);
    }
    return result;
}

std::size_t count_code_points(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return !is_continuation(c); }));
}

bool is_truthy(std::string_view text) {
    const auto word = to_lower(trim(text));
    return word == "1" || word == "true" || word == "yes" || word == "y" || word == "on";
}

bool matches_pattern(std::string_view text, std::string_view pattern) {
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    const auto character_length = [&](std::size_t at) {
        return std::max<std::size_t>(sequence_length(text.substr(at)), 1);
    };
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == '?') {
            t += character_length(t);
            ++p;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++t;
            ++p;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            mark += character_length(mark);
            t = mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view k_hex = "0123456789ABCDEF";
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            result += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            result += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
        }
    }
    return result;
}

std::uint64_t hash64(std::string_view text, std::uint64_t seed) {
    for (const char c : text) {
        seed ^= static_cast<unsigned char>(c);
        seed *= 0x100000001b3ULL;
    }
    return seed;
}

std::string to_hex(std::uint64_t value) {
    std::string result(16, '0');
    for (auto at = result.rbegin(); at != result.rend(); ++at, value >>= 4)
        *at = "0123456789abcdef"[value & 15];
    return result;
}

} // namespace mcp_push
