// SPDX-License-Identifier: MIT
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/passthrough.hpp"
#include "cli/sending.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "hooks/tell.hpp"
#include "hooks/wait.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace mcp_push {
namespace commands::run {

static constexpr OptionSpec k_options[] = {
    {.name = "title",
     .letter = 't',
     .value = "TEXT",
     .help = "What the message calls the run, in place of the project."},
    {.name = "run-id", .value = "ID", .help = "An id of your own for the run."},
    {.name = "threshold", .value = "TIME", .help = "Tell only if it took longer than this: 90s, 5m, 0 or never."},
    k_channel_option,
    {.name = "wait",
     .value = "SECONDS",
     .help = "Stay until the channels have answered, at most this long. In CI 30, otherwise 0."},
};
static constexpr Example k_examples[] = {
    {"mcp-push run -- make -j8 test", "be told when the tests took longer than a minute"},
    {"mcp-push run --threshold 0 --title nightly -- ./backup.sh", "be told in any case"},
};

/// A command line as a person would type it.
static std::string shown(const std::vector<std::string>& words) {
    std::vector<std::string> parts;
    for (const auto& word : words) {
        const bool plain = !word.empty() && word.find_first_of(" \t\n\"'\\$`|&;<>()*?[]#~!{}") == std::string::npos;
        parts.push_back(plain ? word : "'" + replace_all(word, "'", "'\\''") + "'");
    }
    return join(parts, " ");
}

/// Whether the person at the keyboard ended it: they know.
static bool was_interrupted(const CommandEnd& end) { return end.signal == SIGINT || end.exit_code == 128 + SIGINT; }

static Status tell(const Invocation& invocation, const CommandEnd& end) {
    Context& context = invocation.context;
    auto world = teller_world(context);
    world.start_deliverer = [&] {
        const auto status = ensure_deliverer(context.paths, context.environment);
        if (!status) context.log(status.error().text());
    };
    if (const auto threshold = invocation.find("threshold")) world.flags["rules.threshold"] = *threshold;
    Teller teller(std::move(world));
    Teller::Request request;
    request.channels = invocation.all("channel");
    Event& event = request.event;
    event.kind = was_interrupted(end) ? EventKind::cancelled : end.exit_code != 0 ? EventKind::error : EventKind::end;
    event.at = context.clock.now();
    event.duration = end.took;
    event.started = event.at - end.took;
    event.run = {"command", {}, invocation.get("run-id", random_id(10))};
    Facts& facts = event.facts;
    facts.agent = "command";
    facts.folder = context.folder();
    facts.project = invocation.get("title");
    facts.prompt = shown(invocation.rest);
    facts.exit_code = end.exit_code;
    facts.output_tail = end.output_tail;
    facts.error = end.trouble;
    TRY_ASSIGN(const auto told, teller.tell(std::move(request)));

    Millis wait = context.environment.get("CI").empty() ? Millis(0) : Millis(30'000);
    if (const auto given = invocation.find("wait")) wait = parse_duration(*given).value_or(wait);
    if (wait.count() == 0 || told.notifications.empty()) return {};
    return wait_for_outcomes(teller, told.notifications, wait);
}

/// A wrong name is said before the command runs: after it, nobody may be looking.
static Status check_channels(const Invocation& invocation) {
    Teller teller(teller_world(invocation.context));
    Teller::Request request;
    request.channels = invocation.all("channel");
    request.unconditional = true;
    const auto prepared = teller.prepare(std::move(request));
    return prepared ? Status() : prepared.error();
}

/// Ends as the command did: a shell must see the same signal.
[[noreturn]] static void die_of(int number) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
    ::kill(::getpid(), number);
    ::_exit(128 + number);
}

static Result<int> run(const Invocation& invocation) {
    Context& context = invocation.context;
    for (const auto* const name : {"threshold", "wait"}) {
        const auto given = invocation.find(name);
        if (!given || (std::string_view(name) == "threshold" && *given == "never") || parse_duration(*given)) continue;
        return Error{ErrorKind::usage, "--" + std::string(name) + " cannot be \"" + *given + "\"", "such as 90s or 5m"};
    }
    if (invocation.has("channel")) TRY(check_channels(invocation));
    TRY_ASSIGN(const auto end, pass_through(invocation.rest, context.ignores_sigpipe));
    if (!end.trouble.empty()) context.err.line("mcp-push run: " + end.trouble);
    // Whatever becomes of the message, the command's own end is what the caller gets.
    if (const auto told = tell(invocation, end); !told) context.log("run: " + told.error().text());
    if (end.signal != 0) {
        (void)context.err.flush();
        die_of(end.signal);
    }
    return end.exit_code;
}

} // namespace commands::run

MCP_PUSH_COMMAND(run){
    .name = "run",
    .group = CommandGroup::send,
    .summary = "Run a command and tell how it ended, if it took long",
    .description =
        "The command runs as if it stood alone: terminal, signals, output and exit code are its own. When it "
        "has ended, the rules decide by its duration and exit code whether somebody is told; the message "
        "holds the end of its output. A command that you interrupt with Ctrl-C is not told.",
    .examples = commands::run::k_examples,
    .options = commands::run::k_options,
    .rest = "CMD ...",
    .run = &commands::run::run,
};

} // namespace mcp_push
