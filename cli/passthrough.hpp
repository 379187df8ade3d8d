// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// How a command ended that ran as if nothing stood between it and the caller.
struct CommandEnd {
    int exit_code = 0; ///< as a shell has it: 128 + signal, 127 not found, 126 not executable
    int signal = 0;    ///< that killed it; 0: it ended by itself
    Millis took{0};    ///< by the clock since boot
    std::string output_tail;
    std::string trouble; ///< why it could not be started, or ""
};

/// Runs a command. On a terminal it gets a terminal of its own, of the same size and settings; ours is raw meanwhile
/// and restored however this ends. Otherwise its output and errors come through pipes and are passed on as they come,
/// apart (together where both lead to the same place). Signals that we get are passed on; Ctrl-Z and fg work. Kind
/// storage where no process or terminal is to be had.
[[nodiscard]] Result<CommandEnd> pass_through(const std::vector<std::string>& command, bool ignore_sigpipe);

} // namespace mcp_push
