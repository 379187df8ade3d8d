// SPDX-License-Identifier: MIT
#include "core/store/journal.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <cstdio>

namespace mcp_push {
namespace {

constexpr long long k_largest = 4 << 20;
constexpr std::size_t k_read_at_once = 8 << 20;

bool is_full(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && info.st_size > k_largest;
}

std::string to_line(const JournalEntry& entry) {
    OrderedJson line = {{"at", to_iso8601(entry.at)},
                        {"event", name_of(entry.kind)},
                        {"agent", entry.run.agent},
                        {"session", entry.run.session},
                        {"turn", entry.run.turn}};
    if (!entry.question.empty()) line["question"] = entry.question;
    if (entry.duration) line["duration_ms"] = entry.duration->count();
    if (!entry.project.empty()) line["project"] = entry.project;
    line["result"] = entry.result;
    line["rule"] = entry.rule;
    if (!entry.notification.empty()) line["notification"] = entry.notification;
    if (!entry.notes.empty()) line["notes"] = entry.notes;
    return dump_json(line) + "\n";
}

std::optional<JournalEntry> from_line(std::string_view text) {
    const auto parsed = parse_json(text);
    if (!parsed) return std::nullopt;
    const Json& line = *parsed;
    JournalEntry entry;
    const auto at = parse_time(string_member(line, "at"));
    const auto kind = parse_event_kind(string_member(line, "event"));
    if (!at || !kind) return std::nullopt;
    entry.at = *at;
    entry.kind = *kind;
    entry.run = {string_member(line, "agent"), string_member(line, "session"), string_member(line, "turn")};
    entry.question = string_member(line, "question");
    if (const auto duration = integer_member(line, "duration_ms")) entry.duration = Millis(*duration);
    entry.project = string_member(line, "project");
    entry.result = string_member(line, "result");
    entry.rule = string_member(line, "rule");
    entry.notification = string_member(line, "notification");
    for (const auto& note : array_member(line, "notes")) {
        if (note.is_string()) entry.notes.push_back(note.get<std::string>());
    }
    return entry;
}

} // namespace

Status append_journal(const Paths& paths, const JournalEntry& entry) {
    if (is_full(paths.journal())) {
        // Locked and looked at again: a second rename would put a new file in the place of the old one.
        const auto lock = FileLock::acquire(paths.journal(), Millis(50));
        if (lock && is_full(paths.journal())) {
            (void)std::rename(paths.journal().c_str(), (paths.journal() + ".1").c_str());
        }
    }
    auto status = append_file(paths.journal(), to_line(entry));
    if (!status && status.error().kind == ErrorKind::no_input) {
        TRY(make_directories(paths.state_dir));
        status = append_file(paths.journal(), to_line(entry));
    }
    return status;
}

std::vector<JournalEntry> read_journal(const Paths& paths, std::size_t limit) {
    std::vector<JournalEntry> entries;
    for (const auto& path : {paths.journal(), paths.journal() + ".1"}) {
        const auto text = read_tail(path, k_read_at_once);
        if (!text) continue;
        const auto lines = split(*text, '\n');
        for (auto line = lines.rbegin(); line != lines.rend() && entries.size() < limit; ++line) {
            if (auto entry = from_line(*line)) entries.push_back(std::move(*entry));
        }
    }
    return entries;
}

} // namespace mcp_push
