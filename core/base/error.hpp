// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// What sort of trouble an Error is. Each kind has one row in error.cpp: its name, its exit code, whether trying again
/// may help.
enum class ErrorKind {
    usage,       ///< a command line that cannot be understood (exit 64)
    payload,     ///< data from outside that cannot be read: JSON, a hook's payload (exit 65)
    no_input,    ///< a named file or row does not exist (exit 66)
    unreachable, ///< nothing could be reached and nothing may be queued (exit 69)
    storage,     ///< disk or database trouble (exit 1)
    network,     ///< a connection that failed (exit 1, retry helps)
    timeout,     ///< a limit in time was reached (exit 1, retry helps)
    not_allowed, ///< refused by permission or trust (exit 77)
    config,      ///< a setting that is missing or wrong (exit 78)
    unsupported, ///< this platform or service cannot do it (exit 1)
    internal,    ///< a defect of ours (exit 1)
};

/// An error for a person: `message` names what is wrong and where (lower case, no full stop); `hint`, where there is
/// one, says what to type or do. Neither ever holds a secret.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
    std::string hint = {};

    /// The same error with "where: " in front of its message.
    [[nodiscard]] Error with_context(std::string_view where) const&;
    [[nodiscard]] Error with_context(std::string_view where) &&;

    /// "message (hint)".
    [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::string_view name_of(ErrorKind kind);
/// Exit code for the command line, from sysexits(3) where it has one (PRODUCT.md section 2).
[[nodiscard]] int exit_code_of(ErrorKind kind);
[[nodiscard]] bool retry_helps(ErrorKind kind);

} // namespace mcp_push
