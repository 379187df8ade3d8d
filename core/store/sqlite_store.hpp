// SPDX-License-Identifier: MIT
#pragma once

#include "core/store/database_file.hpp"
#include "core/store/store.hpp"

namespace mcp_push::sqlite {

/// Store on SQLite. Its methods are spread over sqlite_store.cpp, outbox.cpp, leases.cpp, history.cpp and inbox.cpp.
class SqliteStore final : public Store {
public:
    SqliteStore(OpenedDatabase opened, std::string path, Millis patience, Repair repair)
        : m_path(std::move(path)), m_patience(patience), m_repair(repair), m_database(std::move(opened.database)),
          m_notice(std::move(opened.notice)) {}
    ~SqliteStore() override;

    void set_patience(Millis patience) override;
    [[nodiscard]] std::string take_notice() override { return std::exchange(m_notice, {}); }
    [[nodiscard]] Result<Kept> keep(const NewNotification& notification, TimePoint now) override;

    [[nodiscard]] Result<std::vector<NotificationRow>> due_holds(TimePoint now) override;
    [[nodiscard]] Status release_hold(const std::string& id, TimePoint now) override;
    [[nodiscard]] Status postpone_hold(const std::string& id, TimePoint due) override;
    [[nodiscard]] Status cancel_hold(const std::string& id, std::string_view reason) override;
    [[nodiscard]] Status hasten_hold(std::string_view event_key, TimePoint now) override;

    [[nodiscard]] Result<std::vector<DeliveryRow>> lease_due(std::string_view owner, TimePoint now,
                                                             std::size_t limit) override;
    [[nodiscard]] Result<int> take_back_leases(std::string_view owner, TimePoint now) override;
    [[nodiscard]] Status give_back(std::int64_t delivery) override;
    [[nodiscard]] Status put_off(const std::vector<PutOff>& rows) override;
    [[nodiscard]] Status clock_set_back(Millis by, TimePoint now) override;
    [[nodiscard]] Status record_attempts(const std::vector<AttemptResult>& results) override;
    [[nodiscard]] Result<int> network_returned(TimePoint now) override;
    [[nodiscard]] Result<std::optional<TimePoint>> next_due() override;
    [[nodiscard]] Result<std::vector<DeliveryRow>> without_network() override;
    [[nodiscard]] Result<std::vector<TimePoint>> sent_since(std::string_view channel, std::string_view environment_key,
                                                            TimePoint since) override;
    [[nodiscard]] Result<NotificationRow> find_notification(const std::string& id) override;

    [[nodiscard]] Result<std::vector<DeliveryRow>> list_deliveries(std::string_view state_or_all,
                                                                   std::size_t limit) override;
    [[nodiscard]] Result<std::vector<DeliveryRow>> deliveries_of(const std::string& notification) override;
    [[nodiscard]] Result<std::vector<AttemptRow>> attempts_of(std::int64_t delivery) override;
    [[nodiscard]] Result<std::vector<NotificationRow>> list_notifications(std::size_t limit) override;
    [[nodiscard]] Result<std::vector<InboxRow>> list_inbox(bool unread_only, std::size_t limit) override;
    [[nodiscard]] Status mark_read(std::optional<std::int64_t> id) override;
    [[nodiscard]] Result<int> retry(std::optional<std::string> notification, bool also_waiting, TimePoint now) override;
    [[nodiscard]] Result<int> purge(TimePoint before, bool also_dead) override;

private:
    enum class IfGone { fail, make_anew };

    /// Runs `operation` on the file that the path names now: once more where that file was replaced meanwhile, and
    /// after a repair where it turned out to be damaged. An operation may so run twice, on two different files.
    template <class Operation>
    auto on_database(const Operation& operation, IfGone if_gone = IfGone::fail) -> decltype(operation()) {
        for (int turn = 0;; ++turn) {
            TRY(follow_file(if_gone));
            auto result = operation();
            if (turn == 2) return result;
            if (!result && m_database->damaged() && m_repair == Repair::at_once && !m_path.empty()) {
                TRY(repair());
            } else if (!replaced()) {
                return result;
            }
        }
    }
    [[nodiscard]] Status follow_file(IfGone if_gone);
    [[nodiscard]] Status repair();
    [[nodiscard]] bool replaced() const;

    struct Texts;
    [[nodiscard]] Result<Kept> keep_once(const NewNotification& notification, const Texts& texts, TimePoint now);
    [[nodiscard]] Status add_deliveries(const NewNotification& notification, std::int64_t seq, TimePoint now);
    [[nodiscard]] Status release_once(const std::string& id, TimePoint now);
    [[nodiscard]] Result<std::vector<DeliveryRow>> lease_once(std::string_view owner, TimePoint now, std::size_t limit);
    [[nodiscard]] Status record_once(const AttemptResult& result);

    std::string m_path;
    Millis m_patience;
    Repair m_repair;
    std::unique_ptr<Database> m_database;
    std::string m_notice;
    bool m_delivers = false; ///< this process drains the outbox, so it also tidies up
};

/// Adds an inbox row.
[[nodiscard]] Status add_to_inbox(Database& database, std::int64_t notification, TimePoint at, Urgency urgency,
                                  std::string_view title, std::string_view body);

// Columns of `deliveries d` and `notifications n`, in the order of the readers below.
#define MCP_PUSH_DELIVERY_COLUMNS                                                                                      \
    "d.id, n.id, d.channel, d.type, d.environment_key, d.event, d.state, d.attempts, d.born, d.next, n.expires, "      \
    "d.wants_network, d.receipt, d.detail, d.remedy"
#define MCP_PUSH_NOTIFICATION_COLUMNS                                                                                  \
    "n.id, n.created, n.reason, n.event_key, n.due, n.expires, n.config_dir, n.hold, n.decision, n.event, "            \
    "CASE WHEN n.state = 'queued' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notification = n.seq AND "        \
    "d.state IN ('waiting', 'leased')) THEN 'done' ELSE n.state END"

[[nodiscard]] Result<std::vector<DeliveryRow>> read_deliveries(Statement& statement);
[[nodiscard]] Result<std::vector<NotificationRow>> read_notifications(Statement& statement);
[[nodiscard]] DeliveryRow delivery_from(const Statement& row);

} // namespace mcp_push::sqlite
