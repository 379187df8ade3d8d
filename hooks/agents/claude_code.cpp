// SPDX-License-Identifier: MIT
// Claude Code: its hooks' payloads and its transcript, as measured with version 2.1.329.
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "hooks/agent.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <initializer_list>

namespace mcp_push {
namespace agents::claude_code {

/// How much of a transcript's end is read, however long it is.
constexpr std::size_t k_tail = 256 * 1024;

struct EventRow {
    std::string_view name;
    SignalKind kind;
};

/// The events that matter to a run's start, end, failure or question. Every other one passes politely.
constexpr EventRow k_events[] = {
    {"SessionStart", SignalKind::session_start},
    {"UserPromptSubmit", SignalKind::prompt},
    {"PostToolUse", SignalKind::activity},
    {"PostToolUseFailure", SignalKind::activity},
    {"PermissionRequest", SignalKind::question},
    {"Elicitation", SignalKind::question},
    {"ElicitationResult", SignalKind::answer},
    {"Notification", SignalKind::reminder},
    {"Stop", SignalKind::stop},
    {"StopFailure", SignalKind::failure},
    {"SessionEnd", SignalKind::session_end},
};

static SignalKind kind_of(std::string_view event) {
    for (const auto& row : k_events) {
        if (row.name == event) return row.kind;
    }
    return SignalKind::other;
}

static SignalKind kind_of_notification(std::string_view type) {
    for (const std::string_view waits : {"permission_prompt", "worker_permission_prompt", "elicitation_dialog",
                                         "elicitation_url_dialog", "agent_needs_input"}) {
        if (type == waits) return SignalKind::reminder;
    }
    return type == "idle_prompt" ? SignalKind::idle : SignalKind::other;
}

static bool only_asks(std::string_view tool) { return tool == "AskUserQuestion" || tool == "ExitPlanMode"; }

/// The same for a dialog and the end of the tool that it was about. An answered question comes back with its answers
/// added to its input, so those tools are told apart by their name alone.
static std::string tool_key(const std::string& tool, const Json& input) {
    return only_asks(tool) ? tool : tool + ":" + to_hex(hash64(dump_json(input)));
}

/// What waits, in one text: the command, the file, the question.
static std::string describe_tool(const std::string& tool, const Json& input) {
    if (tool == "AskUserQuestion") {
        std::vector<std::string> questions;
        for (const auto& question : array_member(input, "questions"))
            questions.push_back(string_member(question, "question"));
        return join(questions, "\n");
    }
    for (const std::string_view key : {"command", "file_path", "plan", "url", "query", "pattern", "path", "prompt"}) {
        if (auto text = string_member(input, key); !text.empty()) return text;
    }
    return input.is_object() && !input.empty() ? shorten(dump_json(input), 400) : std::string();
}

static void list_background(Signal& signal, const Json& tasks) {
    for (const auto& task : tasks) {
        const auto status = string_member(task, "status", "running");
        if (status != "running" && status != "pending") continue;
        const auto type = string_member(task, "type");
        signal.background.push_back(
            {.id = string_member(task, "id"), .may_never_end = type == "shell" || type == "monitor"});
    }
}

/// A prompt that the machine made when a background task ended: <task-notification> with the task's id in it.
static void read_task_notification(Signal& signal) {
    constexpr std::string_view k_open = "<task-id>";
    const auto text = trim(signal.text);
    if (!text.starts_with("<task-notification>")) return;
    signal.from_machine = true;
    const auto begin = text.find(k_open);
    const auto end = text.find("</task-id>");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return;
    signal.task = text.substr(begin + k_open.size(), end - begin - k_open.size());
}

static void fill_tool(Signal& signal, const Json& payload) {
    signal.tool = string_member(payload, "tool_name");
    const Json& input = member(payload, "tool_input");
    signal.tool_key = tool_key(signal.tool, input);
    signal.tool_only_asks = only_asks(signal.tool);
    signal.text = describe_tool(signal.tool, input);
    if (const auto took = integer_member(payload, "duration_ms"); took && *took >= 0)
        signal.tool_duration = Millis(*took);
}

static bool recognises(const Json& payload, const Environment&) {
    return member(payload, "hook_event_name").is_string() && member(payload, "session_id").is_string();
}

static Result<Decoded> decode(const Json& payload, const Environment& environment) {
    const auto event = string_member(payload, "hook_event_name");
    Decoded decoded;
    Signal& signal = decoded.signal;
    signal.session = string_member(payload, "session_id");
    if (event.empty() || signal.session.empty()) {
        return Error{ErrorKind::payload,
                     "the payload has no " + std::string(event.empty() ? "hook_event_name" : "session_id")};
    }
    signal.kind = kind_of(event);
    signal.turn = string_member(payload, "prompt_id");
    signal.sub_agent = string_member(payload, "agent_id");
    decoded.folder = string_member(payload, "cwd");
    decoded.records = string_member(payload, "transcript_path");
    decoded.resume = "claude --resume " + signal.session;
    const auto pid = environment.get("CLAUDE_PID");
    std::from_chars(pid.data(), pid.data() + pid.size(), decoded.agent_pid);

    switch (signal.kind) {
    case SignalKind::session_start:
        // Compaction happens in the middle of a turn and keeps the session.
        if (string_member(payload, "source") == "compact") signal.kind = SignalKind::other;
        break;
    case SignalKind::prompt:
        signal.text = string_member(payload, "prompt");
        read_task_notification(signal);
        break;
    case SignalKind::activity:
        fill_tool(signal, payload);
        break;
    case SignalKind::question:
        if (event == "PermissionRequest") {
            fill_tool(signal, payload);
            break;
        }
        [[fallthrough]];
    case SignalKind::answer:
        signal.tool = "elicitation";
        signal.tool_key = "elicitation:" + string_member(payload, "mcp_server_name");
        signal.tool_only_asks = true;
        signal.text = string_member(payload, "message");
        break;
    case SignalKind::reminder:
        signal.kind = kind_of_notification(string_member(payload, "notification_type"));
        signal.text = string_member(payload, "message");
        break;
    case SignalKind::stop:
        signal.text = string_member(payload, "last_assistant_message");
        signal.continued = bool_member(payload, "stop_hook_active");
        list_background(signal, array_member(payload, "background_tasks"));
        break;
    case SignalKind::failure:
        signal.text = string_member(payload, "last_assistant_message");
        if (signal.text.empty()) signal.text = string_member(payload, "error_details");
        if (signal.text.empty()) signal.text = string_member(payload, "error");
        break;
    case SignalKind::session_end: {
        const auto reason = string_member(payload, "reason");
        signal.by_hand = reason == "prompt_input_exit" || reason == "clear" || reason == "logout" || reason == "resume";
        break;
    }
    case SignalKind::idle:
    case SignalKind::other:
        break;
    }
    return decoded;
}

/// The newest lines of a transcript, newest first. `use` returns true to stop.
template <class Use>
static void each_record(const std::string& path, std::string_view holding, Use use) {
    if (path.empty()) return;
    const auto text = read_tail(path, k_tail);
    if (!text) return;
    const auto lines = split(*text, '\n');
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (line->find(holding) == std::string_view::npos) continue;
        const auto record = parse_json(*line, {.depth = 8, .string_bytes = 4096, .elements = 2000});
        if (record && use(*record)) return;
    }
}

static std::optional<TimePoint> time_of(const Json& record) {
    const auto when = parse_time(string_member(record, "timestamp"));
    return when ? std::optional(*when) : std::nullopt;
}

/// The text blocks of a record's message, joined.
static std::string text_of(const Json& record) {
    const Json& content = member(member(record, "message"), "content");
    if (content.is_string()) return content.get<std::string>();
    std::string text;
    for (const auto& block : array_member(member(record, "message"), "content")) {
        const Json& inner = member(block, "content");
        text += string_member(block, "text", inner.is_string() ? inner.get_ref<const std::string&>() : "");
    }
    return text;
}

static std::optional<RecordedPrompt> find_prompt(const std::string& records, const std::string& turn) {
    std::optional<RecordedPrompt> prompt;
    each_record(records, turn, [&](const Json& record) {
        if (string_member(record, "type") != "user" || string_member(record, "promptId") != turn) return false;
        if (const auto when = time_of(record)) {
            auto text = text_of(record);
            if (text.starts_with('<')) text.clear(); // <bash-input>, <task-notification>, ...: the machine's words
            prompt = RecordedPrompt{*when, std::move(text)}; // the oldest of the turn is met last
        }
        return false;
    });
    return prompt;
}

/// The error that this record tells, if it does.
static std::optional<RecordedFailure> failure_of(const Json& record) {
    RecordedFailure failure;
    if (bool_member(record, "isApiErrorMessage")) {
        failure.text = text_of(record);
        if (failure.text.empty()) failure.text = string_member(record, "error", "API error");
    } else if (const Json& note = member(record, "attachment"); string_member(note, "type") == "max_turns_reached") {
        failure.text = "Reached max turns (" + std::to_string(integer_member(note, "maxTurns").value_or(0)) + ")";
    } else {
        return std::nullopt;
    }
    const auto when = time_of(record);
    if (!when) return std::nullopt;
    failure.at = *when;
    return failure;
}

/// A turn failed when an error is the last thing in it. Its prompt and its tools' results are lines of the user's side
/// that bear its id; the agent's answers bear none.
static std::optional<RecordedFailure> find_failure(const std::string& records, const std::string& turn) {
    std::optional<RecordedFailure> last;
    bool decided = false;
    each_record(records, "\"type\"", [&](const Json& record) {
        const auto type = string_member(record, "type");
        if (type == "user") {
            if (turn.empty() || string_member(record, "promptId") == turn) return true;
            last.reset(); // all of that was a later turn's
            decided = false;
            return false;
        }
        if (decided) return false;
        last = failure_of(record);
        decided = last.has_value() || type == "assistant";
        return false;
    });
    return last;
}

/// Whether a record of the user's side, not older than `since`, holds one of these texts.
static bool has_user_text(const std::string& records, TimePoint since, std::initializer_list<std::string_view> texts) {
    bool found = false;
    each_record(records, "\"user\"", [&](const Json& record) {
        if (string_member(record, "type") != "user") return false;
        const auto when = time_of(record);
        if (!when) return false;
        if (*when < since) return true;
        const auto text = text_of(record);
        for (const auto wanted : texts)
            found |= text.find(wanted) != std::string::npos;
        return found;
    });
    return found;
}

static bool dealt_with(const std::string& records, TimePoint asked) {
    return has_user_text(records, asked,
                         {"[Request interrupted by user", "doesn't want to proceed with this tool use"});
}

static bool was_refused(const std::string& records, TimePoint stopped) {
    // Another hook may have answered some milliseconds before ours was seen.
    return has_user_text(records, stopped - Millis(1000), {"Stop hook feedback"});
}

/// Our program, or the shim that runs it; the original's scripts had the same name and never refused an end.
static bool is_ours(std::string_view command) {
    return command.find("mcp-push") != std::string_view::npos ||
           command.find("completion-hook") != std::string_view::npos;
}

static bool has_foreign_stop_hook(const std::string& settings_file) {
    const auto text = read_file(settings_file, 1 << 20);
    if (!text) return false;
    const auto settings = parse_json(*text);
    if (!settings) return false;
    for (const auto& group : array_member(member(*settings, "hooks"), "Stop")) {
        for (const auto& hook : array_member(group, "hooks")) {
            if (!is_ours(string_member(hook, "command"))) return true;
        }
    }
    return false;
}

static bool may_be_refused(const Decoded& decoded, const Environment& environment) {
    if (decoded.signal.continued) return true;
    auto user = environment.get("CLAUDE_CONFIG_DIR");
    if (user.empty()) user = environment.get("HOME") + "/.claude";
    auto project = environment.get("CLAUDE_PROJECT_DIR");
    if (project.empty()) project = decoded.folder;
    return has_foreign_stop_hook(user + "/settings.json") ||
           has_foreign_stop_hook(project + "/.claude/settings.json") ||
           has_foreign_stop_hook(project + "/.claude/settings.local.json");
}

/// Claude Code writes this sequence to its own terminal for a hook, which has none (claude-code.md section 4).
static std::string terminal_reply(std::string_view title, std::string_view body) {
    std::string text(title);
    if (!body.empty()) text += ": " + one_line(body);
    return dump_json(Json{{"terminalSequence", "\x1b]9;" + shorten(clean_text(text), 300) + "\a"}}) + "\n";
}

} // namespace agents::claude_code

MCP_PUSH_AGENT(claude_code){
    .id = "claude-code",
    .title = "Claude Code",
    .recognises = &agents::claude_code::recognises,
    .decode = &agents::claude_code::decode,
    .find_prompt = &agents::claude_code::find_prompt,
    .find_failure = &agents::claude_code::find_failure,
    .dealt_with = &agents::claude_code::dealt_with,
    .may_be_refused = &agents::claude_code::may_be_refused,
    .was_refused = &agents::claude_code::was_refused,
    .terminal_reply = &agents::claude_code::terminal_reply,
};

} // namespace mcp_push
