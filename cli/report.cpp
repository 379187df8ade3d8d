// SPDX-License-Identifier: MIT
#include "cli/sending.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push {
namespace {

using Came = SendReport::Came;

struct Phrases {
    std::string_view sent, event_sent, partly, event_partly, failed, queued, nobody;
};
constexpr Phrases k_english{"message sent",
                            "event sent",
                            "message not sent on every channel",
                            "event not sent on every channel",
                            "nobody was told",
                            "kept; it is tried again until it arrives",
                            "no channel is configured: nobody was told"};
constexpr Phrases k_chinese{"消息已推送",
                            "事件已推送",
                            "消息推送未完全成功",
                            "事件推送未完全成功",
                            "推送失败",
                            "已保存，将自动重试",
                            "未配置任何推送渠道：没有通知到任何人"};

std::string reason_of(const DeliveryRow& row) {
    std::string reason = row.last_detail;
    if (!row.last_remedy.empty()) reason += (reason.empty() ? "" : ": ") + row.last_remedy;
    return reason;
}

SendReport::Line line_of(const DeliveryRow& row, bool may_queue, TimePoint now) {
    SendReport::Line line{row.channel, row.type, Came::failed, reason_of(row)};
    switch (row.state) {
    case DeliveryState::delivered:
        line.came = Came::delivered;
        line.text = row.receipt;
        break;
    case DeliveryState::dead:
        if (line.text.empty()) line.text = "given up";
        break;
    case DeliveryState::cancelled:
        if (line.text.empty()) line.text = "cancelled";
        break;
    case DeliveryState::waiting:
    case DeliveryState::leased:
        line.came = may_queue ? Came::queued : Came::failed;
        if (line.text.empty()) line.text = "no answer yet";
        if (may_queue && row.state == DeliveryState::waiting && row.next > now) {
            line.text += "; next attempt " + distance_text(row.next, now);
        }
        break;
    }
    return line;
}

/// One line for each channel: where it gets two messages, the worse of them.
void add_line(std::vector<SendReport::Line>& lines, SendReport::Line line) {
    const auto same = std::ranges::find(lines, line.channel, &SendReport::Line::channel);
    if (same == lines.end()) {
        lines.push_back(std::move(line));
    } else if (line.came > same->came) {
        *same = std::move(line);
    }
}

} // namespace

SendReport make_report(const std::vector<DeliveryRow>& rows, const std::vector<Problem>& problems, bool may_queue,
                       Language language, bool is_event, TimePoint now) {
    const Phrases& phrases = language == Language::chinese ? k_chinese : k_english;
    SendReport report;
    for (const auto& row : rows)
        add_line(report.channels, line_of(row, may_queue, now));
    for (const auto& problem : problems) {
        const bool there =
            std::ranges::find(report.channels, problem.channel, &SendReport::Line::channel) != report.channels.end();
        if (there) continue;
        const auto hint = problem.hint.empty() ? "" : ": " + problem.hint;
        report.channels.push_back({problem.channel, {}, Came::failed, problem.message + hint});
    }
    report.channels_count = static_cast<int>(report.channels.size());
    const auto count = [&](Came came) { return std::ranges::count(report.channels, came, &SendReport::Line::came); };
    const auto delivered = count(Came::delivered);
    const auto queued = count(Came::queued);
    const auto is_misconfigured = [&](const SendReport::Line& line) {
        return std::ranges::find(problems, line.channel, &Problem::channel) != problems.end();
    };
    if (report.channels.empty()) {
        report.status = "error";
        report.message = phrases.nobody;
        report.errors.emplace_back("config", k_english.nobody);
        report.exit_code = exit_code_of(ErrorKind::config);
    } else if (delivered == report.channels_count) {
        report.message = is_event ? phrases.event_sent : phrases.sent;
    } else if (delivered > 0) {
        report.status = "partial_success";
        report.message = is_event ? phrases.event_partly : phrases.partly;
        report.exit_code = 2;
    } else if (queued > 0) {
        report.status = "queued";
        report.message = phrases.queued;
        report.exit_code = 75;
    } else {
        report.status = "error";
        report.message = phrases.failed;
        const bool all_misconfigured = std::ranges::all_of(report.channels, is_misconfigured);
        report.exit_code = exit_code_of(all_misconfigured ? ErrorKind::config
                                        : may_queue       ? ErrorKind::internal
                                                          : ErrorKind::unreachable);
    }
    return report;
}

OrderedJson SendReport::to_json() const {
    OrderedJson json;
    json["status"] = status;
    if (!event.empty()) {
        json["run_id"] = run_id;
        json["event"] = event;
    }
    json["message"] = message;
    if (!event.empty()) json["timestamp"] = timestamp;
    json["channels_count"] = channels_count;
    json["errors"] = OrderedJson::object();
    json["queued"] = OrderedJson::object();
    for (const auto& [key, text] : errors)
        json["errors"][key] = text;
    for (const auto& line : channels) {
        if (line.came == Came::failed) json["errors"][line.channel] = line.text;
        if (line.came == Came::queued) json["queued"][line.channel] = line.text;
    }
    return json;
}

void print_report(Output& output, const SendReport& report, bool as_json) {
    if (as_json) return print_json(output, report.to_json());
    for (const auto& line : report.channels) {
        const auto name =
            line.type.empty() || line.type == line.channel ? line.channel : line.channel + " (" + line.type + ")";
        switch (line.came) {
        case Came::delivered:
            output.line(output.styled(Style::good, "✓") + " " + name + ": delivered");
            break;
        case Came::queued:
            output.line(output.styled(Style::warn, "…") + " " + name + ": " + line.text);
            break;
        case Came::failed:
            output.line(output.styled(Style::bad, "✗") + " " + name + ": " + line.text);
            break;
        }
    }
    for (const auto& [key, text] : report.errors) {
        output.line(output.styled(Style::warn, "!") + " " + text);
        if (key == "config") {
            output.line("  " + std::string(report.in_inbox ? "It is in the inbox (mcp-push inbox). " : "") +
                        "To add a channel: mcp-push channels, mcp-push config init");
        }
    }
}

} // namespace mcp_push
