// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"
#include "core/model/decision.hpp"
#include "core/model/event.hpp"

namespace mcp_push {

/// What `evaluate` needs beside the event.
struct EvaluateInput {
    /// How an event of kind needs_user_action is meant: at once by the table (the explicit form), or later, when the
    /// run reaches the threshold (an agent's question that waits).
    enum class Questions { at_once, when_due } questions = Questions::at_once;
    int local_hour = 0; ///< 0 to 23, for rules that name hours
};

/// A channel group with one moment at which it is to be told.
struct Verdict {
    Decision decision;
    TimePoint due{};
};

/// The rules of PRODUCT.md section 3 as a pure function: what to tell, to which channels, by which rule. One verdict,
/// or several where channels have thresholds of their own that fall due at different times; the first is the rule
/// itself and may be silent.
[[nodiscard]] std::vector<Verdict> evaluate(const Event& event, const Config& config, const EvaluateInput& input);

/// The channels that are told where nobody names any: the route "default", or all that are enabled.
[[nodiscard]] std::vector<const ChannelConfig*> default_route(const Config& config);

/// The threshold that counts for an event and a channel ("" for the general one), and the rule that set it.
struct ThresholdChoice {
    Threshold threshold;
    bool both = false;
    std::string because; ///< "default", "rules.when[2]", "channels.phone"
};
[[nodiscard]] ThresholdChoice choose_threshold(const Event& event, const Config& config, const ChannelConfig* channel,
                                               int local_hour);

} // namespace mcp_push
