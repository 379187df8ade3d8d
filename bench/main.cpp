// SPDX-License-Identifier: MIT
// mcp-push-bench: every speed that PRODUCT.md promises, measured in one run; see run.sh.
#include "bench/world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace {

struct Part {
    std::string_view name;
    void (*measure)(const mcp_push::bench::Setup& setup, mcp_push::bench::Report& report);
};

constexpr Part k_parts[] = {
    {"hook", &mcp_push::bench::measure_hook},
    {"wire", &mcp_push::bench::measure_wire},
    {"send", &mcp_push::bench::measure_send},
    {"outbox", &mcp_push::bench::measure_outbox},
};

int usage() {
    std::fputs("mcp-push-bench BIN_FOLDER [--rounds N] [hook] [wire] [send] [outbox]\n", stderr);
    return 64;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 5 && words[0] == "--libcurl") {
        return mcp_push::bench::post_with_libcurl(words[1], std::atoi(argv[3]), std::atoi(argv[4]),
                                                  static_cast<std::size_t>(std::atoll(argv[5])));
    }
    if (words.empty()) return usage();
    const auto own = std::filesystem::canonical("/proc/self/exe").string();
    const auto beside = std::filesystem::path(own).parent_path().string();
    const auto given = std::filesystem::absolute(words[0]).string(); // the programs run in folders of their own
    mcp_push::bench::Setup setup{.hook = given + "/mcp-push-hook",
                                 .push = given + "/mcp-push",
                                 .nothing = beside + "/bench_do_nothing",
                                 .peak = beside + "/bench_peak",
                                 .self = own};
    std::vector<std::string> chosen;
    for (std::size_t index = 1; index < words.size(); ++index) {
        if (words[index] == "--rounds" && index + 1 < words.size()) {
            setup.rounds = std::max(4, std::atoi(words[++index].c_str()));
        } else if (std::ranges::any_of(k_parts, [&](const Part& part) { return part.name == words[index]; })) {
            chosen.push_back(words[index]);
        } else {
            return usage();
        }
    }
    for (const auto* const program : {&setup.hook, &setup.push, &setup.nothing, &setup.peak}) {
        if (std::filesystem::exists(*program)) continue;
        std::fprintf(stderr, "mcp-push-bench: %s is missing\n", program->c_str());
        return 66;
    }
    mcp_push::bench::adopt_orphans();
    mcp_push::bench::Report report;
    for (const auto& part : k_parts) {
        if (chosen.empty() || std::ranges::find(chosen, part.name) != chosen.end()) part.measure(setup, report);
    }
    mcp_push::bench::end_children();
    return report.print() ? 0 : 1;
}
