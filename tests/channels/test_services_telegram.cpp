// SPDX-License-Identifier: MIT
#include "tests/channels/services_kit.hpp"

#include <random>

using namespace mcp_push;
using namespace mcp_push::robots;
using kit::contains;
using std::chrono::seconds;

namespace {

struct World : ServiceWorld {
    Telegram telegram;
    FakeRobot service{clock, telegram};
    World() {
        secrets = {telegram.token};
        set();
    }
    void set(const kit::Values& more = {}) {
        kit::Values settings = {{"token", telegram.token}, {"chat_id", telegram.chat_id}, {"base_url", service.url()}};
        for (const auto& [key, value] : more)
            settings[key] = value;
        configure("telegram_bot", settings);
    }
    void become(const Telegram& other) { service.become(other); }
};

Answer refusal(int code, const std::string& words, const std::string& more = {}) {
    return says(code, R"({"ok":false,"error_code":)" + std::to_string(code) + R"(,"description":")" + words + "\"" +
                          more + "}");
}

} // namespace

TEST_CASE("services: telegram: what people read is the text, whatever stands in it; the receipt is its number") {
    World world;
    const auto id =
        world.keep_text("1 < 2 & \"done\"", "**bold** `a<b>` <script> &amp; [link](https://e.com/?a=1&b=2)\n\n"
                                            "```cpp\nif (a < b && c) {}\n```\n\n> quoted\n\n- item");
    world.pass();
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(world.row(id).receipt == "100");
    REQUIRE(world.service.shown().size() == 1);
    const auto shown = world.service.shown()[0];
    CHECK(shown.form == "HTML");
    CHECK(contains(shown.text, "1 < 2 & \"done\""));
    CHECK(contains(shown.text, "bold a<b> <script> & link"));
    CHECK(contains(shown.text, "if (a < b && c) {}"));
    CHECK_FALSE(shown.silent);
    const auto request = world.service.requests().at(0);
    CHECK(request.method == "POST");
    CHECK(request.target == "/bot" + world.telegram.token + "/sendMessage");
}

TEST_CASE("services: telegram: an own server in base_url, with a path or a '/', and a pasted address lead to it") {
    World world;
    const auto host = world.service.url().substr(std::string("http://").size());
    const std::vector<kit::Values> ways = {
        {{"base_url", world.service.url("/")}},
        {{"base_url", ""}, {"token", world.service.url("/bot" + world.telegram.token)}},
        {{"base_url", ""}, {"token", world.service.url("/bot" + world.telegram.token + "/sendMessage")}},
        {{"token", "https://api.telegram.org/bot" + world.telegram.token + "/getMe"}},
        {{"token", "bot" + world.telegram.token}},
        {{"chat_id", " " + world.telegram.chat_id + " "}},
    };
    for (const auto& way : ways) {
        world.set(way);
        world.clock.advance(seconds(60));
        const auto id = world.keep_turn();
        world.pass();
        CHECK(world.row(id).state == DeliveryState::delivered);
        world.check_no_secret(id);
    }
    CHECK(world.service.shown().size() == ways.size());
}

TEST_CASE("services: telegram: each refusal is kept with what to do, and its mending sends the message") {
    struct Case {
        Answer answer;
        std::string_view remedy;
        std::string_view remedy_zh;
    };
    const std::vector<Case> cases = {
        {refusal(401, "Unauthorized"), "@BotFather", "@BotFather"},
        {refusal(404, "Not Found"), "the token is not whole", "token 不完整"},
        {refusal(400, "Bad Request: chat not found"), "press Start", "点击 Start"},
        {refusal(403, "Forbidden: bot was blocked by the user"), "press Restart", "点击 Restart"},
        {refusal(403, "Forbidden: bot can't initiate conversation with a user"), "cannot write first", "不能主动"},
        {refusal(403, "Forbidden: bot was kicked from the supergroup chat"), "add the bot to the group", "重新添加"},
        {refusal(400, "Bad Request: message thread not found"), "remove topic", "删除 topic"},
        {refusal(400, "Bad Request: not enough rights to send text messages to the chat"), "allow the bot", "请允许"},
        {refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                 R"(,"parameters":{"migrate_to_chat_id":-1001234567890})"),
         "chat_id = \"-1001234567890\"", "chat_id = \"-1001234567890\""},
    };
    World world;
    for (const auto& entry : cases) {
        CAPTURE(entry.remedy);
        for (const auto language : {Language::english, Language::chinese}) {
            world.clock.advance(seconds(60));
            world.config.channels[0].language = language;
            world.service.next({entry.answer});
            const auto id = world.keep_turn();
            world.pass();
            CHECK(world.row(id).state == DeliveryState::dead);
            CHECK(contains(world.row(id).last_remedy, language == Language::chinese ? entry.remedy_zh : entry.remedy));
            world.check_no_secret(id);
            CHECK(must(world.store->retry(id, false, world.clock.now())) == 1);
            world.pass_after(seconds(2));
            CHECK(world.row(id).state == DeliveryState::delivered);
        }
    }
}

TEST_CASE("services: telegram: a wrong token, chat or topic is refused by the service itself, then mended") {
    World world;
    world.set({{"topic", "7"}});
    const auto refused = [&](const std::string& id, std::string_view words) {
        CHECK(world.row(id).state == DeliveryState::dead);
        CHECK(contains(world.row(id).last_detail, words));
        CHECK_FALSE(world.row(id).last_remedy.empty());
        world.check_no_secret(id);
    };
    const auto id = world.keep_turn();
    world.pass();
    refused(id, "400: Bad Request: message thread not found");
    world.set({{"chat_id", "-100200300"}});
    (void)must(world.store->retry(id, false, world.clock.now()));
    world.pass_after(seconds(2));
    refused(id, "400: Bad Request: chat not found");
    const std::string old = "123456789:AAE-the_token_before";
    world.secrets.push_back(old);
    world.set({{"token", old}});
    (void)must(world.store->retry(id, false, world.clock.now()));
    world.pass_after(seconds(2));
    refused(id, "401: Unauthorized");
    world.become({.topic = "7"});
    world.set({{"topic", "7"}});
    (void)must(world.store->retry(id, false, world.clock.now()));
    world.pass_after(seconds(2));
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(world.service.shown().size() == 1);
}

TEST_CASE("services: telegram: retry_after counts for all that waits, or the header where that is longer") {
    World world;
    const auto body = [](int wait) {
        return R"({"ok":false,"error_code":429,"description":"Too Many Requests: retry after )" + std::to_string(wait) +
               R"(","parameters":{"retry_after":)" + std::to_string(wait) + "}}";
    };
    const std::vector<std::pair<Answer, int>> cases = {
        {says(429, body(35)), 35},
        {says(429, body(35), {{"Retry-After", "41"}}), 41},
        {says(429, body(35), {{"Retry-After", "3"}}), 35},
        {says(200, body(17)), 17}, // a proxy that makes every status 200
        {says(429, body(100'000'000)), 86'400},
    };
    for (const auto& entry : cases) {
        const auto wait = entry.second;
        CAPTURE(wait);
        world.clock.advance(seconds(60));
        world.service.next({entry.first});
        const auto before = world.service.shown().size();
        const auto id = world.keep_turn();
        const auto other = world.keep_turn();
        const auto began = world.clock.now();
        must(world.run());
        CHECK(world.row(id).attempts == 2);
        CHECK(world.row(other).attempts == 1); // waited without being refused
        const auto shown = world.service.shown();
        REQUIRE(shown.size() == before + 2);
        CHECK(shown[before].at - began >= seconds(wait));
        CHECK(shown[before].at - began < seconds(wait + 2));
        CHECK(shown[before + 1].at - shown[before].at >= seconds(1));
    }
}

TEST_CASE("services: telegram: markup that is refused goes out plain at once, as the same delivery") {
    World world;
    world.become({.knows_markup = false});
    const auto id = world.keep_text("Title", "**bold** and `code`");
    world.pass();
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(world.row(id).attempts == 1);
    CHECK(must(world.store->attempts_of(world.row(id).id)).size() == 1);
    CHECK(world.service.requests().size() == 2);
    REQUIRE(world.service.shown().size() == 1);
    CHECK(world.service.shown()[0].form == "text");
    CHECK(contains(world.service.shown()[0].text, "Title\n\nbold and code"));

    // Of a long message each further part goes out plain without being refused first.
    const auto longer = world.keep_text("Long", numbered_lines(600, "**bold** text of this line"));
    world.pass_after(seconds(2));
    CHECK(world.row(longer).state == DeliveryState::delivered);
    CHECK(world.service.shown().size() == 4);
    CHECK(world.service.requests().size() == 2 + 4);
}

TEST_CASE("services: telegram: when the plain try fails too, the message waits or is refused as that answer says") {
    World world;
    const auto markup = refusal(400, "Bad Request: can't parse entities: Unsupported start tag");
    world.service.next({markup, says(502)});
    const auto id = world.keep_turn();
    world.pass();
    CHECK(world.row(id).state == DeliveryState::waiting);
    CHECK(world.row(id).attempts == 1);
    world.service.next({markup, refusal(400, "Bad Request: can't parse entities: again")});
    world.pass_after(seconds(3));
    CHECK(world.row(id).state == DeliveryState::dead);
    CHECK(world.row(id).attempts == 2);
    CHECK(world.service.requests().size() == 4);
}

TEST_CASE("services: telegram: no text makes markup that the service refuses, or is too long for it, also when plain") {
    const std::vector<std::string> pieces = {
        "**bold ",
        "*it ",
        "_under",
        "~~gone~~ ",
        "`co<de` ",
        "```\nblock <b> & ",
        "```py\nx = '<'\n```\n",
        "\n\n",
        "\n",
        "> quote ",
        "> > deep ",
        "- item\n",
        "  - nested ",
        "1. one\n",
        "# Head ",
        "| a | b |\n|---|---|\n| 1 | <2> |\n",
        "[link](https://e.com/a?b=\"c\"&d) ",
        "[x](javascript:alert(1)) ",
        "[y](<https://e.com/<>>) ",
        "<b>",
        "</pre>",
        "&lt;",
        "&nbsp;",
        "&#x27;",
        "&",
        "\"",
        "<!-- ",
        "👩‍👩‍👧‍👦",
        "中文字",
        "\\*",
        "***",
        "@name ",
        "https://e.com/x_y_z ",
        "![img](https://e.com/i.png)",
        "\t",
        std::string(300, 'w') + " ",
        "<a href=\"x\">",
        "]]>",
        "||spoiler|| ",
    };
    std::mt19937 random(20'261'121);
    World world;
    std::size_t plain = 0;
    for (int round = 0; round < 60; ++round) {
        std::string body;
        const auto length = round % 6 == 5 ? 900U : 1U + random() % 40U;
        for (unsigned i = 0; i < length; ++i)
            body += pieces[random() % pieces.size()];
        CAPTURE(body);
        const bool knows_markup = round % 3 != 0;
        world.become({.knows_markup = knows_markup, .pause = Millis(0)});
        const auto requests = world.service.requests().size();
        const auto before = world.service.shown().size();
        const auto id = world.keep_text(pieces[random() % pieces.size()] + " title", body);
        world.pass_after(seconds(5));
        CHECK(world.row(id).state == DeliveryState::delivered);
        CHECK(world.row(id).last_detail == "");
        const auto shown = world.service.shown();
        REQUIRE(shown.size() > before);
        const auto parts = shown.size() - before;
        CHECK(world.service.requests().size() - requests == parts + (knows_markup ? 0 : 1));
        plain += shown.back().form == "text" ? 1 : 0;
    }
    CHECK(plain == 20);
}

TEST_CASE("services: telegram: what is of low urgency comes without a sound, what is urgent is marked") {
    World world;
    (void)world.keep_text("quiet", "text", Urgency::low);
    (void)world.keep_text("loud", "text", Urgency::urgent);
    world.pass();
    world.pass_after(seconds(5));
    const auto shown = world.service.shown();
    REQUIRE(shown.size() == 2);
    CHECK(shown[0].silent);
    CHECK_FALSE(shown[1].silent);
    CHECK(shown[1].text.starts_with("🚨 loud"));
}
