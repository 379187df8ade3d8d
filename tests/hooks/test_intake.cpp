// SPDX-License-Identifier: MIT
#include "channels/specs.hpp"
#include "core/base/json.hpp"
#include "core/store/journal.hpp"
#include "core/store/session_file.hpp"
#include "hooks/hand_over.hpp"
#include "hooks/intake.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace mcp_push {
namespace {

/// The hook's whole way on a home folder of its own, without its process.
class Hook {
public:
    TempHome home;
    ManualClock clock;

    Teller& teller() {
        if (!m_teller) {
            m_teller = std::make_unique<Teller>(Teller::World{.paths = home.paths(),
                                                              .environment = home.environment(),
                                                              .specs = channel_specs(),
                                                              .clock = clock,
                                                              .program = "test",
                                                              .start_deliverer = [this] { ++deliverers; }});
        }
        return *m_teller;
    }
    /// A new process, as every hook is: nothing is remembered but what the disk holds.
    Result<Taken> payload(std::string_view event, Json fields = Json::object()) {
        m_teller.reset();
        fields["hook_event_name"] = event;
        if (!fields.contains("session_id")) fields["session_id"] = "s1";
        if (!fields.contains("prompt_id")) fields["prompt_id"] = "p1";
        fields["cwd"] = home.path();
        return take_payload(teller(), dump_json(fields), "", now());
    }
    Result<Taken> explicitly(const std::vector<std::string>& words) {
        m_teller.reset();
        const auto arguments = parse_hook_arguments(words);
        REQUIRE(arguments.ok());
        return take_explicit(teller(), *arguments, home.path(), now());
    }
    Moment now() const { return {clock.now(), clock.since_boot()}; }
    std::string millis(long long seconds_ago) const {
        return std::to_string(to_millis(clock.now()) - seconds_ago * 1000);
    }

    NotificationRow row(const std::string& id) {
        auto found = (*teller().store())->find_notification(id);
        REQUIRE(found.ok());
        return *found;
    }
    std::vector<DeliveryRow> deliveries(const std::string& id) {
        auto found = (*teller().store())->deliveries_of(id);
        REQUIRE(found.ok());
        return *found;
    }
    JournalEntry last() {
        const auto entries = read_journal(home.paths(), 1);
        REQUIRE(entries.size() == 1);
        return entries[0];
    }
    void use_webhook() {
        home.set("WEBHOOK_URL", "http://127.0.0.1:9/hook");
        home.set("WEBHOOK_METHOD", "POST");
    }

    int deliverers = 0;

private:
    std::unique_ptr<Teller> m_teller;
};

} // namespace

TEST_CASE("intake: a turn over the threshold is kept once, with its facts, and a deliverer is started") {
    Hook hook;
    hook.use_webhook();
    REQUIRE(hook.payload("UserPromptSubmit", {{"prompt", "fix the tests"}}).ok());
    hook.clock.advance(Millis(75'000));
    const auto taken = hook.payload("Stop", {{"last_assistant_message", "All green."}});
    REQUIRE(taken.ok());
    CHECK(taken->reply.empty());
    REQUIRE(taken->notifications.size() == 1);
    CHECK(hook.deliverers == 1);
    const auto row = hook.row(taken->notifications[0]);
    CHECK(row.event.kind == EventKind::end);
    CHECK(row.event.duration == Millis(75'000));
    CHECK(row.event.facts.answer == "All green.");
    CHECK(row.event.facts.prompt == "fix the tests");
    CHECK(row.event.facts.resume == "claude --resume s1");
    CHECK(row.decision.rule == "success over 60 s: notify_send + notify_event");
    CHECK(hook.deliveries(row.id).size() == 1);
    CHECK(hook.last().result == "kept");

    const auto again = hook.payload("Stop", {{"last_assistant_message", "All green."}});
    REQUIRE(again.ok());
    CHECK(again->notifications.empty());
}

TEST_CASE("intake: a turn of exactly the threshold is silent and opens no database") {
    Hook hook;
    REQUIRE(hook.payload("UserPromptSubmit").ok());
    hook.clock.advance(Millis(60'000));
    REQUIRE(hook.payload("Stop").ok());
    CHECK(hook.last().result == "silent");
    CHECK(hook.last().rule == "success within 60 s: silent");
    struct stat info {};
    CHECK(::stat(hook.home.paths().database().c_str(), &info) != 0);
    CHECK(hook.deliverers == 0);
}

TEST_CASE("intake: two sessions at once do not shadow each other") {
    Hook hook;
    for (const char* session : {"s1", "s2"})
        REQUIRE(hook.payload("UserPromptSubmit", {{"session_id", session}}).ok());
    hook.clock.advance(Millis(90'000));
    for (const char* session : {"s1", "s2"}) {
        const auto taken = hook.payload("Stop", {{"session_id", session}});
        REQUIRE(taken.ok());
        CHECK(taken->notifications.size() == 1);
    }
}

TEST_CASE("intake: a question is held until the run reaches the threshold and is sent for an hour at most") {
    Hook hook;
    hook.use_webhook();
    const Json bash = {{"tool_name", "Bash"}, {"tool_input", {{"command", "npm publish"}}}};
    REQUIRE(hook.payload("UserPromptSubmit").ok());
    const TimePoint start = hook.clock.now();
    hook.clock.advance(Millis(20'000));
    REQUIRE(hook.payload("PermissionRequest", bash)->notifications.empty());
    hook.clock.advance(Millis(6'000));
    const auto taken = hook.payload("Notification", {{"notification_type", "permission_prompt"}});
    REQUIRE(taken.ok());
    REQUIRE(taken->notifications.size() == 1);
    const auto row = hook.row(taken->notifications[0]);
    CHECK(row.state == "held");
    CHECK(row.hold.kind == Hold::question);
    CHECK(row.due == start + Millis(60'001));
    CHECK(row.event.duration == Millis(60'001)); // told as long as it has waited by then
    CHECK(row.event.facts.waits == "npm publish");
    CHECK(row.decision.rule.find("notify_event") == std::string::npos);
}

TEST_CASE("intake: an end takes the place of the held 'over' of its turn") {
    Hook hook;
    hook.use_webhook();
    const Json shell = Json::array({{{"id", "b1"}, {"type", "shell"}, {"status", "running"}}});
    REQUIRE(hook.payload("UserPromptSubmit").ok());
    hook.clock.advance(Millis(70'000));
    const auto over = hook.payload("Stop", {{"background_tasks", shell}});
    REQUIRE(over->notifications.size() == 1);
    const auto held = over->notifications[0];
    CHECK(hook.row(held).state == "held");
    hook.clock.advance(Millis(10'000));
    const std::string back = "<task-notification><task-id>b1</task-id></task-notification>";
    REQUIRE(hook.payload("UserPromptSubmit", {{"prompt", back}, {"prompt_id", "p2"}}).ok());
    hook.clock.advance(Millis(1'000));
    const auto end = hook.payload("Stop", {{"prompt_id", "p2"}, {"last_assistant_message", "Built."}});
    REQUIRE(end->notifications.size() == 1);
    CHECK(hook.row(held).state == "cancelled");
    CHECK(hook.row(end->notifications[0]).event.facts.answer == "Built.");
}

TEST_CASE("intake: payloads that cannot be read are errors that say why, and change nothing") {
    Hook hook;
    for (const std::string_view text :
         {"", "   ", "{", "[1,2]", "null", "\xff\xfe", "{\"hook_event_name\":\"Stop\"}", "{\"a\":1}x"}) {
        const auto taken = take_payload(hook.teller(), text, "", hook.now());
        INFO(text);
        REQUIRE_FALSE(taken.ok());
        CHECK(taken.error().kind == ErrorKind::payload);
        CHECK_FALSE(taken.error().message.empty());
    }
    const auto nobody = take_payload(hook.teller(), "{}", "emacs", hook.now());
    REQUIRE_FALSE(nobody.ok());
    CHECK(nobody.error().text().find("claude-code") != std::string::npos);
}

TEST_CASE("intake: secrets and control sequences never reach the outbox") {
    Hook hook;
    REQUIRE(hook.payload("UserPromptSubmit", {{"prompt", "use ghp_0123456789abcdefghijABCDEFGHIJ"}}).ok());
    hook.clock.advance(Millis(75'000));
    const auto taken = hook.payload("Stop", {{"last_assistant_message", "\x1b[31mdone\x1b[0m password=hunter22"}});
    REQUIRE(taken->notifications.size() == 1);
    const auto facts = hook.row(taken->notifications[0]).event.facts;
    CHECK(facts.prompt == "use [redacted]");
    CHECK(facts.answer == "done password=[redacted]");
}

TEST_CASE("intake: what a session remembers of a prompt holds no secret") {
    Hook hook;
    REQUIRE(hook.payload("UserPromptSubmit", {{"prompt", "log in with password=hunter2hunter2"}}).ok());
    const auto state = SessionFile::peek(hook.home.paths(), "claude-code", "s1");
    REQUIRE(state.turn.has_value());
    CHECK(state.turn->prompt == "log in with password=[redacted]");
}

TEST_CASE("explicit: the table, literally, at the moment of the call") {
    Hook hook;
    const auto told = [&](const char* status, long long ago) {
        return hook.explicitly({"--status", status, "--start-time", hook.millis(ago)})->notifications.size();
    };
    CHECK(told("end", 60) == 0);
    CHECK(told("end", 61) == 1);
    CHECK(told("error", 60) == 0);
    CHECK(told("error", 61) == 1);
    CHECK(told("needs_action", 60) == 0);
    CHECK(told("needs_user_action", 61) == 1);
    CHECK(told("cancelled", 61) == 0);
    CHECK(told("update", 61) == 0);
    CHECK(hook.explicitly({"end", "done", "run-42", hook.millis(61)})->notifications.size() == 1);
}

TEST_CASE("explicit: an exit code other than 0 is a failure") {
    Hook hook;
    const auto taken = hook.explicitly({"--status", "success", "--exit-code", "2", "--start-time", hook.millis(61)});
    REQUIRE(taken->notifications.size() == 1);
    const auto row = hook.row(taken->notifications[0]);
    CHECK(row.event.kind == EventKind::error);
    CHECK(row.event.facts.exit_code == 2);
}

TEST_CASE("explicit: a start in the future or not to be understood is never long") {
    Hook hook;
    for (const std::string& start :
         {std::string("yesterday"), hook.millis(-3600), std::string("1e400"), std::string("-5x")}) {
        INFO(start);
        const auto taken = hook.explicitly({"--status", "end", "--start-time", start});
        CHECK_FALSE(taken.ok());
        CHECK(hook.last().result == "silent");
    }
}

TEST_CASE("explicit: a run id and event is told once, and a later start begins the next run") {
    Hook hook;
    const auto end = [&](const std::string& start) {
        return hook.explicitly({"--status", "end", "--run-id", "nightly", "--start-time", start})->notifications.size();
    };
    const auto first = hook.millis(100);
    CHECK(end(first) == 1);
    CHECK(end(first) == 0);
    CHECK(hook.explicitly({"--status", "error", "--run-id", "nightly", "--start-time", first})->notifications.size() ==
          1);
    hook.clock.advance(std::chrono::hours(24));
    CHECK(end(hook.millis(100)) == 1);
    CHECK(end(hook.millis(100)) == 0);
}

TEST_CASE("explicit: a recorded start is found again by its run id") {
    Hook hook;
    REQUIRE(hook.explicitly({"--status", "start", "--run-id", "build"}).ok());
    hook.clock.advance(Millis(75'000));
    const auto taken = hook.explicitly({"--status", "end", "--run-id", "build"});
    REQUIRE(taken->notifications.size() == 1);
    CHECK(hook.row(taken->notifications[0]).event.duration == Millis(75'000));
}

TEST_CASE("teller: a chat channel gets the send, a webhook the event, and both only when asked for") {
    Hook hook;
    hook.home.set("TG_BOT_TOKEN", "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    hook.home.set("TG_USER_ID", "42");
    hook.use_webhook();
    const auto shapes = [&] {
        const auto taken = hook.explicitly({"--status", "end", "--start-time", hook.millis(61)});
        std::vector<std::string> found;
        for (const auto& row : hook.deliveries(taken->notifications.at(0))) {
            found.push_back(row.type + (row.event ? " event" : " send"));
        }
        std::ranges::sort(found);
        return found;
    };
    CHECK(shapes() == std::vector<std::string>{"custom_notify event", "telegram_bot send"});
    hook.home.set("MCP_PUSH_BOTH", "true");
    CHECK(shapes().size() == 4);
}

TEST_CASE("teller: a title that is to be skipped is never sent") {
    Hook hook;
    hook.home.set("SKIP_PUSH_TITLE", "Task finished\nBackup");
    CHECK(hook.explicitly({"--status", "end", "--start-time", hook.millis(61)})->notifications.empty());
    CHECK(hook.last().rule == "title skipped by SKIP_PUSH_TITLE");
    CHECK(hook.explicitly({"--status", "end", "--title", "Backup", "--start-time", hook.millis(61)})
              ->notifications.empty());
    CHECK(hook.explicitly({"--status", "end", "--title", "Other", "--start-time", hook.millis(61)})
              ->notifications.size() == 1);
}

TEST_CASE("hand over: a notification survives its way as text") {
    NewNotification notification;
    notification.event.run = {"claude-code", "s1", "p1"};
    notification.event.facts.answer = "text with \"quotes\" and 中文";
    notification.event_key = "key";
    notification.hold = {
        .kind = Hold::question, .agent = "claude-code", .session = "s1", .turn = "p1", .question = "q1"};
    notification.due = from_millis(5);
    notification.expires = from_millis(7);
    notification.inbox_title = "title";
    notification.targets = {
        {.channel = "phone", .type = "bark", .environment_key = "abc", .event = true, .done_already = true}};
    const auto back = notification_from_text(notification_to_text(notification));
    REQUIRE(back.ok());
    CHECK(back->event.run == notification.event.run);
    CHECK(back->event.facts.answer == notification.event.facts.answer);
    CHECK(back->hold.question == "q1");
    CHECK(back->due == notification.due);
    CHECK(back->expires == notification.expires);
    REQUIRE(back->targets.size() == 1);
    CHECK(back->targets[0].channel == "phone");
    CHECK(back->targets[0].done_already);
    CHECK_FALSE(notification_from_text("{}").ok());
}

} // namespace mcp_push
