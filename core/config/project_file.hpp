// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"
#include "core/config/config_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

/// A project's own files, as far as they count.
struct ProjectFiles {
    std::string folder;             ///< of the TOML file
    std::optional<ConfigFile> toml; ///< the nearest `.mcp-push.toml` from the working folder up
    bool trusted = false;           ///< the user trusts it as it is
    std::vector<ConfigFile> shell;  ///< config.sh and .env of a trusted folder, the stronger first
};

/// The search goes up to the folder that holds `.git`, to the home folder and never above it, and stays on one file
/// system and out of folders that anybody may write to.
[[nodiscard]] ProjectFiles find_project_files(const std::string& folder, const Paths& paths,
                                              std::vector<Problem>& problems);

} // namespace mcp_push
