// SPDX-License-Identifier: MIT
#include "hooks/wait.hpp"

#include <unistd.h>

namespace mcp_push {

Status wait_for_outcomes(Teller& teller, const std::vector<std::string>& notifications, Millis limit) {
    constexpr unsigned k_pause_us = 20'000;
    const Clock& clock = teller.world().clock;
    const Millis end = clock.since_boot() + limit;
    TRY_ASSIGN(Store* const store, teller.store());
    for (;;) {
        bool open = false;
        std::string failed;
        for (const auto& id : notifications) {
            const auto deliveries = store->deliveries_of(id);
            if (!deliveries) {
                if (clock.since_boot() >= end) return deliveries.error();
                open = true;
                continue;
            }
            for (const auto& row : *deliveries) {
                const bool tried = row.attempts > 0 && row.state != DeliveryState::leased;
                open |= !tried && (row.state == DeliveryState::waiting || row.state == DeliveryState::leased);
                if (tried && row.state != DeliveryState::delivered)
                    failed += row.channel + ": " + row.last_detail + "; ";
            }
        }
        if (!open) {
            if (failed.empty()) return {};
            return Error{ErrorKind::network, "not delivered yet: " + failed.substr(0, failed.size() - 2)};
        }
        if (clock.since_boot() >= end) {
            return Error{ErrorKind::timeout, "no answer from each channel within " + format_duration(limit)};
        }
        ::usleep(k_pause_us);
    }
}

} // namespace mcp_push
