// SPDX-License-Identifier: MIT
#pragma once

#include "core/store/sqlite.hpp"

namespace mcp_push::sqlite {

/// The schema's version that this program reads and writes; a database keeps its own in PRAGMA user_version.
[[nodiscard]] int schema_version();

/// Brings a database to schema_version(), all steps in one transaction. Does nothing where another process was faster;
/// an error, naming both versions, where the database is newer than this program.
[[nodiscard]] Status migrate(Database& database);

} // namespace mcp_push::sqlite
