// SPDX-License-Identifier: MIT
// The forms that name status and start by themselves: wrapped commands, scripts, CI jobs.
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/store/session_file.hpp"
#include "hooks/intake.hpp"
#include "hooks/place.hpp"

#include <charconv>

namespace mcp_push {
namespace {

constexpr std::string_view k_agent = "run";

Result<EventKind> kind_of(const HookArguments& arguments) {
    const auto kind = parse_event_kind(arguments.status.empty() ? "end" : arguments.status);
    if (!kind) {
        return Error{ErrorKind::usage, "\"" + std::string(cut(arguments.status, 60)) + "\" is no status",
                     "one of end, error, needs_user_action, cancelled, start, update"};
    }
    const bool failed = arguments.exit_code && *arguments.exit_code != 0;
    return *kind == EventKind::end && failed ? EventKind::error : *kind;
}

/// One id may name many runs, one after the other (a nightly job): a start later than the last end begins the next one.
Turn& turn_of(SessionState& state, std::optional<Moment> start, const Moment& now, EventKind kind) {
    const bool fresh = !state.turn;
    const auto begin = start ? start : kind == EventKind::start ? std::optional(now) : std::nullopt;
    const bool next = !fresh && state.turn->phase == TurnPhase::done && begin && begin->wall > state.turn->stopped.wall;
    const bool restarted = !fresh && kind == EventKind::start && state.turn->phase == TurnPhase::running;
    if (fresh || next || restarted) {
        int number = 0;
        if (!fresh) {
            const auto& id = state.turn->id;
            std::from_chars(id.data(), id.data() + id.size(), number);
        }
        state.turn.emplace();
        state.turn->id = std::to_string(number + 1);
        state.turn->start = begin;
    }
    if (start) state.turn->start = start;
    return *state.turn;
}

} // namespace

Result<Taken> take_explicit(Teller& teller, const HookArguments& arguments, const std::string& folder,
                            const Moment& now) {
    const auto& world = teller.world();
    TRY_ASSIGN(const EventKind kind, kind_of(arguments));
    Event event;
    event.kind = kind;
    event.at = now.wall;
    event.run.agent = arguments.agent.empty() ? k_agent : std::string_view(arguments.agent);
    event.run.turn = arguments.run_id;
    Facts& facts = event.facts;
    facts.agent = event.run.agent;
    facts.folder = folder;
    facts.title = arguments.title;
    facts.markdown = arguments.markdown;
    facts.exit_code = arguments.exit_code;
    switch (kind) {
    case EventKind::error:
        facts.error = arguments.message;
        break;
    case EventKind::needs_user_action:
        facts.waits = arguments.message;
        break;
    default:
        facts.answer = arguments.message;
        break;
    }

    std::optional<Moment> start;
    std::string trouble;
    if (!arguments.start_time.empty()) {
        const auto parsed = parse_time(arguments.start_time);
        if (!parsed) {
            trouble = "--start-time: " + parsed.error().text();
        } else if (*parsed > now.wall) {
            trouble = "--start-time " + arguments.start_time + " lies in the future";
        } else {
            start = Moment{*parsed, Millis(0)};
        }
        if (!trouble.empty()) log_line(world.paths, world.program, trouble);
    }

    std::string key;
    std::optional<SessionFile> memory;
    if (!arguments.run_id.empty()) {
        // Two projects may use the same id.
        event.run.session = project_root(folder) + "#" + arguments.run_id;
        auto opened = SessionFile::open(world.paths, k_agent, event.run.session,
                                        teller.patience(k_session_patience, k_reserve_after_session));
        if (opened) {
            memory = std::move(opened).value();
            Turn& turn = turn_of(memory->state(), start, now, kind);
            if (!start && trouble.empty()) start = turn.start;
            if (kind == EventKind::end || kind == EventKind::error || kind == EventKind::cancelled) {
                turn.phase = TurnPhase::done;
                turn.stopped = now;
            }
            event.run.turn = arguments.run_id + "#" + turn.id;
        } else {
            log_line(world.paths, world.program, opened.error().text());
        }
        key = event_key(event.run, kind, kind == EventKind::needs_user_action ? to_hex(hash64(arguments.message)) : "");
    }
    if (start) {
        event.started = start->wall;
        event.duration = elapsed(*start, now);
    }

    Taken taken;
    if (kind == EventKind::start || kind == EventKind::update) {
        teller.note(event, std::string(name_of(kind)) + ": recorded, silent");
    } else {
        Teller::Request request;
        request.event = std::move(event);
        request.event_key = key;
        TRY_ASSIGN(const auto told, teller.tell(std::move(request)));
        taken.notifications = told.notifications;
    }
    if (memory) {
        if (const auto saved = memory->save(); !saved) log_line(world.paths, world.program, saved.error().text());
    }
    if (!trouble.empty()) return Error{ErrorKind::payload, trouble};
    return taken;
}

} // namespace mcp_push
