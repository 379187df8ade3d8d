// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"
#include "core/model/event.hpp"

#include <string>

namespace mcp_push {

/// The nearest folder at or above `folder` that holds `.git`; `folder` itself where there is none.
[[nodiscard]] std::string project_root(const std::string& folder);

/// Fills in project, branch and host for a folder: `.git/HEAD` is read at most, git is not asked.
void describe_place(Facts& facts, const std::string& folder, const Config& config);

} // namespace mcp_push
