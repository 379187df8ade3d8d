// SPDX-License-Identifier: MIT
#include "bench/timing.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace mcp_push::bench {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> found;
    for (const auto& word : words)
        found.push_back(const_cast<char*>(word.c_str()));
    found.push_back(nullptr);
    return found;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

} // namespace

pid_t start(const Command& command) {
    const auto words = pointers(command.words);
    const auto environment = pointers(command.environment);
    // vfork, as shells and agents start programs: our own size must not count.
    const pid_t child = ::vfork();
    if (child != 0) return std::max<pid_t>(child, 0);
    const int input = ::open(command.input.c_str(), O_RDONLY);
    const int nothing = ::open("/dev/null", O_WRONLY);
    const bool ready = input >= 0 && nothing >= 0 && ::dup2(input, 0) >= 0 && ::dup2(nothing, 1) >= 0 &&
                       ::dup2(nothing, 2) >= 0 && (command.folder.empty() || ::chdir(command.folder.c_str()) == 0);
    ::close(input);
    ::close(nothing);
    if (ready) ::execve(words[0], words.data(), environment.data());
    ::_exit(127);
}

Ran run_once(const Command& command) {
    Ran ran;
    ran.begin = std::chrono::steady_clock::now();
    const pid_t child = start(command);
    int status = 0;
    if (child <= 0 || ::waitpid(child, &status, 0) != child) return ran;
    ran.took = std::chrono::steady_clock::now() - ran.begin;
    ran.exit_code = exit_code_of(status);
    return ran;
}

std::vector<std::vector<double>> interleave(int rounds, std::size_t candidates,
                                            const std::function<double(std::size_t candidate)>& run) {
    std::vector<std::vector<double>> times(candidates);
    for (std::size_t candidate = 0; candidate < candidates; ++candidate)
        (void)run(candidate);
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t candidate = 0; candidate < candidates; ++candidate) {
            times[candidate].push_back(run(candidate));
        }
    }
    return times;
}

double quantile(std::vector<double> values, double part) {
    if (values.empty()) return 0;
    const auto place = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5);
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
    return values[place];
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

double peak_mib(const std::string& helper, Command command, const std::string& scratch) {
    command.words.insert(command.words.begin(), {helper, scratch});
    if (run_once(command).exit_code != 0) return -1;
    double kib = -1;
    std::ifstream(scratch) >> kib;
    return kib / 1024;
}

void adopt_orphans() {
#ifdef __linux__
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
}

std::vector<pid_t> children() {
    std::vector<pid_t> found;
    std::error_code trouble;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", trouble)) {
        std::ifstream file(task.path() / "children");
        for (pid_t child = 0; file >> child;)
            found.push_back(child);
    }
    return found;
}

bool wait_for_children(std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        int status = 0;
        const pid_t gone = ::waitpid(-1, &status, WNOHANG);
        if (gone < 0 && errno == ECHILD) return true;
        if (gone > 0) continue;
        if (std::chrono::steady_clock::now() > end) return false;
        ::poll(nullptr, 0, 1);
    }
}

void end_children() {
    while (!wait_for_children(std::chrono::milliseconds(0))) {
        for (const pid_t child : children())
            ::kill(child, SIGKILL);
        (void)wait_for_children(std::chrono::milliseconds(20));
    }
}

} // namespace mcp_push::bench
