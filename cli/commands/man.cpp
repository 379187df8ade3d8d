// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"
#include "cli/context.hpp"

namespace mcp_push {
namespace commands::man {

static constexpr Example k_examples[] = {{"mcp-push man | man -l -", ""}};

static Result<int> run(const Invocation& invocation) {
    invocation.context.out.text(man_page(command_specs()));
    return 0;
}

} // namespace commands::man

MCP_PUSH_COMMAND(man){
    .name = "man",
    .group = CommandGroup::work,
    .summary = "Print the man page in roff",
    .examples = commands::man::k_examples,
    .hidden = true,
    .run = &commands::man::run,
};

} // namespace mcp_push
