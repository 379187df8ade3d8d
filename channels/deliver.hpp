// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"
#include "channels/net/http_client.hpp"
#include "core/config/config.hpp"
#include "core/store/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mcp_push {

/// Carries out a LocalRequest. Real: net/local_sender.cpp.
class LocalSender {
public:
    virtual ~LocalSender() = default;
    [[nodiscard]] virtual Outcome send(const LocalRequest& request) = 0;
};
[[nodiscard]] std::unique_ptr<LocalSender> make_local_sender(const Environment& environment);

/// What the deliverer needs of the world.
struct DeliverContext {
    Store& store;
    HttpClient& http;
    LocalSender& local;
    const Clock& clock;
    Paths paths;
    Environment environment;
    /// The store is in memory and this process's own: nobody else is to be kept out, and nobody can wake it.
    bool alone = false;
    /// The configuration of a folder (cached by the caller), read again when its files changed.
    std::function<const Config&(const std::string& config_dir)> config_of;
    /// Facts that only the deliverer may look for: git's changed files, the hitokoto sentence. May be null in tests.
    std::function<void(NotificationRow& row)> enrich;
    /// Whether a held notification may go now; absent: not to be known yet, ask again at the returned time.
    std::function<struct HoldAnswer(const NotificationRow& row, TimePoint now)> check_hold;
    /// Says what a person may want to find in the log.
    std::function<void(std::string_view line)> log;
};

struct HoldAnswer {
    enum class What { release, cancel, later } what = What::release;
    TimePoint again{}; ///< for later
    std::string reason;
};

/// One pass: checks due holds, leases due deliveries, sends them all at once, records what came of them. Returns how
/// many deliveries were tried. `owner` names this process's leases.
[[nodiscard]] Result<int> deliver_due(DeliverContext& context, const std::string& owner);

enum class Stay { until_done, while_anything_waits, for_ever };

/// The deliverer's life: takes the lock (or leaves at once), takes back dead leases, delivers, sleeps until the next
/// row is due or a hook wakes it, probes for a network that was missing. Returns when nothing waits (or is due, by
/// `stay`), when the store is gone, or when `stop_requested()`. Kind timeout when another deliverer is at work.
[[nodiscard]] Status run_deliverer(DeliverContext& context, Stay stay, const std::function<bool()>& stop_requested);

/// When a delivery is tried next, by the schedule, the service's wait and the outcome; absent: it is given up.
[[nodiscard]] std::optional<TimePoint> next_attempt(const DeliveryOptions& options, const DeliveryRow& row,
                                                    const Outcome& outcome, TimePoint now, double jitter);

} // namespace mcp_push
