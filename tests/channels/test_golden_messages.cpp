// SPDX-License-Identifier: MIT
// Whole messages as people see them on each channel, kept in golden/ and read by people. MCP_PUSH_UPDATE_GOLDEN=1
// rewrites them.
#include "channels/deliver_prepare.hpp"
#include "channels/settings.hpp"
#include "tests/channels/phone.hpp"
#include "tests/support/example_events.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <array>

using namespace mcp_push;
using namespace mcp_push::kit;

namespace {

struct Example {
    std::string_view channel;
    Values settings;
};

const std::array k_channels = {
    Example{"console", {}},
    Example{"desktop", {}},
    Example{"terminal", {}},
    Example{"telegram_bot", {{"token", "123456789:no-token_of-any-bot"}, {"chat_id", "987654321"}}},
    Example{"dingding_bot", {{"token", "0c23ab"}}},
    Example{"feishu_bot", {{"key", "0c23ab"}}},
    Example{"wecom_bot", {{"key", "0c23ab"}}},
    Example{"custom_notify", {{"url", "https://example.com/hook"}}},
};

constexpr std::array<std::string_view, 7> k_scenarios = {
    "done", "failed", "question_command", "question_words", "interrupted_tool", "command_failed", "long_chinese"};

Urgency usual_urgency(EventKind kind) {
    return kind == EventKind::error || kind == EventKind::needs_user_action ? Urgency::high : Urgency::normal;
}

/// What `send` keeps.
Event given(Language language) {
    Event event;
    event.kind = EventKind::update;
    event.at = k_now;
    const bool chinese = language == Language::chinese;
    event.facts.title = chinese ? "磁盘空间不足" : "Disk almost full";
    event.facts.body = chinese ? "/data 已使用 97%，剩余 3 GB。" : "/data is at 97 %, 3 GB left.";
    return event;
}

ReadyChannel ready(const Example& example, Language language) {
    ReadyChannel channel;
    channel.type = &type_of(example.channel);
    channel.settings = settings_of(example.channel, example.settings);
    channel.language = language;
    return channel;
}

std::vector<Part> parts_of(const Event& event, const ReadyChannel& channel, Urgency urgency) {
    NotificationRow notification;
    notification.event = event;
    notification.decision.urgency = urgency;
    DeliveryRow row;
    row.notification = "01JD";
    row.event = channel.type->spec->capabilities.structured;
    return make_parts(notification, row, channel);
}

std::vector<std::string> messages_of(const Event& event, const ReadyChannel& channel, Urgency urgency) {
    std::vector<std::string> messages;
    for (const auto& part : parts_of(event, channel, urgency)) {
        messages.push_back(
            seen(must(make_request(channel, part, {.now = k_now, .nonce = "n"})), channel.type->spec->id));
    }
    return messages;
}

} // namespace

TEST_CASE("golden messages: on every channel and in both languages they read as they were approved") {
    for (const auto& example : k_channels) {
        for (const auto language : {Language::english, Language::chinese}) {
            const auto channel = ready(example, language);
            std::string text;
            for (const auto& [name, event] : example_events()) {
                if (std::ranges::find(k_scenarios, name) == k_scenarios.end()) continue;
                for (const auto& message : messages_of(event, channel, usual_urgency(event.kind))) {
                    text += "===== " + name + "\n" + message + "\n\n";
                }
            }
            for (const auto urgency : {Urgency::low, Urgency::normal, Urgency::high, Urgency::urgent}) {
                for (const auto& message : messages_of(given(language), channel, urgency)) {
                    text += "===== given text, " + std::string(name_of(urgency)) + "\n" + message + "\n\n";
                }
            }
            const auto file = "channels/golden/" + std::string(example.channel) +
                              (language == Language::english ? ".seen.en.txt" : ".seen.zh.txt");
            CHECK(golden_difference(file, text) == "");
        }
    }
}
