// SPDX-License-Identifier: MIT
#pragma once

#include "channels/deliver.hpp"
#include "cli/context.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mcp_push {

/// The configurations of the folders that rows name, each read again when one of its files changes.
class ConfigCache {
public:
    ConfigCache(Environment environment, Paths paths)
        : m_environment(std::move(environment)), m_paths(std::move(paths)) {}
    /// Valid until the next call for the same folder.
    [[nodiscard]] const Config& of(const std::string& config_dir);
    /// Lets every configuration read from now on pass through this.
    void adjust(std::function<void(Config&)> change) { m_adjust = std::move(change); }

private:
    struct Entry {
        std::string state; ///< sizes and times of the files
        Config config;
    };
    Environment m_environment;
    Paths m_paths;
    std::function<void(Config&)> m_adjust;
    std::map<std::string, Entry> m_entries;
};

/// Adds what only the deliverer may look for: the number of changed files (git, at most 1 s) and, where it is wanted,
/// the sentence of HITOKOTO (at most 1 s; after a failure not tried again for ten minutes).
class Enricher {
public:
    Enricher(const Environment& environment, const Clock& clock) : m_environment(environment), m_clock(clock) {}
    void enrich(NotificationRow& row, const Config& config);

private:
    [[nodiscard]] std::string fetch_sentence(const HttpOptions& options);

    const Environment& m_environment;
    const Clock& m_clock;
    Millis m_not_before{0};
};

/// Whether a held notification may go, by the session's memory, the agent's records and its processes.
[[nodiscard]] HoldAnswer check_hold(const Paths& paths, const NotificationRow& row, TimePoint now);

/// A deliverer wired to the real world. `context` and `store` outlive it.
class Deliverer {
public:
    /// `timeout`: no request may take longer, whatever the configuration says.
    [[nodiscard]] static Result<std::unique_ptr<Deliverer>> make(Context& context, Store& store,
                                                                 std::optional<Millis> timeout = {});
    [[nodiscard]] DeliverContext& world() { return m_world; }

private:
    Deliverer(Context& context, Store& store, std::unique_ptr<HttpClient> http, std::unique_ptr<LocalSender> local);

    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<LocalSender> m_local;
    ConfigCache m_configs;
    Enricher m_enricher;
    DeliverContext m_world;
};

/// What a deliverer does once a day for the house: forgets sessions, finished rows and channels of other environments
/// that nothing has needed for a month.
void clean_up(Context& context, Store& store);

} // namespace mcp_push
