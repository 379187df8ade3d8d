// SPDX-License-Identifier: MIT
#include "tests/channels/services_kit.hpp"

using namespace mcp_push;
using namespace mcp_push::robots;
using kit::contains;
using std::chrono::seconds;

namespace {

const std::string k_title = "任务 \"done\" 100% & more+";
const std::string k_body = "first line\nsecond \\ line\t{\"json\": 1} <b> $title & a=b";

struct World : ServiceWorld {
    FakeRobot service;
    explicit World(const Endpoint& endpoint, const kit::Values& settings = {}) : service(clock, endpoint) {
        set(settings);
    }
    void set(const kit::Values& more) {
        kit::Values settings = {{"url", service.url("/hook")}};
        for (const auto& [key, value] : more)
            settings[key] = value;
        if (!settings["url"].starts_with("http")) settings["url"] = service.url(settings["url"]);
        configure("custom_notify", settings);
    }
    /// Plain text, as `send` gives it.
    std::string keep_plain() {
        auto made = sample_notification("", {});
        made.event.facts = {.title = k_title, .body = k_body};
        made.config_dir = config.config_dir;
        made.targets.push_back({.channel = "mine", .type = "custom_notify"});
        return keep(made);
    }
};

} // namespace

TEST_CASE("services: webhook: every kind of template carries title and text whole to who reads it as it should") {
    struct Case {
        const char* name;
        Endpoint endpoint;
        kit::Values settings;
    };
    const std::string form = "application/x-www-form-urlencoded";
    const std::vector<Case> cases = {
        {"nothing given", {}, {}},
        {"JSON in quotes", {}, {{"body", R"({"title": "$title", "content": "$content"})"}}},
        {"JSON values", {}, {{"body", R"({"title": $title, "content": $content, "data": $data})"}}},
        {"lines as JSON", {}, {{"body", "title: $title\ncontent: $content"}, {"content_type", "application/json"}}},
        {"lines", {.type = form}, {{"body", "title: $title\ncontent: $content"}}},
        {"form by name", {.type = form}, {{"body", "title: $title\ncontent: $content"}, {"content_type", form}}},
        {"PUT", {.method = "PUT"}, {{"method", "put"}}},
        {"header",
         {.authorization = "Bearer secret-of-the-header"},
         {{"headers", "Authorization: Bearer secret-of-the-header\nX-Title: $title"}}},
        {"headers in one line",
         {.authorization = "Bearer secret-of-the-header"},
         {{"headers", "X-A: b\\nAuthorization: Bearer secret-of-the-header"}}},
    };
    for (const auto& entry : cases) {
        CAPTURE(entry.name);
        World world(entry.endpoint, entry.settings);
        world.secrets = {"secret-of-the-header"};
        const auto id = world.keep_plain();
        world.pass();
        CHECK(world.row(id).state == DeliveryState::delivered);
        world.check_no_secret(id);
        REQUIRE(world.service.shown().size() == 1);
        CHECK(world.service.shown()[0].title == k_title);
        CHECK(world.service.shown()[0].text == k_body);
    }
}

TEST_CASE("services: webhook: plain text, multipart and an address alone carry the same") {
    World text(Endpoint{.type = "text/plain"}, {{"body", "$title|$content"}, {"content_type", "text/plain"}});
    auto id = text.keep_plain();
    text.pass();
    CHECK(text.row(id).state == DeliveryState::delivered);
    CHECK(text.service.shown().at(0).text == k_title + "|" + k_body);
    CHECK(text.service.requests().at(0).header("content-type") == "text/plain; charset=utf-8");

    World multipart(Endpoint{.type = "multipart/form-data"},
                    {{"body", "title: $title\ncontent: $content"}, {"content_type", "multipart/form-data"}});
    id = multipart.keep_plain();
    multipart.pass();
    CHECK(multipart.row(id).state == DeliveryState::delivered);
    const auto type = multipart.service.requests().at(0).header("content-type");
    const auto boundary = type.substr(type.find("boundary=") + 9);
    const auto field = [&](const std::string& name, const std::string& value) {
        return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    };
    CHECK(multipart.service.shown().at(0).text ==
          field("title", k_title) + field("content", k_body) + "--" + boundary + "--\r\n");

    World get(Endpoint{.method = "GET", .type = ""},
              {{"url", "/hook?title=$title&content=$content"}, {"method", "GET"}});
    id = get.keep_plain();
    get.pass();
    CHECK(get.row(id).state == DeliveryState::delivered);
    CHECK(get.service.shown().at(0).title == k_title);
    CHECK(Target(get.service.requests().at(0).target)["content"] == k_body);
    CHECK(get.service.requests().at(0).body.empty());
}

TEST_CASE("services: webhook: what its owner answers decides, and no answer of theirs gives a secret away") {
    struct Case {
        Answer answer;
        DeliveryState state;
        OutcomeKind outcome;
        std::string_view remedy;
    };
    using enum DeliveryState;
    using Kind = OutcomeKind;
    // What servers repeat of a request: its path, its headers, a value of its address.
    const std::string echo =
        "Cannot POST /hook/step-of-the-address: Bearer secret-of-the-header, secret+of the address";
    const std::vector<Case> cases = {
        {says(200), delivered, Kind::accepted, ""},
        {says(201, "made"), delivered, Kind::accepted, ""},
        {says(204), delivered, Kind::accepted, ""},
        {says(200, R"({"errcode":1})"), delivered, Kind::accepted, ""}, // what a stranger's body means cannot be known
        {says(400, echo), dead, Kind::permanent, "check the channel's settings"},
        {says(401, echo), dead, Kind::permanent, "set a new one"},
        {says(403, echo), dead, Kind::permanent, "allow-list"},
        {says(404, echo), dead, Kind::permanent, "check the channel's address"},
        {says(405), dead, Kind::permanent, "method"},
        {says(410), dead, Kind::permanent, "make a new one"},
        {says(413), dead, Kind::permanent, "too long"},
        {says(415), dead, Kind::permanent, "content type"},
        {says(425, echo), waiting, Kind::transient, ""},
        {says(500, echo), waiting, Kind::transient, ""},
        {says(503, echo, {{"Retry-After", "9"}}), waiting, Kind::rate_limited, ""},
    };
    World world(Endpoint{.path = "/hook/step-of-the-address", .authorization = "Bearer secret-of-the-header"});
    world.set({{"url", "/hook/step-of-the-address?key=secret%2Bof%20the%20address"},
               {"headers", "Authorization: Bearer secret-of-the-header"}});
    world.secrets = {"secret-of-the-header", "step-of-the-address", "secret+of the address"};
    for (const auto& entry : cases) {
        CAPTURE(entry.answer.status);
        world.service.next({entry.answer});
        const auto id = world.keep_plain();
        world.pass();
        const auto row = world.row(id);
        CHECK(row.state == entry.state);
        CHECK(must(world.store->attempts_of(row.id)).at(0).outcome == entry.outcome);
        CHECK(contains(row.last_remedy, entry.remedy));
        CHECK((entry.state != dead || !row.last_remedy.empty()));
        world.check_no_secret(id);
        world.pass_after(seconds(10));
        CHECK(world.row(id).state == (entry.state == dead ? dead : delivered));
    }
}

TEST_CASE("services: webhook: a message that is sent again has the same key, two messages have two") {
    World world(Endpoint{});
    world.service.next({Answer{.body = "half", .manner = Answer::Manner::reset_in_body}, says(500)});
    const auto id = world.keep_plain();
    world.pass();
    world.pass_after(seconds(3)); // it knows a repeated one: no minute's pause
    world.pass_after(seconds(6));
    CHECK(world.row(id).state == DeliveryState::delivered);
    (void)world.keep_plain();
    world.pass();
    std::vector<std::string> keys;
    for (const auto& request : world.service.requests())
        keys.push_back(request.header("idempotency-key"));
    REQUIRE(keys.size() == 4);
    CHECK(keys[0] == keys[1]);
    CHECK(keys[0] == keys[2]);
    CHECK(keys[0] != keys[3]);
    CHECK_FALSE(keys[0].empty());
}

TEST_CASE("services: webhook: the event goes along under the text, and a large one arrives whole") {
    World world(Endpoint{});
    auto made = sample_notification("", {});
    made.event.facts = {.title = "Report", .body = numbered_lines(5'000, "of the output 中文")};
    made.event.facts.data = R"({"count":3})";
    made.config_dir = world.config.config_dir;
    made.targets.push_back({.channel = "mine", .type = "custom_notify", .event = true});
    const auto id = world.keep(made);
    world.pass();
    CHECK(world.row(id).state == DeliveryState::delivered);
    REQUIRE(world.service.shown().size() == 1);
    CHECK(contains(world.service.shown()[0].text, "line 5000 of the output"));
    const auto body = must(parse_json(world.service.requests().at(0).body, k_json_unlimited));
    CHECK(integer_member(member(member(body, "event"), "data"), "count") == 3);
}

TEST_CASE("services: webhook: a template that makes no request is refused with what to write, and nothing is sent") {
    World world(Endpoint{});
    world.set({{"body", "{\"title\": $title,}"}, {"content_type", "application/json"}});
    const auto id = world.keep_plain();
    world.pass();
    CHECK(world.row(id).state == DeliveryState::dead);
    CHECK(contains(world.row(id).last_detail, "body is no JSON document"));
    CHECK(contains(world.row(id).last_remedy, "mend the template"));
    CHECK(world.service.requests().empty());
    world.set({{"body", "{\"title\": $title}"}});
    CHECK(must(world.store->retry(id, false, world.clock.now())) == 1);
    world.pass_after(seconds(1));
    CHECK(world.row(id).state == DeliveryState::delivered);
}
