// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/files.hpp"
#include "core/base/paths.hpp"
#include "core/base/result.hpp"
#include "core/model/session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// A hook that cannot have its session to itself within this time goes on without its memory.
inline constexpr Millis k_session_patience{400};

/// The memory of one session, kept in a small file of its own so that the hook's silent calls open no database. Hooks
/// of one session run at the same time; whoever holds a SessionFile is alone with it.
class SessionFile {
public:
    /// Locks the session's file and reads it. A damaged file reads as an empty state (and is said in `notice`). Kind
    /// storage where the folder cannot be written, kind timeout where another hook holds the lock for too long.
    [[nodiscard]] static Result<SessionFile> open(const Paths& paths, std::string_view agent, std::string_view session,
                                                  Millis patience);
    /// Reads without locking; an empty state where there is none.
    [[nodiscard]] static SessionState peek(const Paths& paths, std::string_view agent, std::string_view session);

    [[nodiscard]] SessionState& state() { return m_state; }
    [[nodiscard]] const std::string& notice() const { return m_notice; }
    /// Replaces the file whole; writes nothing when nothing has changed.
    [[nodiscard]] Status save();

private:
    SessionFile(FileLock lock, std::string path) : m_lock(std::move(lock)), m_path(std::move(path)) {}

    FileLock m_lock;
    std::string m_path;
    SessionState m_state;
    std::string m_text; ///< as it stands in the file
    std::string m_notice;
};

/// Removes the memory of sessions that have not changed since `before`. Returns how many.
[[nodiscard]] int forget_sessions(const Paths& paths, TimePoint before);

/// What is remembered of each session, the one that changed last first. Damaged files are left out.
struct RememberedSession {
    TimePoint changed{};
    SessionState state;
};
[[nodiscard]] std::vector<RememberedSession> list_sessions(const Paths& paths);

} // namespace mcp_push
