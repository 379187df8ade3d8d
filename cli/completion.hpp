// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"

#include <string>

namespace mcp_push {

/// Completion scripts, made from the commands' table.
[[nodiscard]] std::string bash_completion(std::span<const CommandSpec* const> commands);
[[nodiscard]] std::string zsh_completion(std::span<const CommandSpec* const> commands);
[[nodiscard]] std::string fish_completion(std::span<const CommandSpec* const> commands);

} // namespace mcp_push
