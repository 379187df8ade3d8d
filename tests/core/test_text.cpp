// SPDX-License-Identifier: MIT
#include "core/base/edit_distance.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>

#include <array>

using mcp_push::clean_text;
using mcp_push::count_code_points;
using mcp_push::cut;
using mcp_push::edit_distance;
using mcp_push::equals_ignoring_case;
using mcp_push::hash64;
using mcp_push::head;
using mcp_push::is_truthy;
using mcp_push::is_valid_utf8;
using mcp_push::join;
using mcp_push::matches_pattern;
using mcp_push::nearest;
using mcp_push::one_line;
using mcp_push::percent_encode;
using mcp_push::repair_utf8;
using mcp_push::replace_all;
using mcp_push::shorten;
using mcp_push::split;
using mcp_push::tail;
using mcp_push::to_hex;
using mcp_push::to_lower;
using mcp_push::trim;

namespace {

constexpr std::size_t k_mebibyte = 1 << 20;

std::string repeat(std::string_view part, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes)
        text += part;
    return text;
}

} // namespace

TEST_CASE("text: valid UTF-8 is what RFC 3629 says, no surrogates, nothing overlong, nothing beyond U+10FFFF") {
    for (const std::string_view good :
         {"", "abc", "é", "任务完成", "\xF0\x9F\x91\x8D", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
        CAPTURE(good);
        CHECK(is_valid_utf8(good));
        CHECK(repair_utf8(good) == good);
    }
    for (const std::string_view bad :
         {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80", "\xFF", "\xE4\xBB", "\xC3"}) {
        CHECK_FALSE(is_valid_utf8(bad));
        CHECK(is_valid_utf8(repair_utf8(bad)));
    }
}

TEST_CASE("text: each broken byte becomes one replacement character, and what surrounds it stays") {
    CHECK(repair_utf8("a\xFF"
                      "b") == "a\uFFFD"
                              "b");
    CHECK(repair_utf8("任\xE4\xBB务") == "任\uFFFD\uFFFD务"); // a character torn after two bytes
    CHECK(repair_utf8("\xE4\xBB") == "\uFFFD\uFFFD");
    CHECK(repair_utf8(std::string("a\0b", 3)) == std::string("a\0b", 3));
}

TEST_CASE("text: a cut never lands inside a character") {
    const std::string_view text = "a任\xF0\x9F\x91\x8Dz"; // 1 + 3 + 4 + 1 bytes
    const std::array<std::size_t, 11> ends = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9, 9};
    for (std::size_t bytes = 0; bytes < ends.size(); ++bytes) {
        CAPTURE(bytes);
        CHECK(cut(text, bytes).size() == ends[bytes]);
    }
}

TEST_CASE("text: a cut through bytes that are no characters loses at most a character's worth") {
    CHECK(cut(std::string(100, '\x80'), 50).size() >= 47);
    CHECK(cut("abc\x80\x80\x80\x80\x80", 6).size() >= 3);
}

TEST_CASE("text: shortened text says so, and the ellipsis counts") {
    CHECK(shorten("abcdef", 6) == "abcdef");
    CHECK(shorten("abcdefg", 6) == "abc…");
    CHECK(shorten("任务完成", 9) == "任务…");
    CHECK(shorten("任务完成", 8) == "任…");
    CHECK(shorten("abcdef", 2) == "ab"); // no room for an ellipsis
    CHECK(shorten("abcdef", 0).empty());
}

TEST_CASE("text: the tail is the last lines, from a line's start where one fits") {
    CHECK(tail("one\ntwo\nthree\n\n", 2, 100) == "two\nthree");
    CHECK(tail("one\ntwo\nthree", 9, 100) == "one\ntwo\nthree");
    CHECK(tail("one\ntwo\nthree", 9, 10) == "two\nthree");
    CHECK(tail("one\ntwo\nthree", 9, 9) == "two\nthree");
    CHECK(tail("one\ntwo\nthree", 9, 8) == "three");
    CHECK(tail("one\ntwo\nthree", 9, 3) == "ree"); // no line fits
    CHECK(tail("任务", 1, 4) == "务");
    CHECK(tail("one\ntwo", 0, 100).empty());
    CHECK(tail("", 3, 100).empty());
}

TEST_CASE("text: the head is the first lines and ends with an ellipsis where something was left out") {
    CHECK(head("one\ntwo\nthree", 3, 100) == "one\ntwo\nthree");
    CHECK(head("one\ntwo\nthree", 2, 100) == "one\ntwo\n…");
    CHECK(head("\n one\ntwo\n\n", 2, 100) == "one\ntwo");
    CHECK(head("abcdefgh", 2, 6) == "abc…");
    for (std::size_t bytes = 0; bytes < 20; ++bytes)
        CHECK(head("one\ntwo\nthree\nfour", 2, bytes).size() <= bytes);
}

TEST_CASE("text: one line has no line break of any kind and no doubled space") {
    CHECK(one_line("  a \t\n b\r\nc  ") == "a b c");
    CHECK(one_line("a\u0085b\u2028c\u2029d\ve\ff") == "a b c d e f");
    CHECK(one_line("任务\n完成") == "任务 完成");
    CHECK(one_line(" \n ").empty());
}

TEST_CASE("text: what a terminal would obey is dropped, what a person reads stays") {
    CHECK(clean_text("\x1b[1;31mred\x1b[0m text") == "red text");
    CHECK(clean_text("\x1b]0;title\adone") == "done");
    CHECK(clean_text("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\") == "link");
    CHECK(clean_text("\x1bPdevice control\x1b\\after") == "after");
    CHECK(clean_text("\x1b(Bplain\x1b=") == "plain");
    CHECK(clean_text("\u009b31mred") == "red"); // CSI as one character
    CHECK(clean_text("\u009d0;title\u009cdone") == "done");
    CHECK(clean_text("a\bb\x07"
                     "c\x7F"
                     "d") == "abcd");
    CHECK(clean_text(std::string("a\0b", 3)) == "ab");
    CHECK(clean_text("tab\tline\nend") == "tab\tline\nend");
    CHECK(clean_text("任务 é \xF0\x9F\x91\x8D") == "任务 é \xF0\x9F\x91\x8D");
}

TEST_CASE("text: an escape sequence without its end takes its own line with it and no other") {
    CHECK(clean_text("\x1b]0;never closed\nsecond line") == "\nsecond line");
    CHECK(clean_text("text\x1b") == "text");
    CHECK(clean_text("text\x1b[") == "text");
    CHECK(clean_text("\x1b[12;\nsecond") == "\nsecond");
}

TEST_CASE("text: characters that turn the order of a text around are dropped") {
    CHECK(clean_text("rm \u202Efr- /\u202C x") == "rm fr- / x");
    CHECK(clean_text("a\u2066b\u2067c\u2068d\u2069e\u202Af\u202Bg\u202Dh") == "abcdefgh");
    CHECK(clean_text("שלום \u200Fعالم") == "שלום \u200Fعالم"); // languages that are written so stay as they are
}

TEST_CASE("text: every line end becomes a line feed") {
    CHECK(clean_text("a\r\nb") == "a\nb");
    CHECK(clean_text("50%\r60%\r") == "50%\n60%\n");
    CHECK(clean_text("a\u0085b\u2028c\u2029d") == "a\nb\nc\nd");
}

TEST_CASE("text: cleaned text is valid UTF-8 whatever went in") {
    std::string all;
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; second += 5)
            all += {static_cast<char>(first), static_cast<char>(second), 'x'};
    }
    const auto clean = clean_text(all);
    CHECK(is_valid_utf8(clean));
    CHECK(clean.find('\x1b') == std::string::npos);
    CHECK(clean.find('\0') == std::string::npos);
    CHECK(clean_text(clean) == clean);
}

TEST_CASE("text: a mebibyte of hostile bytes is cleaned at once") {
    for (const std::string_view part : {"\x1b]", "\x1b[", "\x1bP\x1b", "\u009d", "\xE2\x80", "\r", "\x80"}) {
        const auto text = repeat(part, k_mebibyte / 4);
        CHECK(clean_text(text).size() <= 3 * text.size());
        CHECK(one_line(text).size() <= text.size());
    }
    CHECK(replace_all(repeat("&lt;", k_mebibyte), "&lt;", "<").size() == k_mebibyte / 4);
}

TEST_CASE("text: split and join are each other's opposites, and nothing is one empty part") {
    CHECK(split("", ',') == std::vector<std::string_view>{""});
    CHECK(split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
    CHECK(join({"a", "", "b", ""}, ",") == "a,,b,");
    CHECK(join({}, ", ").empty());
}

TEST_CASE("text: replacing goes on behind what was put in") {
    CHECK(replace_all("aaa", "a", "aa") == "aaaaaa");
    CHECK(replace_all("a-b-c", "-", "") == "abc");
    CHECK(replace_all("abc", "", "x") == "abc");
    CHECK(replace_all("abc", "z", "x") == "abc");
    CHECK(replace_all("xabx", "x", "任") == "任ab任");
}

TEST_CASE("text: trimming and case know ASCII alone") {
    CHECK(trim(" \t\r\n\v\f a b \n") == "a b");
    CHECK(trim(" \n").empty());
    CHECK(to_lower("ÀBC任") == "Àbc任");
    CHECK(equals_ignoring_case("Content-TYPE", "content-type"));
    CHECK_FALSE(equals_ignoring_case("abc", "abcd"));
    CHECK_FALSE(equals_ignoring_case("é", "É"));
}

TEST_CASE("text: lengths are counted in characters") {
    CHECK(count_code_points("") == 0);
    CHECK(count_code_points("aé任\xF0\x9F\x91\x8D") == 4);
}

TEST_CASE("text: yes in its spellings is yes, everything else is no") {
    for (const std::string_view yes : {"1", "true", "YES", "y", " On "})
        CHECK(is_truthy(yes));
    for (const std::string_view no : {"", "0", "false", "no", "off", "2", "truey"})
        CHECK_FALSE(is_truthy(no));
}

TEST_CASE("text: patterns match the whole text, a question mark one character") {
    CHECK(matches_pattern("release/1.2", "release/*"));
    CHECK(matches_pattern("main", "m?in"));
    CHECK(matches_pattern("任务", "??"));
    CHECK(matches_pattern("\xF0\x9F\x91\x8D", "?"));
    CHECK(matches_pattern("", "*"));
    CHECK(matches_pattern("abc", "*b*"));
    CHECK(matches_pattern("aXbXc", "a*b*c"));
    CHECK_FALSE(matches_pattern("mainline", "main"));
    CHECK_FALSE(matches_pattern("Main", "main"));
    CHECK_FALSE(matches_pattern("", "?"));
    CHECK_FALSE(matches_pattern("ab", "a*c"));
    CHECK_FALSE(matches_pattern(std::string(4000, 'a'), "*a*a*a*a*a*a*a*a*a*b"));
}

TEST_CASE("text: percent-encoding leaves the unreserved characters alone") {
    CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
    CHECK(percent_encode("a b/?&=%+") == "a%20b%2F%3F%26%3D%25%2B");
    CHECK(percent_encode("任") == "%E4%BB%BB");
    CHECK(percent_encode(std::string("\0\xFF", 2)) == "%00%FF");
}

TEST_CASE("text: the hash is FNV-1a, the same in every version") {
    CHECK(to_hex(hash64("")) == "cbf29ce484222325");
    CHECK(to_hex(hash64("a")) == "af63dc4c8601ec8c");
    CHECK(to_hex(hash64("foobar")) == "85944171f73967e8");
    CHECK(to_hex(0) == "0000000000000000");
}

TEST_CASE("edit distance: counts insertions, deletions, replacements and swaps of neighbours") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("chanel", "channel") == 1);
    CHECK(edit_distance("hcannel", "channel") == 1);
    CHECK(edit_distance("threshold", "threshold") == 0);
}

TEST_CASE("edit distance: the nearest word is offered, and none where none can be meant") {
    constexpr std::array<std::string_view, 4> words = {"threshold", "language", "privacy", "tz"};
    CHECK(nearest("treshold", words) == "threshold");
    CHECK(nearest("langauge", words) == "language");
    CHECK(nearest("", words).empty());
    CHECK(nearest("xy", words).empty()); // both letters wrong is another word
    CHECK(nearest("colour", words).empty());
    CHECK(nearest(std::string(k_mebibyte, 't'), words).empty());
}
