// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

struct Imported {
    std::string toml;                ///< config.toml, secrets included
    int entries = 0;                 ///< options and channels found
    std::vector<std::string> faults; ///< "12: what is wrong", for people
};

/// The variables of a `config.sh` or `.env` as config.toml. Pure: nothing in the text is run.
[[nodiscard]] Imported import_shell_file(std::string_view text, ChannelSpecs specs);

/// The same of an environment: what it says of channels and options.
[[nodiscard]] Imported import_variables(const Environment& environment, ChannelSpecs specs);

/// A text as a TOML string.
[[nodiscard]] std::string toml_string(std::string_view text);

/// The path without links and dots; "" where it does not exist.
[[nodiscard]] std::string real_path(const std::string& path);

} // namespace mcp_push
