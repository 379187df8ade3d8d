// SPDX-License-Identifier: MIT
#include "core/rules/holds.hpp"
#include "core/rules/turns.hpp"

#include <doctest/doctest.h>

namespace mcp_push {
namespace {

constexpr Millis k_grace{60'000};

/// A session that is fed signals at times given in seconds.
class Session {
public:
    std::vector<TurnEvent> feed(double seconds, Signal signal) {
        return step(state, signal, at(seconds), k_grace, history);
    }
    std::vector<TurnEvent> prompt(double seconds, const std::string& turn, const std::string& text = "do it") {
        return feed(seconds, {.kind = SignalKind::prompt, .turn = turn, .text = text});
    }
    std::vector<TurnEvent> came_back(double seconds, const std::string& turn, const std::string& task) {
        return feed(seconds, {.kind = SignalKind::prompt, .turn = turn, .from_machine = true, .task = task});
    }
    std::vector<TurnEvent> stop(double seconds, const std::string& turn, std::vector<BackgroundTask> background = {}) {
        return feed(seconds,
                    {.kind = SignalKind::stop, .turn = turn, .background = std::move(background), .text = "answer"});
    }
    std::vector<TurnEvent> question(double seconds, const std::string& turn, const std::string& key) {
        return feed(
            seconds,
            {.kind = SignalKind::question, .turn = turn, .tool = "Bash", .tool_key = key, .text = "npm publish"});
    }
    std::vector<TurnEvent> reminder(double seconds, const std::string& turn) {
        return feed(seconds, {.kind = SignalKind::reminder, .turn = turn});
    }
    std::vector<TurnEvent> tool_end(double seconds, const std::string& turn, const std::string& key, double took) {
        return feed(seconds, {.kind = SignalKind::activity,
                              .turn = turn,
                              .tool = "Bash",
                              .tool_key = key,
                              .tool_duration = Millis(static_cast<long long>(took * 1000))});
    }
    /// From now on the agent's records end with this error.
    void fails_at(double seconds, const std::string& text) {
        history.find_failure = [=](const std::string&) { return RecordedFailure{text, at(seconds).wall}; };
    }
    static Moment at(double seconds) {
        const auto ms = static_cast<long long>(seconds * 1000);
        return {from_millis(1'700'000'000'000 + ms), Millis(5'000'000 + ms)};
    }

    SessionState state;
    History history;
};

const BackgroundTask k_shell{.id = "b1", .may_never_end = true};
const BackgroundTask k_agent{.id = "a1", .may_never_end = false};

bool only_silent(const std::vector<TurnEvent>& events) {
    for (const auto& event : events) {
        if (event.kind != TurnEvent::Kind::silent) return false;
    }
    return true;
}

TurnEvent single(const std::vector<TurnEvent>& events, TurnEvent::Kind kind) {
    REQUIRE(events.size() == 1);
    REQUIRE(events[0].kind == kind);
    return events[0];
}

} // namespace

TEST_CASE("turns: a prompt and its stop make one run with the prompt's clock") {
    Session session;
    CHECK(session.prompt(0, "p1").empty());
    const auto events = session.stop(75, "p1");
    const auto end = single(events, TurnEvent::Kind::ended);
    CHECK(end.turn == "p1");
    CHECK(end.duration == Millis(75'000));
    CHECK(end.prompt == "do it");
    CHECK(end.text == "answer");
}

TEST_CASE("turns: the same stop reported twice is one end") {
    Session session;
    session.prompt(0, "p1");
    session.stop(75, "p1");
    CHECK(only_silent(session.stop(75.1, "p1")));
}

TEST_CASE("turns: an adjusted wall clock does not bend a run's length") {
    Session session;
    session.prompt(0, "p1");
    Moment later = Session::at(75);
    later.wall -= std::chrono::hours(3);
    const auto events = step(session.state, {.kind = SignalKind::stop, .turn = "p1"}, later, k_grace);
    CHECK(single(events, TurnEvent::Kind::ended).duration == Millis(75'000));
}

TEST_CASE("turns: after a reboot the wall clock alone tells the length") {
    Session session;
    session.prompt(0, "p1");
    Moment later = Session::at(75);
    later.boot = Millis(1000);
    const auto events = step(session.state, {.kind = SignalKind::stop, .turn = "p1"}, later, k_grace);
    CHECK(single(events, TurnEvent::Kind::ended).duration == Millis(75'000));
}

TEST_CASE("turns: a prompt with another id shows that the open turn was interrupted") {
    Session session;
    session.prompt(0, "p1");
    CHECK(only_silent(session.prompt(100, "p2")));
    CHECK(single(session.stop(110, "p2"), TurnEvent::Kind::ended).duration == Millis(10'000));
}

TEST_CASE("turns: a queued prompt that is folded in leaves one run") {
    Session session;
    session.prompt(0, "p1");
    CHECK(session.prompt(20, "p1").empty());
    CHECK(single(session.stop(75, "p1"), TurnEvent::Kind::ended).duration == Millis(75'000));
    session.prompt(100, "p2");
    CHECK(single(session.stop(101, "p2"), TurnEvent::Kind::ended).duration == Millis(1'000));
}

TEST_CASE("turns: a queued prompt that is played later starts when the turn before it ended") {
    Session session;
    session.prompt(0, "p1");
    session.prompt(20, "p1");
    session.stop(75, "p1");
    const auto end = single(session.stop(140, "p2"), TurnEvent::Kind::ended);
    CHECK(end.turn == "p2");
    CHECK(end.duration == Millis(65'000));
}

TEST_CASE("turns: after a queued prompt was folded in, a turn without a prompt is not as old as the queue") {
    Session session;
    session.prompt(0, "p1");
    session.prompt(20, "p1");
    session.stop(75, "p1");
    session.history.find_prompt = [](const std::string&) { return RecordedPrompt{Session::at(3600).wall, ""}; };
    CHECK(single(session.stop(3605, "p2"), TurnEvent::Kind::ended).duration == Millis(5'000));
}

TEST_CASE("turns: a stop without a prompt learns its start from the agent's records") {
    Session session;
    session.history.find_prompt = [](const std::string& turn) -> std::optional<RecordedPrompt> {
        if (turn == "p9") return RecordedPrompt{Session::at(10).wall, "what was typed"};
        return std::nullopt;
    };
    const auto end = single(session.stop(80, "p9"), TurnEvent::Kind::ended);
    CHECK(end.duration == Millis(70'000));
    CHECK(end.prompt == "what was typed");
    CHECK_FALSE(single(session.stop(90, "p10"), TurnEvent::Kind::ended).duration.has_value());
}

TEST_CASE("turns: a failure that comes after the next prompt still belongs to its own turn") {
    Session session;
    session.prompt(0, "p1");
    session.prompt(70, "p2");
    const auto events = session.feed(70.1, {.kind = SignalKind::failure, .turn = "p1", .text = "API Error"});
    const auto failed = single(events, TurnEvent::Kind::failed);
    CHECK(failed.turn == "p1");
    CHECK(failed.text == "API Error");
    CHECK(single(session.stop(80, "p2"), TurnEvent::Kind::ended).duration == Millis(10'000));
}

TEST_CASE("turns: a session that ends in the middle of a failed turn tells the failure, and only once") {
    Session session;
    session.fails_at(70, "API Error: 529");
    session.prompt(0, "p1");
    const auto events = session.feed(75, {.kind = SignalKind::session_end});
    const auto failed = single(events, TurnEvent::Kind::failed);
    CHECK(failed.text == "API Error: 529");
    CHECK(failed.duration == Millis(70'000));
    CHECK(only_silent(session.feed(75.01, {.kind = SignalKind::failure, .turn = "p1", .text = "late"})));
}

TEST_CASE("turns: a failure that comes after the session's end is still told") {
    Session session;
    session.prompt(0, "p1");
    CHECK(only_silent(session.feed(75, {.kind = SignalKind::session_end})));
    CHECK(single(session.feed(75.01, {.kind = SignalKind::failure, .turn = "p1", .text = "late"}),
                 TurnEvent::Kind::failed)
              .duration == Millis(75'010));
}

TEST_CASE("turns: a failure without a hook of its own is found at the next prompt and at the idle reminder") {
    for (const auto kind : {SignalKind::prompt, SignalKind::idle, SignalKind::session_start}) {
        Session session;
        session.prompt(0, "p1");
        session.fails_at(70, "Prompt is too long");
        const auto failed = single(session.feed(100, {.kind = kind, .turn = "p2"}), TurnEvent::Kind::failed);
        CHECK(failed.turn == "p1");
        CHECK(failed.text == "Prompt is too long");
        CHECK(failed.duration == Millis(70'000));
        CHECK(only_silent(session.feed(200, {.kind = SignalKind::session_end})));
    }
}

TEST_CASE("turns: an error that is older than the turn is not its own") {
    Session session;
    session.fails_at(0, "API Error: 529");
    session.prompt(10, "p1");
    CHECK(only_silent(session.feed(90, {.kind = SignalKind::session_end})));
}

TEST_CASE("turns: a sub-agent that fails ends its own questions and nothing else") {
    Session session;
    session.prompt(0, "p1");
    session.question(20, "p1", "main's");
    session.feed(30, {.kind = SignalKind::question, .turn = "p1", .sub_agent = "a1", .tool_key = "its own"});
    CHECK(only_silent(session.feed(40, {.kind = SignalKind::failure, .turn = "p1", .sub_agent = "a1", .text = "500"})));
    CHECK(judge_hold(session.state, Hold::question, "p1", "q1") == HoldVerdict::release);
    CHECK(judge_hold(session.state, Hold::question, "p1", "q2") == HoldVerdict::cancel);
    CHECK(single(session.stop(75, "p1"), TurnEvent::Kind::ended).duration == Millis(75'000));
}

TEST_CASE("turns: a turn with background agents ends when the last of them has come back") {
    Session session;
    session.prompt(0, "p1");
    CHECK(only_silent(session.stop(10, "p1", {k_agent})));
    CHECK(session.came_back(90, "p2", "a1").empty());
    const auto end = single(session.stop(95, "p2"), TurnEvent::Kind::ended);
    CHECK(end.turn == "p1");
    CHECK(end.duration == Millis(95'000));
}

TEST_CASE("turns: with only shells left the turn is over, and told when the agent idles") {
    Session session;
    session.prompt(0, "p1");
    const auto events = session.stop(70, "p1", {k_shell});
    const auto over = single(events, TurnEvent::Kind::over);
    CHECK(over.background == 1);
    CHECK(over.duration == Millis(70'000));
    CHECK(judge_hold(session.state, Hold::background, "p1", "") == HoldVerdict::release);
    CHECK(single(session.feed(130, {.kind = SignalKind::idle}), TurnEvent::Kind::settled).turn == "p1");
    CHECK(judge_hold(session.state, Hold::background, "p1", "") == HoldVerdict::release);
}

TEST_CASE("turns: a shell that comes back within the grace continues the run") {
    Session session;
    session.prompt(0, "p1");
    session.stop(70, "p1", {k_shell});
    session.came_back(100, "p2", "b1");
    CHECK(judge_hold(session.state, Hold::background, "p1", "") == HoldVerdict::cancel);
    CHECK(single(session.stop(110, "p2"), TurnEvent::Kind::ended).turn == "p1");
}

TEST_CASE("turns: a shell that comes back after the turn was told is a run of its own") {
    Session session;
    session.prompt(0, "p1");
    session.stop(70, "p1", {k_shell});
    session.came_back(1000, "p2", "b1");
    CHECK(judge_hold(session.state, Hold::background, "p1", "") == HoldVerdict::release);
    const auto end = single(session.stop(1010, "p2"), TurnEvent::Kind::ended);
    CHECK(end.turn == "p2");
    CHECK(end.duration == Millis(940'000));
}

TEST_CASE("turns: the next turn does not wait for a server that an earlier one left running") {
    Session session;
    session.prompt(0, "p1");
    session.stop(70, "p1", {k_shell});
    session.feed(130, {.kind = SignalKind::idle});
    session.prompt(200, "p2");
    CHECK(single(session.stop(290, "p2", {k_shell}), TurnEvent::Kind::ended).turn == "p2");
}

TEST_CASE("turns: when the user goes on, a turn with background work is told when that comes back") {
    Session session;
    session.prompt(0, "p1");
    session.stop(10, "p1", {k_agent});
    CHECK(only_silent(session.prompt(20, "p2")));
    CHECK(single(session.stop(30, "p2", {k_agent}), TurnEvent::Kind::ended).turn == "p2");
    session.came_back(100, "p3", "a1");
    const auto end = single(session.stop(105, "p3"), TurnEvent::Kind::ended);
    CHECK(end.turn == "p1");
    CHECK(end.duration == Millis(105'000));
}

TEST_CASE("turns: background work that comes back after the next turn was interrupted still ends its own turn") {
    Session session;
    session.prompt(0, "p1");
    session.stop(10, "p1", {k_agent});
    session.prompt(20, "p2"); // interrupted by a key, of which no hook tells
    CHECK(only_silent(session.came_back(100, "p3", "a1")));
    const auto end = single(session.stop(105, "p3"), TurnEvent::Kind::ended);
    CHECK(end.turn == "p1");
    CHECK(end.duration == Millis(105'000));
}

TEST_CASE("turns: background work that is folded into the running turn does not end it") {
    Session session;
    session.prompt(0, "p1");
    CHECK(session.came_back(50, "p1", "b1").empty());
    CHECK(single(session.stop(75, "p1"), TurnEvent::Kind::ended).duration == Millis(75'000));
}

TEST_CASE("turns: closing the session by hand before the grace is over is no news") {
    Session session;
    session.prompt(0, "p1");
    session.stop(70, "p1", {k_shell});
    CHECK(only_silent(session.feed(80, {.kind = SignalKind::session_end, .by_hand = true})));
    CHECK(judge_hold(session.state, Hold::background, "p1", "") == HoldVerdict::cancel);
}

TEST_CASE("turns: a process that ends while shells run tells the turn that was over") {
    Session session;
    session.prompt(0, "p1");
    session.stop(70, "p1", {k_shell});
    const auto events = session.feed(80, {.kind = SignalKind::session_end});
    CHECK(events.front().kind == TurnEvent::Kind::settled);
}

TEST_CASE("turns: a question is one with its reminder, and a second question is another") {
    Session session;
    session.prompt(0, "p1");
    CHECK(session.question(20, "p1", "k1").empty());
    CHECK(session.question(20.01, "p1", "k1").empty());
    const auto first = session.reminder(26, "p1");
    const auto asked = single(first, TurnEvent::Kind::question);
    CHECK(asked.question == "q1");
    CHECK(asked.text == "npm publish");
    CHECK(asked.duration == Millis(26'000));
    CHECK(session.reminder(33, "p1").empty());
    CHECK(judge_hold(session.state, Hold::question, "p1", "q1") == HoldVerdict::release);
    session.tool_end(50, "p1", "k1", 2);
    CHECK(judge_hold(session.state, Hold::question, "p1", "q1") == HoldVerdict::cancel);
    session.question(60, "p1", "k1");
    CHECK(single(session.reminder(66, "p1"), TurnEvent::Kind::question).question == "q2");
}

TEST_CASE("turns: a reminder that was on its way when its question was answered is no question") {
    Session session;
    session.prompt(0, "p1");
    session.question(20, "p1", "k1");
    session.tool_end(26, "p1", "k1", 0.5);
    CHECK(only_silent(session.reminder(26.1, "p1")));
}

TEST_CASE("turns: a reminder without a dialog that we saw is a question all the same") {
    Session session;
    session.prompt(0, "p1");
    CHECK(single(session.reminder(40, "p1"), TurnEvent::Kind::question).asked.wall == Session::at(40).wall);
}

TEST_CASE("turns: a tool that ran beside the dialog does not close it, a later one does") {
    Session session;
    session.prompt(0, "p1");
    session.question(20, "p1", "k1");
    session.tool_end(25, "p1", "other", 10);
    CHECK(judge_hold(session.state, Hold::question, "p1", "q1") == HoldVerdict::release);
    session.tool_end(40, "p1", "later", 3);
    CHECK(judge_hold(session.state, Hold::question, "p1", "q1") == HoldVerdict::cancel);
}

TEST_CASE("turns: a sub-agent's tools do not close the main conversation's dialog") {
    Session session;
    session.prompt(0, "p1");
    session.question(20, "p1", "k1");
    session.feed(
        60,
        {.kind = SignalKind::activity, .turn = "p1", .sub_agent = "a1", .tool_key = "x", .tool_duration = Millis(100)});
    CHECK(judge_hold(session.state, Hold::question, "p1", "q1") == HoldVerdict::release);
}

TEST_CASE("turns: waiting for the user is not counted, the tool's own time is") {
    Session session;
    session.prompt(0, "p1");
    session.question(10, "p1", "k1");
    session.tool_end(100, "p1", "k1", 20); // asked at 10, approved at 80, ran for 20 s
    CHECK(single(session.stop(105, "p1"), TurnEvent::Kind::ended).duration == Millis(35'000));
}

TEST_CASE("turns: two dialogs at once are not waited for twice") {
    Session session;
    session.prompt(0, "p1");
    session.question(10, "p1", "k1");
    session.question(10, "p1", "k2");
    session.tool_end(50, "p1", "k1", 0);
    session.tool_end(60, "p1", "k2", 0);
    CHECK(single(session.stop(70, "p1"), TurnEvent::Kind::ended).duration == Millis(20'000));
}

TEST_CASE("turns: an idle reminder after a known end is silent, after an unknown one it is the end") {
    Session session;
    session.prompt(0, "p1");
    session.stop(75, "p1");
    CHECK(only_silent(session.feed(135, {.kind = SignalKind::idle})));
    session.prompt(200, "p2");
    CHECK(single(session.feed(400, {.kind = SignalKind::idle}), TurnEvent::Kind::ended).duration == Millis(140'000));
}

TEST_CASE("turns: a stop that another hook refused and that comes again is the same run") {
    Session session;
    session.prompt(0, "p1");
    CHECK(single(session.stop(30, "p1"), TurnEvent::Kind::ended).duration == Millis(30'000));
    const auto again = session.feed(100, {.kind = SignalKind::stop, .turn = "p1", .continued = true, .text = "more"});
    const auto end = single(again, TurnEvent::Kind::ended);
    CHECK(end.turn == "p1");
    CHECK(end.duration == Millis(100'000));
}

TEST_CASE("turns: a stale turn of a killed process is forgotten when the session is resumed") {
    Session session;
    session.prompt(0, "p1");
    CHECK(only_silent(session.feed(1000, {.kind = SignalKind::session_start})));
    session.prompt(1010, "p2");
    CHECK(single(session.stop(1020, "p2"), TurnEvent::Kind::ended).duration == Millis(10'000));
}

TEST_CASE("turns: an agent without turn ids is followed all the same") {
    Session session;
    session.prompt(0, "");
    const auto end = session.stop(75, "");
    CHECK(single(end, TurnEvent::Kind::ended).duration == Millis(75'000));
    session.prompt(100, "");
    const auto second = session.stop(200, "");
    CHECK(single(second, TurnEvent::Kind::ended).duration == Millis(100'000));
    CHECK(second[0].turn != end[0].turn);
}

} // namespace mcp_push
