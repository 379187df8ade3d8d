// SPDX-License-Identifier: MIT
#include "cli/output_tail.hpp"

#include "core/base/text.hpp"

namespace mcp_push {
namespace {

constexpr std::size_t k_lines = 20;
constexpr std::size_t k_bytes = 2048;
constexpr std::string_view k_leave_full_screen = "\x1b[?1049l"; // xterm: back from the alternate screen

/// What is left of a line when a carriage return has let later text overwrite earlier.
std::string_view last_overwrite(std::string_view line) {
    while (line.ends_with('\r'))
        line.remove_suffix(1);
    const auto at = line.rfind('\r');
    return at == std::string_view::npos ? line : line.substr(at + 1);
}

} // namespace

void OutputTail::add(std::string_view bytes) {
    if (bytes.size() >= k_kept) {
        m_bytes = bytes.substr(bytes.size() - k_kept);
        return;
    }
    m_bytes += bytes;
    if (m_bytes.size() > 2 * k_kept) m_bytes.erase(0, m_bytes.size() - k_kept);
}

std::string OutputTail::text() const {
    std::string_view bytes = m_bytes;
    if (const auto at = bytes.rfind(k_leave_full_screen); at != std::string_view::npos) {
        bytes.remove_prefix(at + k_leave_full_screen.size());
    }
    std::string lines;
    for (const auto line : split(bytes, '\n')) {
        lines += last_overwrite(line);
        lines += '\n';
    }
    return std::string(tail(clean_text(lines), k_lines, k_bytes));
}

} // namespace mcp_push
