// SPDX-License-Identifier: MIT
#include "cli/listing.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::log {

static constexpr std::size_t k_rows = 20;

static constexpr OptionSpec k_options[] = {k_limit_option, k_json_option};
static constexpr ArgumentSpec k_arguments[] = {
    {.name = "ID", .help = "Only this notification, with every attempt.", .required = false}};
static constexpr Example k_examples[] = {{"mcp-push log", "the last 20 notifications"},
                                         {"mcp-push log -n 1 --json", "the last one with its attempts"}};

static OrderedJson attempts_json(const std::vector<AttemptRow>& attempts) {
    auto json = OrderedJson::array();
    for (const auto& attempt : attempts) {
        json.push_back({{"at", json_time(attempt.at)},
                        {"took_ms", attempt.took.count()},
                        {"outcome", name_of(attempt.outcome)},
                        {"status", attempt.status},
                        {"detail", attempt.detail}});
    }
    return json;
}

static OrderedJson notification_json(const NotificationRow& row, const std::string& title) {
    OrderedJson json = {{"id", row.id},
                        {"at", json_time(row.created)},
                        {"title", title},
                        {"state", row.state},
                        {"event", name_of(row.event.kind)},
                        {"agent", row.event.run.agent},
                        {"session", row.event.run.session},
                        {"turn", row.event.run.turn},
                        {"project", row.event.facts.project},
                        {"urgency", name_of(row.decision.urgency)},
                        {"rule", row.decision.rule}};
    if (!row.reason.empty()) json["reason"] = row.reason;
    json["deliveries"] = OrderedJson::array();
    return json;
}

static void print_details(Output& out, const DeliveryRow& row, const std::vector<AttemptRow>& attempts) {
    out.line();
    out.line(out.styled(Style::strong, row.channel) + " (" + row.type +
             "): " + out.styled(style_of(row.state), name_of(row.state)));
    if (!row.receipt.empty()) out.line("  receipt " + row.receipt);
    Table table({"TIME", "OUTCOME", "STATUS", "TOOK", "DETAIL"});
    for (const auto& attempt : attempts) {
        table.add(
            {local_time(attempt.at),
             Table::Cell(std::string(name_of(attempt.outcome)), is_success(attempt.outcome) ? Style::good : Style::bad),
             attempt.status == 0 ? "-" : std::to_string(attempt.status), std::to_string(attempt.took.count()) + " ms",
             attempt.detail});
    }
    table.print(out);
    if (!row.last_remedy.empty()) out.line("  " + row.last_remedy);
}

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto limit, limit_of(invocation, k_rows));
    const auto id = invocation.find("ID");
    std::vector<NotificationRow> notifications;
    Store* store = nullptr;
    if (context.has_store()) {
        TRY_ASSIGN(store, context.store());
        if (id) {
            TRY_ASSIGN(auto row, find_by_id(*store, *id));
            notifications.push_back(std::move(row));
        } else {
            TRY_ASSIGN(notifications, store->list_notifications(limit));
        }
    } else if (id) {
        return Error{ErrorKind::no_input, "there is no notification " + *id, "nothing was ever sent"};
    }
    std::vector<OrderedJson> json;
    Table table({"TIME", "ID", "CHANNEL", "STATE", "TITLE", "RECEIPT OR REASON"});
    for (const auto& row : notifications) {
        const auto title = title_of(row, context.config());
        json.push_back(notification_json(row, title));
        TRY_ASSIGN(const auto deliveries, store->deliveries_of(row.id));
        if (id && !invocation.has("json")) {
            context.out.line(context.out.styled(Style::strong, title));
            context.out.line(row.id + ", " + local_time(row.created) + ", " + row.state);
            context.out.line(row.decision.rule + (row.reason.empty() ? "" : "; " + row.reason));
        }
        for (const auto& delivery : deliveries) {
            TRY_ASSIGN(const auto attempts, store->attempts_of(delivery.id));
            auto entry = delivery_json(delivery, title);
            entry.erase("id");
            entry.erase("title");
            entry["log"] = attempts_json(attempts);
            json.back()["deliveries"].push_back(std::move(entry));
            if (id && !invocation.has("json")) print_details(context.out, delivery, attempts);
            table.add({local_time(row.created), row.id, delivery.channel,
                       Table::Cell(row.state == "held" ? "held" : std::string(name_of(delivery.state)),
                                   style_of(delivery.state)),
                       title, why_of(delivery)});
        }
        if (deliveries.empty()) {
            table.add({local_time(row.created), row.id, "inbox", row.state, title, row.reason});
        }
    }
    if (invocation.has("json")) {
        print_json_rows(context.out, json);
    } else if (notifications.empty()) {
        context.out.line("nothing was sent yet");
    } else if (!id) {
        table.print(context.out);
    }
    return 0;
}

} // namespace commands::log

MCP_PUSH_COMMAND(log){
    .name = "log",
    .group = CommandGroup::look,
    .summary = "What was sent, where, and what the services answered",
    .examples = commands::log::k_examples,
    .options = commands::log::k_options,
    .arguments = commands::log::k_arguments,
    .run = &commands::log::run,
};

} // namespace mcp_push
