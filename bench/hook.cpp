// SPDX-License-Identifier: MIT
// What a hook call costs the agent, beside a C++ program that does nothing.
#include "bench/sink.hpp"
#include "bench/world.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

namespace mcp_push::bench {
namespace {

constexpr int k_hung_endpoints = 5;
constexpr int k_at_once = 50;

/// A transcript of a gigabyte whose last lines are as an agent writes them; the rest is a hole in the file.
std::string huge_transcript(const Home& home) {
    const auto path = home.write("huge.jsonl", "");
    std::error_code ignored;
    std::filesystem::resize_file(path, std::uintmax_t{1} << 30, ignored);
    std::ofstream file(path, std::ios::app);
    file << '\n';
    for (int line = 0; line < 400; ++line) {
        file << R"({"type":"user","promptId":"p-)" << line
             << R"(","timestamp":"2026-11-21T10:00:00.000Z","message":{"role":"user","content":")"
             << std::string(800, 'y') << "\"}}\n";
    }
    return path;
}

double timed(const Command& command, Report& report) {
    const auto ran = run_once(command);
    if (ran.exit_code != 0) report.require("exit code of " + command.words[0], false, std::to_string(ran.exit_code));
    return ran.took.count();
}

void compare(Report& report, const std::string& what, double micros, double nothing, double target) {
    report.add({.what = what,
                .measured = millis(micros),
                .against = "do-nothing program " + millis(nothing),
                .value = micros / nothing,
                .target = target});
}

void measure_silent(const Setup& setup, Report& report) {
    const Home home(setup);
    home.configure({"http://127.0.0.1:9/"});
    const Payloads small("s-small", home.path(), home.path() + "/none.jsonl");
    const Payloads large("s-large", home.path(), huge_transcript(home));
    const Command nothing{.words = {setup.nothing}, .environment = home.environment()};
    // A prompt that repeats its id while its turn is open is queued, so that each round finds the same session.
    const std::vector<Command> commands = {
        nothing,
        home.hook(home.write("prompt.json", small.prompt)),
        home.hook(home.write("stop.json", small.stop)),
        home.hook(home.write("prompt-large.json", large.prompt)),
        home.hook(home.write("stop-large.json", large.stop)),
    };
    const auto times =
        interleave(setup.rounds, commands.size(), [&](std::size_t index) { return timed(commands[index], report); });
    const double base = median(times[0]);
    compare(report, "hook: records a start", median(times[1]), base, 1.7);
    compare(report, "hook: stays silent", median(times[2]), base, 1.7);
    compare(report, "hook: records a start, 1 GB transcript", median(times[3]), base, 1.7);
    compare(report, "hook: stays silent, 1 GB transcript", median(times[4]), base, 1.7);
    const std::vector<std::string> names = {"", "start", "silent", "start, 1 GB transcript", "silent, 1 GB transcript"};
    for (std::size_t index = 1; index < commands.size(); ++index) {
        const double mib = peak_mib(setup.peak, commands[index], home.path() + "/peak");
        report.add({.what = "hook: peak memory, " + names[index],
                    .measured = number(mib, 1) + " MiB",
                    .value = mib,
                    .target = 8,
                    .unit = "MiB"});
    }
}

void measure_notifying(const Setup& setup, Report& report) {
    const Sink hung(Sink::Manner::hang);
    const Home home(setup);
    home.configure(std::vector<std::string>(k_hung_endpoints, hung.url()));
    int session = 0;
    std::string input;
    const auto prepare = [&] {
        const Payloads turn("n-" + std::to_string(++session), home.path(), home.path() + "/none.jsonl");
        (void)run_once(home.hook(home.write("prompt.json", turn.prompt), true));
        input = home.write("stop.json", turn.stop);
    };
    const Command nothing{.words = {setup.nothing}, .environment = home.environment()};
    const int rounds = setup.rounds / 4 + 1;
    const auto times = interleave(rounds, 3, [&](std::size_t index) {
        if (index == 0) return timed(nothing, report);
        if (index == 1) {
            // The first message of all: database and deliverer have to be made.
            end_children();
            home.forget_state();
            prepare();
            return timed(home.hook(input, true), report);
        }
        prepare();
        return timed(home.hook(input, true), report);
    });
    end_children();
    const double base = median(times[0]);
    compare(report, "hook: notifies, all endpoints hung", median(times[2]), base, 4);
    compare(report, "hook: the same, no database and no deliverer yet", median(times[1]), base, 4);
    const double mib = [&] {
        prepare();
        return peak_mib(setup.peak, home.hook(input, true), home.path() + "/peak");
    }();
    end_children();
    report.add({.what = "hook: peak memory, notifies",
                .measured = number(mib, 1) + " MiB",
                .value = mib,
                .target = 8,
                .unit = "MiB"});
}

void measure_burst(const Setup& setup, Report& report) {
    Sink sink;
    const Home home(setup);
    home.configure({sink.url()});
    std::vector<Command> commands;
    for (int index = 0; index < k_at_once; ++index) {
        const Payloads turn("burst-" + std::to_string(index) + "-end", home.path(), home.path() + "/none.jsonl");
        (void)run_once(home.hook(home.write("prompt.json", turn.prompt), true));
        commands.push_back(home.hook(home.write("stop" + std::to_string(index) + ".json", turn.stop), true));
    }
    const auto begin = std::chrono::steady_clock::now();
    for (const auto& command : commands)
        (void)start(command);
    const bool arrived = sink.wait_for(k_at_once, std::chrono::seconds(20));
    const Micros took = std::chrono::steady_clock::now() - begin;
    (void)wait_for_children(std::chrono::seconds(20));
    end_children();
    std::set<std::string> different;
    for (const auto& request : sink.take_requests()) {
        const auto at = request.body.find("burst-");
        if (at != std::string::npos) different.insert(request.body.substr(at, request.body.find("-end", at) - at));
    }
    report.require("hook: 50 at once, none lost", arrived && different.size() == k_at_once && sink.count() == k_at_once,
                   std::to_string(different.size()) + " of 50 in " + millis(took.count()) + ", " +
                       std::to_string(sink.count()) + " requests");
}

} // namespace

void measure_hook(const Setup& setup, Report& report) {
    measure_silent(setup, report);
    measure_notifying(setup, report);
    measure_burst(setup, report);
}

} // namespace mcp_push::bench
