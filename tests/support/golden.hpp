// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// Compares a text with the file that keeps what it should be. "" when they are the same; otherwise what differs, with
/// the file's path. With MCP_PUSH_UPDATE_GOLDEN=1 in the environment the file is written instead.
[[nodiscard]] std::string compare_with_file(const std::string& path, std::string_view actual);

#ifdef MCP_PUSH_SOURCE_DIR
/// The same for a file below tests/: `CHECK(golden_difference("core/golden/done.en.full.txt", text) == "");`
[[nodiscard]] inline std::string golden_difference(std::string_view file, std::string_view actual) {
    return compare_with_file(std::string(MCP_PUSH_SOURCE_DIR "/tests/") + std::string(file), actual);
}
#endif

} // namespace mcp_push
