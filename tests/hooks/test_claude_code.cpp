// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "hooks/agent.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace mcp_push {
namespace {

const AgentSpec& claude() {
    const AgentSpec* const agent = find_agent("claude-code");
    REQUIRE(agent != nullptr);
    return *agent;
}

Decoded decoded(Json payload, const Environment::Map& variables = {}) {
    payload["session_id"] = "s1";
    payload["cwd"] = "/home/user/project";
    payload["transcript_path"] = "/home/user/t.jsonl";
    auto result = claude().decode(payload, Environment(variables));
    REQUIRE(result.ok());
    return *result;
}

TimePoint at(std::string_view text) { return *parse_time(text); }

} // namespace

TEST_CASE("claude code: a dialog and the end of its tool share a key, other input has another") {
    const Json input = {{"command", "npm publish"}};
    const auto asked =
        decoded({{"hook_event_name", "PermissionRequest"}, {"tool_name", "Bash"}, {"tool_input", input}});
    const auto ended = decoded(
        {{"hook_event_name", "PostToolUse"}, {"tool_name", "Bash"}, {"tool_input", input}, {"duration_ms", 12}});
    const auto other =
        decoded({{"hook_event_name", "PostToolUse"}, {"tool_name", "Bash"}, {"tool_input", {{"command", "ls"}}}});
    CHECK(asked.signal.kind == SignalKind::question);
    CHECK(asked.signal.text == "npm publish");
    CHECK(asked.signal.tool_key == ended.signal.tool_key);
    CHECK(asked.signal.tool_key != other.signal.tool_key);
    CHECK(ended.signal.tool_duration == Millis(12));
}

TEST_CASE("claude code: an answered question matches its dialog though its input has changed") {
    const Json questions = Json::array({{{"question", "Which colour?"}}});
    const auto asked = decoded({{"hook_event_name", "PermissionRequest"},
                                {"tool_name", "AskUserQuestion"},
                                {"tool_input", {{"questions", questions}}}});
    const auto ended = decoded({{"hook_event_name", "PostToolUse"},
                                {"tool_name", "AskUserQuestion"},
                                {"tool_input", {{"questions", questions}, {"answers", {{"Which colour?", "Blue"}}}}}});
    CHECK(asked.signal.text == "Which colour?");
    CHECK(asked.signal.tool_key == ended.signal.tool_key);
    CHECK(ended.signal.tool_only_asks);
}

TEST_CASE("claude code: notifications are reminders, the idle reminder, or nothing") {
    const auto kind = [](const char* type) {
        return decoded({{"hook_event_name", "Notification"}, {"notification_type", type}}).signal.kind;
    };
    CHECK(kind("permission_prompt") == SignalKind::reminder);
    CHECK(kind("elicitation_dialog") == SignalKind::reminder);
    CHECK(kind("agent_needs_input") == SignalKind::reminder);
    CHECK(kind("idle_prompt") == SignalKind::idle);
    CHECK(kind("elicitation_response") == SignalKind::other);
    CHECK(kind("something_new") == SignalKind::other);
}

TEST_CASE("claude code: a task notification is the machine's prompt and names its task") {
    const auto prompt = decoded({{"hook_event_name", "UserPromptSubmit"},
                                 {"prompt", "<task-notification>\n<task-id>b12</task-id>\n</task-notification>"}});
    CHECK(prompt.signal.from_machine);
    CHECK(prompt.signal.task == "b12");
    CHECK_FALSE(decoded({{"hook_event_name", "UserPromptSubmit"}, {"prompt", "hello"}}).signal.from_machine);
}

TEST_CASE("claude code: background shells may never end, other background work comes back") {
    const Json tasks = Json::array({{{"id", "b1"}, {"type", "shell"}, {"status", "running"}},
                                    {{"id", "a1"}, {"type", "subagent"}, {"status", "running"}},
                                    {{"id", "b2"}, {"type", "shell"}, {"status", "completed"}}});
    const auto stop = decoded({{"hook_event_name", "Stop"}, {"background_tasks", tasks}});
    REQUIRE(stop.signal.background.size() == 2);
    CHECK(stop.signal.background[0].may_never_end);
    CHECK_FALSE(stop.signal.background[1].may_never_end);
}

TEST_CASE("claude code: compaction is no session start, unknown events are nothing") {
    CHECK(decoded({{"hook_event_name", "SessionStart"}, {"source", "compact"}}).signal.kind == SignalKind::other);
    CHECK(decoded({{"hook_event_name", "SessionStart"}, {"source", "resume"}}).signal.kind ==
          SignalKind::session_start);
    CHECK(decoded({{"hook_event_name", "BrandNewEvent"}}).signal.kind == SignalKind::other);
}

TEST_CASE("claude code: wrong types in a payload are as good as absent") {
    const auto stop = decoded({{"hook_event_name", "Stop"},
                               {"prompt_id", 7},
                               {"last_assistant_message", Json::array()},
                               {"background_tasks", "none"},
                               {"stop_hook_active", "yes"}});
    CHECK(stop.signal.kind == SignalKind::stop);
    CHECK(stop.signal.turn.empty());
    CHECK(stop.signal.background.empty());
    CHECK_FALSE(stop.signal.continued);
    CHECK_FALSE(claude().decode(Json{{"session_id", "s1"}}, Environment(Environment::Map{})).ok());
}

TEST_CASE("claude code: the transcript's tail tells a turn's start, its failure and an interrupt") {
    const TempHome home;
    const std::string big(600'000, 'x');
    const auto path = home.write(
        "t.jsonl",
        R"({"type":"user","promptId":"p0","timestamp":"2026-01-01T10:00:00.000Z","message":{"content":"old"}})"
        "\n"
        R"({"type":"assistant","timestamp":"2026-01-01T10:00:01Z","message":{"content":[{"type":"text","text":")" +
            big +
            "\"}]}}\n"
            R"({"type":"user","promptId":"p1","timestamp":"2026-01-01T11:00:00.000Z","message":{"content":"go"}})"
            "\nnot json\n"
            R"({"type":"user","promptId":"p1","timestamp":"2026-01-01T11:00:05.000Z","message":{"content":[{"type":"text","text":"[Request interrupted by user for tool use]"}]}})"
            "\n"
            R"({"type":"assistant","isApiErrorMessage":true,"error":"server_error","timestamp":"2026-01-01T11:01:00Z","message":{"content":[{"type":"text","text":"API Error: 529 overloaded"}]}})"
            "\n");
    const auto prompt = claude().find_prompt(path, "p1");
    REQUIRE(prompt.has_value());
    CHECK(prompt->at == at("2026-01-01T11:00:00Z"));
    CHECK(prompt->text == "go");
    CHECK_FALSE(claude().find_prompt(path, "p0").has_value()); // beyond the tail that is read
    const auto failure = claude().find_failure(path, "p1");
    REQUIRE(failure.has_value());
    CHECK(failure->text == "API Error: 529 overloaded");
    CHECK(failure->at == at("2026-01-01T11:01:00Z"));
    CHECK(claude().dealt_with(path, at("2026-01-01T11:00:03Z")));
    CHECK_FALSE(claude().dealt_with(path, at("2026-01-01T11:00:06Z")));
    CHECK_FALSE(claude().find_prompt(home.path("absent.jsonl"), "p1").has_value());
    CHECK_FALSE(claude().find_failure("", "p1").has_value());
}

TEST_CASE("claude code: a turn failed when an error is the last thing in it, whatever came in later turns") {
    const TempHome home;
    const std::string prompt1 =
        R"({"type":"user","promptId":"p1","timestamp":"2026-01-01T11:00:00Z","message":{"content":"go"}})"
        "\n";
    const std::string prompt2 =
        R"({"type":"user","promptId":"p2","timestamp":"2026-01-01T12:00:00Z","message":{"content":"again"}})"
        "\n";
    const std::string error =
        R"({"type":"assistant","isApiErrorMessage":true,"error":"server_error","timestamp":"2026-01-01T11:05:00Z","message":{"content":[]}})"
        "\n";
    const std::string limit =
        R"({"type":"attachment","timestamp":"2026-01-01T11:05:00Z","attachment":{"type":"max_turns_reached","maxTurns":3}})"
        "\n";
    const std::string queued =
        R"({"type":"attachment","timestamp":"2026-01-01T11:05:00Z","attachment":{"type":"queued_command"}})"
        "\n";
    const std::string answer =
        R"({"type":"assistant","timestamp":"2026-01-01T11:06:00Z","message":{"content":[{"type":"text","text":"Done."}]}})"
        "\n";
    const auto found = [&](const std::string& text, const std::string& turn) {
        const auto failure = claude().find_failure(home.write("t.jsonl", text), turn);
        return failure ? failure->text : "";
    };
    CHECK(found(prompt1 + error, "p1") == "server_error");
    CHECK(found(prompt1 + error + queued, "p1") == "server_error");
    CHECK(found(prompt1 + limit, "p1") == "Reached max turns (3)");
    CHECK(found(prompt1 + error + prompt2 + answer, "p1") == "server_error");
    CHECK(found(prompt1 + error + prompt2 + answer, "p2").empty());
    CHECK(found(prompt1 + error + prompt2, "p2").empty());
    CHECK(found(prompt1 + error + answer, "p1").empty());
    CHECK(found(prompt1 + answer + prompt2 + error, "p1").empty());
}

TEST_CASE("claude code: a stop can be refused only where a hook of somebody else is configured") {
    const TempHome home;
    const Environment::Map variables = {{"HOME", home.path()}};
    const Decoded stop = decoded({{"hook_event_name", "Stop"}}, variables);
    CHECK_FALSE(claude().may_be_refused(stop, Environment(variables)));
    home.write(".claude/settings.json",
               R"({"hooks":{"Stop":[{"hooks":[{"type":"command","command":"/usr/bin/mcp-push-hook"}]}]}})");
    CHECK_FALSE(claude().may_be_refused(stop, Environment(variables)));
    home.write(".claude/settings.json",
               R"({"hooks":{"Stop":[{"hooks":[{"type":"command","command":"~/.claude/hooks/completion-hook.sh"}]}]}})");
    CHECK_FALSE(claude().may_be_refused(stop, Environment(variables))); // the shim runs our own hook
    home.write(".claude/settings.json", R"({"hooks":{"Stop":[{"hooks":[{"type":"command","command":"loop.sh"}]}]}})");
    CHECK(claude().may_be_refused(stop, Environment(variables)));
}

TEST_CASE("claude code: the terminal's reply is one JSON object with one sequence in it") {
    const auto reply = claude().terminal_reply("Task finished \x1b[31m", "a\nb\a");
    const auto parsed = parse_json(reply);
    REQUIRE(parsed.ok());
    CHECK(string_member(*parsed, "terminalSequence") == "\x1b]9;Task finished : a b\a");
}

} // namespace mcp_push
