// SPDX-License-Identifier: MIT
// Hostile input to the hook: the agent sees nothing of it, and the log says what was wrong and what to do.
#include "tests/programs/world.hpp"
#include "tests/support/child_process.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

using mcp_push::ChildProcess;
using mcp_push::Ended;
using mcp_push::eventually;
using mcp_push::holds;
using mcp_push::Millis;
using mcp_push::Start;
using mcp_push::World;

namespace {

/// A bound for a machine that does other things too; the hook's own is 1 s.
constexpr Millis k_soon{6'000};

void check_unnoticed(const Ended& ended) {
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.empty());
    CHECK(ended.err.empty());
    CHECK(ended.took < k_soon);
}

std::string stop_with(std::string_view members) {
    return R"({"session_id":"s","prompt_id":"p","cwd":"/tmp","hook_event_name":"Stop",)" + std::string(members) + "}";
}

} // namespace

TEST_CASE("programs: a payload that is none is silent, and the log says what it was") {
    struct Row {
        std::string name;
        std::string input;
        std::string logged;
    };
    const std::vector<Row> rows = {
        {"empty", "", "empty where JSON was expected"},
        {"blank", " \n\t ", "empty where JSON was expected"},
        {"text", "hello", "not valid JSON at byte"},
        {"cut off", R"({"session_id":"s","hook_event_name":"St)", "not valid JSON at byte"},
        {"two documents", stop_with(R"("a":1)") + "{}", "not valid JSON at byte"},
        {"NUL bytes", std::string(64, '\0'), "not valid JSON at byte"},
        {"invalid UTF-8", "\xff\xfe\xc3\x28", "not valid JSON at byte"},
        {"deep", std::string(200'000, '['), "not valid JSON at byte"},
        {"an array", "[1,2,3]", "from no agent that we know (name it with --agent)"},
        {"a number", "17", "from no agent that we know"},
        {"null", "null", "from no agent that we know"},
        {"an object", "{}", "from no agent that we know"},
        {"wrong types", R"({"session_id":5,"hook_event_name":["Stop"]})", "from no agent that we know"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        const World world;
        check_unnoticed(world.hook({}, {.input = row.input}));
        CAPTURE(world.log());
        CHECK(holds(world.log(), row.logged));
        const auto strict = world.hook({"--strict"}, {.input = row.input});
        CHECK(strict.exit_code == 65);
        CHECK(holds(strict.err, row.logged));
        CHECK(strict.out.empty());
    }
}

TEST_CASE("programs: an unknown event passes without a word, also in the log") {
    const World world;
    const std::string input = R"({"session_id":"s","hook_event_name":"SomethingNew","x":[{"y":null}]})";
    check_unnoticed(world.hook({}, {.input = input}));
    CHECK(world.hook({"--strict"}, {.input = input}).exit_code == 0);
    CHECK(world.log().empty());
}

TEST_CASE("programs: wrong types in any field of a payload cost that field alone") {
    const World world;
    const std::vector<std::string> values = {"null",
                                             "true",
                                             "-1",
                                             "1e300",
                                             "1.5",
                                             "\"\"",
                                             "[]",
                                             "{}",
                                             "[[[]]]",
                                             R"({"a":{"b":[1]}})",
                                             R"("\u0000\ud83d\ude00")"};
    const std::vector<std::string> events = {"UserPromptSubmit", "PostToolUse",  "PermissionRequest",
                                             "Notification",     "Stop",         "StopFailure",
                                             "SessionEnd",       "SessionStart", "Elicitation"};
    const std::vector<std::string> fields = {"prompt_id",
                                             "cwd",
                                             "transcript_path",
                                             "prompt",
                                             "tool_name",
                                             "tool_input",
                                             "duration_ms",
                                             "message",
                                             "notification_type",
                                             "stop_hook_active",
                                             "last_assistant_message",
                                             "background_tasks",
                                             "error",
                                             "reason",
                                             "source",
                                             "agent_id"};
    std::size_t turn = 0;
    for (const auto& event : events) {
        for (const auto& value : values) {
            std::string input = R"({"session_id":"s","hook_event_name":")" + event + "\"";
            // Every field gets every value, three fields away from the wrong one in the others.
            for (std::size_t i = 0; i < fields.size(); ++i)
                input += ",\"" + fields[i] + "\":" + ((i + turn) % 3 == 0 ? value : "\"text\"");
            ++turn;
            CAPTURE(input);
            const auto ended = world.hook({"--strict"}, {.input = input + "}"});
            CHECK(ended.exit_code == 0);
            CHECK(ended.err.empty());
            CHECK(ended.out.empty());
        }
    }
}

TEST_CASE("programs: a payload with invalid UTF-8 inside is understood all the same") {
    const World world;
    check_unnoticed(world.hook({}, {.input = stop_with("\"last_assistant_message\":\"caf\xe9 \xff\"")}));
    CHECK(holds(world.journal(), "\"event\":\"end\""));
    CHECK(world.log().empty());
}

TEST_CASE("programs: a payload of 64 MiB is taken, a larger one is refused") {
    if (MCP_PUSH_SLOW) {
        MESSAGE("skipped: the sanitizers are slower than the deadline");
        return;
    }
    constexpr std::size_t k_most = std::size_t(64) << 20;
    const auto frame = stop_with(R"("last_assistant_message":"")");
    const auto payload = [&](std::size_t size) {
        return stop_with("\"last_assistant_message\":\"" + std::string(size - frame.size(), 'x') + "\"");
    };
    // Its deadline is the wall clock's: on a machine that is overloaded a call may fail for that.
    const auto in_time = [&](const World& world, std::size_t size, const std::function<bool()>& is_so) {
        for (int turn = 0; turn < 5 && !is_so(); ++turn)
            check_unnoticed(world.hook({}, {.input = payload(size)}));
        return is_so();
    };
    const World world;
    CHECK(in_time(world, k_most, [&] { return holds(world.journal(), "\"event\":\"end\""); }));
    const World second;
    CHECK(in_time(second, k_most + 1, [&] { return holds(second.log(), "larger than 64 MiB"); }));
    CHECK(second.journal().empty());
}

TEST_CASE("programs: a payload that comes in pieces is put together; one that never ends is not waited for") {
    for (const bool ends : {true, false}) {
        CAPTURE(ends);
        const World world;
        int ends_of[2] = {-1, -1};
        REQUIRE(::pipe2(ends_of, O_CLOEXEC) == 0);
        ChildProcess writer([&] {
            const auto text = stop_with(R"("last_assistant_message":"in pieces")");
            for (const char c : text) {
                if (::write(ends_of[1], &c, 1) != 1) return 1;
                if (c == ',') ::poll(nullptr, 0, 2);
            }
            while (!ends)
                ::pause(); // keeps the pipe open
            return 0;
        });
        const auto ended = world.hook({}, {.prepare = [&] { ::dup2(ends_of[0], 0); }});
        if (!ends) writer.signal(SIGKILL);
        ::close(ends_of[0]);
        ::close(ends_of[1]);
        CHECK(writer.wait() == (ends ? 0 : 128 + SIGKILL));
        check_unnoticed(ended);
        CAPTURE(world.log());
        CHECK(holds(world.journal(), "\"event\":\"end\""));
    }
}

TEST_CASE("programs: a terminal that says nothing and a folder as standard input hold nobody") {
    const World world;
    int silent[2] = {-1, -1};
    REQUIRE(::pipe2(silent, O_CLOEXEC) == 0);
    check_unnoticed(world.hook({}, {.prepare = [&] { ::dup2(silent[0], 0); }}));
    ::close(silent[0]);
    ::close(silent[1]);
    CHECK(holds(world.log(), "empty where JSON was expected"));
    check_unnoticed(world.hook({}, {.prepare = [] { ::dup2(::open("/", O_RDONLY), 0); }}));
    CHECK(holds(world.log(), "cannot read standard input"));
}

TEST_CASE("programs: closed standard streams do no harm to what the hook writes elsewhere") {
    const World world;
    const mcp_push::Endpoint endpoint;
    world.configure({endpoint.url()});
    const auto close_all = [] {
        for (int fd = 0; fd <= 2; ++fd)
            ::close(fd);
    };
    CHECK(world.hook({"--strict"}, {.prepare = close_all}).exit_code == 65);
    CHECK(holds(world.log(), "empty where JSON was expected"));
    CHECK(world.end("built", {.prepare = close_all}).exit_code == 0);
    CHECK(endpoint.gets("built"));
    CHECK(eventually([&] { return world.rows("delivered").size() == 1; }));
}

TEST_CASE("programs: a reader that does not read and a full disk behind standard output do not hold the agent") {
    const World world;
    world.home.write(".config/mcp-push/config.toml",
                     "[channels.t]\ntype = \"terminal\"\n[rules]\nthreshold = \"0s\"\n");
    const auto prompt = [](std::string_view turn, std::string_view rest) {
        return R"({"session_id":"s","cwd":"/tmp","prompt_id":")" + std::string(turn) + "\"," + std::string(rest) + "}";
    };
    (void)world.hook({}, {.input = prompt("p", R"("hook_event_name":"UserPromptSubmit","prompt":"x")")});
    const auto ended = world.hook({"--strict"}, {.input = prompt("p", R"("hook_event_name":"Stop")"),
                                                 .prepare = [] { ::dup2(::open("/dev/full", O_WRONLY), 1); }});
    CHECK(ended.exit_code == 0);
    CHECK(ended.err.empty());
    CHECK(ended.took < k_soon);
    CHECK(holds(world.journal(), "\"result\":\"kept\""));
}
