// SPDX-License-Identifier: MIT
#include "core/store/database_file.hpp"

#include "core/base/files.hpp"
#include "core/base/paths.hpp"
#include "core/store/migrations.hpp"
#include "core/store/salvage.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace mcp_push::sqlite {
namespace {

Result<FileLock> lock_files(const std::string& path, Millis patience, FileLock::Share share) {
    auto lock = FileLock::acquire(path + ".lock", patience, share);
    if (!lock && lock.error().kind == ErrorKind::no_input) {
        TRY(make_directories(parent_of(path), 0700));
        lock = FileLock::acquire(path + ".lock", patience, share);
    }
    if (!lock) lock.error().kind = ErrorKind::storage;
    return lock;
}

/// An empty file that nobody else may read; SQLite gives its companions the same mode.
Status create_file(const std::string& path) {
    const FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file || errno == EEXIST) return {};
    return Error{ErrorKind::storage, "cannot create " + path + ": " + errno_text(errno)};
}

/// The log that a process left behind that ended between the renames of replace_damaged() belongs to the damaged file:
/// beside another database it would be replayed into it.
Status finish_replacing(const std::string& path) {
    for (const char* const companion : {"-wal", "-shm"})
        ::unlink((path + companion).c_str());
    if (::rename(replacement_of(path).c_str(), path.c_str()) == 0) return {};
    return Error{ErrorKind::storage, "cannot put " + replacement_of(path) + " in place: " + errno_text(errno)};
}

/// With the files locked exclusively: makes the database one that open_if_ready() takes.
Result<std::string> make_ready(const std::string& path, Millis patience, Store::Repair repair) {
    if (!file_exists(path)) {
        if (file_exists(replacement_of(path))) {
            TRY(finish_replacing(path));
        } else {
            TRY(create_file(path));
        }
    }
    TRY_ASSIGN(auto database, Database::open(path, patience));
    auto done = database->script("PRAGMA journal_mode = WAL");
    if (done) done = migrate(*database);
    if (done) return std::string();
    if (!database->damaged() || repair == Store::Repair::left_to_others) return std::move(done).error();
    return replace_damaged(*database, patience);
}

/// What every connection needs.
Status configure(Database& database) {
    TRY(database.script("PRAGMA synchronous = FULL"));
#if defined(__APPLE__)
    TRY(database.script("PRAGMA fullfsync = 1")); // fsync(2) alone does not reach the disk there
#endif
    return {};
}

/// Null where the database has to be made ready first.
Result<std::unique_ptr<Database>> open_if_ready(const std::string& path, Millis patience) {
    auto database = Database::open(path, patience);
    if (!database && database.error().kind == ErrorKind::no_input) return std::unique_ptr<Database>();
    if (!database) return database;
    const auto version = (*database)->number("PRAGMA user_version");
    if (!version && !(*database)->damaged()) return version.error();
    if (!version || *version != schema_version()) return std::unique_ptr<Database>();
    auto configured = configure(**database);
    if (!configured) return std::move(configured).error();
    return database;
}

} // namespace

Result<OpenedDatabase> open_database(const std::string& path, Millis patience, Store::Repair repair) {
    std::string notice;
    for (int turn = 0;; ++turn) {
        {
            TRY_ASSIGN(const auto lock, lock_files(path, patience, FileLock::Share::shared));
            TRY_ASSIGN(auto database, open_if_ready(path, patience));
            if (database) return OpenedDatabase{std::move(database), std::move(notice)};
        }
        // Only somebody who removes the file over and over again can bring us here a third time.
        if (turn == 2) return Error{ErrorKind::storage, "cannot open " + path + ": it does not stay in place"};
        TRY_ASSIGN(const auto lock, lock_files(path, patience, FileLock::Share::exclusive));
        TRY_ASSIGN(const auto said, make_ready(path, patience, repair));
        if (!said.empty()) notice = said;
    }
}

Result<OpenedDatabase> reopen_damaged(Database& damaged, Millis patience) {
    std::string notice;
    {
        TRY_ASSIGN(const auto lock, lock_files(damaged.path(), patience, FileLock::Share::exclusive));
        if (!damaged.moved()) { // otherwise another process has replaced it in the meantime
            TRY_ASSIGN(notice, replace_damaged(damaged, patience));
        }
    }
    TRY_ASSIGN(auto opened, open_database(damaged.path(), patience));
    if (opened.notice.empty()) opened.notice = std::move(notice);
    return opened;
}

} // namespace mcp_push::sqlite
