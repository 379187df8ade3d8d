// SPDX-License-Identifier: MIT
#include "core/base/text.hpp"
#include "core/store/store.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>

using mcp_push::DeliveryState;
using mcp_push::from_millis;
using mcp_push::KeepResult;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::sample_attempt;
using mcp_push::sample_notification;
using mcp_push::sample_question;
using mcp_push::Store;

static constexpr auto k_now = from_millis(1'700'000'000'000);

TEST_CASE("outbox: what was kept is there, whole, for another process") {
    const mcp_push::TempHome home;
    auto notification = sample_notification("turn-1", {"phone", "work"});
    notification.event.facts.title = "标题 \"quoted\" \xF0\x9F\x9A\x80";
    notification.event.facts.exit_code = 3;
    notification.targets[1].environment_key = "00112233aabbccdd";
    notification.targets[1].event = true;
    notification.expires = k_now + Millis(5'000);
    std::string id;
    {
        const auto store = must(Store::open(home.path("state/outbox.db")));
        const auto kept = must(store->keep(notification, k_now));
        CHECK(kept.result == KeepResult::kept);
        id = kept.id;
    }
    const auto store = must(Store::open(home.path("state/outbox.db")));
    const auto row = must(store->find_notification(id));
    CHECK(row.created == k_now);
    CHECK(row.state == "queued");
    CHECK(row.event_key == "turn-1");
    CHECK(row.event.run == notification.event.run);
    CHECK(row.event.facts.title == notification.event.facts.title);
    CHECK(row.event.facts.exit_code == 3);
    CHECK(row.decision.rule == notification.decision.rule);
    CHECK(row.expires == notification.expires);
    CHECK(row.config_dir == notification.config_dir);
    const auto deliveries = must(store->deliveries_of(id));
    REQUIRE(deliveries.size() == 2);
    CHECK(deliveries[0].channel == "phone");
    CHECK(deliveries[0].state == DeliveryState::waiting);
    CHECK(deliveries[1].channel == "work");
    CHECK(deliveries[1].environment_key == "00112233aabbccdd");
    CHECK(deliveries[1].event);
    const auto inbox = must(store->list_inbox(true, 10));
    REQUIRE(inbox.size() == 1);
    CHECK(inbox[0].notification == id);
    CHECK(inbox[0].title == notification.inbox_title);
    CHECK(inbox[0].body == notification.inbox_body);
    CHECK(store->take_notice().empty());
}

TEST_CASE("outbox: a second event with the same key is not kept") {
    const auto store = must(Store::open_in_memory());
    const auto first = must(store->keep(sample_notification("turn-1"), k_now));
    SUBCASE("while the first one waits") {}
    SUBCASE("after the first one was delivered") {
        const auto row = must(store->lease_due("me", k_now, 10)).at(0);
        must(store->record_attempts(
            {sample_attempt(row, mcp_push::OutcomeKind::delivered, DeliveryState::delivered, k_now)}));
        CHECK(must(store->find_notification(first.id)).state == "done");
    }
    const auto second = must(store->keep(sample_notification("turn-1"), k_now + Millis(1'000)));
    CHECK(second.result == KeepResult::duplicate);
    CHECK(second.id == first.id);
    CHECK(must(store->list_notifications(10)).size() == 1);
    CHECK(must(store->list_deliveries("all", 10)).size() == 1);
    CHECK(must(store->list_inbox(false, 10)).size() == 1);
}

TEST_CASE("outbox: messages without a key may be repeated") {
    const auto store = must(Store::open_in_memory());
    CHECK(must(store->keep(sample_notification(""), k_now)).result == KeepResult::kept);
    CHECK(must(store->keep(sample_notification(""), k_now)).result == KeepResult::kept);
    CHECK(must(store->lease_due("me", k_now, 10)).size() == 2);
}

TEST_CASE("outbox: a message without channels is still in the inbox") {
    const auto store = must(Store::open_in_memory());
    const auto kept = must(store->keep(sample_notification("turn-1", {}), k_now));
    CHECK(must(store->find_notification(kept.id)).state == "done");
    CHECK(must(store->list_inbox(true, 10)).size() == 1);
    CHECK_FALSE(must(store->next_due()));
}

TEST_CASE("outbox: what the hook's reply has told already is a delivered row with its attempt") {
    const auto store = must(Store::open_in_memory());
    auto notification = sample_notification("turn-1", {"screen", "phone"});
    notification.targets[0].done_already = true;
    const auto kept = must(store->keep(notification, k_now));
    const auto leased = must(store->lease_due("me", k_now, 10));
    REQUIRE(leased.size() == 1);
    CHECK(leased[0].channel == "phone");
    const auto told = must(store->deliveries_of(kept.id)).at(0);
    CHECK(told.state == DeliveryState::delivered);
    const auto attempts = must(store->attempts_of(told.id));
    REQUIRE(attempts.size() == 1);
    CHECK(attempts[0].at == k_now);
    CHECK(attempts[0].outcome == mcp_push::OutcomeKind::delivered);
}

TEST_CASE("outbox: a held question is told to nobody before it is let go") {
    const auto store = must(Store::open_in_memory());
    const auto due = k_now + Millis(40'000);
    const auto kept = must(store->keep(sample_question("turn-1/q1", due), k_now));
    CHECK(must(store->find_notification(kept.id)).state == "held");
    CHECK(must(store->list_inbox(false, 10)).empty());
    CHECK(must(store->lease_due("me", due + Millis(1'000'000), 10)).empty());
    CHECK(must(store->next_due()) == due);
    CHECK(must(store->due_holds(due - Millis(1))).empty());

    const auto holds = must(store->due_holds(due));
    REQUIRE(holds.size() == 1);
    CHECK(holds[0].id == kept.id);
    CHECK(holds[0].hold.kind == mcp_push::Hold::question);
    CHECK(holds[0].hold.session == "session");

    SUBCASE("let go: in the inbox, and due at once") {
        const auto released = due + Millis(500);
        must(store->release_hold(kept.id, released));
        const auto inbox = must(store->list_inbox(true, 10));
        REQUIRE(inbox.size() == 1);
        CHECK(inbox[0].title == "Waiting for you: parser");
        CHECK(inbox[0].body == "rm -r build");
        CHECK(inbox[0].at == released);
        CHECK(inbox[0].urgency == mcp_push::Urgency::high);
        const auto leased = must(store->lease_due("me", released, 10));
        REQUIRE(leased.size() == 1);
        CHECK(leased[0].created == released);
        must(store->release_hold(kept.id, released)); // a second time: nothing more happens
        CHECK(must(store->list_inbox(true, 10)).size() == 1);
        CHECK(must(store->lease_due("me", released, 10)).empty());
        CHECK(must(store->keep(sample_question("turn-1/q1", due), released)).result == KeepResult::duplicate);
    }
    SUBCASE("postponed") {
        must(store->postpone_hold(kept.id, due + Millis(9'000)));
        CHECK(must(store->due_holds(due)).empty());
        CHECK(must(store->next_due()) == due + Millis(9'000));
    }
    SUBCASE("cancelled: gone for good, with the reason, and its key is free again") {
        must(store->cancel_hold(kept.id, "the session has moved on"));
        const auto row = must(store->find_notification(kept.id));
        CHECK(row.state == "cancelled");
        CHECK(row.reason == "the session has moved on");
        CHECK(must(store->deliveries_of(kept.id)).at(0).state == DeliveryState::cancelled);
        CHECK_FALSE(must(store->next_due()));
        must(store->release_hold(kept.id, due));
        CHECK(must(store->lease_due("me", due, 10)).empty());
        CHECK(must(store->list_inbox(false, 10)).empty());
        CHECK(must(store->keep(sample_question("turn-1/q1", due), due)).result == KeepResult::kept);
    }
    SUBCASE("hastened by its key") {
        must(store->hasten_hold("another key", k_now));
        CHECK(must(store->due_holds(k_now + Millis(5))).empty());
        must(store->hasten_hold("turn-1/q1", k_now + Millis(5)));
        CHECK(must(store->due_holds(k_now + Millis(5))).size() == 1);
    }
    SUBCASE("superseded by another with the same key") {
        const auto newer = must(store->keep(sample_notification("turn-1/q1"), k_now + Millis(7)));
        CHECK(newer.result == KeepResult::superseded);
        CHECK(newer.id != kept.id);
        const auto old = must(store->find_notification(kept.id));
        CHECK(old.state == "cancelled");
        CHECK(old.reason == "superseded");
        CHECK(old.event_key.empty());
        const auto leased = must(store->lease_due("me", due, 10));
        REQUIRE(leased.size() == 1);
        CHECK(leased[0].notification == newer.id);
        CHECK(must(store->list_inbox(false, 10)).size() == 1);
    }
}

TEST_CASE("outbox: a message of 10 MiB comes back as it was") {
    const mcp_push::TempHome home;
    const auto path = home.path("outbox.db");
    auto notification = sample_notification("turn-1");
    auto& body = notification.event.facts.body;
    body.reserve(10 << 20);
    for (int i = 0; body.size() < (10u << 20); ++i)
        body += "第 " + std::to_string(i) + " \"line\"\n";
    notification.inbox_body = body;
    std::string id;
    {
        const auto store = must(Store::open(path));
        id = must(store->keep(notification, k_now)).id;
    }
    const auto store = must(Store::open(path));
    CHECK((must(store->find_notification(id)).event.facts.body == body));
    CHECK((must(store->list_inbox(false, 1)).at(0).body == body));
    CHECK(must(store->lease_due("me", k_now, 1)).size() == 1);
}

TEST_CASE("outbox: text that is no UTF-8 is kept with replacement characters, not refused") {
    const auto store = must(Store::open_in_memory());
    auto notification = sample_notification("turn-1");
    notification.event.facts.answer = "caf\xE9 \xFF";
    const auto kept = must(store->keep(notification, k_now));
    const auto answer = must(store->find_notification(kept.id)).event.facts.answer;
    CHECK(mcp_push::is_valid_utf8(answer));
    CHECK(answer.starts_with("caf"));
}

TEST_CASE("outbox: an unknown id is said by name") {
    const auto store = must(Store::open_in_memory());
    const auto row = store->find_notification("01UNKNOWN");
    REQUIRE_FALSE(row.ok());
    CHECK(row.error().kind == mcp_push::ErrorKind::no_input);
    CHECK(row.error().message.find("01UNKNOWN") != std::string::npos);
}
