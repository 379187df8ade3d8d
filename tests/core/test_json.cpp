// SPDX-License-Identifier: MIT
#include "core/base/json.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using mcp_push::array_member;
using mcp_push::bool_member;
using mcp_push::dump_json;
using mcp_push::dump_json_pretty;
using mcp_push::ErrorKind;
using mcp_push::integer_member;
using mcp_push::Json;
using mcp_push::JsonLimits;
using mcp_push::k_json_unlimited;
using mcp_push::member;
using mcp_push::must;
using mcp_push::parse_json;
using mcp_push::string_member;

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::size_t depth_of(const Json& value) { return value.is_array() && !value.empty() ? 1 + depth_of(value[0]) : 1; }

} // namespace

TEST_CASE("json: containers deeper than the limit are left out, what is beside them stays") {
    CHECK(depth_of(must(parse_json(nested(64)))) == 64);
    CHECK(depth_of(must(parse_json(nested(65)))) == 64);
    const auto value = must(parse_json(R"({"deep":[[["x"]]],"after":"kept"})", {.depth = 2}));
    CHECK(dump_json(value) == R"({"after":"kept","deep":[]})");
    CHECK(depth_of(must(parse_json(nested(200'000)))) == 64);
}

TEST_CASE("json: a long string is cut at a character's end") {
    const auto value = must(parse_json(R"({"a":"任务完成","b":"xyz"})", {.string_bytes = 7}));
    CHECK(string_member(value, "a") == "任务");
    CHECK(string_member(value, "b") == "xyz");
}

TEST_CASE("json: strings of a large document are cut before they are read, to the same end") {
    const std::string pad(2 << 20, ' ');
    std::string text = R"({"a":")";
    while (text.size() < 200'000)
        text += R"(\u4efb\"\\\ud83d\udc4d)";
    text += R"(","b":"kept"})";
    const auto small = must(parse_json(text, {.string_bytes = 1000}));
    const auto large = must(parse_json(pad + text, {.string_bytes = 1000}));
    CHECK(string_member(small, "a").size() > 990);
    CHECK(string_member(large, "a") == string_member(small, "a"));
    CHECK(string_member(large, "b") == "kept");
}

TEST_CASE("json: reading stops when enough elements are kept") {
    std::string text = "[0";
    for (int i = 1; i < 100; ++i)
        text += "," + std::to_string(i);
    CHECK(must(parse_json(text + "]", {.elements = 10})).size() == 9); // the array counts too
    CHECK(must(parse_json(text + ", this is never read", {.elements = 10})).size() == 9);
    CHECK(must(parse_json(text + "]", k_json_unlimited)).size() == 100);
}

TEST_CASE("json: numbers beyond 64 bits stay numbers and are not taken for integers") {
    const auto value = must(parse_json(
        R"({"max":9223372036854775807,"over":9223372036854775808,"unsigned":18446744073709551615,
            "huge":123456789012345678901234567890,"min":-9223372036854775808,"part":-1.9,"text":"1"})"));
    CHECK(integer_member(value, "max") == INT64_MAX);
    CHECK(integer_member(value, "min") == INT64_MIN);
    CHECK(integer_member(value, "part") == -1);
    for (const auto* const key : {"over", "unsigned", "huge", "text", "absent"}) {
        CAPTURE(key);
        CHECK_FALSE(integer_member(value, key).has_value());
    }
    CHECK(member(value, "huge").is_number());
}

TEST_CASE("json: of a doubled key the last value counts") {
    CHECK(dump_json(must(parse_json(R"({"a":1,"a":{"b":2},"a":[3]})"))) == R"({"a":[3]})");
}

TEST_CASE("json: invalid UTF-8 is repaired, in values and in keys") {
    const auto value = must(parse_json("{\"a\":\"x\xFFy\",\"k\xC3\":\"任\xE4\xBB\"}"));
    CHECK(string_member(value, "a") == "x\uFFFDy");
    CHECK(string_member(value, "k\uFFFD") == "任\uFFFD\uFFFD");
}

TEST_CASE("json: half a surrogate pair is an error") { CHECK_FALSE(parse_json(R"(["\ud83d"])").ok()); }

TEST_CASE("json: a NUL is kept where it is written out and an error where it stands bare") {
    CHECK(string_member(must(parse_json(R"({"a":"x\u0000y"})")), "a") == std::string("x\0y", 3));
    CHECK_FALSE(parse_json(std::string("{\"a\":\"x\0y\"}", 11)).ok());
}

TEST_CASE("json: an error is of kind payload and names the byte") {
    for (const auto& refused :
         {std::pair{R"({"a":1,})", "not valid JSON at byte 8"}, std::pair{R"([1 2])", "not valid JSON at byte 4"},
          std::pair{R"({"a":nul})", "not valid JSON at byte 9"}, std::pair{R"({} x)", "not valid JSON at byte 4"},
          std::pair{"", "empty where JSON was expected"}, std::pair{" \n", "empty where JSON was expected"}}) {
        const std::string_view text = refused.first;
        CAPTURE(text);
        const auto value = parse_json(text);
        REQUIRE_FALSE(value.ok());
        CHECK(value.error().kind == ErrorKind::payload);
        CHECK(value.error().message == refused.second);
    }
    for (const auto* const text : {R"({"a":1)", R"(["abc)", "[1e999]", "[01]", "{'a':1}", "[NaN]"}) {
        CAPTURE(text);
        const auto value = parse_json(text);
        REQUIRE_FALSE(value.ok());
        CHECK(value.error().message.starts_with("not valid JSON at byte "));
    }
}

TEST_CASE("json: members of wrong types read as nothing") {
    const auto value = must(parse_json(R"({"text":"x","flag":true,"list":[1],"null":null})"));
    CHECK(string_member(value, "flag", "other") == "other");
    CHECK(string_member(value, "null", "other") == "other");
    CHECK(bool_member(value, "flag"));
    CHECK(bool_member(value, "text", true));
    CHECK(array_member(value, "list").size() == 1);
    CHECK(array_member(value, "text").empty());
    CHECK(member(Json("no object"), "x").is_null());
    CHECK(member(Json::array(), "x").is_null());
}

TEST_CASE("json: written text is compact or indented, and invalid UTF-8 never throws") {
    CHECK(dump_json(Json{{"a", {1, 2}}}) == R"({"a":[1,2]})");
    CHECK(dump_json_pretty(Json{{"a", 1}}) == "{\n  \"a\": 1\n}");
    CHECK(dump_json(Json("x\xFF")) == "\"x\uFFFD\"");
}
