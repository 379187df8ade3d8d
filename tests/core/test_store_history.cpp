// SPDX-License-Identifier: MIT
#include "core/store/store.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"

#include <doctest/doctest.h>

using mcp_push::DeliveryState;
using mcp_push::from_millis;
using mcp_push::KeepResult;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::OutcomeKind;
using mcp_push::sample_attempt;
using mcp_push::sample_notification;
using mcp_push::sample_question;
using mcp_push::Store;

static constexpr auto k_now = from_millis(1'700'000'000'000);

/// Keeps a message and lets its delivery end as `state`; the notification's id.
static std::string keep_and_end(Store& store, const std::string& key, DeliveryState state, mcp_push::TimePoint at) {
    auto id = must(store.keep(sample_notification(key), at)).id;
    const auto row = must(store.lease_due("me", at, 1)).at(0);
    const auto outcome = state == DeliveryState::delivered ? OutcomeKind::delivered : OutcomeKind::permanent;
    must(store.record_attempts({sample_attempt(row, outcome, state, at)}));
    return id;
}

TEST_CASE("history: listings begin with the newest and stop at the limit") {
    const auto store = must(Store::open_in_memory());
    for (int i = 0; i < 5; ++i) {
        (void)must(store->keep(sample_notification("turn-" + std::to_string(i)), k_now));
    }
    const auto notifications = must(store->list_notifications(2));
    REQUIRE(notifications.size() == 2);
    CHECK(notifications[0].event_key == "turn-4");
    CHECK(notifications[1].event_key == "turn-3");
    CHECK(must(store->list_inbox(false, 3)).size() == 3);
    CHECK(must(store->list_deliveries("all", 4)).at(0).notification == notifications[0].id);
    CHECK(must(store->list_deliveries("all", SIZE_MAX)).size() == 5);
    CHECK(must(store->list_deliveries("waiting", 10)).size() == 5);
    CHECK(must(store->list_deliveries("dead", 10)).empty());
}

TEST_CASE("history: a misspelt state is refused with the words there are") {
    const auto store = must(Store::open_in_memory());
    const auto rows = store->list_deliveries("deadd", 1);
    REQUIRE_FALSE(rows.ok());
    CHECK(rows.error().text() ==
          "there is no delivery state \"deadd\" (one of: all, waiting, leased, delivered, dead, cancelled)");
}

TEST_CASE("history: inbox rows are read one by one or all at once") {
    const auto store = must(Store::open_in_memory());
    for (int i = 0; i < 3; ++i) {
        (void)must(store->keep(sample_notification(""), k_now));
    }
    const auto rows = must(store->list_inbox(true, 10));
    REQUIRE(rows.size() == 3);
    must(store->mark_read(rows[1].id));
    CHECK(must(store->list_inbox(true, 10)).size() == 2);
    CHECK(must(store->list_inbox(false, 10)).at(1).read);
    must(store->mark_read(std::nullopt));
    CHECK(must(store->list_inbox(true, 10)).empty());
}

TEST_CASE("history: the dead letter is replayed whole, with a fresh schedule") {
    const auto store = must(Store::open_in_memory());
    auto question = sample_notification("turn-0");
    question.expires = k_now + Millis(1'000);
    (void)must(store->keep(question, k_now));
    const auto row = must(store->lease_due("me", k_now, 1)).at(0);
    must(store->record_attempts({sample_attempt(row, OutcomeKind::permanent, DeliveryState::dead, k_now)}));
    const auto dead = keep_and_end(*store, "turn-1", DeliveryState::dead, k_now);
    (void)keep_and_end(*store, "turn-2", DeliveryState::delivered, k_now);
    (void)must(store->keep(sample_question("turn-3/q1", k_now + Millis(9'000'000)), k_now));

    const auto later = k_now + Millis(200'000'000);
    SUBCASE("all of it") {
        CHECK(must(store->retry(std::nullopt, false, later)) == 2);
        const auto due = must(store->lease_due("me", later, 10));
        REQUIRE(due.size() == 2);
        for (const auto& each : due) {
            CHECK(each.attempts == 0);
            CHECK(each.created == later);
            CHECK_FALSE(each.expires);
            CHECK(must(store->attempts_of(each.id)).size() == 1); // what happened stays written
        }
    }
    SUBCASE("one notification") {
        CHECK(must(store->retry("01UNKNOWN", false, later)) == 0);
        CHECK(must(store->retry(dead, false, later)) == 1);
        const auto due = must(store->lease_due("me", later, 10));
        REQUIRE(due.size() == 1);
        CHECK(due[0].notification == dead);
    }
    SUBCASE("with those that wait, but never a held question") {
        (void)must(store->keep(sample_notification("turn-4"), k_now));
        CHECK(must(store->retry(std::nullopt, true, later)) == 3);
        CHECK(must(store->lease_due("me", later, 10)).size() == 3);
    }
}

TEST_CASE("history: purging removes what is finished and old, and nothing else") {
    const auto store = must(Store::open_in_memory());
    const auto old = k_now - Millis(1'000'000);
    (void)keep_and_end(*store, "delivered", DeliveryState::delivered, old);
    (void)keep_and_end(*store, "dead", DeliveryState::dead, old);
    (void)keep_and_end(*store, "young", DeliveryState::delivered, k_now);
    (void)must(store->keep(sample_notification("waiting"), old));
    (void)must(store->keep(sample_question("held", k_now), old));
    (void)must(store->keep(sample_notification("channelless", {}), old));
    const auto cancelled = must(store->keep(sample_question("cancelled", k_now), old)).id;
    must(store->cancel_hold(cancelled, "moved on"));
    const auto keys = [&] {
        std::string all;
        for (const auto& row : must(store->list_notifications(100)))
            all += row.event_key + " ";
        return all;
    };

    CHECK(must(store->purge(k_now, false)) == 3);
    CHECK(keys() == "held waiting young dead ");
    CHECK(must(store->list_inbox(false, 100)).size() == 3); // a held one has none yet
    CHECK(must(store->keep(sample_notification("delivered"), k_now)).result == KeepResult::kept);
    CHECK(must(store->purge(k_now, true)) == 1);
    CHECK(keys() == "delivered held waiting young ");
    CHECK(must(store->list_deliveries("dead", 10)).empty());
    CHECK(must(store->purge(k_now, true)) == 0);
}
