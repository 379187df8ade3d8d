// SPDX-License-Identifier: MIT
// What the deliverer does with deliveries: leases, attempts, waiting for the network.
#include "core/base/text.hpp"
#include "core/store/sqlite_store.hpp"

namespace mcp_push::sqlite {
namespace {

constexpr std::size_t k_longest_detail = 2048;

/// A statement that marks rows, and how many it marked.
template <class... Values>
Result<int> count_changed(Database& database, std::string_view sql, const Values&... values) {
    TRY(database.run(sql, values...));
    return database.changes();
}

} // namespace

Result<std::vector<DeliveryRow>> SqliteStore::lease_due(std::string_view owner, TimePoint now, std::size_t limit) {
    m_delivers = true;
    return on_database([&] { return lease_once(owner, now, limit); });
}

Result<std::vector<DeliveryRow>> SqliteStore::lease_once(std::string_view owner, TimePoint now, std::size_t limit) {
    TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
    std::vector<DeliveryRow> rows;
    std::vector<std::int64_t> expired;
    {
        // INDEXED BY and CROSS JOIN: along the waiting deliveries in their order, and no further than needed.
        TRY_ASSIGN(auto due, m_database->prepare(
                                 "SELECT " MCP_PUSH_DELIVERY_COLUMNS " FROM deliveries d INDEXED BY deliveries_waiting "
                                 "CROSS JOIN notifications n ON n.seq = d.notification WHERE d.state = 'waiting' AND "
                                 "d.next <= ?1 AND n.state = 'queued' ORDER BY d.notification, d.id"));
        due.bind(now);
        while (rows.size() < limit) {
            TRY_ASSIGN(const bool more, due.next());
            if (!more) break;
            auto row = delivery_from(due);
            if (row.expires && *row.expires < now) {
                expired.push_back(row.id);
            } else {
                row.state = DeliveryState::leased;
                rows.push_back(std::move(row));
            }
        }
    }
    for (const auto id : expired) {
        TRY(m_database->run("UPDATE deliveries SET state = 'cancelled', detail = 'too old' WHERE id = ?1", id));
    }
    for (const auto& row : rows) {
        TRY(m_database->run("UPDATE deliveries SET state = 'leased', owner = ?2 WHERE id = ?1", row.id, owner));
    }
    if (expired.empty() && rows.empty()) return rows;
    TRY(transaction.commit());
    return rows;
}

Result<int> SqliteStore::take_back_leases(std::string_view owner, TimePoint now) {
    m_delivers = true;
    return on_database([&] {
        return count_changed(*m_database,
                             "UPDATE deliveries SET state = 'waiting', owner = '', next = ?1 "
                             "WHERE state = 'leased' AND owner <> ?2",
                             now, owner);
    });
}

Status SqliteStore::give_back(std::int64_t delivery) {
    return on_database([&] {
        return m_database->run("UPDATE deliveries SET state = 'waiting', owner = '' WHERE id = ?1 AND state = 'leased'",
                               delivery);
    });
}

Status SqliteStore::put_off(const std::vector<PutOff>& rows) {
    return on_database([&]() -> Status {
        TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
        for (const auto& row : rows) {
            TRY(m_database->run("UPDATE deliveries SET state = 'waiting', owner = '', next = ?2, wants_network = ?3 "
                                "WHERE id = ?1 AND state = 'leased'",
                                row.delivery, row.next, row.wants_network));
        }
        return transaction.commit();
    });
}

Status SqliteStore::record_attempts(const std::vector<AttemptResult>& results) {
    return on_database([&]() -> Status {
        TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
        for (const auto& result : results)
            TRY(record_once(result));
        return transaction.commit();
    });
}

Status SqliteStore::record_once(const AttemptResult& result) {
    const auto& attempt = result.attempt;
    const auto detail = cut(attempt.detail, k_longest_detail);
    // A delivery that was purged meanwhile takes no attempts; the others' are written all the same.
    TRY(m_database->run("INSERT INTO attempts (delivery, at, took, outcome, status, detail) "
                        "SELECT id, ?2, ?3, ?4, ?5, ?6 FROM deliveries WHERE id = ?1",
                        attempt.delivery, attempt.at, attempt.took.count(), name_of(attempt.outcome), attempt.status,
                        detail));
    return m_database->run("UPDATE deliveries SET state = ?2, owner = '', attempts = attempts + ?3, next = ?4, "
                           "wants_network = ?5, detail = ?6, remedy = ?7, "
                           "receipt = CASE WHEN ?8 = '' THEN receipt ELSE ?8 END "
                           "WHERE id = ?1 AND state <> 'delivered'",
                           attempt.delivery, name_of(result.state), result.counts, result.next, result.wants_network,
                           detail, result.remedy, result.receipt);
}

Status SqliteStore::clock_set_back(Millis by, TimePoint now) {
    return on_database([&]() -> Status {
        TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
        TRY(m_database->run("UPDATE notifications SET expires = expires - ?1 WHERE expires > ?2 AND seq IN "
                            "(SELECT notification FROM deliveries WHERE state = 'waiting')",
                            by.count(), now));
        TRY(m_database->run("UPDATE deliveries SET next = next - ?1 WHERE state = 'waiting' AND next > ?2", by.count(),
                            now));
        TRY(m_database->run("UPDATE deliveries SET born = born - ?1 WHERE state IN ('waiting', 'leased') AND born > ?2",
                            by.count(), now));
        TRY(m_database->run("UPDATE notifications SET due = due - ?1 WHERE state = 'held' AND due > ?2", by.count(),
                            now));
        return transaction.commit();
    });
}

Result<int> SqliteStore::network_returned(TimePoint now) {
    return on_database([&] {
        return count_changed(*m_database,
                             "UPDATE deliveries SET next = ?1 WHERE state = 'waiting' AND wants_network AND next > ?1",
                             now);
    });
}

Result<std::optional<TimePoint>> SqliteStore::next_due() {
    return on_database([&]() -> Result<std::optional<TimePoint>> {
        TRY_ASSIGN(const auto held, m_database->number("SELECT min(due) FROM notifications WHERE state = 'held'"));
        TRY_ASSIGN(const auto waiting,
                   m_database->number("SELECT min(d.next) FROM deliveries d INDEXED BY deliveries_waiting "
                                      "CROSS JOIN notifications n ON n.seq = d.notification "
                                      "WHERE d.state = 'waiting' AND n.state = 'queued'"));
        if (!held && !waiting) return std::optional<TimePoint>();
        if (!held || !waiting) return std::optional(from_millis(held ? *held : *waiting));
        return std::optional(from_millis(std::min(*held, *waiting)));
    });
}

Result<std::vector<DeliveryRow>> SqliteStore::without_network() {
    return on_database([&]() -> Result<std::vector<DeliveryRow>> {
        TRY_ASSIGN(auto statement,
                   m_database->prepare("SELECT " MCP_PUSH_DELIVERY_COLUMNS
                                       ", min(d.id) FROM deliveries d JOIN notifications n ON n.seq = d.notification "
                                       "WHERE d.state = 'waiting' AND d.wants_network AND n.state = 'queued' "
                                       "GROUP BY n.config_dir, d.environment_key, d.channel ORDER BY min(d.id)"));
        return read_deliveries(statement);
    });
}

Result<std::vector<TimePoint>> SqliteStore::sent_since(std::string_view channel, std::string_view environment_key,
                                                       TimePoint since) {
    return on_database([&]() -> Result<std::vector<TimePoint>> {
        TRY_ASSIGN(
            auto statement,
            m_database->prepare("SELECT a.at FROM attempts a JOIN deliveries d ON d.id = a.delivery "
                                "WHERE a.at >= ?1 AND d.channel = ?2 AND d.environment_key = ?3 AND a.outcome IN "
                                "('delivered', 'accepted', 'duplicate', 'rate_limited') ORDER BY a.at"));
        statement.bind(since, channel, environment_key);
        std::vector<TimePoint> times;
        for (;;) {
            TRY_ASSIGN(const bool more, statement.next());
            if (!more) return times;
            times.push_back(statement.time(0));
        }
    });
}

} // namespace mcp_push::sqlite
