// SPDX-License-Identifier: MIT
#include "channels/vendor.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace mcp_push {
namespace {

constexpr Millis k_longest_wait = std::chrono::hours(24);
constexpr std::size_t k_words = 1024;

/// Whether a body is a page for people: what a log-in page of a network or a proxy's error looks like.
bool is_page(std::string_view body) { return trim(body).starts_with('<'); }

} // namespace

std::optional<nlohmann::json> object_of(const HttpReply& reply) {
    auto parsed = parse_json(reply.body);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return std::move(parsed).value();
}

std::optional<std::int64_t> number_of(const nlohmann::json& object, std::string_view key) {
    if (const auto number = integer_member(object, key)) return number;
    const auto text = string_member(object, key);
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
    return value;
}

Outcome judge_unreadable(const HttpReply& reply, const Settings& settings) {
    auto outcome = judge_by_status(reply, settings);
    if (!is_success(outcome.kind)) return outcome;
    const auto status = "HTTP " + std::to_string(reply.status);
    if (is_page(reply.body)) {
        outcome.kind = OutcomeKind::transient;
        outcome.detail = status + " with a page in place of the service's answer";
        outcome.remedy = "a log-in page of the network or a proxy answers for the service: check the network, the "
                         "channel's proxy and base_url";
        outcome.remedy_zh = "应答的是网络登录页或代理，而不是服务本身：请检查网络、渠道的 proxy 和 base_url";
        return outcome;
    }
    outcome.kind = OutcomeKind::ambiguous;
    const auto text = one_line(clean_text(cut(reply.body, k_words)));
    outcome.detail = text.empty() ? status + " without a body"
                                  : status + " with an answer that cannot be understood: " + shorten(text, k_words);
    return outcome;
}

Millis longer_wait(const HttpReply& reply, Millis at_least, std::optional<std::int64_t> seconds) {
    auto wait = std::max(at_least, retry_after(reply).value_or(Millis(0)));
    constexpr std::int64_t k_day = 86'400;
    if (seconds) wait = std::max(wait, Millis(std::clamp<std::int64_t>(*seconds, 0, k_day) * 1000));
    return std::min(wait, k_longest_wait);
}

Outcome judge_code(const HttpReply& reply, std::int64_t code, std::string_view words, std::span<const VendorCode> table,
                   const VendorCode& otherwise) {
    Outcome outcome;
    outcome.status = reply.status;
    const auto text = one_line(clean_text(cut(words, k_words)));
    outcome.detail = std::to_string(code) + (text.empty() ? "" : ": " + text);
    const auto found = std::ranges::find(table, code, &VendorCode::code);
    const VendorCode& meaning = found == table.end() ? otherwise : *found;
    outcome.kind = meaning.kind;
    outcome.remedy = meaning.remedy;
    outcome.remedy_zh = meaning.remedy_zh;
    if (found == table.end()) {
        if (reply.status == 429) outcome.kind = OutcomeKind::rate_limited;
        if (reply.status >= 500) outcome.kind = OutcomeKind::transient;
    }
    const auto wait = longer_wait(reply, meaning.wait);
    if (!is_final(outcome.kind) && wait.count() > 0) outcome.wait = wait;
    return outcome;
}

} // namespace mcp_push
