// SPDX-License-Identifier: MIT
#include "cli/command.hpp"
#include "cli/context.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::version {

static constexpr OptionSpec k_options[] = {k_json_option};
static constexpr Example k_examples[] = {{"mcp-push version --json", ""}};

static Result<int> run(const Invocation& invocation) {
    auto& out = invocation.context.out;
    if (invocation.has("json")) {
        print_json(out, {{"name", "mcp-push"}, {"version", MCP_PUSH_VERSION}});
    } else {
        out.line("mcp-push " MCP_PUSH_VERSION);
    }
    return 0;
}

} // namespace commands::version

MCP_PUSH_COMMAND(version){
    .name = "version",
    .group = CommandGroup::work,
    .summary = "Print the version",
    .examples = commands::version::k_examples,
    .options = commands::version::k_options,
    .run = &commands::version::run,
};

} // namespace mcp_push
