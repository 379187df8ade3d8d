// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/model/decision.hpp"
#include "core/model/event.hpp"
#include "core/model/hold.hpp"
#include "core/model/outcome.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

/// A notification to keep, with one delivery for each channel.
struct NewNotification {
    Event event;
    Decision decision;
    std::string event_key; ///< unique; "" for a message that may be repeated (`send`)
    HoldRef hold;
    TimePoint due{};                  ///< not before this
    std::optional<TimePoint> expires; ///< not after this
    std::string config_dir;           ///< where the channels' file is
    std::string inbox_title;
    std::string inbox_body; ///< CommonMark
    struct Target {
        std::string channel;
        std::string type;
        std::string environment_key;
        bool event = false;        ///< the structured half
        bool done_already = false; ///< told through the hook's own reply (the terminal)
    };
    std::vector<Target> targets;
};

enum class KeepResult {
    kept,
    duplicate,  ///< this event was kept before: nothing was written
    superseded, ///< kept; it took the place of a held one with the same key
};

struct Kept {
    KeepResult result = KeepResult::kept;
    std::string id; ///< the notification's id
};

enum class DeliveryState { waiting, leased, delivered, dead, cancelled };
[[nodiscard]] std::string_view name_of(DeliveryState state);
[[nodiscard]] std::optional<DeliveryState> parse_delivery_state(std::string_view name);

/// One notification on one channel, as the deliverer sees it.
struct DeliveryRow {
    std::int64_t id = 0;
    std::string notification; ///< its id
    std::string channel;
    std::string type;
    std::string environment_key;
    bool event = false;
    DeliveryState state = DeliveryState::waiting;
    int attempts = 0;
    TimePoint created{}; ///< where giving up is counted from: kept, let go after a hold, or retried by a person
    TimePoint next{};
    std::optional<TimePoint> expires;
    bool wants_network = false; ///< the last attempt failed for want of a network
    std::string receipt;
    std::string last_detail;
    std::string last_remedy;
};

struct NotificationRow {
    std::string id;
    TimePoint created{};
    std::string state;     ///< held, queued (a delivery is still open), done, cancelled
    std::string reason;    ///< why it was cancelled
    std::string event_key; ///< "" once given up
    Event event;
    Decision decision;
    HoldRef hold;
    TimePoint due{};
    std::optional<TimePoint> expires;
    std::string config_dir;
};

struct AttemptRow {
    std::int64_t delivery = 0;
    TimePoint at{};
    Millis took{0};
    OutcomeKind outcome = OutcomeKind::transient;
    int status = 0;
    std::string detail;
};

struct InboxRow {
    std::int64_t id = 0;
    std::string notification;
    TimePoint at{};
    std::string title;
    std::string body; ///< CommonMark
    Urgency urgency = Urgency::normal;
    bool read = false;
};

/// The database behind outbox, history and inbox. One per process; methods may be called from one thread. Errors are of
/// kind storage. SQLite: WAL, synchronous FULL, so that what was kept survives a power failure; a damaged file is moved
/// aside ("outbox.db.damaged-<time>"), said in take_notice(), and replaced by a fresh one with every row that can still
/// be read. A file that was replaced or removed while it is open here is opened again; where it is gone, only keep()
/// makes a new one.
class Store {
public:
    /// A hook has no time to rescue a large file's rows: to it a damaged one is an error, and the deliverer repairs it.
    enum class Repair { at_once, left_to_others };
    /// Creates the folder and the file when absent; runs migrations. Waits up to `patience` for a locked database, here
    /// and in each call.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::string& path, Millis patience = Millis(700),
                                                             Repair repair = Repair::at_once);
    /// For tests.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open_in_memory();
    virtual ~Store() = default;

    /// How long the calls from now on wait for a locked database.
    virtual void set_patience(Millis patience) = 0;

    /// What a person should find in the log about the file itself; "" when all is well. Each notice is given once.
    [[nodiscard]] virtual std::string take_notice() = 0;

    /// One transaction: message, inbox row (unless held), deliveries, event key.
    [[nodiscard]] virtual Result<Kept> keep(const NewNotification& notification, TimePoint now) = 0;

    // --- for the deliverer ---
    /// Held notifications that are due at `now`.
    [[nodiscard]] virtual Result<std::vector<NotificationRow>> due_holds(TimePoint now) = 0;
    /// Lets a held notification go: its deliveries become due at once, the inbox row is written. Nothing happens to one
    /// that is no longer held; the same is true of the next three.
    [[nodiscard]] virtual Status release_hold(const std::string& id, TimePoint now) = 0;
    [[nodiscard]] virtual Status postpone_hold(const std::string& id, TimePoint due) = 0;
    [[nodiscard]] virtual Status cancel_hold(const std::string& id, std::string_view reason) = 0;
    /// Makes a turn's held notification due at once (the agent said that it is idle).
    [[nodiscard]] virtual Status hasten_hold(std::string_view event_key, TimePoint now) = 0;

    /// Marks due deliveries as leased by `owner` and returns them, oldest notification first. Those that have expired
    /// are cancelled instead ("too old").
    [[nodiscard]] virtual Result<std::vector<DeliveryRow>> lease_due(std::string_view owner, TimePoint now,
                                                                     std::size_t limit) = 0;
    /// Gives back every lease that is not `owner`'s: whoever holds the deliverer's lock may call this.
    [[nodiscard]] virtual Result<int> take_back_leases(std::string_view owner, TimePoint now) = 0;
    /// Leases back to waiting, untouched (a deliverer that is asked to stop).
    [[nodiscard]] virtual Status give_back(std::int64_t delivery) = 0;
    /// Leases back to waiting until `next` without an attempt: the channel's rate budget is used up, or its host was
    /// found unreachable a moment ago (`wants_network`).
    struct PutOff {
        std::int64_t delivery = 0;
        TimePoint next{};
        bool wants_network = false;
    };
    [[nodiscard]] virtual Status put_off(const std::vector<PutOff>& rows) = 0;
    /// The wall clock was set back by `by`: waiting deliveries and holds that are due after `now` keep their distance
    /// to it, so `by` is taken from the moments they wait for.
    [[nodiscard]] virtual Status clock_set_back(Millis by, TimePoint now) = 0;
    /// Appends the attempt and sets the delivery's new state, in one transaction.
    struct AttemptResult {
        AttemptRow attempt;
        DeliveryState state = DeliveryState::waiting;
        TimePoint next{};
        bool wants_network = false;
        bool counts = true; ///< false: rate budget or probe, not an attempt of the schedule
        std::string receipt;
        std::string remedy;
    };
    [[nodiscard]] virtual Status record_attempts(const std::vector<AttemptResult>& results) = 0;
    /// Rows that failed for want of a network become due at `now`.
    [[nodiscard]] virtual Result<int> network_returned(TimePoint now) = 0;
    /// The earliest moment at which a hold or a delivery is due; absent when nothing waits.
    [[nodiscard]] virtual Result<std::optional<TimePoint>> next_due() = 0;
    /// Waiting deliveries that want a network: one per channel, for the probe.
    [[nodiscard]] virtual Result<std::vector<DeliveryRow>> without_network() = 0;
    /// Times of the successful or rate-limited attempts on a channel since `since`, for its rate budget.
    [[nodiscard]] virtual Result<std::vector<TimePoint>>
    sent_since(std::string_view channel, std::string_view environment_key, TimePoint since) = 0;
    [[nodiscard]] virtual Result<NotificationRow> find_notification(const std::string& id) = 0;

    // --- for people --- listings begin with the newest
    /// A state's name or "all".
    [[nodiscard]] virtual Result<std::vector<DeliveryRow>> list_deliveries(std::string_view state_or_all,
                                                                           std::size_t limit) = 0;
    [[nodiscard]] virtual Result<std::vector<DeliveryRow>> deliveries_of(const std::string& notification) = 0;
    [[nodiscard]] virtual Result<std::vector<AttemptRow>> attempts_of(std::int64_t delivery) = 0;
    [[nodiscard]] virtual Result<std::vector<NotificationRow>> list_notifications(std::size_t limit) = 0;
    [[nodiscard]] virtual Result<std::vector<InboxRow>> list_inbox(bool unread_only, std::size_t limit) = 0;
    [[nodiscard]] virtual Status mark_read(std::optional<std::int64_t> id) = 0;
    /// Dead (and, with `also_waiting`, waiting) deliveries become due at once with a fresh schedule and no expiry; the
    /// number of them.
    [[nodiscard]] virtual Result<int> retry(std::optional<std::string> notification, bool also_waiting,
                                            TimePoint now) = 0;
    /// Removes finished notifications older than `before` with their deliveries, attempts and inbox rows; with
    /// `also_dead` the dead letter too. The number of notifications.
    [[nodiscard]] virtual Result<int> purge(TimePoint before, bool also_dead) = 0;
};

} // namespace mcp_push
