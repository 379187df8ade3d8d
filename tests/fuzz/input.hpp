// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace mcp_push::fuzz {

/// The fuzzer's bytes, taken apart from the front.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : m_rest(reinterpret_cast<const char*>(data), size) {}

    /// The next byte, 0 at the end.
    std::uint8_t byte() {
        if (m_rest.empty()) return 0;
        const auto found = static_cast<std::uint8_t>(m_rest.front());
        m_rest.remove_prefix(1);
        return found;
    }
    [[nodiscard]] std::string_view rest() const { return m_rest; }
    /// Everything up to the next line feed, which is dropped.
    std::string_view line() {
        const auto end = m_rest.find('\n');
        const auto found = m_rest.substr(0, end);
        m_rest.remove_prefix(end == std::string_view::npos ? m_rest.size() : end + 1);
        return found;
    }

private:
    std::string_view m_rest;
};

/// What must hold whatever the input is; the fuzzer keeps the input that breaks it.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

} // namespace mcp_push::fuzz
