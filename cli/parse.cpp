// SPDX-License-Identifier: MIT
// The only file that includes CLI11: it costs seconds of compile time.
#include "cli/parse.hpp"

#include "cli/help.hpp"
#include "core/base/edit_distance.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>

namespace mcp_push {
namespace {

Error usage_error(std::string message, std::string hint) {
    return {ErrorKind::usage, std::move(message), std::move(hint)};
}

std::string see_help(const std::vector<const CommandSpec*>& path) {
    return "see: " + command_line_of(path) + " --help";
}

std::string or_nearest(std::string_view word, std::span<const std::string_view> candidates,
                       const std::vector<const CommandSpec*>& path) {
    const auto found = nearest(word, candidates);
    if (found.empty()) return see_help(path);
    return "did you mean " + std::string(found) + "?";
}

/// Finds the command that the leading words name, and takes them off.
Result<const CommandSpec*> find_command(std::span<const CommandSpec* const> among, std::string_view word,
                                        const std::vector<const CommandSpec*>& path) {
    std::vector<std::string_view> names;
    for (const auto* const spec : among) {
        if (spec->name == word) return spec;
        if (!spec->hidden) names.push_back(spec->name);
    }
    std::string whole;
    for (const auto* const spec : path)
        whole += std::string(spec->name) + " ";
    return usage_error("there is no command \"" + whole + std::string(word) + "\"", or_nearest(word, names, path));
}

Status check_choice(std::string_view what, std::string_view choices, const std::vector<std::string>& values) {
    if (choices.empty()) return {};
    const auto accepted = split(choices, '|');
    for (const auto& value : values) {
        if (std::ranges::find(accepted, std::string_view(value)) != accepted.end()) continue;
        const auto found = nearest(value, accepted);
        return usage_error(std::string(what) + " cannot be \"" + value + "\"",
                           found.empty() ? "one of: " + replace_all(std::string(choices), "|", ", ")
                                         : "did you mean " + std::string(found) + "?");
    }
    return {};
}

std::string flag_names(const OptionSpec& option) {
    std::string names = "--" + std::string(option.name);
    if (option.letter != 0) names = std::string("-") + option.letter + "," + names;
    return names;
}

/// The first word that looks like an option but is none, with the nearest one there is.
Error unknown_words(const std::vector<std::string>& words, const ParsedLine& line) {
    const auto& spec = *line.path.back();
    std::vector<std::string> dashed;
    for (const auto& option : spec.options)
        dashed.push_back("--" + std::string(option.name));
    dashed.emplace_back("--help");
    const std::vector<std::string_view> names(dashed.begin(), dashed.end());
    for (const auto& word : words) {
        if (word.size() < 2 || word.front() != '-') continue;
        const auto name = word.substr(0, word.find('='));
        return usage_error(command_line_of(line.path) + " has no option " + name, or_nearest(name, names, line.path));
    }
    return usage_error(command_line_of(line.path) + ": too many words: \"" + words.front() + "\"",
                       "put quotes around a text of several words; " + see_help(line.path));
}

Error translate(const CLI::ParseError& error, const ParsedLine& line) {
    // CLI11 says "--wait: 1 required INT missing" and the like; its own class names are enough to tell the cases apart.
    return usage_error(command_line_of(line.path) + ": " + one_line(error.what()), see_help(line.path));
}

Status parse_words(const CommandSpec& spec, std::vector<std::string> words, ParsedLine& line) {
    CLI::App app;
    app.set_help_flag("");
    app.allow_extras();
    if (!spec.rest.empty()) app.prefix_command();
    app.add_flag("-h,--help", line.help);

    std::map<std::string_view, std::vector<std::string>> texts;
    std::map<std::string_view, bool> switches;
    for (const auto& option : spec.options) {
        if (option.value.empty()) {
            app.add_flag(flag_names(option), switches[option.name])
                ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        } else {
            auto* const added = app.add_option(flag_names(option), texts[option.name]);
            added->type_size(1)->expected(1)->allow_extra_args(false);
            added->multi_option_policy(option.repeated ? CLI::MultiOptionPolicy::TakeAll
                                                       : CLI::MultiOptionPolicy::TakeLast);
        }
    }
    for (const auto& argument : spec.arguments) {
        auto* const added = app.add_option(std::string(argument.name), texts[argument.name]);
        added->type_size(1)->expected(1)->allow_extra_args(argument.repeated);
        if (argument.repeated) added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }

    try {
        std::ranges::reverse(words);
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        return translate(error, line);
    }
    if (line.help) return {};
    line.rest = app.remaining();
    if (!line.rest.empty() && line.rest.front() != "--" && line.rest.front().starts_with('-')) {
        return unknown_words(line.rest, line);
    }
    // The mark itself is left over too. What follows it is another command's, marks included.
    const auto mark = spec.rest.empty() ? std::ranges::find(line.rest, "--") : line.rest.begin();
    if (mark != line.rest.end() && *mark == "--") line.rest.erase(mark);
    if (spec.rest.empty() && !line.rest.empty()) return unknown_words(line.rest, line);
    for (auto& [name, values] : texts) {
        if (!values.empty()) line.values[std::string(name)] = std::move(values);
    }
    for (const auto& [name, on] : switches) {
        if (on) line.values[std::string(name)] = {"true"};
    }
    for (const auto& option : spec.options) {
        if (const auto given = line.values.find(option.name); given != line.values.end()) {
            TRY(check_choice("--" + std::string(option.name), option.choices, given->second));
        }
    }
    for (const auto& argument : spec.arguments) {
        const auto given = line.values.find(argument.name);
        if (given != line.values.end()) {
            TRY(check_choice(argument.name, argument.choices, given->second));
        } else if (argument.required) {
            return usage_error(command_line_of(line.path) + " needs " + std::string(argument.name),
                               see_help(line.path));
        }
    }
    if (!spec.rest.empty() && line.rest.empty()) {
        return usage_error(command_line_of(line.path) + " needs " + std::string(spec.rest), see_help(line.path));
    }
    return {};
}

} // namespace

Result<ParsedLine> parse_line(std::span<const CommandSpec* const> commands, const std::vector<std::string>& words) {
    ParsedLine line;
    auto among = commands;
    std::size_t at = 0;
    for (; at < words.size() && !among.empty(); ++at) {
        const auto& word = words[at];
        if (line.path.empty()) {
            if (word == "--help" || word == "-h") {
                line.help = true;
                return line;
            }
            if (word == "--version" || word == "-V") {
                line.version = true;
                return line;
            }
            if (word == "help") { // `mcp-push help send`
                for (const auto& name : std::vector<std::string>(words.begin() + 1, words.end())) {
                    TRY_ASSIGN(const auto* const found, find_command(among, name, line.path));
                    line.path.push_back(found);
                    among = found->parts;
                }
                line.help = true;
                return line;
            }
            if (word.starts_with('-')) {
                constexpr std::string_view k_own[] = {"--help", "--version"};
                return usage_error("mcp-push has no option " + word, or_nearest(word, k_own, line.path));
            }
        } else if (word.starts_with('-')) {
            break;
        }
        auto found = find_command(among, word, line.path);
        if (!found) {
            if (!line.path.empty() && !line.path.back()->arguments.empty()) break;
            return std::move(found).error();
        }
        line.path.push_back(*found);
        among = (*found)->parts;
    }
    if (line.path.empty()) {
        line.help = true;
        return line;
    }
    const auto& spec = *line.path.back();
    const std::vector<std::string> left(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
    if (spec.run == nullptr) {
        const bool asked = !left.empty() && (left.front() == "--help" || left.front() == "-h");
        if (asked || left.empty()) {
            line.help = true;
            if (asked) return line;
            std::vector<std::string> names;
            for (const auto* const part : spec.parts)
                names.emplace_back(part->name);
            return usage_error(command_line_of(line.path) + " needs one of: " + join(names, ", "), see_help(line.path));
        }
        return usage_error(command_line_of(line.path) + " has no option " + left.front(), see_help(line.path));
    }
    TRY(parse_words(spec, left, line));
    return line;
}

} // namespace mcp_push
