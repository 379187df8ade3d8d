// SPDX-License-Identifier: MIT
#include "cli/command.hpp"
#include "cli/sending.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::event {

static constexpr OptionSpec k_options[] = {
    {.name = "data", .value = "JSON", .help = "The event's own data: a JSON object, or \"-\" for standard input."},
    k_channel_option,
    k_markdown_option,
    k_wait_option,
    k_no_queue_option,
    k_dry_run_option,
    k_report_option,
};
static constexpr ArgumentSpec k_arguments[] = {
    {.name = "RUN_ID", .help = "The run that the event belongs to."},
    {.name = "EVENT", .help = "What happened.", .choices = "start|update|end|error|needs_user_action|cancelled"},
    {.name = "MESSAGE", .help = "The text; \"-\" reads it from standard input."},
};
static constexpr Example k_examples[] = {
    {"mcp-push event nightly-42 end \"All 812 tests passed\"", ""},
    {"mcp-push event etl-7 update \"Half way\" --data '{\"progress\": 0.5}'", "with data of your own"},
};

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    Teller::Request request;
    request.as_event = true;
    Event& event = request.event;
    event.kind = *parse_event_kind(invocation.get("EVENT"));
    event.at = context.clock.now();
    event.run = {"event", {}, std::string(trim(invocation.get("RUN_ID")))};
    event.facts.markdown = invocation.has("markdown");
    if (event.run.turn.empty()) return Error{ErrorKind::usage, "RUN_ID is empty"};
    if (invocation.get("data") == "-" && invocation.get("MESSAGE") == "-") {
        return Error{ErrorKind::usage, "MESSAGE and --data cannot both be read from standard input"};
    }
    TRY_ASSIGN(event.facts.body, text_argument(invocation, "MESSAGE"));
    if (trim(event.facts.body).empty()) return Error{ErrorKind::usage, "MESSAGE is empty"};
    TRY_ASSIGN(event.facts.data, text_argument(invocation, "data"));
    if (!event.facts.data.empty()) {
        const auto parsed = parse_json(event.facts.data, k_json_unlimited);
        if (!parsed) return parsed.error().with_context("--data");
        if (!parsed->is_object())
            return Error{ErrorKind::payload, "--data is no JSON object", "such as '{\"step\": 3}'"};
    }
    return send_as_asked(invocation, std::move(request));
}

} // namespace commands::event

MCP_PUSH_COMMAND(event){
    .name = "event",
    .group = CommandGroup::send,
    .summary = "Send one structured event of a run",
    .description = "Channels that take structured events (webhooks) get it as JSON; the others get a message titled "
                   "\"[END] run-42\". No rule is asked: the event is sent, whatever its run's duration.",
    .examples = commands::event::k_examples,
    .options = commands::event::k_options,
    .arguments = commands::event::k_arguments,
    .run = &commands::event::run,
};

} // namespace mcp_push
