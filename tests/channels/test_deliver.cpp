// SPDX-License-Identifier: MIT
#include "channels/deliver.hpp"
#include "channels/deliver_pass.hpp"
#include "tests/support/deliver_world.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push {
namespace {

using Failure = HttpReply::Failure;
using std::chrono::hours;
using std::chrono::seconds;

std::string header_of(const HttpRequest& request, std::string_view name) {
    const auto* const value = find_header(request.headers, name);
    return value == nullptr ? "" : *value;
}

TEST_CASE("deliver: a message goes out at once, its receipt and attempt are kept, and the deliverer leaves") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(200)});
    const auto id = world.keep("turn-1", {"phone"});
    const auto began = world.clock.now();
    must(world.run());
    REQUIRE(world.http.sent().size() == 1);
    CHECK(world.http.sent()[0].at == began);
    const auto body = nlohmann::json::parse(world.http.sent()[0].request.body);
    CHECK(body["title"].get<std::string>().find("parser") != std::string::npos);
    CHECK(body["content"].get<std::string>().find("All tests pass.") != std::string::npos);
    CHECK(world.row(id).state == DeliveryState::delivered);
    const auto attempts = must(world.store->attempts_of(world.row(id).id));
    REQUIRE(attempts.size() == 1);
    CHECK(attempts[0].outcome == OutcomeKind::accepted);
    CHECK(attempts[0].status == 200);
    CHECK(attempts[0].took == Millis(50));
    CHECK(world.lines.empty());
}

TEST_CASE("deliver: fifty channels are sent to at once, and the slowest alone counts") {
    DeliverWorld world;
    auto made = world.notification("turn-1", {});
    for (int i = 0; i < 50; ++i) {
        const auto name = "channel" + std::to_string(i);
        world.add_webhook(name);
        made.targets.push_back({.channel = name, .type = "custom_notify"});
        world.http.answer("https://" + name + ".test/", {reply_of(200)}, Millis(200));
    }
    const auto id = world.keep(made);
    const auto began = world.clock.now();
    CHECK(must(deliver_due(*world.context, "test")) == 50);
    CHECK(world.clock.now() - began == Millis(200));
    CHECK(world.http.most_at_once() == 50);
    for (const auto& row : must(world.store->deliveries_of(id)))
        CHECK(row.state == DeliveryState::delivered);
}

TEST_CASE("deliver: a channel that hangs holds up no other, and none of its own later messages") {
    DeliverWorld world;
    world.add_webhook("hung");
    world.add_webhook("fine");
    world.http.answer("https://hung.test/", {failure_of(Failure::timed_out)}, seconds(20));
    world.http.answer("https://fine.test/", {reply_of(200)}, Millis(10));
    for (int i = 0; i < 300; ++i)
        world.keep("turn-" + std::to_string(i), {"hung"});
    const auto id = world.keep("last", {"fine"});
    const auto began = world.clock.now();
    (void)world.run(Stay::while_anything_waits, seconds(1));
    CHECK(world.row(id).state == DeliveryState::delivered);
    for (const auto& sent : world.http.sent()) {
        if (sent.request.url.starts_with("https://fine.test/")) CHECK(sent.at - began < seconds(1));
    }
}

TEST_CASE("deliver: what is refused for good is not tried again") {
    DeliverWorld world;
    world.add_webhook("phone").settings["headers"] = "Authorization: Bearer very-secret-token";
    world.http.answer("https://phone.test/", {reply_of(401, "bad token very-secret-token")});
    const auto id = world.keep("turn-1", {"phone"});
    must(world.run());
    CHECK(world.http.sent().size() == 1);
    const auto row = world.row(id);
    CHECK(row.state == DeliveryState::dead);
    CHECK(row.last_detail.find("bad token") != std::string::npos);
    CHECK(row.last_detail.find("very-secret") == std::string::npos);
    CHECK_FALSE(row.last_remedy.empty());
}

TEST_CASE("deliver: Retry-After is obeyed, for the channel's other messages too") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(429, "slow down", {{"Retry-After", "600"}}), reply_of(200)},
                      Millis(0));
    world.keep("turn-1", {"phone"});
    world.http.after(seconds(5), [&] { world.keep("turn-2", {"phone"}); });
    const auto began = world.clock.now();
    must(world.run());
    const auto& sent = world.http.sent();
    REQUIRE(sent.size() == 3);
    CHECK(sent[0].at == began);
    CHECK(sent[1].at - began >= seconds(600));
    CHECK(sent[2].at - began >= seconds(600));
    CHECK(sent[2].at - began < seconds(700));
}

TEST_CASE("deliver: a rate budget makes messages wait without costing attempts") {
    Capabilities capabilities;
    capabilities.rate = {.count = 20, .seconds = 60};
    capabilities.burst = {.count = 1, .seconds = 1};
    Lane lane(capabilities, {});
    Millis now{1'000'000};
    std::vector<Millis> sent;
    for (int i = 0; i < 100; ++i) {
        now = std::max(now, lane.next_slot(now));
        lane.started();
        CHECK(lane.next_slot(now) > now); // one a second, also while it is on its way
        now += Millis(30);
        lane.answered(now);
        sent.push_back(now);
    }
    for (std::size_t i = 20; i < sent.size(); ++i)
        CHECK(sent[i] - sent[i - 20] >= seconds(60));
    for (std::size_t i = 1; i < sent.size(); ++i)
        CHECK(sent[i] - sent[i - 1] >= seconds(1));
    // What waits gets slots of its own, one behind the other.
    const auto one = lane.reserve(now);
    const auto other = lane.reserve(now);
    CHECK(other > one);
}

TEST_CASE("deliver: a channel's history of the last minute counts after a restart") {
    Capabilities capabilities;
    capabilities.rate = {.count = 2, .seconds = 60};
    const Lane lane(capabilities, {Millis(10'000), Millis(15'000)});
    CHECK(lane.next_slot(Millis(20'000)) >= Millis(70'000));
    CHECK(Lane::window_of(capabilities) >= Millis(60'000));
    Lane blocked(Capabilities{}, {});
    CHECK(blocked.next_slot(Millis(5)) == Millis(5));
    blocked.wait_until(Millis(100));
    CHECK(blocked.next_slot(Millis(5)) == Millis(100));
}

TEST_CASE("deliver: a deliverer killed between sending and writing costs a second request with the same key") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(200)}, seconds(1));
    const auto id = world.keep("turn-1", {"phone"});
    {
        DeliveryPass pass(*world.context, "killed");
        CHECK(must(pass.take_due()).count == 1);
        CHECK(world.http.sent().size() == 1);
        world.http.forget_all();
    }
    CHECK(world.row(id).state == DeliveryState::leased);
    world.open();
    must(world.run());
    REQUIRE(world.http.sent().size() == 2);
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(header_of(world.http.sent()[0].request, "Idempotency-Key") ==
          header_of(world.http.sent()[1].request, "Idempotency-Key"));
    CHECK_FALSE(header_of(world.http.sent()[0].request, "Idempotency-Key").empty());
}

TEST_CASE("deliver: a deliverer that is asked to stop gives back what it has not sent") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(200)}, seconds(20));
    const auto id = world.keep("turn-1", {"phone"});
    for (int i = 0; i < 30; ++i)
        world.keep("more-" + std::to_string(i), {"phone"});
    must(world.run(Stay::while_anything_waits, Millis(100)));
    const auto rows = must(world.store->list_deliveries("waiting", 100));
    CHECK(rows.size() == 31);
    CHECK(std::ranges::count(rows, 0, &DeliveryRow::attempts) == 15); // the others may have arrived
    world.http.answer("https://phone.test/", {reply_of(200)});
    must(world.run());
    CHECK(world.row(id).state == DeliveryState::delivered);
}

TEST_CASE("deliver: a question older than an hour is not sent any more, also after an outage") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(200)});
    world.http.set_network(false);
    auto question = world.notification("turn-1", {"phone"});
    question.event.kind = EventKind::needs_user_action;
    question.expires = world.clock.now() + hours(1);
    const auto id = world.keep(question);
    world.http.after(hours(2), [&] { world.http.set_network(true); });
    must(world.run());
    CHECK(world.row(id).state == DeliveryState::cancelled);
    const auto& sent = world.http.sent();
    CHECK(std::ranges::none_of(sent, [&](const auto& one) { return one.at > *question.expires; }));
}

TEST_CASE("deliver: holds are released, cancelled or postponed, and their deliveries follow") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(200)});
    const auto due = world.clock.now() + seconds(40);
    auto question = world.notification("turn-1", {"phone"});
    question.hold = {.kind = Hold::question, .agent = "claude-code", .session = "s", .turn = "turn-1"};
    question.due = due;
    int asked = 0;
    HoldAnswer last;
    world.context->check_hold = [&](const NotificationRow&, TimePoint now) {
        if (++asked < 3) return HoldAnswer{HoldAnswer::What::later, now + seconds(10), ""};
        return last;
    };
    SUBCASE("released") {
        const auto id = world.keep(question);
        must(world.run());
        CHECK(asked == 3);
        REQUIRE(world.http.sent().size() == 1);
        CHECK(world.http.sent()[0].at >= due + seconds(20));
        CHECK(world.http.sent()[0].at < due + seconds(25));
        CHECK(world.row(id).state == DeliveryState::delivered);
    }
    SUBCASE("cancelled") {
        last = {HoldAnswer::What::cancel, {}, "answered"};
        const auto id = world.keep(question);
        must(world.run());
        CHECK(asked == 3);
        CHECK(world.http.sent().empty());
        CHECK(world.row(id).state == DeliveryState::cancelled);
    }
}

TEST_CASE("deliver: a channel that cannot be used silences no other and is named") {
    DeliverWorld world;
    world.add_webhook("fine");
    world.http.answer("https://fine.test/", {reply_of(200)});
    world.add_webhook("broken").settings.erase("url");
    world.add_webhook("strange").type = "no_such_type";
    const auto id = world.keep("turn-1", {"broken", "strange", "missing", "fine"});
    must(world.run());
    const auto rows = must(world.store->deliveries_of(id));
    for (const auto& row : rows) {
        CAPTURE(row.channel);
        CHECK(row.state == (row.channel == "fine" ? DeliveryState::delivered : DeliveryState::dead));
        if (row.channel == "fine") continue;
        CHECK(row.last_detail.find(row.channel == "strange" ? "no_such_type" : row.channel) != std::string::npos);
        CHECK_FALSE(row.last_remedy.empty());
    }
}

TEST_CASE("deliver: local channels are carried out here, and the structured half carries the event") {
    DeliverWorld world;
    ChannelConfig console;
    console.name = "console";
    console.type = "console";
    world.config.channels.push_back(console);
    world.add_webhook("hook");
    world.http.answer("https://hook.test/", {reply_of(204)});
    auto made = world.notification("turn-1", {"hook", "console"});
    made.targets[0].event = true;
    made.targets[1].type = "console";
    world.keep(made);
    must(world.run());
    REQUIRE(world.local.sent.size() == 1);
    CHECK(world.local.sent[0].title.find("parser") != std::string::npos);
    REQUIRE(world.http.sent().size() == 1);
    const auto body = nlohmann::json::parse(world.http.sent()[0].request.body);
    CHECK(body["event"]["event"] == "end");
}

TEST_CASE("deliver: two deliverers at once are one: the second leaves and has woken the first") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(500), reply_of(200)});
    const auto id = world.keep("turn-1", {"phone"});
    Status second;
    world.http.after(seconds(1), [&] { second = run_deliverer(*world.context, Stay::until_done, nullptr); });
    must(world.run());
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::timeout);
    CHECK(world.row(id).state == DeliveryState::delivered);
}

} // namespace
} // namespace mcp_push
