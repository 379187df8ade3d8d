// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mcp_push {

/// Whether the condition holds before the patience is over.
template <class Condition>
[[nodiscard]] bool comes_true(const Condition& condition, std::chrono::seconds patience = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

/// Words and variables as execve() takes them, prepared before a fork.
class ExecArguments {
public:
    ExecArguments(std::vector<std::string> words, const Environment::Map& variables) : m_words(std::move(words)) {
        for (const auto& [name, value] : variables)
            m_variables.push_back(name + "=" + value);
        m_argv = pointers(m_words);
        m_envp = pointers(m_variables);
    }
    ExecArguments(const ExecArguments&) = delete;
    /// Returns only where the program cannot be run.
    int run() {
        ::execve(m_argv[0], m_argv.data(), m_envp.data());
        return 127;
    }

private:
    static std::vector<char*> pointers(std::vector<std::string>& texts) {
        std::vector<char*> result;
        for (auto& text : texts)
            result.push_back(text.data());
        result.push_back(nullptr);
        return result;
    }
    std::vector<std::string> m_words;
    std::vector<std::string> m_variables;
    std::vector<char*> m_argv;
    std::vector<char*> m_envp;
};

struct Ended {
    int exit_code = 0; ///< 128 + the signal that killed it
    std::string out;
    std::string err;

    [[nodiscard]] bool says(std::string_view words) const { return out.find(words) != std::string::npos; }
    [[nodiscard]] bool complains(std::string_view words) const { return err.find(words) != std::string::npos; }
    [[nodiscard]] Json json() const {
        auto parsed = parse_json(out);
        if (!parsed) FAIL("no JSON: " << out << err);
        return *parsed;
    }
};

/// The built mcp-push, with a home folder of its own and, as long as nobody sets one, without a channel.
class Program {
public:
    TempHome home;

    Program() {
        home.set("PATH", parent_of(MCP_PUSH_TEST_HOOK) + ":/usr/bin:/bin");
        home.set("TZ", "UTC");
        home.set("MCP_PUSH_BIN", MCP_PUSH_TEST_PROGRAM); // for the hook, which is not beside it here
        folder = home.path("work");
        if (!make_directories(folder)) FAIL("cannot make " << folder);
    }

    std::string folder; ///< where it is started

    /// A process at work; its output goes to files.
    class Running {
    public:
        Running(const Program& program, const std::vector<std::string>& words, std::string_view input, int number)
            : m_place(program.home.path(".io." + std::to_string(number))) {
            if (!write_file(m_place + ".in", input)) FAIL("cannot write " << m_place);
            std::vector<std::string> all = {MCP_PUSH_TEST_PROGRAM};
            all.insert(all.end(), words.begin(), words.end());
            ExecArguments arguments(std::move(all), program.home.variables());
            m_child = std::make_unique<ChildProcess>([&] {
                const std::string in = m_place + ".in";
                const std::string out = m_place + ".out";
                const std::string err = m_place + ".err";
                ::dup2(::open(in.c_str(), O_RDONLY), STDIN_FILENO);
                ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
                ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
                if (::chdir(program.folder.c_str()) != 0) return 126;
                return arguments.run();
            });
        }
        void signal(int number) const { m_child->signal(number); }
        [[nodiscard]] bool has_ended() const { return m_child->has_ended(); }
        [[nodiscard]] std::string out() const { return read_file(m_place + ".out").value_or({}); }
        [[nodiscard]] Ended wait() {
            if (!comes_true([&] { return m_child->has_ended(); })) FAIL("it does not end; so far: " << out());
            Ended ended;
            ended.exit_code = m_child->wait();
            ended.out = out();
            ended.err = read_file(m_place + ".err").value_or({});
            return ended;
        }

    private:
        std::string m_place;
        std::unique_ptr<ChildProcess> m_child;
    };

    [[nodiscard]] Running start(const std::vector<std::string>& words, std::string_view input = {}) {
        return {*this, words, input, ++m_number};
    }
    Ended operator()(const std::vector<std::string>& words, std::string_view input = {}) {
        return start(words, input).wait();
    }
    /// What a command that must succeed prints as JSON.
    [[nodiscard]] Json json(const std::vector<std::string>& words) {
        const auto ended = (*this)(words);
        if (ended.exit_code != 0) FAIL("exit code " << ended.exit_code << ": " << ended.err);
        return ended.json();
    }
    /// The real hook in its explicit form: a run of that length that ends now.
    void end_run(const std::string& run_id, int seconds, const std::string& status = "end") {
        ExecArguments arguments({MCP_PUSH_TEST_HOOK, "--strict", "--status", status, "--run-id", run_id, "--message",
                                 "it is over", "--start-time",
                                 std::to_string(to_millis(system_clock().now()) - seconds * 1000LL)},
                                home.variables());
        ChildProcess child([&] { return ::chdir(folder.c_str()) != 0 ? 126 : arguments.run(); });
        REQUIRE(child.wait() == 0);
    }

    void write_config(std::string_view text) const { home.write(".config/mcp-push/config.toml", text); }
    [[nodiscard]] bool has_state() const { return file_exists(home.path(".local/state/mcp-push/outbox.db")); }

private:
    int m_number = 0;
};

/// A webhook on loopback whose answer can be changed while it works.
class Webhook {
public:
    std::atomic<int> status{200};

    [[nodiscard]] std::string url(std::string_view path = "/hook") const { return m_server.url(path); }
    [[nodiscard]] std::vector<LoopbackServer::Request> requests() const { return m_server.requests(); }
    [[nodiscard]] std::size_t count() const { return requests().size(); }
    [[nodiscard]] Json body(std::size_t number) const {
        const auto all = requests();
        REQUIRE(number < all.size());
        const auto parsed = parse_json(all[number].body);
        REQUIRE(parsed.ok());
        return *parsed;
    }
    /// The table of config.toml that leads here.
    [[nodiscard]] std::string table(const std::string& name, std::string_view path = "/hook") const {
        return "[channels." + name + "]\ntype = \"webhook\"\nurl = \"" + url(path) + "\"\n";
    }

private:
    LoopbackServer m_server{[this](const LoopbackServer::Request& request) {
        LoopbackServer::Answer answer;
        answer.status = request.target == "/gone" ? 404 : status.load();
        answer.body = "{}";
        return answer;
    }};
};

} // namespace mcp_push
