// SPDX-License-Identifier: MIT
#include "cli/listing.hpp"
#include "core/base/text.hpp"
#include "core/store/session_file.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::sessions {

static constexpr std::size_t k_rows = 20;

static constexpr OptionSpec k_options[] = {k_limit_option, k_json_option};
static constexpr Example k_examples[] = {{"mcp-push sessions", "the sessions that changed last"}};

static OrderedJson json_of(const RememberedSession& session) {
    const auto& state = session.state;
    OrderedJson json = {{"agent", state.agent}, {"session", state.session}, {"changed", json_time(session.changed)}};
    if (!state.turn) return json;
    const Turn& turn = *state.turn;
    json["turn"] = turn.id;
    json["phase"] = name_of(turn.phase);
    json["started"] = turn.start ? json_time(turn.start->wall) : OrderedJson(nullptr);
    json["waited_ms"] = turn.waited.count();
    json["prompt"] = turn.prompt;
    json["questions"] = OrderedJson::array();
    for (const auto& question : turn.questions) {
        json["questions"].push_back(
            {{"tool", question.tool}, {"text", question.text}, {"asked", json_time(question.asked.wall)}});
    }
    return json;
}

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto limit, limit_of(invocation, k_rows));
    auto sessions = list_sessions(context.paths);
    if (sessions.size() > limit) sessions.resize(limit);
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& session : sessions)
            json.push_back(json_of(session));
        print_json_rows(context.out, json);
        return 0;
    }
    if (sessions.empty()) {
        context.out.line("no session is known yet");
        return 0;
    }
    Table table({"CHANGED", "AGENT", "SESSION", "TURN", "STARTED", "PROMPT"});
    for (const auto& [changed, state] : sessions) {
        const Turn turn = state.turn.value_or(Turn());
        const bool waits = !turn.questions.empty();
        const std::string phase = !state.turn ? ""
                                  : waits     ? "waits for you"
                                              : replace_all(std::string(name_of(turn.phase)), "_", " ");
        table.add({local_time(changed), state.agent, state.session,
                   Table::Cell(phase, waits ? Style::warn : Style::plain),
                   turn.start ? local_time(turn.start->wall) : std::string(), turn.prompt});
    }
    table.print(context.out);
    return 0;
}

} // namespace commands::sessions

MCP_PUSH_COMMAND(sessions){
    .name = "sessions",
    .group = CommandGroup::look,
    .summary = "The agents' sessions and what each is doing",
    .examples = commands::sessions::k_examples,
    .options = commands::sessions::k_options,
    .run = &commands::sessions::run,
};

} // namespace mcp_push
