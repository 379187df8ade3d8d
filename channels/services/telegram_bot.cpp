// SPDX-License-Identifier: MIT
// Telegram: a bot of the user's own, by the Bot API's sendMessage.
#include "channels/channel.hpp"
#include "channels/request.hpp"
#include "channels/robot.hpp"
#include "channels/shape.hpp"
#include "channels/vendor.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace mcp_push::services::telegram_bot {

static constexpr Field k_fields[] = {
    {.key = "token",
     .help = "The bot's token, as @BotFather shows it",
     .help_zh = "机器人的 token，由 @BotFather 提供",
     .required = true,
     .secret = true,
     .env = "TG_BOT_TOKEN",
     .env_alias = "TELEGRAM_BOT_TOKEN"},
    {.key = "chat_id",
     .help = "Who gets the messages: your id, a group's id (negative) or @channel",
     .help_zh = "接收者：你的 id、群组 id（负数）或 @频道名",
     .required = true,
     .env = "TG_USER_ID",
     .env_alias = "TELEGRAM_CHAT_ID"},
    {.key = "topic", .help = "The id of a topic, in a group with topics", .help_zh = "群组话题的 id"},
    {.key = "base_url",
     .help = "Another Bot API server in place of https://api.telegram.org",
     .help_zh = "替代 https://api.telegram.org 的 Bot API 服务器",
     .env = "TG_API_HOST"},
    {.key = "proxy_host",
     .help = "The host of a proxy for this channel alone",
     .help_zh = "仅用于此渠道的代理主机",
     .env = "TG_PROXY_HOST"},
    {.key = "proxy_port", .help = "The proxy's port", .help_zh = "代理端口", .env = "TG_PROXY_PORT"},
    {.key = "proxy_auth",
     .help = "The proxy's user:password",
     .help_zh = "代理的 用户名:密码",
     .secret = true,
     .env = "TG_PROXY_AUTH"},
};

static constexpr std::string_view k_server = "https://api.telegram.org";

/// In a group or channel `@name` would call somebody. The full-width sign is as long in UTF-16; code stays as it is,
/// because Telegram finds no names in it.
static std::string without_names(std::string_view text, bool html) {
    const auto is_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto is_word = [&](char c) { return is_name(c) || (c >= '0' && c <= '9'); };
    std::string result;
    int code = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (html && text[at] == '<') {
            const auto end = std::min(text.find('>', at), text.size() - 1);
            const auto tag = text.substr(at, end - at + 1);
            if (tag.starts_with("<code") || tag.starts_with("<pre")) ++code;
            if (tag.starts_with("</code") || tag.starts_with("</pre")) --code;
            result += tag;
            at = end;
            continue;
        }
        const bool calls = text[at] == '@' && code == 0 && at + 1 < text.size() && is_name(text[at + 1]) &&
                           (at == 0 || !is_word(text[at - 1]));
        result += calls ? std::string_view("＠") : text.substr(at, 1);
    }
    return result;
}

static bool is_private(std::string_view chat_id) { return !chat_id.starts_with('-') && !chat_id.starts_with('@'); }

static Result<Request> plan(const Part& part, const Settings& settings, const Thread& thread) {
    const auto& chat_id = settings["chat_id"];
    Part marked = part;
    marked.title = marked_title(part);
    auto text = text_with_title(marked, thread.plain ? Dialect::plain : Dialect::telegram_html);
    if (!is_private(chat_id)) text = without_names(text, !thread.plain);

    OrderedJson body;
    body["chat_id"] = chat_id;
    if (settings.has("topic")) {
        std::int64_t topic = 0;
        const auto& word = settings["topic"];
        std::from_chars(word.data(), word.data() + word.size(), topic);
        body["message_thread_id"] = topic;
    }
    body["text"] = std::move(text);
    if (!thread.plain) body["parse_mode"] = "HTML";
    body["link_preview_options"] = {{"is_disabled", true}};
    if (part.urgency == Urgency::low || part.number > 1) body["disable_notification"] = true;
    // The colon is in every token and allowed in a path; some servers in between do not decode it.
    const auto token = replace_all(percent_encode(settings["token"]), "%3A", ":");
    return Request(post_json(settings["base_url"] + "/bot" + token + "/sendMessage", body));
}

static constexpr VendorCode k_codes[] = {
    {.code = 400, .remedy = "check chat_id", .remedy_zh = "请检查 chat_id"},
    {.code = 401,
     .remedy = "the token is wrong or was revoked: take the present one from @BotFather",
     .remedy_zh = "token 错误或已被撤销：请从 @BotFather 获取当前的 token"},
    {.code = 403,
     .remedy = "the bot may not write there: open it in Telegram and press Start, or add it to the group",
     .remedy_zh = "机器人无权在此发言：请在 Telegram 中打开它并点击 Start，或将其加入群组"},
    {.code = 404,
     .remedy = "the token is not whole, or base_url is no Bot API server: check both",
     .remedy_zh = "token 不完整，或 base_url 不是 Bot API 服务器：请检查"},
    {.code = 409, .kind = OutcomeKind::transient},
    {.code = 429,
     .kind = OutcomeKind::rate_limited,
     .wait = Millis(1000),
     .remedy = "Telegram takes one message a second for a chat and 20 a minute for a group",
     .remedy_zh = "Telegram 限制每个对话每秒 1 条、每个群组每分钟 20 条"},
};

/// What the server says when it refuses a chat, the bot or the text, in lower case. The first row that is found counts.
struct Refusal {
    std::string_view words;
    std::string_view remedy;
    std::string_view remedy_zh;
};
static constexpr std::string_view k_rights = "allow the bot to send messages in this chat";
static constexpr std::string_view k_rights_zh = "请允许机器人在该群组中发言";
static constexpr Refusal k_refusals[] = {
    {"chat not found", "open the bot in Telegram and press Start, or add it to the group; then check chat_id",
     "请在 Telegram 中打开机器人并点击 Start，或将其加入群组，然后检查 chat_id"},
    {"bot was blocked by the user", "open the bot in Telegram and press Restart: it is blocked",
     "机器人已被屏蔽：请在 Telegram 中打开它并点击 Restart"},
    {"can't initiate conversation", "open the bot in Telegram and press Start: a bot cannot write first",
     "请在 Telegram 中打开机器人并点击 Start：机器人不能主动发起对话"},
    {"user is deactivated", "this account was deleted: set chat_id to another", "该账号已注销：请更换 chat_id"},
    {"send messages to bots", "chat_id is a bot's id: set your own", "chat_id 是机器人的 id：请填写你自己的 id"},
    {"bot was kicked", "add the bot to the group again", "机器人已被移出群组：请重新添加"},
    {"bot is not a member", "make the bot an administrator of the channel, or a member of the group",
     "请将机器人设为频道管理员或加入群组"},
    {"message thread not found", "remove topic, or set it to the id of a topic of this group",
     "请删除 topic，或填写该群组中的话题 id"},
    {"topic_closed", "open the topic again, or remove topic", "话题已关闭：请重新打开，或删除 topic"},
    {"administrator rights", "make the bot an administrator of the channel", "请将机器人设为频道管理员"},
    {"not enough rights", k_rights, k_rights_zh},
    {"have no rights", k_rights, k_rights_zh},
    {"chat_write_forbidden", k_rights, k_rights_zh},
    {"message is too long", "set privacy = \"summary\" for this channel", "可为此渠道设置 privacy = \"summary\""},
    {"chat_id is empty", "set chat_id or the variable TG_USER_ID", "请设置 chat_id 或变量 TG_USER_ID"},
};

static Outcome judge_refusal(const HttpReply& reply, const Json& object) {
    const auto code = number_of(object, "error_code").value_or(reply.status);
    const auto words = string_member(object, "description");
    const VendorCode otherwise{.kind = code >= 500 ? OutcomeKind::transient : OutcomeKind::permanent,
                               .remedy = "the Bot API's documentation explains the answer",
                               .remedy_zh = "请查阅 Bot API 文档中的说明"};
    auto outcome = judge_code(reply, code, words, k_codes, otherwise);
    const auto& parameters = member(object, "parameters");
    if (outcome.kind == OutcomeKind::rate_limited) {
        outcome.wait = longer_wait(reply, Millis(1000), number_of(parameters, "retry_after"));
    }
    if (outcome.kind != OutcomeKind::permanent) return outcome;
    if (const auto moved = number_of(parameters, "migrate_to_chat_id")) {
        const auto setting = "chat_id = \"" + std::to_string(*moved) + "\"";
        outcome.remedy = "the group became a supergroup: set " + setting;
        outcome.remedy_zh = "该群已升级为超级群组：请设置 " + setting;
        return outcome;
    }
    const auto lower = to_lower(words);
    const auto* const found = std::ranges::find_if(
        k_refusals, [&](const Refusal& refusal) { return lower.find(refusal.words) != std::string::npos; });
    if (found != std::end(k_refusals)) {
        outcome.remedy = found->remedy;
        outcome.remedy_zh = found->remedy_zh;
    }
    return outcome;
}

static Outcome judge(const HttpReply& reply, const Settings& settings) {
    const auto object = object_of(reply);
    if (!object || !member(*object, "ok").is_boolean()) return judge_unreadable(reply, settings);
    if (!bool_member(*object, "ok")) return judge_refusal(reply, *object);
    Outcome outcome;
    outcome.kind = OutcomeKind::delivered;
    outcome.status = reply.status;
    if (const auto id = number_of(member(*object, "result"), "message_id")) outcome.receipt = std::to_string(*id);
    return outcome;
}

/// However the server says that it stumbled over a tag or an entity.
static bool markup_refused(const HttpReply& reply) {
    const auto object = object_of(reply);
    if (!object || bool_member(*object, "ok") || number_of(*object, "error_code") != 400) return false;
    const auto words = to_lower(string_member(*object, "description"));
    return words.find("parse entities") != std::string::npos || words.find("entity") != std::string::npos ||
           words.find("parse_mode") != std::string::npos;
}

static bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 18 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Encodes what an address of a proxy may not hold as it is; what is encoded already stays.
static std::string encode_part(std::string_view text) {
    const auto is_hex = [&](std::size_t at) {
        return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool encoded = text[at] == '%' && is_hex(at + 1) && is_hex(at + 2);
        result += encoded ? "%" : percent_encode(text.substr(at, 1));
    }
    return result;
}

/// The originals' three variables as one address.
static Status settle_proxy(Settings& settings) {
    auto host = trim(settings["proxy_host"]);
    if (settings.has("proxy") || host.empty()) return {};
    std::string scheme = "http://";
    if (const auto at = host.find("://"); at != std::string_view::npos) {
        scheme = host.substr(0, at + 3);
        host.remove_prefix(at + 3);
    }
    while (host.ends_with('/'))
        host.remove_suffix(1);
    const auto port = trim(settings["proxy_port"]);
    const auto at_sign = host.rfind('@');
    const auto bare = at_sign == std::string_view::npos ? host : host.substr(at_sign + 1);
    const bool has_port = bare.find(':') != std::string_view::npos && !bare.ends_with(']');
    if (!has_port && !is_number(port)) {
        return Error{ErrorKind::config, "proxy_host needs the number of a port",
                     "set proxy_port = \"7890\" or the variable TG_PROXY_PORT"};
    }
    const auto auth = trim(settings["proxy_auth"]);
    std::string user;
    if (!auth.empty() && at_sign == std::string_view::npos) {
        const auto colon = auth.find(':');
        user = encode_part(auth.substr(0, colon));
        if (colon != std::string_view::npos) user += ":" + encode_part(auth.substr(colon + 1));
        user += "@";
    }
    settings.set("proxy", scheme + user + std::string(host) + (has_port ? "" : ":" + std::string(port)));
    return {};
}

static Status settle_chat(Settings& settings) {
    std::string chat(trim(settings["chat_id"]));
    for (const std::string_view link : {"https://t.me/", "http://t.me/", "t.me/"}) {
        if (chat.starts_with(link)) chat.replace(0, link.size(), "@");
    }
    const auto digits = std::string_view(chat).substr(chat.starts_with('-') ? 1 : 0);
    const auto name = std::string_view(chat).substr(chat.starts_with('@') ? 1 : 0);
    const bool named = name.size() < chat.size() && name.size() >= 4 && std::ranges::all_of(name, [](char c) {
                           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
                       });
    if (!is_number(digits) && !named) {
        return Error{ErrorKind::config, "chat_id is neither a number nor the @name of a channel",
                     "write to @userinfobot in Telegram: it answers with your id"};
    }
    settings.set("chat_id", std::move(chat));
    return {};
}

static Result<Settings> normalise(Settings settings) {
    std::string token(trim(settings["token"]));
    std::string pasted;
    const Error no_token{ErrorKind::config, "token is no token of a bot",
                         "set token to what @BotFather shows: 123456789:AA..."};
    if (looks_like_address(token)) {
        const auto webhook = split_webhook(token, "/bot");
        if (!webhook) return no_token;
        pasted = webhook->base;
        token = webhook->rest.substr(0, webhook->rest.find('/'));
    }
    if (token.starts_with("bot")) token.erase(0, 3);
    const auto colon = token.find(':');
    if (colon == std::string::npos || colon + 1 == token.size() || !is_number(token.substr(0, colon))) return no_token;
    settings.set("token", std::move(token));
    if (const std::string topic(trim(settings["topic"])); !topic.empty()) {
        if (!is_number(topic)) {
            return Error{ErrorKind::config, "topic is no number",
                         "copy the link of a message in the topic: it is the number before the last"};
        }
        settings.set("topic", topic);
    }
    TRY(settle_chat(settings));
    TRY(settle_proxy(settings));
    TRY(settle_base_url(settings, pasted, k_server));
    return settings;
}

} // namespace mcp_push::services::telegram_bot

namespace mcp_push {

MCP_PUSH_CHANNEL(telegram_bot){
    .id = "telegram_bot",
    .title = "Telegram",
    .title_zh = "Telegram",
    .aliases = "telegram tg",
    .fields = services::telegram_bot::k_fields,
    .capabilities = {.dialect = Dialect::telegram_html,
                     .max_length = 4096,
                     .unit = LengthUnit::utf16_units,
                     .reserve = k_longest_mark,
                     .silent_possible = true,
                     .rate = {.count = 1, .seconds = 1}},
    .documentation = "https://core.telegram.org/bots/api#sendmessage",
    .how_to =
        "In Telegram write /newbot to @BotFather: it answers with the token. Open your new bot and press Start, or "
        "it may not write to you. Write to @userinfobot: it answers with your id, which is chat_id. For a group, "
        "add the bot to it and use the group's id, which is negative.",
    .how_to_zh =
        "在 Telegram 中向 @BotFather 发送 /newbot，它会回复 token。打开你的新机器人并点击 Start，否则它不能给你"
        "发消息。向 @userinfobot 发送任意消息，它会回复你的 id，即 chat_id。若发到群组，请将机器人加入群组，并使用"
        "群组的 id（负数）。",
    .example = "[channels.phone]\ntype = \"telegram_bot\"\ntoken = \"123456789:AA...\"\nchat_id = \"987654321\"\n",
};

MCP_PUSH_CHANNEL_CODE(telegram_bot){
    .plan = &services::telegram_bot::plan,
    .judge = &services::telegram_bot::judge,
    .markup_refused = &services::telegram_bot::markup_refused,
    .normalise = &services::telegram_bot::normalise,
};

} // namespace mcp_push
