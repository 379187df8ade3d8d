// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using mcp_push::from_millis;
using mcp_push::log_line;
using mcp_push::make_log_line;
using mcp_push::ManualClock;
using mcp_push::read_file;
using mcp_push::TempHome;

namespace {

const ManualClock& clock_of_tests() {
    static const ManualClock clock(from_millis(1769860800007));
    return clock;
}

std::string line_of(std::string_view text) {
    return "2026-01-31T12:00:00.007Z [hook " + std::to_string(::getpid()) + "] " + std::string(text) + "\n";
}

std::string log_of(const TempHome& home) { return read_file(home.paths().log()).value_or(""); }

} // namespace

TEST_CASE("log: a line has its time, program and process, and is one line") {
    CHECK(make_log_line("hook", "text", clock_of_tests()) == line_of("text"));
    CHECK(make_log_line("hook", "forged\n2026-01-31T12:00:00.000Z [hook 1] line\r\n", clock_of_tests()) ==
          line_of("forged 2026-01-31T12:00:00.000Z [hook 1] line"));
    CHECK(make_log_line("hook", "a\u2028b\u0085c", clock_of_tests()) == line_of("a b c"));
}

TEST_CASE("log: no secret is written") {
    CHECK(make_log_line("hook", "refused password=hunter2x at https://me:pass@example.com/", clock_of_tests()) ==
          line_of("refused password=[redacted] at https://[redacted]@example.com/"));
}

TEST_CASE("log: the file and its folder are made when they are missing, for nobody else") {
    const TempHome home;
    log_line(home.paths(), "hook", "one", clock_of_tests());
    log_line(home.paths(), "hook", "two", clock_of_tests());
    CHECK(log_of(home) == line_of("one") + line_of("two"));
    struct stat info {};
    REQUIRE(::stat(home.paths().log().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
    REQUIRE(::stat(home.paths().state_dir.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0700);
}

TEST_CASE("log: a full file keeps its newer half, whole lines of it") {
    const TempHome home;
    std::string full;
    for (int i = 0; full.size() <= (1 << 20); ++i)
        full += "line " + std::to_string(i) + " " + std::string(90, 'x') + "\n";
    (void)home.write(".local/state/mcp-push/mcp-push.log", full);
    log_line(home.paths(), "hook", "newest", clock_of_tests());
    const auto text = log_of(home);
    CHECK(text.size() <= (1 << 19));
    CHECK(text.size() > (1 << 19) - 200);
    CHECK(text.starts_with("line "));
    CHECK(text.ends_with("x\n" + line_of("newest")));
    struct stat info {};
    REQUIRE(::stat(home.paths().log().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
}

TEST_CASE("log: MCP_PUSH_HOOK_LOG_PATH names a second file, below the home folder too") {
    const TempHome home;
    ::setenv("MCP_PUSH_HOOK_LOG_PATH", "~/own.log", 1);
    log_line(home.paths(), "hook", "text", clock_of_tests());
    ::unsetenv("MCP_PUSH_HOOK_LOG_PATH");
    CHECK(home.read("own.log") == line_of("text"));
    CHECK(log_of(home) == line_of("text"));
}

TEST_CASE("log: a log that cannot be written stops nobody") {
    TempHome home;
    (void)home.write("file", "x");
    home.set("MCP_PUSH_STATE_DIR", home.path("file/state"));
    log_line(home.paths(), "hook", "text", clock_of_tests());
    log_line({}, "hook", "text", clock_of_tests());
    CHECK(home.read("file") == "x");
}
