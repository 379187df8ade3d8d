// SPDX-License-Identifier: MIT
#include "core/store/salvage.hpp"

#include "core/base/files.hpp"
#include "core/base/paths.hpp"
#include "core/base/text.hpp"
#include "core/store/migrations.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace mcp_push::sqlite {
namespace {

constexpr std::string_view k_tables[] = {"notifications", "deliveries", "attempts", "inbox"};

Result<std::vector<std::string>> columns_of(Database& database, std::string_view table) {
    TRY_ASSIGN(auto statement, database.prepare("SELECT name FROM pragma_table_info(?1)"));
    statement.bind(table);
    std::vector<std::string> names;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.next());
        if (!more) return names;
        names.push_back(statement.text(0));
    }
}

/// Copies one table's rows by their ids: around a page that cannot be read, from both sides and by halves.
class TableCopy {
public:
    static Result<int> run(Database& from, Database& to, std::string_view table) {
        TRY_ASSIGN(const auto wanted, columns_of(to, table));
        const auto present = columns_of(from, table);
        std::vector<std::string> common; // a damaged database may be of an older version
        for (const auto& name : wanted) {
            if (present && std::find(present->begin(), present->end(), name) != present->end()) common.push_back(name);
        }
        if (common.empty()) return 0;
        const std::vector<std::string> places(common.size(), "?");
        const std::string name(table);
        const std::string select = "SELECT " + join(common, ", ") + ", rowid FROM " + name +
                                   " NOT INDEXED WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid ";
        auto upwards = from.prepare_once(select + "ASC");
        auto downwards = from.prepare_once(select + "DESC");
        auto last = from.prepare_once("SELECT max(rowid) FROM " + name);
        if (!upwards || !downwards || !last) return 0;
        TRY_ASSIGN(auto insert, to.prepare_once("INSERT OR IGNORE INTO " + name + " (" + join(common, ", ") +
                                                ") VALUES (" + join(places, ", ") + ")"));
        const auto has_last = last->next();
        const std::int64_t highest = has_last && *has_last ? last->integer(0) : std::int64_t{1} << 40;
        TableCopy copy{*upwards, *downwards, insert, static_cast<int>(common.size()), to};
        TRY(copy.range(1, highest));
        return copy.m_copied;
    }

private:
    TableCopy(Statement& upwards, Statement& downwards, Statement& insert, int id_column, Database& to)
        : m_upwards(upwards), m_downwards(downwards), m_insert(insert), m_id_column(id_column), m_to(to) {}

    Status range(std::int64_t low, std::int64_t high) {
        if (low > high || m_budget-- <= 0) return {};
        std::int64_t below = low - 1;
        TRY_ASSIGN(const bool all, scan(m_upwards.bind(low, high), below));
        if (all) return {};
        std::int64_t above = high + 1;
        TRY_ASSIGN(const bool rest, scan(m_downwards.bind(below + 1, high), above));
        if (rest || below + 1 >= above - 1) return {};
        const std::int64_t middle = below + 1 + (above - 2 - below) / 2;
        TRY(range(below + 1, middle));
        return range(middle + 1, above - 1);
    }

    /// Whether the scan came to its end; `reached` is the last row that could be read. Errors are the new database's.
    Result<bool> scan(Statement& rows, std::int64_t& reached) {
        for (;;) {
            const auto more = rows.next();
            if (!more || !*more) return more.ok();
            TRY(m_insert.bind_row(rows).run());
            m_copied += m_to.changes();
            reached = rows.integer(m_id_column);
        }
    }

    Statement& m_upwards;
    Statement& m_downwards;
    Statement& m_insert;
    int m_id_column;
    Database& m_to;
    int m_budget = 4'000; ///< ranges to try
    int m_copied = 0;
};

struct Saved {
    int notifications = 0;
    int deliveries = 0;
};

Result<Saved> copy_readable(Database& from, Database& to) {
    Saved saved;
    TRY(to.script("PRAGMA foreign_keys = OFF")); // the rows that others refer to may be the ones that are lost
    TRY_ASSIGN(auto transaction, Transaction::begin(to));
    for (const auto table : k_tables) {
        TRY_ASSIGN(const int copied, TableCopy::run(from, to, table));
        if (table == "notifications") saved.notifications = copied;
    }
    TRY(to.script("DELETE FROM deliveries WHERE notification NOT IN (SELECT seq FROM notifications);"
                  "DELETE FROM attempts WHERE delivery NOT IN (SELECT id FROM deliveries)"));
    TRY_ASSIGN(const auto deliveries, to.number("SELECT count(*) FROM deliveries"));
    saved.deliveries = static_cast<int>(deliveries.value_or(0));
    TRY(transaction.commit());
    return saved;
}

bool schema_readable(Database& database) {
    const auto columns = columns_of(database, k_tables[0]);
    return columns && !columns->empty();
}

/// A copy of a database whose first page is unusable, with the first page of a new one: the same program lays out the
/// same tables in the same order, so that the rest of the file mostly fits. Error kinds do not matter here.
Result<std::string> make_stand_in(const std::string& path, const std::string& model) {
    const std::string stand_in = path + ".salvage-copy";
    TRY_ASSIGN(auto page, read_file(model));
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(page[at]); };
    if (page.size() < 512) return Error{ErrorKind::internal, model + " is no database"};
    page.resize(static_cast<std::size_t>(byte(16) << 8 | byte(17)));
    page.replace(18, 2, "\2\2");               // with a write-ahead log
    page.replace(28, 4, std::string(4, '\0')); // the number of pages: as the file's size tells
    TRY_ASSIGN(auto bytes, read_file(path, SIZE_MAX));
    if (bytes.size() < page.size()) return Error{ErrorKind::storage, path + " is too short"};
    bytes.replace(0, page.size(), page);
    TRY(write_file(stand_in, bytes));
    if (const auto log = read_file(path + "-wal", SIZE_MAX)) TRY(write_file(stand_in + "-wal", *log));
    return stand_in;
}

void remove_database(const std::string& path) {
    for (const char* const ending : {"", "-wal", "-shm", "-journal"})
        ::unlink((path + ending).c_str());
}

/// A new database at `path` with what can be read of `damaged`.
Result<Saved> build(const std::string& path, Database& damaged, Millis patience) {
    remove_database(path);
    TRY(write_file(path, ""));
    {
        TRY_ASSIGN(const auto empty, Database::open(path, patience));
        TRY(migrate(*empty));
    }
    std::unique_ptr<Database> stand_in;
    if (!schema_readable(damaged)) {
        auto opened = Result<std::unique_ptr<Database>>(Error{});
        if (const auto copy = make_stand_in(damaged.path(), path)) opened = Database::open(*copy, patience);
        if (opened) stand_in = std::move(*opened);
    }
    TRY_ASSIGN(const auto fresh, Database::open(path, patience));
    if (stand_in) stand_in->treat_damage(Database::Damage::tolerated);
    auto saved = copy_readable(stand_in ? *stand_in : damaged, *fresh);
    if (stand_in) remove_database(stand_in->path());
    if (saved) TRY(fresh->script("PRAGMA journal_mode = WAL"));
    return saved;
}

Status rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return Error{ErrorKind::storage, "cannot rename " + from + " to " + to + ": " + errno_text(errno)};
}

/// Sets the damaged files aside and puts the replacement in their place; the new name of the damaged one.
Result<std::string> exchange_files(const std::string& path) {
    long long stamp = to_millis(system_clock().now());
    while (file_exists(path + ".damaged-" + std::to_string(stamp)))
        ++stamp;
    const std::string aside = path + ".damaged-" + std::to_string(stamp);
    // From here to the last rename the replacement is found and put in place by whoever opens the database next.
    TRY(rename_file(path, aside));
    for (const char* const companion : {"-wal", "-shm"}) {
        if (file_exists(path + companion)) TRY(rename_file(path + companion, aside + companion));
    }
    TRY(rename_file(replacement_of(path), path));
    return aside;
}

Result<std::string> replace(Database& damaged, Millis patience) {
    const std::string& path = damaged.path();
    const std::string building = path + ".salvage";
    remove_database(replacement_of(path));
    TRY_ASSIGN(const auto saved, build(building, damaged, patience));
    for (const char* const companion : {"-wal", "-shm"})
        ::unlink((building + companion).c_str()); // empty
    TRY(rename_file(building, replacement_of(path)));
    TRY_ASSIGN(const auto aside, exchange_files(path));
    return path + " was damaged and is now " + aside +
           "; still readable, and kept: " + std::to_string(saved.notifications) + " messages, " +
           std::to_string(saved.deliveries) + " deliveries";
}

} // namespace

std::string replacement_of(const std::string& path) { return path + ".new"; }

Result<std::string> replace_damaged(Database& damaged, Millis patience) {
    damaged.treat_damage(Database::Damage::tolerated);
    // Other writers wait from here on, where the damage lets us lock at all; what they commit later goes to the new
    // one.
    (void)damaged.script("BEGIN IMMEDIATE");
    auto replaced = replace(damaged, patience);
    (void)damaged.script("ROLLBACK");
    damaged.treat_damage(Database::Damage::refused);
    return replaced;
}

} // namespace mcp_push::sqlite
