// SPDX-License-Identifier: MIT
#include "tests/support/fake_robots.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mcp_push::robots {
namespace {

using nlohmann::json;

/// Length in UTF-16 code units, as Telegram counts.
std::size_t count_utf16_units(std::string_view utf8) {
    std::size_t units = 0;
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

constexpr Millis k_minute{60'000};
constexpr Millis k_hour{3'600'000};

std::string decode(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned value = 0;
        if (text[at] == '%' && at + 2 < text.size()) {
            std::from_chars(text.data() + at + 1, text.data() + at + 3, value, 16);
            result += static_cast<char>(value);
            at += 2;
        } else {
            result += text[at] == '+' ? ' ' : text[at];
        }
    }
    return result;
}

std::map<std::string, std::string> parse_form(std::string_view text) {
    std::map<std::string, std::string> values;
    for (const auto pair : split(text, '&')) {
        const auto equals = std::min(pair.find('='), pair.size());
        if (!pair.empty())
            values[decode(pair.substr(0, equals))] = decode(pair.substr(std::min(equals + 1, pair.size())));
    }
    return values;
}

/// Strict, in UTF-8 too; discarded where it is no JSON object.
json document(const Request& request) {
    auto parsed = json::parse(request.body, nullptr, false);
    return parsed.is_object() ? parsed : json(json::value_t::discarded);
}

std::string text_at(const json& object, const char* pointer) {
    const json::json_pointer path{pointer};
    return object.contains(path) && object.at(path).is_string() ? object.at(path).get<std::string>() : std::string();
}

bool is_json(const Request& request) {
    return to_lower(request.header("content-type")).starts_with("application/json");
}

Answer answer_of(int status, const json& body) {
    return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}

Verdict telegram_error(int code, const std::string& words, const json& parameters = nullptr) {
    json body = {{"ok", false}, {"error_code", code}, {"description", words}};
    if (!parameters.is_null()) body["parameters"] = parameters;
    return {answer_of(code, body)};
}

Verdict errcode(int code, const std::string& words) { return {answer_of(200, {{"errcode", code}, {"errmsg", words}})}; }

Verdict feishu_error(int code, const std::string& words) {
    return {answer_of(code == 9499 || code == 19001 ? 400 : 200,
                      {{"code", code}, {"data", json::object()}, {"msg", words}})};
}

/// A tag of HTML: its name, and whether the Bot API knows it with these attributes.
bool is_known_tag(std::string_view name, std::string_view attributes, bool in_pre) {
    constexpr std::array k_plain = {"b",      "strong", "i",    "em",  "u",          "ins",       "s",
                                    "strike", "del",    "code", "pre", "blockquote", "tg-spoiler"};
    attributes = trim(attributes);
    if (name == "a") return attributes.starts_with("href=\"") && attributes.ends_with('"');
    if (name == "code" && !attributes.empty()) return in_pre && attributes.starts_with("class=\"language-");
    if (name == "blockquote" && attributes == "expandable") return true;
    return attributes.empty() && std::ranges::find(k_plain, name) != k_plain.end();
}

} // namespace

std::size_t History::within(Millis window) const {
    return static_cast<std::size_t>(std::ranges::count_if(taken, [&](TimePoint when) { return now - when < window; }));
}

Target::Target(std::string_view target) {
    const auto question = std::min(target.find('?'), target.size());
    path = target.substr(0, question);
    query = parse_form(target.substr(std::min(question + 1, target.size())));
}

std::string Target::operator[](const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
}

std::string sign(std::string_view key, std::string_view data) {
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
         data.size(), digest.data(), &size);
    std::array<unsigned char, 45> text{};
    EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return reinterpret_cast<const char*>(text.data());
}

std::string html_error(std::string_view html, std::string& text) {
    std::vector<std::string> open;
    for (std::size_t at = 0; at < html.size(); ++at) {
        const auto rest = html.substr(at);
        const auto where = " at byte offset " + std::to_string(at);
        if (rest[0] == '&') {
            constexpr std::pair<std::string_view, char> k_entities[] = {
                {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};
            const auto* const found =
                std::ranges::find_if(k_entities, [rest](const auto& entity) { return rest.starts_with(entity.first); });
            if (found == std::end(k_entities)) return "Unknown entity" + where; // the real one shows it as it is
            text += found->second;
            at += found->first.size() - 1;
        } else if (rest[0] == '<') {
            const auto end = rest.find('>');
            if (end == std::string_view::npos) return "Unclosed start tag" + where;
            const auto inside = rest.substr(1, end - 1);
            at += end;
            if (inside.starts_with('/')) {
                if (open.empty() || open.back() != inside.substr(1)) return "Unmatched end tag" + where;
                open.pop_back();
                continue;
            }
            const auto space = std::min(inside.find(' '), inside.size());
            const auto name = inside.substr(0, space);
            const bool in_pre = !open.empty() && open.back() == "pre";
            if (!is_known_tag(name, inside.substr(space), in_pre)) {
                return "Unsupported start tag \"" + std::string(name) + "\"" + where;
            }
            open.emplace_back(name);
        } else {
            text += rest[0];
        }
    }
    return open.empty() ? "" : "Can't find end tag corresponding to start tag \"" + open.back() + "\"";
}

Verdict Telegram::operator()(const Request& request, const History& history) const {
    const Target target(request.target);
    if (!target.path.starts_with("/bot")) return telegram_error(404, "Not Found");
    const auto slash = std::min(target.path.find('/', 1), target.path.size());
    if (target.path.substr(0, slash) != "/bot" + token) return telegram_error(401, "Unauthorized");
    if (target.path.substr(slash) != "/sendMessage") return telegram_error(404, "Not Found: method not found");
    const auto body = is_json(request) && request.method == "POST" ? document(request) : json::object();
    if (body.is_discarded()) return telegram_error(400, "Bad Request: can't parse JSON object");
    const auto chat = text_at(body, "/chat_id");
    if (chat.empty()) return telegram_error(400, "Bad Request: chat_id is empty");
    if (chat != chat_id) return telegram_error(400, "Bad Request: chat not found");
    if (body.contains("message_thread_id") && (topic.empty() || body["message_thread_id"].dump() != topic)) {
        return telegram_error(400, "Bad Request: message thread not found");
    }
    const auto mode = text_at(body, "/parse_mode");
    const auto text = text_at(body, "/text");
    if (!mode.empty() && mode != "HTML") return telegram_error(400, "Bad Request: unsupported parse_mode");
    std::string seen = mode.empty() ? text : "";
    auto error = mode.empty() ? std::string() : html_error(text, seen);
    if (!mode.empty() && !knows_markup) error = "Unsupported start tag \"b\" at byte offset 0";
    if (!error.empty()) return telegram_error(400, "Bad Request: can't parse entities: " + error);
    if (trim(seen).empty()) return telegram_error(400, "Bad Request: message text is empty");
    if (count_utf16_units(seen) > 4096) return telegram_error(400, "Bad Request: message is too long");
    if (history.within(pause) > 0) {
        return telegram_error(429, "Too Many Requests: retry after 1", {{"retry_after", 1}});
    }
    const auto id = 100 + history.taken.size();
    return {answer_of(200, {{"ok", true},
                            {"result",
                             {{"message_id", id},
                              {"from", {{"id", 123456789}, {"is_bot", true}}},
                              {"chat", {{"id", 987654321}, {"type", "private"}}},
                              {"date", to_millis(history.now) / 1000},
                              {"text", seen}}}}),
            Shown{mode.empty() ? "text" : mode, "", seen, body.value("disable_notification", false)}};
}

Verdict DingTalk::operator()(const Request& request, const History& history) const {
    const Target target(request.target);
    const std::string more = ", more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]";
    if (target.path != "/robot/send") return {answer_of(404, {{"errcode", 404}, {"errmsg", "请求的URI地址不存在"}})};
    if (request.method != "POST") return errcode(43002, "需要POST请求");
    if (target["access_token"] != token) return errcode(300005, "token is not exist");
    if (!is_json(request)) return errcode(43004, "无效的HTTP HEADER Content-Type");
    const auto body = document(request);
    if (body.is_discarded()) return errcode(40035, "缺少参数 json");
    if (request.body.size() > 20'000) return errcode(460101, "message too long, exceed 20000 bytes");
    if (!only_address.empty() && only_address != "127.0.0.1")
        return errcode(310000, "ip 127.0.0.1 not in whitelist" + more);
    if (!secret.empty()) {
        const auto timestamp = target["timestamp"];
        long long millis = 0;
        std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), millis);
        if (target["sign"].empty()) return errcode(310000, "sign not match" + more);
        if (std::abs(millis - to_millis(history.now)) > k_hour.count())
            return errcode(310000, "invalid timestamp" + more);
        if (target["sign"] != sign(secret, timestamp + "\n" + secret)) return errcode(310000, "sign not match" + more);
    }
    const auto form = text_at(body, "/msgtype");
    Shown shown{form, text_at(body, "/markdown/title"), text_at(body, "/markdown/text")};
    if (form == "text") shown = {form, "", text_at(body, "/text/content")};
    if (form != "text" && form != "markdown") return errcode(400105, "unsupported msgtype");
    if (shown.text.empty() || (form == "markdown" && shown.title.empty())) return errcode(40035, "缺少参数 " + form);
    if (!keyword.empty() && (shown.title + "\n" + shown.text).find(keyword) == std::string::npos) {
        return errcode(310000, "keywords not in content" + more);
    }
    if (history.within(k_minute) >= 20) return errcode(130101, "send too fast, exceed 20 times per minute");
    return {errcode(0, "ok").answer, shown};
}

Verdict Feishu::operator()(const Request& request, const History& history) const {
    const Target target(request.target);
    if (!target.path.starts_with("/open-apis/bot/v2/hook/")) return {{.status = 404, .body = "404 page not found"}};
    if (target.path != "/open-apis/bot/v2/hook/" + key) {
        return feishu_error(19001, "param invalid: incoming webhook access token invalid");
    }
    const auto body = request.method == "POST" && is_json(request) ? document(request) : json(json::value_t::discarded);
    if (body.is_discarded() || request.body.size() > 20 * 1024) return feishu_error(9499, "Bad Request");
    if (!only_address.empty() && only_address != "127.0.0.1") return feishu_error(19022, "Ip Not Allowed");
    if (!secret.empty()) {
        const auto timestamp = text_at(body, "/timestamp");
        long long seconds = 0;
        std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
        const bool in_time = std::abs(seconds * 1000 - to_millis(history.now)) <= k_hour.count();
        if (!in_time || text_at(body, "/sign") != sign(timestamp + "\n" + secret, "")) {
            return feishu_error(19021, "sign match fail or timestamp is not within one hour from current time");
        }
    }
    Shown shown{text_at(body, "/msg_type"), text_at(body, "/card/header/title/content"), ""};
    if (shown.form == "text") {
        shown.text = text_at(body, "/content/text");
    } else if (shown.form == "interactive" && text_at(body, "/card/schema") == "2.0") {
        if (!knows_cards) return feishu_error(11246, "card contains unsupported elements");
        shown.text = text_at(body, "/card/body/elements/0/content");
    }
    if (shown.text.empty()) return feishu_error(19002, "params error, msg_type need");
    if (!keyword.empty() && (shown.title + "\n" + shown.text).find(keyword) == std::string::npos) {
        return feishu_error(19024, "Key Words Not Found");
    }
    if (history.within(k_minute) >= 100 || history.within(Millis(1'000)) >= 5) {
        return feishu_error(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]");
    }
    return {answer_of(200, {{"StatusCode", 0}, {"StatusMessage", "success"}, {"code", 0}, {"msg", "success"}}), shown};
}

Verdict WeCom::operator()(const Request& request, const History& history) const {
    const Target target(request.target);
    if (target.path != "/cgi-bin/webhook/send") return {{.status = 404}};
    if (target["key"] != key) {
        return errcode(93000, "invalid webhook url, hint: [1700000000_1], from ip: 127.0.0.1, more info at "
                              "https://open.work.weixin.qq.com/devtool/query?e=93000");
    }
    if (request.method != "POST") return errcode(43002, "require POST method");
    const auto body = is_json(request) ? document(request) : json(json::value_t::discarded);
    if (body.is_discarded()) return errcode(47001, "data format error, hint: [1700000000_1]");
    const auto form = text_at(body, "/msgtype");
    if (form != "text" && (form != "markdown" || !knows_markdown)) return errcode(40008, "invalid message type");
    const auto text = text_at(body, ("/" + form + "/content").c_str());
    if (text.empty()) return errcode(44004, "empty content, hint: [1700000000_1]");
    const std::size_t limit = form == "text" ? 2048 : 4096;
    if (text.size() > limit) {
        return errcode(40058, form + ".content exceed max length " + std::to_string(limit) +
                                  ". invalid Request Parameter, hint: [1700000000_1]");
    }
    if (history.within(k_minute) >= 20) return errcode(45009, "api freq out of limit, hint: [1700000000_1]");
    return {errcode(0, "ok").answer, Shown{form, "", text}};
}

Verdict Endpoint::operator()(const Request& request, const History&) const {
    const Target target(request.target);
    if (target.path != path) return {{.status = 404, .body = "no such hook"}};
    if (request.method != method) return {{.status = 405, .body = "use " + method}};
    if (request.header("authorization") != authorization) return {{.status = 401, .body = "who are you"}};
    const auto given = request.header("content-type");
    if (given.substr(0, given.find(';')) != type) return {{.status = 415, .body = "send " + type}};
    if (request.header("idempotency-key").empty()) return {{.status = 400, .body = "no Idempotency-Key"}};
    Shown shown{type, target["title"], request.body};
    if (type == "application/json") {
        const auto body = document(request);
        if (body.is_discarded()) return {{.status = 400, .body = "no JSON object"}};
        shown = {type, text_at(body, "/title"), text_at(body, "/content")};
    } else if (type == "application/x-www-form-urlencoded") {
        auto values = parse_form(request.body);
        shown = {type, values["title"], values["content"]};
    }
    return {{.status = 202, .body = "queued"}, shown};
}

FakeRobot::FakeRobot(const Clock& clock, Service service, const std::string& certificate, const std::string& key)
    : m_clock(clock), m_service(std::move(service)),
      m_server([this](const Request& request) { return answer(request); },
               certificate.empty() ? LoopbackServer::Accept::plain : LoopbackServer::Accept::tls, certificate, key) {}

void FakeRobot::become(Service service) {
    const std::lock_guard lock(m_mutex);
    m_service = std::move(service);
}

void FakeRobot::next(std::vector<std::optional<Answer>> answers) {
    const std::lock_guard lock(m_mutex);
    m_next.assign(answers.begin(), answers.end());
}

void FakeRobot::set_skew(Millis skew) {
    const std::lock_guard lock(m_mutex);
    m_skew = skew;
}

std::vector<Shown> FakeRobot::shown() const {
    const std::lock_guard lock(m_mutex);
    return m_shown;
}

Answer FakeRobot::answer(const Request& request) {
    const std::lock_guard lock(m_mutex);
    if (!m_next.empty()) {
        auto scripted = std::move(m_next.front());
        m_next.pop_front();
        if (scripted) return *std::move(scripted);
    }
    m_history.now = m_clock.now() + m_skew;
    auto verdict = m_service(request, m_history);
    if (verdict.shown) {
        m_history.taken.push_back(m_history.now);
        m_shown.push_back(*std::move(verdict.shown));
        m_shown.back().at = m_history.now;
    }
    return std::move(verdict.answer);
}

} // namespace mcp_push::robots
