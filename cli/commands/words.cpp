// SPDX-License-Identifier: MIT
#include "channels/specs.hpp"
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace commands::words {

static constexpr ArgumentSpec k_arguments[] = {{.name = "WHAT", .help = "Which words.", .choices = "channels|types"}};
static constexpr Example k_examples[] = {{"mcp-push words channels", ""}};

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    if (invocation.get("WHAT") == "channels") {
        for (const auto& channel : context.config().channels)
            context.out.line(channel.name);
        return 0;
    }
    for (const auto* const spec : channel_specs()) {
        context.out.line(spec->id);
        for (const auto alias : split(spec->aliases, ' ')) {
            if (!alias.empty()) context.out.line(alias);
        }
    }
    return 0;
}

} // namespace commands::words

MCP_PUSH_COMMAND(words){
    .name = "words",
    .group = CommandGroup::work,
    .summary = "Print names, for the completion scripts",
    .examples = commands::words::k_examples,
    .arguments = commands::words::k_arguments,
    .hidden = true,
    .run = &commands::words::run,
};

} // namespace mcp_push
