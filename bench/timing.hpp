// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace mcp_push::bench {

using Micros = std::chrono::duration<double, std::micro>;
using Instant = std::chrono::steady_clock::time_point;

/// One program to start: its words, its whole environment ("NAME=value") and a file for its standard input.
struct Command {
    std::vector<std::string> words;
    std::vector<std::string> environment;
    std::string input = "/dev/null";
    std::string folder = {}; ///< working folder; "" for ours
};

struct Ran {
    Micros took{0}; ///< from before its start until it is gone
    Instant begin;
    int exit_code = -1; ///< 128 + signal when a signal ended it
};

/// Starts a program and waits for its end. Standard output and error go to /dev/null.
[[nodiscard]] Ran run_once(const Command& command);
/// Starts a program and returns its id; 0 when it cannot be started.
[[nodiscard]] pid_t start(const Command& command);

/// Runs every candidate once in each round, in turn, so that what disturbs the machine disturbs all alike. `prepare` is
/// called before each run with the candidate's index and is not timed. Returns each candidate's times.
[[nodiscard]] std::vector<std::vector<double>> interleave(int rounds, std::size_t candidates,
                                                          const std::function<double(std::size_t candidate)>& run);

[[nodiscard]] double median(std::vector<double> values);
/// The value below which the share `part` (0 to 1) of the values lies.
[[nodiscard]] double quantile(std::vector<double> values, double part);

/// Peak memory of one run, in MiB; see peak.cpp. `helper` is its program.
[[nodiscard]] double peak_mib(const std::string& helper, Command command, const std::string& scratch);

/// From now on processes whose parent has gone become our children: deliverers that hooks start can be waited for.
void adopt_orphans();
/// Ids of our living children.
[[nodiscard]] std::vector<pid_t> children();
/// Waits until there are no children, at most `limit`; whether there are none.
bool wait_for_children(std::chrono::milliseconds limit);
/// Ends every child of ours and collects it.
void end_children();

} // namespace mcp_push::bench
