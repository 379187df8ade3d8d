// SPDX-License-Identifier: MIT
// An outbox that is locked or damaged: the message is attempted, and what was accepted before is not lost.
#include "core/base/files.hpp"
#include "core/store/sqlite.hpp"
#include "tests/programs/world.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>

using mcp_push::Ended;
using mcp_push::Endpoint;
using mcp_push::eventually;
using mcp_push::holds;
using mcp_push::LoopbackServer;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::World;
using mcp_push::sqlite::Database;

namespace {

void check_unnoticed(const Ended& ended) {
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.empty());
    CHECK(ended.err.empty());
    CHECK(ended.took < Millis(6'000));
}

/// Moves everything out of the write-ahead log.
void settle(const World& world) {
    const auto database = must(Database::open(world.state("outbox.db"), Millis(5'000)));
    must(database->script("PRAGMA wal_checkpoint(TRUNCATE)"));
}

void overwrite(const std::string& path, std::streamoff at, std::size_t count) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    const std::string bytes(count, '\x5a');
    file.write(bytes.data(), static_cast<std::streamsize>(count));
}

/// A home whose outbox is about to be damaged.
struct Damaged {
    World world;
    std::atomic<int> status = 503;
    Endpoint endpoint{[this](const LoopbackServer::Request&) { return LoopbackServer::Answer{status}; }};
    std::size_t before = 0; ///< attempts at the earlier message
};

} // namespace

TEST_CASE("programs: an outbox that is locked for longer than a hook may take: the message goes out meanwhile") {
    const World world;
    const Endpoint endpoint;
    world.configure({endpoint.url()});
    check_unnoticed(world.end("before"));
    REQUIRE(endpoint.gets("before"));
    REQUIRE(eventually([&] { return world.deliverers().empty(); }));
    const auto holder = must(Database::open(world.state("outbox.db"), Millis(5'000)));
    must(holder->script("BEGIN IMMEDIATE"));
    check_unnoticed(world.end("locked", {}, {"--run-id", "nightly"}));
    CHECK(endpoint.gets("locked"));
    CHECK(holds(world.log(), "is locked by another process"));
    must(holder->script("ROLLBACK"));
    check_unnoticed(world.end("after"));
    CHECK(endpoint.gets("after"));
    CHECK(endpoint.count("locked") == 1);
}

TEST_CASE("programs: a row that waits while the outbox is locked goes out when the lock is gone") {
    const World world;
    const Endpoint endpoint;
    world.configure({endpoint.url()});
    const auto nowhere = world.home.path("nowhere");
    check_unnoticed(
        world.end("waits", {.variables = {{"MCP_PUSH_BIN", nowhere}, {"PATH", nowhere}}, .program = mcp_push::k_hook}));
    REQUIRE(eventually([&] { return world.rows("waiting").size() + world.rows("delivered").size() == 1; }));
    world.kill_deliverers();
    auto holder = must(Database::open(world.state("outbox.db"), Millis(5'000)));
    must(holder->script("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"));
    check_unnoticed(world.end("locked"));
    CHECK(endpoint.gets("locked"));
    must(holder->script("COMMIT"));
    holder.reset();
    check_unnoticed(world.end("after"));
    CHECK(endpoint.gets("waits"));
    CHECK(endpoint.gets("after"));
}

TEST_CASE("programs: whatever happens to the outbox's files, the next message arrives") {
    struct Damage {
        std::string name;
        void (*harm)(const std::string& path);
        bool earlier_survives;
        bool is_told;
    };
    const std::vector<Damage> damages = {
        {"the header is overwritten", [](const std::string& path) { overwrite(path, 0, 100); }, true, true},
        {"it is no database", [](const std::string& path) { std::ofstream(path, std::ios::trunc) << "hello, world"; },
         false, true},
        {"it is truncated", [](const std::string& path) { std::filesystem::resize_file(path, 5'000); }, false, true},
        {"it is empty", [](const std::string& path) { std::filesystem::resize_file(path, 0); }, false, false},
        {"every page but the first is overwritten",
         [](const std::string& path) {
             overwrite(path, 4'096, static_cast<std::size_t>(std::filesystem::file_size(path)) - 4'096);
         },
         false, true},
        {"the log is garbage",
         [](const std::string& path) { std::ofstream(path + "-wal") << std::string(50'000, 'x'); }, true, false},
        {"it is a folder",
         [](const std::string& path) {
             std::filesystem::remove(path);
             std::filesystem::create_directory(path);
         },
         false, true},
    };
    // All at once, phase by phase: most of it is waiting for the second attempt at the earlier message.
    std::vector<std::unique_ptr<Damaged>> cases;
    for (const auto& damage : damages) {
        CAPTURE(damage.name);
        auto& made = *cases.emplace_back(std::make_unique<Damaged>());
        const World& world = made.world;
        world.configure({made.endpoint.url()});
        check_unnoticed(world.end("earlier"));
        REQUIRE(made.endpoint.gets("earlier"));
        REQUIRE(eventually([&] { return !world.rows("waiting").empty(); }));
        world.kill_deliverers();
        settle(world);
        damage.harm(world.state("outbox.db"));
        made.status = 200;
        made.before = made.endpoint.count("earlier");
        check_unnoticed(world.end("next"));
    }
    for (std::size_t i = 0; i < damages.size(); ++i) {
        const auto& damage = damages[i];
        CAPTURE(damage.name);
        const Damaged& one = *cases[i];
        CHECK(one.endpoint.gets("next"));
        if (damage.earlier_survives) CHECK(eventually([&] { return one.endpoint.count("earlier") > one.before; }));
        check_unnoticed(one.world.end("third"));
        CHECK(one.endpoint.gets("third"));
        CAPTURE(one.world.log());
        CHECK(one.endpoint.count("next") == 1);
        CHECK(holds(one.world.log(), "outbox.db") == damage.is_told);
    }
}
