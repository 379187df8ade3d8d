// SPDX-License-Identifier: MIT
// --wait: the outcome is awaited, never for longer than was said, and never for an agent.
#include "tests/programs/world.hpp"

#include <doctest/doctest.h>

using mcp_push::Endpoint;
using mcp_push::holds;
using mcp_push::LoopbackServer;
using mcp_push::Millis;
using mcp_push::World;

namespace {

const Endpoint& silent_endpoint() {
    static const Endpoint endpoint([](const LoopbackServer::Request&) {
        return LoopbackServer::Answer{.manner = LoopbackServer::Answer::Manner::hang};
    });
    return endpoint;
}

LoopbackServer::Answer answer_late(const LoopbackServer::Request&) { return {.delay = Millis(300)}; }

} // namespace

TEST_CASE("programs: with --wait the hook stays until each channel has answered") {
    const World world;
    const Endpoint one(&answer_late);
    const Endpoint two(&answer_late);
    world.configure({one.url(), two.url()});
    const auto ended = world.end("built", {}, {"--strict", "--wait", "20"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.took >= Millis(300));
    CHECK(world.rows("delivered").size() == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.empty());
}

TEST_CASE("programs: --wait ends when its seconds are over; --strict says so") {
    const World world;
    world.configure({silent_endpoint().url("/wait")});
    const auto ended = world.end("built", {}, {"--wait", "1"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.took >= Millis(1'000));
    CHECK(ended.took < Millis(6'000));
    CHECK(holds(world.log(), "no answer from each channel within 1 s"));
    CHECK(world.end("again", {}, {"--wait=0.2", "--strict"}).exit_code == 1);
}

TEST_CASE("programs: a channel that refuses is an exit code with --strict, and the log names it") {
    const World world;
    const Endpoint fine;
    const Endpoint refuses(403);
    world.configure({fine.url(), refuses.url()});
    const auto ended = world.end("built", {}, {"--wait", "20", "--strict"});
    CHECK(ended.exit_code == 1);
    CHECK(holds(world.log(), "not delivered yet: sink1: "));
    CHECK(world.end("again", {}, {"--wait", "20"}).exit_code == 0);
}

TEST_CASE("programs: where CI is set the explicit forms wait by themselves, an agent's payload never") {
    const World world;
    const Endpoint late(&answer_late);
    world.configure({late.url()}, "[rules]\nthreshold = \"0s\"\n");
    CHECK(world.end("built", {.variables = {{"CI", "1"}}}).exit_code == 0);
    CHECK(world.rows("delivered").size() == 1);
    CHECK(world.hook({"end", "by position", "run-1", "1700000000"}, {.variables = {{"CI", "true"}}}).exit_code == 0);
    CHECK(world.rows("delivered").size() == 2);

    world.configure({silent_endpoint().url("/agent")}, "[rules]\nthreshold = \"0s\"\n");
    const std::string common = R"({"session_id":"s","prompt_id":"p","cwd":"/tmp","hook_event_name":)";
    (void)world.hook({}, {.input = common + R"("UserPromptSubmit","prompt":"x"})", .variables = {{"CI", "1"}}});
    const auto ended = world.hook({}, {.input = common + R"("Stop"})", .variables = {{"CI", "1"}}});
    CHECK(ended.exit_code == 0);
    CHECK(ended.took < Millis(6'000));
    CHECK(silent_endpoint().gets("/agent"));
    CHECK(world.rows("leased").size() == 1);
}
