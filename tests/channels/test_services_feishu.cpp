// SPDX-License-Identifier: MIT
#include "tests/channels/services_kit.hpp"

using namespace mcp_push;
using namespace mcp_push::robots;
using kit::contains;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

struct World : ServiceWorld {
    Feishu bot;
    FakeRobot service{clock, bot};
    const std::string address = service.url("/open-apis/bot/v2/hook/" + bot.key);
    World() {
        secrets = {bot.key, "0123456789abcdef", "demo secret"};
        set();
    }
    void set(const kit::Values& more = {}) {
        kit::Values settings = {{"key", address}};
        for (const auto& [key, value] : more)
            settings[key] = value;
        configure("feishu_bot", settings);
    }
    DeliveryRow tell() {
        clock.advance(seconds(60));
        last = keep_turn();
        pass();
        check_no_secret(last);
        return row(last);
    }
    DeliveryRow retry() {
        CHECK(must(store->retry(last, false, clock.now())) == 1);
        pass_after(seconds(2));
        return row(last);
    }
    std::string last;
};

Answer code(int number, const std::string& words, int status = 200,
            std::vector<std::pair<std::string, std::string>> headers = {}) {
    return says(status, R"({"code":)" + std::to_string(number) + R"(,"msg":")" + words + R"(","data":{}})",
                std::move(headers));
}

} // namespace

TEST_CASE("services: feishu: the fake signs as the published vectors") {
    CHECK(sign("1700000000\n0123456789abcdef", "") == "UK5eSsaT2YEZBeGZs+MkB68zi9SSH91TQzUizvcea0A=");
    CHECK(sign("1599360473\ndemo", "") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
}

TEST_CASE("services: feishu: the pasted address, the bare key and an own server lead to the bot") {
    World world;
    const std::vector<kit::Values> ways = {
        {},
        {{"key", world.address + "/"}},
        {{"key", world.address + "?from=x"}},
        {{"key", world.bot.key}, {"base_url", world.service.url("/")}},
        {{"key", "https://open.larksuite.com/open-apis/bot/v2/hook/" + world.bot.key},
         {"base_url", world.service.url()}},
    };
    for (const auto& way : ways) {
        world.set(way);
        CHECK(world.tell().state == DeliveryState::delivered);
    }
    const auto shown = world.service.shown();
    REQUIRE(shown.size() == ways.size());
    CHECK(shown[0].form == "interactive");
    CHECK(contains(shown[0].title, "Task finished"));
    CHECK(contains(shown[0].text, "All tests pass."));
}

TEST_CASE("services: feishu: each message is signed with its own second, cards and texts alike, also hours later") {
    World world;
    world.service.become(Feishu{.secret = "0123456789abcdef"});
    world.set({{"secret", "0123456789abcdef"}});
    CHECK(world.tell().state == DeliveryState::delivered);
    world.service.next({says(502)});
    CHECK(world.tell().state == DeliveryState::waiting);
    world.pass_after(hours(5));
    CHECK(world.row(world.last).state == DeliveryState::delivered);
    world.service.become(Feishu{.secret = "0123456789abcdef", .knows_cards = false});
    const auto row = world.tell();
    CHECK(row.state == DeliveryState::delivered);
    CHECK(row.attempts == 1);
    const auto shown = world.service.shown();
    REQUIRE(shown.size() == 3);
    CHECK(shown.back().form == "text");
    CHECK(contains(shown.back().text, "Task finished"));
}

TEST_CASE("services: feishu: what the bot's security refuses is kept with its remedy, which sends it") {
    World world;
    const auto check_refused = [&](const DeliveryRow& row, std::string_view number, std::string_view remedy) {
        CHECK(row.state == DeliveryState::dead);
        CHECK(contains(row.last_detail, number));
        CHECK(contains(row.last_remedy, remedy));
    };
    SUBCASE("keyword") {
        world.service.become(Feishu{.keyword = "监控"});
        check_refused(world.tell(), "19024", "set keyword");
        CHECK(world.service.requests().size() == 1); // no second try as text: the card was not at fault
        world.set({{"keyword", "监控"}});
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("address") {
        world.service.become(Feishu{.only_address = "203.0.113.7"});
        check_refused(world.tell(), "19022", "allow-list");
        world.service.become(Feishu{});
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("signature that is missing, then wrong") {
        world.service.become(Feishu{.secret = "demo secret"});
        check_refused(world.tell(), "19021", "the bot demands a signature: set secret");
        world.set({{"secret", "0123456789abcdef"}});
        check_refused(world.retry(), "19021", "copy the bot's secret again");
        world.set({{"secret", " demo secret "}});
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("clock") {
        world.service.become(Feishu{.secret = "demo secret"});
        world.set({{"secret", "demo secret"}});
        for (const auto skew : {hours(2), -hours(2)}) {
            world.service.set_skew(skew);
            check_refused(world.tell(), "19021", "this machine's clock");
        }
        world.service.set_skew(std::chrono::minutes(59));
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("key") {
        world.service.become(Feishu{.key = "another"});
        check_refused(world.tell(), "19001", "copy its webhook address again into key");
    }
    SUBCASE("in Chinese") {
        world.config.language = Language::chinese;
        world.service.become(Feishu{.keyword = "监控"});
        check_refused(world.tell(), "19024", "请将 keyword 设为");
    }
}

TEST_CASE("services: feishu: a throttle waits, by the answer's own header where it has one") {
    World world;
    const std::vector<std::pair<Answer, seconds>> cases = {
        {code(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"), seconds(20)},
        {code(9499, "too many request", 429), seconds(20)},
        {code(99991400, "request trigger frequency limit", 400, {{"x-ogw-ratelimit-reset", "47"}}), seconds(47)},
        {code(11232, "frequency limited", 429, {{"Retry-After", "33"}}), seconds(33)},
    };
    for (const auto& entry : cases) {
        CAPTURE(entry.first.body);
        const auto wait = entry.second;
        world.service.next({entry.first});
        const auto row = world.tell();
        CHECK(row.state == DeliveryState::waiting);
        CHECK(row.next - world.clock.now() == wait);
        CHECK(contains(row.last_remedy, "100 messages a minute"));
        const auto requests = world.service.requests().size();
        world.pass_after(wait - Millis(1));
        CHECK(world.service.requests().size() == requests);
        world.pass_after(Millis(1));
        CHECK(world.row(world.last).state == DeliveryState::delivered);
    }
}

TEST_CASE("services: feishu: a card that is refused goes out as text at once, as the same delivery") {
    World world;
    world.service.become(Feishu{.knows_cards = false});
    const auto id = world.keep_text("Long", numbered_lines(2'500, "**bold** text of this line, 中文"));
    world.pass();
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(world.row(id).attempts == 1);
    CHECK(world.service.shown().size() == 3);
    CHECK(world.service.requests().size() == 4);
    world.service.next({code(230025, "the message is too long"), code(230025, "the message is too long")});
    const auto row = world.tell();
    CHECK(row.state == DeliveryState::dead);
    CHECK(contains(row.last_remedy, "privacy = \"summary\""));
}

TEST_CASE("services: feishu: twelve messages at once keep the budgets of a second, and none is refused") {
    World world;
    std::vector<std::string> ids;
    for (int i = 0; i < 12; ++i)
        ids.push_back(world.keep_turn());
    must(world.run());
    for (const auto& id : ids) {
        CHECK(world.row(id).state == DeliveryState::delivered);
        CHECK(world.row(id).attempts == 1);
    }
}

TEST_CASE("services: feishu: the longest message with signature, keyword and mentions is within what the bot takes") {
    World world;
    world.service.become(Feishu{.secret = "demo secret", .keyword = "监控"});
    world.set({{"secret", "demo secret"}, {"keyword", "监控"}, {"mention", "ou_1, ou_2 all"}});
    const auto id = world.keep_text(std::string(400, '"'), numbered_lines(3'000, "\"quoted\" \\ <at id=all></at> 中文"),
                                    Urgency::urgent);
    world.pass();
    CHECK(world.row(id).last_detail == "");
    CHECK(world.row(id).state == DeliveryState::delivered);
    const auto shown = world.service.shown();
    REQUIRE(shown.size() == 3);
    CHECK(contains(shown[0].text, "<at id=ou_1></at>"));
    for (std::size_t part = 1; part < shown.size(); ++part)
        CHECK_FALSE(contains(shown[part].text, "<at "));
}
