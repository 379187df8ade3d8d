// SPDX-License-Identifier: MIT
#include "channels/channel.hpp"
#include "channels/settings.hpp"
#include "cli/channel_page.hpp"
#include "cli/listing.hpp"
#include "core/base/edit_distance.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace commands::channels {

static constexpr OptionSpec k_options[] = {
    {.name = "markdown", .help = "Write the reference page of all types (docs/channels.md)."}, k_json_option};
static constexpr Example k_examples[] = {{"mcp-push channels", "the types, and which are configured"},
                                         {"mcp-push channels show telegram", "settings, variables and limits of one"}};

/// Configured channels of a type, by name.
static std::vector<std::string> names_of(const Config& config, const ChannelType& type) {
    std::vector<std::string> names;
    for (const auto& channel : config.channels) {
        if (find_channel_type(channel.type) == &type) names.push_back(channel.name);
    }
    return names;
}

static OrderedJson json_of(const ChannelType& type, const Config& config) {
    const ChannelSpec& spec = *type.spec;
    const Capabilities& can = spec.capabilities;
    OrderedJson json = {{"type", spec.id}, {"title", spec.title}, {"title_zh", spec.title_zh}};
    json["aliases"] = OrderedJson::array();
    for (const auto alias : split(spec.aliases, ' ')) {
        if (!alias.empty()) json["aliases"].push_back(alias);
    }
    json["configured"] = names_of(config, type);
    json["settings"] = OrderedJson::array();
    for (const auto& field : spec.fields) {
        json["settings"].push_back({{"key", field.key},
                                    {"help", field.help},
                                    {"required", field.required},
                                    {"secret", field.secret},
                                    {"variable", field.env},
                                    {"default", field.fallback},
                                    {"choices", field.choices}});
    }
    json["limits"] = {{"dialect", name_of(can.dialect)},
                      {"max_length", can.max_length},
                      {"unit", name_of(can.unit)},
                      {"structured", can.structured},
                      {"local", can.local},
                      {"rate", {{"count", can.rate.count}, {"seconds", can.rate.seconds}}}};
    json["documentation"] = spec.documentation;
    return json;
}

static void print_configured(Context& context) {
    const Config& config = context.config();
    // Half-configured ones are no channels yet, but somebody meant them.
    std::vector<const Problem*> unfinished;
    for (const auto& problem : config.problems) {
        const bool known =
            std::ranges::find(config.channels, problem.channel, &ChannelConfig::name) != config.channels.end();
        if (!problem.channel.empty() && !known) unfinished.push_back(&problem);
    }
    if (config.channels.empty() && unfinished.empty()) {
        context.out.line("No channel is configured: everything goes to the inbox alone.");
        context.out.line("To add one: mcp-push channels show TYPE, then mcp-push config init.");
        return;
    }
    Table table({"CHANNEL", "TYPE", "FROM", ""});
    for (const auto& channel : config.channels) {
        const auto problem = std::ranges::find(config.problems, channel.name, &Problem::channel);
        const auto state = problem != config.problems.end() ? Table::Cell(problem->message, Style::bad)
                           : channel.enabled                ? Table::Cell("")
                                                            : Table::Cell("off", Style::dim);
        table.add({Table::Cell(channel.name, Style::strong), channel.type, channel.origin, state});
    }
    for (const auto* const problem : unfinished) {
        table.add({Table::Cell(problem->channel, Style::strong), "", problem->where,
                   Table::Cell(problem->message + (problem->hint.empty() ? "" : ": " + problem->hint), Style::bad)});
    }
    table.print(context.out);
}

static Result<int> list(const Invocation& invocation) {
    Context& context = invocation.context;
    if (invocation.has("markdown")) {
        context.out.text(channels_page());
        return 0;
    }
    if (invocation.has("json")) {
        std::vector<OrderedJson> json;
        for (const auto& type : channel_types())
            json.push_back(json_of(type, context.config()));
        print_json_rows(context.out, json);
        return 0;
    }
    print_configured(context);
    context.out.line();
    Table table({"TYPE", "SERVICE", "ALSO CALLED"});
    for (const auto& type : channel_types()) {
        table.add({type.spec->id, type.spec->title, replace_all(std::string(type.spec->aliases), " ", ", ")});
    }
    table.print(context.out);
    return 0;
}

static constexpr OptionSpec k_show_options[] = {k_json_option};
static constexpr ArgumentSpec k_show_arguments[] = {
    {.name = "TYPE", .help = "A type, such as telegram or feishu.", .completes = Completes::channel_type}};
static constexpr Example k_show_examples[] = {{"mcp-push channels show dingtalk", ""}};

static Result<int> show(const Invocation& invocation) {
    Context& context = invocation.context;
    const auto name = invocation.get("TYPE");
    const auto* const type = find_channel_type(name);
    if (type == nullptr) {
        std::vector<std::string_view> names;
        for (const auto& known : channel_types()) {
            names.push_back(known.spec->id);
            for (const auto alias : split(known.spec->aliases, ' '))
                names.push_back(alias);
        }
        const auto near = nearest(name, names);
        return Error{ErrorKind::no_input, "there is no channel type \"" + name + "\"",
                     near.empty() ? "see: mcp-push channels" : "did you mean " + std::string(near) + "?"};
    }
    if (invocation.has("json")) {
        print_json_rows(context.out, {json_of(*type, context.config())});
    } else {
        context.out.text(channel_text(*type->spec, context.out.width(100)));
    }
    return 0;
}

static constexpr CommandSpec k_show{.name = "show",
                                    .summary = "Settings, variables and limits of one channel type",
                                    .examples = k_show_examples,
                                    .options = k_show_options,
                                    .arguments = k_show_arguments,
                                    .run = &show};
static constexpr const CommandSpec* k_parts[] = {&k_show};

} // namespace commands::channels

MCP_PUSH_COMMAND(channels){
    .name = "channels",
    .group = CommandGroup::set_up,
    .summary = "The channel types and the channels that are configured",
    .examples = commands::channels::k_examples,
    .options = commands::channels::k_options,
    .parts = commands::channels::k_parts,
    .run = &commands::channels::list,
};

} // namespace mcp_push
