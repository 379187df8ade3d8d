// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/store/store.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/temp_home.hpp"

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace mcp_push {

/// How a program is started beside its words.
struct Start {
    std::string input = {};              ///< standard input; ends after it
    Environment::Map variables = {};     ///< added to those of the home
    std::vector<std::string> unset = {}; ///< taken away from them
    std::string folder = {};             ///< "": the home's "project"
    std::function<void()> prepare = {};  ///< runs in the child, just before exec: limits, another user, closed streams
    std::string program = {};            ///< another path than the built hook's
    Millis limit{30'000};
};

/// How a program ended.
struct Ended {
    int exit_code = -1; ///< 128 + signal
    std::string out;
    std::string err;
    Millis took{0};
};

/// A home of its own for the two real programs, and the end of every process that they leave behind in it.
class World {
public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    TempHome home;

    [[nodiscard]] Ended hook(std::vector<std::string> words, const Start& start = {}) const;
    [[nodiscard]] Ended push(std::vector<std::string> words, Start start = {}) const;
    /// The hook with an end that the rules tell: it began long ago.
    [[nodiscard]] Ended end(const std::string& title, Start start = {}, std::vector<std::string> more = {}) const;
    /// Channels of type custom_notify called sink0, sink1, ... in config.toml.
    void configure(const std::vector<std::string>& urls, std::string_view more = {}) const;

    [[nodiscard]] std::string state(std::string_view file = {}) const;
    [[nodiscard]] std::string log() const { return home.read(".local/state/mcp-push/mcp-push.log"); }
    [[nodiscard]] std::string journal() const { return home.read(".local/state/mcp-push/journal.jsonl"); }
    /// Rows of the outbox in a state, as another process sees them.
    [[nodiscard]] std::vector<DeliveryRow> rows(std::string_view state = "all") const;

    /// Ids of the processes that deliver in this home.
    [[nodiscard]] std::vector<pid_t> deliverers() const;
    /// Kills them all with SIGKILL and waits until they are gone.
    void kill_deliverers() const;
};

/// An endpoint that answers 200 to everything and remembers.
class Endpoint {
public:
    explicit Endpoint(int status = 200) : m_server([status](const auto&) { return LoopbackServer::Answer{status}; }) {}
    explicit Endpoint(LoopbackServer::Handler handler) : m_server(std::move(handler)) {}
    [[nodiscard]] std::string url(std::string_view path = "/hook") const { return m_server.url(path); }
    [[nodiscard]] std::vector<LoopbackServer::Request> requests() const { return m_server.requests(); }
    /// Requests whose address or body holds this text.
    [[nodiscard]] std::size_t count(std::string_view text) const;
    /// Waits for such a request; whether one came.
    [[nodiscard]] bool gets(std::string_view text, Millis limit = Millis(20'000)) const;

private:
    LoopbackServer m_server;
};

/// Waits until something is so; whether it became so in time.
[[nodiscard]] bool eventually(const std::function<bool()>& is_so, Millis limit = Millis(20'000));
[[nodiscard]] bool holds(std::string_view text, std::string_view part);
/// "HH:MM:SS before now" for --start-time, in milliseconds.
[[nodiscard]] std::string millis_ago(long long millis);

/// A command started and not waited for yet; its standard output and error are read at the end.
[[nodiscard]] Ended run(const std::string& program, std::vector<std::string> words, const Environment::Map& variables,
                        const Start& start);

inline const std::string k_hook = MCP_PUSH_HOOK_PROGRAM;
inline const std::string k_push = MCP_PUSH_PROGRAM;

} // namespace mcp_push
