// SPDX-License-Identifier: MIT
#include "channels/dialect.hpp"
#include "channels/shape.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace mcp_push {
namespace {

Message markdown(std::string body, std::string title = "Done") {
    Message message;
    message.title = std::move(title);
    message.body = std::move(body);
    message.markdown = true;
    return message;
}

Message plain(std::string body, std::string title = "Done") {
    auto message = markdown(std::move(body), std::move(title));
    message.markdown = false;
    return message;
}

std::string body_in(Dialect dialect, const Message& message) {
    const auto parts = shape(message, {.dialect = dialect});
    REQUIRE(parts.size() == 1);
    return parts[0].body;
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
        ++found;
    return found;
}

constexpr std::array k_dialects = {Dialect::plain,          Dialect::telegram_html, Dialect::dingtalk_markdown,
                                   Dialect::wecom_markdown, Dialect::feishu_post,   Dialect::feishu_card,
                                   Dialect::markdown,       Dialect::html};

constexpr std::string_view k_rich =
    "# Result\n\nAll **tests** pass, *nearly*; see [the log](https://ci.example/1?a=b&c=d) and `a < b`.\n\n"
    "- one\n- two with `code`\n    1. inner\n\n> quoted <b>text</b>\n\n```cpp\nif (a < b && c) {\n    f();\n}\n```\n";

TEST_CASE("shape: CommonMark in Telegram's HTML") {
    CHECK(body_in(Dialect::telegram_html, markdown(std::string(k_rich))) ==
          "<b>Result</b>\n\n"
          "All <b>tests</b> pass, <i>nearly</i>; see <a href=\"https://ci.example/1?a=b&amp;c=d\">the log</a> and "
          "<code>a &lt; b</code>.\n\n"
          "- one\n- two with <code>code</code>\n  1. inner\n\n"
          "&gt; quoted &lt;b&gt;text&lt;/b&gt;\n\n"
          "<pre><code class=\"language-cpp\">if (a &lt; b &amp;&amp; c) {\n    f();\n}</code></pre>");
}

TEST_CASE("shape: CommonMark as plain text keeps what matters") {
    CHECK(body_in(Dialect::plain, markdown(std::string(k_rich))) ==
          "Result\n\nAll tests pass, nearly; see the log (https://ci.example/1?a=b&c=d) and a < b.\n\n"
          "- one\n- two with code\n  1. inner\n\n> quoted <b>text</b>\n\nif (a < b && c) {\n    f();\n}");
}

TEST_CASE("shape: CommonMark for DingTalk breaks lines with two spaces, for WeCom without code blocks") {
    const auto dingtalk = body_in(Dialect::dingtalk_markdown, markdown("a\nb\n\n```\nx\ny\n```"));
    CHECK(dingtalk == "a  \nb\n\n```\nx  \ny\n```");
    const auto wecom = body_in(Dialect::wecom_markdown, markdown("a\nb **c**\n\n```\nx = `1`\n# y\n```"));
    CHECK(wecom == "a\nb **c**\n\nx = `\xe2\x80\x8b"
                   "1`\xe2\x80\x8b\n`# y`");
}

TEST_CASE("shape: CommonMark survives its own rendering") {
    const auto once = body_in(Dialect::markdown, markdown(std::string(k_rich)));
    CHECK(body_in(Dialect::markdown, markdown(once)) == once);
    CHECK(body_in(Dialect::plain, markdown(once)) == body_in(Dialect::plain, markdown(std::string(k_rich))));
}

TEST_CASE("shape: Feishu's rich text is a JSON array of paragraphs") {
    const auto paragraphs = nlohmann::json::parse(
        body_in(Dialect::feishu_post, markdown("See [log](https://ci.example/1) \"now\"\n\n- one\n- two")));
    REQUIRE(paragraphs.size() == 3);
    CHECK(paragraphs[0][1] == nlohmann::json{{"tag", "a"}, {"text", "log"}, {"href", "https://ci.example/1"}});
    CHECK(paragraphs[0][2]["text"] == " \"now\"");
    CHECK(paragraphs[1][0]["text"] == "- ");
    CHECK(paragraphs[2][1]["text"] == "two");
}

TEST_CASE("shape: plain text is nowhere read as markup") {
    const std::string text = "# not a heading\n1. no list\n- nor this\n> nor a quote\n*no* _emphasis_ in snake_case "
                             "[no](link) `no code` ~~no~~ ![no](image)\n    no code block & <b>no</b> &lt; <@all>";
    for (const auto dialect : {Dialect::markdown, Dialect::dingtalk_markdown}) {
        // What a CommonMark reader makes of it is the text itself.
        auto seen = body_in(Dialect::plain, markdown(body_in(dialect, plain(text))));
        CHECK(replace_all(seen, "\xc2\xa0", " ") == text);
    }
    const auto telegram = body_in(Dialect::telegram_html, plain(text));
    CHECK(telegram.find("<b>") == std::string::npos);
    CHECK(telegram.find("&lt;b&gt;no&lt;/b&gt; &amp;lt;") != std::string::npos);
    for (const auto dialect : {Dialect::wecom_markdown, Dialect::feishu_card}) {
        const auto card = body_in(dialect, plain(text));
        CHECK(card.find("<@all>") == std::string::npos); // it would call everybody
        CHECK(card.find("](") == std::string::npos);
        CHECK(card.find("snake_case") != std::string::npos);
        CHECK_FALSE(card.starts_with("# "));
    }
    CHECK(body_in(Dialect::plain, plain("a\n\n\n  b \n")) == "a\n\n\n  b \n");
}

TEST_CASE("shape: an address that is no web address makes no link") {
    CHECK(body_in(Dialect::telegram_html, markdown("[x](javascript:alert(1)) [y](tg://user?id=1)")) == "x y");
    CHECK(body_in(Dialect::markdown, markdown("[a](<https://e.test/(x) y>)")) == "[a](https://e.test/%28x%29%20y)");
    CHECK(body_in(Dialect::plain, markdown("[https://e.test](https://e.test)")) == "https://e.test");
}

/// A long document of everything that must not be cut.
std::string long_document() {
    std::string text = "# 长报告\n\n";
    for (int i = 0; i < 60; ++i) {
        const auto n = std::to_string(i);
        text +=
            "第" + n + "段：**重点" + n + "** 与 `code <" + n + ">`，还有 \xf0\x9f\x98\x80 & \"quotes\" \\ done.\n\n";
        if (i % 7 == 0) text += "```sh\necho \"" + n + "\" && ls -la <dir>\ncd ..\n```\n\n";
        if (i % 5 == 0) text += "- item " + n + "\n- other [link" + n + "](https://e.test/?q=" + n + "&r=1)\n\n";
    }
    return text;
}

/// Where "```" is markup; elsewhere it is only what a plain text said.
bool has_fences(Dialect dialect) {
    return dialect == Dialect::markdown || dialect == Dialect::dingtalk_markdown || dialect == Dialect::feishu_card;
}

TEST_CASE("shape: no part is longer than the service allows, as it is sent, and nothing is torn") {
    const std::array texts = {markdown(long_document(), "任务完成 · 解析器"), plain(long_document(), "Done <&> \"x\""),
                              markdown("```\n" + std::string(9000, 'x') + "\n```"),
                              plain(std::string(3000, '\n') + std::string(5000, '"'))};
    for (const auto& message : texts) {
        for (const auto dialect : k_dialects) {
            for (const auto unit :
                 {LengthUnit::bytes, LengthUnit::code_points, LengthUnit::utf16_units, LengthUnit::json_bytes}) {
                for (const std::size_t limit : {120, 300, 2048}) {
                    for (const bool separate : {false, true}) {
                        const Capabilities capabilities = {.dialect = dialect,
                                                           .max_length = limit,
                                                           .unit = unit,
                                                           .reserve = 20,
                                                           .max_title = 40,
                                                           .separate_title = separate};
                        CAPTURE(static_cast<int>(dialect));
                        CAPTURE(static_cast<int>(unit));
                        CAPTURE(limit);
                        CAPTURE(separate);
                        const auto parts = shape(message, capabilities);
                        REQUIRE_FALSE(parts.empty());
                        CHECK(parts.size() <= 3);
                        for (const auto& part : parts) {
                            const auto sent = separate ? part.body : text_with_title(part, dialect);
                            CHECK(length_in(sent, unit) + 20 <= limit);
                            CHECK(is_valid_utf8(sent));
                            CHECK(is_valid_utf8(part.plain_body));
                            if (has_fences(dialect)) CHECK(count(sent, "```") % 2 == 0);
                            for (const auto* const tag : {"b", "i", "s", "code", "pre", "a"}) {
                                if (dialect != Dialect::telegram_html && dialect != Dialect::html) continue;
                                const std::string name(tag);
                                CHECK(count(sent, "<" + name + ">") + count(sent, "<" + name + " ") ==
                                      count(sent, "</" + name + ">"));
                            }
                            if (dialect == Dialect::feishu_post)
                                CHECK_FALSE(nlohmann::json::parse(part.body, nullptr, false).is_discarded());
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("shape: parts are numbered, whole together, and a rest that is left out is said") {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "word" + std::to_string(i) + " ";
    const auto parts = shape(plain(text), {.max_length = 300});
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].title == "Done (1/3)");
    CHECK(parts[2].title == "Done (3/3)");
    CHECK(parts[1].number == 2);
    CHECK(parts[1].of == 3);
    CHECK(parts[0].body.starts_with("word0 "));
    CHECK(parts[0].body.find("left out") == std::string::npos);
    // No word is torn or lost.
    std::string together;
    for (const auto& part : parts)
        together += part.body + " ";
    for (int i = 0; i < 100; ++i)
        CHECK(together.find("word" + std::to_string(i) + " ") != std::string::npos);
    const auto cut = shape(plain(text), {.max_length = 100});
    REQUIRE(cut.size() == 3);
    CHECK(cut[2].body.find("bytes left out)") != std::string::npos);
    CHECK(shape(plain(std::string(3000, 'x'), "任务"), {.max_length = 100}).at(2).body.find("省略了") !=
          std::string::npos);
    // What fits is one message without a number.
    CHECK(shape(plain(text), {.max_length = 2000}).at(0).title == "Done");
}

TEST_CASE("shape: a message of megabytes is fitted in no time") {
    std::string text;
    while (text.size() < (4U << 20))
        text += "- **line** with `code`\n";
    const auto parts =
        shape(markdown(text), {.dialect = Dialect::telegram_html, .max_length = 4096, .unit = LengthUnit::utf16_units});
    CHECK(parts.size() == 3);
}

TEST_CASE("shape: title and body as one text, and a body that only repeats the title once") {
    Part part;
    part.title = "a < b";
    part.body = "<i>c</i>";
    part.plain_body = "c";
    CHECK(text_with_title(part, Dialect::telegram_html) == "<b>a &lt; b</b>\n\n<i>c</i>");
    CHECK(text_with_title(part, Dialect::plain) == "a < b\n\nc");
    CHECK(text_with_title(part, Dialect::wecom_markdown) == "**a < b**\n\n<i>c</i>");
    part.body = part.plain_body = part.title;
    CHECK(text_with_title(part, Dialect::plain) == "a < b");
    part.title.clear();
    CHECK(text_with_title(part, Dialect::plain) == "a < b");
    CHECK(shape(plain("", ""), {.max_length = 10}).size() == 1);
    CHECK(shape(plain("x", std::string(500, 't')), {.max_title = 20, .separate_title = true}).at(0).title.size() == 20);
}

} // namespace
} // namespace mcp_push
