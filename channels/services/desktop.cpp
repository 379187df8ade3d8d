// SPDX-License-Identifier: MIT
// A notification of this machine's desktop: org.freedesktop.Notifications, or macOS's notification centre.
#include "channels/channel.hpp"
#include "channels/robot.hpp"
#include "core/base/text.hpp"

namespace mcp_push::services::desktop {

/// More than this no desktop shows.
static constexpr std::size_t k_body = 1'000;

static Result<Request> plan(const Part& part, const Settings&, const Thread&) {
    LocalRequest request;
    request.kind = LocalRequest::Kind::desktop;
    request.title = repair_utf8(marked_title(part));
    request.body = shorten(repair_utf8(part.body), k_body);
    request.urgency = part.urgency;
    return Request(std::move(request));
}

} // namespace mcp_push::services::desktop

namespace mcp_push {
MCP_PUSH_CHANNEL(desktop){
    .id = "desktop",
    .title = "Desktop notification",
    .title_zh = "桌面通知",
    .aliases = "notification notify-send",
    .capabilities = {.dialect = Dialect::plain,
                     .unit = LengthUnit::code_points,
                     .max_title = 200,
                     .separate_title = true,
                     .local = true,
                     .desktop = true,
                     .silent_possible = true},
    .documentation = "https://specifications.freedesktop.org/notification-spec/",
    .how_to = "Nothing to get: it works where a desktop session of yours runs on this machine.",
    .how_to_zh = "无需申请：本机有您的桌面会话即可使用。",
    .example = "[channels.desktop]\ntype = \"desktop\"\n",
};
MCP_PUSH_CHANNEL_CODE(desktop){
    .plan = &services::desktop::plan,
    .judge = &judge_by_status,
};
} // namespace mcp_push
