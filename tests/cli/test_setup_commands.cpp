// SPDX-License-Identifier: MIT
// channels, config, demo and the pages: what a person meets on the first day.
#include "cli/help.hpp"
#include "tests/cli/program.hpp"

#include <sys/stat.h>

namespace mcp_push {
namespace {

unsigned mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
}

TEST_CASE("demo: a turn of 75 seconds goes through the real hook into the inbox, and no channel is used") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    const auto shown = mcp_push({"demo", "--fast"});
    CHECK(shown.exit_code == 0);
    CHECK(shown.says("success over 60 s: notify_send + notify_event"));
    CHECK(shown.says("Task finished · demo-project · 1 min 15 s"));
    CHECK(shown.says("812 tests"));
    const auto rows = mcp_push.json({"inbox", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["title"].get<std::string>().find("Task finished") != std::string::npos);
    CHECK(webhook.count() == 0);
    CHECK(mcp_push({"why"}).says("success over 60 s"));
    const auto json = mcp_push.json({"demo", "--json", "--fast"});
    CHECK(json["rule"] == "success over 60 s: notify_send + notify_event");
    CHECK(json["id"] == mcp_push.json({"inbox", "--json"})[0]["id"]);
}

TEST_CASE("demo: without the hook it says what is missing") {
    Program mcp_push;
    mcp_push.home.set("PATH", "/usr/bin:/bin");
    const auto ended = mcp_push({"demo", "--fast"});
    CHECK(ended.exit_code == 66);
    CHECK(ended.complains("mcp-push-hook is not to be found"));
}

TEST_CASE("config init: writes a private file that reads without a problem, and never over another") {
    Program mcp_push;
    const auto file = mcp_push.home.path(".config/mcp-push/config.toml");
    CHECK(mcp_push({"config", "init", "--print"}).says("[rules]"));
    CHECK_FALSE(file_exists(file));
    CHECK(mcp_push({"config", "init"}).says(file));
    CHECK(mode_of(file) == 0600);
    CHECK(mcp_push({"config", "check"}).exit_code == 0);
    const auto again = mcp_push({"config", "init"});
    CHECK(again.exit_code == 78);
    CHECK(again.complains("is there already"));
    CHECK(mcp_push({"config", "path"}).out == file + "\n");
    CHECK(mcp_push.json({"config", "path", "--json"})["config_file"] == file);
}

TEST_CASE("config check: names file, line, key and remedy of each problem") {
    Program mcp_push;
    mcp_push.write_config("[rules]\nthresold = \"5s\"\n[channels.phone]\ntype = \"telgram\"\n"
                          "[channels.desk]\ntype = \"dingtalk\"\n");
    const auto shown = mcp_push({"config", "check"});
    CHECK(shown.exit_code == 78);
    CHECK(shown.says("~/.config/mcp-push/config.toml:2:1: rules.thresold is not known\n  did you mean threshold?"));
    CHECK(shown.says("no channel type \"telgram\"\n  did you mean telegram?"));
    CHECK(shown.says("channels.desk.token is missing"));
    const auto json = mcp_push({"config", "check", "--json"});
    CHECK(json.exit_code == 78);
    CHECK(json.json().size() == 3);
    CHECK(json.json()[1]["channel"] == "phone");
}

TEST_CASE("config show: every value with its origin, secrets masked") {
    Program mcp_push;
    mcp_push.write_config("[rules]\nthreshold = \"5s\"\n[channels.phone]\ntype = \"telegram\"\n"
                          "token = \"123456789:AAsecretsecretsecret\"\nchat_id = \"42\"\n");
    mcp_push.home.set("MCP_PUSH_LANGUAGE", "zh");
    const auto shown = mcp_push({"config", "show"});
    CHECK_FALSE(shown.says("secretsecret"));
    const auto rows = mcp_push.json({"config", "show", "--json"});
    const auto value = [&](const std::string& key) {
        for (const auto& row : rows) {
            if (row["key"] == key) return row["value"].get<std::string>() + " " + row["origin"].get<std::string>();
        }
        return std::string();
    };
    CHECK(value("rules.threshold") == "5s ~/.config/mcp-push/config.toml:2");
    CHECK(value("language") == "zh environment MCP_PUSH_LANGUAGE");
    CHECK(value("http.timeout").ends_with(" default"));
    CHECK(value("channels.phone.chat_id").starts_with("42 "));
    CHECK(value("channels.phone.token").find("secret") == std::string::npos);
}

TEST_CASE("config import: an original config.sh becomes a config.toml that means the same; nothing in it is run") {
    Program mcp_push;
    const auto file = mcp_push.home.write("config.sh", "export DD_BOT_TOKEN=abcdef123456\nDD_BOT_SECRET='SECx\"y'\n"
                                                       "X=$(touch " +
                                                           mcp_push.home.path("ran") + ")\nHITOKOTO=true\n");
    const auto printed = mcp_push({"config", "import", file});
    CHECK(printed.exit_code == 0);
    CHECK(printed.says("type = \"dingding_bot\""));
    CHECK(printed.complains(":3: X: "));
    CHECK_FALSE(file_exists(mcp_push.home.path("ran")));
    CHECK(mcp_push({"config", "import", "-"}, printed.out).exit_code == 65);
    CHECK(mcp_push({"config", "import", "--write", file}).exit_code == 0);
    CHECK(mode_of(mcp_push.home.path(".config/mcp-push/config.toml")) == 0600);
    CHECK(mcp_push.home.read(".config/mcp-push/config.toml") == printed.out);
    CHECK(mcp_push({"config", "check"}).says("no problem; 1 channel"));
    CHECK(mcp_push({"config", "import", "--write", file}).exit_code == 78);
    CHECK(mcp_push({"config", "import", "/no/such/file"}).exit_code == 66);
}

TEST_CASE("config import: without a file it keeps what the terminal's variables configure") {
    Program mcp_push;
    CHECK(mcp_push({"config", "import"}).exit_code == 65);
    mcp_push.home.set("DD_BOT_TOKEN", "abcdef123456");
    mcp_push.home.set("MCP_PUSH_THRESHOLD", "5m");
    CHECK(mcp_push({"config", "import", "--write"}).exit_code == 0);
    mcp_push.home.unset("DD_BOT_TOKEN");
    mcp_push.home.unset("MCP_PUSH_THRESHOLD");
    CHECK(mcp_push({"channels"}).says("~/.config/mcp-push/config.toml"));
    CHECK(mcp_push({"config", "show"}).says("5m"));
}

TEST_CASE("config trust: a project's file names channels only once its folder is trusted, and only as it was then") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.home.write("work/.mcp-push.toml", webhook.table("theirs"));
    CHECK(mcp_push({"send", "Hello"}).exit_code == 78);
    CHECK(webhook.count() == 0);
    CHECK(mcp_push({"config", "trust", "."}).exit_code == 0);
    CHECK(mcp_push({"send", "Hello"}).exit_code == 0);
    CHECK(webhook.count() == 1);
    mcp_push.home.write("work/.mcp-push.toml", webhook.table("theirs", "/changed"));
    CHECK(mcp_push({"send", "Hello"}).exit_code == 78);
    CHECK(mcp_push({"config", "trust", "."}).exit_code == 0);
    CHECK(mcp_push({"config", "trust", "--remove", "."}).exit_code == 0);
    CHECK(mcp_push({"send", "Hello"}).exit_code == 78);
    CHECK(webhook.count() == 1);
    CHECK(mcp_push({"config", "trust", "/no/such/folder"}).exit_code == 66);
}

TEST_CASE("channels: types, aliases and what is configured, with its trouble") {
    Program mcp_push;
    CHECK(mcp_push({"channels"}).says("No channel is configured"));
    mcp_push.home.set("TG_BOT_TOKEN", "123456:AAAA");
    mcp_push.home.set("DD_BOT_TOKEN", "abcdef");
    const auto shown = mcp_push({"channels"});
    CHECK(shown.says("dingding_bot"));
    CHECK(shown.says("environment DD_BOT_TOKEN"));
    CHECK(shown.says("telegram_bot is half configured"));
    const auto rows = mcp_push.json({"channels", "--json"});
    REQUIRE(rows.size() >= 8);
    for (const auto& row : rows)
        CHECK(row["configured"].size() == (row["type"] == "dingding_bot" ? 1 : 0));
}

TEST_CASE("channels show: by any of its names, with settings and variables; a wrong name gets the nearest") {
    Program mcp_push;
    const auto shown = mcp_push({"channels", "show", "feishu"});
    CHECK(shown.out == mcp_push({"channels", "show", "feishu_bot"}).out);
    CHECK(shown.says("FSKEY"));
    CHECK(shown.says("(required)"));
    const auto wrong = mcp_push({"channels", "show", "telegrm"});
    CHECK(wrong.exit_code == 66);
    CHECK(wrong.complains("did you mean telegram?"));
    CHECK(mcp_push({"channels", "show"}).exit_code == 64);
}

TEST_CASE("help: every command says what it does and shows an example, and the pages name every one") {
    Program mcp_push;
    const auto page = mcp_push({"man", "commands"});
    const auto manual = mcp_push({"man"});
    each_command(command_specs(), [&](const CommandPath& path) {
        const auto name = command_line_of(path);
        CAPTURE(name);
        const auto help = help_text(path, 100);
        CHECK(help.find("Usage: " + name) != std::string::npos);
        CHECK(help.find("\nExamples:\n") != std::string::npos);
        CHECK_FALSE(path.back()->summary.ends_with('.'));
        CHECK(page.says("```sh\n" + usage_of(path)));
        for (const auto& option : path.back()->options)
            CHECK_FALSE(option.help.empty());
    });
    CHECK(mcp_push({"help", "outbox", "retry"}).out == mcp_push({"outbox", "retry", "--help"}).out);
    CHECK(mcp_push({}).out == mcp_push({"--help"}).out);
    for (const auto* const words : {".SH EXIT STATUS", ".SH ENVIRONMENT", ".SH FILES", "\\fB75\\fR", "config.toml"})
        CHECK(manual.says(words));
    CHECK(mcp_push({"man", "mcp-push-hook"}).says(".TH MCP\\-PUSH\\-HOOK 1"));
    CHECK(mcp_push({"man", "configuration"}).says("`rules.threshold`"));
    CHECK(mcp_push({"man", "novel"}).exit_code == 64);
}

TEST_CASE("completion and version: for each shell a script, for programs JSON") {
    Program mcp_push;
    for (const auto* const shell : {"bash", "zsh", "fish"}) {
        const auto script = mcp_push({"completion", shell});
        CHECK(script.exit_code == 0);
        each_command(command_specs(), [&](const CommandPath& path) {
            CHECK_MESSAGE(script.says(path.back()->name), path.back()->name);
        });
    }
    CHECK(mcp_push({"completion", "tcsh"}).exit_code == 64);
    const auto version = mcp_push.json({"version", "--json"})["version"].get<std::string>();
    CHECK(mcp_push({"version"}).out == "mcp-push " + version + "\n");
    CHECK(mcp_push({"--version"}).out == "mcp-push " + version + "\n");
}

TEST_CASE("output that cannot be written is no success") {
    Program mcp_push;
    const auto ended = mcp_push({"run", "--", "sh", "-c", "\"$0\" version >/dev/full", MCP_PUSH_TEST_PROGRAM});
    CHECK(ended.exit_code == 1);
}

} // namespace
} // namespace mcp_push
