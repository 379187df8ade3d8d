// SPDX-License-Identifier: MIT
#pragma once

#include "channels/deliver.hpp"
#include "channels/deliver_lane.hpp"
#include "channels/deliver_prepare.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mcp_push {

/// The deliveries that this process has leased, from the lease to the attempt row. Each channel has a queue of its own,
/// so that one that hangs or is over its budget holds up no other. Nothing blocks but `work`.
class DeliveryPass {
public:
    DeliveryPass(DeliverContext& context, std::string owner);
    DeliveryPass(const DeliveryPass&) = delete;
    DeliveryPass& operator=(const DeliveryPass&) = delete;
    ~DeliveryPass();

    /// Releases, cancels or postpones the holds that are due.
    [[nodiscard]] Status check_holds();
    /// Leases what is due and starts what may be started.
    struct Leased {
        std::size_t count = 0;
        bool left_some = false; ///< there was no room for all
    };
    [[nodiscard]] Result<Leased> take_due();
    /// Sends for at most `limit`; returns earlier when something finished or `wake_fd` is readable.
    void work(Millis limit, int wake_fd = -1);
    /// Writes down what has finished, in batches unless `at_once`. What cannot be written is kept and tried again.
    enum class When { in_batches, at_once };
    [[nodiscard]] Status record(When when);
    /// Tries every host that could not be reached for a connection.
    [[nodiscard]] Status probe();
    /// Gives back what has not been started and ends what has.
    [[nodiscard]] Status stop();

    /// Whether anything is leased and not yet answered.
    [[nodiscard]] bool busy() const { return m_flying_count > 0 || m_queued > 0; }
    [[nodiscard]] bool has_unrecorded() const { return !m_results.empty() || !m_put_off.empty(); }
    /// Whether more may be leased: at the limit the rows stay in the store.
    [[nodiscard]] bool has_room() const;
    /// Whether a row waits for a network to return.
    [[nodiscard]] bool wants_network() const { return m_wants_network; }
    /// Whether a service answered since the last call.
    [[nodiscard]] bool take_reached() { return std::exchange(m_reached, false); }
    /// Whether a host that could not be reached took a connection since the last call.
    [[nodiscard]] bool take_returned() { return std::exchange(m_returned, false); }
    [[nodiscard]] int tried() const { return m_tried; }

private:
    struct Job {
        DeliveryRow row;
        std::shared_ptr<const NotificationRow> notification;
        std::shared_ptr<const ReadyChannel> channel;
        std::vector<Part> parts; ///< made when it is first sent
        Progress progress;
        TimePoint began{};
        Millis began_boot{0};
        bool plain = false; ///< the service refused the markup
        int status = 0;
    };
    struct Queue {
        Lane lane;
        std::deque<std::unique_ptr<Job>> waiting;
        std::size_t flying = 0;
        bool down = false; ///< its host was not reached the last time
    };
    struct Reply {
        std::int64_t delivery;
        HttpReply reply;
    };

    Queue& queue_of(const DeliveryRow& row);
    void start_queued();
    void start_queue(Queue& queue);
    /// Empties the queue into the store: until a slot of the channel's budget, or until its host is tried again.
    void put_off_waiting(Queue& queue, std::optional<TimePoint> down);
    /// Makes the message; an outcome where that is not possible.
    [[nodiscard]] std::optional<Outcome> prepare(Job& job);
    void begin(Queue& queue, std::unique_ptr<Job> job);
    void send_part(Queue& queue, std::unique_ptr<Job> job);
    void settle_part(Queue& queue, std::unique_ptr<Job> job, Outcome outcome);
    void take_replies();
    void take_reply(const Reply& answer);
    void finish(Queue& queue, const Job& job, Outcome outcome);
    void say(const Job& job, const Store::AttemptResult& result, bool given_up) const;
    [[nodiscard]] Result<std::shared_ptr<const NotificationRow>> load(const std::string& id);

    DeliverContext& m_context;
    std::string m_owner;
    ChannelSource m_channels;
    std::map<std::string, Queue> m_queues;
    std::unordered_map<std::int64_t, std::unique_ptr<Job>> m_flying;
    std::size_t m_flying_count = 0;
    std::size_t m_queued = 0;
    std::vector<Reply> m_replies;
    std::vector<Store::AttemptResult> m_results;
    std::vector<Store::PutOff> m_put_off;
    Millis m_oldest_result{0};
    std::map<std::string, std::shared_ptr<const NotificationRow>> m_notifications;
    std::set<std::string> m_probing;
    std::vector<std::string> m_probed; ///< queues whose host was reached by a probe
    bool m_wants_network = true;       ///< until the store has been asked
    bool m_reached = false;
    bool m_returned = false;
    bool m_stopping = false;
    int m_tried = 0;
};

} // namespace mcp_push
