// SPDX-License-Identifier: MIT
#include "core/store/event_json.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <limits>
#include <utility>

namespace mcp_push {
namespace {

template <class Owner>
using TextMember = std::pair<const char*, std::string Owner::*>;

constexpr TextMember<Facts> k_facts_texts[] = {
    {"title", &Facts::title},
    {"body", &Facts::body},
    {"agent", &Facts::agent},
    {"project", &Facts::project},
    {"branch", &Facts::branch},
    {"host", &Facts::host},
    {"folder", &Facts::folder},
    {"prompt", &Facts::prompt},
    {"answer", &Facts::answer},
    {"error", &Facts::error},
    {"tool", &Facts::tool},
    {"waits", &Facts::waits},
    {"output_tail", &Facts::output_tail},
    {"resume", &Facts::resume},
    {"data", &Facts::data},
};
constexpr TextMember<RunKey> k_run_texts[] = {
    {"agent", &RunKey::agent},
    {"session", &RunKey::session},
    {"turn", &RunKey::turn},
};
constexpr TextMember<HoldRef> k_hold_texts[] = {
    {"agent", &HoldRef::agent}, {"session", &HoldRef::session},   {"records", &HoldRef::records},
    {"turn", &HoldRef::turn},   {"question", &HoldRef::question},
};
constexpr std::pair<Hold, const char*> k_hold_names[] = {
    {Hold::none, "none"},
    {Hold::question, "question"},
    {Hold::background, "background"},
    {Hold::refusal, "refusal"},
};

template <class Owner, std::size_t N>
void put_texts(Json& value, const Owner& owner, const TextMember<Owner> (&members)[N]) {
    for (const auto& [key, text] : members) {
        if (!(owner.*text).empty()) value[key] = owner.*text;
    }
}

template <class Owner, std::size_t N>
void take_texts(const Json& value, Owner& owner, const TextMember<Owner> (&members)[N]) {
    for (const auto& [key, text] : members)
        owner.*text = string_member(value, key);
}

void put_texts(Json& value, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) value[key] = texts;
}

std::vector<std::string> strings_in(const Json& object, const char* key) {
    std::vector<std::string> strings;
    for (const auto& element : array_member(object, key)) {
        if (element.is_string()) strings.push_back(element.get<std::string>());
    }
    return strings;
}

std::optional<int> small_member(const Json& object, const char* key) {
    const auto value = integer_member(object, key);
    if (!value || *value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) return {};
    return static_cast<int>(*value);
}

std::optional<TimePoint> time_member(const Json& object, const char* key) {
    const auto value = integer_member(object, key);
    if (!value) return std::nullopt;
    return from_millis(*value);
}

} // namespace

Json json_of(const Facts& facts) {
    Json value = Json::object();
    put_texts(value, facts, k_facts_texts);
    if (facts.markdown) value["markdown"] = true;
    if (facts.exit_code) value["exit_code"] = *facts.exit_code;
    if (facts.changed_files) value["changed_files"] = *facts.changed_files;
    if (facts.background_tasks != 0) value["background_tasks"] = facts.background_tasks;
    put_texts(value, "labels", facts.labels);
    return value; // the postscript is the deliverer's own, of each attempt anew
}

Facts facts_from(const Json& value) {
    Facts facts;
    take_texts(value, facts, k_facts_texts);
    facts.markdown = bool_member(value, "markdown");
    facts.exit_code = small_member(value, "exit_code");
    facts.changed_files = small_member(value, "changed_files");
    facts.background_tasks = small_member(value, "background_tasks").value_or(0);
    facts.labels = strings_in(value, "labels");
    return facts;
}

Json json_of(const Event& event) {
    Json run = Json::object();
    put_texts(run, event.run, k_run_texts);
    Json value = {{"kind", name_of(event.kind)},
                  {"run", std::move(run)},
                  {"at", to_millis(event.at)},
                  {"facts", json_of(event.facts)}};
    if (!event.question.empty()) value["question"] = event.question;
    if (event.duration) value["duration"] = event.duration->count();
    if (event.started) value["started"] = to_millis(*event.started);
    return value;
}

Event event_from(const Json& value) {
    Event event;
    event.kind = parse_event_kind(string_member(value, "kind")).value_or(event.kind);
    take_texts(member(value, "run"), event.run, k_run_texts);
    event.question = string_member(value, "question");
    event.at = time_member(value, "at").value_or(TimePoint{});
    if (const auto duration = integer_member(value, "duration")) event.duration = Millis(*duration);
    event.started = time_member(value, "started");
    event.facts = facts_from(member(value, "facts"));
    return event;
}

Json json_of(const Decision& decision) {
    Json value = {{"rule", decision.rule}, {"urgency", name_of(decision.urgency)}};
    if (decision.send) value["send"] = true;
    if (decision.event) value["event"] = true;
    for (const auto& verdict : decision.channels) {
        Json row = {{"channel", verdict.channel}};
        if (verdict.send) row["send"] = true;
        if (verdict.event) row["event"] = true;
        if (verdict.both) row["both"] = true;
        if (!verdict.why.empty()) row["why"] = verdict.why;
        value["channels"].push_back(std::move(row));
    }
    put_texts(value, "notes", decision.notes);
    return value;
}

Decision decision_from(const Json& value) {
    Decision decision;
    decision.rule = string_member(value, "rule");
    decision.urgency = parse_urgency(string_member(value, "urgency")).value_or(decision.urgency);
    decision.send = bool_member(value, "send");
    decision.event = bool_member(value, "event");
    for (const auto& row : array_member(value, "channels")) {
        decision.channels.push_back({.channel = string_member(row, "channel"),
                                     .send = bool_member(row, "send"),
                                     .event = bool_member(row, "event"),
                                     .both = bool_member(row, "both"),
                                     .why = string_member(row, "why")});
    }
    decision.notes = strings_in(value, "notes");
    return decision;
}

Json json_of(const HoldRef& hold) {
    Json value = Json::object();
    for (const auto& [kind, name] : k_hold_names) {
        if (kind == hold.kind) value["kind"] = name;
    }
    put_texts(value, hold, k_hold_texts);
    value["asked"] = to_millis(hold.asked);
    if (hold.agent_pid != 0) value["agent_pid"] = hold.agent_pid;
    return value;
}

HoldRef hold_from(const Json& value) {
    HoldRef hold;
    const auto word = string_member(value, "kind");
    for (const auto& [kind, name] : k_hold_names) {
        if (word == name) hold.kind = kind;
    }
    take_texts(value, hold, k_hold_texts);
    hold.asked = time_member(value, "asked").value_or(TimePoint{});
    hold.agent_pid = small_member(value, "agent_pid").value_or(0);
    return hold;
}

} // namespace mcp_push
