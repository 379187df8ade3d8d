// SPDX-License-Identifier: MIT
#include "tests/channels/services_kit.hpp"

using namespace mcp_push;
using namespace mcp_push::robots;
using kit::contains;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

struct World : ServiceWorld {
    DingTalk robot;
    FakeRobot service{clock, robot};
    const std::string address = service.url("/robot/send?access_token=" + robot.token);
    World() {
        secrets = {robot.token, "SEC0123456789abcdef", "this is secret"};
        set();
    }
    void set(const kit::Values& more = {}) {
        kit::Values settings = {{"token", address}};
        for (const auto& [key, value] : more)
            settings[key] = value;
        configure("dingding_bot", settings);
    }
    /// A turn that is told now: what became of it.
    DeliveryRow tell() {
        clock.advance(seconds(60));
        last = keep_turn();
        pass();
        check_no_secret(last);
        return row(last);
    }
    /// After a person has mended something.
    DeliveryRow retry() {
        CHECK(must(store->retry(last, false, clock.now())) == 1);
        pass_after(seconds(2));
        return row(last);
    }
    std::string last;
};

Answer errcode(int code, const std::string& words, const std::string& more = {}) {
    return says(200, R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":")" + words + "\"" + more + "}");
}

} // namespace

TEST_CASE("services: dingtalk: the fake signs as the published vectors") {
    CHECK(sign("SEC0123456789abcdef", "1700000000000\nSEC0123456789abcdef") ==
          "TSZbRFUuvaSQaRKUpF970OPCb2/LcQAP3wOvwZIzBZk=");
    CHECK(sign("this is secret", "1700000000123\nthis is secret") == "W2RNhLVXZurCuMiewxzjoEaGqxhR/FQAkLiAHZh+PWY=");
}

TEST_CASE("services: dingtalk: the pasted address, the bare token and an own server lead to the robot") {
    World world;
    const auto& token = world.robot.token;
    const std::vector<kit::Values> ways = {
        {},
        {{"token", token}, {"base_url", world.service.url()}},
        {{"token", "access_token=" + token}, {"base_url", world.service.url("/")}},
        {{"token", "https://oapi.dingtalk.com/robot/send?access_token=" + token}, {"base_url", world.service.url()}},
        {{"token", world.address + "&timestamp=1&sign=old"}},
        {{"token", " " + world.address + "\n"}},
    };
    for (const auto& way : ways) {
        world.set(way);
        CHECK(world.tell().state == DeliveryState::delivered);
    }
    const auto shown = world.service.shown();
    REQUIRE(shown.size() == ways.size());
    CHECK(shown[0].form == "markdown");
    CHECK(contains(shown[0].title, "Task finished")); // all that a lock screen shows
    CHECK(contains(shown[0].text, "Task finished"));
    CHECK(contains(shown[0].text, "All tests pass."));
}

TEST_CASE("services: dingtalk: each message is signed with its own moment, also hours later") {
    World world;
    world.service.become(DingTalk{.secret = "SEC0123456789abcdef"});
    world.set({{"secret", "SEC0123456789abcdef"}});
    CHECK(world.tell().state == DeliveryState::delivered);
    // Signatures with every character that an address must encode.
    for (int i = 0; i < 40; ++i) {
        world.clock.advance(Millis(7'919));
        CHECK(world.tell().state == DeliveryState::delivered);
    }
    world.service.next({says(500)});
    CHECK(world.tell().state == DeliveryState::waiting);
    world.pass_after(hours(5));
    CHECK(world.row(world.last).state == DeliveryState::delivered);
    CHECK(world.service.shown().size() == 42);
}

TEST_CASE("services: dingtalk: what the robot's security refuses is kept with its remedy, which sends it") {
    World world;
    const auto check_refused = [&](const DeliveryRow& row, std::string_view remedy) {
        CHECK(row.state == DeliveryState::dead);
        CHECK(contains(row.last_detail, "310000"));
        CHECK(contains(row.last_remedy, remedy));
    };
    SUBCASE("keyword") {
        world.service.become(DingTalk{.keyword = "监控"});
        check_refused(world.tell(), "set keyword");
        world.set({{"keyword", "监控"}});
        CHECK(world.retry().state == DeliveryState::delivered);
        CHECK(world.tell().state == DeliveryState::delivered);
    }
    SUBCASE("address") {
        world.service.become(DingTalk{.only_address = "203.0.113.7"});
        check_refused(world.tell(), "allow-list");
        CHECK(contains(world.row(world.last).last_detail, "127.0.0.1"));
        world.service.become(DingTalk{});
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("signature that is missing, then wrong") {
        world.service.become(DingTalk{.secret = "this is secret"});
        check_refused(world.tell(), "the robot demands a signature: set secret");
        world.set({{"secret", "SEC0123456789abcdef"}});
        check_refused(world.retry(), "copy the SEC... of this very robot again");
        world.set({{"secret", "this is secret\n"}}); // pasted with a line's end
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("clock") {
        world.service.become(DingTalk{.secret = "this is secret"});
        world.set({{"secret", "this is secret"}});
        for (const auto skew : {hours(2), -hours(2)}) {
            world.service.set_skew(skew);
            check_refused(world.tell(), "clock is off by more than an hour");
        }
        world.service.set_skew(std::chrono::minutes(59));
        CHECK(world.retry().state == DeliveryState::delivered);
    }
    SUBCASE("token") {
        world.service.become(DingTalk{.token = "another"});
        const auto row = world.tell();
        CHECK(row.state == DeliveryState::dead);
        CHECK(contains(row.last_remedy, "copy its webhook address again into token"));
    }
    SUBCASE("in Chinese") {
        world.config.language = Language::chinese;
        world.service.next({errcode(310000, "description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词")});
        check_refused(world.tell(), "请将 keyword 设为");
    }
}

TEST_CASE("services: dingtalk: every refusal for good says what to do, every throttle waits") {
    struct Case {
        Answer answer;
        DeliveryState state;
        std::string_view remedy;
        seconds wait{0};
    };
    using enum DeliveryState;
    const std::vector<Case> cases = {
        {errcode(460101, "message too long, exceed 20000 bytes"), dead, "privacy"},
        {errcode(400102, "机器人已停用"), dead, "switched off"},
        {errcode(400013, "群已被解散"), dead, "dissolved"},
        {errcode(90030, "quota"), dead, "administrator"},
        {errcode(430104, "text contains illegal words"), dead, "privacy"},
        {errcode(987654, "something new"), dead, "list of error codes"},
        {errcode(130101, "send too fast, exceed 20 times per minute"), waiting, "20 messages a minute", seconds(60)},
        {errcode(410100, "发送速度太快而限流"), waiting, "20 messages a minute", seconds(60)},
        {errcode(130101, "send too fast", R"(,"status":1111,"wait":600,"punish":"deny")"), waiting, "20 messages",
         seconds(600)},
        {says(200, R"({"status":1111,"wait":5,"source":"x","punish":"deny","uuid":"u"})"), waiting, "20 messages",
         seconds(60)},
        {errcode(-1, "系统繁忙"), waiting, ""},
    };
    World world;
    for (const auto& entry : cases) {
        CAPTURE(entry.answer.body);
        world.service.next({entry.answer});
        const auto row = world.tell();
        CHECK(row.state == entry.state);
        CHECK(contains(row.last_remedy, entry.remedy));
        if (entry.wait.count() > 0) CHECK(row.next - world.clock.now() == entry.wait);
        world.pass_after(std::max(entry.wait, seconds(3)));
        CHECK(world.row(world.last).state == (entry.state == dead ? dead : delivered));
    }
}

TEST_CASE("services: dingtalk: an answer that repeats the address or the secret gives neither away") {
    World world;
    world.set({{"secret", "this is secret"}});
    world.service.next({errcode(300001, "bad " + world.address + " and this is secret, this%20is%20secret")});
    const auto row = world.tell();
    CHECK(row.state == DeliveryState::dead);
    CHECK(contains(row.last_detail, "300001: bad "));
}

TEST_CASE("services: dingtalk: thirty messages at once are none too many: the budget of a minute is kept") {
    World world;
    std::vector<std::string> ids;
    for (int i = 0; i < 30; ++i)
        ids.push_back(world.keep_turn());
    const auto began = world.clock.now();
    must(world.run());
    for (const auto& id : ids) {
        CHECK(world.row(id).state == DeliveryState::delivered);
        CHECK(world.row(id).attempts == 1);
    }
    CHECK(world.clock.now() - began < seconds(90));
}

TEST_CASE("services: dingtalk: the longest message with keyword and mentions is within what the service takes") {
    World world;
    world.service.become(DingTalk{.keyword = "监控"});
    world.set({{"keyword", "监控"}, {"mention", "13800138000, user1 all"}});
    const auto body = numbered_lines(3'000, "\"quoted\" \\ and 中文 **bold**");
    const auto id = world.keep_text(std::string(400, '"'), body, Urgency::urgent);
    world.pass();
    CHECK(world.row(id).last_detail == "");
    CHECK(world.row(id).state == DeliveryState::delivered);
    REQUIRE(world.service.shown().size() == 3);
    CHECK(contains(world.service.shown()[0].text, "@13800138000"));
    CHECK_FALSE(contains(world.service.shown()[1].text, "@13800138000"));
}
