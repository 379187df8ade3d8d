// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/config/shell_file.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using mcp_push::parse_shell_file;
using mcp_push::ShellFile;

namespace {

std::string value_of(const ShellFile& file, std::string_view name) {
    std::string value = "(absent)";
    for (const auto& variable : file.variables) {
        if (variable.name == name) value = variable.value;
    }
    return value;
}

std::string value_in(std::string_view text, std::string_view name = "A") {
    return value_of(parse_shell_file(text), name);
}

} // namespace

TEST_CASE("config.sh: values mean what they mean to bash") {
    CHECK(value_in("export A=plain") == "plain");
    CHECK(value_in("A=plain") == "plain");
    CHECK(value_in("  export   A=plain  ") == "plain");
    CHECK(value_in("export A='single $x `y` \\n \"q\"'") == "single $x `y` \\n \"q\"");
    CHECK(value_in("export A=\"double 'q' \\\" \\\\ \\n \\`\"") == "double 'q' \" \\ \\n `");
    CHECK(value_in("export A=a'b'\"c\"d") == "abcd");
    CHECK(value_in("export A='it'\\''s'") == "it's");
    CHECK(value_in("export A=$'line\\n\\ttab \\'q\\' \\x41\\102\\u4e2d'") == "line\n\ttab 'q' AB中");
    CHECK(value_in("export A=a\\ b") == "a b");
    CHECK(value_in("export A=a#b") == "a#b");
    CHECK(value_in("export A=").empty());
    CHECK(value_in("export A=\"costs 5$ or $ 5\"") == "costs 5$ or $ 5");
    CHECK(value_in("A=1; B=2", "B") == "2");
    CHECK(value_in("export A=1 B=2", "B") == "2");
    CHECK(value_in("A=first\nA=second") == "second");
    CHECK(value_in("export B\nexport A=x") == "x");
    CHECK(value_in("#!/bin/bash\n# export A=no\n\nexport A=yes") == "yes");
}

TEST_CASE("config.sh: a comment may follow a value") {
    const auto file = parse_shell_file("export A=\"v\" # note\nB=x # it's 'odd\nC=y\n");
    CHECK(value_of(file, "A") == "v");
    CHECK(value_of(file, "B") == "x");
    CHECK(value_of(file, "C") == "y");
    CHECK(file.faults.empty());
}

TEST_CASE("config.sh: quoted values go over several lines") {
    const auto file =
        parse_shell_file("export SKIP_PUSH_TITLE=\"one\ntwo\nthree\"\nexport A='x: 1\ny: 2'\n\nexport B=end\\\nless\n");
    CHECK(value_of(file, "SKIP_PUSH_TITLE") == "one\ntwo\nthree");
    CHECK(value_of(file, "A") == "x: 1\ny: 2");
    CHECK(value_of(file, "B") == "endless");
    REQUIRE(file.variables.size() == 3);
    CHECK(file.variables[1].line == 4);
    CHECK(file.variables[2].line == 7);
}

TEST_CASE("config.sh: the webhook's placeholders stay, escaped or not") {
    CHECK(value_in("export A=\"title: \\$title\ncontent: $content\"") == "title: $title\ncontent: $content");
    CHECK(value_in("export A=http://x/$title") == "http://x/$title");
    CHECK(value_in("export A=\"$titles\"") == "(absent)");
}

TEST_CASE("config.sh: what needs a shell is named with its line, and the rest is read") {
    for (const auto* const code : {"$(cat /etc/passwd)", "`id`", "${HOME}/x", "$HOME", "\"a $(id) b\"", "\"`id`\"",
                                   "\"${X:-y}\"", "$1", "$((1 + 2))", "\"$?\""}) {
        const auto file = parse_shell_file("B=1\nexport A=" + std::string(code) + "\nC=3\n");
        CAPTURE(code);
        CHECK(value_of(file, "A") == "(absent)");
        CHECK(value_of(file, "B") == "1");
        CHECK(value_of(file, "C") == "3");
        REQUIRE(file.faults.size() == 1);
        CHECK(file.faults[0].line == 2);
        CHECK(file.faults[0].name == "A");
        CHECK(!file.faults[0].hint.empty());
    }
}

TEST_CASE("config.sh: nothing is ever run") {
    const mcp_push::TempHome home;
    const auto mark = home.path("mark");
    (void)parse_shell_file("A=$(touch " + mark + ")\n`touch " + mark + "`\ntouch " + mark + "\neval 'touch " + mark +
                           "'\n");
    CHECK(!mcp_push::file_exists(mark));
}

TEST_CASE("config.sh: a value without its quotes is not cut at the first blank") {
    for (const auto* const text : {"A=some words", "export A=some words", "A=https://x/?a=1&b=2", "A=x; B=two words",
                                   "A={\"k\": 1}", "A=(1 2)", "A=x | y", "A=x > y"}) {
        const auto file = parse_shell_file(text);
        CAPTURE(text);
        REQUIRE(file.faults.size() == 1);
        CHECK(!file.faults[0].name.empty());
        CHECK(value_of(file, file.faults[0].name) == "(absent)");
        CHECK(file.faults[0].hint == "put the whole value in quotes");
    }
}

TEST_CASE("config.sh: a forgotten quote costs its own line, not the file") {
    const auto file = parse_shell_file("export A='open\nexport B='b'\nexport C=\"c\n");
    CHECK(value_of(file, "A") == "(absent)");
    CHECK(value_of(file, "B") == "b");
    CHECK(value_of(file, "C") == "(absent)");
    REQUIRE(file.faults.size() == 2);
    CHECK(file.faults[0].line == 1);
    CHECK(file.faults[0].name == "A");
    CHECK(file.faults[1].line == 3);
}

TEST_CASE("config.sh: what stands in an if, a loop, a function or a here-document is not taken for a setting") {
    const auto file = parse_shell_file("A=1\n"
                                       "if [ -n \"$X\" ]; then\n  export B=2\nelse if true; then export B=3; fi\nfi\n"
                                       "for i in a b; do export C=$i; done\n"
                                       "load() {\n  export D=4\n}\n"
                                       "case $X in y) E=5 ;; esac\n"
                                       "cat <<EOF\nF=6\nEOF\n"
                                       "G=7\n");
    for (const auto* const name : {"B", "C", "D", "E", "F"})
        CHECK(value_of(file, name) == "(absent)");
    CHECK(value_of(file, "A") == "1");
    CHECK(value_of(file, "G") == "7");
    REQUIRE(file.faults.size() == 5);
    CHECK(file.faults[0].line == 2);
    CHECK(file.faults[4].line == 11);
    CHECK(parse_shell_file("while true; do\nA=1\n").variables.empty());
}

TEST_CASE("config.sh: other code is named and does not stop the reading") {
    const auto file =
        parse_shell_file("source other.sh\nset -a\nA=1\necho hi && B=2\nexport -n C\n[ -f x ] || export D=1\n");
    CHECK(value_of(file, "A") == "1");
    CHECK(file.variables.size() == 1);
    CHECK(file.faults.size() == 5);
}

TEST_CASE("config.sh: files from Windows read the same") {
    const auto file = parse_shell_file("export A=\"x\"\r\n# c\r\nexport B='one\r\ntwo'\r\nC=z\r\n\r\nD=last\r");
    CHECK(value_of(file, "A") == "x");
    CHECK(value_of(file, "B") == "one\ntwo");
    CHECK(value_of(file, "C") == "z");
    CHECK(value_of(file, "D") == "last");
    CHECK(file.faults.empty());
}

TEST_CASE("config.sh: bytes that are no text are refused, value by value") {
    std::string text = "A='\xff'\nB='a?b'\nC=$'\\xff'\nD=ok\n# \xff\n";
    text[text.find('?')] = '\0';
    const auto file = parse_shell_file(text);
    for (const auto* const name : {"A", "B", "C"})
        CHECK(value_of(file, name) == "(absent)");
    CHECK(value_of(file, "D") == "ok");
    CHECK(file.faults.size() == 3);
}

TEST_CASE("config.sh: bash reads the same values") {
    const std::string text = "export A='a\"b'\\''c'\nexport B=\"x\\\"y\\\\z\\q\"\n"
                             "export C=$'1\\n2\\x41\\e[0m\\cA\\101'\nexport D=a\\\nb\n"
                             "export E=\"l1\nl2\\\nl3\"\nexport F=p'q'\"r\"$'s'\\t\nexport G=\"5$\"\nH=x#y\nexport H\n"
                             "export I=v # c\nexport J= K=k\nexport M=*'?'[a] N=$\"loc\"\n";
    const mcp_push::TempHome home;
    const auto path = home.write("config.sh", text);
    const auto bash =
        mcp_push::run_program({"bash", "-c", "set -a; . \"$0\" >&2; env -0", path}, mcp_push::Millis(10'000));
    REQUIRE(bash);
    std::map<std::string, std::string> expected;
    for (const auto entry : mcp_push::split(bash->standard_output, '\0')) {
        if (entry.find('=') == 1) expected[std::string(entry.substr(0, 1))] = entry.substr(2);
    }
    const auto file = parse_shell_file(text);
    CHECK(file.faults.empty());
    for (const char letter : std::string("ABCDEFGHIJKMN")) {
        const std::string name(1, letter);
        CAPTURE(name);
        CHECK(value_of(file, name) == expected[name]);
    }
}
