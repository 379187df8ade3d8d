// SPDX-License-Identifier: MIT
#pragma once

#include "core/store/sqlite.hpp"
#include "core/store/store.hpp"

namespace mcp_push::sqlite {

/// Whoever opens the database holds "<path>.lock" shared while SQLite opens its three files; whoever creates or
/// replaces it holds it exclusively. So nobody ever combines one database with another's write-ahead log.

struct OpenedDatabase {
    std::unique_ptr<Database> database;
    std::string notice; ///< what happened to a damaged file, for the log; otherwise empty
};

/// Opens the database, ready for use. Makes folder (0700) and file (0600) when absent, migrates, and replaces a damaged
/// file by what can still be read of it, unless that is left to others.
[[nodiscard]] Result<OpenedDatabase> open_database(const std::string& path, Millis patience,
                                                   Store::Repair repair = Store::Repair::at_once);

/// The same for a database that turned out to be damaged while it was in use; `damaged` can be closed afterwards.
[[nodiscard]] Result<OpenedDatabase> reopen_damaged(Database& damaged, Millis patience);

} // namespace mcp_push::sqlite
