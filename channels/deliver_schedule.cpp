// SPDX-License-Identifier: MIT
#include "channels/deliver.hpp"

#include <algorithm>
#include <cmath>

namespace mcp_push {
namespace {

/// A message that may have arrived is not sent again sooner than this where the service cannot tell that it has it.
constexpr Millis k_ambiguous_pause{60'000};
/// How often a host that cannot be reached is tried when the schedule is used up but the time is not.
constexpr Millis k_last_pause_at_least{60'000};

bool knows_repeats(const DeliveryRow& row) {
    const auto* const type = find_channel_type(row.type);
    return type != nullptr && type->spec->capabilities.idempotency_key;
}

} // namespace

std::optional<TimePoint> next_attempt(const DeliveryOptions& options, const DeliveryRow& row, const Outcome& outcome,
                                      TimePoint now, double jitter) {
    if (is_final(outcome.kind) || options.schedule.empty()) return std::nullopt;
    const TimePoint deadline = row.created + options.give_up_after;
    if (now >= deadline) return std::nullopt;
    const auto done = static_cast<std::size_t>(std::max(row.attempts, 0));
    // A network that comes and goes uses the schedule up before its time; the time counts then.
    const bool used_up = done >= options.schedule.size();
    if (used_up && outcome.kind != OutcomeKind::no_network) return std::nullopt;
    Millis pause = options.schedule[std::min(done, options.schedule.size() - 1)];
    if (used_up) pause = std::max(pause, k_last_pause_at_least);
    if (outcome.kind == OutcomeKind::ambiguous && !knows_repeats(row)) pause = std::max(pause, k_ambiguous_pause);
    pause = Millis(std::llround(static_cast<double>(pause.count()) * (0.9 + 0.2 * jitter)));
    if (outcome.wait) pause = std::max(pause, *outcome.wait);
    // The last attempt is at the last moment rather than never, and a row that expires is looked at when it does.
    TimePoint next = std::min(now + pause, deadline);
    if (row.expires) next = std::min(next, std::max(*row.expires, now));
    return next;
}

} // namespace mcp_push
