// SPDX-License-Identifier: MIT
// DingTalk: a custom robot of a group, by its webhook.
#include "channels/channel.hpp"
#include "channels/dialect.hpp"
#include "channels/request.hpp"
#include "channels/robot.hpp"
#include "channels/shape.hpp"
#include "channels/signing.hpp"
#include "channels/vendor.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push::services::dingding_bot {

static constexpr Field k_fields[] = {
    {.key = "token",
     .help = "The robot's webhook address, or the access_token in it",
     .help_zh = "机器人的 Webhook 地址，或其中的 access_token",
     .required = true,
     .secret = true,
     .env = "DD_BOT_TOKEN"},
    {.key = "secret",
     .help = "The secret (SEC...), where the robot's security is a signature",
     .help_zh = "安全设置为“加签”时的密钥，以 SEC 开头",
     .secret = true,
     .env = "DD_BOT_SECRET"},
    {.key = "keyword",
     .help = "One of the robot's keywords: added to messages that do not hold it",
     .help_zh = "机器人的自定义关键词之一：消息中没有时自动附加"},
    {.key = "mention",
     .help = "Whom to mention when something is urgent or waits: all, or phone numbers and user ids",
     .help_zh = "紧急或等待处理时 @ 谁：all，或手机号、userId 列表"},
    {.key = "base_url",
     .help = "Another server in place of https://oapi.dingtalk.com",
     .help_zh = "替代 https://oapi.dingtalk.com 的服务器"},
};

static constexpr std::string_view k_server = "https://oapi.dingtalk.com";
static constexpr std::string_view k_path = "/robot/send";
static constexpr std::size_t k_preview = 200;
static constexpr Capabilities k_capabilities = {
    .dialect = Dialect::dingtalk_markdown,
    .max_length = 20'000,
    .unit = LengthUnit::json_bytes,
    .reserve = 2 * k_preview + 200, // the title once more, the frame, a heading's marks
    .rate = {.count = 20, .seconds = 60},
};

static bool is_phone(std::string_view name) {
    const auto digits = name.substr(name.starts_with('+') ? 1 : 0);
    return digits.size() >= 11 &&
           std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

/// Whom `at` names is mentioned and nobody else, so that no text of a message can. In markdown the text must name them
/// too: `line`.
static OrderedJson mentions(const Part& part, const Settings& settings, std::string& line) {
    OrderedJson at;
    at["isAtAll"] = false;
    if (!wants_mention(part, settings)) return at;
    for (const auto& name : names_of(settings["mention"])) {
        if (equals_ignoring_case(name, "all") || name == "@all") {
            at["isAtAll"] = true;
        } else {
            at[is_phone(name) ? "atMobiles" : "atUserIds"].push_back(name);
            line += (line.empty() ? "\n\n@" : " @") + name;
        }
    }
    return at;
}

static Result<Request> plan(const Part& part, const Settings& settings, const Thread& thread) {
    auto url = with_query(settings["base_url"] + std::string(k_path), "access_token", settings["token"]);
    if (settings.has("secret")) {
        const auto timestamp = std::to_string(to_millis(thread.now));
        const auto& secret = settings["secret"];
        url = with_query(std::move(url), "timestamp", timestamp);
        url = with_query(std::move(url), "sign", hmac_sha256_base64(secret, timestamp + "\n" + secret));
    }
    Part marked = part;
    marked.title = marked_title(part);
    std::string line;
    const auto at = mentions(part, settings, line);
    const auto request_with = [&](std::string_view text) {
        OrderedJson body;
        const auto whole = with_keyword(std::string(text), settings["keyword"]) + line;
        if (thread.plain) {
            body["msgtype"] = "text";
            body["text"] = {{"content", whole}};
        } else {
            // The title is all that the list of chats and the phone's lock screen show.
            const auto preview = shorten(one_line(marked.title.empty() ? part.plain_body : marked.title), k_preview);
            body["msgtype"] = "markdown";
            body["markdown"] = {{"title", preview.empty() ? "mcp-push" : preview}, {"text", whole}};
        }
        body["at"] = at;
        return post_json(url, body);
    };
    std::string text;
    if (thread.plain) {
        text = text_with_title(marked, Dialect::plain);
    } else {
        if (!marked.title.empty()) text = "#### " + escape(marked.title, Dialect::dingtalk_markdown) + "\n\n";
        text += part.body;
    }
    auto request = request_with(text);
    if (request.body.size() > k_capabilities.max_length) {
        const auto rest = k_capabilities.max_length - std::min(request_with("").body.size(), k_capabilities.max_length);
        request = request_with(cut_to(text, rest, LengthUnit::json_bytes));
    }
    return Request(std::move(request));
}

static constexpr std::string_view k_token_en =
    "the token is wrong or the robot was removed: copy its webhook address again into token";
static constexpr std::string_view k_token_zh = "token 错误或机器人已被删除：请重新复制 Webhook 地址到 token";
static constexpr std::string_view k_slow_en =
    "DingTalk takes 20 messages a minute from a robot and shuts it out for ten minutes beyond that";
static constexpr std::string_view k_slow_zh = "钉钉限制每个机器人每分钟 20 条，超过后限流 10 分钟";
static constexpr std::string_view k_text_en =
    "DingTalk does not accept this text or a link in it: set privacy = \"metadata\" for this channel";
static constexpr std::string_view k_text_zh = "钉钉不接受该内容或其中的链接：可为此渠道设置 privacy = \"metadata\"";
static constexpr std::string_view k_long_en =
    "the message is longer than DingTalk takes: set privacy = \"summary\" for this channel";
static constexpr std::string_view k_long_zh = "消息超过钉钉的长度上限：可为此渠道设置 privacy = \"summary\"";
static constexpr Millis k_minute{60'000};
static constexpr VendorCode k_too_fast = {
    .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh};

static constexpr VendorCode k_codes[] = {
    {.code = -1, .kind = OutcomeKind::transient},
    {.code = 130101, .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 410100, .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 660026, .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 90018, .kind = OutcomeKind::rate_limited, .wait = k_minute, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 90030,
     .remedy = "the organisation has used up this month's calls of robots: an administrator can buy more",
     .remedy_zh = "企业本月的机器人调用次数已用完：请联系管理员购买"},
    {.code = 101002, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 460101, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 300001, .remedy = k_token_en, .remedy_zh = k_token_zh},
    {.code = 300005, .remedy = k_token_en, .remedy_zh = k_token_zh},
    {.code = 40014, .remedy = k_token_en, .remedy_zh = k_token_zh},
    {.code = 40035, .remedy = k_token_en, .remedy_zh = k_token_zh},
    {.code = 400101, .remedy = k_token_en, .remedy_zh = k_token_zh},
    {.code = 400106, .remedy = k_token_en, .remedy_zh = k_token_zh},
    {.code = 400013,
     .remedy = "the group was dissolved: make a robot in another group and set its token",
     .remedy_zh = "群已解散：请在其他群中新建机器人并更新 token"},
    {.code = 400102,
     .remedy = "the robot is switched off: switch it on in the group's settings",
     .remedy_zh = "机器人已停用：请在群设置中重新启用"},
    {.code = 430101, .remedy = k_text_en, .remedy_zh = k_text_zh},
    {.code = 430102, .remedy = k_text_en, .remedy_zh = k_text_zh},
    {.code = 430103, .remedy = k_text_en, .remedy_zh = k_text_zh},
    {.code = 430104, .remedy = k_text_en, .remedy_zh = k_text_zh},
};

/// 310000 has four meanings, told apart by its words, which come in English and in Chinese.
static void explain_security(Outcome& outcome, std::string_view words, const Settings& settings) {
    const auto lower = to_lower(words);
    const auto says = [&](std::initializer_list<std::string_view> any) {
        return std::ranges::any_of(any, [&](auto word) { return lower.find(word) != std::string::npos; });
    };
    if (says({"keyword", "关键词", "关键字"})) {
        outcome.remedy = "the robot demands a keyword: set keyword to one of those in its security settings";
        outcome.remedy_zh = "机器人要求关键词：请将 keyword 设为其安全设置中的一个自定义关键词";
    } else if (says({"timestamp", "时间戳", "过期"})) {
        outcome.remedy = "this machine's clock is off by more than an hour: set it (timedatectl set-ntp true)";
        outcome.remedy_zh = "本机时间误差超过一小时：请校准时间（timedatectl set-ntp true）";
    } else if (says({"sign", "签名", "加签"}) && !settings.has("secret")) {
        outcome.remedy = "the robot demands a signature: set secret to the SEC... of its security settings";
        outcome.remedy_zh = "机器人要求加签：请将 secret 设为其安全设置中的密钥（SEC...）";
    } else if (says({"sign", "签名", "加签"})) {
        outcome.remedy = "the signature is wrong: copy the SEC... of this very robot again into secret, and check this "
                         "machine's clock";
        outcome.remedy_zh = "签名不匹配：请重新复制该机器人的加签密钥（SEC...）到 secret，并检查本机时间";
    } else if (says({"whitelist", "white list", "白名单", "ip"})) {
        outcome.remedy =
            "this machine's address is not on the robot's allow-list: add the one that the answer names to it";
        outcome.remedy_zh = "本机 IP 不在机器人的白名单：请将应答中的 IP 加入其安全设置";
    } else {
        outcome.remedy = "the robot's security settings refuse the message: check keyword, secret and allow-list there";
        outcome.remedy_zh = "消息被机器人的安全设置拒绝：请检查其中的关键词、加签和 IP 白名单";
    }
}

static Outcome judge(const HttpReply& reply, const Settings& settings) {
    const auto object = object_of(reply);
    if (!object) return judge_unreadable(reply, settings);
    const auto code = number_of(*object, "errcode");
    const auto seconds = number_of(*object, "wait");
    if (!code) {
        // The gate in front of the service, for who sends too much: {"status":1111,"wait":5,"punish":"deny"}.
        if (!seconds && !object->contains("punish")) return judge_unreadable(reply, settings);
        const auto status = number_of(*object, "status").value_or(reply.status);
        auto outcome = judge_code(reply, status, string_member(*object, "punish"), {}, k_too_fast);
        outcome.kind = OutcomeKind::rate_limited;
        outcome.wait = longer_wait(reply, k_minute, seconds);
        return outcome;
    }
    Outcome outcome;
    if (*code == 0) {
        outcome.kind = OutcomeKind::delivered;
        outcome.status = reply.status;
        return outcome;
    }
    const auto words = string_member(*object, "errmsg");
    const bool too_fast = words.find("too fast") != std::string::npos || words.find("限流") != std::string::npos;
    const VendorCode otherwise{.remedy = "DingTalk's list of error codes explains the answer",
                               .remedy_zh = "请查阅钉钉的错误码说明"};
    outcome = judge_code(reply, *code, words, k_codes, too_fast ? k_too_fast : otherwise);
    if (*code == 310000) explain_security(outcome, words, settings);
    if (outcome.kind == OutcomeKind::rate_limited) outcome.wait = longer_wait(reply, k_minute, seconds);
    return outcome;
}

static Result<Settings> normalise(Settings settings) {
    std::string token(trim(settings["token"]));
    std::string pasted;
    if (looks_like_address(token)) {
        const auto webhook = split_webhook(token, k_path);
        token = webhook ? query_value(webhook->query, "access_token") : std::string();
        if (token.empty()) {
            return Error{ErrorKind::config, "the address in token is no webhook of a DingTalk robot",
                         "copy it whole: https://oapi.dingtalk.com/robot/send?access_token=..."};
        }
        pasted = webhook->base;
    } else if (token.starts_with("access_token=")) {
        token = query_value(token, "access_token");
    }
    if (token.empty()) return Error{ErrorKind::config, "token is empty", "set it to the robot's webhook address"};
    settings.set("token", std::move(token));
    settings.set("secret", std::string(trim(settings["secret"])));
    TRY(check_additions(settings));
    TRY(settle_base_url(settings, pasted, k_server));
    return settings;
}

static Capabilities capabilities(const Settings& settings) {
    auto result = k_capabilities;
    result.reserve += 2 * settings["keyword"].size() + 8 * settings["mention"].size();
    return result;
}

} // namespace mcp_push::services::dingding_bot

namespace mcp_push {

MCP_PUSH_CHANNEL(dingding_bot){
    .id = "dingding_bot",
    .title = "DingTalk robot",
    .title_zh = "钉钉机器人",
    .aliases = "dingtalk ding dingding dingtalk_bot",
    .fields = services::dingding_bot::k_fields,
    .capabilities = services::dingding_bot::k_capabilities,
    .documentation = "https://open.dingtalk.com/document/robots/custom-robot-access",
    .how_to =
        "In DingTalk on a computer: the group's settings, Bots, Add, Custom. As security choose the signature and "
        "copy its secret (SEC...) into secret; finish, and copy the webhook address into token.",
    .how_to_zh = "在电脑版钉钉中：群设置 → 机器人 → 添加机器人 → 自定义。安全设置选择“加签”，复制密钥（SEC 开头）填入 "
                 "secret；完成后复制 Webhook 地址填入 token。",
    .example = "[channels.team]\ntype = \"dingding_bot\"\n"
               "token = \"https://oapi.dingtalk.com/robot/send?access_token=...\"\nsecret = \"SEC...\"\n",
};

MCP_PUSH_CHANNEL_CODE(dingding_bot){
    .plan = &services::dingding_bot::plan,
    .judge = &services::dingding_bot::judge,
    .normalise = &services::dingding_bot::normalise,
    .capabilities = &services::dingding_bot::capabilities,
};

} // namespace mcp_push
