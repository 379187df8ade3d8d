// SPDX-License-Identifier: MIT
#include "core/config/options.hpp"
#include "tests/core/config_specs.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace mcp_push::test_config;
using mcp_push::Config;
using mcp_push::EventKind;
using mcp_push::Language;
using mcp_push::Millis;
using mcp_push::Privacy;
using mcp_push::TempHome;
using mcp_push::Threshold;

TEST_CASE("config: with no file and no variable everything has its default and nothing is wrong") {
    const TempHome home;
    const Config config = load(home, home.path());
    CHECK(config.rules.threshold == Threshold{Millis(60'000)});
    CHECK(config.language == Language::english);
    CHECK(config.privacy == Privacy::full);
    CHECK(!config.hitokoto);
    CHECK(config.channels.empty());
    CHECK(config.origins.empty());
    CHECK(problems(config).empty());
    CHECK(config.config_dir == home.path(".config/mcp-push"));
}

TEST_CASE("config: with no home at all it still works") {
    const Config config =
        mcp_push::load_config({.environment = mcp_push::Environment({{"MCP_PUSH_THRESHOLD", "5"}, {"FSKEY", "abc"}}),
                               .paths = {},
                               .specs = k_specs,
                               .folder = {},
                               .flags = {}});
    CHECK(config.rules.threshold == Threshold{Millis(5'000)});
    CHECK(names(config) == "feishu_bot");
}

TEST_CASE("config: the command line goes before the environment, a project, the user's file and config.sh") {
    TempHome home;
    home.write(k_shell, "export MCP_PUSH_THRESHOLD=1s\n");
    CHECK(load(home).rules.threshold.text() == "1 s");
    CHECK(load(home).origins.at("rules.threshold") == "~/.config/mcp-push/config.sh:1");
    home.write(k_toml, "\n[rules]\nthreshold = \"2s\"\n");
    CHECK(load(home).rules.threshold.text() == "2 s");
    CHECK(load(home).origins.at("rules.threshold") == "~/.config/mcp-push/config.toml:3");
    home.write("work/.mcp-push.toml", "rules.threshold = 3\n");
    CHECK(load(home, home.path("work")).rules.threshold.text() == "3 s");
    CHECK(load(home, home.path("work")).origins.at("rules.threshold") == "~/work/.mcp-push.toml:1");
    CHECK(load(home).rules.threshold.text() == "2 s");
    home.set("MCP_PUSH_THRESHOLD", "4s");
    CHECK(load(home, home.path("work")).rules.threshold.text() == "4 s");
    CHECK(load(home).origins.at("rules.threshold") == "environment MCP_PUSH_THRESHOLD");
    const auto flagged = load(home, home.path("work"), {{"rules.threshold", "5s"}});
    CHECK(flagged.rules.threshold.text() == "5 s");
    CHECK(flagged.origins.at("rules.threshold") == "command line");
    CHECK(problems(flagged).empty());
}

TEST_CASE("config: config.sh goes before .env, and an empty value hides nothing") {
    TempHome home;
    home.write(k_shell, "export MCP_PUSH_THRESHOLD=7\nexport HITOKOTO=\nexport FSKEY=\"\"\n");
    home.write(".config/mcp-push/.env", "MCP_PUSH_THRESHOLD=8\nHITOKOTO=true\nFSKEY=from-dotenv\n");
    home.set("MCP_PUSH_THRESHOLD", "");
    const Config config = load(home);
    CHECK(config.rules.threshold.text() == "7 s");
    CHECK(config.hitokoto);
    REQUIRE(find(config, "feishu_bot") != nullptr);
    CHECK(find(config, "feishu_bot")->settings.at("key") == "from-dotenv");
}

TEST_CASE("config: the threshold is seconds, a duration or never") {
    TempHome home;
    const auto with = [&](std::string_view text) {
        home.set("MCP_PUSH_THRESHOLD", text);
        return load(home);
    };
    CHECK(with("90").rules.threshold.after == Millis(90'000));
    CHECK(with("0").rules.threshold.after == Millis(0));
    CHECK(with("1m30s").rules.threshold.after == Millis(90'000));
    CHECK(with("never").rules.threshold.after == std::nullopt);
    CHECK(with("NEVER").rules.threshold.text() == "never");
    const auto wrong = with("soon");
    CHECK(wrong.rules.threshold.after == Millis(60'000));
    CHECK(problems(wrong) == "environment MCP_PUSH_THRESHOLD: rules.threshold: \"soon\" is not a duration or never "
                             "(write it like 60s, 1m30s, 500ms or 2h; a bare number means seconds)\n");
    CHECK(!problems(with("-5")).empty());
}

TEST_CASE("config: thresholds read as people write them") {
    CHECK(Threshold{Millis(60'000)}.text() == "60 s");
    CHECK(Threshold{Millis(90'000)}.text() == "90 s");
    CHECK(Threshold{Millis(0)}.text() == "0 s");
    CHECK(Threshold{Millis(300'000)}.text() == "5 min");
    CHECK(Threshold{Millis(1'500)}.text() == "1500 ms");
    CHECK(Threshold{std::nullopt}.text() == "never");
    CHECK(mcp_push::duration_text(Millis(100'800'000)) == "28h");
    CHECK(mcp_push::duration_text(Millis(60'000)) == "60s");
    CHECK(mcp_push::duration_text(Millis(300'000)) == "5m");
}

TEST_CASE("config: every option takes back what it gives") {
    for (const auto& option : mcp_push::options()) {
        CAPTURE(option.key);
        Config config;
        const auto text = option.get(config);
        const auto status = option.set(option, config, text);
        CHECK(status.ok());
        CHECK(option.get(config) == text);
        CHECK(!option.help.empty());
        CHECK(!option.format.empty());
    }
}

TEST_CASE("config: the variables of the original programs set what they did") {
    TempHome home;
    home.set("SKIP_PUSH_TITLE", "任务完成\r\nNightly, backup\n\n");
    home.set("MCP_PUSH_TIMEOUT_SEC", "10");
    home.set("HITOKOTO", "False");
    const Config config = load(home);
    CHECK(config.rules.skip_titles == std::vector<std::string>{"任务完成", "Nightly, backup"});
    CHECK(config.http.timeout == Millis(10'000));
    CHECK(!config.hitokoto);
    CHECK(problems(config).empty());
    home.set("MCP_PUSH_TIMEOUT_SEC", "0");
    CHECK(has(problems(load(home)), "http.timeout: \"0\" is out of range (give a duration between 1s and 5m)"));
}

TEST_CASE("config: a whole file is read") {
    TempHome home;
    home.write(k_toml, R"(language = "zh"
privacy = "summary"
hitokoto = true

[rules]
threshold = 120
both = true
background-grace = "2m"
question_lifetime = "30m"
skip_titles = ["a", "b, c"]

[[rules.when]]
project = "big-*"
event = ["end", "error"]
threshold = "10m"

[[rules.when]]
agent = "codex"
branch = "main"
host = "build?"
channel = "phone"
hours = "22-8"
both = false

[http]
timeout = 5.5
connect_timeout = "2s"
proxy = "socks5h://127.0.0.1:1080"
ca_file = "~/ca.pem"

[delivery]
schedule = ["1s", 2, "1h"]
give_up_after = "2h"
probe_every = "10s"

[project]
labels = ["laptop"]
[project.names]
"~/work/shop" = "Shop"
"/srv/*" = "Server"

[store]
[gateway]
)");
    const Config config = load(home);
    CHECK(problems(config).empty());
    CHECK(config.language == Language::chinese);
    CHECK(config.privacy == Privacy::summary);
    CHECK(config.hitokoto);
    CHECK(config.rules.threshold.after == Millis(120'000));
    CHECK(config.rules.both);
    CHECK(config.rules.background_grace == Millis(120'000));
    CHECK(config.rules.question_lifetime == Millis(1'800'000));
    CHECK(config.rules.skip_titles == std::vector<std::string>{"a", "b, c"});
    REQUIRE(config.rules.overrides.size() == 3);
    CHECK(config.rules.overrides[0].event == EventKind::end);
    CHECK(config.rules.overrides[1].event == EventKind::error);
    CHECK(config.rules.overrides[1].project == "big-*");
    CHECK(config.rules.overrides[1].threshold->after == Millis(600'000));
    CHECK(config.rules.overrides[2].event == std::nullopt);
    CHECK(config.rules.overrides[2].agent == "codex");
    CHECK(config.rules.overrides[2].branch == "main");
    CHECK(config.rules.overrides[2].host == "build?");
    CHECK(config.rules.overrides[2].channel == "phone");
    CHECK(config.rules.overrides[2].hours == "22-8");
    CHECK(config.rules.overrides[2].both == false);
    CHECK(config.http.timeout == Millis(5'500));
    CHECK(config.http.connect_timeout == Millis(2'000));
    CHECK(config.http.proxy == "socks5h://127.0.0.1:1080");
    CHECK(config.http.ca_file == home.path("ca.pem"));
    CHECK(config.delivery.schedule == std::vector<Millis>{Millis(1'000), Millis(2'000), Millis(3'600'000)});
    CHECK(config.delivery.give_up_after == Millis(7'200'000));
    CHECK(config.delivery.probe_every == Millis(10'000));
    CHECK(config.labels == std::vector<std::string>{"laptop"});
    CHECK(config.project_names.at(home.path("work/shop")) == "Shop");
    CHECK(config.project_names.at(home.path("work/shop/*")) == "Shop");
    CHECK(config.project_names.at("/srv/*") == "Server");
}

TEST_CASE("config: an unknown key is named with its place and the nearest known one") {
    TempHome home;
    home.write(k_toml,
               "privcy = \"none\"\nthreshold = 5\n[rules]\n  treshold = \"5s\"\nxyzzy = 1\n[htp]\nproxy = \"\"\n"
               "[store]\npath = \"/x\"\n[rule]\nx = 1\n");
    const auto found = problems(load(home));
    CHECK(has(found, "~/.config/mcp-push/config.toml:1:1: privcy is not known (did you mean privacy?)"));
    CHECK(has(found, "config.toml:2:1: threshold is not known (write it under [rules])"));
    CHECK(has(found, "config.toml:4:3: rules.treshold is not known (did you mean threshold?)"));
    CHECK(has(found, "config.toml:5:1: rules.xyzzy is not known (see mcp-push config init)"));
    CHECK(has(found, "config.toml:6:2: htp is not known (did you mean http?)"));
    CHECK(has(found, "config.toml:9:1: store.path is not used by this version"));
    CHECK(has(found, "config.toml:10:2: rule is not known (did you mean rules?)"));
    CHECK(load(home).rules.threshold.after == Millis(60'000));
}

TEST_CASE("config: a value of the wrong kind is named and the rest is read") {
    TempHome home;
    home.write(
        k_toml,
        "language = \"klingon\"\nhitokoto = \"maybe\"\nrules = 5\nroutes = [1]\nchannels = 1\n[http]\n"
        "timeout = { a = 1 }\nconnect_timeout = [1, 2]\nproxy = 1979-05-27\n[delivery]\nprobe_every = \"10s\"\n");
    const Config config = load(home);
    const auto found = problems(config);
    CHECK(has(found, ":1:1: language: \"klingon\" is not a language of the messages (write en or zh)"));
    CHECK(has(found, ":2:1: hitokoto: \"maybe\" is not true or false"));
    CHECK(has(found, ":3:1: rules is not known"));
    CHECK(has(found, ":4:1: routes is not of the right kind"));
    CHECK(has(found, ":5:1: channels is not of the right kind"));
    CHECK(has(found, ":7:1: http.timeout is not of the right kind (give a duration)"));
    CHECK(has(found, ":8:1: http.connect_timeout is not of the right kind"));
    CHECK(has(found, ":9:1: http.proxy is not of the right kind"));
    CHECK(config.delivery.probe_every == Millis(10'000));
}

TEST_CASE("config: a rule with a part that is not understood does not hold for everything") {
    TempHome home;
    home.write(
        k_toml,
        "[[rules.when]]\nevent = \"ends\"\nthreshold = \"never\"\n[[rules.when]]\nprojct = \"x\"\nthreshold = 0\n"
        "[[rules.when]]\nhours = \"late\"\nthreshold = 0\n[[rules.when]]\nagent = \"x\"\n[[rules.when]]\nthreshold = "
        "1\n");
    const Config config = load(home);
    const auto found = problems(config);
    CHECK(has(found, ":2:1: rules.when.event: \"ends\" is not an event (one of start, update, end"));
    CHECK(has(found, ":5:1: rules.when.projct is not known (did you mean project?)"));
    CHECK(has(found, ":8:1: rules.when.hours: \"late\" are no hours"));
    CHECK(has(found, "this rules.when changes nothing"));
    REQUIRE(config.rules.overrides.size() == 1);
    CHECK(config.rules.overrides[0].threshold->after == Millis(1'000));
}

TEST_CASE("config: a privacy level that is not understood hides everything") {
    TempHome home;
    home.set("MCP_PUSH_PRIVACY", "sumary");
    CHECK(load(home).privacy == Privacy::none);
    CHECK(!problems(load(home)).empty());
}

TEST_CASE("config: the language follows MCP_PUSH_LANGUAGE, the file, then the locale") {
    TempHome home;
    home.set("LANG", "zh_CN.UTF-8");
    CHECK(load(home).language == Language::chinese);
    CHECK(load(home).origins.at("language") == "environment LANG");
    home.set("LC_ALL", "en_US.UTF-8");
    CHECK(load(home).language == Language::english);
    home.set("LC_ALL", "");
    home.set("LC_MESSAGES", "de_DE.UTF-8");
    CHECK(load(home).language == Language::english);
    home.write(k_toml, "language = \"zh\"\n");
    CHECK(load(home).language == Language::chinese);
    home.set("MCP_PUSH_LANGUAGE", "en");
    CHECK(load(home).language == Language::english);
}

TEST_CASE("config: certificates and the proxy come from us first, then from other programs' variables") {
    TempHome home;
    home.set("SSL_CERT_FILE", "/ssl.pem");
    CHECK(load(home).http.ca_file == "/ssl.pem");
    home.set("CURL_CA_BUNDLE", "/curl.pem");
    CHECK(load(home).http.ca_file == "/curl.pem");
    home.write(k_toml, "[http]\nca_file = \"/own.pem\"\n");
    CHECK(load(home).http.ca_file == "/own.pem");
    home.set("MCP_PUSH_PROXY", "http://proxy:1");
    CHECK(load(home).http.proxy == "http://proxy:1");
}

TEST_CASE("config: files that cannot be used are named and stop nothing") {
    TempHome home;
    home.set("FSKEY", "abc");
    const auto with = [&](std::string_view text) {
        home.write(k_toml, text);
        return load(home);
    };
    CHECK(problems(with("\xEF\xBB\xBF[rules]\r\nthreshold = 5\r\n")).empty());
    CHECK(load(home).rules.threshold.after == Millis(5'000));
    CHECK(has(problems(with(std::string("\xFF\xFEl\0a\0", 6))), "is UTF-16 text and not read (save it as UTF-8)"));
    CHECK(has(problems(with("[rules]\nthreshold = \"\xff\"\n")), ":2:"));
    CHECK(has(problems(with(std::string((1 << 20) + 1, '#'))), "is larger than 1024 KiB and not read"));
    CHECK(has(problems(with("language = zh\n[rules]\nthreshold = 5\n")),
              "config.toml:1:12: error while parsing value: could not determine value type; the part before the first "
              "[section] is left out (texts need quotes"));
    CHECK(load(home).rules.threshold.after == Millis(5'000));
    REQUIRE(::unlink(home.path(k_toml).c_str()) == 0);
    REQUIRE(::mkdir(home.path(k_toml).c_str(), 0700) == 0);
    CHECK(has(problems(load(home)), "~/.config/mcp-push/config.toml: is not a regular file"));
    REQUIRE(::rmdir(home.path(k_toml).c_str()) == 0);
    REQUIRE(::mkfifo(home.path(k_toml).c_str(), 0600) == 0);
    CHECK(has(problems(load(home)), "is not a regular file"));
    CHECK(names(load(home)) == "feishu_bot");
}

TEST_CASE("config: a file with secrets that others may read is used and said") {
    TempHome home;
    home.write(k_toml, "[rules]\nthreshold = 5\n", 0644);
    CHECK(problems(load(home)).empty());
    home.write(k_toml, "[channels.work]\ntype = \"feishu\"\nkey = \"abc\"\n", 0640);
    ::chmod(home.path(k_toml).c_str(), 0640);
    CHECK(problems(load(home)) ==
          "~/.config/mcp-push/config.toml: holds secrets and can be read by other users of this "
          "machine (chmod 600 ~/.config/mcp-push/config.toml)\n");
    CHECK(names(load(home)) == "work");
    ::chmod(home.path(k_toml).c_str(), 0600);
    CHECK(problems(load(home)).empty());
    home.write(k_shell, "export DD_BOT_TOKEN=abc\n", 0604);
    ::chmod(home.path(k_shell).c_str(), 0604);
    CHECK(has(problems(load(home)), "chmod 600 ~/.config/mcp-push/config.sh"));
}

TEST_CASE("config: what config.sh says in code is named where it matters") {
    TempHome home;
    home.write(k_shell, "export PATH=\"$HOME/bin:$PATH\"\nexport TG_BOT_TOKEN=\"$(pass show tg)\"\nsource other.sh\n"
                        "export MCP_PUSH_THRESHOLD=9\n");
    const Config config = load(home);
    CHECK(config.rules.threshold.after == Millis(9'000));
    CHECK(problems(config) ==
          "~/.config/mcp-push/config.sh:2: TG_BOT_TOKEN: a command in $(...) is not run (put the value in single "
          "quotes if "
          "it is meant literally)\n"
          "~/.config/mcp-push/config.sh:3: this is shell code, which is not run (keep to lines like export "
          "KEY=\"value\")\n");
}

TEST_CASE("config: a flood of faults is cut, and control characters never reach the terminal") {
    TempHome home;
    std::string text = "\"a\\u001b[31m\" = 1\n";
    for (int i = 0; i < 5'000; ++i)
        text += "k" + std::to_string(i) + " = 1\n";
    home.write(k_toml, text);
    const Config config = load(home);
    CHECK(config.problems.size() <= 50);
    CHECK(!has(problems(config), "\x1b"));
}

TEST_CASE("config: unknown flags are named") {
    const TempHome home;
    CHECK(has(problems(load(home, {}, {{"rules.treshold", "1"}})), "command line: there is no option rules.treshold"));
}
