// SPDX-License-Identifier: MIT
#include "core/base/paths.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using mcp_push::base_name;
using mcp_push::Environment;
using mcp_push::expand_home;
using mcp_push::find_paths;
using mcp_push::parent_of;
using mcp_push::Paths;

TEST_CASE("paths: below the home folder where nothing else is said") {
    const auto paths = find_paths(Environment(Environment::Map{{"HOME", "/home/me"}}));
    CHECK(paths.home == "/home/me");
    CHECK(paths.config_dir == "/home/me/.config/mcp-push");
    CHECK(paths.state_dir == "/home/me/.local/state/mcp-push");
    CHECK(paths.config_file() == "/home/me/.config/mcp-push/config.toml");
    CHECK(paths.journal() == "/home/me/.local/state/mcp-push/journal.jsonl");
}

TEST_CASE("paths: XDG variables move them, our own variables name them whole") {
    Environment::Map values = {
        {"HOME", "/home/me"}, {"XDG_CONFIG_HOME", "/xdg/config"}, {"XDG_STATE_HOME", "/xdg/state"}};
    auto paths = find_paths(Environment(values));
    CHECK(paths.config_dir == "/xdg/config/mcp-push");
    CHECK(paths.state_dir == "/xdg/state/mcp-push");
    values["MCP_PUSH_CONFIG_DIR"] = "/own/config";
    values["MCP_PUSH_STATE_DIR"] = "/own/state";
    paths = find_paths(Environment(values));
    CHECK(paths.config_dir == "/own/config");
    CHECK(paths.state_dir == "/own/state");
}

TEST_CASE("paths: relative and empty values are as if they were not there") {
    for (const std::string value : {"relative", "./here", "~/state", ""}) {
        CAPTURE(value);
        const auto paths = find_paths(Environment({{"HOME", "/home/me"},
                                                   {"XDG_CONFIG_HOME", value},
                                                   {"XDG_STATE_HOME", value},
                                                   {"MCP_PUSH_CONFIG_DIR", value},
                                                   {"MCP_PUSH_STATE_DIR", value}}));
        CHECK(paths.config_dir == "/home/me/.config/mcp-push");
        CHECK(paths.state_dir == "/home/me/.local/state/mcp-push");
    }
}

TEST_CASE("paths: without HOME the user database is asked, never the current folder") {
    for (const auto& values :
         {Environment::Map{}, Environment::Map{{"HOME", "relative"}}, Environment::Map{{"HOME", ""}}}) {
        const auto paths = find_paths(Environment(values));
        CHECK((paths.home.empty() || paths.home.starts_with('/')));
        CHECK((paths.state_dir.empty() || paths.state_dir == paths.home + "/.local/state/mcp-push"));
    }
    const auto paths = find_paths(Environment(Environment::Map{{"MCP_PUSH_STATE_DIR", "/own/state"}}));
    CHECK(paths.state_dir == "/own/state");
}

TEST_CASE("environment: given values are all there is; unset and empty are different") {
    const Environment given({{"EMPTY", ""}, {"SET", "x"}});
    CHECK(given.find("EMPTY") == "");
    CHECK_FALSE(given.find("UNSET").has_value());
    CHECK_FALSE(given.find("PATH").has_value());
    CHECK(given.get("UNSET").empty());
    CHECK(given.get("SET") == "x");
}

TEST_CASE("environment: by default the process's own, read at each call") {
    const Environment own;
    ::setenv("MCP_PUSH_TEST_OWN", "one", 1);
    CHECK(own.get("MCP_PUSH_TEST_OWN") == "one");
    ::setenv("MCP_PUSH_TEST_OWN", "two", 1);
    CHECK(own.get("MCP_PUSH_TEST_OWN") == "two");
    ::unsetenv("MCP_PUSH_TEST_OWN");
    CHECK_FALSE(own.find("MCP_PUSH_TEST_OWN").has_value());
}

TEST_CASE("paths: a tilde is the home folder only where it stands alone") {
    Paths paths;
    paths.home = "/home/me";
    CHECK(expand_home("~", paths) == "/home/me");
    CHECK(expand_home("~/x", paths) == "/home/me/x");
    CHECK(expand_home("~other/x", paths) == "~other/x");
    CHECK(expand_home("/a/~", paths) == "/a/~");
}

TEST_CASE("paths: a path's last component and what stands before it") {
    CHECK(base_name("/a/b") == "b");
    CHECK(base_name("/a/b//") == "b");
    CHECK(base_name("b") == "b");
    CHECK(base_name("/") == "/");
    CHECK(base_name("").empty());
    CHECK(parent_of("/a/b") == "/a");
    CHECK(parent_of("/a/b/") == "/a");
    CHECK(parent_of("/a") == "/");
    CHECK(parent_of("b") == ".");
}
