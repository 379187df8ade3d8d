// SPDX-License-Identifier: MIT
#include "core/base/clock.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>

using mcp_push::ErrorKind;
using mcp_push::format_duration;
using mcp_push::from_millis;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::parse_duration;
using mcp_push::parse_time;
using mcp_push::to_iso8601;
using mcp_push::to_millis;

namespace {

long long millis_of(std::string_view text) {
    CAPTURE(text);
    return to_millis(must(parse_time(text)));
}

} // namespace

TEST_CASE("time: ISO 8601 with every kind of zone, and UTC without one") {
    for (const auto* const text :
         {"2026-01-31T12:00:00Z", "2026-01-31t12:00:00z", "2026-01-31T12:00:00", "2026-01-31 12:00:00",
          "2026-01-31T12:00", "2026-01-31T20:00:00+08:00", "2026-01-31T20:00:00+0800", "2026-01-31T20:00+08",
          "2026-01-31T06:30:00-05:30", " 2026-01-31T12:00:00Z\n", "2026-02-01T01:00:00+13:00"}) {
        CHECK(millis_of(text) == 1769860800000);
    }
    CHECK(millis_of("2026-01-31") == 1769817600000);
    CHECK(millis_of("2026-01-31T12:00:00.5Z") == 1769860800500);
    CHECK(millis_of("2026-01-31T12:00:00,123456+00:00") == 1769860800123);
    CHECK(millis_of("2024-02-29T00:00:00Z") == 1709164800000);
    CHECK(millis_of("1969-12-31T23:59:59Z") == -1000);
}

TEST_CASE("time: up to eleven digits are seconds, more are milliseconds") {
    CHECK(millis_of("1700000000") == 1700000000000);
    CHECK(millis_of("1700000000.25") == 1700000000250);
    CHECK(millis_of("1700000000000") == 1700000000000);
    CHECK(millis_of("99999999999") == 99999999999000);
    CHECK(millis_of("100000000000") == 100000000000);
    CHECK(millis_of("0") == 0);
    CHECK(millis_of("-1") == -1000);
}

TEST_CASE("time: what is no time is an error that shows it") {
    for (const auto* const text : {"",
                                   " ",
                                   "yesterday",
                                   "12:00",
                                   "2026-13-01",
                                   "2026-02-30T00:00:00Z",
                                   "2026-01-31T24:00:00Z",
                                   "2026-01-31T12:60:00Z",
                                   "2026-01-31T12:00:00+25:00",
                                   "2026-01-31T12:00:00 UTC",
                                   "2026-01-31T",
                                   "2026/01/31",
                                   "nan",
                                   "inf",
                                   "-inf",
                                   "1e9",
                                   "0x10",
                                   "1700000000s",
                                   "1 2",
                                   "+5",
                                   "2026-01-31T12:00:00Z trailing"}) {
        CAPTURE(text);
        const auto when = parse_time(text);
        REQUIRE_FALSE(when.ok());
        CHECK(when.error().kind == ErrorKind::payload);
        CHECK(when.error().message.ends_with("is not a time"));
    }
    CHECK(parse_time(std::string(5000, '9')).error().message.size() < 100);
}

TEST_CASE("time: a moment that no four-digit year holds is refused") {
    CHECK_FALSE(parse_time("253402300800000").ok());
    CHECK_FALSE(parse_time("999999999999999999999").ok());
    CHECK_FALSE(parse_time("-99999999999").ok());
    CHECK(millis_of("253402300799999") == 253402300799999);
}

TEST_CASE("time: what is written can be read again") {
    for (const long long millis : {0LL, -1LL, 1700000000123LL, 253402300799999LL, -62135596800000LL}) {
        CAPTURE(millis);
        CHECK(millis_of(to_iso8601(from_millis(millis))) == millis);
    }
    CHECK(to_iso8601(from_millis(1769860800007)) == "2026-01-31T12:00:00.007Z");
}

TEST_CASE("duration: with units, several of them, or seconds") {
    const auto read = [](std::string_view text) {
        CAPTURE(text);
        return must(parse_duration(text)).count();
    };
    CHECK(read("90") == 90'000);
    CHECK(read("0") == 0);
    CHECK(read("60s") == 60'000);
    CHECK(read("1.5m") == 90'000);
    CHECK(read("1m30s") == 90'000);
    CHECK(read(" 1 min 30 sec ") == 90'000);
    CHECK(read("500ms") == 500);
    CHECK(read("2h") == 7'200'000);
    CHECK(read("1d") == 86'400'000);
}

TEST_CASE("duration: what is none is an error of the configuration") {
    for (const auto* const text :
         {"", "s", "-5s", "1x", "1m30", "5 5", "inf", "nan", "1e3", "1,5s", "60 s!", "99999999999d"}) {
        CAPTURE(text);
        const auto duration = parse_duration(text);
        REQUIRE_FALSE(duration.ok());
        CHECK(duration.error().kind == ErrorKind::config);
    }
}

TEST_CASE("duration: people read two units at most, in both languages") {
    const auto both = [](long long seconds) {
        const Millis duration(seconds * 1000);
        return format_duration(duration) + " | " + format_duration(duration, true);
    };
    CHECK(both(0) == "0 s | 0 秒");
    CHECK(both(45) == "45 s | 45 秒");
    CHECK(both(60) == "1 min | 1 分");
    CHECK(both(75) == "1 min 15 s | 1 分 15 秒");
    CHECK(both(3600) == "1 h | 1 小时");
    CHECK(both(7380) == "2 h 3 min | 2 小时 3 分");
    CHECK(both(48 * 3600) == "2 d | 2 天");
    CHECK(both(50 * 3600 + 59) == "2 d 2 h | 2 天 2 小时");
    CHECK(both(-5) == "0 s | 0 秒");
    CHECK(format_duration(Millis(59'999)) == "59 s"); // never more than has passed
}

TEST_CASE("clock: the time since boot never runs backwards") {
    const auto& clock = mcp_push::system_clock();
    const auto before = clock.since_boot();
    CHECK(before.count() > 0);
    CHECK(clock.since_boot() >= before);
    CHECK(to_millis(clock.now()) > 1'700'000'000'000);
}
