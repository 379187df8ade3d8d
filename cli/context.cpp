// SPDX-License-Identifier: MIT
#include "cli/context.hpp"

#include "channels/specs.hpp"
#include "core/base/files.hpp"
#include "core/base/log.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace mcp_push {
namespace {

constexpr std::string_view k_program = "mcp-push";

std::string current_folder() {
    std::string folder(4096, '\0');
    if (::getcwd(folder.data(), folder.size()) == nullptr) return {};
    folder.resize(folder.find('\0'));
    return folder;
}

} // namespace

Context::Context()
    : paths(find_paths(environment)), clock(system_clock()), out(STDOUT_FILENO, environment),
      err(STDERR_FILENO, environment), m_folder(current_folder()) {}

const Config& Context::config() {
    if (!m_config) {
        m_config = load_config(
            {.environment = environment, .paths = paths, .specs = channel_specs(), .folder = m_folder, .flags = {}});
    }
    return *m_config;
}

bool Context::has_store() const { return !paths.state_dir.empty() && file_exists(paths.database()); }

Result<Store*> Context::store() {
    if (!m_store) {
        if (paths.state_dir.empty()) {
            return Error{ErrorKind::storage, "there is no home folder for the outbox",
                         "set HOME or MCP_PUSH_STATE_DIR"};
        }
        TRY_ASSIGN(m_store, Store::open(paths.database()));
        if (const auto notice = m_store->take_notice(); !notice.empty()) complain(notice);
    }
    return m_store.get();
}

void Context::complain(std::string_view text) {
    out.flush();
    err.line("mcp-push: " + std::string(text));
    err.flush();
    log(text);
}

void Context::log(std::string_view text) const { log_line(paths, k_program, text, clock); }

Result<std::string> read_standard_input(std::size_t limit) {
    std::string text;
    std::array<char, 64 * 1024> buffer{};
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error{ErrorKind::no_input, "standard input cannot be read: " + errno_text(errno)};
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > limit) {
            return Error{ErrorKind::payload, "standard input is longer than " + std::to_string(limit >> 20) + " MiB"};
        }
    }
}

Result<long long> parse_count(std::string_view option, std::string_view text, long long least) {
    long long count = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (code != std::errc() || end != text.data() + text.size() || count < least) {
        return Error{ErrorKind::usage, std::string(option) + " cannot be \"" + std::string(text) + "\"",
                     "a whole number of at least " + std::to_string(least)};
    }
    return count;
}

} // namespace mcp_push
