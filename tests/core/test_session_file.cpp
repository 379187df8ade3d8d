// SPDX-License-Identifier: MIT
#include "core/store/session_file.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

using mcp_push::ErrorKind;
using mcp_push::file_exists;
using mcp_push::forget_sessions;
using mcp_push::from_millis;
using mcp_push::list_sessions;
using mcp_push::Millis;
using mcp_push::Moment;
using mcp_push::must;
using mcp_push::SessionFile;
using mcp_push::system_clock;
using mcp_push::TempHome;
using mcp_push::TimePoint;
using mcp_push::Turn;
using mcp_push::TurnPhase;
using mcp_push::write_file;

namespace {

constexpr Millis k_patience(0);

SessionFile open(const TempHome& home, std::string_view session = "session") {
    return must(SessionFile::open(home.paths(), "claude-code", session, k_patience));
}

void remember(const TempHome& home, std::string_view session, const std::string& turn) {
    auto file = open(home, session);
    file.state().turn = Turn{.id = turn};
    must(file.save());
}

/// The files of the sessions' folder with this ending.
std::set<std::string> files_of(const TempHome& home, std::string_view ending) {
    std::set<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(home.paths().sessions_dir())) {
        if (entry.path().string().ends_with(ending)) paths.insert(entry.path().string());
    }
    return paths;
}

void set_age(const std::string& path, TimePoint changed) {
    const timespec time{.tv_sec = mcp_push::to_millis(changed) / 1000, .tv_nsec = 0};
    const timespec times[2] = {time, time};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

} // namespace

TEST_CASE("session file: everything that is remembered comes back") {
    const TempHome home;
    Turn turn;
    turn.id = "p1";
    turn.current = "p2";
    turn.phase = TurnPhase::waiting_shells;
    turn.start = Moment{from_millis(1'000), Millis(2)};
    turn.stopped = Moment{from_millis(3'000), Millis(4)};
    turn.tasks = {"shell-1"};
    turn.waited = Millis(500);
    turn.waited_until = Moment{from_millis(5'000), Millis(6)};
    turn.queued = Moment{from_millis(7'000), Millis(8)};
    turn.questions_asked = 2;
    turn.questions = {{.id = "q2",
                       .tool = "Bash",
                       .tool_key = "k",
                       .sub_agent = "s",
                       .text = "rm -r build?",
                       .asked = {from_millis(9'000), Millis(10)},
                       .reminded = true}};
    turn.last_answer = Moment{from_millis(11'000), Millis(12)};
    turn.prompt = "做\n\"it\"";
    turn.answer = "done";
    {
        auto file = open(home);
        file.state().turn = turn;
        file.state().previous = Turn{.id = "p0", .phase = TurnPhase::interrupted};
        file.state().parked = {Turn{.id = "parked"}};
        file.state().old_tasks = {"old"};
        must(file.save());
    }
    auto file = open(home);
    CHECK(file.notice().empty());
    const auto& state = file.state();
    CHECK(state.agent == "claude-code");
    CHECK(state.session == "session");
    REQUIRE(state.turn.has_value());
    CHECK(state.turn->id == "p1");
    CHECK(state.turn->current == "p2");
    CHECK(state.turn->phase == TurnPhase::waiting_shells);
    REQUIRE(state.turn->start.has_value());
    CHECK(state.turn->start->wall == from_millis(1'000));
    CHECK(state.turn->start->boot == Millis(2));
    CHECK(state.turn->stopped.boot == Millis(4));
    CHECK(state.turn->tasks == turn.tasks);
    CHECK(state.turn->waited == Millis(500));
    CHECK(state.turn->waited_until.boot == Millis(6));
    REQUIRE(state.turn->queued.has_value());
    CHECK(state.turn->queued->boot == Millis(8));
    CHECK(state.turn->questions_asked == 2);
    REQUIRE(state.turn->questions.size() == 1);
    const auto& asked = state.turn->questions[0];
    CHECK(asked.id + asked.tool + asked.tool_key + asked.sub_agent + asked.text == "q2Bashksrm -r build?");
    CHECK(asked.asked.boot == Millis(10));
    CHECK(asked.reminded);
    REQUIRE(state.turn->last_answer.has_value());
    CHECK(state.turn->last_answer->boot == Millis(12));
    CHECK(state.turn->prompt == turn.prompt);
    CHECK(state.turn->answer == "done");
    REQUIRE(state.previous.has_value());
    CHECK(state.previous->phase == TurnPhase::interrupted);
    CHECK_FALSE(state.previous->start.has_value());
    REQUIRE(state.parked.size() == 1);
    CHECK(state.parked[0].id == "parked");
    CHECK(state.old_tasks == std::vector<std::string>{"old"});
}

TEST_CASE("session file: whoever holds it is alone with it, and another session is not in the way") {
    const TempHome home;
    const auto held = open(home);
    const auto refused = SessionFile::open(home.paths(), "claude-code", "session", Millis(5));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind == ErrorKind::timeout);
    CHECK(SessionFile::open(home.paths(), "claude-code", "other", k_patience).ok());
    CHECK(SessionFile::open(home.paths(), "codex", "session", k_patience).ok());
}

TEST_CASE("session file: a damaged file begins anew and says so") {
    const TempHome home;
    remember(home, "session", "p1");
    const auto path = *files_of(home, ".json").begin();
    for (const std::string& text : {std::string("{\"agent\":\"claude"), std::string("[]"), std::string("42"),
                                    std::string(), std::string(100, '\0'), std::string(2 << 20, ' ')}) {
        CAPTURE(text.substr(0, 20));
        must(write_file(path, text));
        auto file = open(home);
        CHECK(file.notice().find("begins anew") != std::string::npos);
        CHECK_FALSE(file.state().turn.has_value());
        CHECK(file.state().session == "session");
        file.state().turn = Turn{.id = "p2"};
        must(file.save());
        CHECK(SessionFile::peek(home.paths(), "claude-code", "session").turn->id == "p2");
    }
}

TEST_CASE("session file: members of wrong types are left out, the rest is kept") {
    const TempHome home;
    remember(home, "session", "p1");
    must(write_file(*files_of(home, ".json").begin(),
                    R"({"agent":"claude-code","session":"session","previous":{"id":"x","phase":"unheard of"},"parked":7,
                        "old_tasks":[1,"kept",null],
                        "turn":{"id":"p1","phase":"running","start":["a",2],"questions":[{"id":4}],"waited":"long"}})"));
    auto file = open(home);
    REQUIRE(file.state().turn.has_value());
    CHECK(file.state().turn->id == "p1");
    CHECK_FALSE(file.state().turn->start.has_value());
    CHECK(file.state().turn->waited == Millis(0));
    CHECK(file.state().turn->questions.size() == 1);
    CHECK_FALSE(file.state().previous.has_value());
    CHECK(file.state().parked.empty());
    CHECK(file.state().old_tasks == std::vector<std::string>{"kept"});
}

TEST_CASE("session file: nothing is written when nothing has changed") {
    const TempHome home;
    remember(home, "session", "p1");
    const auto path = *files_of(home, ".json").begin();
    const auto inode = [&] {
        struct stat info {};
        return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
    };
    const auto before = inode();
    auto file = open(home);
    must(file.save());
    CHECK(inode() == before);
    file.state().turn->prompt = "changed";
    must(file.save());
    CHECK(inode() != before);
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
}

TEST_CASE("session file: a session's id is never part of a path") {
    const TempHome home;
    for (const std::string& session :
         {std::string("../../../escape"), std::string(5000, 'x'), std::string("a/b\0c", 5)}) {
        remember(home, session, "p1");
        CHECK(SessionFile::peek(home.paths(), "claude-code", session).session == session);
    }
    CHECK(files_of(home, ".json").size() == 3);
}

TEST_CASE("session file: a peek needs no lock and finds nothing where there is nothing") {
    const TempHome home;
    CHECK_FALSE(SessionFile::peek(home.paths(), "claude-code", "session").turn.has_value());
    remember(home, "session", "p1");
    const auto held = open(home);
    CHECK(SessionFile::peek(home.paths(), "claude-code", "session").turn->id == "p1");
}

TEST_CASE("session file: without a place to keep it in the error says what to set") {
    const auto none = SessionFile::open({}, "claude-code", "session", k_patience);
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().kind == ErrorKind::storage);
    CHECK(none.error().hint == "set HOME or XDG_STATE_HOME");
    TempHome home;
    (void)home.write("file", "x");
    home.set("MCP_PUSH_STATE_DIR", home.path("file"));
    const auto blocked = SessionFile::open(home.paths(), "claude-code", "session", k_patience);
    REQUIRE_FALSE(blocked.ok());
    CHECK(blocked.error().kind == ErrorKind::storage);
}

TEST_CASE("session file: old sessions are forgotten, the others and their locks stay") {
    const TempHome home;
    remember(home, "old", "p1");
    const auto old = *files_of(home, ".json").begin();
    remember(home, "young", "p1");
    const auto now = system_clock().now();
    for (const auto& lock : files_of(home, ".lock"))
        set_age(lock, now - std::chrono::hours(48)); // as old as its session, for nobody writes into it
    set_age(old, now - std::chrono::hours(48));
    must(write_file(home.paths().sessions_dir() + "/left.json.abcdefgh.tmp", "x"));
    set_age(home.paths().sessions_dir() + "/left.json.abcdefgh.tmp", now - std::chrono::hours(48));
    CHECK(forget_sessions(home.paths(), now - std::chrono::hours(24)) == 1);
    CHECK_FALSE(file_exists(old));
    CHECK(files_of(home, ".json").size() == 1);
    CHECK(files_of(home, ".lock").size() == 1);
    CHECK(files_of(home, ".tmp").empty());
    CHECK(SessionFile::peek(home.paths(), "claude-code", "young").turn.has_value());
    CHECK(forget_sessions(home.paths(), now - std::chrono::hours(24)) == 0);
}

TEST_CASE("session file: sessions are listed, the one that changed last first, damaged ones not at all") {
    const TempHome home;
    CHECK(list_sessions(home.paths()).empty());
    CHECK(forget_sessions(home.paths(), system_clock().now()) == 0);
    remember(home, "first", "p1");
    set_age(*files_of(home, ".json").begin(), from_millis(1'700'000'000'000));
    remember(home, "second", "p2");
    must(write_file(home.paths().sessions_dir() + "/damaged.json", "[]"));
    const auto sessions = list_sessions(home.paths());
    REQUIRE(sessions.size() == 2);
    CHECK(sessions[0].state.session == "second");
    CHECK(sessions[1].state.session == "first");
    CHECK(sessions[1].changed == from_millis(1'700'000'000'000));
}
