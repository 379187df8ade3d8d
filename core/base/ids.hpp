// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <string>

namespace mcp_push {

/// `length` random characters of [0-9a-z], from the kernel's generator.
[[nodiscard]] std::string random_id(std::size_t length);

/// A ULID (26 characters of Crockford's base 32): sorts by time, unique without coordination.
[[nodiscard]] std::string make_ulid(TimePoint now);

/// A double in [0, 1) for jitter; nothing secret.
[[nodiscard]] double random_unit();

} // namespace mcp_push
