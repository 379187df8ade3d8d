// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mcp_push {

/// The environment as a value, so that tests and a deliverer that stands in for another terminal can give their own.
/// An unset and an empty variable are different things; most readers treat them alike.
class Environment {
public:
    using Map = std::map<std::string, std::string, std::less<>>;

    /// Reads the process's own environment at each call.
    Environment() = default;
    explicit Environment(Map values) : m_values(std::move(values)) {}

    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
    /// The value, or "" when unset.
    [[nodiscard]] std::string get(std::string_view name) const { return find(name).value_or(std::string()); }

private:
    std::optional<Map> m_values;
};

/// Where our files are (XDG Base Directory Specification). Absolute paths; an empty member means that it cannot be
/// told (no HOME and no entry in the user database).
struct Paths {
    std::string home;
    std::string config_dir; ///< $MCP_PUSH_CONFIG_DIR, $XDG_CONFIG_HOME/mcp-push or ~/.config/mcp-push
    std::string state_dir;  ///< $MCP_PUSH_STATE_DIR, $XDG_STATE_HOME/mcp-push or ~/.local/state/mcp-push

    [[nodiscard]] std::string config_file() const { return config_dir + "/config.toml"; }
    [[nodiscard]] std::string database() const { return state_dir + "/outbox.db"; }
    [[nodiscard]] std::string sessions_dir() const { return state_dir + "/sessions"; }
    [[nodiscard]] std::string journal() const { return state_dir + "/journal.jsonl"; }
    [[nodiscard]] std::string log() const { return state_dir + "/mcp-push.log"; }
    [[nodiscard]] std::string trusted() const { return state_dir + "/trusted"; }
    [[nodiscard]] std::string env_channels() const { return state_dir + "/env-channels"; }
    [[nodiscard]] std::string deliverer_lock() const { return state_dir + "/deliver.lock"; }
    [[nodiscard]] std::string deliverer_wake() const { return state_dir + "/deliver.wake"; }
};

[[nodiscard]] Paths find_paths(const Environment& environment);

/// "~" and "~/..." replaced by the home folder.
[[nodiscard]] std::string expand_home(std::string_view path, const Paths& paths);
/// The last component of a path.
[[nodiscard]] std::string_view base_name(std::string_view path);
/// Everything before the last component; "." for a bare name.
[[nodiscard]] std::string parent_of(std::string_view path);

} // namespace mcp_push
