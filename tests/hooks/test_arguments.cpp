// SPDX-License-Identifier: MIT
#include "hooks/arguments.hpp"

#include <doctest/doctest.h>

namespace mcp_push {
namespace {

using Form = HookArguments::Form;

HookArguments parsed(const std::vector<std::string>& words) {
    auto arguments = parse_hook_arguments(words);
    REQUIRE_MESSAGE(arguments.ok(), (arguments.ok() ? "" : arguments.error().text()));
    return *arguments;
}

std::string refused(const std::vector<std::string>& words) {
    const auto arguments = parse_hook_arguments(words);
    REQUIRE_FALSE(arguments.ok());
    CHECK(arguments.error().kind == ErrorKind::usage);
    return arguments.error().text();
}

} // namespace

TEST_CASE("arguments: without any the payload comes on standard input") {
    CHECK(parsed({}).form == Form::payload_on_stdin);
    CHECK(parsed({"--agent", "claude-code"}).agent == "claude-code");
    CHECK(parsed({"--agent", "claude-code"}).form == Form::payload_on_stdin);
}

TEST_CASE("arguments: a JSON object as the last word is Codex's payload") {
    const auto arguments = parsed({"--agent=codex", R"({"type":"agent-turn-complete"})"});
    CHECK(arguments.form == Form::payload_as_argument);
    CHECK(arguments.payload == R"({"type":"agent-turn-complete"})");
}

TEST_CASE("arguments: the explicit form takes its values after a space or an equals sign") {
    const auto arguments = parsed({"--status", "end", "--start-time=1700000000", "--run-id", "r1", "--title", "T",
                                   "--message=--not a flag", "--exit-code", "3"});
    CHECK(arguments.form == Form::explicit_flags);
    CHECK(arguments.status == "end");
    CHECK(arguments.start_time == "1700000000");
    CHECK(arguments.message == "--not a flag");
    CHECK(arguments.exit_code == 3);
}

TEST_CASE("arguments: the original script's positional form") {
    const auto arguments = parsed({"end", "All done", "run-42", "1700000000000"});
    CHECK(arguments.form == Form::positional);
    CHECK(arguments.status == "end");
    CHECK(arguments.message == "All done");
    CHECK(arguments.run_id == "run-42");
    CHECK(arguments.start_time == "1700000000000");
}

TEST_CASE("arguments: the seconds of --wait are optional and bounded") {
    CHECK(parsed({"--status", "end", "--wait"}).wait == Millis(30'000));
    CHECK(parsed({"--status", "end", "--wait", "5"}).wait == Millis(5'000));
    CHECK(parsed({"--wait", "--status", "end"}).wait == Millis(30'000));
    CHECK(parsed({"--wait=100", "--status", "end"}).wait == Millis(30'000));
    CHECK_FALSE(parsed({"--status", "end"}).wait.has_value());
}

TEST_CASE("arguments: what cannot be understood is named with what to do") {
    CHECK(refused({"--statsu", "end"}).find("did you mean --status?") != std::string::npos);
    CHECK(refused({"--status"}).find("--status needs a value") != std::string::npos);
    CHECK(refused({"--exit-code", "x"}).find("--exit-code x is not a number") != std::string::npos);
    CHECK(refused({"finished"}).find("\"finished\" is no event") != std::string::npos);
    CHECK(refused({"end", "m", "r", "1", "more"}).find("unexpected \"more\"") != std::string::npos);
    CHECK(refused({"--status", "end", "stray"}).find("unexpected \"stray\"") != std::string::npos);
}

} // namespace mcp_push
