// SPDX-License-Identifier: MIT
#include "channels/shape.hpp"
#include "channels/signing.hpp"
#include "tests/channels/channel_kit.hpp"
#include "tests/support/golden.hpp"

using namespace mcp_push;
using namespace mcp_push::kit;

namespace {

constexpr std::string_view k_id = "dingding_bot";
const std::string k_address = "https://oapi.dingtalk.com/robot/send?access_token=";

Settings settings(Values more = {}) {
    Values values = {{"token", "0c23ab"}};
    for (auto& [key, value] : more)
        values[key] = value;
    return settings_of(k_id, values);
}

std::string url_of(Values values, TimePoint now = k_now) {
    return request_of(k_id, part_of("t", "b"), settings_of(k_id, std::move(values)), false, now).url;
}

Outcome judged(int status, std::string body, Values more = {}) {
    return type_of(k_id).code->judge(reply_of(status, std::move(body)), settings(std::move(more)));
}

std::string error(int code, std::string_view words) {
    return R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":")" + std::string(words) + "\"}";
}

std::string text_of(const HttpRequest& request) {
    const auto body = json_of(request);
    return string_member(member(body, "markdown"), "text") + string_member(member(body, "text"), "content");
}

} // namespace

TEST_CASE("dingtalk: the title is the preview and stands in the text too") {
    const auto part = part_of("任务完成 · mcp-push · 1 分 15 秒", "已修复**登录**问题。\n\n- 3 个文件被修改",
                              Urgency::normal, EventKind::end);
    CHECK(golden_difference("channels/golden/dingding_bot.markdown.txt", shown(request_of(k_id, part, settings()))) ==
          "");
}

TEST_CASE("dingtalk: without markup it is a text message, signed where the robot has a secret") {
    auto part = part_of("Build failed", "**exit code** 2", Urgency::high, EventKind::error);
    part.plain_body = "exit code 2";
    const auto request = request_of(k_id, part, settings({{"secret", "SEC0123456789abcdef"}}), true);
    CHECK(golden_difference("channels/golden/dingding_bot.plain.txt", shown(request)) == "");
}

TEST_CASE("dingtalk: quotes, ampersands, line feeds, emoji and control characters arrive as they are") {
    const auto part = part_of("a < b && \"c\" \\ # 👩‍👩‍👧‍👦 *x*",
                              "say \\\"hi\\\" & bye\n\n中文\t\x01 🚀", Urgency::urgent);
    CHECK(golden_difference("channels/golden/dingding_bot.tricky.txt", shown(request_of(k_id, part, settings()))) ==
          "");
}

TEST_CASE("dingtalk: signatures are those of the vectors") {
    CHECK(url_of({{"token", "x"}, {"secret", "SEC0123456789abcdef"}}, from_millis(1'700'000'000'000)) ==
          k_address + "x&timestamp=1700000000000&sign=TSZbRFUuvaSQaRKUpF970OPCb2%2FLcQAP3wOvwZIzBZk%3D");
    CHECK(url_of({{"token", "x"}, {"secret", "this is secret"}}, from_millis(1'700'000'000'123)) ==
          k_address + "x&timestamp=1700000000123&sign=W2RNhLVXZurCuMiewxzjoEaGqxhR%2FFQAkLiAHZh%2BPWY%3D");
    CHECK(url_of({{"token", "x"}}) == k_address + "x");
}

TEST_CASE("dingtalk: the webhook address is taken for the token, without a signature that it carries") {
    CHECK(url_of({{"token", k_address + "0c23ab"}}) == k_address + "0c23ab");
    CHECK(url_of({{"token", " " + k_address + "0c23ab&timestamp=1600000000000&sign=OLD\n"}}) == k_address + "0c23ab");
    CHECK(url_of({{"token", "oapi.dingtalk.com/robot/send?a=1&access_token=0c%2F23"}}) == k_address + "0c%2F23");
    CHECK(url_of({{"token", "access_token=0c23ab"}}) == k_address + "0c23ab");
    CHECK(url_of({{"token", "http://127.0.0.1:8080/x/robot/send?access_token=q"}}) ==
          "http://127.0.0.1:8080/x/robot/send?access_token=q");
    CHECK(url_of({{"token", k_address + "q"}, {"base_url", "https://proxy.example.com/"}}) ==
          "https://proxy.example.com/robot/send?access_token=q");
    CHECK(url_of({{"token", "a b+c"}}) == k_address + "a%20b%2Bc");
}

TEST_CASE("dingtalk: another service's address is refused without being shown") {
    for (const std::string bad :
         {"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=SECRETKEY",
          "https://oapi.dingtalk.com/robot/send?k=SECRETKEY", "https://oapi.dingtalk.com/SECRETKEY",
          "https://oapi.dingtalk.com/robot/send?access_token="}) {
        CAPTURE(bad);
        const auto text = settings_error(k_id, {{"token", bad}});
        CHECK(contains(text, "access_token=..."));
        CHECK_FALSE(contains(text, "SECRETKEY"));
    }
    CHECK(contains(settings_error(k_id, {}), "DD_BOT_TOKEN"));
    CHECK(contains(settings_error(k_id, {{"token", "x"}, {"base_url", "no address"}}), "base_url"));
}

TEST_CASE("dingtalk: a keyword is added only where it is missing") {
    const auto with = settings({{"keyword", "告警"}});
    CHECK(text_of(request_of(k_id, part_of("t", "body"), with)) == "#### t\n\nbody\n\n告警");
    CHECK(text_of(request_of(k_id, part_of("t", "有告警了"), with)) == "#### t\n\n有告警了");
    CHECK(text_of(request_of(k_id, part_of("t", "body"), with, true)) == "t\n\nbody\n\n告警");
    CHECK(contains(settings_error(k_id, {{"token", "x"}, {"keyword", std::string(500, 'k')}}), "keyword"));
}

TEST_CASE("dingtalk: people are mentioned only by the setting, and only for what is urgent or waits") {
    const auto at = [](Urgency urgency, const char* mention, std::size_t number = 1) {
        auto part = part_of("@all", "@13800000000 @all", urgency);
        part.number = number;
        return json_of(request_of(k_id, part, settings({{"mention", mention}})))["at"];
    };
    CHECK(dump_json(at(Urgency::urgent, "")) == R"({"isAtAll":false})");
    CHECK(dump_json(at(Urgency::normal, "all")) == R"({"isAtAll":false})");
    CHECK(dump_json(at(Urgency::high, "all")) == R"({"isAtAll":true})");
    CHECK(dump_json(at(Urgency::high, "all", 2)) == R"({"isAtAll":false})");
    CHECK(dump_json(at(Urgency::urgent, "13800000000, user1；+86-13900000000")) ==
          R"({"atMobiles":["13800000000","+86-13900000000"],"atUserIds":["user1"],"isAtAll":false})");
    const auto request =
        request_of(k_id, part_of("t", "b", Urgency::urgent), settings({{"mention", "13800000000 user1"}}));
    CHECK(text_of(request) == "#### 🚨 t\n\nb\n\n@13800000000 @user1");
}

TEST_CASE("dingtalk: no request is longer than 20000 bytes, whatever is in the text") {
    for (const std::string piece : {"a", "完", "\"", "\n", "🚀", "*", "\\"}) {
        CAPTURE(piece);
        Message message;
        message.title = "Task finished · project · 2 min";
        message.urgency = Urgency::high;
        while (message.body.size() < 30'000)
            message.body += piece + (message.body.size() % 80 == 0 ? "\n" : "");
        const auto set = settings({{"keyword", "告警"}, {"mention", "13800000000"}, {"secret", "SEC1"}});
        const auto parts = shape(message, capabilities_of(type_of(k_id), set));
        CHECK(parts.size() <= 3);
        for (const auto& part : parts) {
            const auto request = request_of(k_id, part, set);
            CHECK(request.body.size() <= 20'000);
            CHECK(text_of(request).ends_with("告警\n\n@13800000000") == (part.number == 1));
            CHECK(contains(text_of(request), "告警"));
        }
    }
    // Even a part that nobody fitted.
    CHECK(request_of(k_id, part_of("t", std::string(50'000, '"')), settings()).body.size() <= 20'000);
}

TEST_CASE("dingtalk: an empty title still makes a preview") {
    const auto body = json_of(request_of(k_id, part_of("", "only a body"), settings()));
    CHECK(body["markdown"]["title"] == "only a body");
    CHECK(body["markdown"]["text"] == "only a body");
    CHECK(json_of(request_of(k_id, part_of("", ""), settings()))["markdown"]["title"] == "mcp-push");
}

TEST_CASE("dingtalk: errcode 0 is delivered, whatever the status") {
    CHECK(judged(200, R"({"errcode":0,"errmsg":"ok"})").kind == OutcomeKind::delivered);
    CHECK(judged(200, R"({"errcode":"0","errmsg":"ok"})").kind == OutcomeKind::delivered);
    CHECK(judged(500, R"({"errcode":0,"errmsg":"ok"})").kind == OutcomeKind::delivered);
}

TEST_CASE("dingtalk: 310000 is told apart by its words, in both languages") {
    struct Row {
        const char* words;
        const char* remedy;
        const char* remedy_zh;
    };
    const Row rows[] = {
        {"keywords not in content, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]", "set keyword",
         "关键词"},
        {"错误描述:关键词不匹配;解决方案:请联系群管理员查看此机器人的关键词，并在发送的信息中包含此关键词;",
         "set keyword", "关键词"},
        {"invalid timestamp", "clock", "时间"},
        {"错误描述:机器人发送签名过期;解决方案:请确认签名", "clock", "时间"},
        {"sign not match", "SEC", "加签密钥"},
        {"错误描述:机器人发送签名不匹配;解决方案:请确认签名和生成签名的时间戳必须都放在调用的网址中", "clock", "时间"},
        {"ip 203.0.113.7 not in whitelist", "allow-list", "白名单"},
        {"错误描述:来源IP不在白名单", "allow-list", "白名单"},
        {"something else", "security settings", "安全设置"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.words);
        const auto outcome = judged(200, error(310000, row.words), {{"secret", "SECabc"}});
        CHECK(outcome.kind == OutcomeKind::permanent);
        CHECK(contains(outcome.remedy, row.remedy));
        CHECK(contains(outcome.remedy_zh, row.remedy_zh));
        CHECK(contains(outcome.detail, row.words));
    }
    CHECK(contains(judged(200, error(310000, "sign not match")).remedy, "set secret"));
}

TEST_CASE("dingtalk: too fast waits at least a minute, and as long as the answer says") {
    auto outcome = judged(200, error(130101, "send too fast, exceed 20 times per minute"));
    CHECK(outcome.kind == OutcomeKind::rate_limited);
    CHECK(outcome.wait == Millis(60'000));
    CHECK(contains(outcome.remedy, "ten minutes"));
    CHECK(judged(200, R"({"errcode":130101,"errmsg":"send too fast","wait":600})").wait == Millis(600'000));
    CHECK(judged(200, error(410100, "发送速度太快而限流")).wait == Millis(60'000));
    CHECK(judged(200, error(999999, "被限流")).kind == OutcomeKind::rate_limited);
    outcome = judged(200, R"({"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"24ce64f6"})");
    CHECK(outcome.kind == OutcomeKind::rate_limited);
    CHECK(outcome.wait == Millis(60'000));
}

TEST_CASE("dingtalk: every known refusal says what to do") {
    struct Row {
        int code;
        const char* words;
        const char* remedy;
    };
    const Row rows[] = {
        {300001, "token is not exist", "webhook address"},
        {300005, "token is not exist", "webhook address"},
        {40035, "缺少参数 access_token", "webhook address"},
        {400101, "access_token不存在", "webhook address"},
        {400102, "机器人已停用", "switch it on"},
        {400013, "群已被解散", "another group"},
        {460101, "message too long, exceed 20000 bytes", "privacy"},
        {101002, "message is too long", "privacy"},
        {90030, "机器人调用次数超限", "administrator"},
        {430104, "含有不合适的内容", "privacy"},
        {88888, "never heard of", "error codes"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.code);
        const auto outcome = judged(200, error(row.code, row.words));
        CHECK(outcome.kind == OutcomeKind::permanent);
        CHECK(contains(outcome.remedy, row.remedy));
        CHECK_FALSE(outcome.remedy_zh.empty());
        CHECK(outcome.detail == std::to_string(row.code) + ": " + row.words);
    }
    CHECK(judged(200, error(-1, "系统繁忙")).kind == OutcomeKind::transient);
    CHECK(judged(503, error(88888, "never heard of")).kind == OutcomeKind::transient);
}

TEST_CASE("dingtalk: answers that are not its own prove nothing") {
    CHECK(judged(200, "").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, R"({"errcode":0)").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, R"({"errcode":null})").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, R"({"result":"ok"})").kind == OutcomeKind::ambiguous);
    CHECK(judged(200, "<html>").kind == OutcomeKind::transient);
    CHECK(judged(502, "<html>").kind == OutcomeKind::transient);
    CHECK(judged(404, "<html>").kind == OutcomeKind::permanent);
    CHECK(judged(302, "").kind == OutcomeKind::permanent);
}
