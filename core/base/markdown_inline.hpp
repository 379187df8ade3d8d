// SPDX-License-Identifier: MIT
// What the halves of markdown.hpp share about the insides of a paragraph.
#pragma once

#include <cstddef>
#include <string_view>

namespace mcp_push::markdown {

[[nodiscard]] bool is_letter(char c);
[[nodiscard]] bool is_alnum(char c);
[[nodiscard]] bool is_blank(char c); ///< space or tab

/// How often the character at `at` is repeated from there on.
[[nodiscard]] std::size_t run_length(std::string_view text, std::size_t at);

/// The end of the inline code that begins at `at`, or npos where it is not closed.
[[nodiscard]] std::size_t find_code_end(std::string_view text, std::size_t at);

/// The end of "<https://...>" or "<name@host>" that begins at `at`, or npos.
[[nodiscard]] std::size_t find_autolink_end(std::string_view text, std::size_t at);

/// Whether a trimmed line is a rule, or the line under a heading or a table's head.
[[nodiscard]] bool is_ruler(std::string_view line);

} // namespace mcp_push::markdown
