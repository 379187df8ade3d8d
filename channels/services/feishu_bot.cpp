// SPDX-License-Identifier: MIT
// Feishu and Lark: a custom bot of a group, by its webhook.
#include "channels/channel.hpp"
#include "channels/request.hpp"
#include "channels/robot.hpp"
#include "channels/shape.hpp"
#include "channels/signing.hpp"
#include "channels/vendor.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push::services::feishu_bot {

static constexpr Field k_fields[] = {
    {.key = "key",
     .help = "The bot's webhook address, or what follows /hook/ in it",
     .help_zh = "机器人的 Webhook 地址，或其中 /hook/ 之后的部分",
     .required = true,
     .secret = true,
     .env = "FSKEY"},
    {.key = "secret",
     .help = "The secret, where the bot's security is a signature",
     .help_zh = "安全设置为“签名校验”时的密钥",
     .secret = true,
     .env = "FSSECRET"},
    {.key = "keyword",
     .help = "One of the bot's keywords: added to messages that do not hold it",
     .help_zh = "机器人的自定义关键词之一：消息中没有时自动附加"},
    {.key = "mention",
     .help = "Whom to mention when something is urgent or waits: all, or open ids and user ids",
     .help_zh = "紧急或等待处理时 @ 谁：all，或 open_id、user_id 列表"},
    {.key = "base_url",
     .help = "Another server in place of https://open.feishu.cn, as https://open.larksuite.com for Lark",
     .help_zh = "替代 https://open.feishu.cn 的服务器，例如 Lark 国际版的 https://open.larksuite.com"},
};

static constexpr std::string_view k_server = "https://open.feishu.cn";
static constexpr std::string_view k_path = "/open-apis/bot/v2/hook/";
static constexpr std::size_t k_title = 300;
static constexpr Capabilities k_capabilities = {
    .dialect = Dialect::feishu_card,
    .max_length = 20'000,
    .unit = LengthUnit::json_bytes,
    .reserve = 500, // the card around the text, the signature
    .max_title = k_title,
    .separate_title = true,
    .rate = {.count = 100, .seconds = 60},
    .burst = {.count = 5, .seconds = 1},
};

/// The colour of the card's head.
static std::string_view colour_of(const Part& part) {
    if (part.urgency == Urgency::urgent || part.kind == EventKind::error) return "red";
    if (part.urgency == Urgency::high || part.kind == EventKind::needs_user_action) return "orange";
    if (part.kind == EventKind::end) return "green";
    if (part.urgency == Urgency::low || part.kind == EventKind::cancelled) return "grey";
    return "blue";
}

/// The markup that mentions, as cards and as plain messages write it.
static std::string mentions(const Part& part, const Settings& settings, bool card) {
    std::string line;
    if (!wants_mention(part, settings)) return line;
    for (const auto& name : names_of(settings["mention"])) {
        const auto id = name == "@all" ? std::string("all") : name;
        line += line.empty() ? "\n\n" : " ";
        line += card ? "<at id=" + id + "></at>" : "<at user_id=\"" + id + "\"></at>";
    }
    return line;
}

static OrderedJson card_of(const Part& part, const std::string& title, std::string text) {
    OrderedJson card;
    card["schema"] = "2.0";
    if (!title.empty()) {
        card["header"] = {{"title", {{"tag", "plain_text"}, {"content", title}}}, {"template", colour_of(part)}};
    }
    OrderedJson element = {{"tag", "markdown"}, {"content", std::move(text)}};
    card["body"] = {{"elements", OrderedJson::array({std::move(element)})}};
    return card;
}

static Result<Request> plan(const Part& part, const Settings& settings, const Thread& thread) {
    const auto title = shorten(marked_title(part), k_title);
    const auto line = mentions(part, settings, !thread.plain);
    const auto request_with = [&](std::string_view text) {
        OrderedJson body;
        if (settings.has("secret")) {
            // The key is what others sign, and nothing is signed with it: so Feishu wants it.
            const auto timestamp = std::to_string(to_millis(thread.now) / 1000);
            body["timestamp"] = timestamp;
            body["sign"] = hmac_sha256_base64(timestamp + "\n" + settings["secret"], "");
        }
        auto whole = without_mentions(text, "<at");
        const auto& keyword = settings["keyword"];
        if (title.find(keyword) == std::string::npos) whole = with_keyword(std::move(whole), keyword);
        whole += line;
        if (thread.plain) {
            body["msg_type"] = "text";
            body["content"] = {{"text", std::move(whole)}};
        } else {
            body["msg_type"] = "interactive";
            body["card"] = card_of(part, title, whole.empty() ? title : whole);
        }
        return post_json(settings["base_url"] + std::string(k_path) + percent_encode(settings["key"]), body);
    };
    Part marked = part;
    marked.title = title;
    const auto text = thread.plain ? text_with_title(marked, Dialect::plain) : part.body;
    auto request = request_with(text);
    if (request.body.size() > k_capabilities.max_length) {
        const auto rest = k_capabilities.max_length - std::min(request_with("").body.size(), k_capabilities.max_length);
        request = request_with(cut_to(text, rest, LengthUnit::json_bytes));
    }
    return Request(std::move(request));
}

static constexpr std::string_view k_slow_en =
    "Feishu takes 100 messages a minute and 5 a second from a bot, and fewer at the full and half hour";
static constexpr std::string_view k_slow_zh = "飞书限制每个机器人每分钟 100 条、每秒 5 条，整点和半点时更少";
static constexpr std::string_view k_key_en =
    "the key is wrong or the bot was removed: copy its webhook address again into key";
static constexpr std::string_view k_key_zh = "key 错误或机器人已被移除：请重新复制 Webhook 地址到 key";
static constexpr std::string_view k_text_en =
    "Feishu does not accept this text: set privacy = \"metadata\" for this channel";
static constexpr std::string_view k_text_zh = "飞书不接受该内容：可为此渠道设置 privacy = \"metadata\"";
static constexpr std::string_view k_long_en =
    "Feishu does not accept the message, which may be longer than 20 KB: set privacy = \"summary\" for this channel";
static constexpr std::string_view k_long_zh = "飞书不接受该消息，可能超过 20 KB：可为此渠道设置 privacy = \"summary\"";
static constexpr Millis k_pause{20'000};
static constexpr VendorCode k_too_fast = {
    .kind = OutcomeKind::rate_limited, .wait = k_pause, .remedy = k_slow_en, .remedy_zh = k_slow_zh};

static constexpr VendorCode k_codes[] = {
    {.code = 11232, .kind = OutcomeKind::rate_limited, .wait = k_pause, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 11233, .kind = OutcomeKind::rate_limited, .wait = k_pause, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 11247, .kind = OutcomeKind::rate_limited, .wait = k_pause, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 230020, .kind = OutcomeKind::rate_limited, .wait = k_pause, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 99991400, .kind = OutcomeKind::rate_limited, .wait = k_pause, .remedy = k_slow_en, .remedy_zh = k_slow_zh},
    {.code = 9499, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 19036, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 230025, .remedy = k_long_en, .remedy_zh = k_long_zh},
    {.code = 19001, .remedy = k_key_en, .remedy_zh = k_key_zh},
    {.code = 19021,
     .remedy = "the signature does not match: copy the bot's secret again into secret, and check this machine's clock "
               "(timedatectl set-ntp true)",
     .remedy_zh = "签名不匹配：请重新复制机器人的签名密钥到 secret，并校准本机时间（timedatectl set-ntp true）"},
    {.code = 19022,
     .remedy = "this machine's address is not on the bot's allow-list: add it in the bot's security settings",
     .remedy_zh = "本机 IP 不在机器人的白名单：请在其安全设置中添加"},
    {.code = 19024,
     .remedy = "the bot demands a keyword: set keyword to one of those in its security settings",
     .remedy_zh = "机器人要求关键词：请将 keyword 设为其安全设置中的一个自定义关键词"},
    {.code = 230022, .remedy = k_text_en, .remedy_zh = k_text_zh},
    {.code = 230028, .remedy = k_text_en, .remedy_zh = k_text_zh},
    {.code = 230018,
     .remedy = "the group lets only some members write: allow the bot in the group's settings",
     .remedy_zh = "群设置限制了发言：请在群设置中允许机器人发言"},
    {.code = 232009,
     .remedy = "the group was dissolved: make a bot in another group and set its key",
     .remedy_zh = "群已解散：请在其他群中新建机器人并更新 key"},
};

/// `code`, or the older `StatusCode` where there is none.
static std::optional<std::int64_t> code_of(const Json& object) {
    const auto code = number_of(object, "code");
    return code ? code : number_of(object, "StatusCode");
}

static Outcome judge(const HttpReply& reply, const Settings& settings) {
    const auto object = object_of(reply);
    const auto code = object ? code_of(*object) : std::nullopt;
    if (!code) return judge_unreadable(reply, settings);
    Outcome outcome;
    if (*code == 0) {
        outcome.kind = OutcomeKind::delivered;
        outcome.status = reply.status;
        return outcome;
    }
    const auto words = string_member(*object, "msg", string_member(*object, "StatusMessage"));
    const auto lower = to_lower(words);
    const bool too_fast = lower.find("too many") != std::string::npos || lower.find("frequency") != std::string::npos;
    const VendorCode otherwise{.remedy = "Feishu's list of error codes explains the answer",
                               .remedy_zh = "请查阅飞书的错误码说明"};
    // 9499 stands for bad requests and for too many of them.
    outcome = too_fast ? judge_code(reply, *code, words, {}, k_too_fast)
                       : judge_code(reply, *code, words, k_codes, otherwise);
    if (too_fast) outcome.kind = OutcomeKind::rate_limited;
    if (*code == 19021 && !settings.has("secret")) {
        outcome.remedy = "the bot demands a signature: set secret to the one of its security settings";
        outcome.remedy_zh = "机器人要求签名校验：请将 secret 设为其安全设置中的密钥";
    }
    if (outcome.kind == OutcomeKind::rate_limited) {
        std::optional<std::int64_t> seconds;
        if (const auto* const reset = find_header(reply.headers, "x-ogw-ratelimit-reset")) {
            seconds = number_of(Json{{"reset", std::string(trim(*reset))}}, "reset");
        }
        outcome.wait = longer_wait(reply, k_pause, seconds);
    }
    return outcome;
}

/// A card that a client or the service cannot take is worth one try as text; what concerns the bot itself is not.
static bool markup_refused(const HttpReply& reply) {
    const auto outcome = judge(reply, Settings());
    if (outcome.kind != OutcomeKind::permanent) return false;
    const auto object = object_of(reply);
    const auto code = object ? code_of(*object) : std::nullopt;
    if (!code) return false;
    constexpr std::int64_t k_of_the_bot[] = {19001, 19021, 19022, 19024, 230018, 230022, 230028, 232009};
    return std::ranges::find(k_of_the_bot, *code) == std::end(k_of_the_bot);
}

static Result<Settings> normalise(Settings settings) {
    std::string key(trim(settings["key"]));
    std::string pasted;
    if (looks_like_address(key)) {
        const auto webhook = split_webhook(key, k_path);
        key = webhook ? webhook->rest : std::string();
        while (key.ends_with('/'))
            key.pop_back();
        if (key.empty() || key.find('/') != std::string::npos) {
            return Error{ErrorKind::config, "the address in key is no webhook of a Feishu or Lark bot",
                         "copy it whole: https://open.feishu.cn/open-apis/bot/v2/hook/..."};
        }
        pasted = webhook->base;
    }
    if (key.empty()) return Error{ErrorKind::config, "key is empty", "set it to the bot's webhook address"};
    settings.set("key", std::move(key));
    settings.set("secret", std::string(trim(settings["secret"])));
    TRY(check_additions(settings));
    TRY(settle_base_url(settings, pasted, k_server));
    return settings;
}

static Capabilities capabilities(const Settings& settings) {
    auto result = k_capabilities;
    // "<at user_id=\"\"></at>" around each name, which may be one character long.
    result.reserve += 2 * settings["keyword"].size() + 16 * settings["mention"].size();
    return result;
}

} // namespace mcp_push::services::feishu_bot

namespace mcp_push {

MCP_PUSH_CHANNEL(feishu_bot){
    .id = "feishu_bot",
    .title = "Feishu and Lark bot",
    .title_zh = "飞书机器人",
    .aliases = "feishu lark feishu_robot lark_bot",
    .fields = services::feishu_bot::k_fields,
    .capabilities = services::feishu_bot::k_capabilities,
    .documentation = "https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot",
    .how_to =
        "In the group: Settings, Bots, Add Bot, Custom Bot. Copy the webhook address into key. Where you choose the "
        "signature as security, copy its secret into secret. For Lark paste the whole address, or set base_url = "
        "\"https://open.larksuite.com\".",
    .how_to_zh =
        "在群中：设置 → 群机器人 → 添加机器人 → 自定义机器人。复制 Webhook 地址填入 key；若安全设置选择“签名校验”，"
        "将密钥填入 secret。Lark 国际版请粘贴完整地址，或设置 base_url = \"https://open.larksuite.com\"。",
    .example = "[channels.team]\ntype = \"feishu_bot\"\nkey = \"https://open.feishu.cn/open-apis/bot/v2/hook/...\"\n"
               "secret = \"...\"\n",
};

MCP_PUSH_CHANNEL_CODE(feishu_bot){
    .plan = &services::feishu_bot::plan,
    .judge = &services::feishu_bot::judge,
    .markup_refused = &services::feishu_bot::markup_refused,
    .normalise = &services::feishu_bot::normalise,
    .capabilities = &services::feishu_bot::capabilities,
};

} // namespace mcp_push
