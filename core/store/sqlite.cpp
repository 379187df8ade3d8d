// SPDX-License-Identifier: MIT
#include "core/store/sqlite.hpp"

#include "core/base/files.hpp"
#include "core/base/ids.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mcp_push::sqlite {

Statement::~Statement() {
    if (m_handle == nullptr) return;
    if (m_sql.empty()) {
        sqlite3_finalize(m_handle);
        return;
    }
    sqlite3_reset(m_handle);
    sqlite3_clear_bindings(m_handle); // a message of 10 MiB is not to stay in memory
    m_database->m_kept.push_back({m_sql, m_handle});
}

void Statement::rewind() {
    sqlite3_reset(m_handle);
    m_trouble = SQLITE_OK;
}

void Statement::bind_integer(int place, std::int64_t value) {
    const int code = sqlite3_bind_int64(m_handle, place, value);
    if (m_trouble == SQLITE_OK) m_trouble = code;
}

void Statement::bind_text(int place, std::string_view value) {
    const char* const data = value.data() != nullptr ? value.data() : ""; // a null pointer would bind NULL
    const int code = sqlite3_bind_text64(m_handle, place, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (m_trouble == SQLITE_OK) m_trouble = code;
}

void Statement::bind_null(int place) {
    const int code = sqlite3_bind_null(m_handle, place);
    if (m_trouble == SQLITE_OK) m_trouble = code;
}

Statement& Statement::bind_row(const Statement& row) {
    rewind();
    const int count = sqlite3_bind_parameter_count(m_handle);
    for (int i = 0; i < count; ++i) {
        const int code = sqlite3_bind_value(m_handle, i + 1, sqlite3_column_value(row.m_handle, i));
        if (m_trouble == SQLITE_OK) m_trouble = code;
    }
    return *this;
}

Result<bool> Statement::next() {
    if (m_trouble != SQLITE_OK) return m_database->error_of(m_trouble);
    const int code = sqlite3_step(m_handle);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto error = m_database->error_of(code);
    sqlite3_reset(m_handle);
    return error;
}

Status Statement::run() {
    for (;;) {
        TRY_ASSIGN(const bool more, next());
        if (!more) return {};
    }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_handle, column); }

std::string Statement::text(int column) const {
    const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_handle, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_handle, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(m_handle, column) == SQLITE_NULL; }

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Millis patience) {
    std::unique_ptr<Database> database(new Database(path, patience));
    const int code =
        sqlite3_open_v2(path.c_str(), &database->m_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        auto error = database->error_of(code);
        if (database->m_handle != nullptr && sqlite3_system_errno(database->m_handle) == ENOENT) {
            error.kind = ErrorKind::no_input;
        }
        return error;
    }
    sqlite3* const handle = database->m_handle;
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_handler(handle, &Database::wait_for_lock, database.get());
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return database;
}

Database::~Database() {
    for (const auto& kept : m_kept)
        sqlite3_finalize(kept.handle);
    sqlite3_close(m_handle);
}

/// SQLite's own timeout sleeps for up to 100 ms at a time; a hook has a second in all.
int Database::wait_for_lock(void* self, int tries) {
    auto& database = *static_cast<Database*>(self);
    const Millis now = system_clock().since_boot();
    if (tries == 0) database.m_waiting_since = now;
    if (now - database.m_waiting_since >= database.m_patience) return 0;
    const double longest = tries < 20 ? 1'000 : 5'000;
    ::usleep(static_cast<useconds_t>(200 + longest * random_unit()));
    return 1;
}

Error Database::error_of(int code) {
    const auto error = [&](std::string message, std::string hint = {}) {
        return Error{ErrorKind::storage, std::move(message), std::move(hint)};
    };
    const std::string words = m_handle != nullptr ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    const int system_error = m_handle != nullptr ? sqlite3_system_errno(m_handle) : 0;
    const std::string reason = system_error != 0 ? errno_text(system_error) : words;
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        m_damaged = true;
        return error(m_path + " is damaged: " + words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error(m_path + " is locked by another process", "end the program that holds it, then try again");
    case SQLITE_FULL:
        return error("cannot write " + m_path + ": the disk is full", "free some space");
    case SQLITE_READONLY:
        return error("cannot write " + m_path + ": it is read-only");
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return error("cannot open " + m_path + ": " + reason);
    case SQLITE_IOERR:
        return error("cannot read or write " + m_path + ": " + reason);
    default:
        break;
    }
    // Our own statements fit our own schema: one that does not has lost a part of it.
    if ((code & 0xff) == SQLITE_ERROR && words.starts_with("no such ")) m_damaged = true;
    return error(m_path + ": " + words);
}

Result<Statement> Database::prepare(std::string_view sql) {
    for (auto& kept : m_kept) {
        if (kept.sql != sql) continue;
        Statement statement(*this, sql, kept.handle);
        kept = m_kept.back();
        m_kept.pop_back();
        return statement;
    }
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &handle, nullptr);
    if (code != SQLITE_OK) return error_of(code);
    return Statement(*this, sql, handle);
}

Result<Statement> Database::prepare_once(const std::string& sql) {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v2(m_handle, sql.c_str(), -1, &handle, nullptr);
    if (code != SQLITE_OK) return error_of(code);
    return Statement(*this, {}, handle);
}

Status Database::script(const std::string& sql) {
    const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(code);
    return {};
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(m_handle); }
int Database::changes() const { return sqlite3_changes(m_handle); }

bool Database::moved() const {
    int moved = 0;
    const int code = sqlite3_file_control(m_handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return code == SQLITE_OK && moved != 0;
}

void Database::treat_damage(Damage damage) {
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA, damage == Damage::tolerated ? 1 : 0, nullptr);
}

void Database::tidy(std::int64_t bytes) {
    struct stat info {};
    if (::stat((m_path + "-wal").c_str(), &info) != 0 || info.st_size <= bytes || moved()) return;
    m_patience = Millis(0);
    sqlite3_wal_checkpoint_v2(m_handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

Result<Transaction> Transaction::begin(Database& database) {
    TRY(database.run("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::~Transaction() {
    // An error of the rollback means that SQLite has rolled back by itself.
    if (m_database != nullptr) (void)m_database->run("ROLLBACK");
}

Status Transaction::commit() {
    TRY(m_database->run("COMMIT"));
    m_database = nullptr;
    return {};
}

} // namespace mcp_push::sqlite
