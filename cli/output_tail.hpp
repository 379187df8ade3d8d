// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp_push {

/// Keeps the end of what a command printed.
class OutputTail {
public:
    void add(std::string_view bytes);
    /// The last lines as a person saw them: at most 20 and 2 KiB; no escape sequences, no lines that a progress bar has
    /// overwritten, nothing of a full screen.
    [[nodiscard]] std::string text() const;

private:
    static constexpr std::size_t k_kept = 32 * 1024;
    std::string m_bytes;
};

} // namespace mcp_push
