// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"
#include "core/base/process.hpp"
#include "core/base/result.hpp"
#include "core/config/config.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mcp_push {

/// How a command is run; `run_program` but for tests.
using RunProgram = std::function<Result<ProgramOutput>(const std::vector<std::string>& command, Millis limit)>;

/// Fetches every reference of a channel into its settings. Only the deliverer calls it: it may run programs, for at
/// most 5 s each. Of a command's and a keyring's output the first line counts, of a file all but the line feeds at its
/// end. Error kind config, naming channel and key and never the value; it may pass with time (a keyring still locked).
[[nodiscard]] Status resolve_secrets(ChannelConfig& channel, const Environment& environment,
                                     const RunProgram& run = nullptr);

/// As it is written in a file: `{ env = "X" }`. Of a command only the program is shown.
[[nodiscard]] std::string describe(const SecretRef& reference);

} // namespace mcp_push
