// SPDX-License-Identifier: MIT
#include "tests/cli/program.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

constexpr std::string_view k_nobody = "no channel is configured: nobody was told";

TEST_CASE("send: without a channel the message is in the inbox, and the caller learns that nobody was told") {
    Program mcp_push;
    const auto ended = mcp_push({"send", "--json", "Backup done", "12 GB"});
    CHECK(ended.exit_code == 78);
    const auto result = ended.json();
    CHECK(result["status"] == "error");
    CHECK(result["channels_count"] == 0);
    CHECK(result["errors"]["config"] == k_nobody);
    CHECK(result["queued"] == Json::object());

    const auto rows = mcp_push.json({"inbox", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["title"] == "Backup done");
    CHECK(rows[0]["body"] == "12 GB");
    CHECK(rows[0]["read"] == false);

    const auto shown = mcp_push({"send", "Again"});
    CHECK(shown.exit_code == 78);
    CHECK(shown.says(k_nobody));
    CHECK(shown.says("mcp-push config init"));
}

TEST_CASE("send: a webhook gets the message, and the result says so") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    const auto ended = mcp_push({"send", "--json", "Backup done", "-"}, "12 GB\nin 4 min\n");
    CHECK(ended.exit_code == 0);
    const auto result = ended.json();
    CHECK(result["status"] == "success");
    CHECK(result["channels_count"] == 1);
    CHECK(result["errors"] == Json::object());
    CHECK_FALSE(result.contains("run_id"));
    REQUIRE(webhook.count() == 1);
    CHECK(webhook.body(0)["title"] == "Backup done");
    CHECK(webhook.body(0)["content"] == "12 GB\nin 4 min");
    CHECK(mcp_push({"send", "Backup done"}).says("desk (custom_notify): delivered"));
    CHECK(mcp_push({"outbox"}).says("nothing waits"));
}

TEST_CASE("send: some channels have it, others do not: exit code 2, and each is named") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("good") + webhook.table("bad", "/gone") +
                          "[channels.unfinished]\ntype = \"dingtalk\"\n");
    const auto ended = mcp_push({"send", "--json", "Hello"});
    CHECK(ended.exit_code == 2);
    const auto result = ended.json();
    CHECK(result["status"] == "partial_success");
    CHECK(result["channels_count"] == 3);
    CHECK(result["errors"].size() == 2);
    CHECK(result["errors"]["bad"].get<std::string>().find("404") != std::string::npos);
    CHECK(result["errors"]["unfinished"].get<std::string>().find("token") != std::string::npos);

    CHECK(mcp_push({"send", "--channel", "good", "Hello"}).exit_code == 0);
    CHECK(mcp_push({"send", "--channel", "bad", "Hello"}).exit_code == 1);
    CHECK(mcp_push({"send", "--channel", "unfinished", "Hello"}).exit_code == 78);
}

TEST_CASE("send: what a service cannot take now is queued, and arrives when it can") {
    Program mcp_push;
    Webhook webhook;
    webhook.status = 503;
    mcp_push.write_config(webhook.table("desk"));
    const auto ended = mcp_push({"send", "--json", "Hello"});
    CHECK(ended.exit_code == 75);
    const auto result = ended.json();
    CHECK(result["status"] == "queued");
    CHECK(result["errors"] == Json::object());
    CHECK(result["queued"]["desk"].get<std::string>().find("503") != std::string::npos);
    CHECK(mcp_push.json({"outbox", "--json"}).size() == 1);

    webhook.status = 200;
    CHECK(mcp_push({"outbox", "retry", "--all"}).says("1 delivery is tried again now"));
    CHECK(comes_true([&] { return mcp_push.json({"outbox", "--json"}).empty(); }));
}

TEST_CASE("send --wait 0: the background delivers") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    CHECK(mcp_push({"send", "--wait", "0", "Hello"}).exit_code == 75);
    CHECK(comes_true([&] { return webhook.count() == 1; }));
    CHECK(comes_true([&] { return mcp_push.json({"outbox", "--json"}).empty(); }));
}

TEST_CASE("send --no-queue: what cannot be delivered now is given up") {
    Program mcp_push;
    Webhook webhook;
    webhook.status = 503;
    mcp_push.write_config(webhook.table("desk"));
    const auto ended = mcp_push({"send", "--json", "--no-queue", "Hello"});
    CHECK(ended.exit_code == 69);
    CHECK(ended.json()["status"] == "error");
    CHECK(ended.json()["errors"]["desk"].get<std::string>().find("503") != std::string::npos);
    CHECK(mcp_push({"outbox"}).says("nothing waits"));
    CHECK(mcp_push.json({"outbox", "--all", "--json"})[0]["state"] == "cancelled");
}

TEST_CASE("send --dry-run: shows the request without its secret, and sends and keeps nothing") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.home.set("WEBHOOK_URL", webhook.url("/hook/t0p-s3cret"));
    mcp_push.home.set("WEBHOOK_METHOD", "POST");
    mcp_push.home.set("WEBHOOK_HEADERS", "Authorization: Bearer t0ken-of-mine");
    const auto shown = mcp_push({"send", "--dry-run", "Hello", "first line\nsecond line"});
    CHECK(shown.exit_code == 0);
    CHECK(shown.says("  POST " + webhook.url("/[redacted]")));
    CHECK(shown.says("Authorization: "));
    CHECK(shown.says(R"("content":"first line\nsecond line")"));
    const auto json = mcp_push.json({"send", "--dry-run", "--json", "Hello"});
    REQUIRE(json.size() == 1);
    CHECK(json[0]["method"] == "POST");
    CHECK(json[0]["channel"] == "custom_notify");
    CHECK(json[0]["body"].get<std::string>().find(R"("title":"Hello")") != std::string::npos);
    for (const auto* const secret : {"t0p-s3cret", "t0ken-of-mine"}) {
        CHECK_FALSE(shown.says(secret));
        CHECK(dump_json(json).find(secret) == std::string::npos);
    }
    CHECK(webhook.count() == 0);
    CHECK_FALSE(mcp_push.has_state());
}

TEST_CASE("send --dry-run: without a channel says that nobody would be told") {
    Program mcp_push;
    const auto ended = mcp_push({"send", "--dry-run", "Hello"});
    CHECK(ended.exit_code == 78);
    CHECK(ended.says("nobody would be told"));
}

TEST_CASE("send: a half-configured channel is named in every result") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.home.set("TG_BOT_TOKEN", "123456:AAAA");
    mcp_push.write_config(webhook.table("desk"));
    const auto ended = mcp_push({"send", "--json", "Hello"});
    CHECK(ended.exit_code == 2);
    CHECK(ended.json()["errors"]["telegram_bot"].get<std::string>().find("TG_USER_ID") != std::string::npos);
    CHECK(mcp_push({"channels"}).says("TG_USER_ID is not set"));
    // Who names a channel means that one alone.
    CHECK(mcp_push({"send", "--channel", "desk", "Hello"}).exit_code == 0);
}

TEST_CASE("send: a configuration that cannot be read is said where nobody is told") {
    Program mcp_push;
    mcp_push.write_config("language = [\n");
    const auto ended = mcp_push({"send", "--json", "Hello"});
    CHECK(ended.exit_code == 78);
    CHECK(ended.json()["errors"]["config"] == k_nobody);
    CHECK(ended.json()["errors"]["config_file"].get<std::string>().find("config.toml:1") != std::string::npos);
}

TEST_CASE("send: where nothing can be kept, the message is sent all the same") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    mcp_push.home.set("MCP_PUSH_STATE_DIR", "/dev/null/state");
    const auto ended = mcp_push({"send", "Hello"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.complains("the outbox cannot be used"));
    CHECK(webhook.count() == 1);
    mcp_push.write_config("");
    const auto nobody = mcp_push({"send", "Hello"});
    CHECK(nobody.exit_code == 78);
    CHECK(nobody.says(k_nobody));
    CHECK_FALSE(nobody.says("inbox"));
}

TEST_CASE("send: wrong words are refused by name, with what to type") {
    Program mcp_push;
    const auto refused = [&](std::vector<std::string> words, int code, std::string_view message) {
        words.insert(words.begin(), "send");
        const auto ended = mcp_push(words);
        CHECK(ended.exit_code == code);
        CHECK_MESSAGE(ended.complains(message), ended.err);
        CHECK(ended.out.empty());
    };
    refused({}, 64, "mcp-push send needs TITLE");
    refused({" \n "}, 64, "TITLE is empty");
    refused({"T", "--urgency", "loud"}, 64, "--urgency cannot be \"loud\"");
    refused({"T", "--wait", "soon"}, 64, "--wait cannot be \"soon\"");
    refused({"T", "--no-queue", "--wait", "0"}, 64, "--no-queue and --wait 0");
    refused({"T", "B", "more"}, 64, "put quotes around");
    refused({"T", "--file", "/no/such/file"}, 66, "there is no file /no/such/file");
    CHECK_FALSE(mcp_push.has_state());
    refused({"T", "--channel", "phone"}, 78, "no channel is called \"phone\"");
    CHECK(mcp_push.json({"inbox", "--json"}).empty());
}

TEST_CASE("event: the result carries run, event and time, and a webhook gets the data") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    const auto ended = mcp_push({"event", "etl-7", "update", "Half way", "--data", R"({"progress": 0.5})", "--json"});
    CHECK(ended.exit_code == 0);
    const auto result = ended.json();
    CHECK(result["status"] == "success");
    CHECK(result["run_id"] == "etl-7");
    CHECK(result["event"] == "update");
    CHECK(result["timestamp"].get<std::string>().ends_with("Z"));
    CHECK(result["channels_count"] == 1);
    const auto body = webhook.body(0);
    CHECK(body["title"] == "[UPDATE] etl-7");
    CHECK(body["event"]["data"]["progress"] == 0.5);
    CHECK(body["event"]["message"] == "Half way");

    CHECK(mcp_push({"event", "etl-7", "end", "-", "--data", R"({"rows": 3})"}, "from a pipe\n").exit_code == 0);
    CHECK(webhook.body(1)["event"]["message"] == "from a pipe");
}

TEST_CASE("event: bad words are usage errors, bad data is bad data") {
    Program mcp_push;
    const auto data = mcp_push({"event", "r", "end", "m", "--data", "{\"a\": }"});
    CHECK(data.exit_code == 65);
    CHECK(data.complains("--data: not valid JSON"));
    CHECK(mcp_push({"event", "r", "end", "m", "--data", "[1]"}).exit_code == 65);
    const auto kind = mcp_push({"event", "r", "finished", "m"});
    CHECK(kind.exit_code == 64);
    CHECK(kind.complains("needs_user_action"));
    CHECK(mcp_push({"event", "r", "end"}).exit_code == 64);
    CHECK(mcp_push({"event", " ", "end", "m"}).exit_code == 64);
    CHECK(mcp_push({"event", "r", "end", " "}).exit_code == 64);
    CHECK(mcp_push({"event", "r", "end", "-", "--data", "-"}).exit_code == 64);
}

} // namespace
} // namespace mcp_push
