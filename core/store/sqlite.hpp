// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

/// The one wrapper around SQLite; no other file includes its header.
namespace mcp_push::sqlite {

class Database;

/// A prepared statement, lent by its Database (which must outlive it): bind, read rows, let it go.
class Statement {
public:
    Statement(Statement&& other) noexcept
        : m_database(other.m_database), m_sql(other.m_sql), m_handle(std::exchange(other.m_handle, nullptr)) {}
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// Binds ?1, ?2, ... in order: integers, bool, TimePoint, texts, optional of these, nullopt. Texts are copied.
    template <class... Values>
    Statement& bind(const Values&... values) {
        rewind();
        int place = 0;
        (bind_one(++place, values), ...);
        return *this;
    }
    /// Binds the columns of another statement's row, in order.
    Statement& bind_row(const Statement& row);

    /// Steps to the next row; false when there is none left.
    [[nodiscard]] Result<bool> next();
    /// Steps to the end.
    [[nodiscard]] Status run();

    // The current row's columns, from 0. A value of another type is converted as SQLite does; NULL is 0 or "".
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] TimePoint time(int column) const { return from_millis(integer(column)); }
    [[nodiscard]] std::optional<TimePoint> optional_time(int column) const {
        if (is_null(column)) return std::nullopt;
        return time(column);
    }

private:
    friend class Database;
    Statement(Database& database, std::string_view sql, sqlite3_stmt* handle)
        : m_database(&database), m_sql(sql), m_handle(handle) {}

    void rewind();
    void bind_integer(int place, std::int64_t value);
    void bind_text(int place, std::string_view value);
    void bind_null(int place);
    template <std::integral T>
    void bind_one(int place, T value) {
        bind_integer(place, static_cast<std::int64_t>(value));
    }
    void bind_one(int place, TimePoint value) { bind_integer(place, to_millis(value)); }
    void bind_one(int place, std::string_view value) { bind_text(place, value); }
    void bind_one(int place, std::nullopt_t) { bind_null(place); }
    template <class T>
    void bind_one(int place, const std::optional<T>& value) {
        if (value) {
            bind_one(place, *value);
        } else {
            bind_null(place);
        }
    }

    Database* m_database;
    std::string_view m_sql; ///< empty: not to be kept for the next use
    sqlite3_stmt* m_handle;
    int m_trouble = 0; ///< the first error of binding; next() reports it
};

/// One connection. Errors are of kind storage and name the file.
class Database {
public:
    /// Opens an existing file (kind no_input where there is none), or ":memory:". Waits up to `patience` for others'
    /// locks, here and in every later call.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path, Millis patience);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    /// Leaves the write-ahead log as it is, see tidy().
    ~Database();

    /// `sql` must have static storage: the statement is kept, and found again by its text.
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    [[nodiscard]] Result<Statement> prepare_once(const std::string& sql);
    template <class... Values>
    [[nodiscard]] Status run(std::string_view sql, const Values&... values) {
        TRY_ASSIGN(auto statement, prepare(sql));
        return statement.bind(values...).run();
    }
    /// The first column of the first row; absent without rows or where it is NULL.
    template <class... Values>
    [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view sql, const Values&... values) {
        TRY_ASSIGN(auto statement, prepare(sql));
        TRY_ASSIGN(const bool found, statement.bind(values...).next());
        if (!found || statement.is_null(0)) return std::optional<std::int64_t>();
        return std::optional(statement.integer(0));
    }
    /// Several statements without parameters.
    [[nodiscard]] Status script(const std::string& sql);

    [[nodiscard]] std::int64_t last_id() const;
    /// How many rows the last statement wrote.
    [[nodiscard]] int changes() const;

    /// An error of some earlier call said that the file is not a sound database of ours.
    [[nodiscard]] bool damaged() const { return m_damaged; }
    /// The file that is open here is no longer the one that its path names.
    [[nodiscard]] bool moved() const;
    /// Tolerated: damaged schemas and truncated files are read as far as they go.
    enum class Damage { refused, tolerated };
    void treat_damage(Damage damage);
    /// Moves the write-ahead log into the database when it is longer than `bytes` and nobody is in the way. Otherwise
    /// it stays: a process that ends here would pay for two more flushes, and the next writer for one.
    void tidy(std::int64_t bytes);

    void set_patience(Millis patience) { m_patience = patience; }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    friend class Statement;
    explicit Database(std::string path, Millis patience) : m_path(std::move(path)), m_patience(patience) {}
    [[nodiscard]] Error error_of(int code);
    static int wait_for_lock(void* self, int tries);

    struct Kept {
        std::string_view sql;
        sqlite3_stmt* handle;
    };

    std::string m_path;
    Millis m_patience;
    Millis m_waiting_since{0};
    sqlite3* m_handle = nullptr;
    std::vector<Kept> m_kept;
    bool m_damaged = false;
};

/// BEGIN IMMEDIATE; rolled back unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    [[nodiscard]] Status commit();

private:
    explicit Transaction(Database& database) : m_database(&database) {}
    Database* m_database;
};

} // namespace mcp_push::sqlite
