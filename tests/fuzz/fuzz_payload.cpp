// SPDX-License-Identifier: MIT
// An agent's payload, its transcript and the hook's command line: read, never a crash, and never an agent without id.
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "hooks/agent.hpp"
#include "hooks/arguments.hpp"
#include "tests/fuzz/input.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace mcp_push;

namespace {

const Environment k_environment(Environment::Map{{"HOME", "/nonexistent"}, {"CLAUDE_PID", "12"}});

void decode(std::string_view text) {
    const auto payload = parse_json(text);
    if (!payload) return;
    for (const AgentSpec* const agent : agent_specs()) {
        if (!agent->recognises(*payload, k_environment)) continue;
        const auto decoded = agent->decode(*payload, k_environment);
        if (!decoded) continue;
        fuzz::require(!decoded->signal.session.empty(), "a payload that was understood names its session");
    }
}

/// Records are read from a file by name; one in the temporary folder, written over and over.
void read_records(std::string_view text) {
    static const std::string path = "/tmp/mcp-push-fuzz-records-" + std::to_string(::getpid());
    if (!write_file(path, text)) return;
    for (const AgentSpec* const agent : agent_specs()) {
        if (agent->find_prompt != nullptr) (void)agent->find_prompt(path, "p-1");
        if (agent->find_failure != nullptr) (void)agent->find_failure(path, "p-1");
        if (agent->dealt_with != nullptr) (void)agent->dealt_with(path, from_millis(1'700'000'000'000));
    }
    ::unlink(path.c_str());
}

void read_arguments(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty() && words.size() < 16) {
        const auto end = text.find('\n');
        words.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    const auto arguments = parse_hook_arguments(words);
    if (!arguments) return;
    (void)parse_time(arguments->start_time);
    if (arguments->wait) fuzz::require(*arguments->wait <= Millis(30'000), "a hook waits 30 s at most");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.byte()) {
    case 't':
        read_records(input.rest());
        break;
    case 'a':
        read_arguments(input.rest());
        break;
    default:
        decode({reinterpret_cast<const char*>(data), size});
        break;
    }
    return 0;
}
