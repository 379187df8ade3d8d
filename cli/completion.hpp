// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"

#include <functional>
#include <string>

namespace mcp_push {

/// Completion scripts, made from the commands' table.
[[nodiscard]] std::string bash_completion(std::span<const CommandSpec* const> commands);
[[nodiscard]] std::string zsh_completion(std::span<const CommandSpec* const> commands);
[[nodiscard]] std::string fish_completion(std::span<const CommandSpec* const> commands);

/// mcp-push(1), with every command, the exit codes and the environment.
[[nodiscard]] std::string man_page(std::span<const CommandSpec* const> commands);

/// Every command that is not hidden with those under it, in order; `path` begins at the top.
using CommandPath = std::vector<const CommandSpec*>;
void each_command(std::span<const CommandSpec* const> commands,
                  const std::function<void(const CommandPath& path)>& use);

} // namespace mcp_push
