// SPDX-License-Identifier: MIT
#include "core/rules/evaluate.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace mcp_push {
namespace {

bool fits(std::string_view pattern, std::string_view text) { return pattern.empty() || matches_pattern(text, pattern); }

bool hour_fits(std::string_view hours, int hour) {
    if (hours.empty()) return true;
    const auto dash = hours.find('-');
    int begin = -1;
    int end = -1;
    if (dash == std::string_view::npos) return false;
    const auto first = trim(hours.substr(0, dash));
    const auto second = trim(hours.substr(dash + 1));
    std::from_chars(first.data(), first.data() + first.size(), begin);
    std::from_chars(second.data(), second.data() + second.size(), end);
    if (begin < 0 || end < 0) return false;
    return begin <= end ? hour >= begin && hour < end : hour >= begin || hour < end;
}

bool applies(const RuleOverride& rule, const Event& event, const ChannelConfig* channel, int hour) {
    if (rule.event && *rule.event != event.kind) return false;
    if (!rule.channel.empty() && (channel == nullptr || !matches_pattern(channel->name, rule.channel))) return false;
    return fits(rule.agent, event.facts.agent) && fits(rule.project, event.facts.project) &&
           fits(rule.branch, event.facts.branch) && fits(rule.host, event.facts.host) && hour_fits(rule.hours, hour);
}

std::string_view scenario_of(EventKind kind) {
    switch (kind) {
    case EventKind::end:
        return "success";
    case EventKind::error:
        return "failure";
    case EventKind::needs_user_action:
        return "user action needed";
    case EventKind::cancelled:
        return "cancelled";
    case EventKind::start:
        return "start";
    case EventKind::update:
        return "update";
    }
    return "event";
}

Urgency urgency_of(EventKind kind) {
    if (kind == EventKind::error || kind == EventKind::needs_user_action) return Urgency::high;
    return Urgency::normal;
}

bool wants(const ChannelConfig& channel, EventKind kind) {
    return channel.enabled &&
           (channel.events.empty() || std::ranges::find(channel.events, kind) != channel.events.end());
}

/// The table of PRODUCT.md section 3 for one threshold.
struct Row {
    bool send = false;
    bool event = false;
    std::string name;
    std::optional<Millis> due_after; ///< of the run's start; only for questions that become due
};

Row table(const Event& event, const Threshold& threshold, EvaluateInput::Questions questions) {
    const auto scenario = std::string(scenario_of(event.kind));
    const auto limit = threshold.text();
    if (event.kind == EventKind::cancelled) return {.name = "cancelled: silent"};
    if (event.kind == EventKind::start || event.kind == EventKind::update) {
        return {.name = scenario + ": recorded, silent"};
    }
    if (!event.duration) return {.name = scenario + " without a start that can be understood: silent"};
    if (!threshold.after) return {.name = scenario + ", threshold never: silent"};
    const bool is_question = event.kind == EventKind::needs_user_action;
    const bool becomes_due = is_question && questions == EvaluateInput::Questions::when_due;
    if (!threshold.exceeded_by(*event.duration) && !becomes_due)
        return {.name = scenario + " within " + limit + ": silent"};
    Row row;
    row.send = true;
    row.event = !is_question;
    row.name = scenario + " over " + limit + (is_question ? ": notify_send" : ": notify_send + notify_event");
    // "Over" the threshold begins one millisecond after it.
    if (becomes_due) row.due_after = *threshold.after + Millis(1);
    return row;
}

} // namespace

std::vector<const ChannelConfig*> default_route(const Config& config) {
    std::vector<const ChannelConfig*> channels;
    const auto route = config.routes.find("default");
    for (const auto& channel : config.channels) {
        const bool named =
            route == config.routes.end() || std::ranges::find(route->second, channel.name) != route->second.end();
        if (named && channel.enabled) channels.push_back(&channel);
    }
    return channels;
}

ThresholdChoice choose_threshold(const Event& event, const Config& config, const ChannelConfig* channel,
                                 int local_hour) {
    const auto origin = config.origins.find("rules.threshold");
    ThresholdChoice choice{config.rules.threshold, config.rules.both,
                           origin == config.origins.end() ? "default" : origin->second};
    const bool asked_for = choice.because == "command line"; // nearer to this very run than any rule
    for (std::size_t i = 0; i < config.rules.overrides.size(); ++i) {
        const RuleOverride& rule = config.rules.overrides[i];
        if (!applies(rule, event, channel, local_hour)) continue;
        if (rule.threshold && !asked_for) choice.threshold = *rule.threshold;
        if (rule.both) choice.both = *rule.both;
        if (!asked_for) choice.because = "rules.when[" + std::to_string(i + 1) + "]";
    }
    // What is said of one channel is nearer to it than a general rule.
    if (channel != nullptr && channel->threshold && !asked_for) {
        choice.threshold = *channel->threshold;
        choice.because = "channels." + channel->name + ".threshold";
    }
    return choice;
}

std::vector<Verdict> evaluate(const Event& event, const Config& config, const EvaluateInput& input) {
    const auto general = choose_threshold(event, config, nullptr, input.local_hour);
    const Row rule = table(event, general.threshold, input.questions);
    const auto due_of = [&](const Row& row) {
        if (!row.due_after || !event.started) return event.at;
        return std::max(event.at, *event.started + *row.due_after);
    };

    const auto route = default_route(config);
    std::vector<Verdict> verdicts(1);
    verdicts.reserve(route.size() + 1); // at most one for each channel: `first` stays where it is
    verdicts[0].due = due_of(rule);
    Decision& first = verdicts[0].decision;
    first.rule = rule.name;
    first.urgency = urgency_of(event.kind);
    first.notes.push_back("threshold " + general.threshold.text() + " from " + general.because);
    first.notes.push_back(event.duration ? "duration " + format_duration(*event.duration) : "duration unknown");

    for (const auto* channel : route) {
        if (!wants(*channel, event.kind)) {
            first.notes.push_back("channel " + channel->name +
                                  (channel->enabled ? " does not take this event" : " is off"));
            continue;
        }
        const auto own = choose_threshold(event, config, channel, input.local_hour);
        const Row row = table(event, own.threshold, input.questions);
        if (row.name != rule.name) first.notes.push_back("channel " + channel->name + ": " + row.name);
        if (!row.send && !row.event) continue;
        const TimePoint due = due_of(row);
        auto place = std::ranges::find(verdicts, due, &Verdict::due);
        if (place == verdicts.end()) {
            Verdict later;
            later.due = due;
            later.decision.urgency = first.urgency;
            later.decision.rule = row.name;
            verdicts.push_back(std::move(later));
            place = verdicts.end() - 1;
        }
        ChannelVerdict verdict;
        verdict.channel = channel->name;
        verdict.send = row.send;
        verdict.event = row.event;
        verdict.both = own.both;
        if (row.name != rule.name) verdict.why = row.name;
        place->decision.send |= row.send;
        place->decision.event |= row.event;
        place->decision.channels.push_back(std::move(verdict));
    }
    // Without any channel the inbox receives everything, so that the first run already shows something.
    if (route.empty()) {
        first.send = rule.send;
        first.event = rule.event;
    }
    for (auto& verdict : verdicts) {
        if (!verdict.decision.silent() && verdict.due > event.at) {
            verdict.decision.notes.push_back("due in " + format_duration(verdict.due - event.at) +
                                             " if it still waits");
        }
    }
    return verdicts;
}

} // namespace mcp_push
