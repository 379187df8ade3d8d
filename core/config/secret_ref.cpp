// SPDX-License-Identifier: MIT
#include "core/config/secret_ref.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace {

constexpr Millis k_patience{5'000};
constexpr std::size_t k_secret_file_limit = 64 * 1024;

Result<ProgramOutput> run_for_real(const std::vector<std::string>& command, Millis limit) {
    return run_program(command, limit);
}

std::vector<std::string> keyring_command(const std::string& name) {
#if defined(__APPLE__)
    return {"security", "find-generic-password", "-s", "mcp-push", "-a", name, "-w"};
#else
    return {"secret-tool", "lookup", "service", "mcp-push", "key", name};
#endif
}

std::string keyring_hint(const std::string& name) {
#if defined(__APPLE__)
    return "security add-generic-password -s mcp-push -a '" + name + "' -w";
#else
    return "secret-tool store --label='mcp-push " + name + "' service mcp-push key '" + name + "'";
#endif
}

/// The first line of what a program prints.
Result<std::string> first_line_of(const std::vector<std::string>& command, const RunProgram& run, std::string hint) {
    const auto output = run(command, k_patience);
    if (!output) return Error{ErrorKind::config, output.error().message, std::move(hint)};
    if (output->exit_code != 0) {
        return Error{ErrorKind::config, command[0] + " ended with exit code " + std::to_string(output->exit_code),
                     std::move(hint)};
    }
    auto line = std::string_view(output->standard_output);
    line = line.substr(0, line.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return std::string(line);
}

Result<std::string> text_of_file(const std::string& path) {
    auto text = read_file(path, k_secret_file_limit);
    if (!text) return Error{ErrorKind::config, text.error().message, "ls -l " + path};
    while (text->ends_with('\n') || text->ends_with('\r'))
        text->pop_back();
    return std::move(*text);
}

Result<std::string> fetch(const SecretRef& reference, const Environment& environment, const RunProgram& run) {
    using Kind = SecretRef::Kind;
    if (reference.words.empty()) return Error{ErrorKind::config, "an empty reference"};
    const auto& word = reference.words[0];
    switch (reference.kind) {
    case Kind::env: {
        auto value = environment.get(word);
        if (value.empty()) {
            return Error{ErrorKind::config, "the variable " + word + " is not set",
                         "set it where the agent is started"};
        }
        return value;
    }
    case Kind::file:
        return text_of_file(word);
    case Kind::command:
        return first_line_of(reference.words, run, "run the command by hand and look what it says");
    case Kind::keyring:
        return first_line_of(keyring_command(word), run, keyring_hint(word));
    }
    return Error{ErrorKind::internal, "a reference of no kind"};
}

} // namespace

Status resolve_secrets(ChannelConfig& channel, const Environment& environment, const RunProgram& run) {
    for (auto it = channel.references.begin(); it != channel.references.end(); it = channel.references.erase(it)) {
        const auto& [key, reference] = *it;
        const auto where = "channels." + channel.name + "." + key;
        auto value = fetch(reference, environment, run ? run : run_for_real);
        if (!value) return std::move(value).error().with_context(where);
        if (value->empty()) return Error{ErrorKind::config, where + ": " + describe(reference) + " gives nothing"};
        channel.settings[key] = std::move(*value);
    }
    return {};
}

std::string describe(const SecretRef& reference) {
    using Kind = SecretRef::Kind;
    const auto word = reference.words.empty() ? std::string() : reference.words[0];
    switch (reference.kind) {
    case Kind::env:
        return "{ env = \"" + word + "\" }";
    case Kind::file:
        return "{ file = \"" + word + "\" }";
    case Kind::keyring:
        return "{ keyring = \"" + word + "\" }";
    case Kind::command:
        return "{ command = [\"" + word + (reference.words.size() > 1 ? "\", …] }" : "\"] }");
    }
    return {};
}

} // namespace mcp_push
