// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

// What services have in common that speak through a bot in a chat.

/// A webhook address taken apart around the path that names the service.
struct Webhook {
    std::string
        base; ///< "https://host", with a path in front of the service's own where there is one; no '/' at the end
    std::string rest;  ///< what follows the service's path, up to '?' or '#'
    std::string query; ///< what follows '?'
};
/// `text` may lack its scheme. Absent where it is no address with `path` in it.
[[nodiscard]] std::optional<Webhook> split_webhook(std::string_view text, std::string_view path);
/// Whether a setting holds an address and no bare token.
[[nodiscard]] bool looks_like_address(std::string_view text);
/// The decoded value of `name`, "" where it is absent.
[[nodiscard]] std::string query_value(std::string_view query, std::string_view name);

/// `base_url` with a scheme and without '/' at its end; the setting, else what a pasted address brought, else the
/// service's own server. Error kind config where it cannot be an address.
[[nodiscard]] Status settle_base_url(Settings& settings, std::string_view pasted, std::string_view usual);

/// The title with what happened and how urgent it is before it ("✅ ", "❌ ", "🚨 "), where neither the title says so
/// already nor the message is an ordinary one.
[[nodiscard]] std::string marked_title(const Part& part);
inline constexpr std::size_t k_longest_mark = 8; ///< bytes

/// Whether people should be mentioned: only where a setting names them, for what is urgent or waits, and once.
[[nodiscard]] bool wants_mention(const Part& part, const Settings& settings);
/// The names of a list separated by commas, semicolons or spaces.
[[nodiscard]] std::vector<std::string> names_of(std::string_view list);

/// The text with the keyword in a line of its own at the end, where the robot demands one that is not in it.
[[nodiscard]] std::string with_keyword(std::string text, std::string_view keyword);
/// Error kind config for a keyword or a list of names too long to be added to every message.
[[nodiscard]] Status check_additions(const Settings& settings);

/// `text` without `opening` (in any case), the start of a service's markup for a mention: a zero-width space behind its
/// first character, so that nothing which a command printed can mention anybody.
[[nodiscard]] std::string without_mentions(std::string_view text, std::string_view opening);

} // namespace mcp_push
