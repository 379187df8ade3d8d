// SPDX-License-Identifier: MIT
#include "tests/cli/program.hpp"

#include <set>

namespace mcp_push {
namespace {

const std::vector<std::vector<std::string>> k_listings = {{"outbox"}, {"log"},      {"inbox"}, {"inbox", "read"},
                                                          {"runs"},   {"sessions"}, {"why"}};

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST_CASE("listings: of nothing they say so, print an empty array and make no file") {
    Program mcp_push;
    for (const auto& words : k_listings) {
        CAPTURE(words[0]);
        CHECK(mcp_push.json(with(words, {"--json"})) == Json::array());
        const auto shown = mcp_push(words);
        CHECK(shown.exit_code == 0);
        CHECK_FALSE(shown.out.empty());
    }
    CHECK_FALSE(mcp_push.has_state());
}

TEST_CASE("listings: --json is one array of objects, --limit at most so many") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk", "/gone"));
    for (int i = 0; i < 3; ++i)
        CHECK(mcp_push({"send", "Message " + std::to_string(i)}).exit_code == 1);
    mcp_push.end_run("nightly", 75);
    mcp_push.end_run("weekly", 5);
    REQUIRE(comes_true([&] { return mcp_push.json({"outbox", "--json"}).size() == 4; })); // the short run is silent
    for (const auto& words : k_listings) {
        if (words[0] == "sessions" || words.size() > 1) continue;
        CAPTURE(words[0]);
        const auto rows = mcp_push.json(with(words, {"--json"}));
        CHECK(rows.is_array());
        CHECK_FALSE(rows.empty());
        for (const auto& row : rows)
            CHECK(row.is_object());
        CHECK(mcp_push.json(with(words, {"--json", "--limit", "1"})).size() == 1);
        CHECK(mcp_push(with(words, {"--limit", "0"})).exit_code == 64);
        CHECK(mcp_push(with(words, {"--limit", "many"})).exit_code == 64);
    }
}

TEST_CASE("log: what was sent, and with an ID every attempt with the service's answer") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("good") + webhook.table("bad", "/gone"));
    CHECK(mcp_push({"send", "Backup done"}).exit_code == 2);
    const auto rows = mcp_push.json({"log", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["title"] == "Backup done");
    CHECK(rows[0]["rule"] == "asked for: notify_send");
    REQUIRE(rows[0]["deliveries"].size() == 2);
    std::set<std::string> outcomes;
    for (const auto& delivery : rows[0]["deliveries"]) {
        REQUIRE(delivery["log"].size() == 1);
        outcomes.insert(delivery["channel"].get<std::string>() + " " + delivery["state"].get<std::string>() + " " +
                        std::to_string(delivery["log"][0]["status"].get<int>()));
    }
    CHECK(outcomes == std::set<std::string>{"bad dead 404", "good delivered 200"});

    const auto id = rows[0]["id"].get<std::string>();
    for (const auto& part : {id, id.substr(0, 20), id.substr(id.size() - 6)}) {
        const auto shown = mcp_push({"log", part});
        CHECK(shown.says(id));
        CHECK(shown.says("404"));
        CHECK(shown.says("good (custom_notify): delivered"));
    }
    CHECK(mcp_push({"log", "nothing-like-it"}).exit_code == 66);
    CHECK(mcp_push({"log"}).says("Backup done"));
}

TEST_CASE("outbox: what was given up is listed with the reason, retried by its ID, and purged") {
    Program mcp_push;
    Webhook webhook;
    webhook.status = 404;
    mcp_push.write_config(webhook.table("desk"));
    CHECK(mcp_push({"send", "Hello"}).exit_code == 1);
    const auto rows = mcp_push.json({"outbox", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["state"] == "dead");
    CHECK(rows[0]["channel"] == "desk");
    CHECK(rows[0]["attempts"] == 1);
    CHECK(rows[0]["next"].is_null());
    CHECK(rows[0]["detail"].get<std::string>().find("404") != std::string::npos);
    CHECK(mcp_push({"outbox"}).says("Hello"));
    CHECK(mcp_push({"outbox", "retry", "nothing-like-it"}).exit_code == 66);
    CHECK(mcp_push({"outbox", "purge", "--older-than", "0"}).says("0 notifications forgotten"));
    CHECK(mcp_push({"outbox", "purge", "--older-than", "long"}).exit_code == 64);

    webhook.status = 200;
    const auto id = rows[0]["id"].get<std::string>();
    CHECK(mcp_push({"outbox", "retry", id}).says("1 delivery is tried again now"));
    CHECK(comes_true([&] { return mcp_push({"outbox"}).says("nothing waits"); }));
    CHECK(mcp_push.json({"outbox", "--all", "--json"})[0]["state"] == "delivered");
    CHECK(mcp_push({"outbox", "retry"}).says("nothing to try again"));
    CHECK(mcp_push({"outbox", "purge"}).says("0 notifications forgotten"));
    CHECK(mcp_push({"outbox", "purge", "--older-than", "0"}).says("1 notification forgotten"));
    CHECK(mcp_push.json({"outbox", "--all", "--json"}).empty());
    CHECK(mcp_push.json({"inbox", "--json"}).empty());
}

TEST_CASE("outbox purge --dead: what was given up is forgotten, what waits stays") {
    Program mcp_push;
    Webhook webhook;
    webhook.status = 503;
    mcp_push.write_config(webhook.table("late") + webhook.table("bad", "/gone"));
    CHECK(mcp_push({"send", "--channel", "bad", "dead"}).exit_code == 1);
    CHECK(mcp_push({"send", "--channel", "late", "waits"}).exit_code == 75);
    CHECK(mcp_push({"outbox", "purge", "--older-than", "0", "--dead"}).says("1 notification forgotten"));
    const auto rows = mcp_push.json({"outbox", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["title"] == "waits");
    webhook.status = 200;
    CHECK(mcp_push({"outbox", "retry", "--all"}).exit_code == 0);
    CHECK(comes_true([&] { return mcp_push.json({"outbox", "--json"}).empty(); }));
}

TEST_CASE("inbox: new messages are read once, by number again, and nothing else marks them") {
    Program mcp_push;
    (void)mcp_push({"send", "First", "one"});
    (void)mcp_push({"send", "Second", "two"});
    CHECK(mcp_push({"inbox"}).says("new"));
    CHECK(mcp_push.json({"inbox", "--unread", "--json"}).size() == 2);
    const auto read = mcp_push({"inbox", "read"});
    CHECK(read.out.find("First") < read.out.find("Second"));
    CHECK(mcp_push({"inbox", "read"}).says("no unread message"));
    CHECK(mcp_push.json({"inbox", "--unread", "--json"}).empty());
    CHECK(mcp_push.json({"inbox", "--json"})[0]["read"] == true);
    CHECK(mcp_push({"inbox", "read", "1"}).says("one"));
    CHECK(mcp_push({"inbox", "read", "99"}).exit_code == 66);
    CHECK(mcp_push({"inbox", "read", "first"}).exit_code == 64);
    (void)mcp_push({"send", "Third"});
    CHECK(mcp_push({"inbox", "read", "--all"}).out.empty());
    CHECK(mcp_push({"inbox", "--unread"}).says("no unread message"));
}

TEST_CASE("inbox: a message cannot steer the terminal") {
    Program mcp_push;
    (void)mcp_push({"send", "Red \x1b[31mtitle\x07", "a\x1b]0;gotcha\x07z"});
    for (const auto& words : {std::vector<std::string>{"inbox"}, {"inbox", "read"}, {"log"}}) {
        const auto shown = mcp_push(words);
        CHECK(shown.says("Red"));
        CHECK(shown.out.find('\x1b') == std::string::npos);
        CHECK(shown.out.find('\x07') == std::string::npos);
    }
}

TEST_CASE("runs: every run once, told or not, by its end") {
    Program mcp_push;
    mcp_push.end_run("nightly", 75);
    mcp_push.end_run("weekly", 5, "error");
    (void)mcp_push({"run", "--", "true"});
    (void)mcp_push({"send", "no run"});
    const auto rows = mcp_push.json({"runs", "--json"});
    REQUIRE(rows.size() == 3);
    CHECK(rows[0]["agent"] == "command");
    CHECK(rows[1]["turn"].get<std::string>().starts_with("weekly"));
    CHECK(rows[1]["event"] == "error");
    CHECK(rows[1]["result"] == "silent");
    CHECK(rows[2]["turn"].get<std::string>().starts_with("nightly"));
    CHECK(rows[2]["result"] == "kept");
    CHECK(rows[2]["duration_ms"].get<long long>() >= 75'000);
    CHECK(rows[2]["project"] == "work");
    CHECK(mcp_push({"runs"}).says("success over 60 s: notify_send + notify_event"));
}

TEST_CASE("deliver: sends what waits, and leaves") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    CHECK(mcp_push({"deliver"}).exit_code == 0);
    // A hook that was copied alone finds nobody to deliver.
    mcp_push.home.unset("MCP_PUSH_BIN");
    mcp_push.end_run("nightly", 75);
    CHECK(mcp_push.json({"outbox", "--json"})[0]["state"] == "waiting");
    CHECK(webhook.count() == 0);
    CHECK(mcp_push({"deliver"}).exit_code == 0);
    CHECK(webhook.count() == 1);
    CHECK(mcp_push({"outbox"}).says("nothing waits"));
}

TEST_CASE("deliver --follow: stays, delivers what comes, and leaves at SIGTERM") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    auto worker = mcp_push.start({"deliver", "--follow"});
    CHECK(comes_true([&] {
        const auto second = mcp_push({"deliver"});
        return second.exit_code == 0 && second.complains("another deliverer is at work");
    }));
    CHECK(mcp_push({"send", "Hello"}).exit_code == 0);
    CHECK(webhook.count() == 1);
    CHECK_FALSE(worker.has_ended());
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_code == 0);
}

} // namespace
} // namespace mcp_push
