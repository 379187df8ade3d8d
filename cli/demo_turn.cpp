// SPDX-License-Identifier: MIT
#include "cli/demo_turn.hpp"

#include "core/base/files.hpp"
#include "core/base/ids.hpp"
#include "core/base/process.hpp"
#include "core/store/journal.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace mcp_push {
namespace {

constexpr Millis k_length{75'000};
constexpr Millis k_patience{2'000};
constexpr std::string_view k_answer =
    "All **812 tests** pass now.\n\n- the parser no longer drops the last line\n- two flaky cases wait for a condition";

/// Runs a program with this text on standard input, in this environment, and waits for it.
Result<int> run_with_input(const std::string& program, std::string_view input, std::vector<std::string> environment,
                           const std::string& folder) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return Error{ErrorKind::storage, "cannot make a pipe: " + errno_text(errno)};
    FileHandle reader(ends[0]);
    FileHandle writer(ends[1]);
    std::vector<char*> variables;
    for (auto& entry : environment)
        variables.push_back(entry.data());
    variables.push_back(nullptr);
    std::string name = program;
    std::array<char*, 2> arguments{name.data(), nullptr};
    const pid_t child = ::fork();
    if (child < 0) return Error{ErrorKind::storage, "cannot start a process: " + errno_text(errno)};
    if (child == 0) {
        ::dup2(reader.get(), STDIN_FILENO);
        const int null = ::open("/dev/null", O_WRONLY);
        ::dup2(null, STDOUT_FILENO);
        ::signal(SIGPIPE, SIG_DFL);
        writer.reset();
        if (::chdir(folder.c_str()) != 0) ::_exit(127);
        ::execve(name.c_str(), arguments.data(), variables.data());
        ::_exit(127);
    }
    reader.reset();
    while (!input.empty()) {
        const ssize_t written = ::write(writer.get(), input.data(), input.size());
        if (written < 0 && errno != EINTR) break;
        if (written > 0) input.remove_prefix(static_cast<std::size_t>(written));
    }
    writer.reset();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<std::string> find_hook(const Environment& environment) {
    const auto beside = parent_of(own_executable()) + "/mcp-push-hook";
    if (::access(beside.c_str(), X_OK) == 0) return beside;
    if (auto found = find_on_path("mcp-push-hook", environment.get("PATH"))) return std::move(*found);
    return Error{ErrorKind::no_input, "mcp-push-hook is not to be found", "install it beside mcp-push"};
}

} // namespace

DemoTurn::DemoTurn(Context& context, std::string hook, std::string folder)
    : m_context(&context), m_hook(std::move(hook)), m_folder(std::move(folder)), m_session("demo-" + random_id(8)),
      m_turn("turn-" + random_id(8)) {}

DemoTurn::DemoTurn(DemoTurn&& other) noexcept
    : m_context(other.m_context), m_hook(std::move(other.m_hook)), m_folder(std::exchange(other.m_folder, {})),
      m_session(std::move(other.m_session)), m_turn(std::move(other.m_turn)) {}

DemoTurn::~DemoTurn() {
    if (m_folder.empty()) return;
    ::unlink((m_folder + "/transcript.jsonl").c_str());
    ::rmdir((m_folder + "/demo-project").c_str());
    ::rmdir(m_folder.c_str());
}

Result<DemoTurn> DemoTurn::prepare(Context& context) {
    TRY_ASSIGN(auto hook, find_hook(context.environment));
    TRY(context.store()); // so that a trouble with it is said here and not in the log
    auto place = context.environment.get("TMPDIR");
    std::string folder = (place.empty() ? "/tmp" : place) + "/mcp-push-demo-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) {
        return Error{ErrorKind::storage, "cannot make a folder in " + parent_of(folder) + ": " + errno_text(errno)};
    }
    DemoTurn turn(context, std::move(hook), std::move(folder));
    TRY(make_directories(turn.m_folder + "/demo-project"));
    return turn;
}

Status DemoTurn::write_transcript() const {
    const TimePoint start = m_context->clock.now() - k_length;
    const OrderedJson prompt = {{"type", "user"},
                                {"sessionId", m_session},
                                {"promptId", m_turn},
                                {"timestamp", to_iso8601(start)},
                                {"message", {{"role", "user"}, {"content", k_prompt}}}};
    return write_file(m_folder + "/transcript.jsonl", dump_json(prompt) + "\n");
}

std::string DemoTurn::payload() const {
    return dump_json(OrderedJson{{"hook_event_name", "Stop"},
                                 {"session_id", m_session},
                                 {"prompt_id", m_turn},
                                 {"transcript_path", m_folder + "/transcript.jsonl"},
                                 {"cwd", m_folder + "/demo-project"},
                                 {"stop_hook_active", false},
                                 {"last_assistant_message", k_answer}});
}

std::vector<std::string> DemoTurn::environment() const {
    const Context& context = *m_context;
    std::vector<std::string> entries = {"MCP_PUSH_CONFIG_DIR=" + m_folder, "CLAUDE_CONFIG_DIR=" + m_folder,
                                        "MCP_PUSH_STATE_DIR=" + context.paths.state_dir,
                                        "MCP_PUSH_BIN=" + own_executable()};
    entries.push_back("MCP_PUSH_LANGUAGE=" + std::string(name_of(m_context->config().language)));
    for (const auto* const name : {"HOME", "PATH", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
                                   "DBUS_SESSION_BUS_ADDRESS", "MCP_PUSH_HOOK_LOG_PATH"}) {
        if (const auto value = context.environment.find(name)) entries.push_back(std::string(name) + "=" + *value);
    }
    return entries;
}

Result<DemoTurn::Told> DemoTurn::end() {
    Context& context = *m_context;
    const Millis begin = context.clock.since_boot();
    TRY(write_transcript());
    TRY_ASSIGN(const int exit_code, run_with_input(m_hook, payload(), environment(), m_folder));
    Told told;
    told.hook_took = context.clock.since_boot() - begin;
    if (exit_code != 0) {
        return Error{ErrorKind::internal, "the hook ended with exit code " + std::to_string(exit_code)};
    }
    TRY_ASSIGN(Store* const store, context.store());
    constexpr std::size_t k_newest = 50;
    for (;;) {
        std::string id;
        for (const auto& entry : read_journal(context.paths, k_newest)) {
            if (entry.run.session != m_session) continue;
            told.rule = entry.rule;
            id = entry.notification;
            break;
        }
        TRY_ASSIGN(const auto messages, store->list_inbox(false, k_newest));
        for (const auto& message : messages) {
            if (id.empty() || message.notification != id) continue;
            told.message = message;
            return told;
        }
        if (context.clock.since_boot() - begin > k_patience) {
            return Error{ErrorKind::internal,
                         "the message did not arrive in the inbox" + (told.rule.empty() ? "" : " (" + told.rule + ")"),
                         "the reason is in " + context.paths.log()};
        }
        ::poll(nullptr, 0, 10);
    }
}

} // namespace mcp_push
