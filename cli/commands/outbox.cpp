// SPDX-License-Identifier: MIT
#include "cli/listing.hpp"
#include "hooks/tell.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace mcp_push {
namespace commands::outbox {

static constexpr std::size_t k_rows = 1'000;
static constexpr std::chrono::hours k_kept_for{30 * 24};

static constexpr OptionSpec k_list_options[] = {
    {.name = "all", .letter = 'a', .help = "Also what was delivered or cancelled."}, k_limit_option, k_json_option};
static constexpr Example k_list_examples[] = {
    {"mcp-push outbox", "what waits, and what was given up"},
    {"mcp-push outbox --json | jq -r '.[].channel'", ""},
};

/// Titles of notifications, each composed once.
class Titles {
public:
    Titles(Store& store, const Config& config) : m_store(store), m_config(config) {}
    /// The notification, or null when it is gone.
    const NotificationRow* row(const std::string& id) {
        const auto [entry, fresh] = m_rows.try_emplace(id);
        if (fresh) {
            if (auto found = m_store.find_notification(id)) entry->second = std::move(found).value();
        }
        return entry->second ? &*entry->second : nullptr;
    }
    std::string title(const std::string& id) {
        const auto* const found = row(id);
        return found != nullptr ? title_of(*found, m_config) : "";
    }

private:
    Store& m_store;
    const Config& m_config;
    std::map<std::string, std::optional<NotificationRow>> m_rows;
};

static Result<int> list(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto limit, limit_of(invocation, k_rows));
    std::vector<DeliveryRow> rows;
    std::vector<OrderedJson> json;
    Table table({"ID", "CHANNEL", "STATE", "ATTEMPTS", "NEXT", "TITLE", "WHY"});
    if (context.has_store()) {
        TRY_ASSIGN(Store* const store, context.store());
        if (invocation.has("all")) {
            TRY_ASSIGN(rows, store->list_deliveries("all", limit));
        } else {
            for (const auto* const state : {"waiting", "leased", "dead"}) {
                TRY_ASSIGN(const auto more, store->list_deliveries(state, limit));
                rows.insert(rows.end(), more.begin(), more.end());
            }
            if (rows.size() > limit) rows.resize(limit);
        }
        Titles titles(*store, context.config());
        const TimePoint now = context.clock.now();
        for (const auto& row : rows) {
            const auto* const notification = titles.row(row.notification);
            const bool held = notification != nullptr && notification->state == "held";
            const bool open = row.state == DeliveryState::waiting || row.state == DeliveryState::leased;
            const std::string state = held ? "held" : std::string(name_of(row.state));
            const auto next = held ? notification->due : row.next;
            json.push_back(delivery_json(row, titles.title(row.notification)));
            json.back()["state"] = state;
            if (held) json.back()["next"] = json_time(next);
            table.add({row.notification, row.channel, Table::Cell(state, style_of(row.state)),
                       std::to_string(row.attempts), open ? distance_text(next, now) : std::string("-"),
                       titles.title(row.notification), why_of(row)});
        }
    }
    if (invocation.has("json")) {
        print_json_rows(context.out, json);
    } else if (table.empty()) {
        context.out.line("nothing waits");
    } else {
        table.print(context.out);
    }
    return 0;
}

static constexpr OptionSpec k_retry_options[] = {
    {.name = "all", .letter = 'a', .help = "Also what still waits: try everything now."}};
static constexpr ArgumentSpec k_retry_arguments[] = {
    {.name = "ID", .help = "Only these notifications.", .required = false, .repeated = true}};
static constexpr Example k_retry_examples[] = {{"mcp-push outbox retry", "try again what was given up"},
                                               {"mcp-push outbox retry --all", "try everything at once"}};

static Result<int> retry(const Invocation& invocation) {
    Context& context = invocation.context;
    int count = 0;
    if (context.has_store()) {
        TRY_ASSIGN(Store* const store, context.store());
        const auto& ids = invocation.all("ID");
        for (const auto& id : ids) {
            TRY_ASSIGN(const auto row, find_by_id(*store, id));
            // A person who names a notification means it, waiting or dead.
            TRY_ASSIGN(const int more, store->retry(row.id, true, context.clock.now()));
            count += more;
        }
        if (ids.empty()) {
            TRY_ASSIGN(count, store->retry(std::nullopt, invocation.has("all"), context.clock.now()));
        }
    } else if (const auto id = invocation.find("ID")) {
        return Error{ErrorKind::no_input, "there is no notification " + *id, "see: mcp-push log"};
    }
    if (count > 0) TRY(ensure_deliverer(context.paths, context.environment));
    context.out.line(count == 0   ? "nothing to try again"
                     : count == 1 ? "1 delivery is tried again now"
                                  : std::to_string(count) + " deliveries are tried again now");
    return 0;
}

static constexpr OptionSpec k_purge_options[] = {
    {.name = "older-than", .value = "DURATION", .help = "Only what is older (30 days; such as 24h, 0)."},
    {.name = "dead", .help = "Also what was given up."}};
static constexpr Example k_purge_examples[] = {
    {"mcp-push outbox purge", "forget what was delivered more than 30 days ago"},
    {"mcp-push outbox purge --older-than 0 --dead", "forget everything that does not wait"}};

static Result<int> purge(const Invocation& invocation) {
    Context& context = invocation.context;
    Millis age = k_kept_for;
    if (const auto given = invocation.find("older-than")) {
        const auto parsed = parse_duration(*given);
        if (!parsed) return Error{ErrorKind::usage, "--older-than cannot be \"" + *given + "\"", "such as 24h or 0"};
        age = *parsed;
    }
    int count = 0;
    if (context.has_store()) {
        TRY_ASSIGN(Store* const store, context.store());
        // What was kept in this very millisecond is meant too.
        TRY_ASSIGN(count, store->purge(context.clock.now() - age + Millis(1), invocation.has("dead")));
    }
    context.out.line(count == 1 ? "1 notification forgotten" : std::to_string(count) + " notifications forgotten");
    return 0;
}

static constexpr CommandSpec k_retry{
    .name = "retry",
    .summary = "Try again at once what was given up",
    .description = "Without an ID: everything in the dead letter. With IDs (or their first or last characters): those "
                   "notifications, waiting or given up. Each begins a fresh schedule.",
    .examples = k_retry_examples,
    .options = k_retry_options,
    .arguments = k_retry_arguments,
    .run = &retry};
static constexpr CommandSpec k_purge{.name = "purge",
                                     .summary = "Forget what is finished",
                                     .description = "What waits is never removed.",
                                     .examples = k_purge_examples,
                                     .options = k_purge_options,
                                     .run = &purge};
static constexpr const CommandSpec* k_parts[] = {&k_retry, &k_purge};

} // namespace commands::outbox

MCP_PUSH_COMMAND(outbox){
    .name = "outbox",
    .group = CommandGroup::look,
    .summary = "What waits to be delivered, and what was given up",
    .examples = commands::outbox::k_list_examples,
    .options = commands::outbox::k_list_options,
    .parts = commands::outbox::k_parts,
    .run = &commands::outbox::list,
};

} // namespace mcp_push
