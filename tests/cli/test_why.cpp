// SPDX-License-Identifier: MIT
#include "tests/cli/program.hpp"

namespace mcp_push {
namespace {

constexpr std::string_view k_stop =
    R"({"hook_event_name":"Stop","session_id":"s-1","prompt_id":"p-1","cwd":"/","stop_hook_active":false,)"
    R"("transcript_path":"/nonexistent.jsonl","last_assistant_message":"done"})";

TEST_CASE("why: names the rule, the threshold with its origin, and what became of the message") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    mcp_push.end_run("nightly", 75);
    REQUIRE(comes_true([&] { return mcp_push.json({"outbox", "--json"}).empty(); }));
    const auto told = mcp_push({"why"});
    CHECK(told.exit_code == 0);
    CHECK(told.says("success over 60 s: notify_send + notify_event"));
    CHECK(told.says("threshold 60 s from default"));
    CHECK(told.says("duration 1 min 15 s"));
    CHECK(told.says("desk: delivered"));

    mcp_push.end_run("quick", 5, "error");
    CHECK(mcp_push({"why"}).says("failure within 60 s: silent"));
    CHECK(mcp_push({"why", "--last"}).out == mcp_push({"why", "quick"}).out);
    CHECK(mcp_push({"why", "nightly"}).says("success over 60 s"));
    CHECK(mcp_push({"why", "-n", "2"}).says("failure within 60 s"));

    const auto rows = mcp_push.json({"why", "nightly", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["rule"] == "success over 60 s: notify_send + notify_event");
    CHECK(rows[0]["result"] == "kept");
    CHECK(mcp_push({"why", rows[0]["id"].get<std::string>()}).says("success over 60 s"));
    const auto unknown = mcp_push({"why", "never-heard-of"});
    CHECK(unknown.exit_code == 66);
    CHECK(unknown.complains("never-heard-of"));
}

TEST_CASE("why: says where a threshold came from") {
    Program mcp_push;
    const auto origin = [&](std::string_view words) {
        mcp_push.end_run("run-" + std::string(words), 75);
        const auto why = mcp_push({"why"});
        CHECK_MESSAGE(why.says(words), why.out);
    };
    mcp_push.write_config("[rules]\nthreshold = \"10s\"\n");
    origin("threshold 10 s from ~/.config/mcp-push/config.toml:2");
    mcp_push.write_config("[rules]\nthreshold = \"10s\"\n\n[[rules.when]]\nproject = \"wo*\"\nthreshold = \"2h\"\n");
    origin("threshold 2 h from rules.when[1]");
    mcp_push.write_config("");
    mcp_push.home.set("MCP_PUSH_THRESHOLD", "30");
    origin("threshold 30 s from environment MCP_PUSH_THRESHOLD");
    mcp_push.home.unset("MCP_PUSH_THRESHOLD");
    mcp_push.home.write("work/.mcp-push.toml", "[rules]\nthreshold = \"20s\"\n");
    origin("threshold 20 s from ~/work/.mcp-push.toml:2");
}

TEST_CASE("why --payload: tries the rules and records nothing") {
    Program mcp_push;
    mcp_push.write_config("[channels.desk]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n");
    const auto tried = [&](const std::string& duration) {
        return mcp_push({"why", "--payload", "-", "--duration", duration}, k_stop);
    };
    CHECK(tried("60s").says("success within 60 s: silent"));
    const auto told = tried("61s");
    CHECK(told.says("success over 60 s: notify_send + notify_event"));
    CHECK(told.says("would be told: inbox, desk"));
    const auto file = mcp_push.home.write("stop.json", k_stop);
    const auto rows = mcp_push.json({"why", "--payload", file, "--duration", "75s", "--json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["result"] == "told");
    CHECK(rows[0]["channels"] == Json::array({"desk"}));
    // Without a duration and without a start nobody knows how long the turn was.
    CHECK(mcp_push({"why", "--payload", file}).says("without a start"));
    CHECK_FALSE(mcp_push.has_state());
    CHECK(mcp_push({"why"}).says("no event was recorded yet"));
}

TEST_CASE("why --payload: what cannot be used is named") {
    Program mcp_push;
    CHECK(mcp_push({"why", "--payload", "/no/such/file"}).exit_code == 66);
    CHECK(mcp_push({"why", "--payload", "-"}, "{").exit_code == 65);
    CHECK(mcp_push({"why", "--payload", "-"}, "{}").exit_code == 65);
    CHECK(mcp_push({"why", "--payload", "-", "--duration", "long"}, k_stop).exit_code == 64);
    CHECK(mcp_push({"why", "--duration", "75s"}).exit_code == 64);
}

} // namespace
} // namespace mcp_push
