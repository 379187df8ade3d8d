// SPDX-License-Identifier: MIT
// The record of every message, for a person to read; it depends on no channel.
#include "core/store/sqlite_store.hpp"

#include <algorithm>
#include <limits>

namespace mcp_push::sqlite {

Status add_to_inbox(Database& database, std::int64_t notification, TimePoint at, Urgency urgency,
                    std::string_view title, std::string_view body) {
    return database.run("INSERT INTO inbox (notification, at, urgency, title, body) VALUES (?1, ?2, ?3, ?4, ?5)",
                        notification, at, name_of(urgency), title, body);
}

Result<std::vector<InboxRow>> SqliteStore::list_inbox(bool unread_only, std::size_t limit) {
    return on_database([&]() -> Result<std::vector<InboxRow>> {
        TRY_ASSIGN(auto statement,
                   m_database->prepare("SELECT i.id, n.id, i.at, i.title, i.body, i.urgency, i.read FROM inbox i "
                                       "LEFT JOIN notifications n ON n.seq = i.notification "
                                       "WHERE NOT (?1 AND i.read) ORDER BY i.id DESC LIMIT ?2"));
        statement.bind(unread_only, std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
        std::vector<InboxRow> rows;
        for (;;) {
            TRY_ASSIGN(const bool more, statement.next());
            if (!more) return rows;
            rows.push_back({.id = statement.integer(0),
                            .notification = statement.text(1),
                            .at = statement.time(2),
                            .title = statement.text(3),
                            .body = statement.text(4),
                            .urgency = parse_urgency(statement.text(5)).value_or(Urgency::normal),
                            .read = statement.integer(6) != 0});
        }
    });
}

Status SqliteStore::mark_read(std::optional<std::int64_t> id) {
    return on_database(
        [&] { return m_database->run("UPDATE inbox SET read = 1 WHERE NOT read AND (?1 IS NULL OR id = ?1)", id); });
}

} // namespace mcp_push::sqlite
