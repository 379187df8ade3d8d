// SPDX-License-Identifier: MIT
#include "channels/deliver.hpp"
#include "channels/deliver_pass.hpp"
#include "tests/support/deliver_world.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <set>

namespace mcp_push {
namespace {

using Failure = HttpReply::Failure;
using std::chrono::hours;
using std::chrono::minutes;
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

TEST_CASE("deliver: trouble on their side is tried again by the schedule, with jitter") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(500, "oops"), reply_of(502), reply_of(503), reply_of(200)},
                      Millis(0));
    const auto id = world.keep("turn-1", {"phone"});
    must(world.run());
    const auto& sent = world.http.sent();
    REQUIRE(sent.size() == 4);
    const auto about = [](Millis pause, Millis wanted) {
        return pause >= wanted * 9 / 10 && pause <= wanted * 12 / 10;
    };
    CHECK(about(sent[1].at - sent[0].at, seconds(2)));
    CHECK(about(sent[2].at - sent[1].at, seconds(5)));
    CHECK(about(sent[3].at - sent[2].at, seconds(15)));
    // One message, whatever the number of attempts.
    std::set<std::string> keys;
    for (const auto& one : sent)
        keys.insert(header_of(one.request, "Idempotency-Key"));
    CHECK(keys.size() == 1);
    CHECK(world.row(id).attempts == 4);
    REQUIRE(world.lines.size() == 1);
    CHECK(world.lines[0].find("oops") != std::string::npos);
}

TEST_CASE("deliver: what never works is in the dead letter after 28 hours, and not before") {
    DeliverWorld world;
    world.add_webhook("phone");
    SUBCASE("refused by the service") { world.http.answer("https://phone.test/", {reply_of(500)}); }
    SUBCASE("without a network") { world.http.set_network(false); }
    const auto id = world.keep("turn-1", {"phone"});
    const auto began = world.clock.now();
    must(world.run());
    CHECK(world.row(id).state == DeliveryState::dead);
    CHECK(world.clock.now() - began > hours(24));
    CHECK(world.clock.now() - began < hours(28) + minutes(1));
    CHECK(world.http.sent().size() <= 12);
    CHECK(world.http.sent().size() >= 10);
    CHECK(world.lines.back().find("dead letter") != std::string::npos);
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

TEST_CASE("deliver: outages of a minute, three and twenty hours end with the message within a minute of the return") {
    for (const Millis outage : {Millis(minutes(1)), Millis(hours(3)), Millis(hours(20))}) {
        CAPTURE(outage.count());
        DeliverWorld world;
        world.add_webhook("phone");
        world.add_webhook("desk");
        world.http.answer("https://phone.test/", {reply_of(200)});
        world.http.answer("https://desk.test/", {reply_of(200)});
        world.http.set_network(false);
        const auto id = world.keep("turn-1", {"phone", "desk"});
        const auto back = world.clock.now() + outage;
        world.http.after(outage, [&] { world.http.set_network(true); });
        must(world.run());
        CHECK(world.row(id, 0).state == DeliveryState::delivered);
        CHECK(world.row(id, 1).state == DeliveryState::delivered);
        CHECK(world.clock.now() >= back);
        CHECK(world.clock.now() - back < minutes(1));
        // The probes leave no attempts behind.
        CHECK(world.row(id).attempts < 12);
        CHECK(world.http.probes().size() > static_cast<std::size_t>(outage / minutes(1)));
    }
}

TEST_CASE("deliver: an outage with a thousand messages tries one of them, and sends all when it ends") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(200)}, Millis(5));
    world.http.set_network(false);
    for (int i = 0; i < 1000; ++i)
        world.keep("turn-" + std::to_string(i), {"phone"});
    world.http.after(hours(2), [&] { world.http.set_network(true); });
    std::size_t during = 0;
    world.http.after(hours(2), [&] { during = world.http.sent().size(); });
    must(world.run());
    CHECK(during < 150);
    CHECK(world.http.sent().size() == during + 1000);
    CHECK(must(world.store->list_deliveries("delivered", 2000)).size() == 1000);
}

TEST_CASE("deliver: a success on one channel brings another's message forward when its host answers too") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.add_webhook("desk");
    world.config.delivery.probe_every = hours(10); // only the sign counts
    world.http.answer("https://phone.test/", {reply_of(200)});
    world.http.answer("https://desk.test/", {reply_of(200)});
    world.http.set_network(false);
    const auto first = world.keep("turn-1", {"phone"});
    (void)world.run(Stay::while_anything_waits, hours(1));
    world.http.set_network(true);
    const auto began = world.clock.now();
    world.keep("turn-2", {"desk"});
    (void)world.run(Stay::while_anything_waits, minutes(1));
    CHECK(world.row(first).state == DeliveryState::delivered);
    CHECK(world.clock.now() - began < seconds(10));
}

TEST_CASE("deliver: a machine that was asleep looks for the network when it wakes") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.config.delivery.probe_every = hours(10);
    world.http.answer("https://phone.test/", {reply_of(200)});
    world.http.set_network(false);
    const auto id = world.keep("turn-1", {"phone"});
    TimePoint woke{};
    world.http.after(hours(1), [&] {
        world.clock.advance(hours(2)); // the lid was closed
        world.http.set_network(true);
        woke = world.clock.now();
    });
    must(world.run());
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(world.clock.now() - woke < minutes(1));
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

TEST_CASE("deliver: a clock that is set back or forward delays and loses nothing") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/",
                      {reply_of(500), reply_of(500), reply_of(500), reply_of(500), reply_of(200)}, Millis(0));
    Millis jump{0};
    SUBCASE("back by three hours") { jump = -hours(3); }
    SUBCASE("forward by three hours") { jump = hours(3); }
    const auto id = world.keep("turn-1", {"phone"});
    // Before the fifth attempt, which is due 82 s after the first.
    world.http.after(seconds(40), [&] { world.clock.jump(jump); });
    const Millis began = world.clock.since_boot();
    must(world.run());
    CHECK(world.row(id).state == DeliveryState::delivered);
    CHECK(world.clock.since_boot() - began < minutes(3));
    CHECK(world.http.sent().size() == 5);
    CHECK(world.lines.back().find("the clock was set") != std::string::npos);
}

TEST_CASE("deliver: a store that is gone ends the deliverer; one that was replaced is an error") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(500)});
    world.keep("turn-1", {"phone"});
    const auto path = world.home.paths().database();
    SUBCASE("gone") {
        world.http.after(seconds(60), [&] { ::unlink(path.c_str()); });
        must(world.run());
    }
    SUBCASE("replaced") {
        world.http.after(seconds(60), [&] {
            ::unlink(path.c_str());
            must(write_file(path, "new"));
        });
        const auto status = world.run();
        REQUIRE_FALSE(status);
        CHECK(status.error().kind == ErrorKind::storage);
    }
    CHECK(world.clock.since_boot() < Millis(3'600'000) + minutes(5));
}

TEST_CASE("deliver: without a state folder there is no lock, and the rows go out all the same") {
    DeliverWorld world;
    world.add_webhook("phone");
    world.http.answer("https://phone.test/", {reply_of(500), reply_of(200)});
    auto memory = must(Store::open_in_memory());
    Paths nowhere = world.home.paths();
    nowhere.state_dir.clear();
    DeliverContext context{.store = *memory,
                           .http = world.http,
                           .local = world.local,
                           .clock = world.clock,
                           .paths = nowhere,
                           .environment = {},
                           .config_of = world.context->config_of};
    const auto id = must(memory->keep(world.notification("turn-1", {"phone"}), world.clock.now())).id;
    must(run_deliverer(context, Stay::while_anything_waits, nullptr));
    CHECK(must(memory->deliveries_of(id)).at(0).state == DeliveryState::delivered);
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

TEST_CASE("deliver: a configuration that cannot be read at the moment costs no message") {
    DeliverWorld world;
    world.config.problems.push_back({"config.toml:3:1", "expected a value", "mend the line", ""});
    world.http.answer("https://phone.test/", {reply_of(200)});
    const auto id = world.keep("turn-1", {"phone"});
    world.http.after(minutes(5), [&] {
        world.config.problems.clear();
        world.add_webhook("phone");
    });
    must(world.run());
    CHECK(world.row(id).state == DeliveryState::delivered);
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

TEST_CASE("deliver: the next attempt is never behind the last moment, and an expiry is looked at when it comes") {
    const DeliveryOptions options;
    DeliveryRow row;
    row.type = "custom_notify";
    row.created = from_millis(0);
    Outcome trouble;
    trouble.kind = OutcomeKind::transient;
    row.attempts = 9;
    CHECK(next_attempt(options, row, trouble, row.created + hours(20), 0.5) == row.created + hours(28));
    CHECK_FALSE(next_attempt(options, row, trouble, row.created + hours(28), 0.5));
    row.attempts = 10;
    CHECK_FALSE(next_attempt(options, row, trouble, row.created + hours(20), 0.5));
    // A network that comes and goes uses up no schedule.
    trouble.kind = OutcomeKind::no_network;
    row.attempts = 40;
    CHECK(next_attempt(options, row, trouble, row.created + hours(2), 0.5) == row.created + hours(12));
    row.attempts = 0;
    row.expires = row.created + Millis(500);
    CHECK(next_attempt(options, row, trouble, row.created, 0.5) == row.expires);
    row.expires.reset();
    trouble.wait = hours(1);
    CHECK(next_attempt(options, row, trouble, row.created, 0.5) == row.created + hours(1));
    trouble.wait.reset();
    trouble.kind = OutcomeKind::ambiguous;
    CHECK(next_attempt(options, row, trouble, row.created, 0.5) == row.created + seconds(2));
    row.type = "console"; // knows no repeats
    CHECK(next_attempt(options, row, trouble, row.created, 0.5) == row.created + seconds(60));
    trouble.kind = OutcomeKind::permanent;
    CHECK_FALSE(next_attempt(options, row, trouble, row.created, 0.5));
}

} // namespace
} // namespace mcp_push
