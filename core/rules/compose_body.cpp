// SPDX-License-Identifier: MIT
#include "core/base/markdown.hpp"
#include "core/base/text.hpp"
#include "core/rules/compose_parts.hpp"
#include "core/rules/words.hpp"

#include <algorithm>
#include <vector>

namespace mcp_push::composing {
namespace {

constexpr std::size_t k_lines = 12;
constexpr std::size_t k_bytes = 1500;
constexpr std::size_t k_inline_characters = 60;   ///< a longer command stands in a block of its own
constexpr std::string_view k_line_break = "  \n"; // CommonMark's hard line break

/// Tools that only ask: their input is words for a person, not something to run.
bool asks_in_words(std::string_view tool) { return tool.empty() || tool == "AskUserQuestion" || tool == "elicitation"; }
bool is_plan(std::string_view tool) { return tool == "ExitPlanMode"; }

/// A word as a POSIX shell takes it.
std::string shell_word(const std::string& word) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               static_cast<unsigned char>(c) >= 0x80 || std::string_view("/._-+@,:").find(c) != std::string_view::npos;
    };
    return std::ranges::all_of(word, plain) ? word : "'" + replace_all(word, "'", "'\\''") + "'";
}

/// The line that resumes a session, from any folder: agents look for their sessions in the folder they are started in.
std::string resume_line(const Facts& facts) {
    if (facts.folder.empty() || facts.resume.starts_with("cd ")) return facts.resume;
    return "cd " + shell_word(facts.folder) + " && " + facts.resume;
}

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

    [[nodiscard]] std::string named_code(const std::string& introduction, const std::string& code) const {
        if (is_blank(code)) return introduction;
        const auto text = head(code, k_lines, k_bytes);
        const bool small = text.find('\n') == std::string::npos && count_code_points(text) <= k_inline_characters;
        const auto announced = introduction + std::string(m_words.colon);
        if (!small) return announced + "\n\n" + code_block(text);
        return announced + (m_words.colon == ":" ? " " : "") + code_span(text);
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
        return named_code(fill(m_words.needs_approval, "**" + escape_markdown(m_facts.tool) + "**"), m_facts.waits);
    }

    [[nodiscard]] std::string interrupted() const {
        if (m_facts.tool.empty()) return {};
        return named_code(fill(m_words.interrupted, "**" + escape_markdown(m_facts.tool) + "**"), m_facts.waits);
    }

    [[nodiscard]] std::string error() const { return is_blank(m_facts.error) ? "" : plain(m_facts.error); }

    /// The command that ran and how it ended.
    [[nodiscard]] std::string command() const {
        std::string line = is_command(m_facts) ? code_span(shorten(one_line(m_facts.prompt), k_one_line_bytes)) : "";
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
        if (m_privacy >= Privacy::summary && !is_command(m_facts) && !is_blank(m_facts.prompt)) {
            lines.push_back(std::string(m_words.asked) +
                            escape_markdown(shorten(one_line(m_facts.prompt), k_one_line_bytes)));
        }
        if (auto place = where(); !place.empty()) lines.push_back(std::move(place));
        if (full() && !is_blank(m_facts.resume))
            lines.push_back(std::string(m_words.resume) + code_span(resume_line(m_facts)));
        return join(lines, k_line_break);
    }

    [[nodiscard]] std::string where() const {
        std::vector<std::string> parts;
        for (const auto& fact : {agent_of(m_facts), m_facts.branch, m_facts.host}) {
            if (!fact.empty()) parts.push_back(fact);
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

} // namespace

std::string compose_body(const Event& event, const Facts& facts, const ComposeOptions& options) {
    return Body(event, facts, options).compose();
}

} // namespace mcp_push::composing
