// SPDX-License-Identifier: MIT
// A notification that a terminal shows: OSC 9 (iTerm2, kitty, WezTerm, Ghostty) or OSC 777 (foot, rxvt, VTE), and BEL.
// Where an agent's hook has a reply for it, the hook shows it and no delivery is left to do.
#include "channels/channel.hpp"
#include "channels/robot.hpp"
#include "core/base/text.hpp"

namespace mcp_push::services::terminal {

static constexpr std::size_t k_body = 400;

static constexpr Field k_fields[] = {
    {.key = "device",
     .help = "The terminal's device, as tty(1) prints it; without one, the terminal of the process that delivers",
     .help_zh = "终端设备（tty 命令的输出）；留空则为投递进程所在的终端"},
    {.key = "sequence",
     .help = "What the terminal understands",
     .help_zh = "终端支持的通知序列",
     .fallback = "osc9",
     .choices = "osc9|osc777|bell"},
};

/// The first paragraph, and the one behind it where it ends with a colon: a line has no room for more.
static std::string glance(std::string_view text) {
    text = trim(text);
    auto end = text.find("\n\n");
    const auto first = trim(text.substr(0, end));
    if (end != std::string_view::npos && (first.ends_with(':') || first.ends_with("：")))
        end = text.find("\n\n", end + 2);
    return shorten(one_line(text.substr(0, end)), k_body);
}

static Result<Request> plan(const Part& part, const Settings& settings, const Thread&) {
    LocalRequest request;
    request.kind = LocalRequest::Kind::terminal;
    request.title = repair_utf8(marked_title(part));
    request.body = glance(repair_utf8(part.body));
    request.urgency = part.urgency;
    request.target = settings["device"];
    request.manner = settings["sequence"];
    return Request(std::move(request));
}

static Result<Settings> normalise(Settings settings) {
    if (!settings.has("device") || settings["device"].starts_with("/dev/")) return settings;
    return Error{ErrorKind::config, "device is no path below /dev",
                 "write what the command tty prints: \"/dev/pts/3\""};
}

} // namespace mcp_push::services::terminal

namespace mcp_push {
MCP_PUSH_CHANNEL(terminal){
    .id = "terminal",
    .title = "Terminal",
    .title_zh = "终端",
    .aliases = "tty osc",
    .fields = services::terminal::k_fields,
    .capabilities = {.dialect = Dialect::plain,
                     .unit = LengthUnit::code_points,
                     .max_title = 100,
                     .separate_title = true,
                     .local = true},
    .how_to = "Nothing to get: the agent's own terminal shows it where the agent passes it on (Claude Code does).",
    .how_to_zh = "无需申请：支持的代理（如 Claude Code）会在其终端显示。",
    .example = "[channels.terminal]\ntype = \"terminal\"\n",
};
MCP_PUSH_CHANNEL_CODE(terminal){
    .plan = &services::terminal::plan,
    .judge = &judge_by_status,
    .normalise = &services::terminal::normalise,
};
} // namespace mcp_push
