// SPDX-License-Identifier: MIT
// What an answer, or the want of one, means for every channel alike.
#include "channels/channel.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace mcp_push {
namespace {

constexpr Millis k_longest_wait = std::chrono::hours(24);
constexpr std::size_t k_detail = 2048;

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
    return value;
}

std::optional<unsigned> month(std::string_view name) {
    constexpr std::array<std::string_view, 12> k_months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                           "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto* const found = std::ranges::find(k_months, to_lower(name));
    if (found == k_months.end()) return std::nullopt;
    return static_cast<unsigned>(found - k_months.begin()) + 1;
}

/// The three forms of RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" and
/// "Sun Nov  6 08:49:37 1994".
std::optional<TimePoint> parse_http_date(std::string_view text) {
    std::vector<std::string_view> words;
    for (const auto word : split(text, ' ')) {
        for (const auto piece : word.find(':') == std::string_view::npos ? split(word, '-') : std::vector{word}) {
            if (!piece.empty()) words.push_back(piece);
        }
    }
    if (words.size() < 5) return std::nullopt;
    const bool asctime = month(words[1]).has_value();
    const auto named = month(asctime ? words[1] : words[2]);
    const auto day = number(asctime ? words[2] : words[1]);
    auto year = number(asctime ? words[4] : words[3]);
    const auto clock = split(asctime ? words[3] : words[4], ':');
    if (!named || !day || !year || clock.size() != 3) return std::nullopt;
    if (*year < 100) *year += *year < 70 ? 2000 : 1900;
    const auto hours = number(clock[0]);
    const auto minutes = number(clock[1]);
    const auto seconds = number(clock[2]);
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*named),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!hours || !minutes || !seconds || !date.ok() || *hours > 23 || *minutes > 59 || *seconds > 60) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
           std::chrono::seconds(*seconds);
}

std::string words_of(const HttpReply& reply) {
    const auto text = one_line(clean_text(cut(reply.body, k_detail)));
    const auto status = "HTTP " + std::to_string(reply.status);
    return text.empty() ? status : status + ": " + shorten(text, k_detail - 16);
}

struct Remedy {
    int status;
    std::string_view english;
    std::string_view chinese;
};
constexpr Remedy k_remedies[] = {
    {400, "the service does not accept the request: check the channel's settings", "服务不接受该请求：请检查渠道设置"},
    {401, "the token or password is wrong or has expired: set a new one", "令牌或密码错误或已过期：请重新设置"},
    {403, "the token is not allowed to do this: check its rights and the service's address allow-list",
     "令牌没有权限：请检查其权限和服务的 IP 白名单"},
    {404, "there is nothing at this address: check the channel's address and token",
     "地址不存在：请检查渠道的地址和令牌"},
    {405, "the address does not take this method: check the channel's address and method",
     "该地址不接受此方法：请检查渠道的地址和方法"},
    {407, "the proxy wants a user and a password", "代理需要用户名和密码"},
    {410, "the service has closed this address: make a new one", "该地址已被服务关闭：请重新创建"},
    {413, "the message is too long for the service", "消息过长"},
    {415, "the service does not take this content type", "服务不接受此内容类型"},
};

} // namespace

const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
    const auto found = std::ranges::find_if(
        headers, [name](const HttpHeader& header) { return equals_ignoring_case(header.name, name); });
    return found == headers.end() ? nullptr : &found->value;
}

std::optional<Millis> retry_after(const HttpReply& reply) {
    const auto* const value = find_header(reply.headers, "retry-after");
    if (value == nullptr) return std::nullopt;
    const auto text = trim(*value);
    if (!text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        if (text.size() > 6) return k_longest_wait;
        return std::min<Millis>(std::chrono::seconds(*number(text)), k_longest_wait);
    }
    const auto until = parse_http_date(text);
    if (!until) return std::nullopt;
    // The service's own clock, where it tells it: then ours may be wrong without harm.
    const auto* const date = find_header(reply.headers, "date");
    const auto theirs = date != nullptr ? parse_http_date(trim(*date)) : std::nullopt;
    return std::clamp<Millis>(*until - theirs.value_or(system_clock().now()), Millis(0), k_longest_wait);
}

Outcome judge_failure(const HttpReply& reply) {
    using enum HttpReply::Failure;
    Outcome outcome;
    outcome.detail = reply.error.empty() ? "no answer" : reply.error;
    switch (reply.failure) {
    case no_network:
    case timed_out_before_sending:
        outcome.kind = OutcomeKind::no_network;
        break;
    case timed_out:
    case cut:
        outcome.kind = OutcomeKind::ambiguous;
        break;
    case tls:
        // Also what a hotel's log-in page or a clock far off looks like, so it is tried again as a network's return is.
        outcome.kind = OutcomeKind::no_network;
        outcome.remedy = "check the machine's date; a certificate of your own goes into [http] ca_file";
        outcome.remedy_zh = "请检查系统时间；自签名证书请写入 [http] ca_file";
        break;
    case bad_request:
        outcome.kind = OutcomeKind::permanent;
        outcome.remedy = "check the channel's address, method and headers";
        outcome.remedy_zh = "请检查渠道的地址、方法和请求头";
        break;
    case none:
        outcome.kind = OutcomeKind::transient;
        break;
    }
    return outcome;
}

Outcome judge_by_status(const HttpReply& reply, const Settings&) {
    Outcome outcome;
    outcome.status = reply.status;
    if (reply.status >= 200 && reply.status < 300) {
        outcome.kind = OutcomeKind::delivered;
        return outcome;
    }
    outcome.detail = words_of(reply);
    outcome.wait = retry_after(reply);
    if (reply.status == 429 || (reply.status == 503 && outcome.wait)) {
        outcome.kind = OutcomeKind::rate_limited;
    } else if (reply.status == 408 || reply.status == 425 || reply.status >= 500) {
        outcome.kind = OutcomeKind::transient;
    } else {
        outcome.kind = OutcomeKind::permanent;
        outcome.wait.reset();
        const auto* const found = std::ranges::find(k_remedies, reply.status, &Remedy::status);
        if (found != std::end(k_remedies)) {
            outcome.remedy = found->english;
            outcome.remedy_zh = found->chinese;
        } else if (reply.status >= 300 && reply.status < 400) {
            outcome.remedy = "the service has moved: put its new address into the channel's settings";
            outcome.remedy_zh = "服务地址已变更：请更新渠道地址";
        }
    }
    return outcome;
}

} // namespace mcp_push
