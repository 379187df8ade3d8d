// SPDX-License-Identifier: MIT
#include "cli/deliverer.hpp"

#include "channels/specs.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/config/env_channels.hpp"
#include "core/rules/holds.hpp"
#include "core/store/session_file.hpp"
#include "hooks/agent.hpp"

#include <sys/stat.h>

#include <array>

namespace mcp_push {
namespace {

/// A question whose agent runs a young process is looked at again after this: the approved tool may be that process.
constexpr Millis k_look_again{2'000};
constexpr std::chrono::hours k_kept_for{30 * 24};
constexpr std::chrono::hours k_clean_every{20};
constexpr std::size_t k_many_rows = 100'000;

std::string state_of_files(const std::string& folder) {
    std::string state;
    for (const auto* const name : {"/config.toml", "/config.sh", "/.env"}) {
        struct stat info {};
        if (::stat((folder + name).c_str(), &info) != 0) {
            state += "-;";
            continue;
        }
#if defined(__APPLE__)
        const auto& changed = info.st_ctimespec;
#else
        const auto& changed = info.st_ctim;
#endif
        state += std::to_string(info.st_size) + "," + std::to_string(info.st_ino) + "," +
                 std::to_string(changed.tv_sec) + "." + std::to_string(changed.tv_nsec) + ";";
    }
    return state;
}

} // namespace

const Config& ConfigCache::of(const std::string& config_dir) {
    const auto& folder = config_dir.empty() ? m_paths.config_dir : config_dir;
    const auto state = state_of_files(folder);
    auto& entry = m_entries[folder];
    if (entry.state != state) {
        Paths paths = m_paths;
        paths.config_dir = folder;
        entry.config = load_config({.environment = m_environment,
                                    .paths = std::move(paths),
                                    .specs = channel_specs(),
                                    .folder = {},
                                    .flags = {}});
        if (m_adjust) m_adjust(entry.config);
        entry.state = state;
    }
    return entry.config;
}

HoldAnswer check_hold(const Paths& paths, const NotificationRow& row, TimePoint now) {
    using What = HoldAnswer::What;
    const HoldRef& hold = row.hold;
    const auto state = SessionFile::peek(paths, hold.agent, hold.session);
    if (judge_hold(state, hold.kind, hold.turn, hold.question) == HoldVerdict::cancel) {
        return {What::cancel, {}, "the session has moved on"};
    }
    const AgentSpec* const agent = find_agent(hold.agent);
    if (hold.kind == Hold::refusal && agent != nullptr && agent->was_refused != nullptr &&
        agent->was_refused(hold.records, hold.asked)) {
        return {What::cancel, {}, "another hook sent the agent back to work"};
    }
    if (hold.kind != Hold::question) return {What::release, {}, {}};
    if (hold.agent_pid > 0 && !process_exists(hold.agent_pid)) {
        return {What::cancel, {}, "the agent's process is gone"};
    }
    if (agent != nullptr && agent->dealt_with != nullptr && agent->dealt_with(hold.records, hold.asked)) {
        return {What::cancel, {}, "the agent's own records show that the question was dealt with"};
    }
    if (has_child_younger_than(hold.agent_pid, hold.asked)) {
        return {What::later, now + k_look_again, "the agent runs a process that is younger than the question"};
    }
    return {What::release, {}, {}};
}

Result<std::unique_ptr<Deliverer>> Deliverer::make(Context& context, Store& store, std::optional<Millis> timeout) {
    HttpOptions options = context.config().http;
    if (timeout) {
        options.timeout = std::min(options.timeout, *timeout);
        options.connect_timeout = std::min(options.connect_timeout, *timeout);
    }
    TRY_ASSIGN(auto http, make_curl_client(options, context.environment));
    auto local = make_local_sender(context.environment);
    auto deliverer = std::unique_ptr<Deliverer>(new Deliverer(context, store, std::move(http), std::move(local)));
    if (timeout) {
        deliverer->m_configs.adjust([limit = *timeout](Config& config) {
            config.http.timeout = std::min(config.http.timeout, limit);
            config.http.connect_timeout = std::min(config.http.connect_timeout, limit);
        });
    }
    return deliverer;
}

Deliverer::Deliverer(Context& context, Store& store, std::unique_ptr<HttpClient> http,
                     std::unique_ptr<LocalSender> local)
    : m_http(std::move(http)), m_local(std::move(local)), m_configs(context.environment, context.paths),
      m_enricher(context.environment, context.clock),
      m_world{.store = store,
              .http = *m_http,
              .local = *m_local,
              .clock = context.clock,
              .paths = context.paths,
              .environment = context.environment,
              .config_of = [this](const std::string& config_dir) -> const Config& { return m_configs.of(config_dir); },
              .enrich = [this](NotificationRow& row) { m_enricher.enrich(row, m_configs.of(row.config_dir)); },
              .check_hold = [&context](const NotificationRow& row,
                                       TimePoint now) { return check_hold(context.paths, row, now); },
              .log = [&context](std::string_view line) { context.log(line); }} {}

void clean_up(Context& context, Store& store) {
    const TimePoint now = context.clock.now();
    const std::string mark = context.paths.state_dir + "/cleaned";
    struct stat info {};
    const bool was_cleaned = ::stat(mark.c_str(), &info) == 0;
    const auto last = from_millis(static_cast<long long>(info.st_mtime) * 1000);
    if (was_cleaned && last <= now && now - last < k_clean_every) return;
    if (const auto status = write_file(mark, ""); !status) return;

    const TimePoint before = now - k_kept_for;
    (void)forget_sessions(context.paths, before);
    if (const auto purged = store.purge(before, false); !purged) context.log(purged.error().text());
    std::set<std::string, std::less<>> keys;
    for (const auto* const state : {"waiting", "leased", "dead"}) {
        const auto rows = store.list_deliveries(state, k_many_rows);
        if (!rows) return context.log(rows.error().text());
        for (const auto& row : *rows) {
            if (!row.environment_key.empty()) keys.insert(row.environment_key);
        }
    }
    if (const auto status = forget_unused(context.paths, keys, now); !status) context.log(status.error().text());
}

} // namespace mcp_push
