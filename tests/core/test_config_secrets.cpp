// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/config/env_channels.hpp"
#include "core/config/secret_ref.hpp"
#include "tests/core/config_specs.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

using namespace mcp_push::test_config;
using namespace std::chrono_literals;
using mcp_push::ChannelConfig;
using mcp_push::Environment;
using mcp_push::ErrorKind;
using mcp_push::Millis;
using mcp_push::Paths;
using mcp_push::ProgramOutput;
using mcp_push::resolve_secrets;
using mcp_push::Result;
using mcp_push::SecretRef;
using mcp_push::TempHome;

namespace {

using Kind = SecretRef::Kind;
using Words = std::vector<std::string>;

ChannelConfig with_reference(SecretRef reference) {
    ChannelConfig channel;
    channel.name = "phone";
    channel.type = "feishu_bot";
    channel.references["key"] = std::move(reference);
    return channel;
}

ChannelConfig environment_channel(const std::string& token) {
    ChannelConfig channel;
    channel.name = "telegram_bot";
    channel.type = "telegram_bot";
    channel.settings = {{"token", token}, {"chat_id", "42"}};
    channel.origin = "environment TG_BOT_TOKEN";
    channel.privacy = mcp_push::Privacy::summary;
    channel.language = mcp_push::Language::chinese;
    channel.environment_key = mcp_push::environment_key_of(channel);
    return channel;
}

constexpr auto k_now = mcp_push::from_millis(1'700'000'000'000);

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

} // namespace

TEST_CASE("references: variables, files, commands and the keyring give the value") {
    const TempHome home;
    home.write("key", "from file\r\n\n");
    Words asked;
    const auto run = [&](const Words& command, Millis limit) -> Result<ProgramOutput> {
        CHECK(limit == Millis(5'000));
        asked = command;
        return ProgramOutput{0, "first line\r\nuser: x\n"};
    };
    const auto resolve = [&](SecretRef reference) {
        auto channel = with_reference(std::move(reference));
        REQUIRE(resolve_secrets(channel, Environment(Environment::Map{{"X", "from environment"}}), run));
        CHECK(channel.references.empty());
        return channel.settings.at("key");
    };
    CHECK(resolve({Kind::env, {"X"}}) == "from environment");
    CHECK(resolve({Kind::file, {home.path("key")}}) == "from file");
    CHECK(resolve({Kind::command, {"pass", "show", "x"}}) == "first line");
    CHECK(asked == Words{"pass", "show", "x"});
    CHECK(resolve({Kind::keyring, {"feishu"}}) == "first line");
    CHECK(std::ranges::find(asked, "feishu") != asked.end());
}

TEST_CASE("references: what cannot be fetched names channel and key and quotes nothing") {
    const auto refused = [&](SecretRef reference, ProgramOutput output) {
        auto channel = with_reference(std::move(reference));
        const auto status = resolve_secrets(channel, Environment(Environment::Map{}),
                                            [&](const Words&, Millis) -> Result<ProgramOutput> { return output; });
        REQUIRE(!status);
        CHECK(status.error().kind == ErrorKind::config);
        CHECK(status.error().message.starts_with("channels.phone.key: "));
        CHECK(!has(status.error().text(), "hunter2"));
        return status.error().message;
    };
    CHECK(has(refused({Kind::env, {"X"}}, {}), "the variable X is not set"));
    CHECK(has(refused({Kind::file, {"/does/not/exist"}}, {}), "cannot read /does/not/exist"));
    CHECK(has(refused({Kind::command, {"pass", "hunter2"}}, {2, "hunter2"}), "pass ended with exit code 2"));
    CHECK(has(refused({Kind::command, {"pass", "hunter2"}}, {0, "\nhunter2"}), "gives nothing"));
    CHECK(has(refused({Kind::keyring, {"x"}}, {1, ""}), "ended with exit code 1"));
}

TEST_CASE("references: a real command runs without a shell, and one that hangs is ended") {
    auto channel = with_reference({Kind::command, {"printf", "%s\\n", "$HOME;x"}});
    REQUIRE(resolve_secrets(channel, Environment(Environment::Map{})));
    CHECK(channel.settings.at("key") == "$HOME;x");
    auto absent = with_reference({Kind::command, {"/no/such/program"}});
    CHECK(has(resolve_secrets(absent, Environment(Environment::Map{})).error().message, "/no/such/program"));
    auto hanging = with_reference({Kind::command, {"sleep", "60"}});
    const auto quickly = [](const Words& command, Millis) { return mcp_push::run_program(command, Millis(20)); };
    CHECK(
        has(resolve_secrets(hanging, Environment(Environment::Map{}), quickly).error().message, "did not end in time"));
}

TEST_CASE("env-channels: a channel comes back as it was, from a file that is ours alone") {
    const TempHome home;
    auto channel = environment_channel("123:\"abc\"\n中");
    channel.references["other"] = {Kind::command, {"pass", "x"}};
    REQUIRE(mcp_push::remember_env_channel(home.paths(), channel, k_now));
    const auto found = mcp_push::find_env_channel(home.paths(), channel.environment_key);
    REQUIRE(found);
    CHECK(found->settings == channel.settings);
    CHECK(found->references == channel.references);
    CHECK(found->name == channel.name);
    CHECK(found->type == channel.type);
    CHECK(found->origin == channel.origin);
    CHECK(found->privacy == channel.privacy);
    CHECK(found->language == channel.language);
    CHECK(found->environment_key == channel.environment_key);
    struct stat info {};
    REQUIRE(::stat(home.paths().env_channels().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(mcp_push::find_env_channel(home.paths(), "0123456789abcdef").error().kind == ErrorKind::no_input);
}

TEST_CASE("env-channels: a key that is there is not written again, but its date is renewed") {
    const TempHome home;
    const auto path = home.paths().env_channels();
    const auto text = [&] { return mcp_push::read_file(path).value_or(""); };
    REQUIRE(mcp_push::remember_env_channel(home.paths(), environment_channel("a"), k_now));
    const auto once = text();
    REQUIRE(mcp_push::remember_env_channel(home.paths(), environment_channel("a"), k_now + 11h));
    CHECK(text() == once);
    REQUIRE(mcp_push::remember_env_channel(home.paths(), environment_channel("b"), k_now));
    CHECK(lines_of(text()) == 2);
    REQUIRE(mcp_push::remember_env_channel(home.paths(), environment_channel("a"), k_now + 13h));
    CHECK(lines_of(text()) == 3);
    ChannelConfig ordinary = environment_channel("c");
    ordinary.environment_key.clear();
    REQUIRE(mcp_push::remember_env_channel(home.paths(), ordinary, k_now));
    CHECK(lines_of(text()) == 3);
}

TEST_CASE("env-channels: what no row needs and nobody used for a week is forgotten") {
    const TempHome home;
    const auto a = environment_channel("a");
    const auto b = environment_channel("b");
    const auto c = environment_channel("c");
    for (const auto& channel : {a, b, c})
        REQUIRE(mcp_push::remember_env_channel(home.paths(), channel, k_now));
    REQUIRE(mcp_push::remember_env_channel(home.paths(), c, k_now + 24h * 5));
    CHECK(mcp_push::forget_unused(home.paths(), {}, k_now + 24h * 6).value() == 0);
    CHECK(mcp_push::forget_unused(home.paths(), {a.environment_key}, k_now + 24h * 8).value() == 1);
    CHECK(mcp_push::find_env_channel(home.paths(), a.environment_key));
    CHECK(!mcp_push::find_env_channel(home.paths(), b.environment_key));
    CHECK(mcp_push::find_env_channel(home.paths(), c.environment_key));
    CHECK(lines_of(mcp_push::read_file(home.paths().env_channels()).value_or("")) == 2);
    const TempHome other;
    CHECK(mcp_push::forget_unused(other.paths(), {}, k_now).value() == 0);
}

TEST_CASE("env-channels: a damaged file loses only the damaged lines") {
    const TempHome home;
    REQUIRE(mcp_push::remember_env_channel(home.paths(), environment_channel("a"), k_now));
    REQUIRE(mcp_push::append_file(home.paths().env_channels(), "{\"key\":\"cut o"));
    REQUIRE(mcp_push::remember_env_channel(home.paths(), environment_channel("b"), k_now));
    for (const auto* const token : {"a", "b"}) {
        CHECK(mcp_push::find_env_channel(home.paths(), environment_channel(token).environment_key));
    }
}

TEST_CASE("env-channels: many hooks at once lose nothing") {
    const TempHome home;
    {
        std::vector<std::jthread> hooks;
        for (int hook = 0; hook < 8; ++hook) {
            hooks.emplace_back([&home, hook] {
                for (int i = 0; i < 10; ++i) {
                    const auto own = environment_channel(std::to_string(hook) + "-" + std::to_string(i));
                    CHECK(mcp_push::remember_env_channel(home.paths(), own, k_now));
                    CHECK(mcp_push::remember_env_channel(home.paths(), environment_channel("shared"), k_now));
                    CHECK(mcp_push::forget_unused(home.paths(), {}, k_now + 24h));
                }
            });
        }
    }
    for (int hook = 0; hook < 8; ++hook) {
        for (int i = 0; i < 10; ++i) {
            const auto key = environment_channel(std::to_string(hook) + "-" + std::to_string(i)).environment_key;
            CHECK(mcp_push::find_env_channel(home.paths(), key));
        }
    }
    CHECK(mcp_push::find_env_channel(home.paths(), environment_channel("shared").environment_key));
    CHECK(lines_of(mcp_push::read_file(home.paths().env_channels()).value_or("")) == 81);
}

TEST_CASE("env-channels: a channel found in one terminal is delivered by a process without its variables") {
    TempHome home;
    home.set("TG_BOT_TOKEN", "123:abc");
    home.set("TG_USER_ID", "42");
    home.set("MCP_PUSH_PRIVACY", "metadata");
    const auto here = load(home);
    REQUIRE(mcp_push::remember_env_channel(home.paths(), *find(here, "telegram_bot")));
    home.unset("TG_BOT_TOKEN");
    home.unset("TG_USER_ID");
    home.unset("MCP_PUSH_PRIVACY");
    CHECK(load(home).channels.empty());
    const auto there = mcp_push::find_env_channel(home.paths(), find(here, "telegram_bot")->environment_key);
    REQUIRE(there);
    CHECK(there->settings.at("token") == "123:abc");
    CHECK(there->privacy == mcp_push::Privacy::metadata);
    CHECK(there->language == mcp_push::Language::chinese);
}
