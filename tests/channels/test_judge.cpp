// SPDX-License-Identifier: MIT
#include "channels/channel.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace mcp_push {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

HttpReply reply(int status, std::vector<HttpHeader> headers = {}, std::string body = {}) {
    HttpReply made;
    made.status = status;
    made.headers = std::move(headers);
    made.body = std::move(body);
    return made;
}

std::optional<Millis> wait(std::string value) {
    // A service whose clock says 2024-01-01 00:00:00.
    return retry_after(reply(429, {{"retry-after", std::move(value)}, {"Date", "Mon, 01 Jan 2024 00:00:00 GMT"}}));
}

TEST_CASE("judge: Retry-After is read in seconds and in all three forms of an HTTP date, within 24 hours") {
    CHECK(wait("120") == seconds(120));
    CHECK(wait(" 0 ") == seconds(0));
    CHECK(wait("99999999999999999999") == hours(24));
    CHECK(wait("Mon, 01 Jan 2024 00:02:00 GMT") == seconds(120));
    CHECK(wait("Monday, 01-Jan-24 00:02:00 GMT") == seconds(120));
    CHECK(wait("Mon Jan  1 00:02:00 2024") == seconds(120));
    CHECK(wait("Sun, 31 Dec 2023 23:00:00 GMT") == seconds(0));
    CHECK(wait("Fri, 01 Jan 2044 00:00:00 GMT") == hours(24));
    for (const auto* const wrong :
         {"", "soon", "-5", "1.5", "Mon, 31 Feb 2024 00:00:00 GMT", "Mon, 01 Jan 2024 25:00:00 GMT", "Mon, 01 Jan 2024",
          "::: ::: :::", "Jan Jan Jan Jan Jan"}) {
        CAPTURE(wrong);
        CHECK_FALSE(wait(wrong));
    }
    CHECK_FALSE(retry_after(reply(429)));
    // Without their clock ours counts.
    CHECK(*retry_after(reply(429, {{"Retry-After", "Fri, 01 Jan 2044 00:00:00 GMT"}})) == hours(24));
}

TEST_CASE("judge: an HTTP status means the same for every channel") {
    const auto kind = [](int status, std::vector<HttpHeader> headers = {}) {
        return judge_by_status(reply(status, std::move(headers)), {}).kind;
    };
    CHECK(kind(200) == OutcomeKind::delivered);
    CHECK(kind(204) == OutcomeKind::delivered);
    CHECK(kind(429) == OutcomeKind::rate_limited);
    CHECK(kind(503) == OutcomeKind::transient);
    CHECK(kind(503, {{"Retry-After", "5"}}) == OutcomeKind::rate_limited);
    for (const int status : {408, 425, 500, 502, 504, 599})
        CHECK(kind(status) == OutcomeKind::transient);
    for (const int status : {301, 400, 401, 403, 404, 410, 418})
        CHECK(kind(status) == OutcomeKind::permanent);
    const auto refused = judge_by_status(reply(401, {}, "<html>\n\x1b[31mno\xff</html>"), {});
    CHECK(refused.status == 401);
    CHECK(refused.detail.find("HTTP 401") == 0);
    CHECK(refused.detail.find('\x1b') == std::string::npos);
    CHECK_FALSE(refused.remedy.empty());
    CHECK_FALSE(refused.remedy_zh.empty());
    // Found by fuzzing: what is over waits for nothing.
    CHECK_FALSE(judge_by_status(reply(400, {{"Retry-After", "120"}}), {}).wait);
    CHECK(judge_by_status(reply(400, {}, std::string(100'000, 'x')), {}).detail.size() <= 2048);
}

TEST_CASE("judge: without an answer it counts whether something was sent") {
    using enum HttpReply::Failure;
    const auto kind = [](HttpReply::Failure failure) {
        HttpReply made;
        made.failure = failure;
        return judge_failure(made).kind;
    };
    CHECK(kind(no_network) == OutcomeKind::no_network);
    CHECK(kind(timed_out_before_sending) == OutcomeKind::no_network);
    CHECK(kind(timed_out) == OutcomeKind::ambiguous);
    CHECK(kind(cut) == OutcomeKind::ambiguous);
    // A log-in page of a hotel shows a certificate of its own: it may pass.
    CHECK(kind(tls) == OutcomeKind::no_network);
    CHECK(kind(bad_request) == OutcomeKind::permanent);
}

} // namespace
} // namespace mcp_push
