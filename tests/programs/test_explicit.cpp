// SPDX-License-Identifier: MIT
// The forms that name status and start by themselves, through the real hook.
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "tests/programs/world.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

using mcp_push::holds;
using mcp_push::millis_ago;
using mcp_push::World;

namespace {

mcp_push::Json last_entry(const World& world) {
    const auto journal = world.journal();
    const auto lines = mcp_push::split(mcp_push::trim(journal), '\n');
    auto parsed = mcp_push::parse_json(lines.back());
    return parsed ? std::move(parsed).value() : mcp_push::Json();
}

/// The file of the one session that is remembered, below the home folder.
std::string session_file(const World& world) {
    for (const auto& entry : std::filesystem::directory_iterator(world.state("sessions"))) {
        if (entry.path().extension() == ".json")
            return ".local/state/mcp-push/sessions/" + entry.path().filename().string();
    }
    return {};
}

std::string result_of(const World& world) { return mcp_push::string_member(last_entry(world), "result"); }

} // namespace

TEST_CASE("programs: a start is understood as seconds, milliseconds and ISO 8601, by flags and by position") {
    for (const auto* const start : {"1700000000", "1700000000000", "1700000000.5", "2023-11-14T22:13:20Z",
                                    "2023-11-14T22:13:20", "2023-11-15 06:13:20.250+08:00", "2023-11-14"}) {
        CAPTURE(start);
        const World world;
        const auto flags = world.hook({"--strict", "--status", "end", "--start-time", start, "--title", "by flags"});
        CHECK(flags.exit_code == 0);
        CHECK(result_of(world) == "kept");
        const auto positional = world.hook({"--strict", "end", "by position", "run-42", start});
        CHECK(positional.exit_code == 0);
        CHECK(result_of(world) == "kept");
        CHECK(flags.out.empty());
        CHECK(positional.out.empty());
        CHECK(holds(world.push({"inbox"}).out, "by flags"));
    }
}

TEST_CASE("programs: a start in the future or not to be understood is silent, and the log says so") {
    struct Row {
        std::string start;
        std::string logged;
    };
    const std::vector<Row> rows = {{millis_ago(-600'000), "lies in the future"},
                                   {"2199-01-01T00:00:00Z", "lies in the future"},
                                   {"yesterday", "\"yesterday\" is not a time (give seconds or milliseconds"},
                                   {"12:30", "is not a time"},
                                   {"2026-02-30T00:00:00Z", "is not a time"},
                                   {"1e308", "is not a time"},
                                   {"99999999999999999999999", "is not a time"},
                                   {"nan", "is not a time"},
                                   {"\xff\xfe", "is not a time"}};
    for (const auto& row : rows) {
        CAPTURE(row.start);
        const World world;
        for (const bool strict : {false, true}) {
            std::vector<std::string> words = {"--status", "error", "--start-time", row.start};
            if (strict) words.emplace_back("--strict");
            const auto ended = world.hook(words);
            CHECK(ended.exit_code == (strict ? 65 : 0));
            CHECK(ended.out.empty());
            CHECK(ended.err.empty() != strict);
            CHECK(result_of(world) == "silent");
        }
        CAPTURE(world.log());
        CHECK(holds(world.log(), row.logged));
        CHECK(world.rows().empty());
    }
}

TEST_CASE("programs: a wrong command line is silent, the log names it, and --strict makes it an exit code") {
    struct Row {
        std::vector<std::string> words;
        std::string logged;
    };
    const std::vector<Row> rows = {{{"--statsu", "end"}, "unknown option --statsu (did you mean --status?)"},
                                   {{"--status", "finished"}, "\"finished\" is no status (one of end, error"},
                                   {{"--status"}, "--status needs a value"},
                                   {{"--exit-code", "x"}, "--exit-code x is not a number"},
                                   {{"bogus", "message"}, "\"bogus\" is no event"},
                                   {{"end", "m", "r", "1700000000", "more"}, "unexpected \"more\""},
                                   {{"--agent", "nobody", "{}"}, "no agent is called \"nobody\" (known: claude-code"}};
    for (const auto& row : rows) {
        CAPTURE(row.logged);
        const World world;
        const auto ended = world.hook(row.words);
        CHECK(ended.exit_code == 0);
        CHECK(ended.out.empty());
        CHECK(ended.err.empty());
        CAPTURE(world.log());
        CHECK(holds(world.log(), row.logged));
        auto words = row.words;
        words.insert(words.begin(), "--strict");
        const auto strict = world.hook(words);
        CHECK(strict.exit_code == 64);
        CHECK(holds(strict.err, row.logged));
    }
}

TEST_CASE("programs: an exit code other than 0 means error, whatever the status says") {
    const World world;
    (void)world.end("nightly", {}, {"--exit-code", "3"});
    CHECK(mcp_push::string_member(last_entry(world), "event") == "error");
    (void)world.end("nightly", {}, {"--exit-code", "0"});
    CHECK(mcp_push::string_member(last_entry(world), "event") == "end");
}

TEST_CASE("programs: exactly 60 s is silent, one millisecond more is told") {
    const World world;
    std::set<long long> seen;
    long long early = 4; // from our reading of the clock to the hook's
    for (int turn = 0; turn < 300 && !(seen.contains(60'000) && seen.contains(60'001)); ++turn) {
        const auto ended = world.hook({"--strict", "--status", "end", "--start-time", millis_ago(60'000 - early)},
                                      {.variables = {{"MCP_PUSH_BIN", "/nowhere"}, {"PATH", "/nowhere"}}});
        REQUIRE(ended.exit_code == 0);
        const auto entry = last_entry(world);
        const auto duration = mcp_push::integer_member(entry, "duration_ms").value_or(0);
        CAPTURE(duration);
        REQUIRE(mcp_push::string_member(entry, "result") == (duration > 60'000 ? "kept" : "silent"));
        seen.insert(duration);
        early += duration > 60'001 ? 1 : duration < 60'000 ? -1 : seen.contains(60'000) ? -1 : 1;
        early = std::clamp(early, -5LL, 60LL);
    }
    CHECK(seen.contains(60'000));
    CHECK(seen.contains(60'001));
}

TEST_CASE("programs: a run's start is remembered across processes whatever the wall clock does in between") {
    for (const long long jump : {-3'600'000LL, 3'600'000LL}) {
        CAPTURE(jump);
        const World world;
        REQUIRE(world.hook({"--strict", "--status", "start", "--run-id", "nightly"}).exit_code == 0);
        // As if the clock had been set by so much since the start: the moment is told by two clocks.
        const auto file = session_file(world);
        auto memory = mcp_push::parse_json(world.home.read(file));
        REQUIRE(memory);
        auto& start = (*memory)["turn"]["start"];
        REQUIRE(start.is_array());
        start[0] = start[0].get<long long>() - jump;
        start[1] = start[1].get<long long>() - 61'000;
        world.home.write(file, mcp_push::dump_json(*memory));
        REQUIRE(world.hook({"--strict", "--status", "end", "--run-id", "nightly"}).exit_code == 0);
        const auto duration = mcp_push::integer_member(last_entry(world), "duration_ms").value_or(0);
        CHECK(duration >= 61'000);
        CHECK(duration < 120'000);
        CHECK(result_of(world) == "kept");
    }
}
