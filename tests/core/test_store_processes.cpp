// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/store/store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <atomic>
#include <map>
#include <set>
#include <vector>

using mcp_push::ChildProcess;
using mcp_push::DeliveryState;
using mcp_push::FileHandle;
using mcp_push::from_millis;
using mcp_push::KeepResult;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::sample_attempt;
using mcp_push::sample_notification;
using mcp_push::Store;
using mcp_push::TempHome;

static constexpr auto k_now = from_millis(1'700'000'000'000);
static constexpr Millis k_patient(20'000); // the tests' machine may be busy

namespace {

/// A pipe for lines that children write and the test reads; a line is written whole or not at all.
class Reports {
public:
    Reports() {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        m_read = FileHandle(ends[0]);
        m_write = FileHandle(ends[1]);
    }
    bool say(const std::string& line) const {
        const auto text = line + "\n";
        return ::write(m_write.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }
    /// Reads what there is, or waits for something; false at the end, when every writer has gone.
    bool read_more() {
        char buffer[4096];
        const ssize_t got = ::read(m_read.get(), buffer, sizeof buffer);
        if (got > 0) m_text.append(buffer, static_cast<std::size_t>(got));
        return got > 0;
    }
    /// Ends this process's own writing; then everything that the others wrote.
    std::vector<std::string> rest() {
        m_write.reset();
        while (read_more()) {
        }
        return lines();
    }
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> all;
        for (const auto line : mcp_push::split(m_text, '\n')) {
            if (!line.empty()) all.emplace_back(line);
        }
        return all;
    }

private:
    FileHandle m_read;
    FileHandle m_write;
    std::string m_text;
};

/// Lets a moment pass that no clock could measure out: the kill is to hit anywhere.
void spin(unsigned rounds) {
    std::atomic<unsigned> left = rounds;
    while (left.load() > 0)
        --left;
}

} // namespace

TEST_CASE("store: of many processes that keep the same event, one keeps it") {
    const TempHome home;
    const auto path = home.path("state/outbox.db"); // absent: they race for making it too
    constexpr int k_processes = 6;
    constexpr int k_events = 40;
    Reports reports;
    {
        std::vector<ChildProcess> children;
        for (int child = 0; child < k_processes; ++child) {
            children.emplace_back([&] {
                const auto store = Store::open(path, k_patient);
                if (!store) return 1;
                for (int i = 0; i < k_events; ++i) {
                    const auto key = "turn-" + std::to_string(i);
                    const auto kept = (*store)->keep(sample_notification(key), k_now);
                    if (!kept) return 2;
                    if (kept->result == KeepResult::kept && !reports.say(key + " " + kept->id)) return 3;
                }
                return 0;
            });
        }
        for (auto& child : children)
            CHECK(child.wait() == 0);
    }
    std::map<std::string, int> winners;
    for (const auto& line : reports.rest())
        ++winners[line.substr(0, line.find(' '))];
    CHECK(winners.size() == k_events);
    for (const auto& winner : winners) {
        CAPTURE(winner.first);
        CHECK(winner.second == 1);
    }
    const auto store = must(Store::open(path));
    CHECK(must(store->list_notifications(1'000)).size() == k_events);
    CHECK(must(store->list_deliveries("waiting", 1'000)).size() == k_events);
}

TEST_CASE("store: fifty processes that each bring their own event at once lose none") {
    const TempHome home;
    const auto path = home.path("state/outbox.db");
    std::vector<ChildProcess> children;
    for (int child = 0; child < 50; ++child) {
        children.emplace_back([&path, child] {
            const auto store = Store::open(path, k_patient);
            if (!store) return 1;
            return (*store)->keep(sample_notification("turn-" + std::to_string(child)), k_now) ? 0 : 2;
        });
    }
    for (auto& child : children)
        CHECK(child.wait() == 0);
    CHECK(must(must(Store::open(path))->list_notifications(100)).size() == 50);
}

TEST_CASE("store: what was reported before a kill -9 is there afterwards, whole, and nothing is half there") {
    const TempHome home;
    const auto path = home.path("outbox.db");
    std::set<std::string> kept;
    std::set<std::string> delivered;
    for (int round = 0; round < 200; ++round) {
        Reports reports;
        ChildProcess child([&] {
            const auto store = Store::open(path, k_patient);
            if (!store || !(*store)->take_back_leases("worker " + std::to_string(round), k_now)) return 1;
            for (int i = 0;; ++i) {
                const auto key = std::to_string(round) + "-" + std::to_string(i);
                if (!(*store)->keep(sample_notification(key, {"phone", "work"}), k_now)) return 2;
                if (!reports.say("kept " + key)) return 3;
                const auto leased = (*store)->lease_due("worker " + std::to_string(round), k_now, 1);
                if (!leased || leased->empty()) return 4;
                const auto& row = leased->front();
                const auto attempt =
                    sample_attempt(row, mcp_push::OutcomeKind::delivered, DeliveryState::delivered, k_now);
                if (!(*store)->record_attempts({attempt})) return 5;
                if (!reports.say("delivered " + std::to_string(row.id))) return 6;
            }
        });
        const auto enough = static_cast<std::size_t>(mcp_push::random_unit() * 8);
        while (reports.lines().size() < enough && reports.read_more()) {
        }
        spin(static_cast<unsigned>(mcp_push::random_unit() * 400'000));
        child.signal(SIGKILL);
        REQUIRE(child.wait() == 128 + SIGKILL);
        for (const auto& line : reports.rest()) {
            const auto space = line.find(' ');
            (line.starts_with("kept") ? kept : delivered).insert(line.substr(space + 1));
        }
    }
    const auto store = must(Store::open(path));
    CHECK(store->take_notice().empty());
    std::set<std::string> found;
    for (const auto& row : must(store->list_notifications(SIZE_MAX))) {
        found.insert(row.event_key);
        REQUIRE(must(store->deliveries_of(row.id)).size() == 2);
    }
    CHECK(must(store->list_inbox(false, SIZE_MAX)).size() == found.size());
    CHECK(kept.size() > 100);
    for (const auto& key : kept)
        REQUIRE(found.contains(key));
    std::set<std::string> really;
    for (const auto& row : must(store->list_deliveries("delivered", SIZE_MAX))) {
        really.insert(std::to_string(row.id));
        REQUIRE(must(store->attempts_of(row.id)).size() == 1);
    }
    for (const auto& id : delivered)
        REQUIRE(really.contains(id));
}
