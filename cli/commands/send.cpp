// SPDX-License-Identifier: MIT
#include "cli/command.hpp"
#include "cli/sending.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace commands::send {

static constexpr OptionSpec k_options[] = {
    k_channel_option,
    {.name = "urgency",
     .letter = 'u',
     .value = "LEVEL",
     .help = "How loud, where the channel can tell.",
     .choices = "low|normal|high|urgent"},
    {.name = "file", .value = "PATH", .help = "Attach a file.", .completes = Completes::file},
    k_markdown_option,
    k_wait_option,
    k_no_queue_option,
    k_dry_run_option,
    k_report_option,
};
static constexpr ArgumentSpec k_arguments[] = {
    {.name = "TITLE", .help = "One line."},
    {.name = "BODY", .help = "The text; \"-\" reads it from standard input.", .required = false},
};
static constexpr Example k_examples[] = {
    {"mcp-push send \"Backup done\" \"12 GB in 4 min\"", "tell every configured channel"},
    {"df -h | mcp-push send --channel phone \"Disk space\" -", "the output of a program, to one channel"},
    {"mcp-push send --dry-run \"Hello\" \"World\"", "see what would be sent"},
};

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    Teller::Request request;
    Event& event = request.event;
    event.kind = EventKind::update;
    event.at = context.clock.now();
    event.run.agent = "send";
    event.facts.title = one_line(clean_text(invocation.get("TITLE")));
    event.facts.markdown = invocation.has("markdown");
    if (event.facts.title.empty()) return Error{ErrorKind::usage, "TITLE is empty", "say in a few words what happened"};
    if (const auto file = invocation.find("file")) {
        if (!file_exists(*file)) return Error{ErrorKind::no_input, "there is no file " + *file};
        return Error{ErrorKind::unsupported, "--file: no channel type takes files yet",
                     "a text file can be the message: mcp-push send TITLE - < " + *file};
    }
    TRY_ASSIGN(event.facts.body, text_argument(invocation, "BODY"));
    if (const auto urgency = invocation.find("urgency")) request.urgency = parse_urgency(*urgency);
    return send_as_asked(invocation, std::move(request));
}

} // namespace commands::send

MCP_PUSH_COMMAND(send){
    .name = "send",
    .group = CommandGroup::send,
    .summary = "Send one notification now and say what came of it on each channel",
    .description = "The message is kept in the outbox first, so that what cannot be delivered now is tried again until "
                   "it arrives. Exit codes: 0 every channel has it, 2 some have, 75 it is kept for a later attempt, 69 "
                   "nothing could be reached (with --no-queue), 78 no channel is configured.",
    .examples = commands::send::k_examples,
    .options = commands::send::k_options,
    .arguments = commands::send::k_arguments,
    .run = &commands::send::run,
};

} // namespace mcp_push
