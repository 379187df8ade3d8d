// SPDX-License-Identifier: MIT
// Recorded sequences of real hook calls, replayed in order against the whole way from payload to outbox, beside what
// truly happened: no turn missed, none false, none doubled (tests/hooks/sequences/README.md).
#include "channels/specs.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/rules/holds.hpp"
#include "core/store/session_file.hpp"
#include "hooks/intake.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_home.hpp"

#include <dirent.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace mcp_push {
namespace {

/// Hooks are seen some time after what they report; a length this near to the threshold may fall on either side.
constexpr long long k_blur_ms = 350;

std::vector<std::string> sequence_files() {
    const std::string folder = MCP_PUSH_SOURCE_DIR "/tests/hooks/sequences/claude_code";
    std::vector<std::string> files;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
    REQUIRE(open != nullptr);
    while (const dirent* const entry = ::readdir(open.get())) {
        if (std::string_view(entry->d_name).ends_with(".json")) files.push_back(folder + "/" + entry->d_name);
    }
    std::ranges::sort(files);
    return files;
}

long long number(const Json& object, std::string_view key, long long other = -1) {
    return integer_member(object, key).value_or(other);
}

/// What was told of one run, by the moment it was let go.
struct Told {
    std::string kind;
    std::string session;
    std::string turn;
    std::string question;
    long long at_ms = 0;
};

class Replay {
public:
    Replay(const Json& sequence, long long threshold_ms)
        : m_sequence(sequence), m_epoch(number(sequence, "epoch_ms", 1'700'000'000'000)) {
        m_home.set("MCP_PUSH_THRESHOLD", std::to_string(threshold_ms) + "ms");
        Teller::World world{.paths = m_home.paths(),
                            .environment = m_home.environment(),
                            .specs = channel_specs(),
                            .clock = m_clock,
                            .program = "test",
                            .start_deliverer = nullptr};
        m_teller = std::make_unique<Teller>(std::move(world));
    }

    std::vector<Told> run() {
        for (const auto& hook : member(m_sequence, "hooks")) {
            if (!bool_member(hook, "wired", true)) continue;
            const long long at = number(hook, "t_ms");
            pass_time(at);
            Json payload = member(hook, "payload");
            payload["transcript_path"] = transcript(string_member(payload, "session_id"));
            write_transcripts(at);
            const auto taken = take_payload(*m_teller, dump_json(payload), "claude-code", moment());
            REQUIRE_MESSAGE(taken.ok(), (taken.ok() ? "" : taken.error().text()));
            CHECK(taken->reply.empty());
            collect(taken->notifications);
            m_last = at;
        }
        pass_time(m_last + 3'600'000);
        return m_told;
    }

private:
    Moment moment() const { return {m_clock.now(), m_clock.since_boot()}; }

    void set_time(long long ms) {
        m_clock.set_now(from_millis(m_epoch + ms));
        m_clock.set_since_boot(Millis(10'000'000 + ms));
    }

    std::string transcript(const std::string& session) const { return m_home.path(session + ".jsonl"); }

    /// The transcript as it stood at this moment. The recorder looked at it at every hook, some time after the line.
    void write_transcripts(long long at) {
        constexpr long long k_recorder_lag = 120;
        std::map<std::string, std::string> texts;
        for (const auto& line : member(m_sequence, "transcript")) {
            if (number(line, "t_ms") > at + k_recorder_lag) continue;
            const Json& record = member(line, "line");
            texts[string_member(line, "session_id")] +=
                (record.is_string() ? record.get<std::string>() : dump_json(record)) + "\n";
        }
        for (const auto& [session, text] : texts)
            REQUIRE(write_file(transcript(session), text).ok());
    }

    /// What the deliverer does with held notifications until `until`.
    void pass_time(long long until) {
        auto store = m_teller->store();
        REQUIRE(store.ok());
        for (;;) {
            const auto next = (*store)->next_due();
            REQUIRE(next.ok());
            if (!*next || to_millis(**next) - m_epoch > until) break;
            set_time(std::max(to_millis(**next) - m_epoch, m_last));
            const auto due = (*store)->due_holds(m_clock.now());
            REQUIRE(due.ok());
            if (due->empty()) break;
            for (const auto& row : *due)
                check_hold(**store, row);
        }
        set_time(until);
    }

    void check_hold(Store& store, const NotificationRow& row) {
        const long long now = to_millis(m_clock.now()) - m_epoch;
        const auto state = SessionFile::peek(m_home.paths(), row.hold.agent, row.hold.session);
        auto verdict = judge_hold(state, row.hold.kind, row.hold.turn, row.hold.question);
        write_transcripts(now);
        if (row.hold.kind == Hold::question &&
            find_agent("claude-code")->dealt_with(row.hold.records, row.hold.asked)) {
            verdict = HoldVerdict::cancel;
        }
        if (verdict == HoldVerdict::cancel) {
            REQUIRE(store.cancel_hold(row.id, "test").ok());
        } else if (tool_runs(row, now)) {
            REQUIRE(store.postpone_hold(row.id, m_clock.now() + Millis(2000)).ok());
        } else {
            REQUIRE(store.release_hold(row.id, m_clock.now()).ok());
            tell(row);
        }
    }

    /// Stands in for the look at the agent's child processes: an approved command has one.
    bool tool_runs(const NotificationRow& row, long long now) const {
        if (row.hold.kind != Hold::question) return false;
        const long long asked = to_millis(row.hold.asked) - m_epoch;
        return std::ranges::any_of(member(m_sequence, "questions"), [&](const Json& question) {
            return std::abs(number(question, "asked_ms") - asked) < 500 && string_member(question, "tool") == "Bash" &&
                   string_member(question, "outcome") == "answered" && number(question, "ended_ms") <= now;
        });
    }

    void collect(const std::vector<std::string>& ids) {
        for (const auto& id : ids) {
            const auto row = (*m_teller->store())->find_notification(id);
            REQUIRE(row.ok());
            if (row->state != "held") tell(*row);
        }
    }

    void tell(const NotificationRow& row) {
        m_told.push_back({.kind = std::string(name_of(row.event.kind)),
                          .session = row.event.run.session,
                          .turn = row.event.run.turn,
                          .question = row.event.question,
                          .at_ms = to_millis(m_clock.now()) - m_epoch});
    }

    const Json& m_sequence;
    long long m_epoch;
    TempHome m_home;
    ManualClock m_clock;
    std::unique_ptr<Teller> m_teller;
    std::vector<Told> m_told;
    long long m_last = 0;
};

/// Time of a turn in which the user was asked and answered.
long long waited_ms(const Json& sequence, long long start, long long end) {
    long long waited = 0;
    for (const auto& question : member(sequence, "questions")) {
        const long long asked = number(question, "asked_ms");
        const long long answered = number(question, "ended_ms");
        if (asked < start || asked > end || answered < 0 || string_member(question, "outcome") != "answered") continue;
        waited += std::min(answered, end) - asked;
    }
    return waited;
}

void compare(const Json& sequence, long long threshold, const std::vector<Told>& told) {
    std::vector<bool> used(told.size(), false);
    for (const auto& turn : member(sequence, "turns")) {
        const auto id = string_member(turn, "prompt_id");
        const auto session = string_member(turn, "session_id");
        const auto outcome = string_member(turn, "outcome");
        const long long start = number(turn, "start_ms");
        const long long end = number(turn, "end_ms");
        const long long length = end - start - waited_ms(sequence, start, end);
        int times = 0;
        std::string kinds;
        for (std::size_t i = 0; i < told.size(); ++i) {
            const bool same = told[i].turn == id && (session.empty() || told[i].session == session);
            if (!same || told[i].kind == "needs_user_action") continue;
            used[i] = true;
            ++times;
            kinds += told[i].kind + " ";
        }
        const bool ended = outcome == "done" || outcome == "failed" || outcome == "turn_over";
        INFO("threshold " << threshold << " ms; turn " << id << " " << outcome << ", " << length
                          << " ms: " << string_member(turn, "note") << "; told: " << kinds);
        if (!ended || length < threshold - k_blur_ms) {
            CHECK(times == 0);
        } else if (length > threshold + k_blur_ms) {
            CHECK(times == 1);
            CHECK(kinds == (outcome == "failed" ? "error " : "end "));
        } else {
            CHECK(times <= 1);
        }
    }
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (told[i].kind == "needs_user_action") continue;
        INFO("threshold " << threshold << " ms; told of a turn that nobody knows: " << told[i].turn << " "
                          << told[i].kind);
        CHECK(used[i]);
    }
}

void compare_questions(const Json& sequence, long long threshold, const std::vector<Told>& told) {
    int expected_least = 0;
    int expected_most = 0;
    for (const auto& question : member(sequence, "questions")) {
        const long long asked = number(question, "asked_ms");
        const long long reminded = number(question, "reminded_ms");
        long long ended = number(question, "ended_ms");
        if (reminded < 0) continue;
        long long start = -1;
        for (const auto& turn : member(sequence, "turns")) {
            if (number(turn, "start_ms") > asked || asked > number(turn, "end_ms")) continue;
            start = std::max(start, number(turn, "start_ms"));
            // A question that nobody answered ends with its session.
            const auto outcome = string_member(turn, "outcome");
            if (ended < 0 && (outcome == "waiting" || outcome == "killed")) ended = number(turn, "end_ms");
        }
        const long long due = std::max(reminded, start + threshold);
        if (ended < 0 || ended > due + k_blur_ms) ++expected_least;
        if (ended < 0 || ended > due - k_blur_ms) ++expected_most;
    }
    const auto times = std::ranges::count(told, "needs_user_action", &Told::kind);
    INFO("threshold " << threshold << " ms; questions told " << times);
    CHECK(times >= expected_least);
    CHECK(times <= expected_most);
}

} // namespace

TEST_CASE("sequences: every recorded turn is told when it should be, and once") {
    std::size_t turns = 0;
    for (const auto& file : sequence_files()) {
        const auto text = read_file(file);
        REQUIRE(text.ok());
        const auto sequence = parse_json(*text, k_json_unlimited);
        REQUIRE_MESSAGE(sequence.ok(), file);
        turns += member(*sequence, "turns").size();
        for (const long long threshold : {0LL, 700LL, 2'000LL, 4'000LL, 60'000LL}) {
            INFO(base_name(file));
            const auto told = Replay(*sequence, threshold).run();
            compare(*sequence, threshold, told);
            compare_questions(*sequence, threshold, told);
        }
    }
    MESSAGE("turns replayed: " << turns);
    CHECK(turns >= 100);
}

} // namespace mcp_push
