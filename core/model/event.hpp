// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// What happened to a run (PRODUCT.md section 1).
enum class EventKind { start, update, end, error, needs_user_action, cancelled };

[[nodiscard]] std::string_view name_of(EventKind kind);
/// Also accepts the words of the explicit forms: success, failure, needs_action.
[[nodiscard]] std::optional<EventKind> parse_event_kind(std::string_view name);

/// One piece of work with a start and an end: agent + session + turn.
struct RunKey {
    std::string agent;
    std::string session;
    std::string turn;
    bool operator==(const RunKey&) const = default;
};

/// What is known about an event and may be told. Kept as JSON in the outbox; the deliverer composes the text of each
/// channel from it in the channel's language and privacy. Texts are already redacted and without control characters.
struct Facts {
    // Set by `send`, `event` and the positional form: the text as given. Where empty, composed from what follows.
    std::string title;
    std::string body;
    bool markdown = false; ///< body, answer and message are CommonMark; otherwise plain

    std::string agent;   ///< id: "claude-code", "command", ...
    std::string project; ///< the folder's name, or what the configuration calls it
    std::string branch;
    std::string host;
    std::string folder; ///< cwd, absolute
    std::string prompt; ///< what was asked
    std::string answer; ///< the agent's last answer
    std::string error;  ///< what failed, the agent's or the service's words
    std::string tool;   ///< the tool that waits or was interrupted
    std::string waits;  ///< the command or question that waits
    std::string output_tail;
    std::string resume; ///< the command that resumes the session
    std::optional<int> exit_code;
    std::optional<int> changed_files; ///< filled in by the deliverer
    int background_tasks = 0;         ///< still running when the turn was over
    std::string data;                 ///< the event's own data: JSON text, or empty
    std::vector<std::string> labels;
    std::string postscript; ///< a sentence below the text, filled in by the deliverer (HITOKOTO); never stored
};

struct Event {
    EventKind kind = EventKind::end;
    RunKey run;
    std::string question; ///< identity of the question within its turn; only for needs_user_action
    TimePoint at{};
    /// The run's own clock: the user's prompt to this event, without waiting for the user where that can be told. For
    /// needs_user_action waiting counts. Absent: not to be understood, never "long".
    std::optional<Millis> duration;
    std::optional<TimePoint> started;
    Facts facts;
};

} // namespace mcp_push
