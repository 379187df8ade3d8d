// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits. For small inputs where somebody might forge a match; the
/// core links no crypto library.
[[nodiscard]] std::string sha256_hex(std::string_view data);

} // namespace mcp_push
