// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// CommonMark that shows `plain` literally: no character of it is markup. Lines stay lines, blank lines stay between
/// paragraphs; indentation is lost (see `plain_block`).
[[nodiscard]] std::string escape_markdown(std::string_view plain);

/// The same for a text of any shape: one whose lay-out matters (indented lines, columns) becomes a code block.
[[nodiscard]] std::string plain_block(std::string_view plain);

/// `text` as inline code, on one line; "" for an empty text.
[[nodiscard]] std::string code_span(std::string_view text);

/// `text` as a fenced code block, with a fence longer than any run of backticks in it.
[[nodiscard]] std::string code_block(std::string_view text, std::string_view language = {});

/// CommonMark whose inline HTML is text: what a renderer would take for a tag, a comment or a declaration outside of
/// code is escaped. Nothing else changes.
[[nodiscard]] std::string escape_html(std::string_view markdown);

/// The first lines of CommonMark, at most `lines` and about `bytes`, with "…" where something was left out. A code
/// block or inline code that is cut is closed.
[[nodiscard]] std::string markdown_head(std::string_view markdown, std::size_t lines, std::size_t bytes);

/// The first line that says something, without the marks of headings, quotes and lists; at most about `bytes`.
[[nodiscard]] std::string markdown_first_line(std::string_view markdown, std::size_t bytes);

/// The same as plain text for one line of a terminal: without marks, and with the line behind it where it ends with a
/// colon.
[[nodiscard]] std::string markdown_glance(std::string_view markdown, std::size_t bytes);

} // namespace mcp_push
