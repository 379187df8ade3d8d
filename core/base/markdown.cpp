// SPDX-License-Identifier: MIT
#include "core/base/markdown.hpp"

#include "core/base/markdown_blocks.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace mcp_push {
namespace {

constexpr std::string_view k_ellipsis = "…";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_punctuation(char c) { return c > ' ' && c < 0x7F && !is_alnum(c); }

std::size_t run_length(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && text[end] == text[at])
        ++end;
    return end - at;
}

std::size_t longest_run(std::string_view text, char c) {
    std::size_t longest = 0;
    for (std::size_t at = text.find(c); at != std::string_view::npos; at = text.find(c, at)) {
        const auto length = run_length(text, at);
        longest = std::max(longest, length);
        at += length;
    }
    return longest;
}

/// Where a tag, comment, declaration or processing instruction may begin.
bool may_begin_html(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return false;
    const char next = text[at + 1];
    return is_letter(next) || next == '/' || next == '!' || next == '?';
}

/// "&name;" or "&#number;", which a renderer would turn into another character.
bool is_entity(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    if (end < text.size() && text[end] == '#') ++end;
    const std::size_t begin = end;
    while (end < text.size() && is_alnum(text[end]))
        ++end;
    return end > begin && end < text.size() && text[end] == ';';
}

bool is_ruler(std::string_view line) { return line.find_first_not_of("-=:| \t") == std::string_view::npos; }

/// Whether the first character of a trimmed line would begin a block and no paragraph. Numbered items apart.
bool begins_block(std::string_view line) {
    const char first = line.front();
    const bool alone = line.size() == 1 || is_blank(line[1]);
    switch (first) {
    case '>':
    case '*':
        return true;
    case '-':
    case '+':
        return alone || is_ruler(line);
    case '=':
    case '|':
    case ':':
        return is_ruler(line);
    case '#': {
        const auto run = run_length(line, 0);
        return run <= 6 && (run == line.size() || is_blank(line[run]));
    }
    default:
        return false;
    }
}

/// Where the dot or bracket of "12. item" stands, or npos.
std::size_t find_item_number(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size() && at < 10 && is_digit(line[at]))
        ++at;
    if (at == 0 || at > 9 || at >= line.size() || (line[at] != '.' && line[at] != ')')) return std::string_view::npos;
    return at + 1 == line.size() || is_blank(line[at + 1]) ? at : std::string_view::npos;
}

bool needs_escape(std::string_view line, std::size_t at) {
    const char before = at > 0 ? line[at - 1] : ' ';
    const char after = at + 1 < line.size() ? line[at + 1] : ' ';
    switch (line[at]) {
    case '`':
        return true;
    case '*':
        return !(is_blank(before) && is_blank(after));
    case '_':
        return !(is_alnum(before) && is_alnum(after));
    case '~':
        return after != '/';
    case '\\':
        return is_punctuation(after) || at + 1 == line.size();
    case ']':
        return after == '(' || after == '[' || after == ':';
    case '<':
        return may_begin_html(line, at);
    case '&':
        return is_entity(line, at);
    default:
        return false;
    }
}

void append_escaped(std::string& result, std::string_view line) {
    const auto number = find_item_number(line);
    for (std::size_t at = 0; at < line.size(); ++at) {
        if ((at == 0 && begins_block(line)) || at == number || needs_escape(line, at)) result += '\\';
        result += line[at];
    }
}

/// The end of the inline code that begins at `at`, or npos where it is not closed.
std::size_t find_code_end(std::string_view text, std::size_t at) {
    const auto length = run_length(text, at);
    for (std::size_t next = text.find('`', at + length); next != std::string_view::npos; next = text.find('`', next)) {
        const auto other = run_length(text, next);
        next += other;
        if (other == length) return next;
    }
    return std::string_view::npos;
}

/// The end of "<https://...>" or "<name@host>" that begins at `at`, or npos.
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

/// Escapes the HTML of one paragraph.
void append_without_html(std::string& result, std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (text[at] == '\\' && end < text.size()) {
            ++end;
        } else if (text[at] == '`') {
            const auto code = find_code_end(text, at);
            end = code != std::string_view::npos ? code : at + run_length(text, at);
        } else if (text[at] == '<') {
            if (const auto link = find_autolink_end(text, at); link != std::string_view::npos) {
                end = link;
            } else if (may_begin_html(text, at)) {
                result += '\\';
            }
        }
        result += text.substr(at, end - at);
        at = end;
    }
}

/// The end of what should not be torn apart: inline code, a link, strong text. `at + 1` where nothing begins there.
std::size_t find_span_end(std::string_view line, std::size_t at) {
    std::size_t end = std::string_view::npos;
    if (line[at] == '`') {
        end = find_code_end(line, at);
    } else if (line[at] == '<') {
        end = find_autolink_end(line, at);
    } else if (line[at] == '[') {
        const auto middle = line.find("](", at);
        if (middle != std::string_view::npos) end = line.find(')', middle);
        if (end != std::string_view::npos) ++end;
    } else if (line.substr(at).starts_with("**")) {
        end = line.find("**", at + 2);
        if (end != std::string_view::npos) end += 2;
    }
    return end == std::string_view::npos ? at + 1 : end;
}

/// Whether a line of text may well be cut before `at`: at a space, or behind a sentence's mark in Chinese.
bool is_break(std::string_view line, std::size_t at) {
    constexpr std::array<std::string_view, 6> k_marks = {"。", "，", "；", "！", "？", "、"};
    const auto before = line.substr(0, at);
    return is_blank(line[at]) || std::ranges::any_of(k_marks, [&](auto mark) { return before.ends_with(mark); });
}

/// The start of a line of text, with "…".
std::string cut_inline(std::string_view line, std::size_t bytes) {
    if (line.size() <= bytes) return std::string(line);
    const std::size_t room = bytes > k_ellipsis.size() ? bytes - k_ellipsis.size() : 0;
    std::size_t last_break = 0;
    for (std::size_t at = 0; at < room;) {
        if (is_break(line, at)) last_break = at;
        const auto end = find_span_end(line, at);
        if (end > room && end > at + 1) {
            if (at >= room / 2) {
                last_break = at;
            } else if (line[at] == '`') { // long inline code: cut within and closed
                const std::string marks(run_length(line, at), '`');
                return std::string(cut(line, room - std::min(room, marks.size()))) + std::string(k_ellipsis) + marks;
            }
            break;
        }
        at = end;
    }
    const auto kept = last_break >= room / 2 ? line.substr(0, last_break) : cut(line, room);
    return std::string(trim(kept)) + std::string(k_ellipsis);
}

} // namespace

std::string escape_markdown(std::string_view plain) {
    std::string result;
    result.reserve(plain.size() + plain.size() / 8);
    bool blank = false;
    for (const auto raw : split(plain, '\n')) {
        const auto line = trim(raw);
        if (line.empty()) {
            blank = true;
            continue;
        }
        if (!result.empty()) result += blank ? "\n\n" : "  \n"; // two spaces keep the line break
        blank = false;
        append_escaped(result, line);
    }
    return result;
}

std::string plain_block(std::string_view plain) {
    const auto lines = split(plain, '\n');
    const auto is_laid_out = [](std::string_view line) {
        return !trim(line).empty() && (line.starts_with("  ") || line.find('\t') != std::string_view::npos ||
                                       trim(line).find("   ") != std::string_view::npos);
    };
    return lines.size() > 1 && std::ranges::any_of(lines, is_laid_out) ? code_block(plain) : escape_markdown(plain);
}

std::string code_span(std::string_view text) {
    const auto line = one_line(text);
    if (line.empty()) return {};
    const std::string marks(longest_run(line, '`') + 1, '`');
    const std::string space = line.front() == '`' || line.back() == '`' ? " " : "";
    return marks + space + line + space + marks;
}

std::string code_block(std::string_view text, std::string_view language) {
    while (!text.empty() && (text.front() == '\n' || text.front() == '\r'))
        text.remove_prefix(1);
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\n' || text.back() == '\r'))
        text.remove_suffix(1);
    if (text.empty()) return {};
    const std::string fence(std::max<std::size_t>(3, longest_run(text, '`') + 1), '`');
    return fence + std::string(language) + "\n" + std::string(text) + "\n" + fence;
}

std::string escape_html(std::string_view markdown) {
    std::string result;
    result.reserve(markdown.size() + 16);
    std::string paragraph;
    const auto flush = [&] {
        append_without_html(result, paragraph);
        paragraph.clear();
    };
    MarkdownBlocks blocks;
    bool first = true;
    for (const auto line : split(markdown, '\n')) {
        const auto kind = blocks.next(line);
        if (kind != MarkdownLine::text) flush(); // inline code does not reach over the end of a block
        const bool code = kind == MarkdownLine::fence || kind == MarkdownLine::code;
        std::string& place = code ? result : paragraph;
        if (!first) place += '\n';
        first = false;
        place += line;
    }
    flush();
    return result;
}

std::string markdown_head(std::string_view markdown, std::size_t lines, std::size_t bytes) {
    std::string result;
    std::size_t kept = 0;
    std::size_t fence_begin = std::string::npos; // of an opening fence that nothing follows yet
    bool left_out = false;
    bool marked = false; // that something was left out
    MarkdownBlocks blocks;
    for (const auto line : split(markdown, '\n')) {
        if (trim(line).empty()) {
            if (!result.empty()) result += '\n';
            blocks.next(line);
            continue;
        }
        left_out = kept == lines;
        if (left_out) break;
        const std::size_t size = result.size() + (result.empty() ? 0 : 1);
        const auto before = blocks;
        const auto kind = blocks.next(line);
        if (size + line.size() > bytes) {
            left_out = true;
            const std::size_t room = bytes > size ? bytes - size : 0;
            const bool worth_it = kept == 0 || room >= 80;
            if (kind == MarkdownLine::fence || !worth_it) {
                blocks = before;
                break;
            }
            if (!result.empty()) result += '\n';
            result += kind == MarkdownLine::code ? shorten(line, room) : cut_inline(line, room);
            fence_begin = std::string::npos;
            marked = true;
            break;
        }
        if (!result.empty()) result += '\n';
        fence_begin = kind == MarkdownLine::fence && blocks.in_fence() ? result.size() : std::string::npos;
        result += line;
        ++kept;
    }
    while (!result.empty() && (result.back() == '\n' || is_blank(result.back())))
        result.pop_back();
    if (fence_begin != std::string::npos) {
        result.resize(fence_begin);
        while (!result.empty() && result.back() == '\n')
            result.pop_back();
    } else if (blocks.in_fence() && !result.empty()) {
        result += "\n" + blocks.closing_fence();
    }
    if (left_out && !marked) result += (result.empty() ? "" : "\n\n") + std::string(k_ellipsis);
    return result;
}

std::string markdown_first_line(std::string_view markdown, std::size_t bytes) {
    MarkdownBlocks blocks;
    std::string_view code;
    for (const auto line : split(markdown, '\n')) {
        const auto kind = blocks.next(line);
        if (kind == MarkdownLine::code && code.empty()) code = trim(line);
        if (kind != MarkdownLine::text && kind != MarkdownLine::block) continue;
        auto text = strip_block_marks(line);
        if (!text.empty() && !is_ruler(text)) return cut_inline(text, bytes);
    }
    return code_span(shorten(code, bytes));
}

} // namespace mcp_push
