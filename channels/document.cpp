// SPDX-License-Identifier: MIT
// The only file that knows md4c.
#include "channels/document.hpp"

#include "core/base/text.hpp"

#include <md4c.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mcp_push {
namespace {

void append_code_point(std::string& text, std::uint32_t code) {
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
    const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0 | code >> 6);
        byte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        byte(0xe0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    } else {
        byte(0xf0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3f));
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    }
}

/// "&lt;", "&#60;", "&#x3c;"; others stay as they are written.
std::string decode_entity(std::string_view entity) {
    constexpr std::pair<std::string_view, std::string_view> k_names[] = {
        {"&amp;", "&"},
        {"&lt;", "<"},
        {"&gt;", ">"},
        {"&quot;", "\""},
        {"&apos;", "'"},
        {"&nbsp;", "\xc2\xa0"},
        {"&hellip;", "\xe2\x80\xa6"},
        {"&copy;", "\xc2\xa9"},
    };
    for (const auto& [name, value] : k_names) {
        if (name == entity) return std::string(value);
    }
    if (!entity.starts_with("&#") || entity.size() < 4) return std::string(entity);
    const bool hexadecimal = entity[2] == 'x' || entity[2] == 'X';
    const auto digits = entity.substr(hexadecimal ? 3 : 2, entity.size() - (hexadecimal ? 4 : 3));
    std::uint32_t code = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    if (result.ec != std::errc()) return std::string(entity);
    std::string text;
    append_code_point(text, code);
    return text;
}

std::string text_of(const MD_ATTRIBUTE& attribute) {
    std::string text;
    for (unsigned i = 0; attribute.text != nullptr && attribute.substr_offsets[i] < attribute.size; ++i) {
        const auto begin = attribute.substr_offsets[i];
        const std::string_view piece(attribute.text + begin, attribute.substr_offsets[i + 1] - begin);
        text += attribute.substr_types[i] == MD_TEXT_ENTITY ? decode_entity(piece) : std::string(piece);
    }
    return text;
}

/// Collects md4c's callbacks into a flat list of blocks.
class Builder {
public:
    int enter_block(MD_BLOCKTYPE type, void* detail) {
        switch (type) {
        case MD_BLOCK_QUOTE:
            ++m_quote;
            break;
        case MD_BLOCK_UL:
            enter_list({.tight = static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0});
            break;
        case MD_BLOCK_OL: {
            const auto& list = *static_cast<MD_BLOCK_OL_DETAIL*>(detail);
            enter_list({.ordered = true, .tight = list.is_tight != 0, .number = list.start});
            break;
        }
        case MD_BLOCK_LI: {
            auto& list = m_lists.back();
            m_marker = list.ordered ? std::to_string(list.number++) + ". " : "- ";
            break;
        }
        case MD_BLOCK_H:
            open(Block::Kind::heading);
            m_document.back().level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
            break;
        case MD_BLOCK_CODE:
            open(Block::Kind::code);
            m_document.back().language = text_of(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
            break;
        case MD_BLOCK_P:
            open(Block::Kind::paragraph);
            break;
        case MD_BLOCK_HR:
            open(Block::Kind::rule);
            m_open = false;
            break;
        default:
            break;
        }
        return 0;
    }

    int leave_block(MD_BLOCKTYPE type) {
        m_open = false;
        switch (type) {
        case MD_BLOCK_QUOTE:
            --m_quote;
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            m_lists.pop_back();
            break;
        case MD_BLOCK_LI:
            if (!m_marker.empty()) open(Block::Kind::paragraph); // an item without text
            m_open = false;
            break;
        case MD_BLOCK_CODE:
            strip_last_line_feed(m_document.back());
            break;
        default:
            break;
        }
        return 0;
    }

    int enter_span(MD_SPANTYPE type, void* detail) {
        Look look = m_looks.back();
        switch (type) {
        case MD_SPAN_EM:
            look.marks |= Span::italic;
            break;
        case MD_SPAN_STRONG:
            look.marks |= Span::bold;
            break;
        case MD_SPAN_CODE:
            look.marks |= Span::code;
            break;
        case MD_SPAN_DEL:
            look.marks |= Span::strike;
            break;
        case MD_SPAN_A:
            look.link = text_of(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
            break;
        case MD_SPAN_IMG:
            look.link = text_of(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src);
            break;
        default:
            break;
        }
        m_looks.push_back(std::move(look));
        return 0;
    }

    int leave_span() {
        m_looks.pop_back();
        return 0;
    }

    int text(MD_TEXTTYPE type, std::string_view piece) {
        switch (type) {
        case MD_TEXT_NULLCHAR:
            add("\xef\xbf\xbd");
            break;
        case MD_TEXT_BR:
        case MD_TEXT_SOFTBR:
            add("\n");
            break; // people and agents break lines where they want them broken
        case MD_TEXT_ENTITY:
            add(decode_entity(piece));
            break;
        default:
            add(piece);
            break;
        }
        return 0;
    }

    [[nodiscard]] Document take() { return std::move(m_document); }

private:
    struct List {
        bool ordered = false;
        bool tight = false;
        bool began = false; ///< it has a block already
        unsigned number = 1;
    };
    struct Look {
        unsigned marks = Span::none;
        std::string link;
    };

    void enter_list(List list) {
        m_open = false;
        if (!m_marker.empty()) open(Block::Kind::paragraph); // a list that is an item's first block
        m_open = false;
        list.began = !m_lists.empty(); // an inner list follows its item's text closely
        m_lists.push_back(list);
    }

    void open(Block::Kind kind) {
        Block block;
        block.kind = kind;
        block.quote = m_quote;
        block.indent = static_cast<int>(m_lists.size());
        if (!m_lists.empty()) {
            block.close = m_lists.back().tight && m_lists.back().began;
            m_lists.back().began = true;
            if (m_lists.size() > 1) m_lists[m_lists.size() - 2].began = true;
        }
        block.marker = std::exchange(m_marker, {});
        m_document.push_back(std::move(block));
        m_open = true;
    }

    void add(std::string_view piece) {
        if (!m_open) open(Block::Kind::paragraph); // a tight list's items have no paragraphs
        auto& spans = m_document.back().spans;
        const auto& look = m_looks.back();
        if (spans.empty() || spans.back().marks != look.marks || spans.back().link != look.link) {
            spans.push_back({.text = {}, .marks = look.marks, .link = look.link});
        }
        spans.back().text += piece;
    }

    static void strip_last_line_feed(Block& block) {
        if (!block.spans.empty() && block.spans.back().text.ends_with('\n')) block.spans.back().text.pop_back();
    }

    Document m_document;
    std::vector<List> m_lists;
    std::vector<Look> m_looks{{}};
    std::string m_marker;
    int m_quote = 0;
    bool m_open = false;
};

} // namespace

std::size_t Block::size() const {
    std::size_t bytes = 0;
    for (const auto& span : spans)
        bytes += span.text.size();
    return bytes;
}

std::string Block::text() const {
    std::string all;
    for (const auto& span : spans)
        all += span.text;
    return all;
}

Block Block::head(std::size_t bytes) const {
    Block part = *this;
    part.spans.clear();
    for (const auto& span : spans) {
        if (bytes == 0) break;
        Span piece = span;
        piece.text.resize(std::min(piece.text.size(), bytes));
        bytes -= piece.text.size();
        part.spans.push_back(std::move(piece));
    }
    return part;
}

Block Block::tail(std::size_t bytes) const {
    Block part = *this;
    part.spans.clear();
    part.marker.clear();
    for (const auto& span : spans) {
        const std::size_t left_out = std::min(bytes, span.text.size());
        bytes -= left_out;
        if (left_out == span.text.size()) continue;
        Span piece = span;
        piece.text.erase(0, left_out);
        part.spans.push_back(std::move(piece));
    }
    return part;
}

Document parse_markdown(std::string_view text) {
    Builder builder;
    MD_PARSER parser{};
    parser.flags = MD_FLAG_NOHTML | MD_FLAG_STRIKETHROUGH;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* user) {
        return static_cast<Builder*>(user)->enter_block(type, detail);
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* user) {
        return static_cast<Builder*>(user)->leave_block(type);
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
        return static_cast<Builder*>(user)->enter_span(type, detail);
    };
    parser.leave_span = [](MD_SPANTYPE, void*, void* user) { return static_cast<Builder*>(user)->leave_span(); };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* piece, MD_SIZE size, void* user) {
        return static_cast<Builder*>(user)->text(type, {piece, size});
    };
    if (md_parse(text.data(), static_cast<MD_SIZE>(text.size()), &parser, &builder) != 0) return parse_plain(text);
    return builder.take();
}

Document parse_plain(std::string_view text) {
    Document document;
    std::string paragraph;
    const auto finish = [&] {
        if (paragraph.empty()) return;
        paragraph.pop_back();
        Block block;
        block.spans.push_back({.text = std::exchange(paragraph, {})});
        document.push_back(std::move(block));
    };
    for (const auto raw : split(text, '\n')) {
        const auto line = raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw;
        if (trim(line).empty()) {
            finish();
        } else {
            paragraph.append(line).append("\n");
        }
    }
    finish();
    return document;
}

} // namespace mcp_push
