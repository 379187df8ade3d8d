// SPDX-License-Identifier: MIT
#include "cli/listing.hpp"
#include "core/store/journal.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::runs {

static constexpr std::size_t k_rows = 20;
static constexpr std::size_t k_entries = 50'000;

static constexpr OptionSpec k_options[] = {k_limit_option, k_json_option};
static constexpr Example k_examples[] = {
    {"mcp-push runs", "the last 20 runs"},
    {"mcp-push runs --json | jq '.[] | select(.event == \"error\")'", "those that failed"}};

static bool ends(EventKind kind) {
    return kind == EventKind::end || kind == EventKind::error || kind == EventKind::cancelled;
}

/// What is told of a run with several events: its end where it has one, else the newest.
static std::vector<JournalEntry> one_for_each_run(std::vector<JournalEntry> newest_first) {
    std::vector<JournalEntry> runs;
    std::map<std::string, std::size_t> places;
    for (auto& entry : newest_first) {
        const bool bare = entry.run.session.empty() && entry.run.turn.empty();
        if (bare) continue; // a message, not a run
        const auto key = entry.run.agent + "\n" + entry.run.session + "\n" + entry.run.turn;
        const auto [place, fresh] = places.try_emplace(key, runs.size());
        if (fresh) {
            runs.push_back(std::move(entry));
        } else if (auto& known = runs[place->second]; !ends(known.kind) && ends(entry.kind)) {
            known = std::move(entry);
        }
    }
    return runs;
}

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto limit, limit_of(invocation, k_rows));
    auto runs = one_for_each_run(read_journal(context.paths, k_entries));
    if (runs.size() > limit) runs.resize(limit);
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& entry : runs) {
            json.push_back(
                {{"at", json_time(entry.at)},
                 {"event", name_of(entry.kind)},
                 {"agent", entry.run.agent},
                 {"session", entry.run.session},
                 {"turn", entry.run.turn},
                 {"project", entry.project},
                 {"duration_ms", entry.duration ? OrderedJson(entry.duration->count()) : OrderedJson(nullptr)},
                 {"result", entry.result},
                 {"rule", entry.rule},
                 {"id", entry.notification}});
        }
        print_json_rows(context.out, json);
        return 0;
    }
    if (runs.empty()) {
        context.out.line("no run is known yet");
        return 0;
    }
    Table table({"TIME", "AGENT", "PROJECT", "EVENT", "DURATION", "RESULT", "RULE"});
    for (const auto& entry : runs) {
        const auto style = entry.kind == EventKind::error ? Style::bad : Style::plain;
        table.add({local_time(entry.at), entry.run.agent, entry.project,
                   Table::Cell(std::string(name_of(entry.kind)), style),
                   entry.duration ? format_duration(*entry.duration) : std::string("-"), entry.result, entry.rule});
    }
    table.print(context.out);
    return 0;
}

} // namespace commands::runs

MCP_PUSH_COMMAND(runs){
    .name = "runs",
    .group = CommandGroup::look,
    .summary = "The last runs and whether somebody was told",
    .examples = commands::runs::k_examples,
    .options = commands::runs::k_options,
    .run = &commands::runs::run,
};

} // namespace mcp_push
