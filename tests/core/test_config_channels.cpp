// SPDX-License-Identifier: MIT
#include "core/config/config.hpp"
#include "tests/core/config_specs.hpp"

#include <doctest/doctest.h>

using namespace mcp_push::test_config;
using mcp_push::ChannelConfig;
using mcp_push::Config;
using mcp_push::EventKind;
using mcp_push::Language;
using mcp_push::Millis;
using mcp_push::Privacy;
using mcp_push::SecretRef;
using mcp_push::TempHome;

TEST_CASE("channels: a table has its type's settings and what every channel may have") {
    TempHome home;
    home.write(k_toml, R"([channels.phone]
type = "Telegram"
token = "123:abc"
chat-id = -100123
enabled = true
threshold = "5m"
events = ["error", "needs_action"]
privacy = "metadata"
language = "zh"
proxy = "http://127.0.0.1:3128"
timeout = "5s"
base_url = "https://tg.example"

[channels.hook]
type = "webhook"
url = "https://example.com/$title"
method = "POST"
headers = ["A: 1", "B: 2"]
body = ["x", "y"]

[channels.desk]
type = "notify_send"
enabled = false
)");
    const Config config = load(home);
    CHECK(problems(config).empty());
    CHECK(names(config) == "phone hook desk");
    const ChannelConfig& phone = *find(config, "phone");
    CHECK(phone.type == "telegram_bot");
    CHECK(phone.origin == "~/.config/mcp-push/config.toml:1");
    CHECK(phone.environment_key.empty());
    CHECK(phone.settings.at("token") == "123:abc");
    CHECK(phone.settings.at("chat_id") == "-100123");
    CHECK(phone.settings.at("proxy") == "http://127.0.0.1:3128");
    CHECK(phone.settings.at("timeout") == "5s");
    CHECK(phone.settings.at("base_url") == "https://tg.example");
    CHECK(phone.settings.size() == 5);
    CHECK(phone.threshold->after == Millis(300'000));
    CHECK(phone.events == std::vector<EventKind>{EventKind::error, EventKind::needs_user_action});
    CHECK(phone.privacy == Privacy::metadata);
    CHECK(phone.language == Language::chinese);
    CHECK(find(config, "hook")->settings.at("headers") == "A: 1\nB: 2");
    CHECK(find(config, "hook")->settings.at("body") == "x;y");
    CHECK(find(config, "desk")->type == "desktop");
    CHECK(!find(config, "desk")->enabled);
}

TEST_CASE("channels: one bad table never silences the others") {
    TempHome home;
    home.write(k_toml, R"([channels.a]
type = "telegran"
token = "x"
[channels.b]
token = "x"
[channels.c]
type = "dingtalk"
tokn = "x"
[channels.d]
type = "feishu"
key = "abc"
privacy = "ful"
threshold = "x"
events = ["endd"]
FSSECRET = "s"
[channels.e]
type = "feishu"
key = unquoted
[channels.f]
type = "wecom"
key = "abc"
[channels]
g = "feishu"
"" = { type = "feishu" }
)");
    const Config config = load(home);
    const auto found = problems(config);
    CHECK(has(found, ":2:1: channels.a: there is no channel type \"telegran\" (did you mean telegram?) [a]"));
    CHECK(has(found, ":4:11: channels.b has no type"));
    CHECK(has(found, ":8:1: channels.c.tokn is not known (did you mean token?)\n"));
    CHECK(has(found, ":6: channels.c.token is missing (Access token) (set token = \"...\" in [channels.c]) [c]"));
    CHECK(has(found, ":12:1: channels.d.privacy: \"ful\" is not a privacy level"));
    CHECK(has(found, ":13:1: channels.d.threshold: \"x\" is not a duration or never"));
    CHECK(has(found, ":14:1: channels.d.events: \"endd\" is not an event"));
    CHECK(has(found, ":15:1: channels.d.FSSECRET is not known (in this file write secret)"));
    CHECK(has(found, "[channels.e] is left out (texts need quotes: key = \"value\") [e]"));
    CHECK(has(found, "channels.g is not a table"));
    CHECK(has(found, "a channel cannot be called \"\""));
    CHECK(names(config) == "a c d f");
    CHECK(find(config, "a")->type == "telegran");
    CHECK(find(config, "d")->privacy == Privacy::none);
    CHECK(find(config, "d")->events.empty());
}

TEST_CASE("channels: a table named like a type needs no type") {
    TempHome home;
    home.write(k_toml, "[channels.dingtalk]\ntoken = \"x\"\n");
    CHECK(problems(load(home)).empty());
    CHECK(find(load(home), "dingtalk")->type == "dingding_bot");
}

TEST_CASE("channels: the original programs' variables alone configure them, in Chinese") {
    TempHome home;
    home.set("TG_BOT_TOKEN", "123:abc");
    home.set("TG_USER_ID", "42");
    home.set("DD_BOT_TOKEN", "dd");
    home.set("QYWX_ORIGIN", "https://proxy.example");
    const Config config = load(home);
    CHECK(problems(config).empty());
    CHECK(names(config) == "telegram_bot dingding_bot");
    const ChannelConfig& telegram = *find(config, "telegram_bot");
    CHECK(telegram.type == "telegram_bot");
    CHECK(telegram.settings == decltype(telegram.settings){{"chat_id", "42"}, {"token", "123:abc"}});
    CHECK(telegram.origin == "environment TG_BOT_TOKEN");
    CHECK(telegram.environment_key.size() == 16);
    CHECK(telegram.language == Language::chinese);
    CHECK(config.language == Language::chinese);
    CHECK(config.origins.at("language") == "the original programs' variables");
    home.write(k_toml, "");
    CHECK(load(home).language == Language::english);
}

TEST_CASE("channels: newer names of the variables work and say nothing about the language") {
    TempHome home;
    home.set("TELEGRAM_BOT_TOKEN", "123:abc");
    home.set("TELEGRAM_CHAT_ID", "42");
    CHECK(names(load(home)) == "telegram_bot");
    CHECK(load(home).language == Language::english);
    home.set("TG_USER_ID", "43");
    CHECK(find(load(home), "telegram_bot")->settings.at("chat_id") == "43");
    home.write(k_shell, "export TG_BOT_TOKEN=from-file\n");
    CHECK(find(load(home), "telegram_bot")->settings.at("token") == "123:abc");
}

TEST_CASE("channels: a half configured one is named with what is missing") {
    TempHome home;
    home.set("TG_BOT_TOKEN", "123:abc");
    home.set("DD_BOT_SECRET", "SEC");
    home.set("QYWX_ORIGIN", "https://x");
    const Config config = load(home);
    CHECK(config.channels.empty());
    CHECK(
        problems(config) ==
        "environment TG_BOT_TOKEN: telegram_bot is half configured: TG_USER_ID is not set (set it beside TG_BOT_TOKEN) "
        "[telegram_bot]\n"
        "environment DD_BOT_SECRET: dingding_bot is half configured: DD_BOT_TOKEN is not set (set it beside "
        "DD_BOT_SECRET) [dingding_bot]\n");
    home.write(k_shell, "export TG_USER_ID=42\n");
    CHECK(names(load(home)) == "telegram_bot");
}

TEST_CASE("channels: CONSOLE is on for words that mean yes") {
    TempHome home;
    for (const auto* const word : {"false", "0", "no", "off", ""}) {
        home.set("CONSOLE", word);
        CHECK(load(home).channels.empty());
    }
    home.set("CONSOLE", "true");
    CHECK(names(load(home)) == "console");
    CHECK(find(load(home), "console")->settings.empty());
    CHECK(find(load(home), "console")->environment_key.size() == 16);
    home.write(k_shell, "export CONSOLE=1\n");
    CHECK(find(load(home), "console")->environment_key.empty());
    home.set("CONSOLE", "false");
    CHECK(load(home).channels.empty());
}

TEST_CASE("channels: a key marks what only this environment has") {
    TempHome home;
    home.write(k_shell, "export TG_BOT_TOKEN=abc\nexport TG_USER_ID=42\n");
    CHECK(find(load(home), "telegram_bot")->environment_key.empty());
    CHECK(find(load(home), "telegram_bot")->origin == "~/.config/mcp-push/config.sh:1");
    home.set("TG_BOT_TOKEN", "abc");
    CHECK(find(load(home), "telegram_bot")->environment_key.empty());
    home.set("TG_BOT_TOKEN", "other");
    const auto one = find(load(home), "telegram_bot")->environment_key;
    CHECK(one.size() == 16);
    CHECK(find(load(home), "telegram_bot")->environment_key == one);
    home.set("TG_BOT_TOKEN", "third");
    const auto other = find(load(home), "telegram_bot")->environment_key;
    CHECK(other.size() == 16);
    CHECK(other != one);
}

TEST_CASE("channels: variables add none that the file has under that name or for that target") {
    TempHome home;
    home.set("TG_BOT_TOKEN", "123:abc");
    home.set("TG_USER_ID", "42");
    home.write(k_toml, "[channels.telegram_bot]\ntype = \"telegram\"\ntoken = \"other\"\nchat_id = \"1\"\n");
    CHECK(names(load(home)) == "telegram_bot");
    CHECK(find(load(home), "telegram_bot")->settings.at("token") == "other");
    home.write(k_toml, "[channels.telegram_bot]\nenabled = false\n");
    CHECK(!find(load(home), "telegram_bot")->enabled);
    CHECK(problems(load(home)).empty());
    home.write(k_toml, "[channels.phone]\ntype = \"telegram\"\ntoken = { env = \"TG_BOT_TOKEN\" }\nchat_id = 42\n");
    CHECK(names(load(home)) == "phone");
    home.write(k_toml, "[channels.phone]\ntype = \"telegram\"\ntoken = \"other\"\nchat_id = 42\n");
    CHECK(names(load(home)) == "phone telegram_bot");
    home.unset("TG_USER_ID");
    CHECK(names(load(home)) == "phone");
    CHECK(problems(load(home)).empty());
}

TEST_CASE("channels: secrets may be references") {
    TempHome home;
    home.write(k_toml, R"([channels.a]
type = "feishu"
key = { command = ["pass", "show", "x"] }
secret = { keyring = "feishu" }
[channels.b]
type = "feishu"
key = { file = "~/key" }
secret = { file = "key" }
[channels.c]
type = "feishu"
key = { env = "MY_KEY" }
[channels.d]
type = "feishu"
key = { environment = "MY_KEY" }
secret = { command = "pass show x" }
[channels.e]
type = "feishu"
key = { command = [] }
)");
    home.set("MY_KEY", "from-environment");
    const Config config = load(home);
    const ChannelConfig& a = *find(config, "a");
    CHECK(a.references.at("key") == SecretRef{SecretRef::Kind::command, {"pass", "show", "x"}});
    CHECK(a.references.at("secret") == SecretRef{SecretRef::Kind::keyring, {"feishu"}});
    CHECK(a.settings.empty());
    CHECK(a.environment_key.empty());
    const ChannelConfig& b = *find(config, "b");
    CHECK(b.references.at("key").words == std::vector<std::string>{home.path("key")});
    CHECK(b.references.at("secret").words == std::vector<std::string>{home.path(".config/mcp-push/key")});
    const ChannelConfig& c = *find(config, "c");
    CHECK(c.settings.at("key") == "from-environment");
    CHECK(c.references.empty());
    CHECK(c.environment_key.size() == 16);
    CHECK(find(config, "d")->references.at("secret").words == std::vector<std::string>{"pass show x"});
    const auto found = problems(config);
    CHECK(has(found, ":14:1: channels.d.key is neither a text nor a reference (write a text, or { env ="));
    CHECK(has(found, "channels.d.key is missing (Key)"));
    CHECK(has(found, "channels.e.key is neither a text nor a reference"));
    CHECK(!has(found, "channels.a"));
    home.unset("MY_KEY");
    CHECK(has(problems(load(home)),
              "channels.c.key: the variable MY_KEY is not set (set it where the agent is started) [c]"));
    CHECK(find(load(home), "c")->references.at("key").words == std::vector<std::string>{"MY_KEY"});
    home.write(k_shell, "MY_KEY=kept\n");
    CHECK(find(load(home), "c")->settings.at("key") == "kept");
    CHECK(find(load(home), "c")->environment_key.empty());
}

TEST_CASE("routes: names that do not exist are named and dropped") {
    TempHome home;
    home.set("DD_BOT_TOKEN", "dd");
    home.write(k_toml, "[routes]\ndefault = [\"phone\", \"dingding_bot\", \"phnoe\"]\nurgent = \"desk\"\nnone = []\n"
                       "bad = { x = 1 }\n[channels.phone]\ntype = \"feishu\"\nkey = \"a\"\n");
    const Config config = load(home);
    CHECK(config.routes.at("default") == std::vector<std::string>{"phone", "dingding_bot"});
    CHECK(!config.routes.contains("urgent"));
    CHECK(config.routes.at("none").empty());
    CHECK(!config.routes.contains("bad"));
    const auto found = problems(config);
    CHECK(has(found, "config.toml:2:1: routes.default: there is no channel \"phnoe\" (did you mean phone?)"));
    CHECK(has(found, "routes.urgent: there is no channel \"desk\""));
    CHECK(has(found, "routes.bad is not of the right kind"));
}

TEST_CASE("channels: no problem ever quotes a secret") {
    TempHome home;
    home.set("TG_BOT_TOKEN", "hunter2");
    home.write(k_shell, "export DD_BOT_TOKEN=hunter2$(x)\nexport FSKEY='hunter2\nexport QYWX_KEY=hunter2 hunter2\n");
    home.write(
        k_toml,
        "[channels.a]\ntype = \"feishu\"\nkey = hunter2\n[channels.b]\ntype = \"telegram\"\ntoken = \"hunter2\"\n"
        "[channels.c]\ntype = \"wecom\"\nkey = { x = \"hunter2\" }\n[channels.d]\ntype = \"wecom\"\nkey = "
        "[[\"hunter2\"]]\n"
        "[channels.e]\ntype = \"wecm\"\nkey = \"hunter2\"\n");
    const auto found = problems(load(home));
    CHECK(found.size() > 400);
    CHECK(!has(found, "hunter"));
}

TEST_CASE("channels: with nothing configured the desktop is told, where somebody sits at one") {
    TempHome home;
    CHECK(names(load(home)).empty());
    home.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus");
    CHECK(names(load(home)).empty());
    home.set("WAYLAND_DISPLAY", "wayland-0");
    const Config config = load(home);
    REQUIRE(names(config) == "desktop");
    CHECK(find(config, "desktop")->type == "desktop");
    // A deliverer that is started elsewhere must find it all the same.
    CHECK_FALSE(find(config, "desktop")->environment_key.empty());

    home.set("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22");
    CHECK(names(load(home)).empty());
    home.set("SSH_CONNECTION", "");
    home.write(k_toml,
               "[channels.phone]\ntype = \"telegram\"\ntoken = \"123:abc\"\nchat_id = \"1\"\nenabled = false\n");
    CHECK(names(load(home)) == "phone");
}
