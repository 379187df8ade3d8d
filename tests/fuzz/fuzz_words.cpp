// SPDX-License-Identifier: MIT
// Text helpers that everything else stands on: cleaning, cutting, redaction, times and durations.
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"
#include "core/base/text.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mcp_push;
    fuzz::Input input(data, size);
    const std::size_t limit = input.byte();
    const auto text = input.rest();

    const auto clean = clean_text(text);
    fuzz::require(is_valid_utf8(clean), "cleaned text is UTF-8");
    fuzz::require(clean.find('\x1b') == std::string::npos, "cleaned text holds no escape sequence");
    fuzz::require(clean_text(clean) == clean, "cleaning twice changes nothing");
    const auto repaired = repair_utf8(text);
    fuzz::require(is_valid_utf8(repaired), "repaired text is UTF-8");
    fuzz::require(is_valid_utf8(cut(repaired, limit)) && cut(repaired, limit).size() <= limit,
                  "a cut ends at a character");
    fuzz::require(shorten(repaired, limit).size() <= std::max<std::size_t>(limit, 3), "the ellipsis counts");
    (void)tail(repaired, limit / 8 + 1, limit);
    (void)head(repaired, limit / 8 + 1, limit);
    (void)one_line(clean);
    (void)redact(clean);
    (void)mask(clean);
    (void)percent_encode(text);
    (void)matches_pattern(text.substr(0, size / 2), text.substr(size / 2 > text.size() ? text.size() : size / 2));
    // RFC 3339 has years of four digits.
    const auto year_10000 = from_millis(253'402'300'800'000);
    if (const auto when = parse_time(text); when && *when < year_10000) {
        const auto again = parse_time(to_iso8601(*when));
        fuzz::require(again.ok() && *again == *when, "a time is read back from its text");
    }
    if (const auto duration = parse_duration(text)) (void)format_duration(*duration, (limit & 1) != 0);
    return 0;
}
