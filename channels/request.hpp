// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp_push {

/// A POST of a JSON document, content type set.
[[nodiscard]] HttpRequest post_json(std::string url, const nlohmann::json& body);
/// The same with the order of members kept.
[[nodiscard]] HttpRequest post_json(std::string url, const nlohmann::ordered_json& body);
/// A POST of application/x-www-form-urlencoded pairs.
[[nodiscard]] HttpRequest post_form(std::string url, const std::vector<std::pair<std::string, std::string>>& pairs);
/// `url` with "?name=value" or "&name=value" behind it, the value percent-encoded.
[[nodiscard]] std::string with_query(std::string url, std::string_view name, std::string_view value);

} // namespace mcp_push
