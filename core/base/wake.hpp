// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/files.hpp"
#include "core/base/paths.hpp"

namespace mcp_push {

/// The deliverer sleeps on a named pipe of mode 0600 in the state folder; a hook that has committed something writes a
/// byte into it. Whether a reader has it open is what tells a hook that somebody is there to be woken.

/// True when a deliverer was there and has been told. False: nobody listens, so one must be started. Never blocks.
[[nodiscard]] bool wake_deliverer(const Paths& paths);

/// The deliverer's end. Closing it is how a deliverer says that it is about to leave.
[[nodiscard]] Result<FileHandle> open_wake_pipe(const Paths& paths);
/// Takes everything out of the pipe; whether there was anything.
bool drain_wake_pipe(const FileHandle& pipe);

} // namespace mcp_push
