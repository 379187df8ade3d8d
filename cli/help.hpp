// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"

namespace mcp_push {

/// "mcp-push outbox retry".
[[nodiscard]] std::string command_line_of(const std::vector<const CommandSpec*>& path);

/// "mcp-push send [OPTIONS] TITLE [BODY]".
[[nodiscard]] std::string usage_of(const std::vector<const CommandSpec*>& path);
/// "-c, --channel NAME".
[[nodiscard]] std::string option_words(const OptionSpec& option);
[[nodiscard]] std::string_view title_of(CommandGroup group);

/// All of one command's help, for a screen of this width.
[[nodiscard]] std::string help_text(const std::vector<const CommandSpec*>& path, std::size_t width);
/// What the program is and which commands it has.
[[nodiscard]] std::string overview_text(std::span<const CommandSpec* const> commands, std::size_t width);

/// Exit codes and environment variables, as help, man page and reference page list them.
struct Meaning {
    std::string_view word;
    std::string_view what;
};
[[nodiscard]] std::span<const Meaning> exit_codes();
[[nodiscard]] std::span<const Meaning> environment_variables();

} // namespace mcp_push
