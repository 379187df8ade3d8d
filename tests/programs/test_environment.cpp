// SPDX-License-Identifier: MIT
// Channels that only some process's variables describe: another process delivers, and nothing else holds the secret.
#include "core/base/files.hpp"
#include "tests/programs/world.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <filesystem>

using mcp_push::DeliveryRow;
using mcp_push::Endpoint;
using mcp_push::Environment;
using mcp_push::eventually;
using mcp_push::holds;
using mcp_push::LoopbackServer;
using mcp_push::read_file;
using mcp_push::World;

namespace {

constexpr auto k_secret = "s3cr3t-7f3a9c";

/// Files of the state folder that hold the text.
std::vector<std::string> files_with(const World& world, std::string_view text) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world.state())) {
        if (!entry.is_regular_file()) continue;
        const auto content = read_file(entry.path().string());
        if (content && holds(*content, text)) found.push_back(entry.path().filename().string());
    }
    return found;
}

unsigned mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

bool has_header(const LoopbackServer::Request& request, std::string_view name, std::string_view value) {
    return request.header(name) == value;
}

} // namespace

TEST_CASE("programs: a channel of a hook's variables is delivered by a process without them, after a kill, elsewhere") {
    const World world;
    std::atomic<bool> answers = false;
    const Endpoint endpoint([&](const LoopbackServer::Request&) {
        LoopbackServer::Answer answer;
        if (!answers) answer.manner = LoopbackServer::Answer::Manner::hang;
        return answer;
    });
    const Environment::Map variables = {{"WEBHOOK_URL", endpoint.url(std::string("/hook?key=") + k_secret)},
                                        {"WEBHOOK_HEADERS", std::string("Authorization: Bearer ") + k_secret}};
    const auto told = world.end("built", {.variables = variables});
    CHECK(told.exit_code == 0);
    REQUIRE(endpoint.gets("built"));
    const auto first = world.deliverers();
    REQUIRE(first.size() == 1);
    const auto words = read_file("/proc/" + std::to_string(first[0]) + "/cmdline");
    REQUIRE(words);
    CHECK_FALSE(holds(*words, k_secret));
    world.kill_deliverers();

    answers = true;
    const auto second = world.push({"deliver"}, {.folder = "/"});
    CHECK(second.exit_code == 0);
    REQUIRE(endpoint.count("built") == 2);
    const auto last = endpoint.requests().back();
    CHECK(has_header(last, "authorization", std::string("Bearer ") + k_secret));
    CHECK(holds(last.target, k_secret));
    CHECK(last.header("idempotency-key") == endpoint.requests().front().header("idempotency-key"));
    CHECK(world.rows("delivered").size() == 1);
    CHECK(files_with(world, k_secret) == std::vector<std::string>{"env-channels"});
}

TEST_CASE("programs: two terminals with different tokens each reach their own robot") {
    const World world;
    const Endpoint robots([](const LoopbackServer::Request&) {
        return LoopbackServer::Answer{.body = R"({"errcode":0,"errmsg":"ok"})"};
    });
    world.home.write(".config/mcp-push/config.toml",
                     "[channels.robot]\ntype = \"dingding_bot\"\ntoken = { env = \"DD_BOT_TOKEN\" }\nbase_url = \"" +
                         robots.url("") + "\"\n");
    for (const auto* const name : {"one", "two"}) {
        const auto told = world.end(std::string("from-") + name, {.variables = {{"DD_BOT_TOKEN", name}}});
        CHECK(told.exit_code == 0);
    }
    REQUIRE(robots.gets("from-one"));
    REQUIRE(robots.gets("from-two"));
    for (const auto& request : robots.requests()) {
        CAPTURE(request.target);
        CAPTURE(request.body);
        CHECK(holds(request.target, "access_token=one") == holds(request.body, "from-one"));
        CHECK(holds(request.target, "access_token=two") == holds(request.body, "from-two"));
    }
}

TEST_CASE("programs: two terminals with different bots each reach their own chat") {
    const World world;
    const Endpoint telegram([](const LoopbackServer::Request&) {
        return LoopbackServer::Answer{.body = R"({"ok":true,"result":{"message_id":7,"chat":{"id":1}}})"};
    });
    for (const auto* const name : {"111", "222"}) {
        const auto told = world.end(std::string("from-") + name,
                                    {.variables = {{"TG_BOT_TOKEN", std::string(name) + ":AAtoken-of-it"},
                                                   {"TG_USER_ID", name},
                                                   {"TG_API_HOST", telegram.url("")}}});
        CHECK(told.exit_code == 0);
    }
    REQUIRE(telegram.gets("from-111"));
    REQUIRE(telegram.gets("from-222"));
    for (const auto& request : telegram.requests()) {
        CAPTURE(request.target);
        CHECK(holds(request.target, "bot111:") == holds(request.body, "from-111"));
        CHECK(holds(request.body, "111") != holds(request.body, "222"));
    }
    CHECK(files_with(world, "AAtoken-of-it") == std::vector<std::string>{"env-channels"});
}

TEST_CASE("programs: a failing channel's secret is in no log, journal or database") {
    const World world;
    const auto address = "http://127.0.0.1:" + std::to_string(mcp_push::closed_port()) + "/" + k_secret;
    (void)world.end("built",
                    {.variables = {{"WEBHOOK_URL", address}, {"WEBHOOK_HEADERS", std::string("X-Key: ") + k_secret}}});
    REQUIRE(eventually([&] {
        const auto rows = world.rows();
        return !rows.empty() && rows[0].attempts > 0;
    }));
    CHECK(holds(world.log(), "custom_notify"));
    CHECK(files_with(world, k_secret) == std::vector<std::string>{"env-channels"});
    const auto listed = world.push({"log", "--json"});
    CHECK_FALSE(holds(listed.out, k_secret));
    CHECK_FALSE(holds(world.push({"config", "show"}, {.variables = {{"WEBHOOK_URL", address}}}).out, k_secret));
}

TEST_CASE("programs: the state is its owner's alone whatever the umask") {
    for (const mode_t mask : {mode_t(0), mode_t(0777), mode_t(0022)}) {
        CAPTURE(mask);
        const World world;
        const Endpoint endpoint;
        const auto told =
            world.end("built", {.variables = {{"WEBHOOK_URL", endpoint.url()}}, .prepare = [mask] { ::umask(mask); }});
        CHECK(told.exit_code == 0);
        REQUIRE(endpoint.gets("built"));
        (void)world.hook({}, {.input = R"({"hook_event_name":"UserPromptSubmit","session_id":"s","prompt_id":"p"})",
                              .prepare = [mask] { ::umask(mask); }});
        REQUIRE(eventually([&] { return world.deliverers().empty(); }));
        CHECK(mode_of(world.state()) == 0700);
        CHECK(mode_of(world.state("sessions")) == 0700);
        int files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(world.state())) {
            if (entry.is_directory()) continue;
            CAPTURE(entry.path().string());
            CHECK(mode_of(entry.path().string()) == 0600);
            ++files;
        }
        CHECK(files >= 6);
    }
}
