// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcp_push {

// Answers of services that say in the body, not by the HTTP status, what became of a message.

/// One of a service's error codes: what it means and what a person can do about it.
struct VendorCode {
    std::int64_t code = 0;
    OutcomeKind kind = OutcomeKind::permanent;
    Millis wait{0}; ///< at least so long, where it says no more
    std::string_view remedy = {};
    std::string_view remedy_zh = {};
};

/// The JSON object of an answer; absent for anything else: a page, half a document, nothing.
[[nodiscard]] std::optional<nlohmann::json> object_of(const HttpReply& reply);

/// A number, also where the service writes it as text.
[[nodiscard]] std::optional<std::int64_t> number_of(const nlohmann::json& object, std::string_view key);

/// For an answer in which the service itself does not speak. By status; but 2xx proves nothing: a page comes from
/// something in between (transient), an empty or broken body may stand for a message that was taken (ambiguous).
[[nodiscard]] Outcome judge_unreadable(const HttpReply& reply, const Settings& settings);

/// For an error that the service states: its row in `table`, or `otherwise` where it has none. The status counts only
/// for a code without a row: 429 and 5xx are tried again. `words` are the service's own.
[[nodiscard]] Outcome judge_code(const HttpReply& reply, std::int64_t code, std::string_view words,
                                 std::span<const VendorCode> table, const VendorCode& otherwise);

/// `at_least`, or longer where the answer's Retry-After or `seconds` say so; a day at most.
[[nodiscard]] Millis longer_wait(const HttpReply& reply, Millis at_least, std::optional<std::int64_t> seconds = {});

} // namespace mcp_push
