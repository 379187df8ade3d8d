// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/config/trust.hpp"
#include "tests/core/config_specs.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mcp_push::test_config;
using mcp_push::Config;
using mcp_push::is_trusted;
using mcp_push::Millis;
using mcp_push::TempHome;
using mcp_push::trust_dir;

TEST_CASE("project: its file tunes rules and labels and says what the project is called") {
    const TempHome home;
    home.write("shop/.git/HEAD", "ref: refs/heads/main\n");
    home.write("shop/.mcp-push.toml", "[rules]\nthreshold = \"5m\"\nboth = true\nbackground_grace = 10\n"
                                      "[[rules.when]]\nevent = \"error\"\nthreshold = 0\n"
                                      "[project]\nname = \"The Shop\"\nlabels = [\"web\"]\n");
    home.write("shop/src/deep/x", "");
    home.write(
        k_toml,
        "[rules]\nthreshold = 1\n[[rules.when]]\nagent = \"codex\"\nthreshold = 2\n[project]\nlabels = [\"mine\"]\n");
    for (const auto* const folder : {"shop", "shop/src", "shop/src/deep"}) {
        const Config config = load(home, home.path(folder));
        CHECK(problems(config).empty());
        CHECK(config.rules.threshold.after == Millis(300'000));
        CHECK(config.rules.both);
        CHECK(config.rules.background_grace == Millis(10'000));
        REQUIRE(config.rules.overrides.size() == 2);
        CHECK(config.rules.overrides[0].agent == "codex");
        CHECK(config.rules.overrides[1].threshold->after == Millis(0));
        CHECK(config.project_names.at(home.path("shop")) == "The Shop");
        CHECK(config.labels == std::vector<std::string>{"web"});
    }
    CHECK(load(home, home.path()).rules.threshold.after == Millis(1'000));
}

TEST_CASE("project: its file decides nothing about where messages go") {
    const TempHome home;
    home.write(k_toml, "[channels.phone]\ntype = \"feishu\"\nkey = \"mine\"\n[channels.desk]\ntype = "
                       "\"desktop\"\n[routes]\ndefault = [\"phone\"]\n");
    home.write(
        "evil/.mcp-push.toml",
        "privacy = \"full\"\nlanguage = \"zh\"\nhitokoto = true\n[channels.phone]\ntype = \"feishu\"\nkey = "
        "\"theirs\"\n"
        "[channels.extra]\ntype = \"webhook\"\nurl = { command = [\"touch\", \"x\"] }\nmethod = \"POST\"\n"
        "[routes]\ndefault = [\"desk\"]\n[http]\nproxy = \"http://evil\"\nca_file = \"/x\"\n[delivery]\nschedule = []\n"
        "[rules]\nskip_titles = [\"x\"]\nquestion_lifetime = 1\nthreshold = 7\n[project.names]\n\"/\" = \"x\"\n");
    home.write("evil/config.sh", "export FSKEY=theirs\nexport MCP_PUSH_PROXY=http://evil\n");
    home.write("evil/.env", "FSKEY=theirs\n");
    const Config config = load(home, home.path("evil"));
    CHECK(names(config) == "phone desk");
    CHECK(find(config, "phone")->settings.at("key") == "mine");
    CHECK(config.routes.at("default") == std::vector<std::string>{"phone"});
    CHECK(config.http.proxy.empty());
    CHECK(config.http.ca_file.empty());
    CHECK(config.delivery.schedule.size() == 10);
    CHECK(config.rules.skip_titles.empty());
    CHECK(config.rules.question_lifetime == Millis(3'600'000));
    CHECK(!config.hitokoto);
    CHECK(config.language == mcp_push::Language::english);
    CHECK(config.project_names.empty());
    CHECK(config.rules.threshold.after == Millis(7'000));
    const auto found = problems(config);
    for (const auto* const key : {"privacy", "language", "hitokoto", "channels", "routes", "http", "delivery",
                                  "rules.skip_titles", "rules.question_lifetime", "project.names"}) {
        CAPTURE(key);
        CHECK(has(found, std::string(key) +
                             " may not be set by a project's own file (put it into config.toml, or trust this "
                             "folder: mcp-push config trust " +
                             home.path("evil") + ")"));
    }
}

TEST_CASE("project: the search ends at the repository, at home, and in folders that anybody may write to") {
    const TempHome home;
    home.write(".mcp-push.toml", "rules.threshold = 1\n");
    home.write("work/.mcp-push.toml", "rules.threshold = 2\n");
    home.write("work/repo/.git", "gitdir: elsewhere\n");
    home.write("work/repo/sub/x", "");
    home.write("work/plain/sub/x", "");
    home.write("other/x", "");
    home.write("open/.mcp-push.toml", "rules.threshold = 3\n");
    home.write("open/sub/x", "");
    ::chmod(home.path("open").c_str(), 01777);
    const auto threshold = [&](std::string_view folder) {
        return load(home, folder.empty() ? home.path() : home.path(folder)).rules.threshold.text();
    };
    CHECK(threshold("") == "1 s");
    CHECK(threshold("other") == "1 s");
    CHECK(threshold("work/plain/sub") == "2 s");
    CHECK(threshold("work/repo/sub") == "60 s");
    CHECK(threshold("open/sub") == "60 s");
    CHECK(threshold("open") == "60 s");
    CHECK(load(home, "/").rules.threshold.text() == "60 s");
    CHECK(load(home, mcp_push::parent_of(home.path())).rules.threshold.text() == "60 s");
    CHECK(load(home, "relative").rules.threshold.text() == "60 s");
    CHECK(load(home, home.path("not/there")).rules.threshold.text() == "60 s");
}

TEST_CASE("trust: a trusted folder may do all, until one of its files changes") {
    const TempHome home;
    const auto folder = home.path("work");
    home.write("work/sub/x", "");
    home.write("work/.mcp-push.toml", "[channels.team]\ntype = \"feishu\"\nkey = \"abc\"\n");
    home.write("work/config.sh", "export DD_BOT_TOKEN=dd\nexport MCP_PUSH_THRESHOLD=9\n");
    home.write("work/.env", "DD_BOT_TOKEN=weaker\nQYWX_KEY=qy\n");
    home.write(k_shell, "export DD_BOT_TOKEN=own\nexport MCP_PUSH_THRESHOLD=1\n");
    CHECK(names(load(home, folder)) == "dingding_bot");
    CHECK(!is_trusted(home.paths(), folder));

    REQUIRE(trust_dir(home.paths(), folder));
    CHECK(is_trusted(home.paths(), folder));
    const Config config = load(home, home.path("work/sub"));
    CHECK(problems(config).empty());
    CHECK(names(config) == "team dingding_bot wecom_bot");
    CHECK(find(config, "dingding_bot")->settings.at("token") == "dd");
    CHECK(config.rules.threshold.after == Millis(9'000));
    // A deliverer outside the folder would not find them.
    for (const auto& channel : config.channels)
        CHECK(channel.environment_key.size() == 16);
    CHECK(names(load(home, home.path())) == "dingding_bot");
    CHECK(find(load(home, home.path()), "dingding_bot")->environment_key.empty());

    home.write("work/.env", "DD_BOT_TOKEN=weaker\nQYWX_KEY=changed\n");
    CHECK(!is_trusted(home.paths(), folder));
    const Config changed = load(home, folder);
    CHECK(names(changed) == "dingding_bot");
    CHECK(find(changed, "dingding_bot")->settings.at("token") == "own");
    CHECK(has(problems(changed), "~/work: its files were changed since this folder was trusted"));
    CHECK(has(problems(changed), "mcp-push config trust " + folder));

    REQUIRE(trust_dir(home.paths(), folder));
    CHECK(names(load(home, folder)) == "team dingding_bot wecom_bot");
    REQUIRE(mcp_push::distrust_dir(home.paths(), folder));
    CHECK(!is_trusted(home.paths(), folder));
    CHECK(names(load(home, folder)) == "dingding_bot");
}

TEST_CASE("trust: it belongs to one folder, seen through links too") {
    const TempHome home;
    home.write("a/config.sh", "FSKEY=x\n");
    home.write("b/config.sh", "FSKEY=x\n");
    home.write("a/nested/config.sh", "FSKEY=y\n");
    REQUIRE(::symlink(home.path("a").c_str(), home.path("link").c_str()) == 0);
    REQUIRE(trust_dir(home.paths(), home.path("link")));
    CHECK(is_trusted(home.paths(), home.path("a")));
    CHECK(!is_trusted(home.paths(), home.path("b")));
    CHECK(!is_trusted(home.paths(), home.path("a/nested")));
    CHECK(names(load(home, home.path("link"))) == "feishu_bot");
    CHECK(load(home, home.path("b")).channels.empty());
    CHECK(find(load(home, home.path("a/nested")), "feishu_bot")->settings.at("key") == "x");
}

TEST_CASE("trust: what cannot be trusted is said") {
    const TempHome home;
    home.write("empty/x", "");
    CHECK(trust_dir(home.paths(), home.path("empty")).error().kind == mcp_push::ErrorKind::no_input);
    CHECK(trust_dir(home.paths(), home.path("absent")).error().kind == mcp_push::ErrorKind::no_input);
    home.write(".local/state/mcp-push/trusted", "garbage\n\n" + std::string(64, 'a') + " \n");
    CHECK(!is_trusted(home.paths(), home.path("empty")));
    home.write("work/config.sh", "FSKEY=x\n");
    REQUIRE(trust_dir(home.paths(), home.path("work")));
    CHECK(is_trusted(home.paths(), home.path("work")));
}

TEST_CASE("trust: a config.sh that is not read is mentioned where nothing else is configured") {
    TempHome home;
    home.write("work/config.sh", "export FSKEY=x\n");
    const auto found = problems(load(home, home.path("work")));
    CHECK(has(found,
              "~/work/config.sh: holds settings and is not read: this folder is not trusted (mcp-push config trust " +
                  home.path("work") + ", or move it to ~/.config/mcp-push)"));
    home.write("other/config.sh", "PREFIX=/usr\n./configure\n");
    CHECK(problems(load(home, home.path("other"))).empty());
    home.set("FSKEY", "own");
    CHECK(problems(load(home, home.path("work"))).empty());
}
