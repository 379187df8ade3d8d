// SPDX-License-Identifier: MIT
#include "core/base/markdown.hpp"
#include "core/base/markdown_blocks.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>

#include <vector>

using mcp_push::code_block;
using mcp_push::code_span;
using mcp_push::escape_html;
using mcp_push::escape_markdown;
using mcp_push::is_valid_utf8;
using mcp_push::markdown_first_line;
using mcp_push::markdown_glance;
using mcp_push::markdown_head;
using mcp_push::MarkdownBlocks;
using mcp_push::MarkdownLine;
using mcp_push::plain_block;
using mcp_push::split;
using mcp_push::strip_block_marks;

namespace {

/// One letter for each line: blank, text, block, fence, code.
std::string kinds(std::string_view markdown) {
    MarkdownBlocks blocks;
    std::string letters;
    for (const auto line : split(markdown, '\n')) {
        switch (blocks.next(line)) {
        case MarkdownLine::blank:
            letters += '.';
            break;
        case MarkdownLine::text:
            letters += 't';
            break;
        case MarkdownLine::block:
            letters += 'b';
            break;
        case MarkdownLine::fence:
            letters += 'f';
            break;
        case MarkdownLine::code:
            letters += 'c';
            break;
        }
    }
    return letters;
}

std::string repeat(std::string_view part, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes)
        text += part;
    return text;
}

} // namespace

TEST_CASE("markdown: plain text shows literally") {
    CHECK(escape_markdown("# no heading") == "\\# no heading");
    CHECK(escape_markdown("- no item") == "\\- no item");
    CHECK(escape_markdown("1. no item") == "1\\. no item");
    CHECK(escape_markdown("> no quote") == "\\> no quote");
    CHECK(escape_markdown("*no* emphasis") == "\\*no\\* emphasis");
    CHECK(escape_markdown("a `b`") == "a \\`b\\`");
    CHECK(escape_markdown("[a](b)") == "[a\\](b)");
    CHECK(escape_markdown("<b>x</b>") == "\\<b>x\\</b>");
    CHECK(escape_markdown("&lt;") == "\\&lt;");
    CHECK(escape_markdown("----") == "\\----");
    CHECK(escape_markdown("~~~") == "\\~\\~\\~");
}

TEST_CASE("markdown: what needs no escape gets none") {
    for (const auto* const text : {"snake_case_name", "2 * 3 < 4 & 5", "1.5 s", "12345678901. x", "#tag", "-1", "a > b",
                                   "~/project", "C:\\dir", "任务完成：修改了 3 个文件", "a_b", "x = y | z"}) {
        CHECK(escape_markdown(text) == text);
    }
}

TEST_CASE("markdown: lines stay lines and paragraphs paragraphs") {
    CHECK(escape_markdown("a\nb\n\n\nc\n") == "a  \nb\n\nc");
    CHECK(escape_markdown("").empty());
}

TEST_CASE("markdown: a text whose lay-out matters becomes a code block") {
    CHECK(plain_block("name   size\na      1") == "```\nname   size\na      1\n```");
    CHECK(plain_block("if x:\n  y") == "```\nif x:\n  y\n```");
    CHECK(plain_block("one\ntwo") == "one  \ntwo");
    CHECK(plain_block("one   line") == "one   line");
}

TEST_CASE("markdown: code is wrapped in more marks than it has") {
    CHECK(code_span("ls") == "`ls`");
    CHECK(code_span("a `b` c") == "``a `b` c``");
    CHECK(code_span("`") == "`` ` ``");
    CHECK(code_span("two\nlines") == "`two lines`");
    CHECK(code_span(" \n").empty());
    CHECK(code_block("ls", "sh") == "```sh\nls\n```");
    CHECK(code_block("```\nx\n```") == "````\n```\nx\n```\n````");
    CHECK(code_block("\n\n").empty());
    CHECK(code_block("\n  indented\n\n") == "```\n  indented\n```");
}

TEST_CASE("markdown: lines know what they are") {
    CHECK(kinds("a\nb\n\nc") == "bt.b");
    CHECK(kinds("# head\ntext") == "bb");
    CHECK(kinds("```sh\nx\n\ny\n```\nafter") == "fccc"
                                                "fb");
    CHECK(kinds("~~~\n```\n~~~") == "fcf");
    CHECK(kinds("````\n```\n````") == "fcf");
    CHECK(kinds("    indented\n\ntext\n    lazy") == "c.bt");
    CHECK(kinds("> quote\n> more\nlazy") == "btt");
    CHECK(kinds("> ```\n> x\nend") == "fcb"); // the quote has ended, and its code with it
    CHECK(kinds("text ``` text") == "b");
    CHECK(kinds("```a`b") == "b"); // backticks behind backticks are inline code
}

TEST_CASE("markdown: code within nested lists is code") {
    CHECK(kinds("- a\n  - b\n    ```\n    x\n    ```\n  - c") == "bbfcfb");
    CHECK(kinds("1. a\n\n   ```\n   x\n   ```") == "b.fcf");
    CHECK(kinds("- ```\n  x\nend") == "fcb");
    CHECK(kinds("- a\n\n      code") == "b.c");
}

TEST_CASE("markdown: HTML is text everywhere but in code") {
    CHECK(escape_html("a <b>x</b> c") == "a \\<b>x\\</b> c");
    CHECK(escape_html("<script>alert(1)</script>") == "\\<script>alert(1)\\</script>");
    CHECK(escape_html("<!-- x -->") == "\\<!-- x -->");
    CHECK(escape_html("<?php ?>") == "\\<?php ?>");
    CHECK(escape_html("- <img src=x>") == "- \\<img src=x>");
    CHECK(escape_html("> <div>") == "> \\<div>");
    CHECK(escape_html("already \\<b>") == "already \\<b>");
    for (const auto* const text : {"`<b>`", "```\n<b>\n```", "    <b>", "``a ` <b>``", "1 < 2 and 3 <4",
                                   "<https://example.com>", "<me@example.com>", "a -> b"}) {
        CAPTURE(text);
        CHECK(escape_html(text) == text);
    }
}

TEST_CASE("markdown: HTML behind a torn fence or torn inline code is text again") {
    CHECK(escape_html("`torn <b>") == "`torn \\<b>");
    CHECK(escape_html("`torn\n\n<b> `") == "`torn\n\n\\<b> `");
    CHECK(escape_html("```\nx\n```\n<b>") == "```\nx\n```\n\\<b>");
    CHECK(escape_html("- ```\n  x\n\n<b>") == "- ```\n  x\n\n\\<b>");
    CHECK(escape_html("| a ` | b |\n|---|---|\n| <b> ` | c |").find("\\<b>") != std::string::npos);
}

TEST_CASE("markdown: the head keeps whole blocks and closes the code that it cuts") {
    CHECK(markdown_head("a\nb\nc", 2, 100) == "a\nb\n\n…");
    CHECK(markdown_head("a\nb", 2, 100) == "a\nb");
    CHECK(markdown_head("```sh\none\ntwo\nthree\n```", 3, 100) == "```sh\none\ntwo\n```\n\n…");
    CHECK(markdown_head("text\n```\ncode\n```", 2, 100) == "text\n\n…"); // a fence that nothing follows is left out
    CHECK(markdown_head("> ```\n> one\n> two\n> ```", 2, 100) == "> ```\n> one\n> ```\n\n…");
    CHECK(markdown_head("```\nnever closed", 9, 100) == "```\nnever closed\n```");
    CHECK(markdown_head("", 3, 100).empty());
    CHECK(markdown_head("\n\n", 3, 100).empty());
}

TEST_CASE("markdown: a long line is cut at a word, a link and inline code stay whole or are closed") {
    CHECK(markdown_head("one two three four", 5, 14) == "one two…");
    CHECK(markdown_head("see [the page](https://example.com/a/b/c) now", 1, 30) == "see [the page](https://exam…");
    const auto code = markdown_head("`" + std::string(100, 'x') + "`", 1, 40);
    CHECK(code.ends_with("…`"));
    CHECK(code.size() <= 40);
    CHECK(markdown_head("任务完成，修改了三个文件。所有测试通过", 1, 40) == "任务完成，修改了三个文件…");
}

TEST_CASE("markdown: whatever is cut stays valid UTF-8 and near its limit, wherever the cut falls") {
    const std::string text =
        "# 任务\n\n- `code 任务` **strong** [link](https://example.com)\n  - nested\n\n```\n代码\n```\n> 引用 text";
    for (std::size_t bytes = 0; bytes < text.size() + 10; ++bytes) {
        CAPTURE(bytes);
        const auto head = markdown_head(text, 99, bytes);
        CHECK(is_valid_utf8(head));
        CHECK(head.size() <= bytes + 16);
        CHECK(is_valid_utf8(markdown_first_line(text, bytes)));
        CHECK(markdown_glance(text, bytes).size() <= bytes);
    }
}

TEST_CASE("markdown: the first line says something and wears no marks of blocks") {
    CHECK(markdown_first_line("\n---\n## Done\n\ntext", 100) == "Done");
    CHECK(markdown_first_line("> - **All** tests pass", 100) == "**All** tests pass");
    CHECK(markdown_first_line("```\nonly code\n```", 100) == "`only code`");
    CHECK(markdown_first_line("```\ncode\n```\nthen text", 100) == "then text");
    CHECK(markdown_first_line("", 100).empty());
    CHECK(strip_block_marks("  > 1. ## Title ##") == "Title");
    CHECK(strip_block_marks("* * *").empty());
    CHECK(strip_block_marks("C#") == "C#");
}

TEST_CASE("markdown: a glance is plain, and goes on behind a colon") {
    CHECK(markdown_glance("## **Done** with `make test`", 100) == "Done with make test");
    CHECK(markdown_glance("Changed:\n\n- `a.cpp`\n- b", 100) == "Changed: a.cpp");
    CHECK(markdown_glance("已修改：\n- 文件", 100) == "已修改：文件");
    CHECK(markdown_glance("1 \\* 2 &lt; 3 &amp; 4", 100) == "1 * 2 < 3 & 4");
    CHECK(markdown_glance("`a * b` and *c*", 100) == "a * b and c");
    CHECK(markdown_glance("long words here", 8) == "long …");
}

TEST_CASE("markdown: a mebibyte of hostile marks takes no longer than its length") {
    for (const std::string_view part : {"`", "](", "- ", "<a", "<1", "&lt;", "> "}) {
        CAPTURE(part);
        const auto text = repeat(part, part == "`" || part == "](" ? 1 << 20 : 1 << 17) + "x";
        CHECK(escape_html(text).size() <= 2 * text.size());
        CHECK(escape_markdown(text).size() <= 2 * text.size());
        CHECK(markdown_head(text, 5, 1000).size() <= 1016);
        CHECK(markdown_glance(text, 200).size() <= 200);
    }
}

TEST_CASE("markdown: many small hostile pieces are no slower") {
    for (const std::string_view part :
         {"` `` ", "[", "**", "\\", "|-", "```\n", "- a\n", "1. ", "> - ", "\t", "#\n", "~~~ `\n"}) {
        CAPTURE(part);
        const auto text = repeat(part, 1 << 16) + "x";
        CHECK(escape_html(text).size() <= 2 * text.size());
        CHECK(code_span(text).size() <= 3 * text.size());
        CHECK(markdown_head(text, 5, 1000).size() <= 1016 + 300);
        CHECK(markdown_first_line(text, 200).size() <= 216);
    }
}
