// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

// Pages that are made from the commands' table. They are committed below docs/; tests/pages/run.sh compares them with
// what the program prints.

/// mcp-push(1) in roff, with every command, the exit codes, the environment and the files.
[[nodiscard]] std::string man_page(std::span<const CommandSpec* const> commands);
/// mcp-push-hook(1) in roff, around the hook's own help.
[[nodiscard]] std::string hook_man_page(std::string_view hook_help);
/// docs/commands.md.
[[nodiscard]] std::string commands_page(std::span<const CommandSpec* const> commands);

/// A word and what it means, as both pages list them.
struct Meaning {
    std::string_view word;
    std::string_view what;
};
[[nodiscard]] std::span<const Meaning> exit_codes();
[[nodiscard]] std::span<const Meaning> environment_variables();
[[nodiscard]] std::span<const Meaning> own_files();

/// One line of text as a cell of a Markdown table.
[[nodiscard]] std::string table_cell(std::string_view text);
/// "Every message": a sentence begins so.
[[nodiscard]] std::string capitalised(std::string_view text);

} // namespace mcp_push
