// SPDX-License-Identifier: MIT
#include "channels/shape.hpp"
#include "tests/channels/channel_kit.hpp"
#include "tests/support/golden.hpp"

using namespace mcp_push;
using namespace mcp_push::kit;

namespace {

constexpr std::string_view k_id = "wecom_bot";
const std::string k_address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=";

Settings settings(Values more = {}) {
    Values values = {{"key", "693a91f6-7xxx-4bc4"}};
    for (auto& [key, value] : more)
        values[key] = value;
    return settings_of(k_id, values);
}

std::string url_of(Values values) {
    return request_of(k_id, part_of("t", "b"), settings_of(k_id, std::move(values))).url;
}

Outcome judged(int status, std::string body) {
    return type_of(k_id).code->judge(reply_of(status, std::move(body)), settings());
}

std::string error(int code, std::string_view words) {
    return R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":")" + std::string(words) + "\"}";
}

std::string text_of(const HttpRequest& request) {
    const auto body = json_of(request);
    return string_member(member(body, "markdown"), "content") + string_member(member(body, "text"), "content");
}

} // namespace

TEST_CASE("wecom: a coloured title and the text as markdown") {
    const auto part = part_of("任务完成 · mcp-push · 1 分 15 秒", "已修复**登录**问题。\n\n• 3 个文件被修改",
                              Urgency::normal, EventKind::end);
    CHECK(golden_difference("channels/golden/wecom_bot.markdown.txt", shown(request_of(k_id, part, settings()))) == "");
}

TEST_CASE("wecom: as text for those who read in WeChat") {
    auto part = part_of("Build failed", "exit code 2", Urgency::high, EventKind::error);
    const auto request = request_of(k_id, part, settings({{"format", "Text"}}));
    CHECK(golden_difference("channels/golden/wecom_bot.plain.txt", shown(request)) == "");
    CHECK(shown(request_of(k_id, part, settings(), true)) == shown(request));
    CHECK(contains(settings_error(k_id, {{"key", "k"}, {"format", "html"}}), "markdown, text"));
}

TEST_CASE("wecom: quotes, ampersands, line feeds, emoji and control characters arrive as they are") {
    const auto part = part_of("a < b && \"c\" \\ # 👩‍👩‍👧‍👦", "say \"hi\" & bye\n中文\t\x01 🚀\n<@all>",
                              Urgency::urgent);
    CHECK(golden_difference("channels/golden/wecom_bot.tricky.txt", shown(request_of(k_id, part, settings()))) == "");
}

TEST_CASE("wecom: the webhook address is taken for the key") {
    CHECK(url_of({{"key", "k-1"}}) == k_address + "k-1");
    CHECK(url_of({{"key", " " + k_address + "k-1\n"}}) == k_address + "k-1");
    CHECK(url_of({{"key", "qyapi.weixin.qq.com/cgi-bin/webhook/send?debug=1&key=k-1"}}) == k_address + "k-1");
    CHECK(url_of({{"key", "key=k-1"}}) == k_address + "k-1");
    CHECK(url_of({{"key", "k-1"}, {"base_url", "https://proxy.example.com/wecom/"}}) ==
          "https://proxy.example.com/wecom/cgi-bin/webhook/send?key=k-1");
    CHECK(url_of({{"key", "https://proxy.example.com/wecom/cgi-bin/webhook/send?key=k-1"}}) ==
          "https://proxy.example.com/wecom/cgi-bin/webhook/send?key=k-1");
    CHECK(url_of({{"key", "a b&c"}}) == k_address + "a%20b%26c");
}

TEST_CASE("wecom: another service's address is refused without being shown") {
    for (const std::string bad : {"https://oapi.dingtalk.com/robot/send?access_token=SECRETKEY",
                                  "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?k=SECRETKEY", "x/SECRETKEY"}) {
        CAPTURE(bad);
        const auto text = settings_error(k_id, {{"key", bad}});
        CHECK(contains(text, "webhook/send?key=..."));
        CHECK_FALSE(contains(text, "SECRETKEY"));
    }
    CHECK(contains(settings_error(k_id, {}), "QYWX_KEY"));
}

TEST_CASE("wecom: the title's colour tells outcome and urgency") {
    const auto text = [](Urgency urgency, std::optional<EventKind> kind) {
        return text_of(request_of(k_id, part_of("t", "b", urgency, kind), settings()));
    };
    CHECK(text(Urgency::normal, EventKind::end) == "### <font color=\"info\">✅ t</font>\nb");
    CHECK(text(Urgency::high, EventKind::error) == "### <font color=\"warning\">❌ t</font>\nb");
    CHECK(text(Urgency::high, EventKind::needs_user_action) == "### <font color=\"warning\">✋ t</font>\nb");
    CHECK(text(Urgency::low, std::nullopt) == "### <font color=\"comment\">t</font>\nb");
}

TEST_CASE("wecom: nothing in a text mentions anybody; the setting does, for what is urgent or waits") {
    const auto sent = [](const char* body, const char* mention, Urgency urgency, const char* format = "markdown") {
        return request_of(k_id, part_of("<@all>", body, urgency), settings({{"mention", mention}, {"format", format}}));
    };
    CHECK_FALSE(contains(text_of(sent("<@all> <@zhangsan>", "", Urgency::urgent)), "<@"));
    CHECK_FALSE(contains(text_of(sent("<@all> <@zhangsan>", "", Urgency::urgent, "text")), "<@"));
    CHECK_FALSE(contains(text_of(sent("b", "all", Urgency::normal)), "<@"));
    CHECK(text_of(sent("b", "zhangsan;lisi", Urgency::high)).ends_with("\nb\n\n<@zhangsan> <@lisi>"));
    CHECK(text_of(sent("b", "all", Urgency::high)).ends_with("\nb\n\n<@all>"));
    CHECK(json_of(sent("b", "all", Urgency::high, "text"))["text"]["mentioned_list"][0] == "@all");
    CHECK_FALSE(json_of(sent("b", "zhangsan", Urgency::high, "text"))["text"].contains("mentioned_list"));
    CHECK_FALSE(json_of(sent("b", "all", Urgency::low, "text"))["text"].contains("mentioned_list"));
}

TEST_CASE("wecom: a keyword is added only where it is missing") {
    const auto with = settings({{"keyword", "告警"}, {"format", "text"}});
    CHECK(text_of(request_of(k_id, part_of("t", "body"), with)) == "t\n\nbody\n\n告警");
    CHECK(text_of(request_of(k_id, part_of("告警", "body"), with)) == "告警\n\nbody");
}

TEST_CASE("wecom: markdown stays within 4096 bytes, text within 2048") {
    for (const std::string format : {"markdown", "text"}) {
        for (const std::string piece : {"a", "完", "\n", "🚀", "*", "<@x", "`"}) {
            CAPTURE(format);
            CAPTURE(piece);
            Message message;
            message.title = "Task finished · project · 2 min";
            message.urgency = Urgency::high;
            while (message.body.size() < 15'000)
                message.body += piece + (message.body.size() % 80 == 0 ? "\n" : "");
            const auto set = settings({{"format", format}, {"keyword", "告警"}, {"mention", "zhangsan,all"}});
            const std::size_t limit = format == "text" ? 2048 : 4096;
            for (const auto& part : shape(message, capabilities_of(type_of(k_id), set))) {
                const auto text = text_of(request_of(k_id, part, set));
                CHECK(text.size() <= limit);
                CHECK(contains(text, "告警"));
                CHECK(contains(text, "<@zhangsan>") == (part.number == 1));
            }
        }
    }
    // A markdown part that is refused and goes out as text instead is cut, and says so.
    const auto cut = text_of(request_of(k_id, part_of("t", std::string(4000, 'x')), settings(), true));
    CHECK(cut.size() <= 2048);
    CHECK(cut.ends_with("…"));
}

TEST_CASE("wecom: errcode 0 is delivered") {
    CHECK(judged(200, R"({"errcode":0,"errmsg":"ok"})").kind == OutcomeKind::delivered);
}

TEST_CASE("wecom: every known refusal says what to do") {
    struct Row {
        int code;
        const char* words;
        const char* remedy;
    };
    const Row rows[] = {
        {93000, "invalid webhook url, hint: [1755605200], from ip: 203.0.113.7", "webhook address"},
        {93004, "robot is disabled", "switch it on"},
        {40058, "markdown.content exceed max length 4096. invalid Request Parameter", "privacy"},
        {45002, "content size out of limit", "privacy"},
        {40008, "invalid message type", "format"},
        {60020, "not allow to access from your ip", "allow-list"},
        {77777, "never heard of", "error codes"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.code);
        const auto outcome = judged(200, error(row.code, row.words));
        CHECK(outcome.kind == OutcomeKind::permanent);
        CHECK(contains(outcome.remedy, row.remedy));
        CHECK_FALSE(outcome.remedy_zh.empty());
        CHECK(outcome.detail == std::to_string(row.code) + ": " + row.words);
    }
    CHECK(judged(200, error(-1, "system busy")).kind == OutcomeKind::transient);
}

TEST_CASE("wecom: too fast waits a minute") {
    const auto outcome = judged(200, error(45009, "api freq out of limit, hint: [1773643642]"));
    CHECK(outcome.kind == OutcomeKind::rate_limited);
    CHECK(outcome.wait == Millis(60'000));
    CHECK(judged(429, error(77777, "never heard of")).kind == OutcomeKind::rate_limited);
}

TEST_CASE("wecom: answers that are not its own prove nothing") {
    CHECK(judged(200, "").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "{}").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "<html>").kind == OutcomeKind::transient);
    CHECK(judged(502, "").kind == OutcomeKind::transient);
}

TEST_CASE("wecom: markdown that is refused is worth a try as text") {
    const auto refused = [](const std::string& body) {
        return type_of(k_id).code->markup_refused(reply_of(200, body));
    };
    CHECK(refused(error(40008, "invalid message type")));
    CHECK(refused(error(40058, "markdown.content exceed max length 4096")));
    CHECK_FALSE(refused(error(40058, "text.content exceed max length 2048")));
    CHECK_FALSE(refused(error(93000, "invalid webhook url")));
    CHECK_FALSE(refused(error(0, "ok")));
    CHECK_FALSE(refused(""));
}
