// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <string>

namespace mcp_push {

/// Everything on standard input until its end, at most 64 MiB. An input that does not end is read until `patience` has
/// passed; what came until then counts. Kind payload when it is larger.
[[nodiscard]] Result<std::string> read_input(int fd, Millis patience);

} // namespace mcp_push
