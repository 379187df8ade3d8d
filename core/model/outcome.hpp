// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp_push {

/// What a service's answer means.
enum class OutcomeKind {
    delivered,    ///< it says that the person has it, or has stored it for them
    accepted,     ///< it took the request; what became of it cannot be known
    duplicate,    ///< it had this very message already: as good as delivered
    rate_limited, ///< too fast; again after `wait`
    transient,    ///< trouble on their side; again later
    no_network,   ///< nothing was reached (name, route, connection, TLS handshake cut): again as soon as it returns
    ambiguous,    ///< sent, no answer: it may have arrived
    permanent,    ///< refused for good; a person must mend something
    unsupported,  ///< this service or platform cannot carry it
};

[[nodiscard]] std::string_view name_of(OutcomeKind kind);
[[nodiscard]] std::optional<OutcomeKind> parse_outcome(std::string_view name);
[[nodiscard]] constexpr bool is_success(OutcomeKind kind) {
    return kind == OutcomeKind::delivered || kind == OutcomeKind::accepted || kind == OutcomeKind::duplicate;
}
[[nodiscard]] constexpr bool is_final(OutcomeKind kind) {
    return is_success(kind) || kind == OutcomeKind::permanent || kind == OutcomeKind::unsupported;
}

struct Outcome {
    OutcomeKind kind = OutcomeKind::transient;
    std::string detail; ///< the service's own words, redacted; at most 2 KiB
    std::string remedy; ///< what a person can do about it, English
    std::string remedy_zh;
    std::optional<Millis> wait; ///< from Retry-After or the body
    std::string receipt;        ///< the service's id of the message
    int status = 0;             ///< HTTP status, 0 where there was none
};

} // namespace mcp_push
