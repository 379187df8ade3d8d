// SPDX-License-Identifier: MIT
#include "cli/context.hpp"
#include "cli/pages.hpp"
#include "core/config/show.hpp"
#include "hooks/arguments.hpp"

namespace mcp_push {
namespace commands::man {

static constexpr ArgumentSpec k_arguments[] = {{.name = "PAGE",
                                                .help = "Which page; the last two are Markdown.",
                                                .required = false,
                                                .choices = "mcp-push|mcp-push-hook|commands|configuration"}};
static constexpr Example k_examples[] = {{"mcp-push man | man -l -", "read it without installing"},
                                         {"mcp-push man configuration", "every option of config.toml"}};

static Result<int> run(const Invocation& invocation) {
    const auto page = invocation.get("PAGE", "mcp-push");
    invocation.context.out.text(page == "mcp-push-hook"   ? hook_man_page(hook_help())
                                : page == "commands"      ? commands_page(command_specs())
                                : page == "configuration" ? config_reference()
                                                          : man_page(command_specs()));
    return 0;
}

} // namespace commands::man

MCP_PUSH_COMMAND(man){
    .name = "man",
    .group = CommandGroup::work,
    .summary = "Print a manual page (roff) or a reference page",
    .examples = commands::man::k_examples,
    .arguments = commands::man::k_arguments,
    .run = &commands::man::run,
};

} // namespace mcp_push
