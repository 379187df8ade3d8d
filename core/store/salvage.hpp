// SPDX-License-Identifier: MIT
#pragma once

#include "core/store/sqlite.hpp"

namespace mcp_push::sqlite {

/// With the files locked exclusively: builds a new database from the rows that can still be read, sets the damaged one
/// aside as "<path>.damaged-<milliseconds>" and puts the new one in its place. Says what was done, for the log. Other
/// processes that have the damaged one open notice by Database::moved().
[[nodiscard]] Result<std::string> replace_damaged(Database& damaged, Millis patience);

/// Where the new database stands, whole, before it is put in place.
[[nodiscard]] std::string replacement_of(const std::string& path);

} // namespace mcp_push::sqlite
