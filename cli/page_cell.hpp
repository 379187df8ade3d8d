// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/text.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// A text as it stands in a cell of a Markdown table: on one line, and without what would end the cell or open a tag.
[[nodiscard]] inline std::string page_cell(std::string_view text) {
    return replace_all(replace_all(one_line(text), "|", "\\|"), "<", "&lt;");
}

} // namespace mcp_push
