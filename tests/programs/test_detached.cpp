// SPDX-License-Identifier: MIT
// The deliverer that a hook starts: on its own, alone, and found wherever it is installed.
#include "core/base/files.hpp"
#include "tests/programs/world.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>

using mcp_push::Endpoint;
using mcp_push::eventually;
using mcp_push::FileHandle;
using mcp_push::holds;
using mcp_push::LoopbackServer;
using mcp_push::Start;
using mcp_push::World;

namespace {

const Endpoint& silent_endpoint() {
    static const Endpoint endpoint([](const LoopbackServer::Request&) {
        return LoopbackServer::Answer{.manner = LoopbackServer::Answer::Manner::hang};
    });
    return endpoint;
}

std::string link_of(pid_t pid, const std::string& name) {
    std::error_code trouble;
    return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/" + name, trouble).string();
}

bool ignores_sigterm(pid_t pid) {
    const auto status = mcp_push::read_file("/proc/" + std::to_string(pid) + "/status", 1 << 16).value_or("");
    const auto at = status.find("SigIgn:\t");
    if (at == std::string::npos) return false;
    const auto mask = std::strtoull(status.c_str() + at + 8, nullptr, 16);
    return (mask >> (SIGTERM - 1) & 1) != 0;
}

bool found_elsewhere() {
    return ::access("/usr/local/bin/mcp-push", X_OK) == 0 || ::access("/usr/bin/mcp-push", X_OK) == 0;
}

} // namespace

TEST_CASE("programs: the deliverer has a session, streams and a folder of its own, and nothing of the agent's") {
    const World world;
    world.configure({silent_endpoint().url("/own")});
    int agents[2] = {-1, -1};
    REQUIRE(::pipe2(agents, O_CLOEXEC) == 0);
    const FileHandle reader(agents[0]);
    FileHandle writer(agents[1]);
    REQUIRE(world.end("own", {.prepare = [&] { ::dup2(writer.get(), 77); }}).exit_code == 0);
    writer.reset();
    REQUIRE(silent_endpoint().gets("/own"));
    const auto living = world.deliverers();
    REQUIRE(living.size() == 1);
    const pid_t pid = living[0];
    char byte = 0;
    CHECK(::read(reader.get(), &byte, 1) == 0); // nobody holds the other end any more
    CHECK(::getsid(pid) != ::getsid(0));
    CHECK(::getpgid(pid) != ::getpgrp());
    CHECK(link_of(pid, "cwd") == "/");
    for (const auto* const stream : {"fd/0", "fd/1", "fd/2"})
        CHECK(link_of(pid, stream) == "/dev/null");
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid) + "/fd/77"));
}

TEST_CASE("programs: the message goes out although the agent's process group is killed right after the hook") {
    const World world;
    const Endpoint endpoint;
    world.configure({endpoint.url()});
    for (int turn = 0; turn < 5; ++turn) {
        const auto title = "turn-" + std::to_string(turn);
        const auto killed = world.hook(
            {"-c", "\"$0\" --status end --start-time 1700000000 --title " + title + "; kill -9 0", mcp_push::k_hook},
            {.prepare = [] { ::setpgid(0, 0); }, .program = "/bin/sh"});
        CHECK(killed.exit_code == 137);
        CHECK(endpoint.gets(title));
    }
}

TEST_CASE("programs: SIGTERM, SIGHUP and SIGINT do not keep the hook from its work") {
    const World world;
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const FileHandle reader(ends[0]);
    const FileHandle writer(ends[1]);
    const auto signal_and_write = [&](pid_t hook) {
        while (!ignores_sigterm(hook)) {
            if (::kill(hook, 0) != 0) return; // it ended before it ignored anything
            ::poll(nullptr, 0, 1);
        }
        for (const int number : {SIGTERM, SIGHUP, SIGINT})
            ::kill(hook, number);
        const std::string_view text = R"({"session_id":"s","prompt_id":"p","hook_event_name":"StopFailure"})";
        if (::write(writer.get(), text.data(), text.size()) < 0) return;
    };
    const auto ended = world.hook({}, {.prepare = [&] {
                                      ::dup2(reader.get(), 0);
                                      const pid_t hook = ::getpid();
                                      if (::fork() != 0) return;
                                      signal_and_write(hook);
                                      ::_exit(0);
                                  }});
    CHECK(ended.exit_code == 0);
    CHECK(holds(world.journal(), "\"event\":\"error\""));
}

TEST_CASE("programs: one deliverer works at a time, and a second one says so and leaves") {
    const World world;
    world.configure({silent_endpoint().url("/alone")});
    for (int turn = 0; turn < 6; ++turn)
        REQUIRE(world.end("alone-" + std::to_string(turn)).exit_code == 0);
    CHECK(eventually([&] { return world.deliverers().size() == 1 && world.rows("leased").size() == 6; }));
    const auto second = world.push({"deliver"});
    CHECK(second.exit_code == 0);
    CHECK(holds(second.err, "another deliverer is at work"));
}

TEST_CASE("programs: a killed deliverer's leases are taken back at once by the next hook's") {
    const World world;
    std::atomic<bool> answers = false;
    const Endpoint endpoint([&](const LoopbackServer::Request&) {
        LoopbackServer::Answer answer;
        if (!answers) answer.manner = LoopbackServer::Answer::Manner::hang;
        return answer;
    });
    world.configure({endpoint.url()});
    REQUIRE(world.end("first").exit_code == 0);
    REQUIRE(endpoint.gets("first"));
    world.kill_deliverers();
    REQUIRE(world.rows("leased").size() == 1);
    answers = true;
    REQUIRE(world.end("second").exit_code == 0);
    CHECK(eventually([&] { return world.rows("delivered").size() == 2; }, mcp_push::Millis(10'000)));
    CHECK(endpoint.count("first") == 2);
}

TEST_CASE("programs: a deliverer whose store is removed leaves") {
    const World world;
    const Endpoint endpoint(503);
    world.configure({endpoint.url()});
    REQUIRE(world.end("built").exit_code == 0);
    REQUIRE(endpoint.gets("built"));
    REQUIRE(world.deliverers().size() == 1);
    std::filesystem::remove_all(world.state());
    CHECK(eventually([&] { return world.deliverers().empty(); }));
}

TEST_CASE("programs: mcp-push is found beside the hook's real path and on PATH, and a folder of its name is none") {
    const World world;
    const Endpoint endpoint;
    world.configure({endpoint.url()});
    namespace fs = std::filesystem;
    for (const auto* const folder : {"together", "alone", "linked", "elsewhere/mcp-push"})
        fs::create_directories(world.home.path(folder));
    fs::copy_file(mcp_push::k_hook, world.home.path("together/mcp-push-hook"));
    fs::create_symlink(mcp_push::k_push, world.home.path("together/mcp-push"));
    fs::copy_file(mcp_push::k_hook, world.home.path("alone/mcp-push-hook"));
    fs::create_symlink(world.home.path("together/mcp-push-hook"), world.home.path("linked/hook"));

    const auto end = [&](const std::string& title, const std::string& program, const std::string& path,
                         const std::string& bin) {
        Start start{.variables = {{"PATH", path}}, .program = world.home.path(program)};
        if (bin.empty()) {
            start.unset = {"MCP_PUSH_BIN"};
        } else {
            start.variables["MCP_PUSH_BIN"] = bin;
        }
        return world.end(title, start).exit_code;
    };
    CHECK(end("beside", "together/mcp-push-hook", "/nowhere", "") == 0);
    CHECK(endpoint.gets("beside"));
    CHECK(end("linked", "linked/hook", "/nowhere", "/nowhere/mcp-push") == 0);
    CHECK(endpoint.gets("linked"));
    CHECK(end("on-path", "alone/mcp-push-hook", world.home.path("elsewhere") + ":" + world.home.path("together"),
              world.home.path("elsewhere/mcp-push")) == 0);
    CHECK(endpoint.gets("on-path"));
    REQUIRE(eventually([&] { return world.deliverers().empty(); }));
    if (found_elsewhere()) {
        MESSAGE("skipped: mcp-push is installed on this machine, so it is always found");
        return;
    }
    CHECK(end("nowhere", "alone/mcp-push-hook", "/nowhere", "") == 0);
    CHECK(world.rows("waiting").size() == 1);
    CHECK(holds(world.log(), "mcp-push is not to be found, so nothing delivers what waits (install mcp-push beside"));
    CHECK(world.push({"deliver"}).exit_code == 0);
    CHECK(endpoint.gets("nowhere"));
}
