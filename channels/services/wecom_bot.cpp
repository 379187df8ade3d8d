// SPDX-License-Identifier: MIT
// WeCom (WeChat Work): a group's message push, formerly group robot, by its webhook.
#include "channels/channel.hpp"
#include "channels/dialect.hpp"
#include "channels/request.hpp"
#include "channels/robot.hpp"
#include "channels/shape.hpp"
#include "channels/vendor.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push::services::wecom_bot {

static constexpr Field k_fields[] = {
    {.key = "key",
     .help = "The robot's webhook address, or the key in it",
     .help_zh = "机器人的 Webhook 地址，或其中的 key",
     .required = true,
     .secret = true,
     .env = "QYWX_KEY"},
    {.key = "format",
     .help = "text where the group reads in WeChat, which does not show markdown",
     .help_zh = "消息格式；在微信中查看时请用 text，微信不显示 markdown",
     .fallback = "markdown",
     .choices = "markdown|text"},
    {.key = "keyword",
     .help = "A word added to messages that do not hold it",
     .help_zh = "消息中没有时自动附加的关键词"},
    {.key = "mention",
     .help = "Whom to mention when something is urgent or waits: all, or user ids",
     .help_zh = "紧急或等待处理时 @ 谁：all，或 userid 列表"},
    {.key = "base_url",
     .help = "Another server in place of https://qyapi.weixin.qq.com",
     .help_zh = "替代 https://qyapi.weixin.qq.com 的服务器",
     .env = "QYWX_ORIGIN"},
};

static constexpr std::string_view k_server = "https://qyapi.weixin.qq.com";
static constexpr std::string_view k_path = "/cgi-bin/webhook/send";
static constexpr std::size_t k_text_bytes = 2048;
static constexpr Capabilities k_capabilities = {
    .dialect = Dialect::wecom_markdown,
    .max_length = 4096,
    .unit = LengthUnit::bytes,
    .reserve = 64, // the heading's marks and colour
    .rate = {.count = 20, .seconds = 60},
};

static bool is_text(const Settings& settings) { return settings["format"] == "text"; }

/// One of the three colours that there are, by name.
static std::string_view colour_of(const Part& part) {
    const bool alarm =
        part.urgency >= Urgency::high || part.kind == EventKind::error || part.kind == EventKind::needs_user_action;
    if (alarm) return "warning";
    if (part.urgency == Urgency::low || part.kind == EventKind::cancelled) return "comment";
    return "info";
}

/// "<@id>" mentions in both forms; everybody can be named only in a member of the text form.
static std::string mentions(const Part& part, const Settings& settings) {
    std::string line;
    if (!wants_mention(part, settings)) return line;
    for (const auto& name : names_of(settings["mention"])) {
        const auto id = name == "@all" ? std::string("all") : name;
        line += (line.empty() ? "\n\n<@" : " <@") + id + ">";
    }
    return line;
}

static bool names_everybody(const Settings& settings) {
    return std::ranges::any_of(names_of(settings["mention"]), [](const std::string& name) {
        return equals_ignoring_case(name, "all") || name == "@all";
    });
}

static Result<Request> plan(const Part& part, const Settings& settings, const Thread& thread) {
    const bool text_form = thread.plain || is_text(settings);
    Part marked = part;
    marked.title = marked_title(part);
    std::string text;
    if (text_form) {
        text = text_with_title(marked, Dialect::plain);
    } else {
        if (!marked.title.empty()) {
            text = "### <font color=\"" + std::string(colour_of(part)) + "\">" +
                   escape(marked.title, Dialect::wecom_markdown) + "</font>\n";
        }
        text += part.body;
    }
    const auto line = mentions(part, settings);
    text = without_mentions(text, "<@");
    const auto limit = text_form ? k_text_bytes : k_capabilities.max_length;
    const auto whole = with_keyword(text, settings["keyword"]);
    if (whole.size() + line.size() > limit) {
        const auto added = with_keyword("", settings["keyword"]).size() + line.size();
        text = text_form ? shorten(text, limit - added) : std::string(cut(text, limit - added));
    }
    text = with_keyword(std::move(text), settings["keyword"]) + line;

    const std::string form = text_form ? "text" : "markdown";
    OrderedJson body;
    body["msgtype"] = form;
    body[form]["content"] = text;
    if (text_form && wants_mention(part, settings) && names_everybody(settings)) {
        body[form]["mentioned_list"] = OrderedJson::array({"@all"});
    }
    return Request(post_json(with_query(settings["base_url"] + std::string(k_path), "key", settings["key"]), body));
}

static constexpr std::string_view k_key_en =
    "the key is wrong or the robot was removed: copy its webhook address again into key";
static constexpr std::string_view k_key_zh = "key 错误或机器人已被移除：请重新复制 Webhook 地址到 key";
static constexpr std::string_view k_slow_en = "WeCom takes 20 messages a minute from a robot";
static constexpr std::string_view k_slow_zh = "企业微信限制每个机器人每分钟 20 条";
static constexpr std::string_view k_long_en =
    "WeCom does not accept the message, which may be too long: set privacy = \"summary\" for this channel";
static constexpr std::string_view k_long_zh = "企业微信不接受该消息，可能过长：可为此渠道设置 privacy = \"summary\"";
static constexpr Millis k_minute{60'000};

static constexpr VendorCode k_codes[] = {
    {.code = -1, .kind = OutcomeKind::transient},
    {.code = 45009, .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 45033, .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 93000, .remedy = k_key_en, .remedy_zh = k_key_zh},
    {.code = 93008, .remedy = k_key_en, .remedy_zh = k_key_zh},
    {.code = 93004,
     .remedy = "the robot is switched off: switch it on in the group's settings",
     .remedy_zh = "机器人已停用：请在群设置中重新启用"},
    {.code = 40058, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 45002, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 40008,
     .remedy = "set format = \"text\" for this channel",
     .remedy_zh = "请为此渠道设置 format = \"text\""},
    {.code = 60020,
     .remedy = "this machine's address is not on the allow-list: add the one that the answer names",
     .remedy_zh = "本机 IP 不在白名单：请添加应答中的 IP"},
};

static Outcome judge(const HttpReply& reply, const Settings& settings) {
    const auto object = object_of(reply);
    const auto code = object ? number_of(*object, "errcode") : std::nullopt;
    if (!code) return judge_unreadable(reply, settings);
    if (*code == 0) {
        Outcome outcome;
        outcome.kind = OutcomeKind::delivered;
        outcome.status = reply.status;
        return outcome;
    }
    const VendorCode otherwise{.remedy = "WeCom's list of error codes explains the answer",
                               .remedy_zh = "请查阅企业微信的全局错误码"};
    return judge_code(reply, *code, string_member(*object, "errmsg"), k_codes, otherwise);
}

/// A service that does not know markdown, or does not like this one.
static bool markup_refused(const HttpReply& reply) {
    const auto object = object_of(reply);
    const auto code = object ? number_of(*object, "errcode") : std::nullopt;
    if (code == 40008) return true;
    return code == 40058 && string_member(*object, "errmsg").find("markdown") != std::string::npos;
}

static Result<Settings> normalise(Settings settings) {
    std::string key(trim(settings["key"]));
    std::string pasted;
    if (looks_like_address(key)) {
        const auto webhook = split_webhook(key, k_path);
        key = webhook ? query_value(webhook->query, "key") : std::string();
        if (key.empty()) {
            return Error{ErrorKind::config, "the address in key is no webhook of a WeCom robot",
                         "copy it whole: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=..."};
        }
        pasted = webhook->base;
    } else if (key.starts_with("key=")) {
        key = query_value(key, "key");
    }
    if (key.empty()) return Error{ErrorKind::config, "key is empty", "set it to the robot's webhook address"};
    settings.set("key", std::move(key));
    TRY(check_additions(settings));
    TRY(settle_base_url(settings, pasted, k_server));
    return settings;
}

static Capabilities capabilities(const Settings& settings) {
    auto result = k_capabilities;
    if (is_text(settings)) {
        result.dialect = Dialect::plain;
        result.max_length = k_text_bytes;
        result.reserve = k_longest_mark;
    }
    if (settings.has("keyword")) result.reserve += settings["keyword"].size() + 2;
    // "<@>" and a space around each name, which may be one character long.
    result.reserve += std::min<std::size_t>(5 * settings["mention"].size(), 1200);
    return result;
}

} // namespace mcp_push::services::wecom_bot

namespace mcp_push {

MCP_PUSH_CHANNEL(wecom_bot){
    .id = "wecom_bot",
    .title = "WeCom robot",
    .title_zh = "企业微信机器人",
    .aliases = "wecom wechat_work qywx work_weixin",
    .fields = services::wecom_bot::k_fields,
    .capabilities = services::wecom_bot::k_capabilities,
    .documentation = "https://developer.work.weixin.qq.com/document/path/99110",
    .how_to =
        "In the WeCom group: the menu at the top right, Message push (formerly Group robot), Add. Copy the webhook "
        "address into key.",
    .how_to_zh = "在企业微信群中：右上角菜单 → 消息推送（原“群机器人”）→ 添加。复制 Webhook 地址填入 key。",
    .example =
        "[channels.team]\ntype = \"wecom_bot\"\nkey = \"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=...\"\n",
};

MCP_PUSH_CHANNEL_CODE(wecom_bot){
    .plan = &services::wecom_bot::plan,
    .judge = &services::wecom_bot::judge,
    .markup_refused = &services::wecom_bot::markup_refused,
    .normalise = &services::wecom_bot::normalise,
    .capabilities = &services::wecom_bot::capabilities,
};

} // namespace mcp_push
