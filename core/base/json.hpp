// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcp_push {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// What `parse_json` keeps of a document. Beyond a limit it drops or cuts and goes on, so that a hostile or huge
/// document costs bounded memory beside its own bytes.
struct JsonLimits {
    std::size_t depth = 64;               ///< containers deeper than this are left out
    std::size_t string_bytes = 64 * 1024; ///< longer strings are cut at a character's end
    std::size_t elements = 20'000;        ///< array elements and object members kept in all
};

inline constexpr JsonLimits k_json_unlimited{.depth = 512, .string_bytes = SIZE_MAX, .elements = SIZE_MAX};

/// Parses one JSON document (RFC 8259). Invalid UTF-8 is repaired with U+FFFD. Error kind payload, naming the byte.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Compact text; invalid UTF-8 becomes U+FFFD. Never throws.
[[nodiscard]] std::string dump_json(const Json& value);
[[nodiscard]] std::string dump_json(const OrderedJson& value);
/// The same with two spaces of indentation.
[[nodiscard]] std::string dump_json_pretty(const Json& value);
[[nodiscard]] std::string dump_json_pretty(const OrderedJson& value);

/// The member `key` of an object, or null for anything else. Valid as long as `object`.
[[nodiscard]] const Json& member(const Json& object, std::string_view key);
/// The member where it is an array, or an empty one: wrong types read as nothing.
[[nodiscard]] const Json& array_member(const Json& object, std::string_view key);
/// The member's text, or `other` where it is absent or no string.
[[nodiscard]] std::string string_member(const Json& object, std::string_view key, std::string_view other = {});
/// The member's whole part; absent where it is no number or exceeds 64 bits.
[[nodiscard]] std::optional<std::int64_t> integer_member(const Json& object, std::string_view key);
[[nodiscard]] bool bool_member(const Json& object, std::string_view key, bool other = false);

} // namespace mcp_push
