// SPDX-License-Identifier: MIT
#include "channels/shape.hpp"
#include "core/base/text.hpp"
#include "tests/channels/channel_kit.hpp"
#include "tests/support/golden.hpp"

using namespace mcp_push;
using namespace mcp_push::kit;

namespace {

constexpr std::string_view k_id = "feishu_bot";
const std::string k_address = "https://open.feishu.cn/open-apis/bot/v2/hook/";

Settings settings(Values more = {}) {
    Values values = {{"key", "b43e7bea-88fd-436e"}};
    for (auto& [key, value] : more)
        values[key] = value;
    return settings_of(k_id, values);
}

std::string url_of(Values values) {
    return request_of(k_id, part_of("t", "b"), settings_of(k_id, std::move(values))).url;
}

Outcome judged(int status, std::string body, Values more = {}, std::vector<HttpHeader> headers = {}) {
    return type_of(k_id).code->judge(reply_of(status, std::move(body), std::move(headers)), settings(std::move(more)));
}

std::string error(int code, std::string_view words) {
    return R"({"code":)" + std::to_string(code) + R"(,"data":{},"msg":")" + std::string(words) + "\"}";
}

std::string text_of(const HttpRequest& request) {
    const auto body = json_of(request);
    if (body.contains("content")) return body["content"]["text"];
    return body["card"]["body"]["elements"][0]["content"];
}

} // namespace

TEST_CASE("feishu: a card with the title and its colour in the head, the text below") {
    const auto part = part_of("任务完成 · mcp-push · 1 分 15 秒", "已修复**登录**问题。\n\n- 3 个文件被修改",
                              Urgency::normal, EventKind::end);
    CHECK(golden_difference("channels/golden/feishu_bot.markdown.txt", shown(request_of(k_id, part, settings()))) ==
          "");
}

TEST_CASE("feishu: without markup it is a text message, signed where the bot has a secret") {
    auto part = part_of("Build failed", "**exit code** 2", Urgency::high, EventKind::error);
    part.plain_body = "exit code 2";
    const auto request = request_of(k_id, part, settings({{"secret", "0123456789abcdef"}}), true);
    CHECK(golden_difference("channels/golden/feishu_bot.plain.txt", shown(request)) == "");
}

TEST_CASE("feishu: quotes, ampersands, line feeds, emoji and control characters arrive as they are") {
    const auto part = part_of("a < b && \"c\" \\ # 👩‍👩‍👧‍👦 *x*",
                              "say \"hi\" &#38; bye\n中文\t\x01 🚀\n<at id=all></at>", Urgency::urgent);
    CHECK(golden_difference("channels/golden/feishu_bot.tricky.txt", shown(request_of(k_id, part, settings()))) == "");
}

TEST_CASE("feishu: signatures are those of the vectors, within the body") {
    const auto sign = [](const char* secret, long long seconds) {
        const auto body = json_of(request_of(k_id, part_of("t", "b"), settings({{"secret", secret}}), false,
                                             from_millis(seconds * 1000 + 999)));
        CHECK(body["timestamp"] == std::to_string(seconds));
        return string_member(body, "sign");
    };
    CHECK(sign("0123456789abcdef", 1'700'000'000) == "UK5eSsaT2YEZBeGZs+MkB68zi9SSH91TQzUizvcea0A=");
    CHECK(sign("demo", 1'599'360'473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    CHECK_FALSE(json_of(request_of(k_id, part_of("t", "b"), settings())).contains("sign"));
}

TEST_CASE("feishu: the webhook address is taken for the key, and Lark's names its server") {
    CHECK(url_of({{"key", "abc-1"}}) == k_address + "abc-1");
    CHECK(url_of({{"key", " " + k_address + "abc-1\n"}}) == k_address + "abc-1");
    CHECK(url_of({{"key", "https://open.larksuite.com/open-apis/bot/v2/hook/abc-1?x=1"}}) ==
          "https://open.larksuite.com/open-apis/bot/v2/hook/abc-1");
    CHECK(url_of({{"key", "open.feishu.cn/open-apis/bot/v2/hook/abc-1/"}}) == k_address + "abc-1");
    CHECK(url_of({{"key", "abc-1"}, {"base_url", "https://open.larksuite.com"}}) ==
          "https://open.larksuite.com/open-apis/bot/v2/hook/abc-1");
    CHECK(url_of({{"key", "a b?c"}}) == k_address + "a%20b%3Fc");
}

TEST_CASE("feishu: another service's address is refused without being shown") {
    for (const std::string bad : {"https://oapi.dingtalk.com/robot/send?access_token=SECRETKEY",
                                  "https://open.feishu.cn/open-apis/bot/hook/SECRETKEY",
                                  "https://open.feishu.cn/open-apis/bot/v2/hook/", "a/SECRETKEY"}) {
        CAPTURE(bad);
        const auto text = settings_error(k_id, {{"key", bad}});
        CHECK(contains(text, "/bot/v2/hook/..."));
        CHECK_FALSE(contains(text, "SECRETKEY"));
    }
    CHECK(contains(settings_error(k_id, {}), "FSKEY"));
}

TEST_CASE("feishu: the head's colour tells outcome and urgency") {
    const auto colour = [](Urgency urgency, std::optional<EventKind> kind) {
        const auto body = json_of(request_of(k_id, part_of("t", "b", urgency, kind), settings()));
        return body["card"]["header"]["template"].get<std::string>();
    };
    CHECK(colour(Urgency::normal, EventKind::end) == "green");
    CHECK(colour(Urgency::high, EventKind::error) == "red");
    CHECK(colour(Urgency::high, EventKind::needs_user_action) == "orange");
    CHECK(colour(Urgency::low, std::nullopt) == "grey");
    CHECK(colour(Urgency::normal, std::nullopt) == "blue");
    CHECK(colour(Urgency::high, std::nullopt) == "orange");
    CHECK(colour(Urgency::urgent, EventKind::end) == "red");
}

TEST_CASE("feishu: a keyword is added only where neither title nor text holds it") {
    const auto with = settings({{"keyword", "告警"}});
    CHECK(text_of(request_of(k_id, part_of("t", "body"), with)) == "body\n\n告警");
    CHECK(text_of(request_of(k_id, part_of("告警 t", "body"), with)) == "body");
    CHECK(text_of(request_of(k_id, part_of("t", "有告警了"), with)) == "有告警了");
    CHECK(text_of(request_of(k_id, part_of("t", "body"), with, true)) == "t\n\nbody\n\n告警");
}

TEST_CASE("feishu: nothing in a text mentions anybody; the setting does, for what is urgent or waits") {
    const auto text = [](const char* body, const char* mention, Urgency urgency, bool plain = false) {
        return text_of(request_of(k_id, part_of("t", body, urgency), settings({{"mention", mention}}), plain));
    };
    for (const auto* const attack : {"<at id=all></at>", "<AT user_id=\"all\">", "x<at/>"}) {
        CAPTURE(attack);
        CHECK_FALSE(contains(to_lower(text(attack, "", Urgency::urgent)), "<at"));
        CHECK_FALSE(contains(to_lower(text(attack, "", Urgency::urgent, true)), "<at"));
    }
    CHECK(text("b", "all", Urgency::normal) == "b");
    CHECK(text("b", "all", Urgency::high) == "b\n\n<at id=all></at>");
    CHECK(text("b", "@all, ou_1", Urgency::urgent) == "b\n\n<at id=all></at> <at id=ou_1></at>");
    CHECK(text("b", "all", Urgency::high, true) == "❗ t\n\nb\n\n<at user_id=\"all\"></at>");
}

TEST_CASE("feishu: no request is longer than 20000 bytes, whatever is in the text") {
    for (const std::string piece : {"a", "完", "\"", "\n", "🚀", "*", "<", "<at "}) {
        CAPTURE(piece);
        Message message;
        message.title = "Task finished · project · 2 min";
        message.urgency = Urgency::high;
        while (message.body.size() < 30'000)
            message.body += piece + (message.body.size() % 80 == 0 ? "\n" : "");
        const auto set = settings({{"keyword", "告警"}, {"mention", "ou_1"}, {"secret", "s"}});
        for (const auto& part : shape(message, capabilities_of(type_of(k_id), set))) {
            const auto request = request_of(k_id, part, set);
            CHECK(request.body.size() <= 20'000);
            CHECK(contains(text_of(request), "告警"));
        }
    }
    CHECK(request_of(k_id, part_of("t", std::string(50'000, '"')), settings()).body.size() <= 20'000);
}

TEST_CASE("feishu: an empty title leaves out the head, an empty text repeats the title") {
    const auto headless = json_of(request_of(k_id, part_of("", "only a body"), settings()));
    CHECK_FALSE(headless["card"].contains("header"));
    CHECK(text_of(request_of(k_id, part_of("only a title", ""), settings())) == "only a title");
}

TEST_CASE("feishu: code 0, or the older StatusCode 0, is delivered") {
    CHECK(judged(200, R"({"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"})").kind ==
          OutcomeKind::delivered);
    CHECK(judged(200, R"({"StatusCode":0,"StatusMessage":"success"})").kind == OutcomeKind::delivered);
    CHECK(judged(200, R"({"code":19021,"StatusCode":0})").kind == OutcomeKind::permanent);
    CHECK(judged(200, R"({"StatusCode":9499,"StatusMessage":"Bad Request"})").kind == OutcomeKind::permanent);
}

TEST_CASE("feishu: every known refusal says what to do") {
    struct Row {
        int status;
        int code;
        const char* words;
        const char* remedy;
    };
    const Row rows[] = {
        {200, 19001, "param invalid: incoming webhook access token invalid", "webhook address"},
        {200, 19021, "sign match fail or timestamp is not within one hour from current time", "clock"},
        {403, 19022, "Ip Not Allowed", "allow-list"},
        {200, 19024, "Key Words Not Found", "set keyword"},
        {400, 9499, "Bad Request", "20 KB"},
        {200, 230028, "content blocked", "privacy"},
        {200, 232009, "group dissolved", "another group"},
        {200, 77777, "never heard of", "error codes"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.code);
        const auto outcome = judged(row.status, error(row.code, row.words), {{"secret", "s"}});
        CHECK(outcome.kind == OutcomeKind::permanent);
        CHECK(contains(outcome.remedy, row.remedy));
        CHECK_FALSE(outcome.remedy_zh.empty());
        CHECK(outcome.detail == std::to_string(row.code) + ": " + row.words);
        CHECK(outcome.status == row.status);
    }
    CHECK(contains(judged(200, error(19021, "sign match fail")).remedy, "set secret"));
}

TEST_CASE("feishu: too fast waits, also where it comes as 9499") {
    auto outcome = judged(200, error(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"));
    CHECK(outcome.kind == OutcomeKind::rate_limited);
    CHECK(outcome.wait == Millis(20'000));
    CHECK(judged(400, error(9499, "too many request")).kind == OutcomeKind::rate_limited);
    CHECK(judged(429, error(99991400, "request trigger frequency limit")).kind == OutcomeKind::rate_limited);
    CHECK(judged(200, error(11232, "x"), {}, {{"X-Ogw-Ratelimit-Reset", "45"}}).wait == Millis(45'000));
    CHECK(judged(429, "", {}, {{"Retry-After", "90"}}).wait == Millis(90'000));
}

TEST_CASE("feishu: answers that are not its own prove nothing") {
    CHECK(judged(200, "").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "{}").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, R"({"code":)").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "<html>").kind == OutcomeKind::transient);
    CHECK(judged(500, "").kind == OutcomeKind::transient);
    CHECK(judged(503, error(77777, "never heard of")).kind == OutcomeKind::transient);
}

TEST_CASE("feishu: a card that is refused is worth a try as text, a refused bot is not") {
    const auto refused = [](const std::string& body) {
        return type_of(k_id).code->markup_refused(reply_of(200, body));
    };
    CHECK(refused(error(9499, "Bad Request")));
    CHECK(refused(error(230099, "Failed to create card content, ext=ErrCode: 11310")));
    CHECK_FALSE(refused(error(9499, "too many request")));
    CHECK_FALSE(refused(error(11232, "frequency limited")));
    CHECK_FALSE(refused(error(19001, "param invalid")));
    CHECK_FALSE(refused(error(19021, "sign match fail")));
    CHECK_FALSE(refused(error(19024, "Key Words Not Found")));
    CHECK_FALSE(refused(error(0, "success")));
    CHECK_FALSE(refused(""));
}
