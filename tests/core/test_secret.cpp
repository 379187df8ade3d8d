// SPDX-License-Identifier: MIT
#include "core/base/secret.hpp"

#include <doctest/doctest.h>

#include <string>

using mcp_push::mask;
using mcp_push::redact;

namespace {

// Made up; put together here, so that no scanner takes this file for a leak.
const std::string k_random = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2";

void check_hidden(const std::string& before, const std::string& secret, const std::string& after) {
    const auto text = before + secret + after;
    CAPTURE(text);
    CHECK(redact(text) == before + "[redacted]" + after);
}

void check_untouched(const std::string& text) { CHECK(redact(text) == text); }

} // namespace

TEST_CASE("redact: every known shape of a credential, in the middle of a sentence") {
    for (const std::string prefix :
         {"sk-ant-", "sk-",      "ghp_",     "gho_",     "ghu_",    "ghs_",   "ghr_",  "github_pat_", "glpat-",
          "xoxb-",   "xoxp-",    "xoxa-",    "xapp-",    "AIza",    "npm_",   "pypi-", "hf_",         "eyJ",
          "SG.",     "rk_live_", "sk_live_", "sk_test_", "dop_v1_", "shpat_", "tk_"}) {
        check_hidden("use ", prefix + k_random, " here");
        check_hidden("（", prefix + k_random, "）");
        check_hidden("'", prefix + k_random, "',");
        check_hidden("", prefix + k_random, "");
        check_untouched("no " + prefix + " here");
    }
    check_hidden("id ", "AKIA" + std::string("ABCDEFGH12345678"), ".");
    check_hidden("id ", "ASIA" + std::string("ABCDEFGH12345678"), ".");
}

TEST_CASE("redact: a bot's token, alone and in its server's address") {
    const auto token = "1234567890:AA" + k_random;
    check_hidden("token is ", token, " ok");
    check_hidden("https://api.example.org/bot", token, "/getMe");
    check_untouched("at 12345678:30 it ended");
    check_untouched("bot12 is a robot");
}

TEST_CASE("redact: the secret part of a webhook's address") {
    const std::string uuid = "0f0e0d0c-1234-4321-abcd-0123456789ab";
    check_hidden("https://open.example.cn/open-apis/bot/v2/hook/", uuid, "\n");
    check_hidden("https://chat.example.com/cgi-bin/webhook/send?key=", uuid, " ");
    check_hidden("https://hooks.slack.com/services/", "T00000000/B00000000/" + k_random, ")");
    check_hidden("https://discord.com/api/webhooks/", "123456789012345678/" + k_random, " done");
    check_hidden("https://api.example.com/robot/send?access_token=", k_random, "&timestamp=1");
    check_untouched("see https://example.com/docs/webhooks/ for more");
}

TEST_CASE("redact: a value behind a secret's name, however it is written") {
    check_hidden("password=", "hunter2x", "");
    check_hidden("password: ", "hunter2x", " and more");
    check_hidden("Password = '", "correct horse battery", "' # staple");
    check_hidden(R"({"password":")", "abc def,ghi", R"(","user":"me"})");
    check_hidden("'secret' => '", "abcdef99", "',");
    check_hidden("export DB_PASSWORD=", "hunter2x", "\nnext");
    check_hidden("PGPASSWORD=", "hunter2x", " psql");
    check_hidden("AWS_SECRET_ACCESS_KEY=", k_random, "\r\n");
    check_hidden(R"("accessToken": ")", "abc123def456", R"(")");
    check_hidden("clientSecret: ", "abc123def456", "");
    check_hidden("secret_key = \"", "abc123def456", "\"");
    check_hidden("api-key: ", "abc123def456", ";");
    check_hidden("https://example.com/?token=", "abc123def456", "&page=2");
    check_hidden("curl -H 'Authorization: Bearer ", "abc123def456", "' x");
    check_hidden("authorization: Basic ", "dXNlcjpwYXNz", "");
    check_hidden("Authorization: token ", "abc123def456", "");
    check_hidden("Bearer ", "abcdefghijkl.mnop", "");
    check_hidden("数据库密码：", "hunter2x", "，请保管");
    check_hidden("令牌: ", "abc123def456", "");
}

TEST_CASE("redact: a password or token in front of an address's host") {
    check_hidden("git clone https://", "user:hunter2", "@example.com/x.git");
    check_hidden("postgres://", "me:p@ss", "@db.example.com:5432/x");
    check_hidden("https://", k_random, "@example.com/x");
    check_untouched("ssh://git@example.com/team/project.git");
    check_untouched("https://example.com:8443/a@b:c");
    check_untouched("http://localhost:3000/ and mail me@example.com");
}

TEST_CASE("redact: a private key with or without its end") {
    const std::string key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----";
    check_hidden("my key:\n", key, "\nnext line");
    CHECK(redact("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA") == "[redacted]");
    check_untouched("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
    check_untouched("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----");
}

TEST_CASE("redact: ordinary sentences stay as they are") {
    for (const std::string text :
         {"Fixed the password reset form and its tests", "The secret is to practise", "Wrote 1234 tokens in 12 s",
          "max_tokens: 4096, tokens: 123456", "asked for a token; got none", "Bearer tokens are short-lived",
          "SyntaxError: unexpected token: identifier", "error: expected token: 'endif'", "token: 12",
          "任务完成：修改了登录密码页面", "密码：请输入您的密码", "token：请重新登录", "令牌无效，请联系管理员",
          "Time: 12:30:45, ratio 16:9", "ASIA-PACIFIC-REGIONAL-OFFICE", "risk-assessment-of-the-whole-company-2026",
          "sk-learn-pipeline-for-text-classification"}) {
        check_untouched(text);
    }
}

TEST_CASE("redact: ordinary code stays as it is") {
    for (const std::string text :
         {"password = getpass()", "token = os.environ[\"TOKEN\"]", "password: string;", "token: $TOKEN",
          "password=${DB_PASSWORD}", "password: <your password>", "token: {{ secrets.token }}", "secret::mask(text)",
          "if (token == other)", "self.token = self.config.value", "hf_hub_download_with_several_retries",
          "npm_lifecycle_script_of_the_whole_package", "const tokenizer = make_tokenizer(text)",
          "git show 0123456789abcdef0123456789abcdef01234567", "std::unique_ptr<Token> token;"}) {
        check_untouched(text);
    }
}

TEST_CASE("redact: what is redacted once stays the same") {
    const auto once = redact("password=hunter2x https://a:b@example.com/ ghp_" + k_random);
    CHECK(redact(once) == once);
}

TEST_CASE("redact: several secrets in one line are all found") {
    const auto text = redact("ghp_" + k_random + ",ghp_" + k_random + " password=hunter2x;token=abc123def456");
    CHECK(text == "[redacted],[redacted] password=[redacted];token=[redacted]");
}

TEST_CASE("redact: hostile text takes no longer than its length") {
    const auto redact_many = [](const std::string& part, std::size_t bytes) {
        std::string text;
        while (text.size() < bytes)
            text += part;
        CAPTURE(part);
        CHECK(redact(text).size() <= 3 * text.size());
    };
    for (const std::string part :
         {"sk-a.", "token=", "token='", "password: \"", "://", "://a@", "://a:", "Bearer ", "-----BEGIN ",
          "-----BEGIN PRIVATE KEY----- ", "12345678:", "eyJ.", "token=a(", "token    ", "token=ab，", "密码"}) {
        redact_many(part, 1 << 14);
    }
    redact_many("token=$", 1 << 20); // a mebibyte, which took minutes once
}

TEST_CASE("mask: shows a long value's start and nothing of a short one") {
    CHECK(mask("").empty());
    CHECK(mask("short") == "…");
    CHECK(mask("elevenchars") == "…");
    CHECK(mask("twelve-chars") == "twel…");
    CHECK(mask("任务完成任务") == "任…"); // never half a character
}
