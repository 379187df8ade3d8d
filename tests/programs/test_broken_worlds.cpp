// SPDX-License-Identifier: MIT
// No home, no room, no right to write: the message is attempted all the same, and the agent sees nothing of it.
#include "core/base/files.hpp"
#include "tests/programs/world.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>

using mcp_push::Ended;
using mcp_push::Endpoint;
using mcp_push::eventually;
using mcp_push::holds;
using mcp_push::LoopbackServer;
using mcp_push::Start;
using mcp_push::World;

namespace {

constexpr uid_t k_nobody = 65534;

void become_nobody() {
    if (::setgroups(0, nullptr) != 0 || ::setgid(k_nobody) != 0 || ::setuid(k_nobody) != 0) ::_exit(125);
}

/// Root may write everywhere: the cases below need another user, and one who can reach the programs.
bool can_become_nobody(const World& world) {
    if (::geteuid() != 0) return false;
    return world.hook({"--version"}, {.folder = "/", .prepare = become_nobody}).exit_code == 0;
}

void check_unnoticed(const Ended& ended) {
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.empty());
    CHECK(ended.err.empty());
    CHECK(ended.took < mcp_push::Millis(6'000));
}

void forbid_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
}

} // namespace

TEST_CASE("programs: a home that is missing, unset or read-only costs no message") {
    World world;
    if (!can_become_nobody(world)) {
        MESSAGE("skipped: needs root, and programs that everybody can reach");
        return;
    }
    const Endpoint endpoint;
    world.home.set("WEBHOOK_URL", endpoint.url());
    std::filesystem::permissions(world.home.path(), std::filesystem::perms(0755));
    const auto end = [&](const std::string& title, const std::string& home) {
        // Its deliverer is found by this variable when the test ends.
        Start start{.variables = {{"HOME", home}, {"MARK", "x"}}, .folder = "/", .prepare = become_nobody};
        if (home.empty()) start.unset = {"HOME"};
        return world.end(title, start);
    };
    check_unnoticed(end("missing", "/nonexistent/home"));
    check_unnoticed(end("unset", ""));
    check_unnoticed(end("read-only", world.home.path()));
    CHECK(endpoint.gets("missing"));
    CHECK(endpoint.gets("unset"));
    CHECK(endpoint.gets("read-only"));
}

TEST_CASE("programs: a state folder that is a file costs no message") {
    const World world;
    const Endpoint endpoint;
    world.configure({endpoint.url()});
    world.home.write(".local/state/mcp-push", "not a folder");
    const auto own_log = world.home.path("own.log");
    check_unnoticed(world.end("built", {.variables = {{"MCP_PUSH_HOOK_LOG_PATH", own_log}}}));
    CHECK(endpoint.gets("built"));
    CHECK(holds(world.home.read("own.log"), "the outbox cannot take a notification"));
    CHECK(eventually([&] { return world.deliverers().empty(); }));
}

TEST_CASE("programs: where not a byte can be written the message goes out from memory, with the variables' channel") {
    const World world;
    const Endpoint endpoint;
    check_unnoticed(world.end("built", {.variables = {{"WEBHOOK_URL", endpoint.url()}}, .prepare = forbid_files}));
    CHECK(endpoint.gets("built"));
    CHECK(eventually([&] { return world.deliverers().empty(); }));
}

TEST_CASE("programs: a disk that fills up loses nothing that was accepted, and new messages are attempted") {
    const World world;
    std::filesystem::create_directories(world.state());
    if (::mount("tmpfs", world.state().c_str(), "tmpfs", 0, "size=512k,mode=0700") != 0) {
        MESSAGE("skipped: no file system can be mounted here");
        return;
    }
    const auto unmount = [&](const World* mounted) {
        mounted->kill_deliverers();
        ::umount2(mounted->state().c_str(), MNT_DETACH);
    };
    const std::unique_ptr<const World, decltype(unmount)> mounted(&world, unmount);
    std::atomic<int> status = 503;
    const Endpoint endpoint([&](const LoopbackServer::Request&) { return LoopbackServer::Answer{status}; });
    world.configure({endpoint.url()});
    check_unnoticed(world.end("accepted"));
    REQUIRE(endpoint.gets("accepted"));
    {
        std::ofstream filler(world.state("filler"), std::ios::binary);
        const std::string block(4096, 'x');
        while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    check_unnoticed(world.end("while full"));
    CHECK(endpoint.gets("while full"));
    status = 200;
    std::filesystem::remove(world.state("filler"));
    check_unnoticed(world.end("after"));
    CHECK(endpoint.gets("after"));
    CHECK(eventually([&] {
        const auto delivered = world.rows("delivered");
        return delivered.size() >= 2 && world.rows("waiting").empty();
    }));
    CHECK(world.rows("dead").empty());
}

TEST_CASE("programs: a damaged session file begins anew, and the log says so") {
    const World world;
    const std::string prompt = R"({"session_id":"s","prompt_id":"p","hook_event_name":"UserPromptSubmit"})";
    check_unnoticed(world.hook({}, {.input = prompt}));
    std::string file;
    for (const auto& entry : std::filesystem::directory_iterator(world.state("sessions"))) {
        if (entry.path().extension() == ".json") file = entry.path().string();
    }
    REQUIRE_FALSE(file.empty());
    for (const auto* const text : {"", "{\"agent\":", "[]", "\xff\x00\x01", "{\"turn\":{\"phase\":7}}"}) {
        CAPTURE(text);
        std::ofstream(file, std::ios::trunc) << text;
        check_unnoticed(world.hook({}, {.input = prompt}));
        CHECK(holds(mcp_push::read_file(file).value_or(""), "\"session\":\"s\""));
    }
    CHECK(holds(world.log(), "the session's memory was damaged and begins anew"));
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    check_unnoticed(world.hook({}, {.input = prompt}));
}

TEST_CASE("programs: a huge journal is rotated, a huge log is cut, and neither may be a folder's fault") {
    const World world;
    std::filesystem::create_directories(world.state());
    std::ofstream(world.state("journal.jsonl")) << "{}\n";
    REQUIRE(::truncate(world.state("journal.jsonl").c_str(), off_t(1) << 32) == 0);
    {
        std::ofstream log(world.state("mcp-push.log"));
        for (int line = 0; line < 50'000; ++line)
            log << "2026-01-01T00:00:00.000Z [mcp-push-hook 1] a line of last year\n";
    }
    check_unnoticed(world.end("one"));
    check_unnoticed(world.hook({}, {.input = "x"}));
    CHECK(std::filesystem::file_size(world.state("journal.jsonl")) < 10'000);
    CHECK(std::filesystem::file_size(world.state("mcp-push.log")) < (1 << 20));
    CHECK(holds(world.log(), "not valid JSON"));
    CHECK(holds(world.push({"why"}).out, "success over 60 s"));
    for (const auto* const name : {"journal.jsonl", "mcp-push.log", "env-channels"}) {
        std::filesystem::remove(world.state(name));
        std::filesystem::create_directory(world.state(name));
    }
    const Endpoint endpoint;
    check_unnoticed(world.end("two", {.variables = {{"WEBHOOK_URL", endpoint.url()}}}));
    CHECK(endpoint.gets("two"));
}
