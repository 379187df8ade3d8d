// SPDX-License-Identifier: MIT
#include "core/rules/compose.hpp"

#include "core/base/markdown.hpp"
#include "core/base/text.hpp"
#include "core/rules/compose_parts.hpp"
#include "core/rules/words.hpp"

#include <algorithm>
#include <vector>

namespace mcp_push {
namespace composing {
namespace {

/// Of the 60 that a lock screen shows, "🚨 " may take two.
constexpr std::size_t k_title_characters = 58;

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

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return result;
}

/// The text that somebody gave, as far as it may be shown.
std::string given_text(const Facts& facts, Privacy privacy) {
    if (privacy < Privacy::summary || is_blank(facts.body)) return {};
    if (facts.markdown) {
        const auto text = escape_html(facts.body);
        // Whole, but an open code block is closed: more may follow.
        if (privacy == Privacy::full) return markdown_head(text, std::string::npos, std::string::npos);
        return markdown_first_line(text, k_one_line_bytes);
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
} // namespace composing

std::string outcome_title(const Event& event, Language language) {
    const Words& w = words(language);
    if (composing::is_bare_message(event)) return std::string(w.message);
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
    using namespace composing;
    const Facts facts = cleaned(event.facts);
    const Words& w = words(options.language);
    const bool may_quote = options.privacy >= Privacy::summary;
    Message message;
    message.urgency = options.urgency;
    message.title = title_of(event, facts, options);
    if (may_quote && (is_bare_message(event) || !is_blank(facts.body))) {
        message.body = given_text(facts, options.privacy);
        message.markdown = facts.markdown;
    } else if (options.privacy > Privacy::none) {
        message.body = compose_body(event, facts, options);
        message.markdown = true;
    }
    if (options.event && options.privacy == Privacy::full && !is_blank(facts.data)) {
        if (!message.markdown) message.body = plain_block(message.body);
        if (!message.body.empty()) message.body += "\n\n";
        message.body +=
            "**" + std::string(w.data) + std::string(w.colon) + "**\n\n" + code_block(indent_json(facts.data), "json");
        message.markdown = true;
    }
    if (is_blank(message.body)) {
        message.body = may_quote && !facts.title.empty() ? facts.title : outcome_title(event, options.language);
        message.markdown = false;
    }
    if (!is_blank(facts.postscript)) {
        message.body += "\n\n" + (message.markdown ? escape_markdown(facts.postscript) : facts.postscript);
    }
    if (options.event) message.event_json = event_json(event, options.privacy);
    return message;
}

} // namespace mcp_push
