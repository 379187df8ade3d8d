// SPDX-License-Identifier: MIT
#include "core/base/wake.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/stat.h>

#include <filesystem>

using mcp_push::drain_wake_pipe;
using mcp_push::make_directories;
using mcp_push::must;
using mcp_push::open_wake_pipe;
using mcp_push::TempHome;
using mcp_push::wake_deliverer;

TEST_CASE("wake: who listens is woken, and told only once") {
    const TempHome home;
    must(make_directories(home.paths().state_dir));
    const auto pipe = must(open_wake_pipe(home.paths()));
    CHECK_FALSE(drain_wake_pipe(pipe));
    CHECK(wake_deliverer(home.paths()));
    CHECK(wake_deliverer(home.paths()));
    pollfd entry{.fd = pipe.get(), .events = POLLIN, .revents = 0};
    CHECK(::poll(&entry, 1, 0) == 1);
    CHECK(drain_wake_pipe(pipe));
    CHECK_FALSE(drain_wake_pipe(pipe));
    CHECK(::poll(&entry, 1, 0) == 0);
}

TEST_CASE("wake: nobody listens before the pipe is there and after it was closed") {
    const TempHome home;
    CHECK_FALSE(wake_deliverer(home.paths()));
    must(make_directories(home.paths().state_dir));
    (void)must(open_wake_pipe(home.paths()));
    CHECK_FALSE(wake_deliverer(home.paths()));
}

TEST_CASE("wake: a full pipe wakes too and never blocks") {
    const TempHome home;
    must(make_directories(home.paths().state_dir));
    const auto pipe = must(open_wake_pipe(home.paths()));
    for (int i = 0; i < 70'000; ++i) {
        if (!wake_deliverer(home.paths())) {
            FAIL("not woken");
        }
    }
    CHECK(drain_wake_pipe(pipe));
}

TEST_CASE("wake: the pipe is for nobody else, and what stands in its place is replaced, not followed") {
    const TempHome home;
    must(make_directories(home.paths().state_dir));
    const auto path = home.paths().deliverer_wake();
    std::filesystem::create_symlink(home.write("mine", "text"), path);
    CHECK_FALSE(wake_deliverer(home.paths()));
    const auto pipe = must(open_wake_pipe(home.paths()));
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    CHECK(S_ISFIFO(info.st_mode));
    CHECK((info.st_mode & 0777U) == 0600);
    CHECK(wake_deliverer(home.paths()));
    CHECK(home.read("mine") == "text");
}

TEST_CASE("wake: without its folder the pipe is an error that names it") {
    const TempHome home;
    const auto pipe = open_wake_pipe(home.paths());
    REQUIRE_FALSE(pipe.ok());
    CHECK(pipe.error().message.starts_with("cannot make the pipe " + home.paths().deliverer_wake()));
}
