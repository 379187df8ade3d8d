// SPDX-License-Identifier: MIT
#include "channels/dialect.hpp"
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/demo_turn.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>

namespace mcp_push {
namespace commands::demo {

/// So that a person can follow; nothing waits for it.
static constexpr int k_reading_pause_ms = 700;

static constexpr OptionSpec k_options[] = {{.name = "fast", .help = "Without the pauses for reading."}, k_json_option};
static constexpr Example k_examples[] = {{"mcp-push demo", ""}};

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    auto& out = context.out;
    const bool quiet = invocation.has("json");
    const auto say = [&](const std::string& line) {
        if (quiet) return;
        out.line(line);
        out.flush();
        if (!invocation.has("fast")) ::poll(nullptr, 0, k_reading_pause_ms);
    };
    TRY_ASSIGN(DemoTurn turn, DemoTurn::prepare(context));
    say("1. An agent was asked 75 seconds ago: \"" + std::string(DemoTurn::k_prompt) + "\"");
    say("2. Its turn ends now, and it runs its hook: " + turn.hook());
    TRY_ASSIGN(const auto told, turn.end());
    say("   The hook decided, kept the message and was gone in " + std::to_string(told.hook_took.count()) + " ms.");
    say("3. " + told.rule);
    if (quiet) {
        print_json(out, {{"rule", told.rule},
                         {"hook_ms", told.hook_took.count()},
                         {"id", told.message.notification},
                         {"title", told.message.title},
                         {"body", told.message.body}});
        return 0;
    }
    out.line("4. This is the message as it arrived in the inbox:");
    out.line();
    out.line("   " + out.styled(Style::strong, told.message.title));
    const auto body = render(parse_markdown(told.message.body), Dialect::plain);
    for (const auto line : split(body, '\n'))
        out.line("   " + std::string(line));
    out.line();
    out.line("The demo told nobody but this machine. Look again with: mcp-push inbox, mcp-push why");
    if (context.config().channels.empty()) {
        out.line("To be told on your phone: mcp-push channels, then mcp-push config init");
    } else {
        out.line("To try your channels: mcp-push send \"Hello\" \"from mcp-push\"");
    }
    return 0;
}

} // namespace commands::demo

MCP_PUSH_COMMAND(demo){
    .name = "demo",
    .group = CommandGroup::set_up,
    .summary = "Watch a simulated turn of 75 seconds go through the real hook to the inbox",
    .description = "Takes about three seconds. No configured channel is used: the message is in the inbox, and "
                   "on your desktop where there is one.",
    .examples = commands::demo::k_examples,
    .options = commands::demo::k_options,
    .run = &commands::demo::run,
};

} // namespace mcp_push
