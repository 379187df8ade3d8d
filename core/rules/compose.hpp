// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"
#include "core/model/event.hpp"
#include "core/model/message.hpp"

namespace mcp_push {

struct ComposeOptions {
    Language language = Language::english;
    Privacy privacy = Privacy::full;
    Urgency urgency = Urgency::normal;
    /// The structured half is wanted: `event_json` is filled in and the title is "[END] run-42" only where the event
    /// has no text of its own.
    bool event = false;
};

/// The text of an event as one channel may show it (PRODUCT.md section 4). Pure. Outcome, project and duration stand in
/// the first 60 characters of the title; the body is CommonMark where `markdown` says so. Never empty: where privacy
/// leaves nothing for the body, it repeats the outcome.
[[nodiscard]] Message compose(const Event& event, const ComposeOptions& options);

/// The bare outcome, as the originals titled it: "Task finished", "任务完成".
[[nodiscard]] std::string outcome_title(const Event& event, Language language);

/// The structured event that notify_event sends: run_id, event, message, timestamp, duration_ms, data, and the facts
/// that privacy allows. JSON text.
[[nodiscard]] std::string event_json(const Event& event, Privacy privacy);

} // namespace mcp_push
