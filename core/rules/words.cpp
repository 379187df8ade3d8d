// SPDX-License-Identifier: MIT
#include "core/rules/words.hpp"

namespace mcp_push {
namespace {

constexpr Words k_english = {
    .finished = "Task finished",
    .failed = "Task failed",
    .waiting = "Waiting for you",
    .cancelled = "Task cancelled",
    .started = "Task started",
    .update = "Task update",
    .message = "New message",
    .turn_over_one = "Turn over, 1 task still running",
    .turn_over = "Turn over, {} tasks still running",
    .needs_approval = "{} needs your approval",
    .plan = "A plan needs your approval",
    .question = "A question needs your answer",
    .interrupted = "{} was interrupted",
    .exit_code = "Exit code {}",
    .asked = "Asked: ",
    .changed_one = "1 file changed",
    .changed = "{} files changed",
    .resume = "Resume: ",
    .data = "Data",
    .colon = ":",
    .stop = ".",
};

constexpr Words k_chinese = {
    .finished = "任务完成",
    .failed = "任务失败",
    .waiting = "等待批准",
    .cancelled = "任务已取消",
    .started = "任务开始",
    .update = "任务进展",
    .message = "新消息",
    .turn_over_one = "本轮结束，仍有 1 个任务在运行",
    .turn_over = "本轮结束，仍有 {} 个任务在运行",
    .needs_approval = "{} 需要你的批准",
    .plan = "有一份计划需要你的批准",
    .question = "有一个问题需要你的回答",
    .interrupted = "{} 被中断",
    .exit_code = "退出码 {}",
    .asked = "任务：",
    .changed_one = "修改了 1 个文件",
    .changed = "修改了 {} 个文件",
    .resume = "继续会话：",
    .data = "附加数据",
    .colon = "：",
    .stop = "。",
};

} // namespace

const Words& words(Language language) { return language == Language::chinese ? k_chinese : k_english; }

std::string fill(std::string_view pattern, std::string_view value) {
    const auto at = pattern.find("{}");
    if (at == std::string_view::npos) return std::string(pattern);
    return std::string(pattern.substr(0, at)) + std::string(value) + std::string(pattern.substr(at + 2));
}

} // namespace mcp_push
