// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output_tail.hpp"
#include "cli/signal_pipe.hpp"
#include "cli/terminal.hpp"

#include <poll.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push::passthrough {

/// What turns a fresh child into the command.
struct Starter {
    const std::vector<std::string>& command;
    SignalPipe& signals;
    bool ignore_sigpipe;
    /// Never returns; where the command cannot be run, errno is written to `trouble_fd`.
    [[noreturn]] void become(int trouble_fd) const;
};

struct Pipe {
    FileHandle reader;
    FileHandle writer;
};
[[nodiscard]] Result<Pipe> open_pipe();
/// The errno that kept the command from running, 0 once it runs.
[[nodiscard]] int read_trouble(Pipe& pipe);

/// One stream of the command and where it goes.
struct Relay {
    FileHandle from; ///< empty once it has ended
    int to = -1;

    enum class Got { some, nothing, end };
    /// Passes on what is there.
    Got pump(OutputTail* tail, const std::function<void()>& on_signal);
    /// False when nobody reads any more. A blocked write lets signals through.
    static bool write_all(int fd, std::string_view bytes, const std::function<void()>& on_signal);
};

/// What the helper says of the command.
struct HelperReport {
    pid_t pid = 0;
    int status = 0;
    bool started = false;
};
/// The life of the helper process: starts the command on the terminal and reports its start, stops and end.
[[noreturn]] void be_helper(const Starter& starter, TerminalPair& terminals, const FileHandle& errors,
                            const FileHandle& reports, Pipe& trouble);

/// Runs a command on a terminal of its own; its wait status.
[[nodiscard]] Result<int> run_on_terminal(Starter& starter, OwnTerminal& own, OutputTail& tail, int& trouble);

} // namespace mcp_push::passthrough
