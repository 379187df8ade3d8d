// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"

#include "cli/context.hpp"

namespace mcp_push {
namespace commands::completion {

static constexpr ArgumentSpec k_arguments[] = {{.name = "SHELL", .help = "The shell.", .choices = "bash|zsh|fish"}};
static constexpr Example k_examples[] = {
    {"source <(mcp-push completion bash)", "in this bash; put the line into ~/.bashrc for all"},
    {"mcp-push completion zsh > ~/.zfunc/_mcp-push", "for zsh, with ~/.zfunc in fpath"},
    {"mcp-push completion fish > ~/.config/fish/completions/mcp-push.fish", "for fish"},
};

static Result<int> run(const Invocation& invocation) {
    const auto shell = invocation.get("SHELL");
    invocation.context.out.text(shell == "bash"  ? bash_completion(command_specs())
                                : shell == "zsh" ? zsh_completion(command_specs())
                                                 : fish_completion(command_specs()));
    return 0;
}

} // namespace commands::completion

MCP_PUSH_COMMAND(completion){
    .name = "completion",
    .group = CommandGroup::set_up,
    .summary = "Print the completion script of a shell",
    .examples = commands::completion::k_examples,
    .arguments = commands::completion::k_arguments,
    .run = &commands::completion::run,
};

} // namespace mcp_push
