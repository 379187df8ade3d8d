// SPDX-License-Identifier: MIT
#include "channels/dialect.hpp"

#include "channels/shape.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcp_push {
namespace {

bool is_html(Dialect dialect) { return dialect == Dialect::telegram_html || dialect == Dialect::html; }
bool is_markdown(Dialect dialect) {
    return dialect == Dialect::markdown || dialect == Dialect::dingtalk_markdown ||
           dialect == Dialect::wecom_markdown || dialect == Dialect::feishu_card;
}

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

/// Whether the text at `at`, a line's start, would begin a heading, a quote, a list, a rule or a code block.
std::size_t block_mark_at(std::string_view text, std::size_t at) {
    const auto rest = text.substr(at);
    if (rest.empty()) return 0;
    if (rest[0] == '#' || rest[0] == '>' || rest[0] == '=' || rest[0] == '~') return 1;
    if ((rest[0] == '-' || rest[0] == '+') && (rest.size() == 1 || rest[1] == ' ' || rest[1] == rest[0])) return 1;
    std::size_t digits = 0;
    while (digits < rest.size() && digits < 9 && rest[digits] >= '0' && rest[digits] <= '9')
        ++digits;
    if (digits > 0 && digits < rest.size() && (rest[digits] == '.' || rest[digits] == ')')) return digits + 1;
    return 0;
}

/// Lark's cards know entities and no backslash; WeCom knows neither, so there a mark that would act gets a zero-width
/// space behind it.
std::string neutral(char c, Dialect dialect) {
    switch (dialect) {
    case Dialect::feishu_card:
        return "&#" + std::to_string(static_cast<int>(c)) + ";";
    case Dialect::wecom_markdown:
        return std::string(1, c) + "\xe2\x80\x8b";
    default:
        return std::string("\\") + c;
    }
}

std::string escape_markdown(std::string_view text, Dialect dialect, bool at_line_start) {
    std::string out;
    out.reserve(text.size() + text.size() / 16);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (at_line_start) {
            // Four spaces would make a code block, and fewer are dropped.
            while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) {
                out += text[i] == ' ' ? "\xc2\xa0" : "\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0";
                ++i;
            }
            if (const auto length = block_mark_at(text, i); length > 0) {
                out.append(text.substr(i, length - 1));
                out += neutral(text[i + length - 1], dialect);
                i += length;
            }
            at_line_start = false;
            if (i >= text.size()) break;
        }
        const char c = text[i];
        const char before = i > 0 ? text[i - 1] : ' ';
        const char after = i + 1 < text.size() ? text[i + 1] : ' ';
        if (c == '\n') {
            out += dialect == Dialect::dingtalk_markdown || dialect == Dialect::markdown ? "  \n" : "\n";
            at_line_start = true;
        } else if (c == '<') {
            // What could be a tag: "<font", "</a", "<@someone", "<!--".
            const bool tag = is_letter(after) || after == '/' || after == '@' || after == '!' || after == '?';
            out += !tag ? "<" : dialect == Dialect::feishu_card ? "&#60;" : "&lt;";
        } else if (c == '&') {
            out += is_letter(after) || after == '#' ? (dialect == Dialect::feishu_card ? "&#38;" : "&amp;") : "&";
        } else if (c == '_' && is_word(before) && is_word(after)) {
            out += c; // snake_case is no emphasis
        } else if (std::string_view("\\`*_[]").find(c) != std::string_view::npos) {
            // WeCom shows lone marks as they are.
            const bool acts = dialect != Dialect::wecom_markdown || c == '`' || (c == '*' && after == '*') ||
                              (c == ']' && after == '(');
            out += acts ? neutral(c, dialect) : std::string(1, c);
        } else if (c == '~' && (before != ' ' || after == '~')) {
            out += neutral(c, dialect); // "~/folder" opens nothing as long as nothing closes it
        } else if (c == '!' && after == '[') {
            out += neutral(c, dialect); // an image would be fetched by everybody who reads it
        } else {
            out += c;
        }
    }
    return out;
}

std::string repeat(std::string_view text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
        all += text;
    return all;
}

/// `before` and `after` around the text of each line, inside its outer spaces: markers next to spaces would not act.
std::string wrap_lines(std::string_view text, std::string_view before, std::string_view after) {
    std::string out;
    bool first = true;
    for (const auto line : split(text, '\n')) {
        if (!first) out += '\n';
        first = false;
        const auto core = trim(line);
        if (core.empty()) {
            out += line;
            continue;
        }
        const auto begin = static_cast<std::size_t>(core.data() - line.data());
        out.append(line.substr(0, begin)).append(before).append(core).append(after);
        out += line.substr(begin + core.size());
    }
    return out;
}

std::string code_span(std::string_view text, Dialect dialect) {
    const auto line = replace_all(std::string(text), "\n", " ");
    if (line.find('`') == std::string::npos) return "`" + line + "`";
    if (dialect != Dialect::markdown) return escape_markdown(line, dialect, false); // longer fences are not known there
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : line)
        longest = std::max(longest, run = c == '`' ? run + 1 : 0);
    const std::string fence(longest + 1, '`');
    return fence + " " + line + " " + fence;
}

/// An address that cannot end its own brackets.
std::string link_target(std::string_view url) {
    std::string out;
    for (const char c : url) {
        if (c == '(' || c == ')' || c == ' ' || c == '<' || c == '>' || c == '\n') {
            out += percent_encode(std::string_view(&c, 1));
        } else {
            out += c;
        }
    }
    return out;
}

std::string plain_link(const Span& span) {
    const auto bare = span.link.starts_with("mailto:") ? span.link.substr(7) : span.link;
    return bare.empty() || span.text.find(bare) != std::string::npos ? span.text : span.text + " (" + span.link + ")";
}

bool is_address(std::string_view link) {
    return link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:");
}

std::string render_span(const Span& span, Dialect dialect, bool at_line_start) {
    const bool links = is_address(span.link);
    if (is_html(dialect)) {
        std::string text = escape_html(span.text);
        if (dialect == Dialect::html) text = replace_all(std::move(text), "\n", "<br>\n");
        if ((span.marks & Span::code) != 0) text = "<code>" + text + "</code>"; // Telegram allows nothing inside it
        if (links) text = "<a href=\"" + escape_html(span.link) + "\">" + text + "</a>";
        if ((span.marks & Span::code) != 0) return text;
        if ((span.marks & Span::strike) != 0) text = "<s>" + text + "</s>";
        if ((span.marks & Span::italic) != 0) text = "<i>" + text + "</i>";
        if ((span.marks & Span::bold) != 0) text = "<b>" + text + "</b>";
        return text;
    }
    if (!is_markdown(dialect)) return links ? plain_link(span) : span.text;
    const bool wecom = dialect == Dialect::wecom_markdown;
    const bool dingtalk = dialect == Dialect::dingtalk_markdown;
    std::string text = (span.marks & Span::code) != 0 ? code_span(span.text, dialect)
                                                      : escape_markdown(span.text, dialect, at_line_start);
    if ((span.marks & Span::strike) != 0 && !wecom && !dingtalk) text = wrap_lines(text, "~~", "~~");
    if ((span.marks & Span::italic) != 0 && !wecom) text = wrap_lines(text, "*", "*");
    if ((span.marks & Span::bold) != 0) text = wrap_lines(text, "**", "**");
    if (links) text = "[" + replace_all(std::move(text), "\n", " ") + "](" + link_target(span.link) + ")";
    return text;
}

std::string render_spans(const Block& block, Dialect dialect) {
    std::string text;
    for (const auto& span : block.spans) {
        text += render_span(span, dialect, text.empty() || text.ends_with('\n'));
    }
    return text;
}

std::string render_code(const Block& block, Dialect dialect) {
    auto code = block.text();
    switch (dialect) {
    case Dialect::telegram_html:
    case Dialect::html: {
        const bool named = !block.language.empty() && dialect == Dialect::telegram_html;
        const auto text = escape_html(code);
        if (!named) return "<pre>" + text + "</pre>";
        return "<pre><code class=\"language-" + escape_html(block.language) + "\">" + text + "</code></pre>";
    }
    case Dialect::wecom_markdown: { // it has no code blocks
        std::vector<std::string> lines;
        for (const auto line : split(code, '\n')) {
            lines.push_back(trim(line).empty() ? std::string() : code_span(line, dialect));
        }
        return join(lines, "\n");
    }
    case Dialect::markdown:
    case Dialect::dingtalk_markdown:
    case Dialect::feishu_card: {
        std::string fence = "```";
        while (code.find(fence) != std::string::npos)
            fence += '`';
        // Where a client shows no code blocks, two spaces keep the lines apart.
        const auto text = dialect == Dialect::dingtalk_markdown ? replace_all(code, "\n", "  \n") : code;
        return fence + block.language + "\n" + text + "\n" + fence;
    }
    default:
        return code;
    }
}

std::string render_content(const Block& block, Dialect dialect) {
    switch (block.kind) {
    case Block::Kind::code:
        return render_code(block, dialect);
    case Block::Kind::rule:
        return is_markdown(dialect) && dialect != Dialect::wecom_markdown ? "---"
                                                                          : "\xe2\x80\x94\xe2\x80\x94\xe2\x80\x94";
    case Block::Kind::heading: {
        auto text = replace_all(render_spans(block, dialect), "\n", " ");
        if (is_html(dialect)) return "<b>" + text + "</b>";
        // Lark's cards show "#" to "###" badly.
        if (dialect == Dialect::feishu_card) return "**" + replace_all(text, "**", "") + "**";
        if (is_markdown(dialect)) return std::string(static_cast<std::size_t>(block.level), '#') + " " + text;
        return text;
    }
    case Block::Kind::paragraph:
        break;
    }
    return render_spans(block, dialect);
}

/// `first` before the first line, `other` before the others.
std::string prefix_lines(std::string_view text, std::string_view first, std::string_view other) {
    std::string out(first);
    for (const char c : text) {
        out += c;
        if (c == '\n') out += other;
    }
    return out;
}

std::string render_block(const Block& block, Dialect dialect) {
    auto text = render_content(block, dialect);
    if (block.indent > 0) {
        // Marks of Lark and DingTalk are read within the indentation; elsewhere it is for the eye.
        const auto outer = repeat(is_markdown(dialect) ? "    " : "  ", block.indent - 1);
        const std::string hanging(is_markdown(dialect) ? 4 : 2, ' ');
        text = prefix_lines(text, outer + (block.marker.empty() ? hanging : block.marker), outer + hanging);
    }
    if (block.quote > 0) {
        const auto mark = is_html(dialect) ? repeat("&gt; ", block.quote) : repeat("> ", block.quote);
        text = prefix_lines(text, mark, mark);
    }
    return text;
}

Json post_paragraph(const Block& block) {
    Json paragraph = Json::array();
    const auto add = [&](std::string_view text) {
        if (!text.empty()) paragraph.push_back({{"tag", "text"}, {"text", text}});
    };
    add(repeat("> ", block.quote) + repeat("  ", std::max(block.indent - 1, 0)) + block.marker);
    if (block.kind == Block::Kind::rule) add("\xe2\x80\x94\xe2\x80\x94\xe2\x80\x94");
    for (const auto& span : block.spans) {
        if (is_address(span.link)) {
            paragraph.push_back({{"tag", "a"}, {"text", span.text}, {"href", span.link}});
        } else {
            add(span.text);
        }
    }
    return paragraph;
}

/// One block as it stands in the whole.
std::string render_piece(const Block& block, Dialect dialect) {
    return dialect == Dialect::feishu_post ? dump_json(post_paragraph(block)) : render_block(block, dialect);
}

std::string_view separator_before(const Block& block, Dialect dialect) {
    if (dialect == Dialect::feishu_post) return ",";
    if (!block.close) return paragraph_break(dialect);
    return dialect == Dialect::html ? "<br>\n" : "\n";
}

} // namespace

std::string escape(std::string_view text, Dialect dialect) {
    if (dialect == Dialect::html) return replace_all(escape_html(text), "\n", "<br>\n");
    if (is_html(dialect)) return escape_html(text);
    return is_markdown(dialect) ? escape_markdown(text, dialect, true) : std::string(text);
}

std::string_view paragraph_break(Dialect dialect) {
    return dialect == Dialect::html ? "<br>\n<br>\n" : dialect == Dialect::feishu_post ? "" : "\n\n";
}

std::string render(const Document& document, Dialect dialect) {
    const bool post = dialect == Dialect::feishu_post;
    std::string text = post ? "[" : "";
    bool first = true;
    for (const auto& block : document) {
        const auto piece = render_piece(block, dialect);
        if (!first) text += separator_before(block, dialect);
        text += piece;
        first = first && piece.empty();
    }
    return post ? text + "]" : text;
}

RenderedLength::RenderedLength(Dialect dialect, LengthUnit unit)
    : m_dialect(dialect), m_unit(unit), m_length(length_in(render({}, dialect), unit)) {}

std::size_t RenderedLength::with(const Block& block) const {
    const auto separator = m_empty ? 0 : length_in(separator_before(block, m_dialect), m_unit);
    return m_length + separator + length_in(render_piece(block, m_dialect), m_unit);
}

bool RenderedLength::add_within(const Block& block, std::size_t limit) {
    const auto length = with(block);
    if (length > limit) return false;
    m_empty = m_empty && length == m_length;
    m_length = length;
    return true;
}

} // namespace mcp_push
