// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"
#include "core/config/options.hpp"
#include "core/config/toml_file.hpp"
#include "core/config/variables.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace mcp_push {

/// What the parts of load_config share.
struct LoadContext {
    explicit LoadContext(const LoadInput& from, Config& into)
        : input(from), config(into), variables(from.environment) {}

    const LoadInput& input;
    Config& config;
    Variables variables;
    /// Channels that a process with another environment or working folder would not find as they are here.
    std::set<std::string, std::less<>> own_channels;
    bool originals_variables = false; ///< a channel came from a variable of the original programs

    /// Beyond a number that anybody would read, only those that name a channel are kept: a file may be anything.
    void problem(std::string where, std::string_view message, std::string_view hint = {},
                 std::string channel = {}) const;
    [[nodiscard]] bool has_enough_problems() const { return config.problems.size() >= 50; }
};

/// Sets an option from text and notes where it came from; a text that cannot be used is a Problem at `where`.
void set_option(LoadContext& context, const Option& option, std::string_view text, const std::string& where,
                Origin origin);

/// A TOML file and what it may do.
struct DocumentSource {
    std::string shown;
    std::string folder;         ///< of the file
    bool project = false;       ///< a project's file
    bool may_do_all = true;     ///< false for a project that is not trusted: options of SetBy::project alone
    bool holds_secrets = false; ///< set by reading: a secret stands in it as text

    [[nodiscard]] std::string place(const TomlValue& value) const {
        return shown + ":" + std::to_string(value.line) + ":" + std::to_string(value.column);
    }
    [[nodiscard]] Origin origin(const TomlValue& value) const { return shown + ":" + std::to_string(value.line); }
};

// document.cpp: everything but channels.
void apply_document(LoadContext& context, const TomlDocument& document, DocumentSource& source);
/// A scalar as text, or an array of scalars with `separator` between them. Absent for anything else.
[[nodiscard]] std::optional<std::string> text_of(const TomlValue& value, std::string_view separator);
/// "did you mean x?", or "".
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);
/// Hyphens become underscores.
[[nodiscard]] std::string plain_key(std::string_view key);

// channel_tables.cpp
void read_channels(LoadContext& context, const TomlValue& table, DocumentSource& source);

// channel_variables.cpp
/// Whether some channel type or option reads a variable of this name.
[[nodiscard]] bool is_known_variable(std::string_view name, ChannelSpecs specs);
/// Whether one of them is a secret that this file holds.
[[nodiscard]] bool holds_secret_variable(const ConfigFile& file, ChannelSpecs specs);
/// Resolves what the files' channels take from variables, adds the channels that variables describe, and checks what is
/// required.
void complete_channels(LoadContext& context);
/// Gives the context's own channels their keys; last, when language and privacy are known.
void mark_environment_channels(LoadContext& context);

} // namespace mcp_push
