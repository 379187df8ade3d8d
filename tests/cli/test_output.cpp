// SPDX-License-Identifier: MIT
#include "cli/output.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>

namespace mcp_push {
namespace {

/// What a function prints on a pipe.
template <class Print>
std::string printed(const Print& print) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    {
        Output output(ends[1], Environment(Environment::Map{}));
        print(output);
    }
    ::close(ends[1]);
    std::string text(4096, '\0');
    const ssize_t got = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

TEST_CASE("width: Chinese and emoji take two columns, combining marks none") {
    CHECK(display_width("") == 0);
    CHECK(display_width("abc") == 3);
    CHECK(display_width("任务完成") == 8);
    CHECK(display_width("e\xCC\x81") == 1);
    CHECK(display_width("✅ ok") == 5);
    CHECK(display_width("🎉") == 2);
    CHECK(display_width("…") == 1);
    CHECK(display_width("한국어") == 6);
    CHECK(display_width("ｆｕｌｌ") == 8);
}

TEST_CASE("width: a broken byte neither hangs nor reads on") {
    CHECK(display_width("\xFF") <= 1);
    CHECK(display_width("\xE4\xBB") <= 2);
    CHECK(fit_columns("\xF0\x9F", 1).size() <= 3);
}

TEST_CASE("fit_columns: never wider than asked, never inside a character") {
    CHECK(fit_columns("hello", 5) == "hello");
    CHECK(fit_columns("hello", 4) == "hel…");
    CHECK(fit_columns("任务完成", 8) == "任务完成");
    CHECK(fit_columns("任务完成", 7) == "任务完…");
    CHECK(fit_columns("任务完成", 6) == "任务…");
    CHECK(fit_columns("abc", 0).empty());
}

TEST_CASE("wrap: at spaces where there are any") {
    using Lines = std::vector<std::string>;
    CHECK(wrap("", 10) == Lines{""});
    CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
    CHECK(wrap("abcdefgh", 3) == Lines{"abc", "def", "gh"});
    CHECK(wrap("任务完成了", 4) == Lines{"任务", "完成", "了"});
    CHECK(wrap("two  spaces", 5) == Lines{"two", "space", "s"});
}

TEST_CASE("table: columns line up whatever the script") {
    Table table({"NAME", "TEXT"});
    table.add({"a", "one"});
    table.add({"任务", Table::Cell("two\nlines\x1b[31m", Style::bad)});
    CHECK(printed([&](Output& output) { table.print(output); }) == "NAME  TEXT\n"
                                                                   "a     one\n"
                                                                   "任务  two lines\n");
    CHECK(printed([](Output& output) { Table({"NAME"}).print(output); }).empty());
}

TEST_CASE("output: no colour where no terminal is") {
    CHECK(printed([](Output& output) { output.text(output.styled(Style::bad, "x")); }) == "x");
}

TEST_CASE("output: a stream that nobody reads is noticed") {
    Output output(-1, Environment(Environment::Map{}));
    output.line("x");
    CHECK_FALSE(output.flush());
    CHECK(output.failed());
}

TEST_CASE("json listing: one array, one object a line, valid with no row too") {
    CHECK(printed([](Output& output) { print_json_rows(output, {}); }) == "[]\n");
    CHECK(printed([](Output& output) {
              print_json_rows(output, {{{"b", 1}, {"a", "x"}}, {{"b", 2}}});
          }) == "[\n{\"b\":1,\"a\":\"x\"},\n{\"b\":2}\n]\n");
}

TEST_CASE("distance_text: past, future and now") {
    const auto now = from_millis(1'700'000'000'000);
    CHECK(distance_text(now, now) == "now");
    CHECK(distance_text(now + Millis(5'000), now) == "in 5 s");
    CHECK(distance_text(now - Millis(180'000), now) == "3 min ago");
}

} // namespace
} // namespace mcp_push
