// SPDX-License-Identifier: MIT
#include "core/base/paths.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <unistd.h>

#include <cstdlib>
#if defined(__APPLE__)
#include <pwd.h>
#endif

namespace mcp_push {
namespace {

/// The home folder of this user from the user database. On Linux /etc/passwd is read directly: getpwuid(3) would load
/// the name service's shared libraries into a program that is otherwise static.
std::string home_from_user_database() {
#if defined(__APPLE__)
    const passwd* const entry = ::getpwuid(::getuid());
    return entry != nullptr ? entry->pw_dir : "";
#else
    const auto text = read_file("/etc/passwd", 4 << 20);
    if (!text) return {};
    const std::string uid = std::to_string(::getuid());
    for (const auto line : split(*text, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() >= 6 && fields[2] == uid) return std::string(fields[5]);
    }
    return {};
#endif
}

} // namespace

std::optional<std::string> Environment::find(std::string_view name) const {
    if (m_values) {
        const auto found = m_values->find(name);
        if (found == m_values->end()) return std::nullopt;
        return found->second;
    }
    const char* const value = ::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

Paths find_paths(const Environment& environment) {
    // The specification: a relative path in an XDG variable is to be ignored.
    const auto absolute = [&](std::string_view name) {
        auto value = environment.get(name);
        return value.starts_with('/') ? value : std::string();
    };
    Paths paths;
    paths.home = absolute("HOME");
    if (paths.home.empty()) paths.home = home_from_user_database();
    const auto place = [&](std::string_view own, std::string_view xdg, std::string_view below_home) -> std::string {
        if (auto dir = absolute(own); !dir.empty()) return dir;
        if (auto dir = absolute(xdg); !dir.empty()) return dir + "/mcp-push";
        return paths.home.empty() ? "" : paths.home + std::string(below_home) + "/mcp-push";
    };
    paths.config_dir = place("MCP_PUSH_CONFIG_DIR", "XDG_CONFIG_HOME", "/.config");
    paths.state_dir = place("MCP_PUSH_STATE_DIR", "XDG_STATE_HOME", "/.local/state");
    return paths;
}

std::string expand_home(std::string_view path, const Paths& paths) {
    if (path == "~" || path.starts_with("~/")) return paths.home + std::string(path.substr(1));
    return std::string(path);
}

std::string_view base_name(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    const auto slash = path.find_last_of('/');
    return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

std::string parent_of(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    const auto slash = path.find_last_of('/');
    if (slash == std::string_view::npos) return ".";
    return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

} // namespace mcp_push
