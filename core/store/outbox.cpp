// SPDX-License-Identifier: MIT
// Keeping notifications, and those that are held back.
#include "core/base/ids.hpp"
#include "core/store/event_json.hpp"
#include "core/store/sqlite_store.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push::sqlite {

/// What is made before the transaction begins, so that others do not wait for it.
struct SqliteStore::Texts {
    std::string id;
    std::string event;
    std::string decision;
    std::string hold;
};

Result<Kept> SqliteStore::keep(const NewNotification& notification, TimePoint now) {
    const bool held = notification.hold.kind != Hold::none;
    const Texts texts{make_ulid(now), dump_json(json_of(notification.event)), dump_json(json_of(notification.decision)),
                      held ? dump_json(json_of(notification.hold)) : std::string()};
    return on_database([&] { return keep_once(notification, texts, now); }, IfGone::make_anew);
}

Result<Kept> SqliteStore::keep_once(const NewNotification& notification, const Texts& texts, TimePoint now) {
    auto& database = *m_database;
    TRY_ASSIGN(auto transaction, Transaction::begin(database));
    Kept kept{KeepResult::kept, texts.id};
    std::optional<std::string> key;
    if (!notification.event_key.empty()) {
        key = notification.event_key;
        TRY_ASSIGN(auto find, database.prepare("SELECT seq, id, state FROM notifications WHERE event_key = ?1"));
        TRY_ASSIGN(const bool found, find.bind(*key).next());
        // Its own id: written before the file was replaced under us, and carried over to the new one.
        if (found && find.text(1) == texts.id) return kept;
        if (found && find.text(2) != "held") return Kept{KeepResult::duplicate, find.text(1)};
        if (found) {
            const std::int64_t old = find.integer(0);
            TRY(database.run("UPDATE notifications SET state = 'cancelled', reason = 'superseded', event_key = NULL "
                             "WHERE seq = ?1",
                             old));
            TRY(database.run("UPDATE deliveries SET state = 'cancelled', detail = 'superseded' WHERE notification = ?1 "
                             "AND state = 'waiting'",
                             old));
            kept.result = KeepResult::superseded;
        }
    }
    const bool held = notification.hold.kind != Hold::none;
    TRY(database.run("INSERT OR IGNORE INTO notifications (id, event_key, created, state, due, expires, config_dir, "
                     "hold, decision, event, inbox_title, inbox_body) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                     texts.id, key, now, held ? "held" : "queued", std::max(now, notification.due),
                     notification.expires, notification.config_dir, texts.hold, texts.decision, texts.event,
                     held ? notification.inbox_title : "", held ? notification.inbox_body : ""));
    if (database.changes() == 0) return kept; // the id is there already, as above
    const std::int64_t seq = database.last_id();
    TRY(add_deliveries(notification, seq, now));
    if (!held) {
        TRY(add_to_inbox(database, seq, now, notification.decision.urgency, notification.inbox_title,
                         notification.inbox_body));
    }
    TRY(transaction.commit());
    return kept;
}

Status SqliteStore::add_deliveries(const NewNotification& notification, std::int64_t seq, TimePoint now) {
    for (const auto& target : notification.targets) {
        const auto state = target.done_already ? DeliveryState::delivered : DeliveryState::waiting;
        TRY(m_database->run("INSERT INTO deliveries (notification, channel, type, environment_key, event, state, "
                            "attempts, born, next) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                            seq, target.channel, target.type, target.environment_key, target.event, name_of(state),
                            target.done_already ? 1 : 0, now, std::max(now, notification.due)));
        if (!target.done_already) continue;
        TRY(m_database->run("INSERT INTO attempts (delivery, at, outcome) VALUES (?1, ?2, ?3)", m_database->last_id(),
                            now, name_of(OutcomeKind::delivered)));
    }
    return {};
}

Result<std::vector<NotificationRow>> SqliteStore::due_holds(TimePoint now) {
    return on_database([&]() -> Result<std::vector<NotificationRow>> {
        TRY_ASSIGN(auto statement, m_database->prepare("SELECT " MCP_PUSH_NOTIFICATION_COLUMNS
                                                       " FROM notifications n WHERE n.state = 'held' AND n.due <= ?1 "
                                                       "ORDER BY n.seq"));
        return read_notifications(statement.bind(now));
    });
}

Status SqliteStore::release_hold(const std::string& id, TimePoint now) {
    return on_database([&] { return release_once(id, now); });
}

Status SqliteStore::release_once(const std::string& id, TimePoint now) {
    auto& database = *m_database;
    TRY_ASSIGN(auto transaction, Transaction::begin(database));
    {
        TRY_ASSIGN(auto find, database.prepare("SELECT seq, decision, inbox_title, inbox_body FROM notifications "
                                               "WHERE id = ?1 AND state = 'held'"));
        TRY_ASSIGN(const bool found, find.bind(id).next());
        if (!found) return {};
        const std::int64_t seq = find.integer(0);
        const auto decision = parse_json(find.text(1), k_json_unlimited);
        const auto urgency = decision ? decision_from(*decision).urgency : Urgency::normal;
        TRY(add_to_inbox(database, seq, now, urgency, find.text(2), find.text(3)));
        TRY(database.run("UPDATE deliveries SET next = ?1, born = ?1 WHERE notification = ?2 AND state = 'waiting'",
                         now, seq));
    }
    TRY(database.run("UPDATE notifications SET state = 'queued', due = ?1, inbox_title = '', inbox_body = '' "
                     "WHERE id = ?2",
                     now, id));
    return transaction.commit();
}

Status SqliteStore::postpone_hold(const std::string& id, TimePoint due) {
    return on_database(
        [&] { return m_database->run("UPDATE notifications SET due = ?1 WHERE id = ?2 AND state = 'held'", due, id); });
}

Status SqliteStore::cancel_hold(const std::string& id, std::string_view reason) {
    return on_database([&]() -> Status {
        TRY_ASSIGN(auto transaction, Transaction::begin(*m_database));
        TRY(m_database->run("UPDATE deliveries SET state = 'cancelled', detail = ?2 WHERE state = 'waiting' AND "
                            "notification = (SELECT seq FROM notifications WHERE id = ?1 AND state = 'held')",
                            id, reason));
        TRY(m_database->run("UPDATE notifications SET state = 'cancelled', reason = ?2, event_key = NULL "
                            "WHERE id = ?1 AND state = 'held'",
                            id, reason));
        return transaction.commit();
    });
}

Status SqliteStore::hasten_hold(std::string_view event_key, TimePoint now) {
    return on_database([&] {
        return m_database->run("UPDATE notifications SET due = ?1 WHERE event_key = ?2 AND state = 'held' AND due > ?1",
                               now, event_key);
    });
}

Result<NotificationRow> SqliteStore::find_notification(const std::string& id) {
    return on_database([&]() -> Result<NotificationRow> {
        TRY_ASSIGN(auto statement, m_database->prepare("SELECT " MCP_PUSH_NOTIFICATION_COLUMNS
                                                       " FROM notifications n WHERE n.id = ?1"));
        TRY_ASSIGN(auto rows, read_notifications(statement.bind(id)));
        if (rows.empty()) return Error{ErrorKind::no_input, "no notification has the id " + id};
        return std::move(rows.front());
    });
}

} // namespace mcp_push::sqlite
