// SPDX-License-Identifier: MIT
// The original's console: the message on the standard error of whoever delivers it.
#include "channels/channel.hpp"
#include "channels/robot.hpp"
#include "core/base/text.hpp"

namespace mcp_push::services::console {

static constexpr Field k_fields[] = {
    {.key = "enabled",
     .help = "Any true word (1, true, yes, on) switches it on",
     .help_zh = "任意真值（1、true、yes、on）启用",
     .env = "CONSOLE"},
};

static Result<Request> plan(const Part& part, const Settings&, const Thread&) {
    LocalRequest request;
    request.kind = LocalRequest::Kind::console;
    request.title = repair_utf8(marked_title(part));
    request.body = repair_utf8(part.body);
    request.urgency = part.urgency;
    return Request(std::move(request));
}

} // namespace mcp_push::services::console

namespace mcp_push {
MCP_PUSH_CHANNEL(console){
    .id = "console",
    .title = "Console",
    .title_zh = "控制台",
    .fields = services::console::k_fields,
    .capabilities = {.dialect = Dialect::plain, .local = true},
    .how_to = "Nothing to get: the process that delivers the message prints it on its standard error.",
    .how_to_zh = "无需申请：由投递进程打印到标准错误输出。",
    .example = "[channels.console]\ntype = \"console\"\n",
};
MCP_PUSH_CHANNEL_CODE(console){
    .plan = &services::console::plan,
    .judge = &judge_by_status,
};
} // namespace mcp_push
