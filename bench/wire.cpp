// SPDX-License-Identifier: MIT
// From the agent's starting the hook to the whole request at the service, with no deliverer at work yet; and `send`.
#include "bench/sink.hpp"
#include "bench/world.hpp"

namespace mcp_push::bench {
namespace {

constexpr int k_channels = 20;
constexpr std::chrono::milliseconds k_delay{200};

} // namespace

void measure_wire(const Setup& setup, Report& report) {
    const Sink sink;
    const Home home(setup);
    home.configure({sink.url()});
    std::vector<double> times;
    int lost = 0;
    const int rounds = setup.rounds / 2 + 1;
    for (int round = 0; round < rounds; ++round) {
        const Payloads turn("w-" + std::to_string(round), home.path(), home.path() + "/none.jsonl");
        (void)run_once(home.hook(home.write("prompt.json", turn.prompt), true));
        const auto command = home.hook(home.write("stop.json", turn.stop), true);
        const auto before = sink.count();
        const auto ran = run_once(command);
        if (sink.wait_for(before + 1, std::chrono::seconds(5))) {
            times.push_back(Micros(sink.latest() - ran.begin).count());
        } else {
            ++lost;
        }
        // The next round shall find no deliverer.
        if (!wait_for_children(std::chrono::seconds(5))) end_children();
    }
    report.require("end of turn: every request arrived", lost == 0,
                   std::to_string(times.size()) + " of " + std::to_string(rounds));
    report.add({.what = "end of turn to request on the wire, median",
                .measured = millis(median(times)),
                .better = Row::Better::told});
    const double p95 = quantile(times, 0.95);
    report.add({.what = "end of turn to request on the wire, p95",
                .measured = millis(p95),
                .value = p95 / 1000,
                .target = 50,
                .unit = "ms"});
}

void measure_send(const Setup& setup, Report& report) {
    const Sink sink(Sink::Manner::answer, k_delay);
    const Home home(setup);
    std::vector<std::string> urls;
    for (int index = 0; index < k_channels; ++index)
        urls.push_back(sink.url("/channel" + std::to_string(index)));
    home.configure(urls);
    const auto command = home.push({"send", "Build finished", "All 212 tests passed."});
    std::vector<double> times;
    for (int round = 0; round < setup.rounds / 20 + 3; ++round) {
        const auto ran = run_once(command);
        if (ran.exit_code != 0) report.require("send: exit code", false, std::to_string(ran.exit_code));
        times.push_back(ran.took.count());
    }
    (void)wait_for_children(std::chrono::seconds(5));
    end_children();
    report.require("send: one request for each channel", sink.count() == times.size() * k_channels,
                   std::to_string(sink.count()) + " of " + std::to_string(times.size() * k_channels));
    const double slowest = Micros(k_delay).count();
    report.add({.what = "send to 20 channels of 200 ms each",
                .measured = millis(median(times)),
                .against = "slowest channel " + millis(slowest),
                .value = median(times) / slowest,
                .target = 1.25});
    const double mib = peak_mib(setup.peak, command, home.path() + "/peak");
    report.add({.what = "send to 20 channels: peak memory",
                .measured = number(mib, 1) + " MiB",
                .value = mib,
                .target = 20,
                .unit = "MiB"});
}

} // namespace mcp_push::bench
