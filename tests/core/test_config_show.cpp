// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/config/options.hpp"
#include "core/config/shell_file.hpp"
#include "core/config/show.hpp"
#include "tests/core/config_specs.hpp"

#include <doctest/doctest.h>

using namespace mcp_push::test_config;
using mcp_push::Config;
using mcp_push::TempHome;

namespace {

std::string row(const std::vector<mcp_push::ShowRow>& rows, std::string_view key) {
    for (const auto& one : rows) {
        if (one.key == key) return one.value + " <- " + one.origin;
    }
    return "(absent)";
}

/// The file with the sign before every line that is not prose removed.
std::string enabled(const std::string& text) {
    std::string result;
    for (auto line : mcp_push::split(text, '\n')) {
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#') line.remove_prefix(1);
        result += std::string(line) + "\n";
    }
    return result;
}

std::string example_file() {
    return mcp_push::read_file(std::string(MCP_PUSH_SOURCE_DIR) + "/config.sh.example").value_or("");
}

} // namespace

TEST_CASE("config show: every value with its origin, secrets masked") {
    TempHome home;
    home.set("MCP_PUSH_BOTH", "yes");
    home.set("MCP_PUSH_PROXY", "http://user:hunter2hunter2@proxy:1");
    home.set("DD_BOT_TOKEN", "hunter2hunter2");
    home.write(k_toml,
               "[rules]\nthreshold = 90\n[[rules.when]]\nagent = \"codex\"\nthreshold = \"never\"\n[routes]\ndefault = "
               "[\"phone\"]\n"
               "[channels.phone]\ntype = \"telegram\"\ntoken = \"hunter2hunter2\"\nchat_id = 42\nthreshold = "
               "\"5m\"\nevents = [\"end\"]\n"
               "enabled = false\n[channels.b]\ntype = \"wecom\"\nkey = { command = [\"pass\", \"hunter2\"] }\n"
               "[channels.x]\ntype = \"new\"\nanything = \"hunter2hunter2\"\n[project.names]\n\"/w\" = \"W\"\n");
    const auto rows = mcp_push::show_rows(load(home), k_specs);
    CHECK(row(rows, "rules.threshold") == "90s <- ~/.config/mcp-push/config.toml:2");
    CHECK(row(rows, "rules.both") == "true <- environment MCP_PUSH_BOTH");
    CHECK(row(rows, "http.timeout") == "20s <- default");
    CHECK(row(rows, "http.proxy") == "http://[redacted]@proxy:1 <- environment MCP_PUSH_PROXY");
    CHECK(row(rows, "delivery.schedule") == "2s, 5s, 15s, 60s, 5m, 30m, 2h, 5h, 10h, 10h <- default");
    CHECK(row(rows, "channels.phone.token") == "hunt… <- ~/.config/mcp-push/config.toml:8");
    CHECK(row(rows, "channels.phone.chat_id") == "42 <- ~/.config/mcp-push/config.toml:8");
    CHECK(row(rows, "channels.phone.enabled") == "false <- ~/.config/mcp-push/config.toml:8");
    CHECK(row(rows, "channels.phone.threshold") == "5m <- ~/.config/mcp-push/config.toml:8");
    CHECK(row(rows, "channels.dingding_bot.token") == "hunt… <- environment DD_BOT_TOKEN");
    CHECK(has(row(rows, "channels.b.key"), "{ command = [\"pass\", …] }"));
    CHECK(has(row(rows, "channels.x.anything"), "hunt…"));
    CHECK(has(row(rows, "routes.default"), "phone <- ~/.config/mcp-push/config.toml:7"));
    CHECK(has(row(rows, "rules.when[0]"), "agent = codex, threshold = never"));
    CHECK(has(row(rows, "project.names./w"), "W"));
    for (const auto& one : rows)
        CHECK(!has(one.value, "hunter2"));
}

TEST_CASE("config init: the file it writes reads without a problem, as it is and with every line in force") {
    const TempHome home;
    const auto text = mcp_push::initial_config(k_specs);
    home.write(k_toml, text);
    CHECK(problems(load(home)).empty());
    CHECK(load(home).origins.empty());
    home.write(k_toml, enabled(text));
    const Config config = load(home);
    CHECK(problems(config).empty());
    CHECK(names(config) == "desk phone");
    for (const auto& option : mcp_push::options()) {
        CAPTURE(option.key);
        CHECK(config.origins.contains(std::string(option.key)));
    }
    for (const auto line : mcp_push::split(text, '\n'))
        CHECK(line.size() <= 120);
}

TEST_CASE("config reference: the page has every option and every variable") {
    const auto page = mcp_push::config_reference();
    for (const auto& option : mcp_push::options()) {
        CHECK(has(page, "| `" + std::string(option.key) + "` |"));
        CHECK(has(page, option.env));
    }
    for (const auto& key : mcp_push::common_channel_keys())
        CHECK(has(page, "| `" + std::string(key.key) + "` |"));
}

TEST_CASE("config.sh.example: nothing is set as shipped, and every line can be put in force") {
    TempHome home;
    const auto text = example_file();
    REQUIRE(!text.empty());
    CHECK(mcp_push::parse_shell_file(text).variables.empty());
    CHECK(mcp_push::parse_shell_file(text).faults.empty());

    home.write(k_shell, enabled(text));
    const Config config = load(home);
    CHECK(problems(config).empty());
    CHECK(names(config) == "console telegram_bot dingding_bot feishu_bot wecom_bot custom_notify");
    CHECK(find(config, "custom_notify")->settings.at("headers") ==
          "Authorization: Bearer your-token\nX-Source: mcp-push");
    CHECK(find(config, "custom_notify")->settings.at("body") == "{\"title\": \"$title\", \"text\": \"$content\"}");
    CHECK(config.rules.skip_titles == std::vector<std::string>{"任务完成", "Nightly backup"});
}

TEST_CASE("config.sh.example: it knows every variable of the channels and of the options, and shows the defaults") {
    const auto parsed = mcp_push::parse_shell_file(enabled(example_file()));
    const auto value_of = [&](std::string_view name) {
        const auto found = std::ranges::find(parsed.variables, name, &mcp_push::ShellVariable::name);
        return found == parsed.variables.end() ? std::string() : found->value;
    };
    for (const auto* const spec : k_specs) {
        for (const auto& field : spec->fields) {
            CAPTURE(field.env);
            CHECK(!value_of(field.env).empty());
        }
    }
    Config config;
    for (const auto& option : mcp_push::options()) {
        if (option.env.empty()) continue;
        CAPTURE(option.env);
        CHECK(!value_of(option.env).empty());
        const auto before = option.get(config);
        REQUIRE(option.set(option, config, value_of(option.env)));
        if (!before.empty()) CHECK(option.get(config) == before);
    }
}
