// SPDX-License-Identifier: MIT
#include "tests/channels/services_kit.hpp"

using namespace mcp_push;
using namespace mcp_push::robots;
using kit::contains;
using std::chrono::seconds;

namespace {

struct World : ServiceWorld {
    WeCom robot;
    FakeRobot service{clock, robot};
    const std::string address = service.url("/cgi-bin/webhook/send?key=" + robot.key);
    World() {
        secrets = {robot.key};
        set();
    }
    void set(const kit::Values& more = {}) {
        kit::Values settings = {{"key", address}};
        for (const auto& [key, value] : more)
            settings[key] = value;
        configure("wecom_bot", settings);
    }
    DeliveryRow tell() {
        clock.advance(seconds(60));
        last = keep_turn();
        pass();
        check_no_secret(last);
        return row(last);
    }
    std::string last;
};

Answer errcode(int code, const std::string& words) {
    return says(200, R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":")" + words + "\"}");
}

} // namespace

TEST_CASE("services: wecom: the pasted address, the bare key and an own server lead to the robot") {
    World world;
    const std::vector<kit::Values> ways = {
        {},
        {{"key", world.robot.key}, {"base_url", world.service.url("/")}},
        {{"key", "key=" + world.robot.key}, {"base_url", world.service.url()}},
        {{"key", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + world.robot.key},
         {"base_url", world.service.url()}},
        {{"key", world.address + "&debug=1"}},
        {{"format", "text"}},
    };
    for (const auto& way : ways) {
        world.set(way);
        CHECK(world.tell().state == DeliveryState::delivered);
    }
    const auto shown = world.service.shown();
    REQUIRE(shown.size() == ways.size());
    CHECK(shown[0].form == "markdown");
    CHECK(contains(shown[0].text, "Task finished"));
    CHECK(contains(shown[0].text, "All tests pass."));
    CHECK(shown.back().form == "text");
    CHECK(contains(shown.back().text, "All tests pass."));
}

TEST_CASE("services: wecom: a wrong key is named with its remedy, and mending it sends the message") {
    World world;
    world.service.become(WeCom{.key = "another"});
    const auto row = world.tell();
    CHECK(row.state == DeliveryState::dead);
    CHECK(contains(row.last_detail, "93000: invalid webhook url"));
    CHECK(contains(row.last_remedy, "copy its webhook address again into key"));
    world.secrets.push_back("another");
    world.set({{"key", world.service.url("/cgi-bin/webhook/send?key=another")}});
    CHECK(must(world.store->retry(world.last, false, world.clock.now())) == 1);
    world.pass_after(seconds(2));
    CHECK(world.row(world.last).state == DeliveryState::delivered);
}

TEST_CASE("services: wecom: every refusal for good says what to do, every throttle waits") {
    struct Case {
        Answer answer;
        DeliveryState state;
        std::string_view remedy;
        std::string_view remedy_zh;
        seconds wait{0};
    };
    using enum DeliveryState;
    const std::vector<Case> cases = {
        {errcode(93004, "机器人已停用"), dead, "switched off", "已停用"},
        {errcode(93008, "not in group"), dead, "copy its webhook address again", "重新复制"},
        {errcode(60020, "not allow to access from your ip, from ip: 203.0.113.7"), dead, "allow-list", "白名单"},
        {errcode(45002, "content size out of limit"), dead, "privacy = \"summary\"", "privacy = \"summary\""},
        {errcode(987654, "something new"), dead, "list of error codes", "全局错误码"},
        {errcode(45009, "api freq out of limit"), waiting, "20 messages a minute", "每分钟 20 条", seconds(60)},
        {errcode(45033, "api concurrent out of limit"), waiting, "20 messages a minute", "20 条", seconds(60)},
        {says(200, R"({"errcode":"45009","errmsg":"freq"})", {{"Retry-After", "75"}}), waiting, "20 messages", "20 条",
         seconds(75)},
        {errcode(-1, "system busy"), waiting, "", ""},
    };
    World world;
    for (const auto& entry : cases) {
        for (const auto language : {Language::english, Language::chinese}) {
            CAPTURE(entry.answer.body);
            world.config.channels[0].language = language;
            world.service.next({entry.answer});
            const auto row = world.tell();
            CHECK(row.state == entry.state);
            CHECK(contains(row.last_remedy, language == Language::chinese ? entry.remedy_zh : entry.remedy));
            if (entry.wait.count() > 0) CHECK(row.next - world.clock.now() == entry.wait);
            world.pass_after(std::max(entry.wait, seconds(3)));
            CHECK(world.row(world.last).state == (entry.state == dead ? dead : delivered));
        }
    }
}

TEST_CASE("services: wecom: where markdown is not known the message goes out as text at once, and nothing is lost") {
    World world;
    world.service.become(WeCom{.knows_markdown = false});
    CHECK(world.tell().state == DeliveryState::delivered);
    CHECK(world.row(world.last).attempts == 1);
    CHECK(world.service.requests().size() == 2);
    CHECK(world.service.shown().at(0).form == "text");
    CHECK(contains(world.service.shown().at(0).text, "All tests pass."));
    world.set({{"format", "text"}});
    CHECK(world.tell().state == DeliveryState::delivered);
    CHECK(world.service.requests().size() == 3);
}

TEST_CASE("services: wecom: forty messages at once are none too many: the budget of a minute is kept") {
    World world;
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i)
        ids.push_back(world.keep_turn());
    must(world.run());
    for (const auto& id : ids) {
        CHECK(world.row(id).state == DeliveryState::delivered);
        CHECK(world.row(id).attempts == 1);
    }
}

TEST_CASE("services: wecom: the longest message with keyword and mentions is within what the service takes") {
    for (const auto* const format : {"markdown", "text"}) {
        World world;
        world.set({{"format", format}, {"keyword", "监控"}, {"mention", "zhangsan, all"}});
        const auto id =
            world.keep_text(std::string(400, '<'), numbered_lines(700, "<@all> `code` **bold** 中文"), Urgency::urgent);
        world.pass();
        CHECK(world.row(id).last_detail == "");
        CHECK(world.row(id).state == DeliveryState::delivered);
        const auto shown = world.service.shown();
        REQUIRE(shown.size() == 3);
        CHECK(contains(shown[0].text, "<@zhangsan>"));
        for (const auto& part : shown) {
            CHECK(part.form == format);
            CHECK(contains(part.text, "监控"));
            if (&part != &shown[0]) CHECK_FALSE(contains(part.text, "<@"));
        }
    }
}
