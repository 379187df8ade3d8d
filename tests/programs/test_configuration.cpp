// SPDX-License-Identifier: MIT
// A configuration that is broken somewhere: what is right still works, and what is wrong is named.
#include "tests/programs/world.hpp"

#include <doctest/doctest.h>

using mcp_push::Endpoint;
using mcp_push::eventually;
using mcp_push::holds;
using mcp_push::World;

TEST_CASE("programs: a config.toml broken at a line names it, and the other channels send") {
    const World world;
    const Endpoint endpoint;
    world.configure({endpoint.url()}, "[channels.broken]\ntype = \"custom_notify\"\nurl = \"unfinished\n"
                                      "[channels.misspelt]\ntype = \"custom_notfy\"\nurl = \"http://127.0.0.1:9/\"\n"
                                      "[rules]\nthresold = \"0s\"\n");
    const auto ended = world.end("built");
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.empty());
    CHECK(ended.err.empty());
    CHECK(endpoint.gets("built"));
    CAPTURE(world.log());
    CHECK(holds(world.log(), "~/.config/mcp-push/config.toml:6:"));
    CHECK(holds(world.log(), "thresold"));
    CHECK(holds(world.log(), "did you mean threshold?"));
    CHECK(holds(world.log(), "custom_notfy"));
    CHECK(holds(world.log(), "custom_notify"));
}

TEST_CASE("programs: one channel that cannot work silences no other, and its fault is said once") {
    const World world;
    const Endpoint fine;
    const Endpoint refuses(401);
    world.configure({fine.url(), refuses.url()},
                    "[channels.nourl]\ntype = \"custom_notify\"\n"
                    "[channels.strange]\ntype = \"pigeon\"\n"
                    "[channels.keyless]\ntype = \"custom_notify\"\nurl = { env = \"NO_SUCH_VARIABLE\" }\n"
                    "[channels.commanded]\ntype = \"custom_notify\"\nurl = { command = [\"/bin/false\"] }\n");
    for (const auto* const title : {"one", "two"}) {
        CHECK(world.end(title).exit_code == 0);
        CHECK(fine.gets(title));
        CHECK(refuses.gets(title));
    }
    CHECK(eventually([&] { return world.rows("delivered").size() == 2; }));
    for (const auto* const name : {"nourl", "strange", "keyless", "commanded", "sink1"}) {
        CAPTURE(name);
        CHECK(eventually([&] { return holds(world.log(), name); }));
    }
}

TEST_CASE("programs: a configuration that is no text, a folder or a pipe does not hold the hook") {
    for (const auto* const text : {"\xff\xfe[\x00", "[[[[[[", "= = =", "\xef\xbb\xbf[channels"}) {
        const World world;
        const Endpoint endpoint;
        world.home.write(".config/mcp-push/config.toml", text);
        CHECK(world.end("built", {.variables = {{"WEBHOOK_URL", endpoint.url()}}}).exit_code == 0);
        CHECK(endpoint.gets("built"));
        CHECK(holds(world.log(), "config.toml"));
    }
}
