// SPDX-License-Identifier: MIT
#include "core/store/event_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using mcp_push::Event;
using mcp_push::EventKind;
using mcp_push::from_millis;
using mcp_push::Json;
using mcp_push::json_of;
using mcp_push::Millis;

static mcp_push::Facts all_facts() {
    mcp_push::Facts facts;
    facts.title = "t";
    facts.body = "b";
    facts.markdown = true;
    facts.agent = "a";
    facts.project = "p";
    facts.branch = "br";
    facts.host = "h";
    facts.folder = "/f";
    facts.prompt = "pr";
    facts.answer = "an";
    facts.error = "e";
    facts.tool = "to";
    facts.waits = "w";
    facts.output_tail = "o";
    facts.resume = "r";
    facts.exit_code = 0;
    facts.changed_files = 7;
    facts.background_tasks = 2;
    facts.data = R"({"x":1})";
    facts.labels = {"one", "two"};
    return facts;
}

TEST_CASE("event_json: every member of an event comes back") {
    Event event;
    event.kind = EventKind::needs_user_action;
    event.run = {"agent", "session", "turn"};
    event.question = "q2";
    event.at = from_millis(1'700'000'000'123);
    event.duration = Millis(0);
    event.started = from_millis(-5);
    event.facts = all_facts();

    const Event read = mcp_push::event_from(json_of(event));
    CHECK(read.kind == event.kind);
    CHECK(read.run == event.run);
    CHECK(read.question == event.question);
    CHECK(read.at == event.at);
    CHECK(read.duration == event.duration);
    CHECK(read.started == event.started);
    const auto& facts = read.facts;
    CHECK(facts.title == "t");
    CHECK(facts.body == "b");
    CHECK(facts.markdown);
    CHECK(facts.agent == "a");
    CHECK(facts.project == "p");
    CHECK(facts.branch == "br");
    CHECK(facts.host == "h");
    CHECK(facts.folder == "/f");
    CHECK(facts.prompt == "pr");
    CHECK(facts.answer == "an");
    CHECK(facts.error == "e");
    CHECK(facts.tool == "to");
    CHECK(facts.waits == "w");
    CHECK(facts.output_tail == "o");
    CHECK(facts.resume == "r");
    CHECK(facts.exit_code == 0);
    CHECK(facts.changed_files == 7);
    CHECK(facts.background_tasks == 2);
    CHECK(facts.data == R"({"x":1})");
    CHECK((facts.labels == std::vector<std::string>{"one", "two"}));
}

TEST_CASE("event_json: what is absent stays absent") {
    const Event read = mcp_push::event_from(json_of(Event{}));
    CHECK_FALSE(read.duration);
    CHECK_FALSE(read.started);
    CHECK_FALSE(read.facts.exit_code);
    CHECK_FALSE(read.facts.changed_files);
    CHECK(json_of(mcp_push::Facts{}).empty());
}

TEST_CASE("event_json: a decision comes back") {
    const mcp_push::Decision decision{.rule = "failure over 60 s",
                                      .send = true,
                                      .event = true,
                                      .urgency = mcp_push::Urgency::urgent,
                                      .channels = {{.channel = "phone", .send = true, .why = "never by rule 2"},
                                                   {.channel = "hook", .event = true, .both = true}},
                                      .notes = {"one", "two"}};
    const auto read = mcp_push::decision_from(json_of(decision));
    CHECK(read.rule == decision.rule);
    CHECK(read.send);
    CHECK(read.event);
    CHECK(read.urgency == mcp_push::Urgency::urgent);
    REQUIRE(read.channels.size() == 2);
    CHECK(read.channels[0].channel == "phone");
    CHECK(read.channels[0].send);
    CHECK_FALSE(read.channels[0].event);
    CHECK(read.channels[0].why == "never by rule 2");
    CHECK(read.channels[1].event);
    CHECK(read.channels[1].both);
    CHECK(read.notes == decision.notes);
}

TEST_CASE("event_json: a hold of every kind comes back") {
    for (const auto kind : {mcp_push::Hold::question, mcp_push::Hold::background, mcp_push::Hold::refusal}) {
        const mcp_push::HoldRef hold{.kind = kind,
                                     .agent = "claude-code",
                                     .session = "s",
                                     .records = "/r.jsonl",
                                     .turn = "t",
                                     .question = "q1",
                                     .asked = from_millis(42),
                                     .agent_pid = 77};
        const auto read = mcp_push::hold_from(json_of(hold));
        CHECK(read.kind == kind);
        CHECK(read.agent == "claude-code");
        CHECK(read.session == "s");
        CHECK(read.records == "/r.jsonl");
        CHECK(read.turn == "t");
        CHECK(read.question == "q1");
        CHECK(read.asked == from_millis(42));
        CHECK(read.agent_pid == 77);
    }
}

TEST_CASE("event_json: strange JSON reads as defaults") {
    const char* const texts[] = {
        "null",
        "[]",
        "3",
        R"("end")",
        R"({"kind":7,"run":[],"at":"now","facts":"none","duration":"long"})",
        R"({"kind":"dance","run":{"agent":{}},"facts":{"title":5,"labels":{"a":1},"exit_code":99999999999}})"};
    for (const char* const text : texts) {
        CAPTURE(text);
        const Json value = Json::parse(text);
        const auto event = mcp_push::event_from(value);
        CHECK(event.kind == EventKind::end);
        CHECK(event.run.agent.empty());
        CHECK(event.facts.title.empty());
        CHECK(event.facts.labels.empty());
        CHECK_FALSE(event.facts.exit_code);
        CHECK_FALSE(event.duration);
        CHECK(mcp_push::decision_from(value).channels.empty());
        CHECK(mcp_push::hold_from(value).kind == mcp_push::Hold::none);
    }
    const auto decision = mcp_push::decision_from(Json::parse(R"({"channels":[1,{"channel":2}],"notes":[3,"x"]})"));
    CHECK((decision.notes == std::vector<std::string>{"x"}));
}
