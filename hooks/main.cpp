// SPDX-License-Identifier: MIT
// mcp-push-hook: what agents run. Whatever happens it exits 0 within its deadline and prints only what the agent's
// contract allows.
#include "channels/specs.hpp"
#include "core/base/log.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "hooks/input.hpp"
#include "hooks/intake.hpp"
#include "hooks/wait.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace mcp_push {
namespace {

constexpr std::string_view k_program = "mcp-push-hook";
/// The agent waits no longer than this, whatever happens (PRODUCT.md section 2).
constexpr Millis k_deadline{950};
constexpr Millis k_input_patience{500};
/// Beyond what --wait allows, for whatever does not keep to it.
constexpr Millis k_wait_grace{1'000};

void write_text(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// What is left to do at the deadline, made ready before: a signal handler may do little.
struct LateLeave {
    int exit_code = 0;
    char log[4096] = {};
    char line[256] = {};
    std::size_t length = 0;
};
LateLeave g_late;

void leave_late(int) {
    const int log = ::open(g_late.log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
    if (log >= 0 && ::write(log, g_late.line, g_late.length) < 0) ::_exit(g_late.exit_code);
    ::_exit(g_late.exit_code);
}

/// In `claude -p` a failed turn's hook gets SIGTERM 4 to 25 ms after its start and SIGKILL 1.5 s later: ignoring the
/// first is what makes it heard. A closed pipe or terminal, or a limit on the size of files, is no reason to leave
/// either.
void ignore_signals() {
    for (const int number : {SIGTERM, SIGHUP, SIGPIPE, SIGINT, SIGXFSZ})
        ::signal(number, SIG_IGN);
}

void set_deadline(Millis limit, const Paths& paths, bool strict) {
    g_late.exit_code = strict ? 1 : 0;
    const auto line =
        make_log_line(k_program, "left unfinished after " + std::to_string(limit.count()) +
                                     " ms, the longest an agent is held: what it was told of may be lost; "
                                     "see whether the machine or the disk is overloaded");
    g_late.length = line.copy(g_late.line, sizeof g_late.line);
    if (!paths.state_dir.empty()) paths.log().copy(g_late.log, sizeof g_late.log - 1);
    ::signal(SIGALRM, &leave_late);
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(limit.count() / 1000);
    timer.it_value.tv_usec = static_cast<suseconds_t>(limit.count() % 1000 * 1000);
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

std::string current_folder() {
    std::string folder(4096, '\0');
    if (::getcwd(folder.data(), folder.size()) == nullptr) return {};
    folder.resize(folder.find('\0'));
    return folder;
}

Result<Taken> take(Teller& teller, const HookArguments& arguments, const Moment& now) {
    using Form = HookArguments::Form;
    switch (arguments.form) {
    case Form::payload_as_argument:
        return take_payload(teller, arguments.payload, arguments.agent, now);
    case Form::explicit_flags:
    case Form::positional:
        return take_explicit(teller, arguments, current_folder(), now);
    default:
        break;
    }
    TRY_ASSIGN(const std::string payload, read_input(STDIN_FILENO, k_input_patience));
    return take_payload(teller, payload, arguments.agent, now);
}

int run(const std::vector<std::string>& words) {
    const Environment environment;
    const Clock& clock = system_clock();
    const Moment now{clock.now(), clock.since_boot()};
    const Paths paths = find_paths(environment);
    const auto arguments = parse_hook_arguments(words);
    if (!arguments) {
        log_line(paths, k_program, arguments.error().text());
        // Nobody but a person or a test asks for strictness, and only they may see this.
        const bool strict = std::ranges::find(words, "--strict") != words.end();
        if (!strict) return 0;
        write_text(STDERR_FILENO, "mcp-push-hook: " + arguments.error().text() + "\n");
        return exit_code_of(arguments.error().kind);
    }
    using Form = HookArguments::Form;
    if (arguments->form == Form::help || arguments->form == Form::version) {
        write_text(STDOUT_FILENO, arguments->form == Form::help ? hook_help() : "mcp-push-hook " MCP_PUSH_VERSION "\n");
        return 0;
    }
    const bool agents_payload =
        arguments->form == Form::payload_on_stdin || arguments->form == Form::payload_as_argument;
    // A CI job's machine may be gone a second later, so there the answer is waited for; an agent is never held.
    const bool in_ci = !agents_payload && !environment.get("CI").empty();
    const auto wait = arguments->wait ? arguments->wait : in_ci ? std::optional(Millis(30'000)) : std::nullopt;
    set_deadline(wait ? *wait + k_wait_grace : k_deadline, paths, arguments->strict);

    Teller teller({.paths = paths,
                   .environment = environment,
                   .specs = channel_specs(),
                   .clock = clock,
                   .program = std::string(k_program),
                   .deadline = wait ? std::nullopt : std::optional(now.boot + k_deadline),
                   .start_deliverer = [&] {
                       if (const auto status = ensure_deliverer(paths, environment); !status) {
                           log_line(paths, k_program, status.error().text());
                       }
                   }});
    const auto taken = take(teller, *arguments, now);
    if (!taken) {
        log_line(paths, k_program, taken.error().text());
        if (!arguments->strict) return 0;
        write_text(STDERR_FILENO, "mcp-push-hook: " + taken.error().text() + "\n");
        return exit_code_of(taken.error().kind);
    }
    write_text(STDOUT_FILENO, taken->reply);
    if (!wait || taken->notifications.empty()) return 0;
    const auto waited = wait_for_outcomes(teller, taken->notifications, *wait);
    if (waited) return 0;
    log_line(paths, k_program, waited.error().text());
    return arguments->strict ? exit_code_of(waited.error().kind) : 0;
}

} // namespace
} // namespace mcp_push

int main(int argc, char** argv) {
    mcp_push::ignore_signals();
    mcp_push::open_standard_streams();
    ::umask(077); // a stranger one would make files that we ourselves could not open again
    int exit_code = 0;
    try {
        exit_code = mcp_push::run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (...) {
        // Out of memory, or a defect of ours: never the agent's trouble.
        exit_code = 0;
    }
    // The process is over: what it holds goes back to the system without being taken apart first.
    ::_exit(exit_code);
}
