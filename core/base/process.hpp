// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

/// Opens /dev/null in place of standard streams that whoever started us has closed. Otherwise the next file that is
/// opened would take their numbers, and what is meant for a person would be written into it.
void open_standard_streams();

/// Starts a program that outlives us, our process group, our session and our terminal: a session of its own,
/// re-parented (an agent that walks the tree by parent id does not find it), standard streams on /dev/null, every other
/// descriptor closed, signals at their defaults, "/" as its folder. `input` is what it reads on standard input. Our own
/// standard streams must be open. Kind storage when the program cannot be started.
[[nodiscard]] Status start_detached(const std::string& program, const std::vector<std::string>& arguments,
                                    std::string_view input = {});

/// What a program printed, and how it ended.
struct ProgramOutput {
    int exit_code = -1; ///< 128 + signal when a signal ended it
    std::string standard_output;
};

/// Runs a program without a shell and collects at most 1 MiB of its standard output; it is killed after `limit`.
/// What it leaves behind in the background is not waited for.
/// Kind timeout then; kind no_input when it cannot be started.
[[nodiscard]] Result<ProgramOutput> run_program(const std::vector<std::string>& command, Millis limit,
                                                const std::string& folder = {});

/// Whether a process of this id exists.
[[nodiscard]] bool process_exists(pid_t pid);

/// Whether `parent` has a living child that started after `when`; false where that cannot be told. Linux reads /proc,
/// macOS asks libproc.
[[nodiscard]] bool has_child_younger_than(pid_t parent, TimePoint when);

/// The path of the running program, links resolved; "" when it cannot be told.
[[nodiscard]] std::string own_executable();

/// The first executable file of this name in PATH's folders.
[[nodiscard]] std::optional<std::string> find_on_path(std::string_view name, std::string_view path_variable);

[[nodiscard]] std::string host_name();

} // namespace mcp_push
