// SPDX-License-Identifier: MIT
// What people ask of the outbox: listings, retry, purge.
#include "core/store/sqlite_store.hpp"

#include <algorithm>
#include <limits>

namespace mcp_push::sqlite {
namespace {

std::int64_t as_limit(std::size_t limit) {
    return static_cast<std::int64_t>(
        std::min(limit, static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max())));
}

} // namespace

Result<std::vector<DeliveryRow>> SqliteStore::list_deliveries(std::string_view state_or_all, std::size_t limit) {
    if (state_or_all != "all" && !parse_delivery_state(state_or_all)) {
        return Error{ErrorKind::usage, "there is no delivery state \"" + std::string(state_or_all) + "\"",
                     "one of: all, waiting, leased, delivered, dead, cancelled"};
    }
    return on_database([&]() -> Result<std::vector<DeliveryRow>> {
        TRY_ASSIGN(auto statement,
                   m_database->prepare("SELECT " MCP_PUSH_DELIVERY_COLUMNS
                                       " FROM deliveries d JOIN notifications n ON n.seq = d.notification "
                                       "WHERE ?1 = 'all' OR d.state = ?1 ORDER BY d.id DESC LIMIT ?2"));
        return read_deliveries(statement.bind(state_or_all, as_limit(limit)));
    });
}

Result<std::vector<DeliveryRow>> SqliteStore::deliveries_of(const std::string& notification) {
    return on_database([&]() -> Result<std::vector<DeliveryRow>> {
        TRY_ASSIGN(auto statement,
                   m_database->prepare("SELECT " MCP_PUSH_DELIVERY_COLUMNS
                                       " FROM notifications n JOIN deliveries d ON d.notification = n.seq "
                                       "WHERE n.id = ?1 ORDER BY d.id"));
        return read_deliveries(statement.bind(notification));
    });
}

Result<std::vector<AttemptRow>> SqliteStore::attempts_of(std::int64_t delivery) {
    return on_database([&]() -> Result<std::vector<AttemptRow>> {
        TRY_ASSIGN(auto statement, m_database->prepare("SELECT at, took, outcome, status, detail FROM attempts "
                                                       "WHERE delivery = ?1 ORDER BY id"));
        statement.bind(delivery);
        std::vector<AttemptRow> rows;
        for (;;) {
            TRY_ASSIGN(const bool more, statement.next());
            if (!more) return rows;
            rows.push_back({.delivery = delivery,
                            .at = statement.time(0),
                            .took = Millis(statement.integer(1)),
                            .outcome = parse_outcome(statement.text(2)).value_or(OutcomeKind::transient),
                            .status = static_cast<int>(statement.integer(3)),
                            .detail = statement.text(4)});
        }
    });
}

Result<std::vector<NotificationRow>> SqliteStore::list_notifications(std::size_t limit) {
    return on_database([&]() -> Result<std::vector<NotificationRow>> {
        TRY_ASSIGN(auto statement, m_database->prepare("SELECT " MCP_PUSH_NOTIFICATION_COLUMNS
                                                       " FROM notifications n ORDER BY n.seq DESC LIMIT ?1"));
        return read_notifications(statement.bind(as_limit(limit)));
    });
}

Result<int> SqliteStore::retry(std::optional<std::string> notification, bool also_waiting, TimePoint now) {
    return on_database([&]() -> Result<int> {
        TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
        TRY(m_database->run(
            "UPDATE notifications SET expires = NULL WHERE expires IS NOT NULL AND state = 'queued' AND "
            "(?1 IS NULL OR id = ?1) AND EXISTS (SELECT 1 FROM deliveries d WHERE d.notification = seq "
            "AND (d.state = 'dead' OR (?2 AND d.state = 'waiting')))",
            notification, also_waiting));
        TRY(m_database->run(
            "UPDATE deliveries SET state = 'waiting', next = ?3, born = ?3, attempts = 0, "
            "wants_network = 0 WHERE (state = 'dead' OR (?2 AND state = 'waiting')) AND notification IN "
            "(SELECT seq FROM notifications WHERE state = 'queued' AND (?1 IS NULL OR id = ?1))",
            notification, also_waiting, now));
        const int count = m_database->changes();
        TRY(transaction.commit());
        return count;
    });
}

Result<int> SqliteStore::purge(TimePoint before, bool also_dead) {
    return on_database([&]() -> Result<int> {
        TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
        TRY(m_database->run("DELETE FROM notifications WHERE created < ?1 AND state <> 'held' AND NOT EXISTS "
                            "(SELECT 1 FROM deliveries d WHERE d.notification = seq AND "
                            "(d.state IN ('waiting', 'leased') OR (d.state = 'dead' AND NOT ?2)))",
                            before, also_dead));
        const int count = m_database->changes();
        TRY(m_database->run("DELETE FROM inbox WHERE notification IS NOT NULL AND "
                            "notification NOT IN (SELECT seq FROM notifications)"));
        TRY(transaction.commit());
        return count;
    });
}

} // namespace mcp_push::sqlite
