// SPDX-License-Identifier: MIT
#include "cli/listing.hpp"
#include "cli/sending.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/rules/turns.hpp"
#include "core/store/journal.hpp"
#include "core/store/session_file.hpp"
#include "hooks/intake.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::why {

static constexpr std::size_t k_entries = 100'000;
static constexpr std::size_t k_payload_limit = 64 << 20;

static constexpr OptionSpec k_options[] = {
    {.name = "last", .help = "The newest event (what is done without an ID too)."},
    {.name = "payload",
     .value = "FILE",
     .help = "Try the rules on a hook's payload (JSON; \"-\" for standard input). Nothing is recorded.",
     .completes = Completes::file},
    {.name = "duration", .value = "TIME", .help = "With --payload: how long the turn is to have lasted, such as 75s."},
    k_limit_option,
    k_json_option,
};
static constexpr ArgumentSpec k_arguments[] = {
    {.name = "ID",
     .help = "A notification's id, a run's id or a session; the first characters will do.",
     .required = false},
};
static constexpr Example k_examples[] = {
    {"mcp-push why", "why the last event was or was not told"},
    {"mcp-push why -n 5", "the last five"},
    {"mcp-push why --payload stop.json --duration 75s", "what would be done with this payload"},
};

static bool is_meant(const JournalEntry& entry, std::string_view id) {
    const auto matches = [&](const std::string& text) { return !text.empty() && text.starts_with(id); };
    return matches(entry.notification) || matches(entry.run.turn) || matches(entry.run.session);
}

static std::string headline(const JournalEntry& entry) {
    std::vector<std::string> parts = {entry.run.agent};
    if (!entry.project.empty()) parts.push_back(entry.project);
    parts.push_back(std::string(name_of(entry.kind)) +
                    (entry.duration ? " after " + format_duration(*entry.duration) : std::string()));
    return join(parts, " · ");
}

static OrderedJson json_of(const JournalEntry& entry) {
    return {{"at", json_time(entry.at)},
            {"event", name_of(entry.kind)},
            {"agent", entry.run.agent},
            {"session", entry.run.session},
            {"turn", entry.run.turn},
            {"project", entry.project},
            {"duration_ms", entry.duration ? OrderedJson(entry.duration->count()) : OrderedJson(nullptr)},
            {"rule", entry.rule},
            {"result", entry.result},
            {"id", entry.notification},
            {"notes", entry.notes}};
}

static void print_reasons(Output& out, const std::string& rule, const std::vector<std::string>& notes) {
    out.line("  " + out.styled(Style::strong, rule));
    for (const auto& note : notes)
        out.line("  - " + note);
}

/// What became of the notification, where it is still known.
static void print_deliveries(Context& context, const std::string& id) {
    if (id.empty() || !context.has_store()) return;
    auto store = context.store();
    if (!store) return;
    const auto row = (*store)->find_notification(id);
    if (row && row->state == "held") {
        context.out.line("  held until " + local_time(row->due) + ", then told if it still stands");
        return;
    }
    if (row && !row->reason.empty()) context.out.line("  cancelled: " + row->reason);
    const auto deliveries = (*store)->deliveries_of(id);
    if (!deliveries) return;
    for (const auto& delivery : *deliveries) {
        const auto reason = why_of(delivery);
        context.out.line("  " + delivery.channel + ": " +
                         context.out.styled(style_of(delivery.state), name_of(delivery.state)) +
                         (reason.empty() ? "" : ", " + reason));
    }
}

static Result<int> explain(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto limit, limit_of(invocation, 1));
    const auto id = invocation.find("ID");
    auto entries = read_journal(context.paths, id ? k_entries : limit);
    if (id) std::erase_if(entries, [&](const JournalEntry& entry) { return !is_meant(entry, *id); });
    if (entries.size() > limit) entries.resize(limit);
    if (id && entries.empty()) {
        return Error{ErrorKind::no_input, "the journal knows nothing of " + *id, "see: mcp-push runs"};
    }
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& entry : entries)
            json.push_back(json_of(entry));
        print_json_rows(context.out, json);
        return 0;
    }
    if (entries.empty()) context.out.line("no event was recorded yet");
    const TimePoint now = context.clock.now();
    for (const auto& entry : entries) {
        context.out.line(headline(entry) + ", " + local_time(entry.at) + " (" + distance_text(entry.at, now) + ")");
        print_reasons(context.out, entry.rule, entry.notes);
        const auto first = entry.result == "held" ? std::string("held at first") : entry.result;
        context.out.line("  " + first + (entry.notification.empty() ? "" : " as " + entry.notification));
        print_deliveries(context, entry.notification);
    }
    return 0;
}

static Result<const AgentSpec*> agent_of(const Json& payload, const Environment& environment) {
    for (const auto* const agent : agent_specs()) {
        if (agent->recognises(payload, environment)) return agent;
    }
    return Error{ErrorKind::payload, "the payload is from no agent that we know"};
}

static Result<std::string> payload_text(const Invocation& invocation) {
    if (invocation.get("payload") == "-") return read_standard_input(k_payload_limit);
    return read_file(invocation.get("payload"), k_payload_limit);
}

/// The session as it would be if the payload's turn had begun this long ago.
static SessionState session_after(const AgentSpec& agent, const Signal& signal, const Moment& now, Millis duration) {
    Turn turn;
    turn.id = turn.current = signal.turn.empty() ? "tried" : signal.turn;
    turn.start = Moment{now.wall - duration, now.boot - duration};
    SessionState state;
    state.agent = agent.id;
    state.session = signal.session;
    state.turn = std::move(turn);
    return state;
}

static Result<int> try_payload(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto text, payload_text(invocation));
    TRY_ASSIGN(const Json payload, parse_json(text));
    TRY_ASSIGN(const AgentSpec* const agent, agent_of(payload, context.environment));
    TRY_ASSIGN(const Decoded decoded, agent->decode(payload, context.environment));
    const Moment now{context.clock.now(), context.clock.since_boot()};
    auto state = SessionFile::peek(context.paths, agent->id, decoded.signal.session);
    if (const auto given = invocation.find("duration")) {
        const auto duration = parse_duration(*given);
        if (!duration || duration->count() < 0) {
            return Error{ErrorKind::usage, "--duration cannot be \"" + *given + "\"", "such as 75s or 2m"};
        }
        state = session_after(*agent, decoded.signal, now, *duration);
    }
    Teller teller(teller_world(context));
    const auto found = step(state, decoded.signal, now, Rules().background_grace, history_of(*agent, decoded));
    std::vector<OrderedJson> json;
    for (const auto& finding : found) {
        Teller::Request request;
        request.event = make_event(finding, *agent, decoded, now);
        JournalEntry entry{.at = now.wall, .kind = request.event.kind, .run = request.event.run};
        entry.duration = finding.duration;
        entry.rule = finding.note;
        entry.result = "silent";
        OrderedJson channels = OrderedJson::array();
        if (finding.kind == TurnEvent::Kind::settled) {
            entry.rule = "what was held is told now";
        } else if (finding.kind != TurnEvent::Kind::silent) {
            if (finding.kind == TurnEvent::Kind::question) request.questions = EvaluateInput::Questions::when_due;
            TRY_ASSIGN(const auto prepared, teller.prepare(std::move(request)));
            entry.project = prepared.event.facts.project;
            entry.rule = prepared.told.decision.rule;
            entry.notes = prepared.told.decision.notes;
            for (const auto& notification : prepared.notifications) {
                entry.result = "told";
                for (const auto& target : notification.targets)
                    channels.push_back(target.channel);
            }
        }
        json.push_back(json_of(entry));
        json.back()["channels"] = channels;
        if (invocation.has("json")) continue;
        context.out.line(headline(entry));
        print_reasons(context.out, entry.rule, entry.notes);
        std::vector<std::string> names = {"inbox"};
        for (const auto& name : channels)
            names.push_back(name.get<std::string>());
        context.out.line(entry.result == "told" ? "  would be told: " + join(names, ", ") : "  silent");
    }
    if (invocation.has("json")) {
        print_json_rows(context.out, json);
    } else if (found.empty()) {
        context.out.line("this payload (" + std::string(name_of(decoded.signal.kind)) + ") ends nothing: silent");
    }
    return 0;
}

static Result<int> run(const Invocation& invocation) {
    if (invocation.has("payload")) return try_payload(invocation);
    if (invocation.has("duration")) {
        return Error{ErrorKind::usage, "--duration goes with --payload", "see: mcp-push why --help"};
    }
    return explain(invocation);
}

} // namespace commands::why

MCP_PUSH_COMMAND(why){
    .name = "why",
    .group = CommandGroup::look,
    .summary = "Why the last event, or a given one, was or was not told",
    .description = "Every decision is kept in a journal, silent ones too, with the name of the rule that made it.",
    .examples = commands::why::k_examples,
    .options = commands::why::k_options,
    .arguments = commands::why::k_arguments,
    .run = &commands::why::run,
};

} // namespace mcp_push
