// SPDX-License-Identifier: MIT
#include "channels/request.hpp"
#include "channels/signing.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace mcp_push {
namespace {

TEST_CASE("signing: DingTalk's and Feishu's signatures are those of their documentation") {
    const auto dingtalk = [](const std::string& timestamp, const std::string& secret) {
        return hmac_sha256_base64(secret, timestamp + "\n" + secret);
    };
    const auto feishu = [](const std::string& timestamp, const std::string& secret) {
        return hmac_sha256_base64(timestamp + "\n" + secret, "");
    };
    CHECK(dingtalk("1700000000000", "SEC0123456789abcdef") == "TSZbRFUuvaSQaRKUpF970OPCb2/LcQAP3wOvwZIzBZk=");
    CHECK(percent_encode(dingtalk("1700000000123", "this is secret")) ==
          "W2RNhLVXZurCuMiewxzjoEaGqxhR%2FFQAkLiAHZh%2BPWY%3D");
    CHECK(feishu("1700000000", "0123456789abcdef") == "UK5eSsaT2YEZBeGZs+MkB68zi9SSH91TQzUizvcea0A=");
    CHECK(feishu("1599360473", "demo") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
}

TEST_CASE("signing: Base64 pads as RFC 4648 says") {
    CHECK(base64_encode("").empty());
    CHECK(base64_encode("f") == "Zg==");
    CHECK(base64_encode("fo") == "Zm8=");
    CHECK(base64_encode("foo") == "Zm9v");
    CHECK(base64_encode(std::string("\0\xff\xfe", 3)) == "AP/+");
}

TEST_CASE("request: pairs and queries are percent-encoded, and invalid UTF-8 breaks no JSON") {
    CHECK(post_form("u", {{"a b", "c&d"}, {"e", "\n"}}).body == "a%20b=c%26d&e=%0A");
    CHECK(with_query(with_query("https://x/y", "a", "1 2"), "b", "+") == "https://x/y?a=1%202&b=%2B");
    const auto request = post_json("u", nlohmann::json{{"text", "a\xff"}});
    CHECK(nlohmann::json::parse(request.body)["text"] == "a\xef\xbf\xbd");
    CHECK(request.headers.at(0).value == "application/json; charset=utf-8");
}

} // namespace
} // namespace mcp_push
