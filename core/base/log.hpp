// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/paths.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// A line of the log with its end, for whoever has to write it by other means.
[[nodiscard]] std::string make_log_line(std::string_view program, std::string_view text,
                                        const Clock& clock = system_clock());

/// Appends "time [program pid] text" as one line to the log file in the state folder, and, where MCP_PUSH_HOOK_LOG_PATH
/// names a file, there too. The text is redacted. Never fails: a log that cannot be written is not a reason to stop.
/// The file is cut to its newer half when it exceeds 1 MiB.
void log_line(const Paths& paths, std::string_view program, std::string_view text, const Clock& clock = system_clock());

} // namespace mcp_push
