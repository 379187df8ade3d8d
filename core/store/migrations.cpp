// SPDX-License-Identifier: MIT
#include "core/store/migrations.hpp"

#include <array>

namespace mcp_push::sqlite {
namespace {

/// Step n leads from version n to version n + 1. Databases with every one of these versions are on people's disks: a
/// step is never edited, a change of the schema is a new one at the end.
///
/// Long texts stand last in their rows: whatever follows them costs a walk along their overflow pages.
constexpr std::array k_steps = {
    // notifications: event_key is NULL where the message may be repeated and where a cancelled one gave its key up;
    // state is held, queued or cancelled; the inbox texts are here only while it is held.
    // deliveries: born is where the clock of giving up starts.
    R"(
CREATE TABLE notifications (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event_key TEXT,
    created INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    due INTEGER NOT NULL,
    expires INTEGER,
    config_dir TEXT NOT NULL DEFAULT '',
    hold TEXT NOT NULL DEFAULT '',
    decision TEXT NOT NULL,
    event TEXT NOT NULL,
    inbox_title TEXT NOT NULL DEFAULT '',
    inbox_body TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX notifications_key ON notifications(event_key) WHERE event_key IS NOT NULL;
CREATE INDEX notifications_held ON notifications(due) WHERE state = 'held';
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    notification INTEGER NOT NULL REFERENCES notifications(seq) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    type TEXT NOT NULL,
    environment_key TEXT NOT NULL DEFAULT '',
    event INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    born INTEGER NOT NULL,
    next INTEGER NOT NULL,
    wants_network INTEGER NOT NULL DEFAULT 0,
    receipt TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_notification ON deliveries(notification);
CREATE INDEX deliveries_waiting ON deliveries(notification, id, next) WHERE state = 'waiting';
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES deliveries(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    took INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX attempts_delivery ON attempts(delivery);
CREATE INDEX attempts_at ON attempts(at);
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    notification INTEGER,
    at INTEGER NOT NULL,
    read INTEGER NOT NULL DEFAULT 0,
    urgency TEXT NOT NULL DEFAULT 'normal',
    title TEXT NOT NULL,
    body TEXT NOT NULL
);
)",
};

} // namespace

int schema_version() { return static_cast<int>(k_steps.size()); }

Status migrate(Database& database) {
    TRY_ASSIGN(auto transaction, Transaction::begin(database));
    TRY_ASSIGN(const auto found, database.number("PRAGMA user_version"));
    const std::int64_t version = found.value_or(0);
    if (version == schema_version()) return {};
    if (version < 0 || version > schema_version()) {
        return Error{ErrorKind::storage,
                     database.path() + " has schema version " + std::to_string(version) +
                         ", this mcp-push knows versions up to " + std::to_string(schema_version()),
                     "use the newer mcp-push that wrote it, or set MCP_PUSH_STATE_DIR to another folder"};
    }
    for (auto step = static_cast<std::size_t>(version); step < k_steps.size(); ++step) {
        TRY(database.script(k_steps[step]));
    }
    TRY(database.script("PRAGMA user_version = " + std::to_string(schema_version())));
    return transaction.commit();
}

} // namespace mcp_push::sqlite
