// SPDX-License-Identifier: MIT
#include "core/store/sqlite_store.hpp"

#include "core/base/files.hpp"
#include "core/store/event_json.hpp"
#include "core/store/migrations.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace mcp_push {
namespace {

constexpr std::array<std::pair<DeliveryState, std::string_view>, 5> k_delivery_states = {{
    {DeliveryState::waiting, "waiting"},
    {DeliveryState::leased, "leased"},
    {DeliveryState::delivered, "delivered"},
    {DeliveryState::dead, "dead"},
    {DeliveryState::cancelled, "cancelled"},
}};

} // namespace

std::string_view name_of(DeliveryState state) {
    for (const auto& [key, name] : k_delivery_states) {
        if (key == state) return name;
    }
    return "unknown";
}

std::optional<DeliveryState> parse_delivery_state(std::string_view name) {
    for (const auto& [key, word] : k_delivery_states) {
        if (word == name) return key;
    }
    return std::nullopt;
}

Result<std::unique_ptr<Store>> Store::open(const std::string& path, Millis patience, Repair repair) {
    TRY_ASSIGN(auto opened, sqlite::open_database(path, patience, repair));
    return std::unique_ptr<Store>(std::make_unique<sqlite::SqliteStore>(std::move(opened), path, patience, repair));
}

Result<std::unique_ptr<Store>> Store::open_in_memory() {
    TRY_ASSIGN(auto database, sqlite::Database::open(":memory:", Millis(0)));
    TRY(sqlite::migrate(*database));
    sqlite::OpenedDatabase opened{std::move(database), {}};
    return std::unique_ptr<Store>(
        std::make_unique<sqlite::SqliteStore>(std::move(opened), "", Millis(0), Repair::at_once));
}

namespace sqlite {
namespace {

// How much write-ahead log may stay behind. The next process that opens the database alone reads all of it, about 1 ms
// for each MiB; moving it into the database costs the one that leaves several flushes.
constexpr std::int64_t k_log_after_delivering = 256 * 1024;
constexpr std::int64_t k_log_after_keeping = 2 * 1024 * 1024;

Json json_in(const Statement& row, int column) {
    auto value = parse_json(row.text(column), k_json_unlimited);
    return value ? std::move(*value) : Json();
}

NotificationRow notification_from(const Statement& row) {
    return {.id = row.text(0),
            .created = row.time(1),
            .state = row.text(10),
            .reason = row.text(2),
            .event_key = row.text(3),
            .event = event_from(json_in(row, 9)),
            .decision = decision_from(json_in(row, 8)),
            .hold = hold_from(json_in(row, 7)),
            .due = row.time(4),
            .expires = row.optional_time(5),
            .config_dir = row.text(6)};
}

} // namespace

SqliteStore::~SqliteStore() {
    if (!m_path.empty()) m_database->tidy(m_delivers ? k_log_after_delivering : k_log_after_keeping);
}

void SqliteStore::set_patience(Millis patience) {
    m_patience = patience;
    m_database->set_patience(patience);
}

bool SqliteStore::replaced() const { return !m_path.empty() && m_database->moved() && file_exists(m_path); }

Status SqliteStore::follow_file(IfGone if_gone) {
    if (m_path.empty() || !m_database->moved()) return {};
    if (if_gone == IfGone::fail && !file_exists(m_path)) return Error{ErrorKind::storage, m_path + " is gone"};
    TRY_ASSIGN(auto opened, open_database(m_path, m_patience, m_repair));
    m_database = std::move(opened.database);
    if (!opened.notice.empty()) m_notice = std::move(opened.notice);
    return {};
}

Status SqliteStore::repair() {
    TRY_ASSIGN(auto opened, reopen_damaged(*m_database, m_patience));
    m_database = std::move(opened.database);
    if (!opened.notice.empty()) m_notice = std::move(opened.notice);
    return {};
}

DeliveryRow delivery_from(const Statement& row) {
    return {.id = row.integer(0),
            .notification = row.text(1),
            .channel = row.text(2),
            .type = row.text(3),
            .environment_key = row.text(4),
            .event = row.integer(5) != 0,
            .state = parse_delivery_state(row.text(6)).value_or(DeliveryState::dead),
            .attempts = static_cast<int>(row.integer(7)),
            .created = row.time(8),
            .next = row.time(9),
            .expires = row.optional_time(10),
            .wants_network = row.integer(11) != 0,
            .receipt = row.text(12),
            .last_detail = row.text(13),
            .last_remedy = row.text(14)};
}

Result<std::vector<DeliveryRow>> read_deliveries(Statement& statement) {
    std::vector<DeliveryRow> rows;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.next());
        if (!more) return rows;
        rows.push_back(delivery_from(statement));
    }
}

Result<std::vector<NotificationRow>> read_notifications(Statement& statement) {
    std::vector<NotificationRow> rows;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.next());
        if (!more) return rows;
        rows.push_back(notification_from(statement));
    }
}

} // namespace sqlite
} // namespace mcp_push
