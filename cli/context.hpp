// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"
#include "core/base/clock.hpp"
#include "core/base/paths.hpp"
#include "core/config/config.hpp"
#include "core/store/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcp_push {

/// What a command needs of the world, made at first use.
class Context {
public:
    Context();

    Environment environment;
    Paths paths;
    const Clock& clock;
    Output out;
    Output err;
    /// As we were started; we ourselves always ignore SIGPIPE, the commands that we run must not.
    bool ignores_sigpipe = false;

    /// The folder in which the command was started; "" when it is gone.
    [[nodiscard]] const std::string& folder() const { return m_folder; }
    /// The configuration for that folder; its problems are not printed.
    [[nodiscard]] const Config& config();
    /// The outbox, made when there is none. Kind storage.
    [[nodiscard]] Result<Store*> store();
    /// Whether there is an outbox at all: a listing of nothing makes no file.
    [[nodiscard]] bool has_store() const;

    /// "mcp-push: text" on standard error and in the log.
    void complain(std::string_view text);
    /// In the log only.
    void log(std::string_view text) const;

private:
    std::string m_folder;
    std::optional<Config> m_config;
    std::unique_ptr<Store> m_store;
};

/// Standard input to its end. Kind payload when it is longer than `limit` bytes.
[[nodiscard]] Result<std::string> read_standard_input(std::size_t limit);

/// A whole number of at least `least`, from an option's text. Kind usage.
[[nodiscard]] Result<long long> parse_count(std::string_view option, std::string_view text, long long least);

} // namespace mcp_push
