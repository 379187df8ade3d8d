// SPDX-License-Identifier: MIT
#include "core/config/toml_file.hpp"

#include <doctest/doctest.h>

using mcp_push::parse_toml;
using mcp_push::TomlValue;

TEST_CASE("toml: every value knows the place of its key") {
    const auto document =
        parse_toml("language = \"zh\"\n[rules]\n  threshold = 90\n[[rules.when]]\nevent = [\"end\"]\n");
    REQUIRE(document.faults.empty());
    const TomlValue* const rules = document.root.find("rules");
    REQUIRE(rules != nullptr);
    const TomlValue* const threshold = rules->find("threshold");
    REQUIRE(threshold != nullptr);
    CHECK(threshold->line == 3);
    CHECK(threshold->column == 3);
    CHECK(threshold->text == "90");
    const TomlValue* const when = rules->find("when");
    REQUIRE(when != nullptr);
    REQUIRE(when->items.size() == 1);
    CHECK(when->items[0].line == 4);
    CHECK(when->items[0].find("event")->items[0].text == "end");
}

TEST_CASE("toml: tables come in the order of the file") {
    const auto document = parse_toml("[channels.zeta]\na = 1\n[channels.alpha]\na = true\n[channels.mid]\na = 1.5\n");
    const auto& channels = document.root.find("channels")->members;
    REQUIRE(channels.size() == 3);
    CHECK(channels[0].key == "zeta");
    CHECK(channels[1].key == "alpha");
    CHECK(channels[1].value.find("a")->text == "true");
    CHECK(channels[2].value.find("a")->text == "1.5");
}

TEST_CASE("toml: a slip in one table leaves the others readable, with their true lines") {
    const auto document = parse_toml("language = \"en\"\n"
                                     "[channels.phone]\ntoken = SEC123secret\n"
                                     "[channels.desk]\ntype = \"desktop\"\n"
                                     "[channels.work]\ntype = \"x\"\ntype = \"y\"\n"
                                     "[rules]\nthreshold = \"5s\"\n");
    REQUIRE(document.faults.size() == 2);
    CHECK(document.faults[0].line == 3);
    CHECK(document.faults[0].section == "channels.phone");
    CHECK(document.faults[1].line == 8);
    CHECK(document.faults[1].section == "channels.work");
    CHECK(document.root.find("language")->text == "en");
    const TomlValue* const channels = document.root.find("channels");
    REQUIRE(channels != nullptr);
    CHECK(channels->members.size() == 1);
    CHECK(channels->find("desk")->find("type")->line == 5);
    CHECK(document.root.find("rules")->find("threshold")->text == "5s");
}

TEST_CASE("toml: a fault never quotes the file") {
    for (const auto* const text :
         {"token = falsehood123", "token = SEC123", "token = 12:ab:hunter2", "token = 0xhunter2", "token = \"hunter2",
          "token = hunter2\nx", "token = 99999999999999999999", "t = \"\\hunter2\"", "[a]\nx=1\n[a]\n", "hunter2",
          "token = 'hunter2' hunter2", "t = '''hunter2"}) {
        const auto document = parse_toml(text);
        CAPTURE(text);
        REQUIRE(!document.faults.empty());
        const auto& message = document.faults[0].message;
        CHECK(!message.empty());
        for (const auto* const part : {"hunter", "SEC", "hood", "999"})
            CHECK(message.find(part) == std::string::npos);
    }
}

TEST_CASE("toml: what is nested without end is refused and does no harm") {
    std::string keys = "[a";
    for (int i = 0; i < 200'000; ++i)
        keys += ".a";
    std::string arrays = "x = ";
    for (int i = 0; i < 200'000; ++i)
        arrays += "[";
    std::string tables = "x = ";
    for (int i = 0; i < 100'000; ++i)
        tables += "{ a.a.a.a = [\n";
    for (const auto& text : {keys, arrays, tables})
        CHECK(!parse_toml(text).faults.empty());
    const auto rest = parse_toml(keys + "]\nx = 1\n[channels.desk]\ntype = \"desktop\"\n");
    REQUIRE(rest.root.find("channels") != nullptr);
}

TEST_CASE("toml: any bytes give an answer") {
    for (const auto& text :
         {std::string(), std::string("\0\0", 2), std::string("\xff\xfe\xfd"), std::string(5000, '['),
          std::string("\xEF\xBB\xBF"), std::string("a\r\nb\r"), std::string("[\n[\n[\n"), std::string("= = =")}) {
        const auto document = parse_toml(text);
        CHECK(document.root.is_table());
    }
}
