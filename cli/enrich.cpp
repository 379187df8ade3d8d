// SPDX-License-Identifier: MIT
#include "cli/deliverer.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "hooks/place.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace {

constexpr Millis k_git_limit{1'000};
constexpr Millis k_sentence_limit{1'000};
constexpr Millis k_pause_after_failure{600'000};
constexpr std::string_view k_sentence_address = "https://v1.hitokoto.cn/";

/// Files that differ from the last commit, as `git status` lists them.
std::optional<int> count_changed_files(const std::string& folder) {
    if (folder.empty() || !file_exists(project_root(folder) + "/.git")) return std::nullopt;
    // The folder may hold a foreign repository: nothing that its own settings name is run, nothing in it is written.
    const auto output = run_program({"git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c",
                                     "core.hooksPath=/dev/null", "status", "--porcelain", "--ignore-submodules=all"},
                                    k_git_limit, folder);
    if (!output || output->exit_code != 0) return std::nullopt;
    return static_cast<int>(std::ranges::count(output->standard_output, '\n'));
}

} // namespace

void Enricher::enrich(NotificationRow& row, const Config& config) {
    Facts& facts = row.event.facts;
    const bool is_result = row.event.kind == EventKind::end || row.event.kind == EventKind::error;
    if (is_result && facts.title.empty() && !facts.changed_files) {
        facts.changed_files = count_changed_files(facts.folder);
    }
    if (config.hitokoto && facts.postscript.empty()) facts.postscript = fetch_sentence(config.http);
}

std::string Enricher::fetch_sentence(const HttpOptions& options) {
    const Millis begin = m_clock.since_boot();
    if (begin < m_not_before) return {};
    HttpOptions limited = options;
    limited.timeout = limited.connect_timeout = k_sentence_limit;
    const auto other = m_environment.get("MCP_PUSH_HITOKOTO_URL");
    auto client = make_curl_client(limited, m_environment);
    std::string sentence;
    if (client) {
        HttpRequest request;
        request.method = "GET";
        request.url = other.empty() ? std::string(k_sentence_address) : other;
        (*client)->start(std::move(request), [&](const HttpReply& reply) {
            const auto parsed = parse_json(reply.body);
            if (reply.status != 200 || !parsed) return;
            const auto words = one_line(clean_text(string_member(*parsed, "hitokoto")));
            const auto source = one_line(clean_text(string_member(*parsed, "from")));
            if (!words.empty())
                sentence = shorten(words, 600) + (source.empty() ? "" : "    ----" + shorten(source, 200));
        });
        while ((*client)->in_flight() > 0 && m_clock.since_boot() - begin < k_sentence_limit) {
            (*client)->run_for(k_sentence_limit - (m_clock.since_boot() - begin));
        }
        (*client)->cancel_all();
    }
    if (sentence.empty()) m_not_before = m_clock.since_boot() + k_pause_after_failure;
    return sentence;
}

} // namespace mcp_push
