// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"
#include "core/base/result.hpp"
#include "core/model/decision.hpp"
#include "core/model/event.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// One line of the journal: an event and what was decided about it, silent ones too, so that `why` and `runs` can
/// explain without a database.
struct JournalEntry {
    TimePoint at{};
    EventKind kind = EventKind::end;
    RunKey run;
    std::string question;
    std::optional<Millis> duration;
    std::string project;
    std::string rule;         ///< the rule's name, or why nothing was decided
    std::string result;       ///< "silent", "kept", "held", "duplicate", "failed"
    std::string notification; ///< its id, where one was kept
    std::vector<std::string> notes;
};

/// Appends one line. A file that exceeds 4 MiB becomes "journal.jsonl.1" first.
[[nodiscard]] Status append_journal(const Paths& paths, const JournalEntry& entry);
/// The newest entries, newest first; lines that cannot be read are left out.
[[nodiscard]] std::vector<JournalEntry> read_journal(const Paths& paths, std::size_t limit);

} // namespace mcp_push
