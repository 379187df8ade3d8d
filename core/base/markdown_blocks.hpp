// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// What a line of CommonMark is.
enum class MarkdownLine {
    blank,
    text,  ///< goes on with the paragraph of the line before
    block, ///< text that begins a block: a paragraph, heading, list item or quote
    fence, ///< opens or closes a code block
    code,  ///< within a code block, fenced or indented
};

/// Reads CommonMark line by line and knows what is code, also in lists and quotes. Where two blocks might be one (a
/// lazy continuation) it says `block`.
class MarkdownBlocks {
public:
    MarkdownLine next(std::string_view line);
    [[nodiscard]] bool in_fence() const { return m_fence_length > 0; }
    /// The line that closes the open fence where it stands.
    [[nodiscard]] std::string closing_fence() const;

private:
    std::optional<MarkdownLine> read_code(std::string_view line);

    std::vector<std::size_t> m_offsets; ///< columns where the contents of the open list items begin
    std::size_t m_quotes = 0;
    bool m_paragraph = false; ///< the last line was text that may go on
    bool m_table = false;
    bool m_empty_item = false; ///< the last line was an item's mark alone
    char m_fence = '`';
    std::size_t m_fence_length = 0; ///< 0: no fence is open
    std::size_t m_fence_quotes = 0;
    std::size_t m_fence_offset = 0;
};

/// A line's text without the marks of quotes, list items and headings, trimmed.
[[nodiscard]] std::string_view strip_block_marks(std::string_view line);

} // namespace mcp_push
