// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"
#include "core/config/config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

inline constexpr std::size_t k_config_file_limit = 1 << 20;

/// A configuration file as it was when it was opened.
struct ConfigFile {
    std::string path;
    std::string shown;           ///< for people: the home folder is "~"
    std::string text;            ///< without a byte order mark
    bool open_to_others = false; ///< group or others may read it
    bool foreign = false;        ///< it belongs neither to us nor to root
};

/// Absent when there is no such file, and when it cannot be used: that is a Problem.
[[nodiscard]] std::optional<ConfigFile> load_config_file(const std::string& path, const Paths& paths,
                                                         std::vector<Problem>& problems,
                                                         std::size_t limit = k_config_file_limit);

/// A path as people know it.
[[nodiscard]] std::string shown_path(std::string_view path, const Paths& paths);

/// The Problem of a file that holds secrets and that others may read.
[[nodiscard]] Problem open_to_others_problem(const ConfigFile& file);

} // namespace mcp_push
