// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// A run of text with one look.
struct Span {
    enum Mark : unsigned { none = 0, bold = 1, italic = 2, code = 4, strike = 8 };
    std::string text; ///< may hold line feeds
    unsigned marks = none;
    std::string link; ///< "" for none
};

/// One piece of a message that stands on lines of its own. Nesting is flattened: what is left of it is the depth.
struct Block {
    enum class Kind { paragraph, heading, code, rule } kind = Kind::paragraph;
    int level = 0;        ///< of a heading, 1 to 6
    int quote = 0;        ///< how many block quotes it is in
    int indent = 0;       ///< how many lists it is in
    std::string marker;   ///< of a list's item: "- " or "3. "; only on the item's first block
    bool close = false;   ///< no empty line between the block before and this one
    std::string language; ///< of a code block
    std::vector<Span> spans;

    [[nodiscard]] std::size_t size() const; ///< bytes of its text
    /// The first `bytes` bytes of its text, and the rest; both look as the whole does.
    [[nodiscard]] Block head(std::size_t bytes) const;
    [[nodiscard]] Block tail(std::size_t bytes) const;
    [[nodiscard]] std::string text() const;
};

using Document = std::vector<Block>;

/// CommonMark with strikethrough; HTML is text. Never fails: what is no markup is a paragraph.
[[nodiscard]] Document parse_markdown(std::string_view text);
/// Lines of plain text, a paragraph for each run of lines without an empty one.
[[nodiscard]] Document parse_plain(std::string_view text);

} // namespace mcp_push
