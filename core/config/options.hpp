// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"
#include "core/config/config.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcp_push {

/// Who may set an option. A file inside a project tunes rules and labels only: a cloned repository must not decide
/// where notifications go.
enum class SetBy { user, project };

/// One option, declared once in options.cpp. TOML, environment, flags, `config show`, validation and the reference page
/// read the row.
struct Option {
    std::string_view key; ///< "rules.threshold": section and key in the file, and the flag's name
    std::string_view env; ///< its variable, or ""
    std::string_view help;
    std::string_view format; ///< "a duration"
    Status (*set)(const Option& option, Config& config, std::string_view text);
    std::string (*get)(const Config& config); ///< as `set` takes it; lists with a line feed between elements
    bool list = false;                        ///< an array in the file
    SetBy by = SetBy::user;
    std::string_view late_env = {}; ///< other programs' variables, asked when nothing else sets it; separated by spaces
    Millis least{0};                ///< for durations
    Millis most{0};

    [[nodiscard]] constexpr Option by_project() const {
        Option row = *this;
        row.by = SetBy::project;
        return row;
    }
    [[nodiscard]] constexpr Option late(std::string_view names) const {
        Option row = *this;
        row.late_env = names;
        return row;
    }
    [[nodiscard]] constexpr Option between(Millis from, Millis to) const {
        Option row = *this;
        row.least = from;
        row.most = to;
        return row;
    }
};

[[nodiscard]] std::span<const Option> options();
[[nodiscard]] const Option* find_option(std::string_view key);

/// What an option's section may hold beside options: the words that have a reader of their own.
[[nodiscard]] std::span<const std::string_view> structured_keys();
/// Keys that every [channels.NAME] table may have beside its type's fields, with their help.
struct CommonKey {
    std::string_view key;
    std::string_view help;
};
[[nodiscard]] std::span<const CommonKey> common_channel_keys();

// --- texts to values and back; errors are of kind config and quote the text ---

/// A duration, or "never" (also "off").
[[nodiscard]] Result<Threshold> parse_threshold(std::string_view text);
[[nodiscard]] Result<bool> parse_bool(std::string_view text);
[[nodiscard]] Result<Privacy> parse_privacy(std::string_view text);
[[nodiscard]] Result<Language> parse_language(std::string_view text);
/// As a file has it: "60s", "1500ms", "28h".
[[nodiscard]] std::string duration_text(Millis duration);

} // namespace mcp_push
