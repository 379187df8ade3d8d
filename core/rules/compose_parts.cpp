// SPDX-License-Identifier: MIT
#include "core/rules/compose_parts.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace mcp_push::composing {

bool is_blank(std::string_view text) { return trim(text).empty(); }

Facts cleaned(Facts facts) {
    for (std::string* text : {&facts.title, &facts.project, &facts.branch, &facts.host, &facts.agent, &facts.tool}) {
        *text = one_line(clean_text(*text));
    }
    for (std::string* text : {&facts.body, &facts.prompt, &facts.answer, &facts.error, &facts.waits, &facts.output_tail,
                              &facts.resume, &facts.folder, &facts.data, &facts.postscript}) {
        *text = clean_text(*text);
    }
    return facts;
}

std::string first_line(std::string_view text) {
    text = trim(text);
    return shorten(one_line(text.substr(0, text.find('\n'))), k_one_line_bytes);
}

bool is_bare_message(const Event& event) {
    return event.run.turn.empty() && !event.duration && !event.started && !is_blank(event.facts.title) &&
           is_blank(event.facts.answer + event.facts.error + event.facts.waits);
}

bool is_command(const Facts& facts) { return facts.agent == "command" || facts.agent == "run"; }

std::string agent_of(const Facts& facts) { return is_command(facts) ? "" : facts.agent; }

std::string run_id_of(const Event& event) {
    const auto& [agent, session, turn] = event.run;
    // A given id is kept as "<project>#<id>" and "<id>#<number>": it may be used in two projects, and every night anew.
    if (const auto number = turn.rfind('#'); number != std::string::npos) {
        auto given = turn.substr(0, number);
        if (session.ends_with("#" + given)) return given;
    }
    if (session.empty() || agent.empty()) return turn;
    return agent + ":" + session + (turn.empty() ? "" : ":" + turn);
}

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

} // namespace mcp_push::composing
