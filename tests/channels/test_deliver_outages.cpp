// SPDX-License-Identifier: MIT
// Delivery while the network, a service, the store, the configuration or the clock fails.
#include "channels/deliver.hpp"
#include "channels/deliver_pass.hpp"
#include "tests/support/deliver_world.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <set>

namespace mcp_push {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

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
        keys.insert(*find_header(one.request.headers, "Idempotency-Key"));
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

TEST_CASE("deliver: whoever delivers from memory needs no state folder") {
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
                           .alone = true,
                           .config_of = world.context->config_of};
    const auto id = must(memory->keep(world.notification("turn-1", {"phone"}), world.clock.now())).id;
    must(run_deliverer(context, Stay::while_anything_waits, nullptr));
    CHECK(must(memory->deliveries_of(id)).at(0).state == DeliveryState::delivered);
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
