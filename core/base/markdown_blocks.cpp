// SPDX-License-Identifier: MIT
#include "core/base/markdown_blocks.hpp"

#include "core/base/markdown_inline.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

/// The line with spaces in place of tabs, which reach to the next multiple of four columns.
std::string without_tabs(std::string_view line) {
    std::string result;
    for (const char c : line) {
        if (c != '\t') {
            result += c;
        } else {
            result.append(4 - result.size() % 4, ' ');
        }
    }
    return result;
}

struct Indented {
    std::size_t columns = 0;
    std::string_view text;
};

Indented indentation(std::string_view line) {
    const std::size_t columns = std::min(line.find_first_not_of(" \t"), line.size());
    return {columns, line.substr(columns)};
}

/// Takes at most `most` quote marks off a line; how many there were.
std::size_t take_quotes(std::string_view& line, std::size_t most) {
    std::size_t count = 0;
    while (count < most) {
        const auto [columns, text] = indentation(line);
        if (columns > 3 || !text.starts_with('>')) break;
        line = text.substr(1);
        if (line.starts_with(' ')) line.remove_prefix(1);
        ++count;
    }
    return count;
}

/// Length of a list item's mark at the start of `text` ("-", "12."), or 0.
std::size_t marker_length(std::string_view text) {
    std::size_t length = 0;
    if (!text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == '*')) {
        length = 1;
    } else {
        while (length < text.size() && length < 10 && text[length] >= '0' && text[length] <= '9')
            ++length;
        if (length == 0 || length > 9 || length >= text.size() || (text[length] != '.' && text[length] != ')'))
            return 0;
        ++length;
    }
    return length == text.size() || markdown::is_blank(text[length]) ? length : 0;
}

/// Whether an item with this mark may follow a paragraph's line directly: one that is empty, or that counts from
/// another number than 1, is only text there.
bool interrupts_paragraph(std::string_view text, std::size_t marker) {
    return text.size() > marker && (marker == 1 || (marker == 2 && text[0] == '1'));
}

bool is_thematic_break(std::string_view text) {
    if (text.empty() || (text[0] != '-' && text[0] != '*' && text[0] != '_')) return false;
    std::size_t count = 0;
    for (const char c : text) {
        if (c == text[0]) {
            ++count;
        } else if (!markdown::is_blank(c)) {
            return false;
        }
    }
    return count >= 3;
}

std::size_t heading_length(std::string_view text) {
    const std::size_t length = std::min(text.find_first_not_of('#'), text.size());
    return length >= 1 && length <= 6 && (length == text.size() || markdown::is_blank(text[length])) ? length : 0;
}

/// The line under a heading's text, or under the head of a table.
bool is_underline(std::string_view text) {
    text = trim(text);
    return !text.empty() &&
           (text.find_first_not_of('=') == std::string_view::npos ||
            (text.find_first_not_of("-:| ") == std::string_view::npos && text.find('-') != std::string_view::npos));
}

std::size_t fence_length(std::string_view text) {
    if (text.empty() || (text[0] != '`' && text[0] != '~')) return 0;
    const std::size_t length = std::min(text.find_first_not_of(text[0]), text.size());
    if (length < 3) return 0;
    // Backticks behind backticks are inline code, not a fence.
    return text[0] == '`' && text.find('`', length) != std::string_view::npos ? 0 : length;
}

} // namespace

std::string MarkdownBlocks::closing_fence() const {
    std::string line;
    for (std::size_t i = 0; i < m_fence_quotes; ++i)
        line += "> ";
    return line + std::string(m_fence_offset, ' ') + std::string(m_fence_length, m_fence);
}

/// A line while a fence is open; absent where the fence's own list item or quote has ended before it.
std::optional<MarkdownLine> MarkdownBlocks::read_code(std::string_view line) {
    if (take_quotes(line, m_fence_quotes) < m_fence_quotes) return std::nullopt;
    const auto [columns, text] = indentation(line);
    const auto word = trim(text);
    if (!word.empty() && columns < m_fence_offset) return std::nullopt;
    const bool closes = columns <= m_fence_offset + 3 && word.size() >= m_fence_length &&
                        word.find_first_not_of(m_fence) == std::string_view::npos;
    if (!closes) return MarkdownLine::code;
    m_fence_length = 0;
    return MarkdownLine::fence;
}

MarkdownLine MarkdownBlocks::next(std::string_view raw) {
    const auto expanded = without_tabs(raw);
    std::string_view line = expanded;
    if (in_fence()) {
        if (const auto kind = read_code(line)) return *kind;
        m_fence_length = 0;
    }
    const std::size_t quotes = take_quotes(line, 64);
    if (trim(line).empty()) {
        if (m_empty_item && !m_offsets.empty()) m_offsets.pop_back(); // an item cannot begin with two empty lines
        m_empty_item = m_paragraph = m_table = false;
        return MarkdownLine::blank;
    }
    m_empty_item = false;
    const auto base = [&] { return m_offsets.empty() ? 0 : m_offsets.back(); };
    auto [column, text] = indentation(line);
    const bool opens =
        fence_length(text) > 0 || heading_length(text) > 0 || is_thematic_break(text) || text.starts_with('>');
    if (quotes != m_quotes) {
        // A quote's paragraph may go on without the quote's mark.
        const bool lazy = m_paragraph && quotes < m_quotes && (column >= 4 || (!opens && marker_length(text) == 0));
        if (lazy) return MarkdownLine::text;
        m_quotes = quotes;
        m_offsets.clear();
        m_paragraph = false;
    }
    bool begins = !m_paragraph;
    std::size_t marker = marker_length(text);
    if (m_paragraph && column >= base() && !interrupts_paragraph(text, marker)) marker = 0;
    if (m_paragraph && is_underline(text) && column >= base() && column < base() + 4) {
        m_table = text.find_first_of(":|") != std::string_view::npos;
        m_paragraph = m_table;
        return MarkdownLine::block;
    }
    if (begins || marker > 0 || opens) {
        while (!m_offsets.empty() && column < m_offsets.back())
            m_offsets.pop_back();
    }
    if (column >= base() + 4) return begins ? MarkdownLine::code : MarkdownLine::text;

    // A line of marks alone is read once for each: enough is enough.
    constexpr std::size_t k_most_items = 64;
    for (std::size_t items = 0; marker > 0 && items < k_most_items && !is_thematic_break(text);
         marker = marker_length(text), ++items) {
        begins = true;
        const auto [gap, rest] = indentation(text.substr(marker));
        if (rest.empty() || gap > 4) {
            m_offsets.push_back(column + marker + 1);
            m_paragraph = false;
            m_empty_item = rest.empty();
            return rest.empty() ? MarkdownLine::block : MarkdownLine::code;
        }
        column += marker + gap;
        text = rest;
        m_offsets.push_back(column);
    }
    if (const auto length = fence_length(text); length > 0) {
        m_fence = text[0];
        m_fence_length = length;
        m_fence_quotes = m_quotes;
        m_fence_offset = base();
        m_paragraph = false;
        return MarkdownLine::fence;
    }
    const bool single = heading_length(text) > 0 || is_thematic_break(text);
    m_paragraph = !single;
    return begins || single || opens || m_table ? MarkdownLine::block : MarkdownLine::text;
}

std::string_view strip_block_marks(std::string_view line) {
    take_quotes(line, 64);
    line = trim(line);
    if (is_thematic_break(line)) return {};
    while (const auto marker = marker_length(line))
        line = trim(line.substr(marker));
    if (const auto heading = heading_length(line); heading > 0) {
        line = trim(line.substr(heading));
        const auto last = line.find_last_not_of('#');
        if (last != std::string_view::npos && last + 1 < line.size() && markdown::is_blank(line[last]))
            line = trim(line.substr(0, last));
    }
    return line;
}

} // namespace mcp_push
