// SPDX-License-Identifier: MIT
#include "core/base/markdown.hpp"

#include "core/base/markdown_blocks.hpp"
#include "core/base/markdown_inline.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_punctuation(char c) { return c > ' ' && c < 0x7F && !markdown::is_alnum(c); }

std::size_t longest_run(std::string_view text, char c) {
    std::size_t longest = 0;
    for (std::size_t at = text.find(c); at != std::string_view::npos; at = text.find(c, at)) {
        const auto length = markdown::run_length(text, at);
        longest = std::max(longest, length);
        at += length;
    }
    return longest;
}

/// Where a tag, comment, declaration or processing instruction may begin.
bool may_begin_html(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return false;
    const char next = text[at + 1];
    return markdown::is_letter(next) || next == '/' || next == '!' || next == '?';
}

/// "&name;" or "&#number;", which a renderer would turn into another character.
bool is_entity(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    if (end < text.size() && text[end] == '#') ++end;
    const std::size_t begin = end;
    while (end < text.size() && markdown::is_alnum(text[end]))
        ++end;
    return end > begin && end < text.size() && text[end] == ';';
}

/// Whether the first character of a trimmed line would begin a block and no paragraph. Numbered items apart.
bool begins_block(std::string_view line) {
    const char first = line.front();
    const bool alone = line.size() == 1 || markdown::is_blank(line[1]);
    switch (first) {
    case '>':
    case '*':
        return true;
    case '-':
    case '+':
        return alone || markdown::is_ruler(line);
    case '=':
    case '|':
    case ':':
        return markdown::is_ruler(line);
    case '#': {
        const auto run = markdown::run_length(line, 0);
        return run <= 6 && (run == line.size() || markdown::is_blank(line[run]));
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
    return at + 1 == line.size() || markdown::is_blank(line[at + 1]) ? at : std::string_view::npos;
}

bool needs_escape(std::string_view line, std::size_t at, std::size_t last_bracket) {
    const char before = at > 0 ? line[at - 1] : ' ';
    const char after = at + 1 < line.size() ? line[at + 1] : ' ';
    switch (line[at]) {
    case '`':
        return true;
    case '*':
        return !(markdown::is_blank(before) && markdown::is_blank(after));
    case '_':
        return !(markdown::is_alnum(before) && markdown::is_alnum(after));
    case '~':
        return after != '/';
    case '\\':
        return is_punctuation(after) || at + 1 == line.size();
    case ']':
        return after == '(' || after == '[' || after == ':';
    case '<':
        return may_begin_html(line, at) || (!markdown::is_blank(after) && at < last_bracket);
    case '&':
        return is_entity(line, at);
    default:
        return false;
    }
}

void append_escaped(std::string& result, std::string_view line) {
    const auto number = find_item_number(line);
    const auto last_bracket = line.find('>') == std::string_view::npos ? 0 : line.rfind('>');
    for (std::size_t at = 0; at < line.size(); ++at) {
        if ((at == 0 && begins_block(line)) || at == number || needs_escape(line, at, last_bracket)) result += '\\';
        result += line[at];
    }
}

/// Whether backticks stand where a link's address may stand. Whether they are then part of it depends on all that is
/// before them.
bool has_doubtful_code(std::string_view text) {
    for (const std::string_view mark : {"](", "]:"}) {
        for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
            const auto end = std::min(text.find_first_of(")\n", at), text.size());
            if (text.substr(at, end - at).find('`') != std::string_view::npos) return true;
            at = std::max(at, end - 1); // what begins within ends there too
        }
    }
    return false;
}

/// Escapes the HTML of one paragraph.
void append_without_html(std::string& result, std::string_view text) {
    const bool doubtful = has_doubtful_code(text); // better a backslash too many within code than a tag
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (text[at] == '\\' && end < text.size()) {
            ++end;
        } else if (text[at] == '`' && !doubtful) {
            const auto code = markdown::find_code_end(text, at);
            end = code != std::string_view::npos ? code : at + markdown::run_length(text, at);
        } else if (text[at] == '<') {
            if (const auto link = markdown::find_autolink_end(text, at); link != std::string_view::npos) {
                end = link;
            } else if (may_begin_html(text, at)) {
                result += '\\';
            }
        }
        result += text.substr(at, end - at);
        at = end;
    }
}

/// A line of text; a tag at its start is escaped at once, for it would end the paragraph and any inline code with it.
std::string without_html_block(std::string_view line) {
    const auto text = strip_block_marks(line);
    if (!text.starts_with('<') || !may_begin_html(text, 0) ||
        markdown::find_autolink_end(text, 0) != std::string_view::npos) {
        return std::string(line);
    }
    const auto at = static_cast<std::size_t>(text.data() - line.data());
    return std::string(line.substr(0, at)) + "\\" + std::string(line.substr(at));
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
    while (!text.empty() && (markdown::is_blank(text.back()) || text.back() == '\n' || text.back() == '\r'))
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
    const auto lines = split(markdown, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = lines[i];
        const auto kind = blocks.next(line);
        // Inline code does not reach over the end of a block, nor into the head of a table.
        const bool table_head = i + 1 < lines.size() && lines[i + 1].find('-') != std::string_view::npos &&
                                markdown::is_ruler(strip_block_marks(lines[i + 1]));
        if (kind != MarkdownLine::text || table_head) flush();
        const bool code = kind == MarkdownLine::fence || kind == MarkdownLine::code;
        std::string& place = code ? result : paragraph;
        if (i > 0) place += '\n';
        place += code ? std::string(line) : without_html_block(line);
    }
    flush();
    return result;
}

} // namespace mcp_push
