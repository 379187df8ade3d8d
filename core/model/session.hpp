// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

/// A moment on two clocks: the wall's for people, the boot's for lengths, which no clock adjustment can bend.
struct Moment {
    TimePoint wall{};
    Millis boot{0};
};

/// From `a` to `b`. By the boot clock where both lie in one boot (it never runs backwards), else by the wall clock;
/// absent where `b` lies before `a`: such a start cannot be understood.
[[nodiscard]] std::optional<Millis> elapsed(const Moment& a, const Moment& b);

/// What an agent's hook said, in words common to all agents.
enum class SignalKind {
    session_start, ///< a new, cleared or resumed session: whatever was open before is dead
    prompt,        ///< a prompt was sent, or queued behind a running turn
    activity,      ///< a tool ended
    question,      ///< the agent opened a dialog that waits for the user
    answer,        ///< the dialog was answered
    reminder,      ///< the agent says that a dialog still waits
    idle,          ///< the agent says that it waits for the next prompt
    stop,          ///< the turn ended
    failure,       ///< the turn ended in an error
    session_end,
    other, ///< nothing that matters to a run
};
[[nodiscard]] std::string_view name_of(SignalKind kind);

/// Work that an agent left running when it stopped.
struct BackgroundTask {
    std::string id;
    bool may_never_end = false; ///< a shell or a monitor; whatever else works in the background comes back
};

struct Signal {
    SignalKind kind = SignalKind::other;
    std::string session;
    std::string turn; ///< the agent's id of the turn or prompt; "" where it gives none
    /// prompt: sent by the machine itself (a background task came back), not by a person.
    bool from_machine = false;
    /// stop: the agent goes on after a stop that another hook refused.
    bool continued = false;
    /// session_end: the person closed it by hand, so they are here.
    bool by_hand = false;
    std::string sub_agent; ///< "" for the main conversation
    std::string tool;
    std::string tool_key;                   ///< the same for a question and the end of the tool that it was about
    bool tool_only_asks = false;            ///< all of the tool's time is the user's (a question, a plan's approval)
    std::optional<Millis> tool_duration;    ///< the tool's own time, without waiting
    std::vector<BackgroundTask> background; ///< stop: what still runs, of this turn and of earlier ones
    std::string task;                       ///< prompt from the machine: the background task that came back
    std::string text;                       ///< the prompt, the last answer, the error, the question
};

/// A prompt, as the agent's own records have it.
struct RecordedPrompt {
    TimePoint at{};
    std::string text; ///< "" where it is not a person's words
};

/// An error with which a turn ended, as the agent's own records have it.
struct RecordedFailure {
    std::string text;
    TimePoint at{};
};

struct OpenQuestion {
    std::string id; ///< "q1", "q2", ... within the turn
    std::string tool;
    std::string tool_key;
    std::string sub_agent;
    std::string text;
    Moment asked;
    bool reminded = false;
};

enum class TurnPhase {
    running,
    waiting_agents, ///< stopped, sub-agents still work: the turn is not over
    waiting_shells, ///< stopped, only shells are left
    settled,        ///< was told as over while shells were left
    done,
    interrupted, ///< by the user, or its process died
};
/// Whether a turn in this phase may still come to an end of its own.
[[nodiscard]] constexpr bool is_open(TurnPhase phase) {
    return phase == TurnPhase::running || phase == TurnPhase::waiting_agents || phase == TurnPhase::waiting_shells;
}
[[nodiscard]] std::string_view name_of(TurnPhase phase);
[[nodiscard]] std::optional<TurnPhase> parse_turn_phase(std::string_view name);

struct Turn {
    std::string id;      ///< identity of the run
    std::string current; ///< the agent's id now; differs from `id` after a machine's prompt
    TurnPhase phase = TurnPhase::running;
    std::optional<Moment> start; ///< absent: not to be learnt
    Moment stopped;
    std::vector<std::string> tasks; ///< ids of its background tasks when it stopped
    Millis waited{0};               ///< for the user
    Moment waited_until;            ///< so that two dialogs at once are not counted twice
    std::optional<Moment> queued;   ///< when another prompt was queued behind this turn
    int questions_asked = 0;
    std::vector<OpenQuestion> questions;
    std::optional<Moment> last_answer; ///< when a dialog last closed
    std::string prompt;                ///< its first bytes
    std::string answer;                ///< the first bytes of what the agent said when it stopped
};

/// What is remembered of a session between the processes of its hooks.
struct SessionState {
    std::string agent;
    std::string session;
    std::optional<Turn> turn;
    std::optional<Turn> previous;       ///< for answers that come late
    std::vector<Turn> parked;           ///< stopped with background tasks of their own, while the user went on
    std::vector<std::string> old_tasks; ///< ids of running tasks that belong to earlier turns
};

} // namespace mcp_push
