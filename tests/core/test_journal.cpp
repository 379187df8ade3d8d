// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/store/journal.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

using mcp_push::append_file;
using mcp_push::append_journal;
using mcp_push::ChildProcess;
using mcp_push::EventKind;
using mcp_push::file_exists;
using mcp_push::from_millis;
using mcp_push::JournalEntry;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::read_file;
using mcp_push::read_journal;
using mcp_push::TempHome;

namespace {

JournalEntry sample(const std::string& turn) {
    JournalEntry entry;
    entry.at = from_millis(1'700'000'000'123);
    entry.kind = EventKind::end;
    entry.run = {"claude-code", "session", turn};
    entry.rule = "success up to 60 s: none";
    entry.result = "silent";
    return entry;
}

constexpr std::string_view k_journal = ".local/state/mcp-push/journal.jsonl";

} // namespace

TEST_CASE("journal: an entry comes back as it was written") {
    const TempHome home;
    auto entry = sample("turn \"1\"\n任务");
    entry.kind = EventKind::needs_user_action;
    entry.question = "q1";
    entry.duration = Millis(61'000);
    entry.project = "parser";
    entry.result = "kept";
    entry.notification = "01ABC";
    entry.notes = {"one", "two"};
    must(append_journal(home.paths(), entry));
    const auto entries = read_journal(home.paths(), 9);
    REQUIRE(entries.size() == 1);
    const auto& read = entries[0];
    CHECK(read.at == entry.at);
    CHECK(read.kind == entry.kind);
    CHECK(read.run == entry.run);
    CHECK(read.question == "q1");
    CHECK(read.duration == Millis(61'000));
    CHECK(read.project == "parser");
    CHECK(read.rule == entry.rule);
    CHECK(read.result == "kept");
    CHECK(read.notification == "01ABC");
    CHECK(read.notes == entry.notes);
}

TEST_CASE("journal: what is not known is not made up") {
    const TempHome home;
    must(append_journal(home.paths(), sample("1")));
    const auto entry = read_journal(home.paths(), 1).at(0);
    CHECK_FALSE(entry.duration.has_value());
    CHECK(entry.notification.empty());
    CHECK(entry.notes.empty());
    CHECK(home.read(k_journal).find("duration") == std::string::npos);
}

TEST_CASE("journal: newest first, no more than asked for, and none where there is none") {
    const TempHome home;
    CHECK(read_journal(home.paths(), 9).empty());
    for (const auto* const turn : {"1", "2", "3"})
        must(append_journal(home.paths(), sample(turn)));
    const auto entries = read_journal(home.paths(), 2);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].run.turn == "3");
    CHECK(entries[1].run.turn == "2");
    CHECK(read_journal(home.paths(), 0).empty());
}

TEST_CASE("journal: the folder is made when it is missing, and the file is for nobody else") {
    const TempHome home;
    must(append_journal(home.paths(), sample("1")));
    struct stat info {};
    REQUIRE(::stat(home.paths().journal().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
}

TEST_CASE("journal: lines that cannot be read are left out") {
    const TempHome home;
    must(append_journal(home.paths(), sample("1")));
    must(append_file(home.paths().journal(), "torn {\n\n[]\n{\"at\":\"yesterday\",\"event\":\"end\"}\n\xFF\n"
                                             "{\"at\":\"2026-01-31T12:00:00Z\",\"event\":\"unheard of\"}\n"));
    must(append_journal(home.paths(), sample("2")));
    must(append_file(home.paths().journal(), R"({"at":"2026-01-)")); // being written at this moment
    const auto entries = read_journal(home.paths(), 9);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].run.turn == "2");
    CHECK(entries[1].run.turn == "1");
}

TEST_CASE("journal: a full file is set aside once, and both are read") {
    const TempHome home;
    must(append_journal(home.paths(), sample("old")));
    must(append_file(home.paths().journal(), std::string(4 << 20, ' ') + "\n"));
    must(append_journal(home.paths(), sample("new")));
    CHECK(file_exists(home.paths().journal() + ".1"));
    CHECK(must(read_file(home.paths().journal())).size() < 1000);
    must(append_journal(home.paths(), sample("newer")));
    const auto entries = read_journal(home.paths(), 9);
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].run.turn == "newer");
    CHECK(entries[1].run.turn == "new");
    CHECK(entries[2].run.turn == "old");
}

TEST_CASE("journal: processes that find it full at the same time lose nothing") {
    for (int round = 0; round < 2; ++round) {
        const TempHome home;
        must(append_journal(home.paths(), sample("old")));
        must(append_file(home.paths().journal(), std::string(4 << 20, ' ') + "\n"));
        std::vector<ChildProcess> children;
        for (int i = 0; i < 8; ++i)
            children.emplace_back([&] { return append_journal(home.paths(), sample("new")) ? 0 : 1; });
        for (auto& child : children)
            CHECK(child.wait() == 0);
        const auto entries = read_journal(home.paths(), 99);
        CHECK(entries.size() == 9);
        CHECK(std::ranges::count(entries, std::string("old"), [](const auto& entry) { return entry.run.turn; }) == 1);
    }
}

TEST_CASE("journal: one that cannot be written is an error that names it") {
    TempHome home;
    (void)home.write("file", "x");
    home.set("MCP_PUSH_STATE_DIR", home.path("file"));
    const auto status = append_journal(home.paths(), sample("1"));
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.find(home.paths().journal()) != std::string::npos);
}
