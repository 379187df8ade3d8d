// SPDX-License-Identifier: MIT
#include "cli/help.hpp"

#include "cli/output.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace {

/// Two columns: words at the left, text wrapped at the right.
void add_pair(std::string& text, std::string_view left, std::string_view right, std::size_t column, std::size_t width) {
    std::string line = "  " + std::string(left);
    if (display_width(line) + 2 > column) {
        text += line + "\n";
        line.clear();
    }
    const std::size_t room = width > column + 20 ? width - column : 20;
    for (const auto& piece : wrap(right, room)) {
        line.resize(line.size() + (column - std::min(column, display_width(line))), ' ');
        text += line + piece + "\n";
        line.clear();
    }
    if (!line.empty()) text += line + "\n";
}

std::string one_of(std::string_view choices) {
    return choices.empty() ? "" : " One of: " + replace_all(std::string(choices), "|", ", ") + ".";
}

void walk(std::span<const CommandSpec* const> commands, CommandPath& path,
          const std::function<void(const CommandPath&)>& use) {
    for (const auto* const spec : commands) {
        if (spec->hidden) continue;
        path.push_back(spec);
        use(path);
        walk(spec->parts, path, use);
        path.pop_back();
    }
}

std::string argument_words(const ArgumentSpec& argument) {
    std::string words(argument.name);
    if (argument.repeated) words += "...";
    return argument.required ? words : "[" + words + "]";
}

} // namespace

std::string meaning_of(const OptionSpec& option) {
    return std::string(option.help) + one_of(option.choices) + (option.repeated ? " May be given several times." : "");
}

std::string meaning_of(const ArgumentSpec& argument) { return std::string(argument.help) + one_of(argument.choices); }

void each_command(std::span<const CommandSpec* const> commands, const std::function<void(const CommandPath&)>& use) {
    CommandPath path;
    walk(commands, path, use);
}

std::string_view title_of(CommandGroup group) {
    switch (group) {
    case CommandGroup::send:
        return "Tell somebody";
    case CommandGroup::look:
        return "See what happened";
    case CommandGroup::set_up:
        return "Set up";
    case CommandGroup::work:
        return "Behind the scenes";
    }
    return "";
}

std::string command_line_of(const std::vector<const CommandSpec*>& path) {
    std::string line = "mcp-push";
    for (const auto* const spec : path)
        line += " " + std::string(spec->name);
    return line;
}

std::string option_words(const OptionSpec& option) {
    std::string words = option.letter != 0 ? std::string("-") + option.letter + ", " : std::string();
    words += "--" + std::string(option.name);
    if (!option.value.empty()) words += " " + std::string(option.value);
    return words;
}

std::string usage_of(const std::vector<const CommandSpec*>& path) {
    std::string line = command_line_of(path);
    if (path.empty()) return line + " COMMAND ...";
    const auto& spec = *path.back();
    if (!spec.options.empty()) line += " [OPTIONS]";
    for (const auto& argument : spec.arguments)
        line += " " + argument_words(argument);
    if (!spec.rest.empty()) line += " -- " + std::string(spec.rest);
    if (spec.run == nullptr) line += " COMMAND ...";
    return line;
}

std::string help_text(const std::vector<const CommandSpec*>& path, std::size_t width) {
    constexpr std::size_t k_column = 28;
    const auto& spec = *path.back();
    std::string text;
    for (const auto& piece : wrap(std::string(spec.summary) + ".", width))
        text += piece + "\n";
    text += "\nUsage: " + usage_of(path) + "\n";
    if (!spec.description.empty()) {
        for (const auto paragraph : split(spec.description, '\n')) {
            text += "\n";
            for (const auto& piece : wrap(paragraph, width))
                text += piece + "\n";
        }
    }
    if (!spec.arguments.empty()) {
        text += "\nArguments:\n";
        for (const auto& argument : spec.arguments)
            add_pair(text, argument.name, meaning_of(argument), k_column, width);
    }
    text += "\nOptions:\n";
    for (const auto& option : spec.options)
        add_pair(text, option_words(option), meaning_of(option), k_column, width);
    add_pair(text, "-h, --help", "Print this help.", k_column, width);
    if (!spec.parts.empty()) {
        text += "\nCommands:\n";
        for (const auto* const part : spec.parts)
            add_pair(text, part->name, part->summary, k_column, width);
    }
    if (!spec.examples.empty()) {
        text += "\nExamples:\n";
        for (const auto& example : spec.examples) {
            if (!example.what.empty()) text += "  # " + std::string(example.what) + "\n";
            for (const auto line : split(example.line, '\n'))
                text += "  " + std::string(line) + "\n";
        }
    }
    return text;
}

std::string overview_text(std::span<const CommandSpec* const> commands, std::size_t width) {
    constexpr std::size_t k_column = 18;
    std::string text = "mcp-push tells you, on the channel you really read, that a long task has ended or needs you.\n"
                       "\nUsage: mcp-push COMMAND ...\n";
    for (const auto group : {CommandGroup::send, CommandGroup::look, CommandGroup::set_up, CommandGroup::work}) {
        std::string rows;
        for (const auto* const spec : commands) {
            if (spec->group == group && !spec->hidden) add_pair(rows, spec->name, spec->summary, k_column, width);
        }
        if (!rows.empty()) text += "\n" + std::string(title_of(group)) + ":\n" + rows;
    }
    text += "\nOptions:\n";
    add_pair(text, "-h, --help", "help; `mcp-push COMMAND --help` explains one command", k_column, width);
    add_pair(text, "-V, --version", "the version", k_column, width);
    text += "\nFirst steps:\n"
            "  mcp-push demo                      # watch a finished turn arrive in the inbox\n"
            "  mcp-push send \"It works\" \"Hello\"   # tell every configured channel\n"
            "  mcp-push channels                  # which services there are\n";
    return text;
}

} // namespace mcp_push
