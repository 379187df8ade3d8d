// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/files.hpp"

#include <csignal>
#include <map>
#include <optional>

namespace mcp_push {

/// Signals as something to read, while it lives. Those that were ignored when it was made stay so (nohup).
class SignalPipe {
public:
    struct Arrived {
        int number = 0;
        /// By the terminal or the kernel, so the whole process group has it; otherwise somebody sent it to us.
        bool from_kernel = false;
    };

    [[nodiscard]] static Result<SignalPipe> open();
    SignalPipe(SignalPipe&& other) noexcept;
    SignalPipe(const SignalPipe&) = delete;
    ~SignalPipe();

    /// Readable when a signal has arrived.
    [[nodiscard]] int fd() const { return m_reader.get(); }
    [[nodiscard]] std::optional<Arrived> next();
    /// In a child, before exec: every signal as we found it.
    void restore() const;
    /// Stops as a shell expects it of a program that Ctrl-Z was pressed on: this process, or its whole group. Returns
    /// when it is continued.
    void stop_here(bool whole_group);

private:
    SignalPipe(FileHandle reader, FileHandle writer) : m_reader(std::move(reader)), m_writer(std::move(writer)) {}

    FileHandle m_reader;
    FileHandle m_writer;
    std::map<int, struct sigaction> m_before;
};

} // namespace mcp_push
