// SPDX-License-Identifier: MIT
#include "core/base/markdown.hpp"
#include "core/base/markdown_blocks.hpp"
#include "core/base/markdown_inline.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace mcp_push {
namespace {

constexpr std::string_view k_ellipsis = "…";

/// The end of what should not be torn apart: inline code, a link, strong text. `at + 1` where nothing begins there.
std::size_t find_span_end(std::string_view line, std::size_t at) {
    std::size_t end = std::string_view::npos;
    if (line[at] == '`') {
        end = markdown::find_code_end(line, at);
    } else if (line[at] == '<') {
        end = markdown::find_autolink_end(line, at);
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
    return markdown::is_blank(line[at]) ||
           std::ranges::any_of(k_marks, [&](auto mark) { return before.ends_with(mark); });
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
                const std::string marks(markdown::run_length(line, at), '`');
                return std::string(cut(line, room - std::min(room, marks.size()))) + std::string(k_ellipsis) + marks;
            }
            break;
        }
        at = end;
    }
    const auto kept = last_break >= room / 2 ? line.substr(0, last_break) : cut(line, room);
    return std::string(trim(kept)) + std::string(k_ellipsis);
}

/// Inline text as it is read: no emphasis, no backticks, escapes resolved.
std::string without_marks(std::string_view text) {
    std::string plain;
    bool code = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const char next = at + 1 < text.size() ? text[at + 1] : ' ';
        const bool punctuation = next > ' ' && next < 0x7f && std::isalnum(static_cast<unsigned char>(next)) == 0;
        if (c == '`') {
            code = !code;
        } else if (!code && c == '\\' && punctuation) {
            plain += next;
            ++at;
        } else if (code || c != '*') {
            plain += c;
        }
    }
    return replace_all(replace_all(std::move(plain), "&lt;", "<"), "&amp;", "&");
}

} // namespace

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
            const auto part = kind == MarkdownLine::code ? shorten(line, room) : cut_inline(line, room);
            // Without its end, inline code with three marks would open a code block.
            auto probe = before;
            const bool opens = kind != MarkdownLine::code && probe.next(part) == MarkdownLine::fence;
            result += opens ? escape_markdown(part) : part;
            fence_begin = std::string::npos;
            marked = true;
            break;
        }
        if (!result.empty()) result += '\n';
        fence_begin = kind == MarkdownLine::fence && blocks.in_fence() ? result.size() : std::string::npos;
        result += line;
        ++kept;
    }
    while (!result.empty() && (result.back() == '\n' || markdown::is_blank(result.back())))
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

std::string markdown_glance(std::string_view markdown, std::size_t bytes) {
    MarkdownBlocks blocks;
    std::string glance;
    for (const auto line : split(markdown, '\n')) {
        const auto kind = blocks.next(line);
        const bool code = kind == MarkdownLine::code;
        if (!code && kind != MarkdownLine::text && kind != MarkdownLine::block) continue;
        const auto text = code ? std::string(trim(line)) : without_marks(strip_block_marks(line));
        if (text.empty() || (!code && markdown::is_ruler(text))) continue;
        const bool announced = glance.ends_with(':') || glance.ends_with("：");
        if (!glance.empty() && !announced) break;
        if (glance.ends_with(':')) glance += ' ';
        glance += text;
        if (announced) break;
    }
    return shorten(glance, bytes);
}

std::string markdown_first_line(std::string_view markdown, std::size_t bytes) {
    MarkdownBlocks blocks;
    std::string_view code;
    for (const auto line : split(markdown, '\n')) {
        const auto kind = blocks.next(line);
        if (kind == MarkdownLine::code && code.empty()) code = trim(line);
        if (kind != MarkdownLine::text && kind != MarkdownLine::block) continue;
        auto text = strip_block_marks(line);
        if (!text.empty() && !markdown::is_ruler(text)) return cut_inline(text, bytes);
    }
    return code_span(shorten(code, bytes));
}

} // namespace mcp_push
