// SPDX-License-Identifier: MIT
#include "bench/world.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mcp_push::bench {

Home::Home(const Setup& setup)
    : m_setup(setup), m_path(std::filesystem::current_path().string() + "/bench-home-XXXXXX") {
    if (::mkdtemp(m_path.data()) == nullptr) {
        std::perror("bench: home folder");
        std::exit(1);
    }
    std::filesystem::create_directories(m_path + "/.config/mcp-push");
    std::filesystem::create_directories(m_path + "/project");
}

Home::~Home() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::string Home::write(const std::string& name, const std::string& text) const {
    const auto path = m_path + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), 0600);
    return path;
}

void Home::configure(const std::vector<std::string>& urls) const {
    std::string text;
    for (std::size_t index = 0; index < urls.size(); ++index) {
        text +=
            "[channels.sink" + std::to_string(index) + "]\ntype = \"custom_notify\"\nurl = \"" + urls[index] + "\"\n";
    }
    (void)write(".config/mcp-push/config.toml", text);
}

void Home::forget_state() const {
    std::error_code ignored;
    std::filesystem::remove_all(m_path + "/.local", ignored);
}

std::vector<std::string> Home::environment() const {
    return {"HOME=" + m_path, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "MCP_PUSH_BIN=" + m_setup.push};
}

Command Home::hook(const std::string& input, bool always_tell) const {
    Command command{
        .words = {m_setup.hook}, .environment = environment(), .input = input, .folder = m_path + "/project"};
    if (always_tell) command.environment.emplace_back("MCP_PUSH_THRESHOLD=0s");
    return command;
}

Command Home::push(std::vector<std::string> words) const {
    words.insert(words.begin(), m_setup.push);
    return {.words = std::move(words), .environment = environment(), .folder = m_path + "/project"};
}

Payloads::Payloads(const std::string& session, const std::string& home, const std::string& transcript) {
    const auto common = R"({"session_id":")" + session + R"(","transcript_path":")" + transcript + R"(","cwd":")" +
                        home + R"(/project","prompt_id":"p-)" + session + R"(","permission_mode":"default",)";
    prompt = common + R"("hook_event_name":"UserPromptSubmit","prompt":"Build the release and run the tests"})" + "\n";
    stop = common + R"("hook_event_name":"Stop","stop_hook_active":false,"last_assistant_message":")" +
           std::string(600, 'x') + R"(","background_tasks":[],"session_crons":[]})" + "\n";
}

} // namespace mcp_push::bench
