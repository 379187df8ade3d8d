// SPDX-License-Identifier: MIT
#include "core/rules/evaluate.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using mcp_push::ChannelConfig;
using mcp_push::Config;
using mcp_push::evaluate;
using mcp_push::EvaluateInput;
using mcp_push::Event;
using mcp_push::EventKind;
using mcp_push::from_millis;
using mcp_push::Millis;
using mcp_push::RuleOverride;
using mcp_push::Threshold;
using mcp_push::Verdict;

namespace {

constexpr long long k_start = 1'700'000'000'000;

Event event_of(EventKind kind, Millis duration) {
    Event event;
    event.kind = kind;
    event.started = from_millis(k_start);
    event.at = from_millis(k_start) + duration;
    event.duration = duration;
    event.facts.agent = "claude-code";
    event.facts.project = "shop";
    event.facts.branch = "main";
    event.facts.host = "laptop";
    return event;
}

ChannelConfig channel_of(std::string name) {
    ChannelConfig channel;
    channel.name = std::move(name);
    channel.type = "custom_notify";
    return channel;
}

Config config_of(std::vector<ChannelConfig> channels = {channel_of("phone")}) {
    Config config;
    config.channels = std::move(channels);
    return config;
}

std::string rule_of(EventKind kind, Millis duration, const Config& config = config_of()) {
    return evaluate(event_of(kind, duration), config, {})[0].decision.rule;
}

bool tells(const Event& event, const Config& config, EvaluateInput input = {}) {
    for (const auto& verdict : evaluate(event, config, input)) {
        if (!verdict.decision.silent()) return true;
    }
    return false;
}

} // namespace

TEST_CASE("rules: the table, literally, and exactly 60 s is silent") {
    CHECK(rule_of(EventKind::end, 60'000ms) == "success within 60 s: silent");
    CHECK(rule_of(EventKind::end, 60'001ms) == "success over 60 s: notify_send + notify_event");
    CHECK(rule_of(EventKind::error, 60'000ms) == "failure within 60 s: silent");
    CHECK(rule_of(EventKind::error, 60'001ms) == "failure over 60 s: notify_send + notify_event");
    CHECK(rule_of(EventKind::needs_user_action, 60'000ms) == "user action needed within 60 s: silent");
    CHECK(rule_of(EventKind::needs_user_action, 60'001ms) == "user action needed over 60 s: notify_send");
    for (const auto kind : {EventKind::start, EventKind::update, EventKind::cancelled}) {
        CHECK_FALSE(tells(event_of(kind, 600'000ms), config_of()));
    }
    const auto question = evaluate(event_of(EventKind::needs_user_action, 61'000ms), config_of(), {})[0].decision;
    CHECK(question.send);
    CHECK_FALSE(question.event);
}

TEST_CASE("rules: a run whose start cannot be understood is never long") {
    auto event = event_of(EventKind::end, 600'000ms);
    event.duration.reset();
    const auto verdicts = evaluate(event, config_of(), {});
    CHECK(verdicts[0].decision.rule == "success without a start that can be understood: silent");
    CHECK_FALSE(tells(event, config_of()));
}

TEST_CASE("rules: a threshold of 0 s means every run, and never means none") {
    auto config = config_of();
    config.rules.threshold.after = 0ms;
    CHECK(tells(event_of(EventKind::end, 0ms), config));
    CHECK(tells(event_of(EventKind::end, 1ms), config));
    config.rules.threshold.after.reset();
    CHECK(rule_of(EventKind::error, 6'000'000ms, config) == "failure, threshold never: silent");
}

TEST_CASE("rules: an agent's question falls due when the run reaches the threshold, and says so") {
    const auto event = event_of(EventKind::needs_user_action, 20'000ms);
    const auto verdicts = evaluate(event, config_of(), {.questions = EvaluateInput::Questions::when_due});
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].due == from_millis(k_start) + 60'001ms);
    CHECK(verdicts[0].decision.rule == "user action needed over 60 s: notify_send");
    CHECK(verdicts[0].decision.notes.back() == "due in 40 s if it still waits");
    // One asked after the threshold is due at once.
    const auto late = evaluate(event_of(EventKind::needs_user_action, 90'000ms), config_of(),
                               {.questions = EvaluateInput::Questions::when_due});
    CHECK(late[0].due == from_millis(k_start) + 90'000ms);
}

TEST_CASE("rules: thresholds per event, agent, project, branch, host, hour and channel, the nearest wins") {
    const auto event = event_of(EventKind::end, 10'000ms);
    const auto with = [&](RuleOverride rule, int hour = 12) {
        auto config = config_of();
        rule.threshold = Threshold{5'000ms};
        config.rules.overrides.push_back(std::move(rule));
        return tells(event, config, {.local_hour = hour});
    };
    CHECK(with({.event = EventKind::end}));
    CHECK_FALSE(with({.event = EventKind::error}));
    CHECK(with({.agent = "claude-*"}));
    CHECK_FALSE(with({.agent = "codex"}));
    CHECK(with({.project = "shop"}));
    CHECK_FALSE(with({.project = "shopping"}));
    CHECK(with({.branch = "ma?n"}));
    CHECK_FALSE(with({.branch = "release/*"}));
    CHECK(with({.host = "laptop"}));
    CHECK_FALSE(with({.host = "server"}));
    CHECK(with({.channel = "phone"}));
    CHECK_FALSE(with({.channel = "desk"}));
    CHECK(with({.hours = "22-7"}, 23));
    CHECK(with({.hours = "22-7"}, 6));
    CHECK_FALSE(with({.hours = "22-7"}, 7));
    CHECK_FALSE(with({.hours = "9-17"}, 8));

    auto config = config_of({channel_of("phone"), channel_of("desk")});
    config.rules.overrides.push_back({.event = EventKind::end, .threshold = Threshold{std::nullopt}});
    config.channels[1].threshold = Threshold{1'000ms};
    const auto verdicts = evaluate(event, config, {});
    REQUIRE(verdicts[0].decision.channels.size() == 1);
    CHECK(verdicts[0].decision.channels[0].channel == "desk");
    CHECK(verdicts[0].decision.channels[0].why == "success over 1 s: notify_send + notify_event");
    CHECK(verdicts[0].decision.rule == "success, threshold never: silent");
}

TEST_CASE("rules: channels of other thresholds get a question at moments of their own") {
    auto config = config_of({channel_of("phone"), channel_of("desk"), channel_of("wrist")});
    config.channels[1].threshold = Threshold{90'000ms};
    config.channels[2].threshold = Threshold{90'000ms};
    const auto verdicts = evaluate(event_of(EventKind::needs_user_action, 20'000ms), config,
                                   {.questions = EvaluateInput::Questions::when_due});
    REQUIRE(verdicts.size() == 2);
    CHECK(verdicts[0].decision.channels.size() == 1);
    CHECK(verdicts[1].decision.channels.size() == 2);
    CHECK(verdicts[1].due - verdicts[0].due == 30'000ms);
}

TEST_CASE("rules: a channel that is off or does not take the event is left out, and said to be") {
    auto config = config_of({channel_of("phone"), channel_of("desk")});
    config.channels[0].events = {EventKind::error};
    config.channels[1].enabled = false;
    const auto end = evaluate(event_of(EventKind::end, 61'000ms), config, {})[0].decision;
    CHECK(end.channels.empty());
    CHECK(end.notes.back() == "channel phone does not take this event");
    CHECK(evaluate(event_of(EventKind::error, 61'000ms), config, {})[0].decision.channels.size() == 1);
}

TEST_CASE("rules: with no channel at all the inbox is told, and a route names who is") {
    CHECK(tells(event_of(EventKind::end, 61'000ms), config_of({})));
    CHECK_FALSE(tells(event_of(EventKind::end, 60'000ms), config_of({})));
    auto config = config_of({channel_of("phone"), channel_of("desk")});
    config.routes["default"] = {"desk"};
    const auto decision = evaluate(event_of(EventKind::end, 61'000ms), config, {})[0].decision;
    REQUIRE(decision.channels.size() == 1);
    CHECK(decision.channels[0].channel == "desk");
}

TEST_CASE("rules: failures and questions are louder than successes; both = true reaches the channel") {
    auto config = config_of();
    config.rules.both = true;
    const auto end = evaluate(event_of(EventKind::end, 61'000ms), config, {})[0].decision;
    const auto error = evaluate(event_of(EventKind::error, 61'000ms), config, {})[0].decision;
    CHECK(end.urgency < error.urgency);
    CHECK(end.channels[0].both);
}
