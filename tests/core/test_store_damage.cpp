// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/store/sqlite.hpp"
#include "core/store/store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <random>

using mcp_push::ChildProcess;
using mcp_push::DeliveryState;
using mcp_push::from_millis;
using mcp_push::KeepResult;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::sample_attempt;
using mcp_push::sample_notification;
using mcp_push::Store;
using mcp_push::TempHome;

static constexpr auto k_now = from_millis(1'700'000'000'000);
static constexpr std::size_t k_page = 4096;
static constexpr std::size_t k_messages = 60;

namespace {

/// The bytes of a database with k_messages messages of two channels each, all of it in the one file.
std::string sound_database(const TempHome& home) {
    const auto path = home.path("sound/outbox.db");
    {
        const auto store = must(Store::open(path));
        for (std::size_t i = 0; i < k_messages; ++i) {
            auto notification = sample_notification("turn-" + std::to_string(i), {"phone", "work"});
            notification.inbox_body = std::string(300, 'b');
            (void)must(store->keep(notification, k_now));
        }
        std::vector<Store::AttemptResult> results;
        for (const auto& row : must(store->lease_due("me", k_now, k_messages))) {
            results.push_back(sample_attempt(row, mcp_push::OutcomeKind::delivered, DeliveryState::delivered, k_now));
        }
        must(store->record_attempts(results));
    }
    must(mcp_push::sqlite::Database::open(path, Millis(0)))->tidy(0);
    return must(mcp_push::read_file(path));
}

std::string noise(std::size_t size) {
    std::mt19937 random(static_cast<unsigned>(size)); // NOLINT: the same in every run
    std::string bytes(size, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random() & 0xff);
    return bytes;
}

std::size_t set_aside(const TempHome& home, std::string_view folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(home.path(folder))) {
        const auto name = entry.path().filename().string();
        if (name.find(".damaged-") != std::string::npos && !name.ends_with("-wal") && !name.ends_with("-shm")) ++count;
        CHECK(name.find(".salvage") == std::string::npos);
        CHECK(name.find(".new") == std::string::npos);
    }
    return count;
}

struct Survivors {
    std::size_t messages = 0;
    std::size_t deliveries = 0;
    std::size_t inbox = 0;
    std::string notice;
};

/// Uses every part of a database that may be damaged: nothing may fail, new messages are kept, no old one twice.
Survivors use(const std::string& path) {
    Survivors survivors;
    auto store = must(Store::open(path));
    survivors.notice = store->take_notice();
    (void)must(store->keep(sample_notification("new"), k_now + Millis(1)));
    // The first listing may find damage and start again; the second shows what is left.
    for (int turn = 0; turn < 2; ++turn) {
        survivors.deliveries = must(store->list_deliveries("all", 10'000)).size();
        survivors.inbox = must(store->list_inbox(false, 10'000)).size();
        survivors.messages = must(store->list_notifications(10'000)).size();
        (void)must(store->next_due());
        (void)must(store->sent_since("phone", "", k_now));
    }
    CHECK(must(store->keep(sample_notification("new"), k_now + Millis(2))).result == KeepResult::duplicate);
    for (const auto& row : must(store->list_notifications(10'000))) {
        (void)must(store->deliveries_of(row.id));
        if (row.event_key.empty()) continue;
        CHECK(must(store->keep(sample_notification(row.event_key), k_now)).result == KeepResult::duplicate);
    }
    if (auto more = store->take_notice(); !more.empty()) survivors.notice = more;
    store.reset();
    CHECK(must(Store::open(path))->take_notice().empty());
    return survivors;
}

} // namespace

TEST_CASE("store: whichever page is overwritten, what does not stand on it or behind it is saved") {
    const TempHome home;
    const auto sound = sound_database(home);
    const std::size_t pages = sound.size() / k_page;
    REQUIRE(pages > 20);
    std::size_t noticed = 0;
    std::size_t roots = 0;
    for (std::size_t page = 0; page < pages; ++page) {
        CAPTURE(page);
        auto bytes = sound;
        bytes.replace(page * k_page, k_page, noise(k_page));
        const auto folder = "page-" + std::to_string(page);
        const auto survivors = use(home.write(folder + "/outbox.db", bytes));
        CHECK(set_aside(home, folder) == (survivors.notice.empty() ? 0 : 1));
        noticed += survivors.notice.empty() ? 0 : 1;
        // A page of 4 KiB holds a dozen messages and some sixty deliveries; the root of a table leads to all of its
        // rows.
        const bool root = survivors.messages < k_messages - 12 || survivors.inbox < k_messages - 12 ||
                          survivors.deliveries < 2 * k_messages - 70;
        roots += root ? 1 : 0;
        CHECK(survivors.messages + survivors.inbox > k_messages); // never more than one of the tables
        std::filesystem::remove_all(home.path(folder));
    }
    CHECK(roots <= 4);
    CHECK(noticed > pages / 2); // a free page or one of an index that nothing asked for may go unseen
}

TEST_CASE("store: a damaged header costs no message") {
    const TempHome home;
    auto bytes = sound_database(home);
    std::size_t length = 0;
    SUBCASE("its first words") { length = 16; }
    SUBCASE("all of it") { length = 100; }
    SUBCASE("and the table of contents") { length = k_page; }
    bytes.replace(0, length, noise(length));
    const auto path = home.write("state/outbox.db", bytes);
    const auto survivors = use(path);
    CHECK(survivors.messages == k_messages + 1);
    CHECK(survivors.inbox == k_messages + 1);
    CHECK(survivors.deliveries == 2 * k_messages + 1);
    CHECK(survivors.notice.find(path + " was damaged and is now " + path + ".damaged-") != std::string::npos);
    CHECK(survivors.notice.find("60 messages, 120 deliveries") != std::string::npos);
    CHECK(set_aside(home, "state") == 1);
}

TEST_CASE("store: a truncated file gives back what is left of it") {
    const TempHome home;
    const auto sound = sound_database(home);
    for (const std::size_t part : {1, 2, 3, 4, 5, 6, 7}) {
        for (const std::size_t more : {0, 1'000}) { // at a page's end and inside one
            CAPTURE(part);
            CAPTURE(more);
            const auto folder = "part-" + std::to_string(part) + "-" + std::to_string(more);
            const auto size = sound.size() / k_page * part / 8 * k_page + more;
            (void)use(home.write(folder + "/outbox.db", sound.substr(0, size)));
            CHECK(set_aside(home, folder) == 1);
        }
    }
    const auto most = use(home.write("most/outbox.db", sound.substr(0, sound.size() - k_page)));
    CHECK(most.messages > k_messages - 12);
    CHECK_FALSE(most.notice.empty());
}

TEST_CASE("store: a file that is no database is set aside") {
    const TempHome home;
    std::string bytes;
    SUBCASE("a few words") { bytes = "this is not a database\n"; }
    SUBCASE("noise") { bytes = noise(100'000); }
    SUBCASE("zeros") { bytes = std::string(50'000, '\0'); }
    const auto survivors = use(home.write("state/outbox.db", bytes));
    CHECK(survivors.messages == 1);
    CHECK(survivors.notice.find("0 messages") != std::string::npos);
    CHECK(set_aside(home, "state") == 1);
}

TEST_CASE("store: an empty file and a damaged write-ahead log are no obstacle") {
    const TempHome home;
    SUBCASE("empty file") { CHECK(use(home.write("state/outbox.db", "")).messages == 1); }
    SUBCASE("a log of noise beside a sound database") {
        const auto sound = sound_database(home);
        (void)home.write("state/outbox.db-wal", noise(20'000));
        CHECK(use(home.write("state/outbox.db", sound)).messages == k_messages + 1);
    }
    CHECK(set_aside(home, "state") == 0);
}

TEST_CASE("store: damage that appears under an open store is mended, and the store goes on") {
    const TempHome home;
    const auto path = home.write("state/outbox.db", sound_database(home));
    const auto store = must(Store::open(path));
    const auto other = must(Store::open(path));
    (void)must(other->keep(sample_notification("before"), k_now));
    auto bytes = must(mcp_push::read_file(path));
    // Everything but the first page: nobody can miss it.
    bytes.replace(k_page, bytes.size() - k_page, noise(bytes.size() - k_page));
    REQUIRE(::truncate(path.c_str(), 0) == 0);
    must(mcp_push::append_file(path, bytes));
    CHECK(must(store->keep(sample_notification("first"), k_now)).result == KeepResult::kept);
    CHECK(must(other->keep(sample_notification("second"), k_now)).result == KeepResult::kept);
    const auto rows = must(store->list_notifications(1'000));
    REQUIRE(rows.size() >= 2);
    CHECK(rows[0].event_key == "second");
    CHECK(rows[1].event_key == "first");
    CHECK((store->take_notice() + other->take_notice()).find("was damaged") != std::string::npos);
    CHECK(set_aside(home, "state") == 1);
}

TEST_CASE("store: processes that find the damage at the same time mend it once and lose nothing of their own") {
    const TempHome home;
    auto bytes = sound_database(home);
    bytes.replace(0, 100, noise(100));
    const auto path = home.write("state/outbox.db", bytes);
    std::vector<ChildProcess> children;
    for (int child = 0; child < 8; ++child) {
        children.emplace_back([&path, child] {
            const auto store = Store::open(path, Millis(20'000));
            if (!store) return 1;
            return (*store)->keep(sample_notification("child-" + std::to_string(child)), k_now) ? 0 : 2;
        });
    }
    for (auto& child : children)
        CHECK(child.wait() == 0);
    CHECK(must(must(Store::open(path))->list_notifications(1'000)).size() == k_messages + 8);
    CHECK(set_aside(home, "state") == 1);
}

TEST_CASE("store: a repair that was cut off between its renames is completed by the next one") {
    const TempHome home;
    const auto path = home.path("state/outbox.db");
    (void)home.write("state/outbox.db.new", sound_database(home));
    (void)home.write("state/outbox.db-wal", noise(20'000));
    (void)home.write("state/outbox.db.damaged-1", noise(20'000));
    const auto store = must(Store::open(path));
    CHECK(must(store->list_notifications(1'000)).size() == k_messages);
    CHECK(set_aside(home, "state") == 1);
}

TEST_CASE("store: a kill -9 in the middle of a repair loses nothing that could be saved") {
    const TempHome home;
    auto bytes = sound_database(home);
    bytes.replace(0, 100, noise(100));
    for (int round = 0; round < 5; ++round) {
        for (const std::string stage : {"salvage", "salvage-copy", "salvage-journal", "new"}) {
            CAPTURE(round);
            CAPTURE(stage);
            const auto path = home.write(stage + std::to_string(round) + "/outbox.db", bytes);
            ChildProcess child([&] { return Store::open(path) ? 0 : 1; });
            while (!mcp_push::file_exists(path + "." + stage) && !child.has_ended()) {
            }
            child.signal(SIGKILL);
            (void)child.wait();
            const auto store = must(Store::open(path));
            CHECK(must(store->list_notifications(1'000)).size() == k_messages);
            CHECK(must(store->list_deliveries("all", 1'000)).size() == 2 * k_messages);
        }
    }
}
