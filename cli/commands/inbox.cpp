// SPDX-License-Identifier: MIT
#include "channels/dialect.hpp"
#include "cli/listing.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::inbox {

static constexpr std::size_t k_rows = 20;
static constexpr std::size_t k_all_rows = 1'000'000;

static constexpr OptionSpec k_unread_option{.name = "unread", .letter = 'u', .help = "Only what was not read yet."};
static constexpr OptionSpec k_options[] = {k_unread_option, k_limit_option, k_json_option};
static constexpr Example k_examples[] = {{"mcp-push inbox", "the last 20 messages"},
                                         {"mcp-push inbox --unread --json", ""}};

/// The text as a terminal shows it, without the marks of CommonMark.
static std::string shown(const InboxRow& row) { return render(parse_markdown(row.body), Dialect::plain); }

static OrderedJson json_of_row(const InboxRow& row) {
    return {{"number", row.id},   {"id", row.notification}, {"at", json_time(row.at)},         {"title", row.title},
            {"body", shown(row)}, {"markdown", row.body},   {"urgency", name_of(row.urgency)}, {"read", row.read}};
}

static Result<std::vector<InboxRow>> rows_of(Context& context, bool unread_only, std::size_t limit) {
    if (!context.has_store()) return std::vector<InboxRow>{};
    TRY_ASSIGN(Store* const store, context.store());
    return store->list_inbox(unread_only, limit);
}

static Result<int> list(const Invocation& invocation) {
    Context& context = invocation.context;
    TRY_ASSIGN(const auto limit, limit_of(invocation, k_rows));
    TRY_ASSIGN(const auto rows, rows_of(context, invocation.has("unread"), limit));
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& row : rows)
            json.push_back(json_of_row(row));
        print_json_rows(context.out, json);
        return 0;
    }
    if (rows.empty()) {
        context.out.line(invocation.has("unread") ? "no unread message" : "no message yet");
        return 0;
    }
    Table table({"NUMBER", "TIME", "", "TITLE", "TEXT"});
    for (const auto& row : rows) {
        const auto style = row.read ? Style::plain : Style::strong;
        table.add({std::to_string(row.id), local_time(row.at), row.read ? "" : "new", Table::Cell(row.title, style),
                   shorten(one_line(shown(row)), 200)});
    }
    table.print(context.out);
    return 0;
}

static constexpr OptionSpec k_read_options[] = {
    {.name = "all", .letter = 'a', .help = "Mark every message as read without printing it."}, k_json_option};
static constexpr ArgumentSpec k_read_arguments[] = {
    {.name = "NUMBER", .help = "Only these messages.", .required = false, .repeated = true}};
static constexpr Example k_read_examples[] = {{"mcp-push inbox read", "print what is new, and mark it as read"},
                                              {"mcp-push inbox read 12", ""}};

static Result<std::vector<InboxRow>> chosen(const Invocation& invocation) {
    Context& context = invocation.context;
    const auto& numbers = invocation.all("NUMBER");
    TRY_ASSIGN(auto rows, rows_of(context, numbers.empty(), k_all_rows));
    std::ranges::reverse(rows);
    if (numbers.empty()) return rows;
    std::vector<InboxRow> named;
    for (const auto& number : numbers) {
        TRY_ASSIGN(const auto id, parse_count("NUMBER", number, 1));
        const auto found = std::ranges::find(rows, id, &InboxRow::id);
        if (found == rows.end()) {
            return Error{ErrorKind::no_input, "there is no message " + number, "see: mcp-push inbox"};
        }
        named.push_back(*found);
    }
    return named;
}

static Result<int> read(const Invocation& invocation) {
    Context& context = invocation.context;
    auto& out = context.out;
    if (invocation.has("all")) {
        if (!context.has_store()) return 0;
        TRY_ASSIGN(Store* const store, context.store());
        TRY(store->mark_read(std::nullopt));
        return 0;
    }
    TRY_ASSIGN(const auto rows, chosen(invocation));
    std::vector<OrderedJson> json;
    for (const auto& row : rows) {
        json.push_back(json_of_row(row));
        if (invocation.has("json")) continue;
        out.line(out.styled(Style::strong, one_line(clean_text(row.title))));
        out.line(out.styled(Style::dim, local_time(row.at)));
        out.line();
        out.line(clean_text(shown(row)));
        out.line();
    }
    if (invocation.has("json")) {
        print_json_rows(out, json);
    } else if (rows.empty()) {
        out.line("no unread message");
    }
    if (!out.flush()) return 1; // not seen, so not read
    for (const auto& row : rows) {
        TRY_ASSIGN(Store* const store, context.store());
        TRY(store->mark_read(row.id));
    }
    return 0;
}

static constexpr CommandSpec k_read{.name = "read",
                                    .summary = "Print messages and mark them as read",
                                    .description = "Without a number: all that are new, the oldest first.",
                                    .examples = k_read_examples,
                                    .options = k_read_options,
                                    .arguments = k_read_arguments,
                                    .run = &read};
static constexpr const CommandSpec* k_parts[] = {&k_read};

} // namespace commands::inbox

MCP_PUSH_COMMAND(inbox){
    .name = "inbox",
    .group = CommandGroup::look,
    .summary = "Messages that were told, kept on this machine",
    .description = "Every notification is kept here, whatever channels are configured.",
    .examples = commands::inbox::k_examples,
    .options = commands::inbox::k_options,
    .parts = commands::inbox::k_parts,
    .run = &commands::inbox::list,
};

} // namespace mcp_push
