// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

using mcp_push::ChildProcess;
using mcp_push::ErrorKind;
using mcp_push::FileHandle;
using mcp_push::find_on_path;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::read_file;
using mcp_push::run_program;
using mcp_push::start_detached;
using mcp_push::system_clock;
using mcp_push::TempHome;

namespace {

constexpr Millis k_patient(20'000); // the tests' machine may be busy

/// What somebody writes into a named pipe, to its end.
std::string read_pipe(const std::string& path) { return must(read_file(path)); }

std::string make_pipe(const TempHome& home, std::string_view name) {
    auto path = home.path(name);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    return path;
}

} // namespace

TEST_CASE("process: a program's output and exit code come back, signals as 128 and more") {
    const auto output = must(run_program({"sh", "-c", "echo out; echo hidden >&2; exit 3"}, k_patient));
    CHECK(output.standard_output == "out\n");
    CHECK(output.exit_code == 3);
    CHECK(must(run_program({"sh", "-c", "kill -TERM $$"}, k_patient)).exit_code == 128 + SIGTERM);
    CHECK(must(run_program({"cat"}, k_patient)).standard_output.empty()); // nothing to read
}

TEST_CASE("process: no shell reads the arguments, and the folder is the one asked for") {
    CHECK(must(run_program({"printf", "%s", "$HOME; `id` *"}, k_patient)).standard_output == "$HOME; `id` *");
    const TempHome home;
    CHECK(must(run_program({"pwd"}, k_patient, home.path())).standard_output == home.path() + "\n");
}

TEST_CASE("process: what cannot be started is named") {
    const TempHome home;
    for (const auto& result : {run_program({home.path("no-such-program")}, k_patient),
                               run_program({"pwd"}, k_patient, home.path("no-such-folder"))}) {
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().kind == ErrorKind::no_input);
        CHECK(result.error().message.starts_with("cannot run "));
    }
    CHECK(run_program({}, k_patient).error().kind == ErrorKind::config);
}

TEST_CASE("process: a program is killed at its limit, also one that has closed its output") {
    for (const auto* const script : {"sleep 300", "exec >&-; sleep 300", "trap '' TERM; while :; do :; done", "yes"}) {
        CAPTURE(script);
        const auto begin = system_clock().since_boot();
        const auto result = run_program({"sh", "-c", script}, Millis(50));
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().kind == ErrorKind::timeout);
        CHECK(result.error().message == "sh did not end in time");
        CHECK(system_clock().since_boot() - begin < k_patient);
    }
}

TEST_CASE("process: what a program leaves in the background is not waited for") {
    const auto output = must(run_program({"sh", "-c", "echo done; sleep 300 & echo $!"}, k_patient));
    CHECK(output.standard_output.starts_with("done\n"));
    const auto pid = static_cast<pid_t>(std::atoi(output.standard_output.c_str() + 5));
    CHECK(mcp_push::process_exists(pid));
    ::kill(pid, SIGKILL);
}

TEST_CASE("process: of a great output the first mebibyte is kept") {
    const auto output = must(run_program({"sh", "-c", "head -c 3000000 /dev/zero"}, k_patient));
    CHECK(output.standard_output.size() == 1 << 20);
    CHECK(output.exit_code == 0);
}

TEST_CASE("process: a detached program reads its input, in a session of its own, in the root folder, with no "
          "descriptor of ours") {
    const TempHome home;
    const auto pipe = make_pipe(home, "pipe");
    const FileHandle leak(::open("/dev/null", O_RDONLY)); // not close-on-exec
    must(start_detached(
        "/bin/sh",
        {"-c", "{ cat; pwd; ls /proc/$$/fd | wc -l; cut -d' ' -f6 /proc/$$/stat; echo $$; } > \"$1\"", "sh", pipe},
        "input\n"));
    const auto text = read_pipe(pipe);
    CAPTURE(text);
    CHECK(text.starts_with("input\n/\n"));
#if defined(__linux__)
    int descriptors = 0;
    int session = 0;
    int pid = 0;
    REQUIRE(std::sscanf(text.c_str(), "input\n/\n%d\n%d\n%d", &descriptors, &session, &pid) == 3);
    CHECK(descriptors <= 4); // the three streams, and a shell's own copy of one
    CHECK(session != ::getsid(0));
#endif
}

TEST_CASE("process: a detached program has the signals' defaults and outlives whoever started it") {
    const TempHome home;
    const auto pipe = make_pipe(home, "pipe");
    const auto go = make_pipe(home, "go");
    ChildProcess starter([&] {
        ::signal(SIGTERM, SIG_IGN);
        return start_detached("/bin/sh",
                              {"-c", "read line < \"$1\"; kill -TERM $$; echo ignored > \"$2\"", "sh", go, pipe})
                   ? 0
                   : 1;
    });
    CHECK(starter.wait() == 0);
    const FileHandle watch(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    must(mcp_push::append_file(go, "go\n")); // waits until it is there to read
    // It is gone when the pipe has no reader any more; what it would have written by then is nothing.
    const auto end = system_clock().since_boot() + k_patient;
    bool gone = false;
    while (!gone && system_clock().since_boot() < end) {
        const FileHandle probe(::open(go.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
        gone = !probe;
    }
    CHECK(gone);
    char byte = '\0';
    CHECK(::read(watch.get(), &byte, 1) <= 0);
}

TEST_CASE("process: a detached program that does not exist is an error, not a silence") {
    const TempHome home;
    const auto status = start_detached(home.path("no-such-program"), {});
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().kind == ErrorKind::storage);
    CHECK(status.error().message == "cannot start " + home.path("no-such-program") + ": No such file or directory");
}

TEST_CASE("process: closed standard streams are opened before another file takes their place") {
    ChildProcess child([] {
        ::close(STDIN_FILENO);
        ::close(STDERR_FILENO);
        mcp_push::open_standard_streams();
        const int next = ::open("/dev/null", O_RDONLY);
        return next > STDERR_FILENO && ::fcntl(STDIN_FILENO, F_GETFD) >= 0 && ::fcntl(STDERR_FILENO, F_GETFD) >= 0 ? 0
                                                                                                                   : 1;
    });
    CHECK(child.wait() == 0);
}

TEST_CASE("process: a younger child is told from an older one, and the dead do not count") {
    const auto now = system_clock().now();
    CHECK_FALSE(mcp_push::has_child_younger_than(::getpid(), now - Millis(3'600'000)));
    {
        const ChildProcess child([] { return ::pause(); });
        CHECK(mcp_push::has_child_younger_than(::getpid(), now - Millis(60'000)));
        CHECK_FALSE(mcp_push::has_child_younger_than(::getpid(), now + Millis(60'000)));
    }
    CHECK_FALSE(mcp_push::has_child_younger_than(::getpid(), now - Millis(60'000)));
    CHECK_FALSE(mcp_push::has_child_younger_than(0, now));
}

TEST_CASE("process: an id exists while its process does") {
    CHECK(mcp_push::process_exists(::getpid()));
    CHECK_FALSE(mcp_push::process_exists(0));
    CHECK_FALSE(mcp_push::process_exists(-1));
    CHECK_FALSE(mcp_push::process_exists(0x7FFFFFF0));
}

TEST_CASE("process: PATH is searched in order, for programs, and never in a relative folder") {
    const TempHome home;
    (void)home.write("one/tool", "x", 0600);
    (void)home.write("two/tool", "x", 0700);
    (void)home.write("three/tool", "x", 0700);
    std::filesystem::create_directories(home.path("zero/tool"));
    const auto path = home.path("zero") + ":" + home.path("one") + ":" + home.path("two") + ":" + home.path("three");
    CHECK(find_on_path("tool", path) == home.path("two/tool"));
    CHECK_FALSE(find_on_path("tool", "").has_value());
    CHECK_FALSE(find_on_path("other", path).has_value());
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(home.path("two"));
    CHECK_FALSE(find_on_path("tool", ".::").has_value());
    std::filesystem::current_path(here);
}

TEST_CASE("process: the running program knows its own path") {
    CHECK(mcp_push::base_name(mcp_push::own_executable()) == "test_core");
    CHECK(mcp_push::host_name().find('.') == std::string::npos);
}
