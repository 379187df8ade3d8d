// SPDX-License-Identifier: MIT
#include "core/base/text.hpp"
#include "core/rules/words.hpp"

#include <doctest/doctest.h>

#include <array>
#include <span>

using mcp_push::fill;
using mcp_push::is_valid_utf8;
using mcp_push::Language;
using mcp_push::Words;
using mcp_push::words;

namespace {

constexpr std::size_t k_count = sizeof(Words) / sizeof(std::string_view);
using All = std::array<std::string_view, k_count>;

/// Every member, also one that a later version adds: a Words is nothing but texts.
All all_of(Language language) {
    static_assert(sizeof(Words) == sizeof(All));
    const auto& w = words(language);
    const auto [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = w;
    return {a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u};
}

std::size_t places_in(std::string_view text) {
    std::size_t places = 0;
    for (auto at = text.find("{}"); at != std::string_view::npos; at = text.find("{}", at + 2))
        ++places;
    return places;
}

bool is_ascii(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    }
    return true;
}

} // namespace

TEST_CASE("words: each exists in both languages, and in its own script") {
    const auto english = all_of(Language::english);
    const auto chinese = all_of(Language::chinese);
    for (std::size_t i = 0; i < k_count; ++i) {
        CAPTURE(i);
        CAPTURE(english[i]);
        CAPTURE(chinese[i]);
        CHECK_FALSE(english[i].empty());
        CHECK_FALSE(chinese[i].empty());
        CHECK(is_ascii(english[i]));
        CHECK_FALSE(is_ascii(chinese[i]));
        CHECK(is_valid_utf8(chinese[i]));
    }
}

TEST_CASE("words: both languages have the same places to fill, one at most") {
    const auto english = all_of(Language::english);
    const auto chinese = all_of(Language::chinese);
    for (std::size_t i = 0; i < k_count; ++i) {
        CAPTURE(english[i]);
        CHECK(places_in(english[i]) == places_in(chinese[i]));
        CHECK(places_in(english[i]) <= 1);
    }
}

TEST_CASE("words: the titles are those that the contract names") {
    CHECK(words(Language::english).finished == "Task finished");
    CHECK(words(Language::english).failed == "Task failed");
    CHECK(words(Language::english).waiting == "Waiting for you");
    CHECK(words(Language::chinese).finished == "任务完成");
    CHECK(words(Language::chinese).failed == "任务失败");
    CHECK(words(Language::chinese).waiting == "等待批准");
}

TEST_CASE("words: a place is filled once, whatever the value looks like") {
    CHECK(fill("Exit code {}", "3") == "Exit code 3");
    CHECK(fill("{} needs your approval", "{}") == "{} needs your approval");
    CHECK(fill("no place", "x") == "no place");
    CHECK(fill("", "x").empty());
}
