// SPDX-License-Identifier: MIT
// Kills the hook and the deliverer with SIGKILL at random moments, again and again, and then counts: everything that
// was accepted must have arrived, and nothing may have arrived under two idempotency keys.
//
//   crash_test BIN_FOLDER KILLS [SEED]
#include "bench/sink.hpp"
#include "bench/world.hpp"
#include "core/store/store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>

namespace mcp_push::crash {
namespace {

using bench::Command;
using bench::Instant;
using bench::Micros;

constexpr std::chrono::milliseconds k_answer_delay{3};
constexpr std::chrono::seconds k_patience{60};
constexpr std::size_t k_shown = 5;

struct Counts {
    int hooks_killed = 0;
    int deliverers_killed = 0;
    int accepted = 0;
    [[nodiscard]] int kills() const { return hooks_killed + deliverers_killed; }
};

class Trial {
public:
    Trial(bench::Setup setup, unsigned seed) : m_setup(std::move(setup)), m_home(m_setup), m_random(seed) {
        m_home.configure({m_sink.url()});
    }

    /// Calls the hook once and, by chance, kills it, a deliverer, both or neither.
    void step() {
        const std::string name = "crash-" + std::to_string(m_next++);
        Command command = m_home.hook("/dev/null");
        command.words.insert(command.words.end(), {"--strict", "--status", "error", "--start-time", "1700000000",
                                                   "--run-id", name, "--title", name + "-end", "--message", "broken"});
        const auto begin = std::chrono::steady_clock::now();
        const auto kill_hook_at = chance(0.5) ? moment(begin, m_usual_hook * 1.3) : Instant::max();
        auto kill_deliverer_at = chance(0.6) ? moment(begin, m_usual_hook * 3) : Instant::max();
        const pid_t hook = bench::start(command);
        bool living = hook > 0;
        bool hook_killed = false;
        while (living || kill_deliverer_at != Instant::max()) {
            const auto now = std::chrono::steady_clock::now();
            if (living && !hook_killed && now >= kill_hook_at) {
                ::kill(hook, SIGKILL);
                hook_killed = true;
            }
            if (now >= kill_deliverer_at) {
                kill_deliverer(living ? hook : 0);
                kill_deliverer_at = Instant::max();
            }
            int status = 0;
            if (living && ::waitpid(hook, &status, WNOHANG) == hook) {
                living = false;
                note_end(name, status, Micros(now - begin));
            }
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
        collect();
    }

    /// Lets the outbox run empty in peace.
    bool drain() {
        const auto end = std::chrono::steady_clock::now() + k_patience;
        while (std::chrono::steady_clock::now() < end) {
            (void)bench::run_once(m_home.push({"deliver"}));
            if (waiting() == 0) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return false;
    }

    /// Compares what was accepted with what arrived; whether all is well.
    bool judge(bool drained) {
        const auto store = Store::open(database());
        if (!store) return complain("the outbox cannot be opened: " + store.error().text());
        const auto kept = (*store)->list_notifications(1'000'000);
        const auto dead = (*store)->list_deliveries("dead", 1'000'000);
        if (!kept || !dead) return complain("the outbox cannot be read");
        std::set<std::string> committed;
        for (const auto& row : *kept)
            committed.insert(row.event.facts.title);

        std::map<std::string, std::map<std::string, int>> arrived; // title -> key -> how often
        for (const auto& request : m_sink.take_requests()) {
            const auto at = request.body.find("crash-");
            const auto end = request.body.find("-end", at);
            if (at == std::string::npos || end == std::string::npos) continue;
            ++arrived[request.body.substr(at, end + 4 - at)][request.key];
        }
        std::vector<std::string> lost;
        std::vector<std::string> unkept;
        for (const auto& title : committed) {
            if (!arrived.contains(title)) lost.push_back(title);
        }
        for (const auto& title : m_accepted) {
            if (!committed.contains(title)) unkept.push_back(title);
        }
        std::vector<std::string> without_key;
        std::vector<std::string> doubled;
        int repeated = 0;
        for (const auto& [title, keys] : arrived) {
            if (keys.contains("")) without_key.push_back(title);
            if (keys.size() > 1) doubled.push_back(title);
            for (const auto& [key, count] : keys)
                repeated += count - 1;
        }
        std::printf("%d kills: %d of the hook, %d of the deliverer; %d calls, %d accepted, %zu committed, %zu arrived, "
                    "%d sent again under the same key\n",
                    m_counts.kills(), m_counts.hooks_killed, m_counts.deliverers_killed, m_next, m_counts.accepted,
                    committed.size(), arrived.size(), repeated);
        bool good = drained || complain("the outbox did not run empty: " + std::to_string(waiting()) + " wait");
        good = none("committed, but never sent", lost) && good;
        good = none("accepted with exit code 0, but not in the outbox", unkept) && good;
        good = none("sent without an idempotency key", without_key) && good;
        good = none("sent under two idempotency keys", doubled) && good;
        if (!dead->empty()) good = complain(std::to_string(dead->size()) + " deliveries were given up");
        for (const auto& entry : std::filesystem::directory_iterator(state())) {
            const auto file = entry.path().filename().string();
            if (file.find("damaged") != std::string::npos) good = complain("the outbox was found damaged: " + file);
        }
        if (m_strange > 0) good = complain(std::to_string(m_strange) + " calls ended with another exit code than 0");
        return good;
    }

    [[nodiscard]] const Counts& counts() const { return m_counts; }

private:
    [[nodiscard]] std::string state() const { return m_home.path() + "/.local/state/mcp-push"; }
    [[nodiscard]] std::string database() const { return state() + "/outbox.db"; }

    bool chance(double part) { return std::uniform_real_distribution<>(0, 1)(m_random) < part; }
    Instant moment(Instant begin, Micros within) {
        const double micros = std::uniform_real_distribution<>(0, within.count())(m_random);
        return begin + std::chrono::duration_cast<Instant::duration>(Micros(micros));
    }

    void note_end(const std::string& name, int status, Micros took) {
        if (WIFSIGNALED(status)) {
            ++m_counts.hooks_killed;
            return;
        }
        if (WEXITSTATUS(status) != 0) {
            ++m_strange;
            return;
        }
        ++m_counts.accepted;
        m_accepted.insert(name + "-end");
        m_usual_hook = 0.9 * m_usual_hook + 0.1 * took;
    }

    /// Any child that is not the hook was started by one, on its way to being the deliverer.
    void kill_deliverer(pid_t hook) {
        auto living = bench::children();
        std::erase(living, hook);
        if (living.empty()) return;
        const pid_t chosen = living[m_random() % living.size()];
        ::kill(chosen, SIGKILL);
        int status = 0;
        if (::waitpid(chosen, &status, 0) == chosen && WIFSIGNALED(status)) ++m_counts.deliverers_killed;
    }

    static void collect() {
        int status = 0;
        while (::waitpid(-1, &status, WNOHANG) > 0) {
        }
    }

    [[nodiscard]] std::size_t waiting() const {
        const auto store = Store::open(database());
        if (!store) return 1;
        const auto rows = (*store)->list_deliveries("waiting", 1'000'000);
        const auto leased = (*store)->list_deliveries("leased", 1'000'000);
        return rows && leased ? rows->size() + leased->size() : 1;
    }

    static bool complain(const std::string& text) {
        std::printf("FAILED: %s\n", text.c_str());
        return false;
    }
    static bool none(const char* what, const std::vector<std::string>& names) {
        if (names.empty()) return true;
        std::string text = std::to_string(names.size()) + " " + what + ":";
        for (std::size_t index = 0; index < std::min(names.size(), k_shown); ++index)
            text += " " + names[index];
        return complain(text);
    }

    bench::Sink m_sink{bench::Sink::Manner::answer, k_answer_delay};
    bench::Setup m_setup; ///< m_home refers to it
    bench::Home m_home;
    std::mt19937 m_random;
    Micros m_usual_hook{5000};
    int m_next = 0;
    int m_strange = 0;
    Counts m_counts;
    std::set<std::string> m_accepted;
};

} // namespace
} // namespace mcp_push::crash

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("crash_test BIN_FOLDER KILLS [SEED]\n", stderr);
        return 64;
    }
    const std::string bin = argv[1];
    const int wanted = std::atoi(argv[2]);
    const unsigned seed = argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : std::random_device()();
    std::printf("seed %u\n", seed);
    mcp_push::bench::adopt_orphans();
    mcp_push::crash::Trial trial({.hook = bin + "/mcp-push-hook", .push = bin + "/mcp-push"}, seed);
    // Each call brings about 0.7 kills; ten times as many calls mean that nothing is there to be killed.
    for (int call = 0; trial.counts().kills() < wanted && call < wanted * 10; ++call)
        trial.step();
    if (trial.counts().kills() < wanted) std::printf("FAILED: only %d kills\n", trial.counts().kills());
    const bool drained = trial.drain();
    mcp_push::bench::end_children();
    return trial.judge(drained) && trial.counts().kills() >= wanted ? 0 : 1;
}
