// SPDX-License-Identifier: MIT
#include "hooks/intake.hpp"

#include "core/base/log.hpp"
#include "core/base/markdown.hpp"
#include "core/base/secret.hpp"
#include "core/base/text.hpp"
#include "core/store/session_file.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace {

/// By then the agent's records show whether another hook sent it back to work.
constexpr Millis k_refusal_shows_after{2'000};
constexpr std::size_t k_glance = 200; ///< bytes of a body in a line of the agent's terminal
constexpr JsonLimits k_payload_limits{.depth = 32, .string_bytes = 64 * 1024, .elements = 10'000};

Result<const AgentSpec*> choose_agent(const Json& payload, std::string_view name, const Environment& environment) {
    if (!name.empty()) {
        const AgentSpec* const agent = find_agent(name);
        if (agent != nullptr) return agent;
        std::vector<std::string> known;
        for (const auto* spec : agent_specs())
            known.emplace_back(spec->id);
        return Error{ErrorKind::usage, "no agent is called \"" + std::string(name) + "\"",
                     "known: " + join(known, ", ")};
    }
    for (const auto* agent : agent_specs()) {
        if (agent->recognises(payload, environment)) return agent;
    }
    return Error{ErrorKind::payload, "the payload is from no agent that we know", "name it with --agent"};
}

EventKind kind_of(TurnEvent::Kind kind) {
    switch (kind) {
    case TurnEvent::Kind::failed:
        return EventKind::error;
    case TurnEvent::Kind::question:
        return EventKind::needs_user_action;
    case TurnEvent::Kind::silent:
        return EventKind::cancelled;
    case TurnEvent::Kind::ended:
    case TurnEvent::Kind::over:
    case TurnEvent::Kind::settled:
        break;
    }
    return EventKind::end;
}

Hold hold_of(const TurnEvent& found, const AgentSpec& agent, const Decoded& decoded, const Environment& environment) {
    if (found.kind == TurnEvent::Kind::question) return Hold::question;
    if (found.kind == TurnEvent::Kind::over) return Hold::background;
    const bool refusable = found.kind == TurnEvent::Kind::ended && decoded.signal.kind == SignalKind::stop &&
                           agent.may_be_refused != nullptr && agent.may_be_refused(decoded, environment);
    return refusable ? Hold::refusal : Hold::none;
}

/// Tells one finding of the turn machine.
Status tell_one(Teller& teller, const TurnEvent& found, const AgentSpec& agent, const Decoded& decoded,
                const Moment& now, Taken& taken) {
    Event event = make_event(found, agent, decoded, now);
    if (found.kind == TurnEvent::Kind::silent) {
        teller.note(event, found.note);
        return {};
    }
    const auto key = event_key(event.run, event.kind, event.question);
    if (found.kind == TurnEvent::Kind::settled) {
        teller.note(event, "the agent is idle or gone: what was held is told now");
        return teller.hasten(key);
    }
    Teller::Request request;
    request.event_key = key;
    request.terminal_by_reply = agent.terminal_reply != nullptr;
    request.hold.kind = hold_of(found, agent, decoded, teller.world().environment);
    if (request.hold.kind != Hold::none) {
        request.hold.agent = agent.id;
        request.hold.session = decoded.signal.session;
        request.hold.records = decoded.records;
        request.hold.turn = found.turn;
        request.hold.question = found.question;
        request.hold.asked = found.kind == TurnEvent::Kind::question ? found.asked.wall : now.wall;
        request.hold.agent_pid = decoded.agent_pid;
    }
    if (request.hold.kind == Hold::refusal) request.not_before = now.wall + k_refusal_shows_after;
    if (found.kind == TurnEvent::Kind::question) request.questions = EvaluateInput::Questions::when_due;
    if (found.kind == TurnEvent::Kind::over) {
        request.not_before = now.wall + teller.config(decoded.folder).rules.background_grace;
    }
    request.event = std::move(event);
    TRY_ASSIGN(auto told, teller.tell(std::move(request)));
    taken.notifications.insert(taken.notifications.end(), told.notifications.begin(), told.notifications.end());
    if (told.terminal && agent.terminal_reply != nullptr) {
        const auto& message = *told.terminal;
        taken.reply = agent.terminal_reply(message.title,
                                           message.markdown ? markdown_glance(message.body, k_glance) : message.body);
    }
    return {};
}

/// The grace matters only to signals that can meet a turn which left shells running; the others need no configuration.
Millis grace_for(Teller& teller, const SessionState& state, const Decoded& decoded) {
    const bool matters = state.turn && state.turn->phase == TurnPhase::waiting_shells;
    return matters ? teller.config(decoded.folder).rules.background_grace : Rules().background_grace;
}

} // namespace

std::string event_key(const RunKey& run, EventKind kind, std::string_view question) {
    std::string key = run.agent + "|" + run.session + "|" + run.turn + "|" + std::string(name_of(kind));
    if (!question.empty()) key += "|" + std::string(question);
    return key;
}

Event make_event(const TurnEvent& found, const AgentSpec& agent, const Decoded& decoded, const Moment& now) {
    Event event;
    event.kind = kind_of(found.kind);
    event.run = {std::string(agent.id), decoded.signal.session, found.turn};
    event.question = found.question;
    event.at = now.wall;
    event.duration = found.duration;
    if (found.start) event.started = found.start->wall;
    Facts& facts = event.facts;
    facts.markdown = true;
    facts.agent = agent.id;
    facts.folder = decoded.folder;
    facts.prompt = found.prompt;
    facts.resume = decoded.resume;
    facts.background_tasks = found.background;
    facts.tool = found.tool;
    switch (event.kind) {
    case EventKind::error:
        facts.error = found.text;
        break;
    case EventKind::needs_user_action:
        facts.waits = found.text;
        break;
    default:
        facts.answer = found.text;
        break;
    }
    return event;
}

History history_of(const AgentSpec& agent, const Decoded& decoded) {
    History history;
    if (agent.find_prompt != nullptr) {
        history.find_prompt = [&](const std::string& turn) {
            auto prompt = agent.find_prompt(decoded.records, turn);
            if (prompt) prompt->text = redact(prompt->text); // it is remembered, as the signal's own text is
            return prompt;
        };
    }
    if (agent.find_failure != nullptr) {
        history.find_failure = [&](const std::string& turn) { return agent.find_failure(decoded.records, turn); };
    }
    return history;
}

Result<Taken> take_payload(Teller& teller, std::string_view text, std::string_view agent_name, const Moment& now) {
    const auto& world = teller.world();
    TRY_ASSIGN(const Json payload, parse_json(text, k_payload_limits));
    TRY_ASSIGN(const AgentSpec* const agent, choose_agent(payload, agent_name, world.environment));
    TRY_ASSIGN(Decoded decoded, agent->decode(payload, world.environment));
    Taken taken;
    if (decoded.signal.kind == SignalKind::other) return taken;
    // It is remembered on disk between hooks, and shown by `sessions`.
    decoded.signal.text = redact(decoded.signal.text);

    auto memory = SessionFile::open(world.paths, agent->id, decoded.signal.session,
                                    teller.patience(k_session_patience, k_reserve_after_session));
    SessionState without_memory;
    without_memory.agent = agent->id;
    without_memory.session = decoded.signal.session;
    if (!memory) log_line(world.paths, world.program, memory.error().text());
    if (memory && !memory->notice().empty()) log_line(world.paths, world.program, memory->notice());
    SessionState& state = memory ? memory->state() : without_memory;

    const auto found = step(state, decoded.signal, now, grace_for(teller, state, decoded), history_of(*agent, decoded));
    // Told first, remembered second: a hook that dies in between is made good by the next one, and the identity of the
    // event keeps it from being told twice.
    Status first_trouble;
    for (const auto& event : found) {
        auto status = tell_one(teller, event, *agent, decoded, now, taken);
        if (!status && first_trouble) first_trouble = std::move(status);
    }
    if (memory) {
        if (const auto saved = memory->save(); !saved) log_line(world.paths, world.program, saved.error().text());
    }
    TRY(std::move(first_trouble));
    return taken;
}

} // namespace mcp_push
