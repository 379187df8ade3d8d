// SPDX-License-Identifier: MIT
#include "channels/settings.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>

namespace mcp_push {
namespace {

constexpr Field k_fields[] = {
    {.key = "token", .help = "Token", .required = true, .secret = true, .env = "SAMPLE_TOKEN"},
    {.key = "level", .help = "Level", .fallback = "info", .choices = "info|warning|error"},
    {.key = "chat_id", .help = "Chat"},
};
constexpr ChannelSpec k_spec = {.id = "sample", .title = "Sample", .fields = k_fields};
constexpr ChannelCode k_code = {};
constexpr ChannelType k_type = {&k_spec, &k_code};

ChannelConfig configured(std::map<std::string, std::string, std::less<>> values) {
    ChannelConfig channel;
    channel.name = "mine";
    channel.type = "sample";
    channel.origin = "config.toml:3";
    channel.settings = std::move(values);
    return channel;
}

TEST_CASE("settings: defaults are filled in, choices are spelt as the spec spells them, unknown keys stay out") {
    const auto settings = must(make_settings(
        k_type, configured({{"token", "t"}, {"level", " WARNING "}, {"colour", "red"}, {"proxy", "http://p:1"}})));
    CHECK(settings["level"] == "warning");
    CHECK(must(make_settings(k_type, configured({{"token", "t"}})))["level"] == "info");
    CHECK_FALSE(settings.has("colour"));
    CHECK(settings["proxy"] == "http://p:1");
    CHECK(settings["no such key"].empty());
}

TEST_CASE("settings: an error names channel and key, and the hint says what to type") {
    const auto missing = make_settings(k_type, configured({}));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::config);
    CHECK(missing.error().message.find("channels.mine.token") != std::string::npos);
    CHECK(missing.error().hint.find("SAMPLE_TOKEN") != std::string::npos);
    const auto wrong = make_settings(k_type, configured({{"token", "t"}, {"level", "loud"}}));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message.find("loud") != std::string::npos);
    CHECK(wrong.error().hint == "use one of info, warning, error");
    for (const auto* const timeout : {"soon", "0", "-5s"}) {
        CAPTURE(timeout);
        CHECK_FALSE(make_settings(k_type, configured({{"token", "t"}, {"timeout", timeout}})));
    }
    CHECK(make_settings(k_type, configured({{"token", "t"}, {"timeout", "5s"}})).ok());
}

TEST_CASE("settings: a key that is not known is told with the nearest one, and silences nothing") {
    const auto channel = configured({{"token", "t"}, {"chatid", "1"}, {"zzzzzz", "1"}});
    CHECK(make_settings(k_type, channel).ok());
    const auto problems = check_settings(k_type, channel);
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].where == "config.toml:3");
    CHECK(problems[0].message.find("channels.mine.chatid") != std::string::npos);
    CHECK(problems[0].hint.find("chat_id") != std::string::npos);
    CHECK(problems[0].channel.empty());
    CHECK(problems[1].hint.find("channels show sample") != std::string::npos);
    // What is still to be fetched is not missing.
    auto referring = configured({});
    CHECK(check_settings(k_type, referring).size() == 1);
    referring.references["token"] = {SecretRef::Kind::env, {"X"}};
    CHECK(check_settings(k_type, referring).empty());
}

TEST_CASE("settings: no form of a secret is left in a text") {
    const Settings settings(
        {{"token", "abc/def+123"}, {"proxy", "http://user:pass@proxy:1"}, {"chat_id", "77"}, {"level", "info"}});
    const auto secrets = secrets_of(k_spec, settings);
    const auto text = without_secrets(
        "POST https://x/abc/def+123?t=abc%2Fdef%2B123 via http://user:pass@proxy:1 for 77 at info", secrets);
    CHECK(text.find("def") == std::string::npos);
    CHECK(text.find("pass") == std::string::npos);
    CHECK(text.find("77") != std::string::npos);
    CHECK(text.find("info") != std::string::npos);
}

TEST_CASE("settings: of a secret address each key in it is a secret too, its words are not") {
    const Settings settings({{"token", "https://user:passphrase@host/services/T012345678A/hook?v=2024&key=a%2Bb%20c+d12"
                                       "&text=$content"},
                             {"proxy", "http://u:proxypass@proxy:1"},
                             {"base_url", "https://me:basepass@server"}});
    const auto secrets = secrets_of(k_spec, settings);
    const auto text = without_secrets("Cannot POST /services/T012345678A/hook in 2024: a+b c+d12, a%2Bb%20c+d12, "
                                      "passphrase, proxypass, basepass, $content",
                                      secrets);
    CHECK(text == "Cannot POST /services/[redacted]/hook in 2024: [redacted], [redacted], [redacted], [redacted], "
                  "[redacted], $content");
}

} // namespace
} // namespace mcp_push
