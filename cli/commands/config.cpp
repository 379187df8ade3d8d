// SPDX-License-Identifier: MIT
#include "channels/channel.hpp"
#include "channels/settings.hpp"
#include "channels/specs.hpp"
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/import.hpp"
#include "core/base/files.hpp"
#include "core/config/show.hpp"
#include "core/config/trust.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace mcp_push {
namespace commands::config {

// --- init ---

static constexpr OptionSpec k_init_options[] = {{.name = "print", .help = "Print the file in place of writing it."}};
static constexpr Example k_init_examples[] = {{"mcp-push config init", "write a commented config.toml"}};

static Status write_new(Context& context, const std::string& path, const std::string& text) {
    if (context.paths.config_dir.empty()) {
        return Error{ErrorKind::config, "there is no home folder for config.toml", "set HOME or MCP_PUSH_CONFIG_DIR"};
    }
    if (file_exists(path)) {
        return Error{ErrorKind::config, path + " is there already", "see: mcp-push config show"};
    }
    TRY(make_directories(parent_of(path)));
    return write_file(path, text, 0600, Durability::durable);
}

static Result<int> init(const Invocation& invocation) {
    Context& context = invocation.context;
    const auto text = initial_config(channel_specs());
    if (invocation.has("print")) {
        context.out.text(text);
        return 0;
    }
    const auto path = context.paths.config_file();
    TRY(write_new(context, path, text));
    context.out.line("wrote " + path);
    context.out.line("Remove the # before a channel's lines and fill them in; then: mcp-push config check");
    return 0;
}

// --- check ---

static constexpr OptionSpec k_json_options[] = {k_json_option};
static constexpr Example k_check_examples[] = {{"mcp-push config check", "name what cannot be used"}};

/// What reading found, and what each channel's type has against its settings.
static std::vector<Problem> problems_of(const Config& config) {
    std::vector<Problem> problems = config.problems;
    std::set<std::string> told;
    for (const auto& problem : problems)
        told.insert(problem.channel);
    for (const auto& channel : config.channels) {
        const auto* const type = find_channel_type(channel.type);
        if (type == nullptr || told.contains(channel.name)) continue;
        for (auto& problem : check_settings(*type, channel)) {
            if (problem.where.empty()) problem.where = channel.origin;
            problems.push_back(std::move(problem));
        }
    }
    return problems;
}

static Result<int> check(const Invocation& invocation) {
    Context& context = invocation.context;
    const Config& config = context.config();
    const auto problems = problems_of(config);
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& problem : problems) {
            json.push_back({{"where", problem.where},
                            {"message", problem.message},
                            {"hint", problem.hint},
                            {"channel", problem.channel}});
        }
        print_json_rows(context.out, json);
    } else {
        for (const auto& problem : problems) {
            context.out.line(context.out.styled(Style::bad, problem.where + ": " + problem.message));
            if (!problem.hint.empty()) context.out.line("  " + problem.hint);
        }
        if (problems.empty()) {
            const auto count = config.channels.size();
            context.out.line(count == 0   ? "no problem, but no channel either: see mcp-push channels"
                             : count == 1 ? "no problem; 1 channel"
                                          : "no problem; " + std::to_string(count) + " channels");
        }
    }
    return problems.empty() ? 0 : exit_code_of(ErrorKind::config);
}

// --- path ---

static constexpr Example k_path_examples[] = {{"${EDITOR:-vi} \"$(mcp-push config path)\"", ""}};
static constexpr OptionSpec k_path_options[] = {{.name = "all", .letter = 'a', .help = "Every folder and file."},
                                                k_json_option};

static Result<int> path(const Invocation& invocation) {
    Context& context = invocation.context;
    const Paths& paths = context.paths;
    const std::vector<std::pair<std::string, std::string>> rows = {{"config_file", paths.config_file()},
                                                                   {"config_dir", paths.config_dir},
                                                                   {"state_dir", paths.state_dir},
                                                                   {"outbox", paths.database()},
                                                                   {"sessions", paths.sessions_dir()},
                                                                   {"journal", paths.journal()},
                                                                   {"log", paths.log()},
                                                                   {"env_channels", paths.env_channels()}};
    if (invocation.has("json")) {
        OrderedJson json;
        for (const auto& [name, value] : rows)
            json[name] = value;
        print_json(context.out, json);
    } else if (invocation.has("all")) {
        Table table({"WHAT", "PATH"});
        for (const auto& [name, value] : rows)
            table.add({name, value});
        table.print(context.out);
    } else {
        context.out.line(paths.config_file());
    }
    return 0;
}

// --- show ---

static constexpr Example k_show_examples[] = {{"mcp-push config show", "every value and where it came from"}};

static Result<int> show(const Invocation& invocation) {
    Context& context = invocation.context;
    const auto rows = show_rows(context.config(), channel_specs());
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& row : rows)
            json.push_back({{"key", row.key}, {"value", row.value}, {"origin", row.origin}});
        print_json_rows(context.out, json);
        return 0;
    }
    Table table({"KEY", "VALUE", "FROM"});
    for (const auto& row : rows)
        table.add({row.key, row.value, row.origin});
    table.print(context.out);
    return 0;
}

// --- import ---

static constexpr OptionSpec k_import_options[] = {
    {.name = "write", .help = "Write config.toml, where there is none yet, in place of printing it."}};
static constexpr ArgumentSpec k_import_arguments[] = {
    {.name = "FILE",
     .help = "A config.sh or .env; \"-\" for standard input. Without it: the variables of this terminal.",
     .required = false,
     .completes = Completes::file}};
static constexpr Example k_import_examples[] = {
    {"mcp-push config import ~/mcp-push/config.sh", "print it as config.toml"},
    {"mcp-push config import --write", "keep the channels that this terminal's variables configure"}};

static Result<int> import(const Invocation& invocation) {
    constexpr std::size_t k_limit = 1 << 20;
    Context& context = invocation.context;
    const auto file = invocation.get("FILE");
    Imported imported;
    if (file.empty()) {
        imported = import_variables(context.environment, channel_specs());
    } else {
        auto text = file == "-" ? read_standard_input(k_limit) : read_file(file, k_limit);
        if (!text) return std::move(text).error();
        imported = import_shell_file(*text, channel_specs());
    }
    const std::string from = file.empty() ? "the environment" : file;
    for (const auto& fault : imported.faults)
        context.err.line(file.empty() ? fault : file + ":" + fault);
    if (imported.entries == 0) {
        return Error{ErrorKind::payload, from + " sets nothing that mcp-push knows", "see: mcp-push channels"};
    }
    if (!invocation.has("write")) {
        context.out.text(imported.toml);
        return 0;
    }
    TRY(write_new(context, context.paths.config_file(), imported.toml));
    context.out.line("wrote " + context.paths.config_file());
    return 0;
}

// --- trust ---

static constexpr OptionSpec k_trust_options[] = {{.name = "remove", .help = "Take the trust back."}};
static constexpr ArgumentSpec k_trust_arguments[] = {
    {.name = "DIR", .help = "The project's folder.", .completes = Completes::folder}};
static constexpr Example k_trust_examples[] = {{"mcp-push config trust .", ""}};

static Result<int> trust(const Invocation& invocation) {
    Context& context = invocation.context;
    const auto given = invocation.get("DIR");
    const auto folder = real_path(given);
    if (folder.empty()) return Error{ErrorKind::no_input, "there is no folder " + given};
    if (invocation.has("remove")) {
        TRY(distrust_dir(context.paths, folder));
        context.out.line("no longer trusted: " + folder);
        return 0;
    }
    TRY(trust_dir(context.paths, folder));
    context.out.line("trusted as it is now: " + folder);
    context.out.line("Any change of its .mcp-push.toml, config.sh or .env takes the trust away.");
    return 0;
}

static constexpr CommandSpec k_init{.name = "init",
                                    .summary = "Write a config.toml with every option and channel as comments",
                                    .examples = k_init_examples,
                                    .options = k_init_options,
                                    .run = &init};
static constexpr CommandSpec k_check{.name = "check",
                                     .summary = "Name what cannot be used, and what to do about it",
                                     .description = "Exit code 78 where there is a problem.",
                                     .examples = k_check_examples,
                                     .options = k_json_options,
                                     .run = &check};
static constexpr CommandSpec k_path{.name = "path",
                                    .summary = "Print where config.toml is",
                                    .examples = k_path_examples,
                                    .options = k_path_options,
                                    .run = &path};
static constexpr CommandSpec k_show{.name = "show",
                                    .summary = "Print every value and where it came from, secrets masked",
                                    .examples = k_show_examples,
                                    .options = k_json_options,
                                    .run = &show};
static constexpr CommandSpec k_import{.name = "import",
                                      .summary = "Turn a config.sh, an .env or the environment into config.toml",
                                      .description =
                                          "A file is read as data; nothing in it is run. The output holds the "
                                          "secrets.",
                                      .examples = k_import_examples,
                                      .options = k_import_options,
                                      .arguments = k_import_arguments,
                                      .run = &import};
static constexpr CommandSpec k_trust{
    .name = "trust",
    .summary = "Let a project's own files name channels",
    .description = "A project's .mcp-push.toml may tune rules and labels only, until you trust its folder. Trust is "
                   "given to the files as they are now.",
    .examples = k_trust_examples,
    .options = k_trust_options,
    .arguments = k_trust_arguments,
    .run = &trust};
static constexpr Example k_examples[] = {{"mcp-push config init", "write a commented config.toml, then edit it"},
                                         {"mcp-push config check", "name what cannot be used"}};
static constexpr const CommandSpec* k_parts[] = {&k_init, &k_check, &k_path, &k_show, &k_import, &k_trust};

} // namespace commands::config

MCP_PUSH_COMMAND(config){
    .name = "config",
    .group = CommandGroup::set_up,
    .summary = "Write, check and show the configuration",
    .examples = commands::config::k_examples,
    .parts = commands::config::k_parts,
};

} // namespace mcp_push
