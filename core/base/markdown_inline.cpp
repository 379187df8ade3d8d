// SPDX-License-Identifier: MIT
#include "core/base/markdown_inline.hpp"

#include <algorithm>

namespace mcp_push::markdown {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alnum(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::size_t run_length(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && text[end] == text[at])
        ++end;
    return end - at;
}

std::size_t find_code_end(std::string_view text, std::size_t at) {
    const auto length = run_length(text, at);
    for (std::size_t next = text.find('`', at + length); next != std::string_view::npos; next = text.find('`', next)) {
        const auto other = run_length(text, next);
        next += other;
        if (other == length) return next;
    }
    return std::string_view::npos;
}

std::size_t find_autolink_end(std::string_view text, std::size_t at) {
    const auto end = text.find_first_of("<> \t\n", at + 1);
    if (end == std::string_view::npos || text[end] != '>') return std::string_view::npos;
    const auto inside = text.substr(at + 1, end - at - 1);
    const auto plain = [](char c) { return is_alnum(c) || c == '+' || c == '.' || c == '-'; };
    const auto scheme = static_cast<std::size_t>(std::ranges::find_if_not(inside, plain) - inside.begin());
    const bool address = scheme >= 2 && scheme < inside.size() && inside[scheme] == ':' && is_letter(inside.front());
    const bool mail = scheme > 0 && scheme < inside.size() && inside[scheme] == '@' &&
                      std::ranges::all_of(inside.substr(scheme + 1), plain);
    return address || mail ? end + 1 : std::string_view::npos;
}

bool is_ruler(std::string_view line) { return line.find_first_not_of("-=:| \t") == std::string_view::npos; }

} // namespace mcp_push::markdown
