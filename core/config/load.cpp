// SPDX-License-Identifier: MIT
// Files, environment and flags -> Config, the weakest first: config.sh and .env, config.toml, the project's files, the
// environment, the command line.
#include "core/base/text.hpp"
#include "core/config/load_context.hpp"
#include "core/config/project_file.hpp"
#include "core/config/shell_file.hpp"

#include <algorithm>

namespace mcp_push {
namespace {

using From = Variables::From;

void add_shell_file(LoadContext& context, const ConfigFile& file, From owner) {
    const auto is_known = [&](std::string_view name) { return is_known_variable(name, context.input.specs); };
    context.variables.add_file(file, owner, is_known, context.config.problems);
    if (file.open_to_others && holds_secret_variable(file, context.input.specs)) {
        context.config.problems.push_back(open_to_others_problem(file));
    }
}

void apply_variables(LoadContext& context, From from) {
    for (const auto& option : options()) {
        if (option.env.empty()) continue;
        const auto found = context.variables.find(option.env, from);
        if (found) set_option(context, option, found->value, found->origin, found->origin);
    }
}

void apply_toml(LoadContext& context, const ConfigFile& file, DocumentSource source) {
    source.shown = file.shown;
    apply_document(context, parse_toml(file.text), source);
    if (file.open_to_others && source.holds_secrets) context.config.problems.push_back(open_to_others_problem(file));
}

void apply_flags(LoadContext& context) {
    for (const auto& [key, text] : context.input.flags) {
        if (const Option* const option = find_option(key)) {
            set_option(context, *option, text, "command line", "command line");
        } else {
            context.problem("command line", "there is no option " + key, "mcp-push config show lists them");
        }
    }
}

/// What other programs' variables say, where nobody told us.
void apply_late_variables(LoadContext& context) {
    for (const auto& option : options()) {
        if (option.late_env.empty() || context.config.origins.contains(std::string(option.key))) continue;
        for (const auto name : split(option.late_env, ' ')) {
            const auto found = context.variables.find(name, From::environment);
            if (!found) continue;
            set_option(context, option, found->value, found->origin, found->origin);
            break;
        }
    }
}

/// The first of the locale's variables that is set decides (POSIX 8.2).
bool is_locale_chinese(const Environment& environment, std::string& name) {
    for (const auto* const variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const auto value = environment.find(variable);
        if (!value || value->empty()) continue;
        name = variable;
        return value->starts_with("zh");
    }
    return false;
}

void choose_language(LoadContext& context, bool has_config_file) {
    auto& config = context.config;
    if (config.origins.contains("language")) return;
    std::string variable;
    if (is_locale_chinese(context.input.environment, variable)) {
        config.language = Language::chinese;
        config.origins["language"] = "environment " + variable;
    } else if (context.originals_variables && !has_config_file) {
        config.language = Language::chinese;
        config.origins["language"] = "the original programs' variables";
    }
}

void check_routes(LoadContext& context) {
    auto& config = context.config;
    std::vector<std::string_view> names;
    for (const auto& channel : config.channels)
        names.push_back(channel.name);
    for (auto route = config.routes.begin(); route != config.routes.end();) {
        const std::string& name = route->first;
        auto& channels = route->second;
        const bool meant_nobody = channels.empty();
        std::erase_if(channels, [&](const std::string& channel) {
            if (std::ranges::find(names, channel) != names.end()) return false;
            auto hint = did_you_mean(channel, names);
            if (hint.empty())
                hint = names.empty() ? "no channel is configured" : "mcp-push config show lists the channels";
            context.problem(config.origins["routes." + name],
                            "routes." + name + ": there is no channel \"" + shorten(channel, 60) + "\"", hint);
            return true;
        });
        // A route whose names are all wrong must not silence everybody.
        route = channels.empty() && !meant_nobody ? config.routes.erase(route) : std::next(route);
    }
}

/// Whether somebody sits at a desktop of this machine, as far as a process can tell from its environment.
bool has_desktop(const Environment& environment) {
    const auto is_set = [&](std::string_view name) { return !environment.get(name).empty(); };
    if (is_set("SSH_CONNECTION")) return false;
#if defined(__APPLE__)
    return true;
#else
    return is_set("DBUS_SESSION_BUS_ADDRESS") && (is_set("WAYLAND_DISPLAY") || is_set("DISPLAY"));
#endif
}

/// With nothing configured the user's desktop is told, so that the first run already shows something. As it depends on
/// the environment, it is remembered as the environment's channels are.
void fall_back_to_desktop(LoadContext& context) {
    if (!context.config.channels.empty() || !has_desktop(context.input.environment)) return;
    const auto spec = std::ranges::find_if(context.input.specs, [](const auto* s) { return s->capabilities.desktop; });
    if (spec == context.input.specs.end()) return;
    ChannelConfig channel;
    channel.name = (*spec)->id;
    channel.type = (*spec)->id;
    channel.origin = "default: no channel is configured";
    context.own_channels.insert(channel.name);
    context.config.channels.push_back(std::move(channel));
}

/// The original read ./config.sh wherever it was started; we don't, and say so where nothing else is configured.
void look_for_untrusted_file(LoadContext& context) {
    const auto& folder = context.input.folder;
    if (!context.config.channels.empty() || folder.empty() || folder == context.input.paths.config_dir) return;
    std::vector<Problem> ignored;
    const auto file = load_config_file(folder + "/config.sh", context.input.paths, ignored);
    if (!file) return;
    const auto parsed = parse_shell_file(file->text);
    const bool ours = std::ranges::any_of(parsed.variables, [&](const ShellVariable& variable) {
        return !variable.value.empty() && is_known_variable(variable.name, context.input.specs);
    });
    if (ours) {
        context.problem(file->shown, "holds settings and is not read: this folder is not trusted",
                        "mcp-push config trust " + folder + ", or move it to " +
                            shown_path(context.input.paths.config_dir, context.input.paths));
    }
}

} // namespace

void LoadContext::problem(std::string where, std::string_view message, std::string_view hint,
                          std::string channel) const {
    if (has_enough_problems() && channel.empty()) return;
    // Keys come from files that may hold anything, and this is shown on terminals.
    const auto line = [](std::string_view text) { return one_line(clean_text(shorten(text, 400))); };
    config.problems.push_back({std::move(where), line(message), line(hint), std::move(channel)});
}

void set_option(LoadContext& context, const Option& option, std::string_view text, const std::string& where,
                Origin origin) {
    const auto status = option.set(option, context.config, text);
    if (status) {
        context.config.origins.insert_or_assign(std::string(option.key), std::move(origin));
        return;
    }
    context.problem(where, std::string(option.key) + ": " + status.error().message, status.error().hint);
    // Whoever sets this wants to hide something; not knowing what, hide all that can be hidden.
    if (option.key == "privacy") {
        context.config.privacy = Privacy::none;
        context.config.origins.insert_or_assign("privacy", std::move(origin));
    }
}

Config load_config(const LoadInput& input) {
    Config config;
    config.config_dir = input.paths.config_dir;
    LoadContext context(input, config);

    // Variables are found in the order in which their files are added.
    const auto project = find_project_files(input.folder, input.paths, config.problems);
    for (const auto& file : project.shell)
        add_shell_file(context, file, From::project);
    std::optional<ConfigFile> user_file;
    if (!config.config_dir.empty()) {
        for (const auto* const name : {"/config.sh", "/.env"}) {
            const auto file = load_config_file(config.config_dir + name, input.paths, config.problems);
            if (file) add_shell_file(context, *file, From::user);
        }
        user_file = load_config_file(input.paths.config_file(), input.paths, config.problems);
    }

    apply_variables(context, From::user);
    if (user_file) apply_toml(context, *user_file, {.shown = {}, .folder = config.config_dir});
    apply_variables(context, From::project);
    if (project.toml) {
        apply_toml(context, *project.toml,
                   {.shown = {}, .folder = project.folder, .project = true, .may_do_all = project.trusted});
    }
    apply_variables(context, From::environment);
    apply_flags(context);
    apply_late_variables(context);
    config.http.ca_file = expand_home(config.http.ca_file, input.paths);

    complete_channels(context);
    check_routes(context);
    choose_language(context, user_file.has_value());
    look_for_untrusted_file(context);
    fall_back_to_desktop(context);
    mark_environment_channels(context);
    return config;
}

} // namespace mcp_push
