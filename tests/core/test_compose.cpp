// SPDX-License-Identifier: MIT
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/rules/compose.hpp"
#include "tests/support/example_events.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace mcp_push;

namespace {

Event ended(std::string project, Millis duration = Millis(125'000)) {
    Event event;
    event.run = {"claude-code", "session-1", "turn-1"};
    event.at = from_millis(1'795'252'925'000);
    event.duration = duration;
    event.facts.agent = "claude-code";
    event.facts.project = std::move(project);
    event.facts.markdown = true;
    return event;
}

/// `mcp-push send TITLE BODY`
Event sent(std::string title, std::string body) {
    Event event;
    event.kind = EventKind::update;
    event.run.agent = "send";
    event.facts.title = std::move(title);
    event.facts.body = std::move(body);
    event.facts.project = "myproject";
    event.facts.host = "devbox";
    return event;
}

/// `mcp-push event RUN_ID EVENT MESSAGE --data DATA`
Event structured(std::string run_id, EventKind kind, std::string message, std::string data = {}) {
    Event event;
    event.kind = kind;
    event.at = from_millis(1'795'252'925'000);
    event.run = {"event", "", std::move(run_id)};
    event.facts.body = std::move(message);
    event.facts.data = std::move(data);
    return event;
}

std::string first_characters(const std::string& text, std::size_t count) {
    std::size_t at = 0;
    for (std::size_t seen = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && seen++ == count) break;
    }
    return text.substr(0, at);
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

const ComposeOptions k_english{};
const ComposeOptions k_chinese{.language = Language::chinese};

} // namespace

TEST_CASE("compose: outcome, project and duration stand in the title") {
    CHECK(compose(ended("myproject"), k_english).title == "✅ Task finished · myproject · 2 min 5 s");
    CHECK(compose(ended("myproject"), k_chinese).title == "✅ 任务完成 · myproject · 2 分 5 秒");
    auto event = ended("myproject");
    event.kind = EventKind::error;
    CHECK(compose(event, k_english).title == "❌ Task failed · myproject · 2 min 5 s");
    CHECK(compose(event, k_chinese).title == "❌ 任务失败 · myproject · 2 分 5 秒");
    event.kind = EventKind::needs_user_action;
    CHECK(compose(event, k_english).title == "✋ Waiting for you · myproject · 2 min 5 s");
    CHECK(compose(event, k_chinese).title == "✋ 等待批准 · myproject · 2 分 5 秒");
}

TEST_CASE("compose: a turn that left tasks running says how many, in the right number") {
    auto event = ended("p");
    event.facts.background_tasks = 1;
    CHECK(compose(event, k_english).title == "✅ Turn over, 1 task still running · p · 2 min 5 s");
    event.facts.background_tasks = 12;
    CHECK(compose(event, k_english).title == "✅ Turn over, 12 tasks still running · p · 2 min 5 s");
    CHECK(contains(compose(event, k_chinese).title, "12 个任务在运行"));
    event.kind = EventKind::error; // a failed turn says that it failed, whatever it left behind
    CHECK(compose(event, k_english).title == "❌ Task failed · p · 2 min 5 s");
}

TEST_CASE("compose: however long the project's name, outcome and duration stand in the first sixty characters") {
    const std::vector<std::string> names = {
        std::string(300, 'x'), "支付网关重构与多币种结算平台后端服务仓库第二期三期四期五期六期七期八期九期十期",
        "a-very-long-repository-name/with-a-sub-project-called-frontend", "p"};
    for (const auto& name : names) {
        for (const auto kind : {EventKind::end, EventKind::error, EventKind::needs_user_action}) {
            for (const int running : {0, 1, 250}) {
                for (const auto& options : {k_english, k_chinese}) {
                    auto event = ended(name, Millis(3'599'000));
                    event.kind = kind;
                    event.facts.background_tasks = running;
                    const auto title = compose(event, options).title;
                    const auto start = first_characters(title, 60);
                    CAPTURE(title);
                    CHECK(contains(start, outcome_title(event, options.language)));
                    CHECK(contains(start, format_duration(*event.duration, options.language == Language::chinese)));
                    CHECK(is_valid_utf8(title));
                }
            }
        }
    }
    const auto title =
        compose(ended("a-very-long-repository-name/with-a-sub-project-called-frontend"), k_english).title;
    CHECK(title == "✅ Task finished · a-very-long-re…lled-frontend · 2 min 5 s");
}

TEST_CASE("compose: what is not known has no line and no place in the title") {
    Event event;
    const auto message = compose(event, k_english);
    CHECK(message.title == "✅ Task finished");
    CHECK(message.body == "Task finished");
    event.facts.branch = "main";
    CHECK(compose(event, k_english).body == "main");
    event.facts.changed_files = 0;
    CHECK(compose(event, k_english).body == "main");
    event.facts.changed_files = 1;
    CHECK(compose(event, k_english).body == "main · 1 file changed");
}

TEST_CASE("compose: what is most wanted comes first") {
    auto event = ended("p");
    event.kind = EventKind::needs_user_action;
    event.facts.tool = "Bash";
    event.facts.waits = "git push --force";
    event.facts.prompt = "publish it";
    event.facts.answer = "I will now push.";
    event.facts.branch = "main";
    CHECK(compose(event, k_english).body == "**Bash** needs your approval: `git push --force`\n\nI will now push.\n\n"
                                            "Asked: publish it  \nclaude-code · main");
}

TEST_CASE("compose: a command that waits is shown as it is, whatever is in it") {
    auto event = ended("p");
    event.kind = EventKind::needs_user_action;
    event.facts.tool = "Bash";
    event.facts.waits = "echo `date` && echo '```'\nrm -rf *";
    CHECK(contains(compose(event, k_english).body, "````\necho `date` && echo '```'\nrm -rf *\n````"));
    event.facts.waits = "echo `date`";
    CHECK(contains(compose(event, k_english).body, "`` echo `date` ``"));
    event.facts.waits = "";
    CHECK(contains(compose(event, k_english).body, "**Bash** needs your approval\n"));
}

TEST_CASE("compose: a plan keeps its markup, a question is plain words") {
    auto event = ended("p");
    event.kind = EventKind::needs_user_action;
    event.facts.tool = "ExitPlanMode";
    CHECK(contains(compose(event, k_english).body, "A plan needs your approval.\n"));
    event.facts.waits = "1. **Read** the code";
    CHECK(contains(compose(event, k_english).body, "A plan needs your approval:\n\n1. **Read** the code"));
    event.facts.tool = "AskUserQuestion";
    event.facts.waits = "Use *this*?";
    CHECK(contains(compose(event, k_english).body, "Use \\*this\\*?"));
    event.facts.waits = "";
    CHECK(contains(compose(event, k_english).body, "A question needs your answer."));
}

TEST_CASE("compose: a command's message names the command, its exit code and the end of its output") {
    Event event;
    event.kind = EventKind::error;
    event.duration = Millis(61'000);
    event.facts.agent = "command";
    event.facts.prompt = "make check";
    event.facts.exit_code = 2;
    event.facts.output_tail = "line\n" + std::string("```\n") + "last line\n";
    const auto body = compose(event, k_english).body;
    CHECK(body == "`make check` · Exit code 2\n\n````\nline\n```\nlast line\n````");
    event.kind = EventKind::end;
    event.facts.exit_code = 0;
    event.facts.output_tail.clear();
    CHECK(compose(event, k_english).body == "`make check`");
}

TEST_CASE("compose: only the last lines of a long output are shown, only the first of a long answer") {
    auto event = ended("p");
    for (int i = 0; i < 1000; ++i) {
        event.facts.answer += "answer line " + std::to_string(i) + "\n\n";
        event.facts.output_tail += "output line " + std::to_string(i) + "\n";
    }
    const auto body = compose(event, k_english).body;
    CHECK(contains(body, "answer line 0\n"));
    CHECK_FALSE(contains(body, "answer line 12"));
    CHECK(contains(body, "output line 999\n"));
    CHECK_FALSE(contains(body, "output line 987\n"));
    CHECK(body.size() < 4000);
}

TEST_CASE("compose: an answer that is cut inside a code block closes it, so that what follows is no code") {
    auto event = ended("p");
    event.facts.branch = "main";
    event.facts.answer = "Look:\n\n~~~~python\n" + std::string(40, '\n');
    for (int i = 0; i < 40; ++i)
        event.facts.answer += "print(" + std::to_string(i) + ")\n";
    const auto body = compose(event, k_english).body;
    CHECK(contains(body, "print(9)\n~~~~\n\n…\n\nclaude-code · main"));
}

TEST_CASE("compose: an answer that ends inside a code block, as a cut one does, is closed too") {
    auto event = ended("p");
    event.facts.answer = "```\ncode";
    CHECK(compose(event, k_english).body == "```\ncode\n```\n\nclaude-code");
}

TEST_CASE("compose: plain texts show literally, CommonMark keeps its markup, HTML is text in both") {
    auto event = ended("p");
    event.facts.answer = "**bold** and <b>tag</b> and `<i>` and <https://example.com>";
    CHECK(contains(compose(event, k_english).body, "**bold** and \\<b>tag\\</b> and `<i>` and <https://example.com>"));
    event.facts.markdown = false;
    CHECK(contains(compose(event, k_english).body, "\\*\\*bold\\*\\* and \\<b>tag\\</b> and \\`\\<i>\\`"));
    event.facts.answer = "snake_case, 3 * 4 < 13, R&D, a-b, #42, C:\\dir";
    CHECK(contains(compose(event, k_english).body, "snake_case, 3 * 4 < 13, R&D, a-b, #42, C:\\dir"));
}

TEST_CASE("compose: no control sequence of a terminal gets through, not even from a row that others wrote") {
    auto event = ended("p\x1b[31m");
    event.facts.answer = "a\x1b]0;title\a\x1b(Bb";
    event.facts.resume = "claude\n--resume\x1b[2J";
    const auto message = compose(event, k_english);
    CHECK_FALSE(contains(message.title + message.body, "\x1b"));
    CHECK(contains(message.body, "ab"));
}

TEST_CASE("compose: the line that resumes a session works from any folder") {
    auto event = ended("p");
    event.facts.resume = "claude --resume 42";
    CHECK(contains(compose(event, k_english).body, "Resume: `claude --resume 42`"));
    event.facts.folder = "/home/mei/my project's";
    CHECK(contains(compose(event, k_english).body, "Resume: `cd '/home/mei/my project'\\''s' && claude --resume 42`"));
    event.facts.folder = "/home/mei/项目";
    CHECK(contains(compose(event, k_english).body, "Resume: `cd /home/mei/项目 && claude --resume 42`"));
}

TEST_CASE("compose: a message that was sent is used as given") {
    const auto message = compose(sent("Backup *done*", "  42 files\n<b>really</b>"), k_english);
    CHECK(message.title == "Backup *done*");
    CHECK(message.body == "  42 files\n<b>really</b>");
    CHECK_FALSE(message.markdown);
    CHECK(compose(sent("Backup done", ""), k_english).body == "Backup done");
    auto event = sent("Report", "**42** files, <b>really</b>");
    event.facts.markdown = true;
    CHECK(compose(event, k_english).body == "**42** files, \\<b>really\\</b>");
    CHECK(compose(event, k_english).markdown);
}

TEST_CASE("compose: a message that was sent to a channel that may not quote it names no outcome") {
    auto message = compose(sent("Salary", "9000"), {.privacy = Privacy::none});
    CHECK(message.title == "🔔 New message");
    CHECK(message.body == "New message");
    message = compose(sent("Salary", "9000"), {.privacy = Privacy::metadata});
    CHECK(message.title == "🔔 New message · myproject");
    CHECK(message.body == "devbox");
    message = compose(sent("Salary", "9000\nmore"), {.privacy = Privacy::summary});
    CHECK(message.title == "Salary");
    CHECK(message.body == "9000");
}

TEST_CASE("compose: a given title stands above what is known of the run") {
    auto event = ended("p");
    event.facts.title = "Nightly backup";
    event.facts.markdown = false;
    event.facts.answer = "3 volumes";
    const auto message = compose(event, k_english);
    CHECK(message.title == "Nightly backup");
    CHECK(contains(message.body, "3 volumes"));
}

TEST_CASE("compose: a structured event has the original's form") {
    const auto event =
        structured("run-42", EventKind::end, "All *done*", R"({"step":3,"b":[1,2.50,{}],"a":"é, {x}: \"y\""})");
    auto message = compose(event, {.event = true});
    CHECK(message.title == "[END] run-42");
    CHECK(message.markdown);
    CHECK(message.body ==
          "All \\*done\\*\n\n**Data:**\n\n```json\n{\n  \"step\": 3,\n  \"b\": [\n    1,\n    2.50,\n    {}\n  ],\n"
          "  \"a\": \"é, {x}: \\\"y\\\"\"\n}\n```");
    message = compose(event, {.language = Language::chinese, .event = true});
    CHECK(contains(message.body, "**附加数据"));
    message = compose(structured("run-42", EventKind::needs_user_action, "Your turn"), {.event = true});
    CHECK(message.title == "[NEEDS_USER_ACTION] run-42");
    CHECK(message.body == "Your turn");
    CHECK_FALSE(message.markdown);
}

TEST_CASE("compose: a structured event shows no more than privacy allows") {
    const auto event = structured("run-42", EventKind::error, "disk full\non /srv", R"({"path":"/srv"})");
    auto message = compose(event, {.privacy = Privacy::none, .event = true});
    CHECK(message.title == "❌ Task failed");
    CHECK_FALSE(contains(message.body + message.event_json, "run-42"));
    CHECK_FALSE(contains(message.body + message.event_json, "srv"));
    message = compose(event, {.privacy = Privacy::metadata, .event = true});
    CHECK(message.title == "[ERROR] run-42");
    CHECK_FALSE(contains(message.body + message.event_json, "disk"));
    message = compose(event, {.privacy = Privacy::summary, .event = true});
    CHECK(message.body == "disk full");
    CHECK_FALSE(contains(message.event_json, "srv"));
}

TEST_CASE("compose: the structured half is there only where it is wanted") {
    CHECK(compose(ended("p"), k_english).event_json.empty());
    CHECK_FALSE(compose(ended("p"), {.event = true}).event_json.empty());
    // An agent's event has a text of its own; its title says more than its id.
    CHECK(compose(ended("p"), {.event = true}).title == "✅ Task finished · p · 2 min 5 s");
}

TEST_CASE("compose: the structured event carries its keys and the data as JSON") {
    const auto parsed =
        parse_json(event_json(structured("run-42", EventKind::end, "done", R"({"k":[1]})"), Privacy::full));
    REQUIRE(parsed);
    CHECK(string_member(*parsed, "run_id") == "run-42");
    CHECK(string_member(*parsed, "event") == "end");
    CHECK(string_member(*parsed, "message") == "done");
    CHECK(string_member(*parsed, "timestamp") == "2026-11-21T09:22:05.000Z");
    CHECK(dump_json(member(*parsed, "data")) == R"({"k":[1]})");
    auto event = ended("p");
    event.started = event.at - Millis(125'000);
    event.facts.exit_code = 0;
    const auto agent = parse_json(event_json(event, Privacy::full));
    REQUIRE(agent);
    CHECK(string_member(*agent, "started_at") == "2026-11-21T09:20:00.000Z");
    CHECK(integer_member(*agent, "duration_ms") == 125'000);
    CHECK(integer_member(*agent, "exit_code") == 0);
    CHECK(string_member(*agent, "project") == "p");
}

TEST_CASE("compose: a run that was given an id is known by it, not by how it is kept") {
    auto event = ended("p");
    event.run = {"run", "/home/mei/p#nightly#1", "nightly#1#3"};
    const auto parsed = parse_json(event_json(event, Privacy::full));
    REQUIRE(parsed);
    CHECK(string_member(*parsed, "run_id") == "nightly#1");
    CHECK_FALSE(contains(event_json(event, Privacy::metadata), "/home/mei"));
}

TEST_CASE("compose: broken data does not break the structured event") {
    const auto event = structured("run-42", EventKind::end, "done", "{\"a\":");
    CHECK(parse_json(event_json(event, Privacy::full)));
    CHECK(contains(compose(event, {.event = true}).body, "{\n  \"a\":\n```"));
}

TEST_CASE("compose: the sentence of the day stands below everything, as text") {
    auto event = ended("p");
    event.facts.postscript = "To *be*,\nor not";
    CHECK(compose(event, k_english).body == "claude-code\n\nTo \\*be\\*,  \nor not");
    auto message = sent("T", "body");
    message.facts.postscript = "To *be*";
    CHECK(compose(message, k_english).body == "body\n\nTo *be*");
}

TEST_CASE("compose: at no privacy level is anything shown that a lower one allows and it does not") {
    for (const auto& example : example_events()) {
        const auto& facts = example.event.facts;
        for (const bool event : {false, true}) {
            const auto none = compose(example.event, {.privacy = Privacy::none, .event = event});
            const auto metadata = compose(example.event, {.privacy = Privacy::metadata, .event = event});
            const auto summary = compose(example.event, {.privacy = Privacy::summary, .event = event});
            const auto text = [](const Message& m) { return m.title + "\n" + m.body + "\n" + m.event_json; };
            CAPTURE(example.name);
            for (const auto& secret :
                 {facts.project, facts.branch, facts.host, facts.folder, example.event.run.session}) {
                if (!secret.empty()) CHECK_FALSE(contains(text(none), secret));
            }
            for (const auto& secret : {facts.prompt, facts.waits, facts.answer, facts.error}) {
                const auto words = secret.substr(0, 12);
                if (words.size() == 12) CHECK_FALSE(contains(text(metadata), words));
            }
            if (!facts.folder.empty()) CHECK_FALSE(contains(text(summary), facts.folder));
            if (!facts.output_tail.empty()) CHECK_FALSE(contains(text(summary), facts.output_tail));
            if (!facts.resume.empty()) CHECK_FALSE(contains(text(summary), facts.resume));
        }
    }
}

TEST_CASE("compose: no text, however strange, breaks a message") {
    std::mt19937 random(7);
    const std::vector<std::string> atoms = {"\x1b[", "```", "\n",           "\n\n",  "> ",   "- ", "<b>", "**",  "中",
                                            "\xff",  "\"",  "\\",           "1. ",   "    ", "\t", "`",   "~~~", "](",
                                            "a",     " ",   "\xe2\x80\xae", "|---|", "{}",   "·",  ","};
    const auto noise = [&] {
        std::string text;
        for (auto left = random() % 30; left > 0; --left)
            text += atoms[random() % atoms.size()];
        return text;
    };
    for (int turn = 0; turn < 3000; ++turn) {
        Event event;
        event.kind = static_cast<EventKind>(random() % 6);
        if (random() % 2 == 0) event.duration = Millis(static_cast<int>(random() % 100'000'000));
        Facts& facts = event.facts;
        for (auto* text : {&facts.title, &facts.body, &facts.agent, &facts.project, &facts.branch, &facts.host,
                           &facts.folder, &facts.prompt, &facts.answer, &facts.error, &facts.tool, &facts.waits,
                           &facts.output_tail, &facts.resume, &facts.data, &facts.postscript, &event.run.turn}) {
            if (random() % 2 == 0) *text = noise();
        }
        facts.markdown = random() % 2 == 0;
        const ComposeOptions options{.language = random() % 2 == 0 ? Language::english : Language::chinese,
                                     .privacy = static_cast<Privacy>(random() % 4),
                                     .event = random() % 2 == 0};
        const auto message = compose(event, options);
        CAPTURE(message.body);
        REQUIRE_FALSE(trim(message.title).empty());
        REQUIRE_FALSE(trim(message.body).empty());
        REQUIRE_FALSE(contains(message.title, "\n"));
        REQUIRE(is_valid_utf8(message.title + message.body + message.event_json));
        REQUIRE_FALSE(contains(message.title + message.body, "\x1b"));
        if (options.event) REQUIRE(parse_json(message.event_json));
    }
}
