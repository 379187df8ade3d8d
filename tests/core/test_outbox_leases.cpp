// SPDX-License-Identifier: MIT
#include "core/store/store.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"

#include <doctest/doctest.h>

using mcp_push::DeliveryRow;
using mcp_push::DeliveryState;
using mcp_push::from_millis;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::OutcomeKind;
using mcp_push::sample_attempt;
using mcp_push::sample_notification;
using mcp_push::sample_question;
using mcp_push::Store;

static constexpr auto k_now = from_millis(1'700'000'000'000);

static std::vector<DeliveryRow> lease(Store& store, mcp_push::TimePoint now, std::size_t limit = 100) {
    return must(store.lease_due("me", now, limit));
}

TEST_CASE("outbox: a delivery is leased once, and given back untouched") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    const auto leased = lease(*store, k_now);
    REQUIRE(leased.size() == 1);
    CHECK(leased[0].state == DeliveryState::leased);
    CHECK(lease(*store, k_now).empty());
    must(store->give_back(leased[0].id));
    const auto again = lease(*store, k_now);
    REQUIRE(again.size() == 1);
    CHECK(again[0].attempts == 0);
}

TEST_CASE("outbox: leases of a dead deliverer are taken back at once, our own are not") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    (void)must(store->keep(sample_notification("turn-2"), k_now));
    const auto theirs = must(store->lease_due("dead", k_now, 1));
    const auto ours = must(store->lease_due("me", k_now, 1));
    CHECK(must(store->take_back_leases("me", k_now + Millis(1))) == 1);
    const auto leased = lease(*store, k_now + Millis(1));
    REQUIRE(leased.size() == 1);
    CHECK(leased[0].id == theirs.at(0).id);
    CHECK(leased[0].id != ours.at(0).id);
}

TEST_CASE("outbox: ten thousand rows are leased oldest first, each once, each channel in its order") {
    const auto store = must(Store::open_in_memory());
    for (int i = 0; i < 5'000; ++i) { // clocks jump: the order is that of keeping, not of the time of day
        (void)must(store->keep(sample_notification("", {"phone", "work"}), k_now - Millis(i)));
    }
    std::vector<DeliveryRow> all;
    for (;;) {
        const auto some = lease(*store, k_now, 64);
        if (some.empty()) break;
        all.insert(all.end(), some.begin(), some.end());
    }
    REQUIRE(all.size() == 10'000);
    std::int64_t last = 0;
    for (std::size_t i = 0; i < all.size(); i += 2) {
        REQUIRE(all[i].created == k_now - Millis(i / 2));
        REQUIRE(all[i].channel == "phone");
        REQUIRE(all[i + 1].channel == "work");
        REQUIRE(all[i + 1].notification == all[i].notification);
        REQUIRE(all[i].id > last);
        last = all[i].id;
    }
    CHECK(must(store->take_back_leases("another", k_now)) == 10'000);
}

TEST_CASE("outbox: attempts are appended, and the last one's words stand in the row") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    auto row = lease(*store, k_now).at(0);
    auto failed = sample_attempt(row, OutcomeKind::transient, DeliveryState::waiting, k_now, k_now + Millis(2'000));
    failed.attempt.status = 503;
    failed.attempt.detail = std::string(2'047, 'x') + "é and more";
    failed.remedy = "wait";
    must(store->record_attempts({failed}));
    CHECK(lease(*store, k_now + Millis(1'999)).empty());
    CHECK(must(store->next_due()) == k_now + Millis(2'000));

    row = lease(*store, k_now + Millis(2'000)).at(0);
    CHECK(row.attempts == 1);
    CHECK(row.last_remedy == "wait");
    CHECK(row.last_detail == std::string(2'047, 'x'));
    auto limited = sample_attempt(row, OutcomeKind::rate_limited, DeliveryState::waiting, k_now + Millis(2'100),
                                  k_now + Millis(5'000));
    limited.counts = false;
    must(store->record_attempts({limited}));

    row = lease(*store, k_now + Millis(5'000)).at(0);
    CHECK(row.attempts == 1);
    auto done = sample_attempt(row, OutcomeKind::delivered, DeliveryState::delivered, k_now + Millis(5'100));
    done.receipt = "message 42";
    must(store->record_attempts({done}));
    CHECK_FALSE(must(store->next_due()));

    const auto end = must(store->list_deliveries("delivered", 10)).at(0);
    CHECK(end.receipt == "message 42");
    CHECK(end.attempts == 2);
    CHECK(end.last_detail.empty());
    const auto attempts = must(store->attempts_of(end.id));
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[0].outcome == OutcomeKind::transient);
    CHECK(attempts[0].status == 503);
    CHECK(attempts[0].took == Millis(120));
    CHECK(attempts[1].outcome == OutcomeKind::rate_limited);
    CHECK(attempts[2].at == k_now + Millis(5'100));
}

TEST_CASE("outbox: what was delivered stays delivered, whatever is recorded later") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    const auto row = lease(*store, k_now).at(0);
    must(store->record_attempts({sample_attempt(row, OutcomeKind::delivered, DeliveryState::delivered, k_now)}));
    must(store->record_attempts({sample_attempt(row, OutcomeKind::transient, DeliveryState::waiting, k_now, k_now)}));
    CHECK(lease(*store, k_now).empty());
}

TEST_CASE("outbox: an attempt at a row that was purged does not lose the others' attempts") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    const auto row = lease(*store, k_now).at(0);
    auto unknown = sample_attempt(row, OutcomeKind::delivered, DeliveryState::delivered, k_now);
    unknown.attempt.delivery = 4711;
    must(store->record_attempts(
        {unknown, sample_attempt(row, OutcomeKind::delivered, DeliveryState::delivered, k_now)}));
    CHECK(must(store->list_deliveries("delivered", 10)).size() == 1);
}

TEST_CASE("outbox: what has expired is cancelled instead of sent, up to its last moment it is sent") {
    const auto store = must(Store::open_in_memory());
    auto question = sample_notification("turn-1/q1");
    question.expires = k_now + Millis(3'600'000);
    (void)must(store->keep(question, k_now));
    SUBCASE("at the moment itself") { CHECK(lease(*store, *question.expires).size() == 1); }
    SUBCASE("later") {
        (void)must(store->keep(sample_notification("turn-2"), k_now));
        const auto leased = lease(*store, *question.expires + Millis(1), 1);
        REQUIRE(leased.size() == 1); // an expired row takes no place in the batch
        CHECK(must(store->find_notification(leased[0].notification)).event_key == "turn-2");
        const auto cancelled = must(store->list_deliveries("cancelled", 10));
        REQUIRE(cancelled.size() == 1);
        CHECK(cancelled[0].last_detail == "too old");
    }
}

TEST_CASE("outbox: a message that is not due yet waits") {
    const auto store = must(Store::open_in_memory());
    auto later = sample_notification("turn-1");
    later.due = k_now + Millis(60'000);
    (void)must(store->keep(later, k_now));
    CHECK(lease(*store, k_now).empty());
    CHECK(must(store->next_due()) == later.due);
    CHECK(lease(*store, later.due).size() == 1);
}

TEST_CASE("outbox: the next moment is the earliest of holds and deliveries") {
    const auto store = must(Store::open_in_memory());
    CHECK_FALSE(must(store->next_due()));
    (void)must(store->keep(sample_question("turn-1/q1", k_now + Millis(30'000)), k_now));
    CHECK(must(store->next_due()) == k_now + Millis(30'000));
    (void)must(store->keep(sample_notification("turn-2"), k_now));
    CHECK(must(store->next_due()) == k_now);
    const auto row = lease(*store, k_now).at(0);
    must(store->record_attempts(
        {sample_attempt(row, OutcomeKind::transient, DeliveryState::waiting, k_now, k_now + Millis(60'000))}));
    CHECK(must(store->next_due()) == k_now + Millis(30'000));
}

TEST_CASE("outbox: rows without network become due when it returns, the others keep their time") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1", {"phone", "work"}), k_now));
    (void)must(store->keep(sample_notification("turn-2", {"phone"}), k_now));
    const auto leased = lease(*store, k_now);
    REQUIRE(leased.size() == 3);
    std::vector<Store::AttemptResult> results;
    for (const auto& row : leased) {
        results.push_back(
            sample_attempt(row, OutcomeKind::no_network, DeliveryState::waiting, k_now, k_now + Millis(3'600'000)));
        results.back().wants_network = row.channel == "phone";
    }
    must(store->record_attempts(results));
    const auto probes = must(store->without_network());
    REQUIRE(probes.size() == 1);
    CHECK(probes[0].id == leased[0].id);
    CHECK(probes[0].wants_network);
    CHECK(must(store->network_returned(k_now + Millis(10))) == 2);
    CHECK(must(store->network_returned(k_now + Millis(11))) == 0);
    const auto due = lease(*store, k_now + Millis(10));
    REQUIRE(due.size() == 2);
    CHECK(due[0].channel == "phone");
    CHECK(due[1].channel == "phone");
}

TEST_CASE("outbox: putting off is no attempt") {
    const auto store = must(Store::open_in_memory());
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    const auto row = lease(*store, k_now).at(0);
    must(store->put_off({{.delivery = row.id, .next = k_now + Millis(3'000), .wants_network = true}}));
    CHECK(must(store->next_due()) == k_now + Millis(3'000));
    CHECK(must(store->without_network()).size() == 1);
    CHECK(lease(*store, k_now + Millis(3'000)).at(0).attempts == 0);
    CHECK(must(store->attempts_of(row.id)).empty());
}

TEST_CASE("outbox: the rate budget sees what was sent on this channel of this origin") {
    const auto store = must(Store::open_in_memory());
    auto other = sample_notification("turn-3", {"phone"});
    other.targets[0].environment_key = "00112233aabbccdd";
    (void)must(store->keep(sample_notification("turn-1", {"phone", "work"}), k_now));
    (void)must(store->keep(sample_notification("turn-2", {"phone"}), k_now));
    (void)must(store->keep(other, k_now));
    const auto leased = lease(*store, k_now);
    REQUIRE(leased.size() == 4);
    must(store->record_attempts({
        sample_attempt(leased[0], OutcomeKind::accepted, DeliveryState::delivered, k_now + Millis(5)),
        sample_attempt(leased[1], OutcomeKind::delivered, DeliveryState::delivered, k_now + Millis(6)),
        sample_attempt(leased[2], OutcomeKind::transient, DeliveryState::waiting, k_now + Millis(7), k_now),
        sample_attempt(leased[3], OutcomeKind::delivered, DeliveryState::delivered, k_now + Millis(8)),
    }));
    must(store->record_attempts(
        {sample_attempt(leased[2], OutcomeKind::rate_limited, DeliveryState::waiting, k_now + Millis(9), k_now)}));
    CHECK((must(store->sent_since("phone", "", k_now)) == std::vector{k_now + Millis(5), k_now + Millis(9)}));
    CHECK((must(store->sent_since("phone", "", k_now + Millis(6))) == std::vector{k_now + Millis(9)}));
    CHECK((must(store->sent_since("phone", "00112233aabbccdd", k_now)) == std::vector{k_now + Millis(8)}));
}

TEST_CASE("outbox: a clock that is set back does not make anybody wait longer") {
    const auto store = must(Store::open_in_memory());
    auto question = sample_notification("turn-1");
    question.expires = k_now + Millis(50'000);
    (void)must(store->keep(question, k_now));
    (void)must(store->keep(sample_question("turn-2/q1", k_now + Millis(30'000)), k_now));
    const auto row = lease(*store, k_now).at(0);
    must(store->record_attempts(
        {sample_attempt(row, OutcomeKind::transient, DeliveryState::waiting, k_now, k_now + Millis(20'000))}));
    const Millis back(7'200'000);
    must(store->clock_set_back(back, k_now + Millis(1'000) - back)); // a second later by the boot clock
    CHECK(must(store->next_due()) == k_now + Millis(20'000) - back);
    const auto again = lease(*store, k_now + Millis(20'000) - back).at(0);
    CHECK(again.created == k_now - back);
    CHECK(again.expires == k_now + Millis(50'000) - back);
    CHECK(must(store->due_holds(k_now + Millis(30'000) - back)).size() == 1);
}
