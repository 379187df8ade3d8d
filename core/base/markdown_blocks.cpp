// SPDX-License-Identifier: MIT
#include "core/base/markdown_blocks.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A line's indentation in columns (a tab reaches to the next multiple of four) and what stands behind it.
struct Indented {
    std::size_t columns = 0;
    std::string_view text;
};

Indented indentation(std::string_view line, std::size_t begin = 0) {
    std::size_t column = begin;
    while (!line.empty() && is_blank(line.front())) {
        column = line.front() == '\t' ? column / 4 * 4 + 4 : column + 1;
        line.remove_prefix(1);
    }
    return {column - begin, line};
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
    return length == text.size() || is_blank(text[length]) ? length : 0;
}

bool is_thematic_break(std::string_view text) {
    if (text.empty() || (text[0] != '-' && text[0] != '*' && text[0] != '_')) return false;
    std::size_t count = 0;
    for (const char c : text) {
        if (c == text[0]) {
            ++count;
        } else if (!is_blank(c)) {
            return false;
        }
    }
    return count >= 3;
}

std::size_t heading_length(std::string_view text) {
    const std::size_t length = std::min(text.find_first_not_of('#'), text.size());
    return length >= 1 && length <= 6 && (length == text.size() || is_blank(text[length])) ? length : 0;
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

MarkdownLine MarkdownBlocks::next(std::string_view line) {
    if (in_fence()) {
        if (const auto kind = read_code(line)) return *kind;
        m_fence_length = 0;
    }
    const std::size_t quotes = take_quotes(line, 64);
    if (trim(line).empty()) {
        m_paragraph = false;
        return MarkdownLine::blank;
    }
    if (quotes != m_quotes) {
        m_quotes = quotes;
        m_offsets.clear();
        m_paragraph = false;
    }
    auto [column, text] = indentation(line);
    bool begins = !m_paragraph;
    const bool interrupts = marker_length(text) > 0 || fence_length(text) > 0 || heading_length(text) > 0;
    if (begins || interrupts) {
        while (!m_offsets.empty() && column < m_offsets.back())
            m_offsets.pop_back();
    }
    const auto base = [&] { return m_offsets.empty() ? 0 : m_offsets.back(); };
    if (column >= base() + 4) return begins ? MarkdownLine::code : MarkdownLine::text;

    while (!is_thematic_break(text)) {
        const std::size_t marker = marker_length(text);
        if (marker == 0) break;
        begins = true;
        const auto [gap, rest] = indentation(text.substr(marker), column + marker);
        if (rest.empty() || gap > 4) {
            m_offsets.push_back(column + marker + 1);
            m_paragraph = false;
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
    return begins || single ? MarkdownLine::block : MarkdownLine::text;
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
        if (last != std::string_view::npos && last + 1 < line.size() && is_blank(line[last]))
            line = trim(line.substr(0, last));
    }
    return line;
}

} // namespace mcp_push
