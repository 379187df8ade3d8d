// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

class Context;
class Invocation;

/// What the shell may offer for a value.
enum class Completes { nothing, file, folder, channel, channel_type };

struct OptionSpec {
    std::string_view name;       ///< without the dashes: "channel"
    char letter = 0;             ///< "-c"
    std::string_view value = {}; ///< how help calls the value: "NAME"; empty: a switch
    std::string_view help = {};
    bool repeated = false;
    std::string_view choices = {}; ///< accepted words, separated by '|'; empty: any text
    Completes completes = Completes::nothing;
};

struct ArgumentSpec {
    std::string_view name; ///< as help shows it: "TITLE"
    std::string_view help = {};
    bool required = true;
    bool repeated = false;
    std::string_view choices = {};
    Completes completes = Completes::nothing;
};

struct Example {
    std::string_view line;
    std::string_view what;
};

enum class CommandGroup { send, look, set_up, work };

/// One command's constant data. Written once, in cli/commands/<name>.cpp; the parser, the help, the man page and the
/// completions are made from it.
struct CommandSpec {
    std::string_view name;
    CommandGroup group = CommandGroup::look;
    std::string_view summary; ///< one line, without full stop
    std::string_view description = {};
    std::span<const Example> examples = {};
    std::span<const OptionSpec> options = {};
    std::span<const ArgumentSpec> arguments = {};
    /// Commands under this one: `outbox retry`. Where `run` is null, one of them must be named.
    std::span<const CommandSpec* const> parts = {};
    /// Everything from the first word that is no option of ours belongs to another command (`run -- CMD`).
    std::string_view rest = {};
    bool hidden = false;
    /// The exit code; an error is printed and becomes its kind's exit code.
    Result<int> (*run)(const Invocation& invocation) = nullptr;
};

[[nodiscard]] std::span<const CommandSpec* const> command_specs();

/// A command line, understood.
class Invocation {
public:
    using Values = std::map<std::string, std::vector<std::string>, std::less<>>;
    Invocation(const CommandSpec& spec, Values values, std::vector<std::string> words, Context& world)
        : command(spec), rest(std::move(words)), context(world), m_values(std::move(values)) {}

    const CommandSpec& command;
    std::vector<std::string> rest; ///< the other command's words
    Context& context;

    [[nodiscard]] bool has(std::string_view name) const { return m_values.find(name) != m_values.end(); }
    /// The last value of an option or argument.
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
    [[nodiscard]] std::string get(std::string_view name, std::string_view other = {}) const;
    /// All values, in order; none where it was not given.
    [[nodiscard]] const std::vector<std::string>& all(std::string_view name) const;

private:
    Values m_values;
};

/// The `--json` that every listing has.
inline constexpr OptionSpec k_json_option{.name = "json", .help = "Print JSON instead of text."};
inline constexpr OptionSpec k_limit_option{
    .name = "limit", .letter = 'n', .value = "COUNT", .help = "At most so many rows."};

} // namespace mcp_push

// A command's file defines its constant; the linker names the command whose file forgets it.
#define MCP_PUSH_COMMAND(name)                                                                                         \
    extern const ::mcp_push::CommandSpec command_##name;                                                               \
    constexpr ::mcp_push::CommandSpec command_##name
