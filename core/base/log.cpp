// SPDX-License-Identifier: MIT
#include "core/base/log.hpp"

#include "core/base/files.hpp"
#include "core/base/secret.hpp"
#include "core/base/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace mcp_push {
namespace {

constexpr long long k_largest_log = 1 << 20;

void keep_small(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || info.st_size <= k_largest_log) return;
    const auto newer = read_tail(path, k_largest_log / 2);
    if (!newer) return;
    const auto line = newer->find('\n');
    // Losing a line that another process writes at this moment is acceptable in a log.
    (void)write_file(path, std::string_view(*newer).substr(line == std::string::npos ? 0 : line + 1));
}

} // namespace

std::string make_log_line(std::string_view program, std::string_view text, const Clock& clock) {
    return to_iso8601(clock.now()) + " [" + std::string(program) + " " + std::to_string(::getpid()) + "] " +
           one_line(redact(text)) + "\n";
}

void log_line(const Paths& paths, std::string_view program, std::string_view text, const Clock& clock) {
    const std::string line = make_log_line(program, text, clock);
    if (!paths.state_dir.empty()) {
        if (!append_file(paths.log(), line) && make_directories(paths.state_dir)) {
            (void)append_file(paths.log(), line);
        }
        keep_small(paths.log());
    }
    const auto own = Environment().get("MCP_PUSH_HOOK_LOG_PATH");
    if (!own.empty()) (void)append_file(expand_home(own, paths), line);
}

} // namespace mcp_push
