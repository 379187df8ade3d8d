// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/files.hpp"

#include <sys/ioctl.h>
#include <termios.h>

#include <optional>
#include <string>

namespace mcp_push {

/// Our own terminal: raw while another one stands in for it, and as it was found at the end.
class OwnTerminal {
public:
    /// Absent where standard input and output are no terminal, or where we are in its background.
    [[nodiscard]] static std::optional<OwnTerminal> find();
    OwnTerminal(OwnTerminal&& other) noexcept : m_found(other.m_found), m_raw(other.m_raw) { other.m_raw = false; }
    OwnTerminal(const OwnTerminal&) = delete;
    ~OwnTerminal() { restore(); }

    [[nodiscard]] const termios& settings() const { return m_found; }
    [[nodiscard]] winsize size() const;
    [[nodiscard]] bool in_foreground() const;
    void make_raw();
    void restore();
    [[nodiscard]] bool is_raw() const { return m_raw; }

private:
    explicit OwnTerminal(const termios& found) : m_found(found) {}
    termios m_found;
    bool m_raw = false;
};

/// A pair of connected terminals (pty(7)).
struct TerminalPair {
    FileHandle master;
    FileHandle slave;
};
/// Kind storage where there are none.
[[nodiscard]] Result<TerminalPair> open_terminal_pair(const OwnTerminal& like);

} // namespace mcp_push
