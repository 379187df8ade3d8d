// SPDX-License-Identifier: MIT
#include "channels/settings.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>

namespace mcp_push {
namespace {

using Json = nlohmann::json;
using Values = std::map<std::string, std::string, std::less<>>;

const ChannelType& webhook() {
    const auto* const type = find_channel_type("webhook");
    REQUIRE(type != nullptr);
    return *type;
}

ChannelConfig configured(Values values) {
    ChannelConfig channel;
    channel.name = "hook";
    channel.type = "custom_notify";
    channel.settings = std::move(values);
    channel.settings.try_emplace("url", "https://example.com/hook");
    return channel;
}

Part sample(std::string title = "Done", std::string body = "First line\nsecond") {
    Part part;
    part.title = std::move(title);
    part.body = part.plain_body = std::move(body);
    part.idempotency_key = "01J-abc-1";
    return part;
}

HttpRequest plan(Values values, const Part& part = sample()) {
    const auto settings = must(make_settings(webhook(), configured(std::move(values))));
    auto request = must(webhook().code->plan(part, settings, Thread{.now = {}, .nonce = "nonce"}));
    REQUIRE(std::holds_alternative<HttpRequest>(request));
    return std::get<HttpRequest>(std::move(request));
}

Error refused(Values values) {
    const auto settings = make_settings(webhook(), configured(std::move(values)));
    if (!settings) return settings.error();
    const auto request = webhook().code->plan(sample(), *settings, Thread{});
    REQUIRE_FALSE(request);
    return request.error();
}

std::string header(const HttpRequest& request, std::string_view name) {
    const auto* const value = find_header(request.headers, name);
    return value == nullptr ? "" : *value;
}

TEST_CASE("webhook: without a template a JSON object with title, content and the event is posted") {
    auto part = sample();
    part.event_json = R"({"event":"end","run_id":"run-42","data":{"n":1}})";
    const auto request = plan({}, part);
    CHECK(request.method == "POST");
    CHECK(request.url == "https://example.com/hook");
    CHECK(header(request, "Content-Type") == "application/json");
    CHECK(header(request, "Idempotency-Key") == "01J-abc-1");
    const auto body = Json::parse(request.body);
    CHECK(body["title"] == "Done");
    CHECK(body["content"] == "First line\nsecond");
    CHECK(body["event"]["run_id"] == "run-42");
    CHECK_FALSE(Json::parse(plan({}).body).contains("event"));
}

TEST_CASE("webhook: a JSON object works as a template, with real line feeds and whatever the text holds") {
    const auto request =
        plan({{"body", R"({"title": "$title", "content": "$content", "n": 5, "deep": {"t": ["$title"]}})"},
              {"content_type", "application/json"}},
             sample("say \"hi\" \\ $content", "a\nb\t\"c\""));
    const auto body = Json::parse(request.body);
    CHECK(body["title"] == "say \"hi\" \\ $content"); // one pass: what came in is not looked at again
    CHECK(body["content"] == "a\nb\t\"c\"");
    CHECK(body["n"] == 5);
    CHECK(body["deep"]["t"][0] == "say \"hi\" \\ $content");
    // Without a content type the template's shape decides.
    CHECK(header(plan({{"body", R"({"t": "$title"})"}}), "Content-Type") == "application/json");
}

TEST_CASE("webhook: outside of quotes a placeholder is a JSON value") {
    auto part = sample();
    part.event_json = R"({"event":"end","run_id":"run-42","data":{"n":[1,2]}})";
    const auto body =
        Json::parse(plan({{"body", R"({"t": $title, "d": $data, "s": "$data", "e": "$event $run_id"})"}}, part).body);
    CHECK(body["t"] == "Done");
    CHECK(body["d"]["n"][1] == 2);
    CHECK(body["s"] == R"({"n":[1,2]})");
    CHECK(body["e"] == "end run-42");
}

TEST_CASE("webhook: lines of key: value keep texts as texts and literals of the template as what they are") {
    const auto body = Json::parse(plan({{"body", "title: $title\nmy-key.x: $content\nnumber: 7\nflag: true\n"
                                                 "text: {\"content\": \"$title\"}\nquoted: \"$title\""},
                                        {"content_type", "application/json"}},
                                       sample("123", "tr\"ue"))
                                      .body);
    CHECK(body["title"] == "123");
    CHECK(body["my-key.x"] == "tr\"ue");
    CHECK(body["number"] == 7);
    CHECK(body["flag"] == true);
    CHECK(body["text"]["content"] == "123");
    CHECK(body["quoted"] == "123");
}

TEST_CASE("webhook: forms and multipart are encoded whole") {
    const Values lines = {{"body", "title: $title\ncontent: $content"}};
    const auto form = plan(lines, sample("a&b=c d", "x\ny"));
    CHECK(form.body == "title=a%26b%3Dc%20d&content=x%0Ay");
    CHECK(header(form, "Content-Type") == "application/x-www-form-urlencoded");
    auto multipart = lines;
    multipart["content_type"] = "multipart/form-data";
    const auto request = plan(multipart, sample("T", "--mcp-push-nonce"));
    const auto type = header(request, "Content-Type");
    REQUIRE(type.starts_with("multipart/form-data; boundary="));
    const auto boundary = type.substr(type.find('=') + 1);
    CHECK(boundary != "mcp-push-nonce"); // it stands in the text
    CHECK(request.body == "--" + boundary + "\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT\r\n--" +
                              boundary +
                              "\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n--mcp-push-nonce\r\n--" +
                              boundary + "--\r\n");
}

TEST_CASE("webhook: plain text goes out as it is, in UTF-8") {
    const auto request =
        plan({{"body", "$title!\n$content costs $5"}, {"content_type", "text/plain"}}, sample("任务完成", "$title"));
    CHECK(request.body == "任务完成!\n$title costs $5");
    CHECK(header(request, "Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE("webhook: placeholders in the address are percent-encoded, and then no body is made up") {
    const auto request = plan({{"url", "https://example.com/$title/$content?group=a"}}, sample("a/b c", "?\n&"));
    CHECK(request.url == "https://example.com/a%2Fb%20c/%3F%0A%26?group=a");
    CHECK(request.body.empty());
    CHECK(header(request, "Content-Type").empty());
    const auto get = plan({{"method", "get"}});
    CHECK(get.method == "GET");
    CHECK(get.body.empty());
}

TEST_CASE("webhook: a title cannot add a header, and the person's own headers win") {
    const auto request =
        plan({{"headers", "X-Title: $title\nx-tag: a\nX-Tag: b\nnonsense\nContent-Type: application/x-own\n"
                          "Idempotency-Key: mine"}},
             sample("a\r\nX-Injected: b"));
    CHECK(header(request, "X-Title") == "a X-Injected: b");
    CHECK(header(request, "X-Tag") == "a, b");
    CHECK(header(request, "Content-Type") == "application/x-own");
    CHECK(header(request, "Idempotency-Key") == "mine");
    CHECK(request.headers.size() == 4);
}

TEST_CASE("webhook: our own placeholders are whole words, the original's are not") {
    auto part = sample("T");
    part.event_json = R"({"event":"end","run_id":"r"})";
    CHECK(plan({{"body", "$titles $database $data $events $event"}, {"content_type", "text/plain"}}, part).body ==
          "Ts $database {} $events end");
}

TEST_CASE("webhook: every 2xx is a success; errors say what to mend and show no secret") {
    const Settings settings;
    const auto judge = [&](int status) {
        HttpReply reply;
        reply.status = status;
        reply.body = "{\"detail\":\"no\"}";
        return webhook().code->judge(reply, settings);
    };
    for (const int status : {200, 201, 202, 204, 299})
        CHECK(is_success(judge(status).kind));
    CHECK(judge(404).kind == OutcomeKind::permanent);
    CHECK(judge(404).detail.find("no") != std::string::npos);
    CHECK(judge(302).kind == OutcomeKind::permanent);
    CHECK(judge(500).kind == OutcomeKind::transient);
    CHECK(judge(429).kind == OutcomeKind::rate_limited);

    CHECK(refused({{"url", "example.com/SECRET"}}).message.find("SECRET") == std::string::npos);
    CHECK(refused({{"url", "example.com"}}).message.find("channels.hook") != std::string::npos);
    CHECK(refused({{"method", "P OST"}}).kind == ErrorKind::config);
    CHECK(refused({{"body", "{\"a\": }"}, {"content_type", "application/json"}}).kind == ErrorKind::config);
    CHECK(refused({{"body", "no keys here"}, {"content_type", "application/json"}}).kind == ErrorKind::config);
    ChannelConfig without = configured({});
    without.settings.erase("url");
    const auto missing = make_settings(webhook(), without);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().hint.find("WEBHOOK_URL") != std::string::npos);
}

} // namespace
} // namespace mcp_push
