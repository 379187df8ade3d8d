// SPDX-License-Identifier: MIT
#include "core/rules/compose.hpp"

#include "core/base/json.hpp"
#include "core/base/markdown.hpp"
#include "core/base/text.hpp"
#include "core/rules/words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push {
namespace {

constexpr std::size_t k_title_characters = 60;
constexpr std::size_t k_lines = 12;
constexpr std::size_t k_bytes = 1500;
constexpr std::size_t k_one_line_bytes = 200;
constexpr std::size_t k_inline_characters = 60; ///< a longer command stands in a block of its own
constexpr std::string_view k_separator = " · ";
constexpr std::string_view k_line_break = "  \n"; // CommonMark's hard line break

bool is_blank(std::string_view text) { return trim(text).empty(); }

/// The texts lose what no message may carry even where a row was written by other hands.
Facts cleaned(Facts facts) {
    for (std::string* text : {&facts.title, &facts.project, &facts.branch, &facts.host, &facts.agent, &facts.tool}) {
        *text = one_line(clean_text(*text));
    }
    for (std::string* text : {&facts.body, &facts.prompt, &facts.answer, &facts.error, &facts.waits, &facts.output_tail,
                              &facts.resume, &facts.folder, &facts.postscript}) {
        *text = clean_text(*text);
    }
    return facts;
}

/// A message that somebody sent as it is: no run, so no outcome.
bool is_bare_message(const Event& event) {
    return event.run.turn.empty() && !event.duration && !event.started && !is_blank(event.facts.title);
}

std::string_view mark_of(const Event& event) {
    if (is_bare_message(event)) return "🔔";
    switch (event.kind) {
    case EventKind::end:
        return "✅";
    case EventKind::error:
        return "❌";
    case EventKind::needs_user_action:
        return "✋";
    case EventKind::cancelled:
        return "🚫";
    case EventKind::start:
        return "🚀";
    case EventKind::update:
        return "🔄";
    }
    return "🔔";
}

std::string first_line(std::string_view text) {
    return shorten(one_line(head(trim(text), 1, text.size())), k_one_line_bytes);
}

/// A name of at most `most` characters; of a longer one the middle is left out, because both ends tell it apart.
std::string shorten_name(std::string_view name, std::size_t most) {
    if (count_code_points(name) <= most) return std::string(name);
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < name.size(); ++at) {
        if ((static_cast<unsigned char>(name[at]) & 0xC0) != 0x80) starts.push_back(at);
    }
    const std::size_t tail_length = (most - 1) / 2;
    const std::size_t head_length = most - 1 - tail_length;
    return std::string(name.substr(0, starts[head_length])) + "…" +
           std::string(name.substr(starts[starts.size() - tail_length]));
}

/// The id that the run is known by outside: the given one, or the agent's session and turn.
std::string run_id_of(const Event& event) {
    if (event.facts.agent.empty() || event.run.session.empty()) return event.run.turn;
    std::string id = event.run.agent + ":" + event.run.session;
    return event.run.turn.empty() ? id : id + ":" + event.run.turn;
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return result;
}

/// JSON with two spaces of indentation; the order of members and the spelling of numbers stay as they were given.
std::string indent_json(std::string_view json) {
    std::string result;
    std::size_t depth = 0;
    bool in_string = false;
    const auto new_line = [&] { result += "\n" + std::string(2 * std::min<std::size_t>(depth, 32), ' '); };
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (in_string) {
            result += c;
            if (c == '\\' && at + 1 < json.size()) result += json[++at];
            in_string = c != '"';
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
        const bool closes = c == '}' || c == ']';
        if (closes) {
            depth -= std::min<std::size_t>(depth, 1);
            if (!result.empty() && result.back() != '{' && result.back() != '[') new_line();
        } else if (!result.empty() && (result.back() == '{' || result.back() == '[')) {
            new_line();
        }
        result += c;
        in_string = c == '"';
        if (c == '{' || c == '[') ++depth;
        if (c == ',') new_line();
        if (c == ':') result += ' ';
    }
    return result;
}

/// Tools that only ask: their input is words for a person, not something to run.
bool asks_in_words(std::string_view tool) { return tool.empty() || tool == "AskUserQuestion" || tool == "elicitation"; }
bool is_plan(std::string_view tool) { return tool == "ExitPlanMode"; }

/// The body of one message, put together from what is known and may be shown.
class Body {
public:
    Body(const Event& event, const Facts& facts, const ComposeOptions& options)
        : m_event(event), m_facts(facts), m_privacy(options.privacy), m_words(words(options.language)) {}

    /// CommonMark; "" where nothing is known.
    [[nodiscard]] std::string compose() {
        if (m_privacy >= Privacy::summary) {
            if (m_event.kind == EventKind::needs_user_action) add(what_waits());
            add(error());
            add(command());
            add(answer());
            add(output());
            if (m_event.kind == EventKind::error || m_event.kind == EventKind::cancelled) add(interrupted());
        }
        if (m_privacy >= Privacy::metadata) add(footer());
        return join(m_sections, "\n\n");
    }

private:
    [[nodiscard]] bool full() const { return m_privacy == Privacy::full; }

    void add(std::string section) {
        if (!section.empty()) m_sections.push_back(std::move(section));
    }

    /// Plain text from outside, cut to what a phone shows well.
    [[nodiscard]] std::string plain(const std::string& text) const {
        return full() ? plain_block(head(text, k_lines, k_bytes)) : escape_markdown(first_line(text));
    }

    [[nodiscard]] std::string named_code(const std::string& introduction, bool with_colon,
                                         const std::string& code) const {
        const std::string colon(with_colon ? m_words.colon : "");
        if (is_blank(code)) return introduction;
        const auto text = head(code, k_lines, k_bytes);
        const bool small = text.find('\n') == std::string::npos && count_code_points(text) <= k_inline_characters;
        if (!small) return introduction + std::string(m_words.colon) + "\n\n" + code_block(text);
        return introduction + colon + (with_colon && m_words.colon != ":" ? "" : " ") + code_span(text);
    }

    [[nodiscard]] std::string what_waits() const {
        const bool known = !is_blank(m_facts.waits);
        if (is_plan(m_facts.tool)) {
            if (!known) return std::string(m_words.plan) + std::string(m_words.stop);
            return std::string(m_words.plan) + std::string(m_words.colon) + "\n\n" +
                   markdown_head(escape_html(m_facts.waits), k_lines, k_bytes);
        }
        if (asks_in_words(m_facts.tool)) {
            if (known) return plain_block(head(m_facts.waits, k_lines, k_bytes));
            return m_facts.tool.empty() ? "" : std::string(m_words.question) + std::string(m_words.stop);
        }
        return named_code(fill(m_words.needs_approval, "**" + escape_markdown(m_facts.tool) + "**"), true,
                          m_facts.waits);
    }

    [[nodiscard]] std::string interrupted() const {
        if (m_facts.tool.empty()) return {};
        return named_code(fill(m_words.interrupted, "**" + escape_markdown(m_facts.tool) + "**"), false, m_facts.waits);
    }

    [[nodiscard]] std::string error() const { return is_blank(m_facts.error) ? "" : plain(m_facts.error); }

    [[nodiscard]] bool is_command() const { return m_facts.agent == "command"; }

    /// The command that ran and how it ended.
    [[nodiscard]] std::string command() const {
        std::string line = is_command() ? code_span(shorten(one_line(m_facts.prompt), k_one_line_bytes)) : "";
        const int code = m_facts.exit_code.value_or(0);
        if (!m_facts.exit_code || (code == 0 && m_event.kind == EventKind::end)) return line;
        return (line.empty() ? line : line + std::string(k_separator)) + fill(m_words.exit_code, std::to_string(code));
    }

    [[nodiscard]] std::string answer() const {
        if (is_blank(m_facts.answer) || m_facts.answer == m_facts.error) return {};
        if (!m_facts.markdown) return plain(m_facts.answer);
        const auto text = escape_html(m_facts.answer);
        return full() ? markdown_head(text, k_lines, k_bytes) : markdown_first_line(text, k_one_line_bytes);
    }

    [[nodiscard]] std::string output() const {
        if (!full() || is_blank(m_facts.output_tail)) return {};
        const auto lines = tail(m_facts.output_tail, k_lines, k_bytes);
        return code_block(lines);
    }

    /// What was asked, where it ran, how to go on: one line each.
    [[nodiscard]] std::string footer() const {
        std::vector<std::string> lines;
        if (m_privacy >= Privacy::summary && !is_command() && !is_blank(m_facts.prompt)) {
            lines.push_back(std::string(m_words.asked) +
                            escape_markdown(shorten(one_line(m_facts.prompt), k_one_line_bytes)));
        }
        if (auto place = where(); !place.empty()) lines.push_back(std::move(place));
        if (full() && !is_blank(m_facts.resume))
            lines.push_back(std::string(m_words.resume) + code_span(m_facts.resume));
        return join(lines, k_line_break);
    }

    [[nodiscard]] std::string where() const {
        std::vector<std::string> parts;
        for (const std::string* fact : {&m_facts.agent, &m_facts.branch, &m_facts.host}) {
            if (!fact->empty() && !(fact == &m_facts.agent && is_command())) parts.push_back(*fact);
        }
        if (m_privacy >= Privacy::summary && m_facts.changed_files.value_or(0) > 0) {
            const int count = *m_facts.changed_files;
            parts.push_back(count == 1 ? std::string(m_words.changed_one)
                                       : fill(m_words.changed, std::to_string(count)));
        }
        for (const auto& label : m_facts.labels)
            parts.push_back(one_line(clean_text(label)));
        return escape_markdown(join(parts, k_separator));
    }

    const Event& m_event;
    const Facts& m_facts;
    Privacy m_privacy;
    const Words& m_words;
    std::vector<std::string> m_sections;
};

/// The text that somebody gave, as far as it may be shown.
std::string given_text(const Facts& facts, Privacy privacy) {
    if (privacy < Privacy::summary || is_blank(facts.body)) return {};
    if (facts.markdown) {
        const auto text = escape_html(facts.body);
        return privacy == Privacy::full ? text : markdown_first_line(text, k_one_line_bytes);
    }
    return privacy == Privacy::full ? facts.body : first_line(facts.body);
}

std::string title_of(const Event& event, const Facts& facts, const ComposeOptions& options) {
    const auto run_id = one_line(clean_text(run_id_of(event)));
    if (options.privacy >= Privacy::summary && !facts.title.empty()) return facts.title;
    const bool structured = options.event && facts.title.empty() && !is_blank(facts.body) && !run_id.empty();
    if (structured && options.privacy >= Privacy::metadata) return "[" + upper(name_of(event.kind)) + "] " + run_id;

    std::string title = std::string(mark_of(event)) + " " + outcome_title(event, options.language);
    if (options.privacy == Privacy::none) return title;
    const std::string duration =
        event.duration
            ? std::string(k_separator) + format_duration(*event.duration, options.language == Language::chinese)
            : "";
    if (!facts.project.empty()) {
        const auto used = count_code_points(title) + count_code_points(k_separator) + count_code_points(duration);
        const std::size_t room = used < k_title_characters ? k_title_characters - used : 0;
        title += std::string(k_separator) + shorten_name(facts.project, std::max<std::size_t>(room, 5));
    }
    return title + duration;
}

} // namespace

std::string outcome_title(const Event& event, Language language) {
    const Words& w = words(language);
    if (is_bare_message(event)) return std::string(w.message);
    switch (event.kind) {
    case EventKind::end: {
        const int running = event.facts.background_tasks;
        if (running == 1) return std::string(w.turn_over_one);
        return running > 1 ? fill(w.turn_over, std::to_string(running)) : std::string(w.finished);
    }
    case EventKind::error:
        return std::string(w.failed);
    case EventKind::needs_user_action:
        return std::string(w.waiting);
    case EventKind::cancelled:
        return std::string(w.cancelled);
    case EventKind::start:
        return std::string(w.started);
    case EventKind::update:
        return std::string(w.update);
    }
    return std::string(w.message);
}

Message compose(const Event& event, const ComposeOptions& options) {
    const Facts facts = cleaned(event.facts);
    Message message;
    message.urgency = options.urgency;
    message.title = title_of(event, facts, options);
    const bool given = !facts.title.empty() || !is_blank(facts.body);
    const bool show_data = options.event && options.privacy == Privacy::full && !is_blank(facts.data);
    if (given && options.privacy >= Privacy::summary) {
        message.body = given_text(facts, options.privacy);
        message.markdown = facts.markdown;
    } else if (options.privacy > Privacy::none) {
        message.body = Body(event, facts, options).compose();
        message.markdown = true;
    }
    if (show_data) {
        if (!message.markdown) message.body = plain_block(message.body);
        if (!message.body.empty()) message.body += "\n\n";
        const Words& w = words(options.language);
        message.body +=
            "**" + std::string(w.data) + std::string(w.colon) + "**\n\n" + code_block(indent_json(facts.data), "json");
        message.markdown = true;
    }
    if (is_blank(message.body)) {
        const bool titled = options.privacy >= Privacy::summary && !facts.title.empty();
        message.body = titled ? facts.title : outcome_title(event, options.language);
        message.markdown = false;
    }
    if (!is_blank(facts.postscript)) {
        message.body += "\n\n" + (message.markdown ? escape_markdown(facts.postscript) : facts.postscript);
    }
    if (options.event) message.event_json = event_json(event, options.privacy);
    return message;
}

std::string event_json(const Event& event, Privacy privacy) {
    const Facts facts = cleaned(event.facts);
    const auto run_id = run_id_of(event);
    OrderedJson json;
    // Without the right to name things a run's events can still be told to belong together.
    json["run_id"] = privacy == Privacy::none && !run_id.empty() ? to_hex(hash64(run_id)) : run_id;
    json["event"] = name_of(event.kind);
    const auto put = [&](const char* key, const std::string& text) {
        if (!is_blank(text)) json[key] = text;
    };
    const auto put_text = [&](const char* key, const std::string& text) {
        if (privacy >= Privacy::summary) put(key, privacy == Privacy::full ? text : first_line(text));
    };
    const bool told = privacy >= Privacy::summary;
    std::string message = outcome_title(event, Language::english);
    for (const std::string* text : {&facts.body, &facts.error, &facts.waits, &facts.answer, &facts.title}) {
        if (!told || is_blank(*text)) continue;
        message = privacy == Privacy::full ? *text : first_line(*text);
        break;
    }
    json["message"] = message;
    json["timestamp"] = to_iso8601(event.at);
    if (privacy == Privacy::none) return dump_json(json);

    if (event.started) json["started_at"] = to_iso8601(*event.started);
    if (event.duration) json["duration_ms"] = event.duration->count();
    put("agent", facts.agent);
    put("session", facts.agent.empty() ? "" : event.run.session);
    put("project", facts.project);
    put("branch", facts.branch);
    put("host", facts.host);
    if (!facts.labels.empty()) json["labels"] = facts.labels;
    if (event.kind == EventKind::end && facts.background_tasks > 0) json["background_tasks"] = facts.background_tasks;
    if (!told) return dump_json(json);

    put("title", facts.title);
    put("tool", facts.tool);
    put_text(event.kind == EventKind::needs_user_action ? "question" : "tool_input", facts.waits);
    put_text("prompt", facts.prompt);
    put_text("answer", facts.answer);
    put_text("error", facts.error);
    if (facts.exit_code) json["exit_code"] = *facts.exit_code;
    if (facts.changed_files) json["changed_files"] = *facts.changed_files;
    if (privacy == Privacy::full) {
        put("folder", facts.folder);
        put("output_tail", facts.output_tail);
        put("resume", facts.resume);
        if (const auto data = parse_json(facts.data, k_json_unlimited)) json["data"] = OrderedJson(*data);
    }
    return dump_json(json);
}

} // namespace mcp_push
