// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// Without ASCII white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text); ///< ASCII letters only
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string replace_all(std::string text, std::string_view what, std::string_view with);

/// The longest start of `text` of at most `bytes` bytes that does not end inside a UTF-8 sequence.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes);
/// `cut`, with "…" at the end where something was left out (the ellipsis counts).
[[nodiscard]] std::string shorten(std::string_view text, std::size_t bytes);
/// The last lines of `text`, at most `lines` and `bytes`, beginning at a line's start where one fits.
[[nodiscard]] std::string_view tail(std::string_view text, std::size_t lines, std::size_t bytes);
/// The first lines of `text`, at most `lines` and `bytes`; ends with "…" where something was left out.
[[nodiscard]] std::string head(std::string_view text, std::size_t lines, std::size_t bytes);
/// Runs of white space and line breaks become one space.
[[nodiscard]] std::string one_line(std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);
/// Every byte that is not part of valid UTF-8 becomes U+FFFD. What a message must never carry is dropped: C0 and C1
/// controls but tab and line feed, terminal escape sequences (ECMA-48), characters that change the order in which a
/// text is shown (a command could look harmless with them). Other line ends become line feeds.
[[nodiscard]] std::string clean_text(std::string_view text);
/// Every byte that is not part of valid UTF-8 becomes U+FFFD; nothing else changes.
[[nodiscard]] std::string repair_utf8(std::string_view text);

[[nodiscard]] std::size_t count_code_points(std::string_view utf8);

/// "1", "true", "yes", "y", "on", in any case.
[[nodiscard]] bool is_truthy(std::string_view text);

/// Shell-style pattern with `*` and `?` (one character), the whole text, case-sensitive.
[[nodiscard]] bool matches_pattern(std::string_view text, std::string_view pattern);

/// RFC 3986 percent-encoding of everything but unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// FNV-1a, 64 bits: names and change detection, nothing that needs a cryptographic hash.
[[nodiscard]] std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325ULL);
/// 16 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(std::uint64_t value);

} // namespace mcp_push
