// SPDX-License-Identifier: MIT
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/rules/compose.hpp"
#include "core/rules/compose_parts.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {

std::string event_json(const Event& event, Privacy privacy) {
    using namespace composing;
    const Facts facts = cleaned(event.facts);
    const auto run_id = run_id_of(event);
    OrderedJson json;
    json["run_id"] = privacy == Privacy::none ? "" : run_id;
    json["event"] = name_of(event.kind);
    const auto put = [&](const char* key, const std::string& text) {
        if (!is_blank(text)) json[key] = text;
    };
    const auto put_text = [&](const char* key, const std::string& text) {
        if (privacy >= Privacy::summary) put(key, privacy == Privacy::full ? text : first_line(text));
    };
    const bool told = privacy >= Privacy::summary;
    std::string message = outcome_title(event, Language::english);
    if (told && is_command(facts) && !is_blank(facts.prompt)) {
        message = first_line(facts.prompt);
        if (facts.exit_code) message += ": exit code " + std::to_string(*facts.exit_code);
    }
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
    if (!event.run.session.starts_with('/')) put("session", event.run.session); // else it is a folder
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
