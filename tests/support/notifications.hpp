// SPDX-License-Identifier: MIT
#pragma once

#include "core/store/store.hpp"

#include <initializer_list>
#include <string>

namespace mcp_push {

/// A finished turn that is told on the given channels. `key` is its event key and its turn; "" may be repeated.
inline NewNotification sample_notification(const std::string& key,
                                           std::initializer_list<std::string_view> channels = {"phone"}) {
    NewNotification notification;
    notification.event.kind = EventKind::end;
    notification.event.run = {"claude-code", "session", key};
    notification.event.duration = Millis(90'000);
    notification.event.facts.agent = "claude-code";
    notification.event.facts.project = "parser";
    notification.event.facts.answer = "All tests pass.";
    notification.decision.rule = "success over 60 s: notify_send + notify_event";
    notification.decision.send = true;
    notification.decision.event = true;
    notification.event_key = key;
    notification.config_dir = "/home/user/.config/mcp-push";
    notification.inbox_title = "Task finished: parser, 1 min 30 s";
    notification.inbox_body = "All tests pass.";
    for (const auto channel : channels) {
        notification.targets.push_back({.channel = std::string(channel), .type = "telegram_bot"});
    }
    return notification;
}

/// A question of the same turn that is held until `due`.
inline NewNotification sample_question(const std::string& key, TimePoint due,
                                       std::initializer_list<std::string_view> channels = {"phone"}) {
    auto notification = sample_notification(key, channels);
    notification.event.kind = EventKind::needs_user_action;
    notification.event.question = "q1";
    notification.decision.urgency = Urgency::high;
    notification.hold = {.kind = Hold::question, .agent = "claude-code", .session = "session", .turn = key};
    notification.due = due;
    notification.inbox_title = "Waiting for you: parser";
    notification.inbox_body = "rm -r build";
    return notification;
}

/// What the deliverer writes after a try at `row`.
inline Store::AttemptResult sample_attempt(const DeliveryRow& row, OutcomeKind outcome, DeliveryState state,
                                           TimePoint at, TimePoint next = {}) {
    Store::AttemptResult result;
    result.attempt = {.delivery = row.id, .at = at, .took = Millis(120), .outcome = outcome};
    result.state = state;
    result.next = next;
    return result;
}

} // namespace mcp_push
