// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"

namespace mcp_push {

struct ParsedLine {
    std::vector<const CommandSpec*> path; ///< "outbox", "retry"; empty for the program itself
    Invocation::Values values;
    std::vector<std::string> rest;
    bool help = false;
    bool version = false;
};

/// The words after the program's name. Kind usage: the message names the wrong word, the hint the nearest right one.
[[nodiscard]] Result<ParsedLine> parse_line(std::span<const CommandSpec* const> commands,
                                            const std::vector<std::string>& words);

} // namespace mcp_push
