// SPDX-License-Identifier: MIT
#include "channels/shape.hpp"
#include "tests/channels/channel_kit.hpp"
#include "tests/support/golden.hpp"

using namespace mcp_push;
using namespace mcp_push::kit;

namespace {

constexpr std::string_view k_id = "telegram_bot";
const std::string k_token = "123456789:no-token_of-any-bot";

Settings settings(Values more = {}) {
    Values values = {{"token", k_token}, {"chat_id", "987654321"}};
    for (auto& [key, value] : more)
        values[key] = value;
    return settings_of(k_id, values);
}

Outcome judged(int status, std::string body, std::vector<HttpHeader> headers = {}) {
    return type_of(k_id).code->judge(reply_of(status, std::move(body), std::move(headers)), settings());
}

std::string refusal(int code, std::string_view description, std::string_view parameters = {}) {
    return R"({"ok":false,"error_code":)" + std::to_string(code) + R"(,"description":")" + std::string(description) +
           "\"" + (parameters.empty() ? "" : R"(,"parameters":)" + std::string(parameters)) + "}";
}

} // namespace

TEST_CASE("telegram: a finished task is one sendMessage with HTML and no preview") {
    const auto part = part_of("任务完成 · mcp-push · 1 分 15 秒", "已修复登录问题，<b>3 个文件</b>被修改。",
                              Urgency::normal, EventKind::end);
    CHECK(golden_difference("channels/golden/telegram_bot.markdown.txt", shown(request_of(k_id, part, settings()))) ==
          "");
}

TEST_CASE("telegram: without markup neither parse_mode nor a tag is sent") {
    auto part = part_of("Build finished", "<b>All</b> tests pass &amp; lint is clean");
    part.plain_body = "All tests pass & lint is clean";
    const auto request = request_of(k_id, part, settings(), true);
    CHECK(golden_difference("channels/golden/telegram_bot.plain.txt", shown(request)) == "");
}

TEST_CASE("telegram: quotes, ampersands, line feeds, emoji and control characters arrive as they are") {
    auto part =
        part_of("a < b && \"c\" > 'd' \\ 👩‍👩‍👧‍👦",
                "&lt;script&gt; &amp; &quot;q&quot;\n中文\t\x01 \xF0\x9F\x9A\x80", Urgency::urgent, EventKind::error);
    CHECK(golden_difference("channels/golden/telegram_bot.tricky.txt", shown(request_of(k_id, part, settings()))) ==
          "");
}

TEST_CASE("telegram: the longest text is sent whole, in parts that stay within 4096 UTF-16 units") {
    Message message;
    message.title = "Task finished · project · 2 min";
    for (int line = 0; line < 200; ++line)
        message.body += "line " + std::to_string(line) + ": 🚀 <done> & 完成 \"quoted\"\n";
    message.urgency = Urgency::urgent;
    const auto parts = shape(message, capabilities_of(type_of(k_id), settings()));
    REQUIRE(parts.size() > 1);
    std::string all;
    for (const auto& part : parts) {
        const auto text = string_member(json_of(request_of(k_id, part, settings())), "text");
        CHECK(length_in(text, LengthUnit::utf16_units) <= 4096);
        all += part.plain_body;
    }
    CHECK(contains(all, "line 0: 🚀 <done> & 完成 \"quoted\""));
    CHECK(contains(all, "line 199:"));
}

TEST_CASE("telegram: low urgency and every further part come without a sound, the first one with it") {
    auto part = part_of("t", "b", Urgency::low);
    CHECK(bool_member(json_of(request_of(k_id, part, settings())), "disable_notification"));
    part.urgency = Urgency::high;
    CHECK_FALSE(json_of(request_of(k_id, part, settings())).contains("disable_notification"));
    part.number = 2;
    part.of = 2;
    CHECK(bool_member(json_of(request_of(k_id, part, settings())), "disable_notification"));
}

TEST_CASE("telegram: what happened and how urgent it is stands before the title") {
    const auto text = [](Urgency urgency, std::optional<EventKind> kind) {
        return string_member(json_of(request_of(k_id, part_of("T", "b", urgency, kind), settings())), "text");
    };
    CHECK(text(Urgency::normal, std::nullopt) == "<b>T</b>\n\nb");
    CHECK(text(Urgency::normal, EventKind::end) == "<b>✅ T</b>\n\nb");
    CHECK(text(Urgency::high, EventKind::error) == "<b>❌ T</b>\n\nb");
    CHECK(text(Urgency::high, EventKind::needs_user_action) == "<b>✋ T</b>\n\nb");
    CHECK(text(Urgency::high, std::nullopt) == "<b>❗ T</b>\n\nb");
    CHECK(text(Urgency::urgent, EventKind::end) == "<b>🚨 T</b>\n\nb");
}

TEST_CASE("telegram: in a group no name in a text calls anybody; code and addresses keep theirs") {
    const auto part = part_of("by @alice", "@bob_1 mail me@example.com <code>@scope/pkg</code> <pre>@x_y</pre> @carol "
                                           "<a href=\"https://t.me/@dave\">link</a> 3@ 中@eve");
    const auto text = string_member(json_of(request_of(k_id, part, settings({{"chat_id", "-1001"}}))), "text");
    CHECK(text == "<b>by ＠alice</b>\n\n＠bob_1 mail me@example.com <code>@scope/pkg</code> <pre>@x_y</pre> ＠carol "
                  "<a href=\"https://t.me/@dave\">link</a> 3@ 中＠eve");
    CHECK(contains(string_member(json_of(request_of(k_id, part, settings({{"chat_id", "@mychannel"}}), true)), "text"),
                   "＠alice"));
    // Alone with the bot there is nobody to call.
    CHECK(contains(string_member(json_of(request_of(k_id, part, settings())), "text"), "@bob_1"));
}

TEST_CASE("telegram: a topic is a number in the request") {
    const auto body = json_of(request_of(k_id, part_of("t", "b"), settings({{"chat_id", "-1001"}, {"topic", " 42 "}})));
    CHECK(body["message_thread_id"] == 42);
    CHECK(contains(settings_error(k_id, {{"token", k_token}, {"chat_id", "1"}, {"topic", "general"}}), "topic"));
}

TEST_CASE("telegram: the token may be pasted with its address, which is then the server") {
    const auto url = [](Values values) {
        values.try_emplace("chat_id", "1");
        return request_of(k_id, part_of("t", "b"), settings_of(k_id, std::move(values))).url;
    };
    const auto path = "/bot" + k_token + "/sendMessage";
    CHECK(url({{"token", k_token}}) == "https://api.telegram.org" + path);
    CHECK(url({{"token", " bot" + k_token + "\n"}}) == "https://api.telegram.org" + path);
    CHECK(url({{"token", "https://api.telegram.org/bot" + k_token + "/getMe"}}) == "https://api.telegram.org" + path);
    CHECK(url({{"token", "https://bot.example.com/bot/bot" + k_token}}) == "https://bot.example.com/bot" + path);
    CHECK(url({{"token", k_token}, {"base_url", "tg.example.com/"}}) == "https://tg.example.com" + path);
    CHECK(url({{"token", k_token}, {"base_url", "http://127.0.0.1:8081"}}) == "http://127.0.0.1:8081" + path);
    CHECK(url({{"token", "1:a b?c#d"}}) == "https://api.telegram.org/bot1:a%20b%3Fc%23d/sendMessage");
}

TEST_CASE("telegram: what is no token is refused without being shown") {
    for (const std::string bad : {"AAHforTheTestOnly", "123456789",
                                  "123456789:", "https://example.com/AAHforTheTestOnly", ":AAHforTheTestOnly"}) {
        const auto text = settings_error(k_id, {{"token", bad}, {"chat_id", "1"}});
        CAPTURE(bad);
        CHECK(contains(text, "channels.mine"));
        CHECK(contains(text, "@BotFather"));
        CHECK_FALSE(contains(text, "AAHf"));
    }
}

TEST_CASE("telegram: a chat is a number, a channel's name or a link to one") {
    const auto chat = [](const char* value) { return settings({{"chat_id", value}})["chat_id"]; };
    CHECK(chat(" 42 ") == "42");
    CHECK(chat("-1001234567890") == "-1001234567890");
    CHECK(chat("@my_channel") == "@my_channel");
    CHECK(chat("https://t.me/my_channel") == "@my_channel");
    for (const auto* const bad : {"me", "@x", "1 2", "--1", "@na me", "t.me/+AbCdEf", "12;34"}) {
        CAPTURE(bad);
        CHECK(contains(settings_error(k_id, {{"token", k_token}, {"chat_id", bad}}), "chat_id"));
    }
}

TEST_CASE("telegram: the originals' proxy variables become one address") {
    const auto proxy = [](Values values) { return settings(std::move(values))["proxy"]; };
    CHECK(proxy({}).empty());
    CHECK(proxy({{"proxy_host", "127.0.0.1"}, {"proxy_port", "7890"}}) == "http://127.0.0.1:7890");
    CHECK(proxy({{"proxy_host", "p"}, {"proxy_port", "1"}, {"proxy_auth", "me:p@ss/w%20"}}) ==
          "http://me:p%40ss%2Fw%20@p:1");
    CHECK(proxy({{"proxy_host", "u:x@p"}, {"proxy_port", "1"}, {"proxy_auth", "me:pass"}}) == "http://u:x@p:1");
    CHECK(proxy({{"proxy_host", "socks5://p/"}, {"proxy_port", "1080"}}) == "socks5://p:1080");
    CHECK(proxy({{"proxy_host", "p:3128"}}) == "http://p:3128");
    CHECK(proxy({{"proxy_port", "3128"}}).empty());
    CHECK(proxy({{"proxy", "http://own:1"}, {"proxy_host", "p"}, {"proxy_port", "1"}}) == "http://own:1");
    CHECK(contains(settings_error(k_id, {{"token", k_token}, {"chat_id", "1"}, {"proxy_host", "p"}}), "TG_PROXY_PORT"));
    CHECK(
        contains(settings_error(k_id, {{"token", k_token}, {"chat_id", "1"}, {"proxy_host", "p"}, {"proxy_port", "x"}}),
                 "port"));
}

TEST_CASE("telegram: an accepted message is delivered, with its number as the receipt") {
    const auto outcome = judged(200, R"({"ok":true,"result":{"message_id":4711,"chat":{"id":1},"text":"x"}})");
    CHECK(outcome.kind == OutcomeKind::delivered);
    CHECK(outcome.receipt == "4711");
    CHECK(outcome.status == 200);
}

TEST_CASE("telegram: 429 waits for retry_after") {
    auto outcome = judged(429, refusal(429, "Too Many Requests: retry after 35", R"({"retry_after":35})"));
    CHECK(outcome.kind == OutcomeKind::rate_limited);
    CHECK(outcome.wait == Millis(35'000));
    outcome = judged(429, refusal(429, "Too Many Requests"), {{"Retry-After", "7"}});
    CHECK(outcome.wait == Millis(7'000));
    outcome = judged(429, refusal(429, "Too Many Requests", R"({"retry_after":-5})"));
    CHECK(outcome.wait == Millis(1'000));
    outcome = judged(429, refusal(429, "Too Many Requests", R"({"retry_after":999999999999})"));
    CHECK(outcome.wait == std::chrono::hours(24));
    outcome = judged(429, "");
    CHECK(outcome.kind == OutcomeKind::rate_limited);
}

TEST_CASE("telegram: every refusal says what to do") {
    struct Row {
        int code;
        const char* words;
        const char* remedy;
    };
    const Row rows[] = {
        {400, "Bad Request: chat not found", "press Start"},
        {400, "Bad Request: message thread not found", "topic"},
        {400, "Bad Request: TOPIC_CLOSED", "topic"},
        {400, "Bad Request: not enough rights to send text messages to the chat", "allow the bot"},
        {400, "Bad Request: message is too long", "privacy"},
        {400, "Bad Request: need administrator rights in the channel chat", "administrator"},
        {400, "Bad Request: something new", "chat_id"},
        {401, "Unauthorized", "@BotFather"},
        {403, "Forbidden: bot was blocked by the user", "Restart"},
        {403, "Forbidden: bot can't initiate conversation with a user", "press Start"},
        {403, "Forbidden: bot was kicked from the supergroup chat", "group again"},
        {403, "Forbidden: user is deactivated", "chat_id"},
        {403, "Forbidden: bots can't send messages to bots", "your own"},
        {403, "Forbidden: bot is not a member of the channel chat", "administrator"},
        {404, "Not Found", "token"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.words);
        const auto outcome = judged(row.code, refusal(row.code, row.words));
        CHECK(outcome.kind == OutcomeKind::permanent);
        CHECK(contains(outcome.remedy, row.remedy));
        CHECK_FALSE(outcome.remedy_zh.empty());
        CHECK(contains(outcome.detail, row.words));
        CHECK_FALSE(outcome.wait);
    }
}

TEST_CASE("telegram: a group that became a supergroup gives the number to set") {
    const auto outcome = judged(400, refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                                             R"({"migrate_to_chat_id":-1001234567890})"));
    CHECK(outcome.kind == OutcomeKind::permanent);
    CHECK(contains(outcome.remedy, "chat_id = \"-1001234567890\""));
    CHECK(contains(outcome.remedy_zh, "-1001234567890"));
}

TEST_CASE("telegram: trouble on its side is tried again") {
    CHECK(judged(409, refusal(409, "Conflict: terminated by other getUpdates request")).kind == OutcomeKind::transient);
    CHECK(judged(500, refusal(500, "Internal Server Error")).kind == OutcomeKind::transient);
    CHECK(judged(502, "<html><h1>502 Bad Gateway</h1></html>").kind == OutcomeKind::transient);
    CHECK(judged(504, "").kind == OutcomeKind::transient);
    // The body counts, not the status.
    CHECK(judged(502, R"({"ok":true,"result":{"message_id":1}})").kind == OutcomeKind::delivered);
    CHECK(judged(200, refusal(401, "Unauthorized")).kind == OutcomeKind::permanent);
}

TEST_CASE("telegram: 200 without its own answer is not delivered") {
    CHECK(judged(200, "").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, R"({"ok":tr)").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, R"({"ok":"true"})").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "[]").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "OK").kind == OutcomeKind::ambiguous);
    const auto page = judged(200, "\n <!DOCTYPE html><html>log in to the hotel's network</html>");
    CHECK(page.kind == OutcomeKind::transient);
    CHECK(contains(page.remedy, "proxy"));
}

TEST_CASE("telegram: a text whose markup is refused is worth a try without it") {
    const auto refused = [](int status, const std::string& body) {
        return type_of(k_id).code->markup_refused(reply_of(status, body));
    };
    CHECK(refused(400,
                  refusal(400, "Bad Request: can't parse entities: Unsupported start tag \\\"x\\\" at byte offset 3")));
    CHECK(refused(400, refusal(400, "Bad Request: entity beyond the end")));
    CHECK(refused(400, refusal(400, "Bad Request: unsupported parse_mode")));
    CHECK_FALSE(refused(400, refusal(400, "Bad Request: chat not found")));
    CHECK_FALSE(refused(413, refusal(413, "Request Entity Too Large")));
    CHECK_FALSE(refused(200, R"({"ok":true,"description":"can't parse entities"})"));
    CHECK_FALSE(refused(400, ""));
}
