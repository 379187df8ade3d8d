// SPDX-License-Identifier: MIT
#include "hooks/hand_over.hpp"

#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "core/store/event_json.hpp"
#include "hooks/tell.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {

std::string notification_to_text(const NewNotification& notification) {
    Json value = {{"event", json_of(notification.event)},
                  {"decision", json_of(notification.decision)},
                  {"event_key", notification.event_key},
                  {"hold", json_of(notification.hold)},
                  {"due", to_millis(notification.due)},
                  {"config_dir", notification.config_dir},
                  {"inbox_title", notification.inbox_title},
                  {"inbox_body", notification.inbox_body},
                  {"targets", Json::array()}};
    if (notification.expires) value["expires"] = to_millis(*notification.expires);
    for (const auto& target : notification.targets) {
        value["targets"].push_back({{"channel", target.channel},
                                    {"type", target.type},
                                    {"environment_key", target.environment_key},
                                    {"event", target.event},
                                    {"done_already", target.done_already}});
    }
    return dump_json(value);
}

Result<NewNotification> notification_from_text(std::string_view text) {
    TRY_ASSIGN(const Json value, parse_json(text, k_json_unlimited));
    NewNotification notification;
    notification.event = event_from(member(value, "event"));
    notification.decision = decision_from(member(value, "decision"));
    notification.event_key = string_member(value, "event_key");
    notification.hold = hold_from(member(value, "hold"));
    notification.due = from_millis(integer_member(value, "due").value_or(0));
    if (const auto expires = integer_member(value, "expires")) notification.expires = from_millis(*expires);
    notification.config_dir = string_member(value, "config_dir");
    notification.inbox_title = string_member(value, "inbox_title");
    notification.inbox_body = string_member(value, "inbox_body");
    for (const auto& entry : array_member(value, "targets")) {
        notification.targets.push_back({.channel = string_member(entry, "channel"),
                                        .type = string_member(entry, "type"),
                                        .environment_key = string_member(entry, "environment_key"),
                                        .event = bool_member(entry, "event"),
                                        .done_already = bool_member(entry, "done_already")});
    }
    if (notification.event.run.agent.empty() && notification.inbox_title.empty()) {
        return Error{ErrorKind::payload, "not a notification that a hook handed over"};
    }
    return notification;
}

Status hand_over(const NewNotification& notification, const Environment& environment) {
    const auto program = find_mcp_push(environment);
    if (!program) return Error{ErrorKind::no_input, "mcp-push is not to be found"};
    return start_detached(*program, {"deliver", "--given"}, notification_to_text(notification));
}

} // namespace mcp_push
