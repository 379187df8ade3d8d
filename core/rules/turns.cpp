// SPDX-License-Identifier: MIT
#include "core/rules/turns.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace mcp_push {

std::optional<Millis> elapsed(const Moment& a, const Moment& b) {
    // A smaller boot time means a reboot in between; then only the wall clock spans both.
    const Millis length = a.boot.count() > 0 && b.boot >= a.boot ? b.boot - a.boot : b.wall - a.wall;
    if (length.count() < 0) return std::nullopt;
    return length;
}

namespace {

constexpr std::size_t k_prompt_bytes = 600;
constexpr std::size_t k_answer_bytes = 4000;
/// Turns that wait for their background tasks while the user goes on; more than these are forgotten, the oldest first.
constexpr std::size_t k_most_parked = 8;
/// The agent's idle reminder comes this long after the turn's end (claude-code.md section 6).
constexpr Millis k_idle_after{60'000};
/// A reminder that arrives this soon after its dialog was answered was on its way before the answer.
constexpr Millis k_late_reminder{10'000};
/// Two hooks of one moment may be seen this far apart.
constexpr Millis k_same_moment{1'000};

bool has_id(const Turn& turn, const std::string& id) { return id.empty() || turn.id == id || turn.current == id; }

bool holds(const std::vector<std::string>& ids, const std::string& id) {
    return std::ranges::find(ids, id) != ids.end();
}

/// The run's own clock: from its prompt to `end`, without the time it waited for the user.
std::optional<Millis> working_time(const Turn& turn, const Moment& end) {
    if (!turn.start) return std::nullopt;
    const auto whole = elapsed(*turn.start, end);
    if (!whole) return std::nullopt;
    return std::max(Millis(0), *whole - turn.waited);
}

/// One signal's work on one session.
class Machine {
public:
    Machine(SessionState& state, const Signal& signal, const Moment& now, Millis grace, const History& history)
        : m_state(state), m_signal(signal), m_now(now), m_grace(grace), m_history(history) {}

    std::vector<TurnEvent> run() {
        switch (m_signal.kind) {
        case SignalKind::session_start:
            session_start();
            break;
        case SignalKind::prompt:
            m_signal.from_machine ? machine_prompt() : prompt();
            break;
        case SignalKind::activity:
        case SignalKind::answer:
            activity();
            break;
        case SignalKind::question:
            question();
            break;
        case SignalKind::reminder:
            reminder();
            break;
        case SignalKind::idle:
            idle();
            break;
        case SignalKind::stop:
            stop();
            break;
        case SignalKind::failure:
            failure();
            break;
        case SignalKind::session_end:
            session_end();
            break;
        case SignalKind::other:
            break;
        }
        return std::move(m_events);
    }

private:
    // --- what comes of a signal ---

    TurnEvent& add_event(const Turn& turn, TurnEvent::Kind kind) {
        TurnEvent event;
        event.kind = kind;
        event.turn = turn.id;
        event.start = turn.start;
        event.prompt = turn.prompt;
        m_events.push_back(std::move(event));
        return m_events.back();
    }

    void silent(const Turn& turn, std::string note) {
        TurnEvent& event = add_event(turn, TurnEvent::Kind::silent);
        event.note = std::move(note);
        event.duration = working_time(turn, m_now);
    }

    // --- turns ---

    [[nodiscard]] std::string new_id() const {
        return m_signal.turn.empty() ? "t" + std::to_string(to_millis(m_now.wall)) : m_signal.turn;
    }

    /// Makes room for another turn: one that waits for its background tasks is parked, any other becomes the previous.
    void leave_turn() {
        if (!m_state.turn) return;
        Turn& turn = *m_state.turn;
        m_state.old_tasks.insert(m_state.old_tasks.end(), turn.tasks.begin(), turn.tasks.end());
        if (turn.phase == TurnPhase::waiting_agents || turn.phase == TurnPhase::waiting_shells) {
            if (m_state.parked.size() == k_most_parked) m_state.parked.erase(m_state.parked.begin());
            m_state.parked.push_back(std::move(turn));
        } else {
            m_state.previous = std::move(turn);
        }
        m_state.turn.reset();
    }

    Turn& open(std::optional<Moment> start) {
        leave_turn();
        m_state.turn.emplace();
        m_state.turn->id = new_id();
        m_state.turn->current = m_state.turn->id;
        m_state.turn->start = start;
        return *m_state.turn;
    }

    /// The turn that the signal belongs to. One that was never announced is opened: a prompt that had been queued is
    /// played under an id of its own without any prompt event (claude-code.md section 5, "Queued prompt").
    Turn& turn_of_signal() {
        if (m_state.turn && (has_id(*m_state.turn, m_signal.turn) || !m_signal.sub_agent.empty())) {
            return *m_state.turn;
        }
        if (m_state.previous && has_id(*m_state.previous, m_signal.turn)) return *m_state.previous;
        auto prompt =
            m_history.find_prompt && !m_signal.turn.empty() ? m_history.find_prompt(m_signal.turn) : std::nullopt;
        const auto start = prompt ? std::optional(Moment{prompt->at, Millis(0)}) : start_by_queue();
        if (m_state.turn && m_state.turn->phase == TurnPhase::running) {
            give_up(*m_state.turn, "interrupted: another turn goes on");
        }
        Turn& turn = open(start);
        if (prompt) turn.prompt = cut(prompt->text, k_prompt_bytes);
        return turn;
    }

    /// The start of a queued prompt's turn, where the records do not tell it.
    [[nodiscard]] std::optional<Moment> start_by_queue() const {
        if (!m_state.turn || !m_state.turn->queued) return std::nullopt;
        // It is played when the turn before it has ended. Where that was interrupted, its end is unknown, and the
        // moment of queueing is the next best.
        return m_state.turn->phase == TurnPhase::running ? m_state.turn->queued : m_state.turn->stopped;
    }

    /// The end of this turn was never reported: it failed, if the agent's records say so, or else was interrupted.
    void give_up(Turn& turn, std::string note) {
        if (tell_recorded_failure(turn)) return;
        silent(turn, std::move(note));
        turn.phase = TurnPhase::interrupted;
        turn.stopped = m_now;
        turn.questions.clear();
    }

    bool tell_recorded_failure(Turn& turn) {
        auto failure = m_history.find_failure ? m_history.find_failure(turn.current) : std::nullopt;
        if (!failure) return false;
        // An error that is older than the turn's prompt is another turn's.
        if (turn.start && failure->at < turn.start->wall) return false;
        end(turn, TurnEvent::Kind::failed, ago(m_now.wall - failure->at), std::move(failure->text));
        return true;
    }

    [[nodiscard]] Moment ago(Millis length) const {
        const Millis back = std::max(Millis(0), length);
        return {m_now.wall - back, m_now.boot - back};
    }

    void session_start() {
        if (m_state.turn && is_open(m_state.turn->phase)) {
            give_up(*m_state.turn, "interrupted: its process ended without a word");
        }
        forget_background();
    }

    /// Background tasks end with their agent's process.
    void forget_background() {
        for (const Turn& turn : m_state.parked)
            silent(turn, "interrupted: its process ended before its background tasks");
        m_state.parked.clear();
        m_state.old_tasks.clear();
    }

    void prompt() {
        if (m_state.turn) {
            Turn& turn = *m_state.turn;
            const bool same = has_id(turn, m_signal.turn);
            const bool just_ended = !m_signal.turn.empty() && !is_open(turn.phase);
            if (same && (turn.phase == TurnPhase::running || just_ended)) {
                turn.queued = m_now; // typed while the turn runs: it shares the turn's id
                return;
            }
            if (turn.phase == TurnPhase::running) give_up(turn, "interrupted: the next prompt came before an end");
            user_went_on(turn);
        }
        open(m_now).prompt = cut(m_signal.text, k_prompt_bytes);
    }

    [[nodiscard]] bool grace_is_over(const Turn& turn) const {
        const auto since = elapsed(turn.stopped, m_now);
        return since && *since >= m_grace;
    }

    /// A turn that waits for background tasks meets the user. One that waits as "over" has been told past its grace (or
    /// is about to be); before that the user is here, and its end is told when its tasks come back.
    void user_went_on(Turn& turn) {
        if (turn.phase == TurnPhase::waiting_shells && grace_is_over(turn)) {
            turn.phase = TurnPhase::settled;
        } else if (is_open(turn.phase)) {
            silent(turn, "the user went on: told when its background tasks come back");
        }
    }

    /// A background task came back and the agent takes it up by itself.
    void machine_prompt() {
        if (!m_state.turn) {
            open(m_now);
            return;
        }
        if (m_state.turn->phase == TurnPhase::running) {
            if (has_id(*m_state.turn, m_signal.turn)) return; // folded into what runs
            give_up(*m_state.turn, "interrupted: a background task was taken up before an end");
        }
        const auto owner =
            std::ranges::find_if(m_state.parked, [&](const Turn& turn) { return holds(turn.tasks, m_signal.task); });
        if (owner != m_state.parked.end()) {
            Turn turn = std::move(*owner);
            m_state.parked.erase(owner);
            leave_turn();
            m_state.turn = std::move(turn);
            go_on();
            return;
        }
        Turn& turn = *m_state.turn;
        if (turn.phase == TurnPhase::waiting_shells && grace_is_over(turn)) turn.phase = TurnPhase::settled;
        if (is_open(turn.phase)) {
            go_on();
            return;
        }
        // A run of its own: the background task has worked since the turn that left it running stopped.
        const Moment since = turn.stopped;
        std::string asked = turn.prompt;
        open(since).prompt = std::move(asked);
    }

    /// The same run goes on, under the agent's new id.
    void go_on() {
        m_state.turn->phase = TurnPhase::running;
        if (!m_signal.turn.empty()) m_state.turn->current = m_signal.turn;
    }

    // --- questions ---

    void close_question(Turn& turn, std::size_t index) {
        const OpenQuestion& asked = turn.questions[index];
        // Without the tool's own time it cannot be told how much of it was waiting: then it counts as work.
        const bool known = m_signal.tool_only_asks || m_signal.tool_duration.has_value();
        if (known && asked.tool_key == m_signal.tool_key) {
            const Millis own = m_signal.tool_only_asks ? Millis(0) : m_signal.tool_duration.value_or(Millis(0));
            const Moment& from = asked.asked.wall > turn.waited_until.wall ? asked.asked : turn.waited_until;
            if (const auto whole = elapsed(from, m_now); whole && *whole > own) turn.waited += *whole - own;
            turn.waited_until = m_now;
        }
        turn.last_answer = m_now;
        turn.questions.erase(turn.questions.begin() + static_cast<std::ptrdiff_t>(index));
    }

    [[nodiscard]] bool is_about(const OpenQuestion& asked) const {
        return asked.tool_key == m_signal.tool_key && asked.sub_agent == m_signal.sub_agent;
    }

    /// Whether the end of another tool shows that the conversation has left the dialog behind. A tool that began before
    /// the question only ran beside it.
    [[nodiscard]] bool leaves_behind(const OpenQuestion& asked) const {
        if (asked.sub_agent != m_signal.sub_agent) return false;
        const auto since = elapsed(asked.asked, m_now);
        if (!m_signal.tool_duration || !since) return true;
        return *since > *m_signal.tool_duration + k_same_moment;
    }

    void activity() {
        Turn& turn = turn_of_signal();
        const auto own =
            std::ranges::find_if(turn.questions, [&](const OpenQuestion& asked) { return is_about(asked); });
        if (own != turn.questions.end()) {
            close_question(turn, static_cast<std::size_t>(own - turn.questions.begin()));
            return;
        }
        for (std::size_t i = turn.questions.size(); i-- > 0;) {
            if (leaves_behind(turn.questions[i])) close_question(turn, i);
        }
    }

    OpenQuestion& add_question(Turn& turn) {
        OpenQuestion& asked = turn.questions.emplace_back();
        asked.id = "q" + std::to_string(++turn.questions_asked);
        asked.tool = m_signal.tool;
        asked.tool_key = m_signal.tool_key;
        asked.sub_agent = m_signal.sub_agent;
        asked.text = cut(m_signal.text, k_prompt_bytes);
        asked.asked = m_now;
        return asked;
    }

    void question() {
        Turn& turn = turn_of_signal();
        const bool known =
            std::ranges::any_of(turn.questions, [&](const OpenQuestion& asked) { return is_about(asked); });
        if (!known) add_question(turn); // the same hook wired twice reports one dialog twice
    }

    void reminder() {
        Turn& turn = turn_of_signal();
        auto found = std::ranges::find_if(turn.questions, [](const OpenQuestion& q) { return !q.reminded; });
        if (found == turn.questions.end()) {
            if (!turn.questions.empty()) return; // reminded already
            const auto since = turn.last_answer ? elapsed(*turn.last_answer, m_now) : std::nullopt;
            if (since && *since < k_late_reminder) {
                silent(turn, "a reminder of a question that was just answered");
                return;
            }
            add_question(turn);
            found = turn.questions.end() - 1;
        }
        found->reminded = true;
        TurnEvent& event = add_event(turn, TurnEvent::Kind::question);
        event.question = found->id;
        event.asked = found->asked;
        event.tool = found->tool;
        event.text = found->text;
        // Here waiting counts: the run's age, not its working time.
        if (turn.start) event.duration = elapsed(*turn.start, m_now);
    }

    // --- ends ---

    TurnEvent& end(Turn& turn, TurnEvent::Kind kind, Moment when, std::string text) {
        TurnEvent& event = add_event(turn, kind);
        event.duration = working_time(turn, when);
        event.text = std::move(text);
        turn.phase = TurnPhase::done;
        turn.stopped = when;
        turn.questions.clear();
        return event;
    }

    /// The tasks that this turn left running: those of earlier turns are not its concern.
    std::vector<BackgroundTask> take_own_tasks(Turn& turn) {
        std::erase_if(m_state.old_tasks, [&](const std::string& id) {
            return std::ranges::find(m_signal.background, id, &BackgroundTask::id) == m_signal.background.end();
        });
        std::vector<BackgroundTask> own;
        turn.tasks.clear();
        for (const auto& task : m_signal.background) {
            if (!task.id.empty() && holds(m_state.old_tasks, task.id)) continue;
            own.push_back(task);
            turn.tasks.push_back(task.id);
        }
        return own;
    }

    void stop() {
        Turn& turn = turn_of_signal();
        const bool known = turn.phase == TurnPhase::done || turn.phase == TurnPhase::settled ||
                           turn.phase == TurnPhase::waiting_shells;
        if (known && !m_signal.continued) {
            silent(turn, "this turn's end is known already");
            return;
        }
        turn.answer = cut(m_signal.text, k_answer_bytes);
        const auto own = take_own_tasks(turn);
        if (own.empty()) {
            end(turn, TurnEvent::Kind::ended, m_now, m_signal.text);
        } else if (std::ranges::all_of(own, &BackgroundTask::may_never_end)) {
            end(turn, TurnEvent::Kind::over, m_now, m_signal.text).background = static_cast<int>(own.size());
            turn.phase = TurnPhase::waiting_shells;
        } else {
            silent(turn, "stopped, but background agents still work");
            turn.phase = TurnPhase::waiting_agents;
            turn.stopped = m_now;
        }
    }

    void failure() {
        Turn& turn = turn_of_signal();
        if (!m_signal.sub_agent.empty()) {
            std::erase_if(turn.questions, [&](const OpenQuestion& q) { return q.sub_agent == m_signal.sub_agent; });
            silent(turn, "a sub-agent failed: the turn goes on");
        } else if (turn.phase == TurnPhase::done || turn.phase == TurnPhase::settled) {
            silent(turn, "this turn's end is known already");
        } else {
            end(turn, TurnEvent::Kind::failed, m_now, m_signal.text);
        }
    }

    void idle() {
        if (!m_state.turn) return;
        Turn& turn = *m_state.turn;
        switch (turn.phase) {
        case TurnPhase::waiting_shells:
            settle(turn);
            break;
        case TurnPhase::waiting_agents: // an agent that idles has no background agent left: its end was not reported
            end(turn, TurnEvent::Kind::ended, turn.stopped, turn.answer);
            break;
        case TurnPhase::running: { // the end itself was not reported: a reminder follows nothing else
            if (tell_recorded_failure(turn)) break;
            const auto whole = turn.start ? elapsed(*turn.start, m_now) : std::nullopt;
            end(turn, TurnEvent::Kind::ended, ago(whole ? std::min(*whole, k_idle_after) : Millis(0)), {});
            break;
        }
        default:
            silent(turn, "an idle reminder: the turn's end is known already");
            break;
        }
    }

    void settle(Turn& turn) {
        add_event(turn, TurnEvent::Kind::settled).duration = working_time(turn, turn.stopped);
        turn.phase = TurnPhase::settled;
    }

    void session_end() {
        if (!m_state.turn) return;
        Turn& turn = *m_state.turn;
        turn.questions.clear();
        if (turn.phase == TurnPhase::running) {
            // A failed turn's own hook may have been killed before it could say so.
            give_up(turn, "interrupted: the session ended in the middle of the turn");
        } else if (turn.phase == TurnPhase::waiting_shells) {
            if (m_signal.by_hand && !grace_is_over(turn)) {
                silent(turn, "closed by the user before it was told as over");
                turn.phase = TurnPhase::done;
            } else {
                settle(turn);
            }
        } else if (turn.phase == TurnPhase::waiting_agents) {
            give_up(turn, "interrupted: the session ended while background agents worked");
        }
        forget_background();
    }

    SessionState& m_state;
    const Signal& m_signal;
    const Moment& m_now;
    const Millis m_grace;
    const History& m_history;
    std::vector<TurnEvent> m_events;
};

} // namespace

std::vector<TurnEvent> step(SessionState& state, const Signal& signal, const Moment& now, Millis background_grace,
                            const History& history) {
    return Machine(state, signal, now, background_grace, history).run();
}

} // namespace mcp_push
