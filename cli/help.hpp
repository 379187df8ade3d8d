// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"

#include <functional>

namespace mcp_push {

/// "mcp-push outbox retry".
[[nodiscard]] std::string command_line_of(const std::vector<const CommandSpec*>& path);

/// "mcp-push send [OPTIONS] TITLE [BODY]".
[[nodiscard]] std::string usage_of(const std::vector<const CommandSpec*>& path);
/// "-c, --channel NAME".
[[nodiscard]] std::string option_words(const OptionSpec& option);
/// The help of an option or argument with the words it accepts.
[[nodiscard]] std::string meaning_of(const OptionSpec& option);
[[nodiscard]] std::string meaning_of(const ArgumentSpec& argument);
[[nodiscard]] std::string_view title_of(CommandGroup group);

/// All of one command's help, for a screen of this width.
[[nodiscard]] std::string help_text(const std::vector<const CommandSpec*>& path, std::size_t width);
/// What the program is and which commands it has.
[[nodiscard]] std::string overview_text(std::span<const CommandSpec* const> commands, std::size_t width);

/// Every command that is not hidden with those under it, in order; `path` begins at the top.
using CommandPath = std::vector<const CommandSpec*>;
void each_command(std::span<const CommandSpec* const> commands,
                  const std::function<void(const CommandPath& path)>& use);

} // namespace mcp_push
