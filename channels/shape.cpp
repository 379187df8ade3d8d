// SPDX-License-Identifier: MIT
#include "channels/shape.hpp"

#include "channels/dialect.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace mcp_push {
namespace {

constexpr std::size_t k_most_parts = 3;
constexpr std::size_t k_most_title = 200; ///< characters, where the title is part of the text
constexpr std::string_view k_number = " (3/3)";

std::size_t sequence_length(char lead) {
    const auto c = static_cast<unsigned char>(lead);
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

std::size_t units_of(std::string_view character, LengthUnit unit) {
    const char c = character[0];
    switch (unit) {
    case LengthUnit::bytes:
        return character.size();
    case LengthUnit::code_points:
        return 1;
    case LengthUnit::utf16_units:
        return character.size() == 4 ? 2 : 1;
    case LengthUnit::json_bytes:
        if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f') return 2;
        return static_cast<unsigned char>(c) < 0x20 ? 6 : character.size();
    }
    return character.size();
}

bool has_chinese(std::string_view text) {
    for (std::size_t i = 0; i + 2 < text.size(); ++i) { // U+4000 to U+9FFF
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0xe4 && c <= 0xe9) return true;
    }
    return false;
}

/// Measures and renders for one channel.
class Fitter {
public:
    Fitter(const Message& message, const Capabilities& capabilities) : m_can(capabilities) {
        m_title = one_line(message.title);
        if (m_can.separate_title) {
            if (m_can.max_title > 0) m_title = shorten_title(m_title, m_can.max_title);
        } else {
            m_title = shorten_title(m_title, k_most_title, LengthUnit::code_points);
        }
    }

    [[nodiscard]] std::vector<Part> fit(const Document& document, std::size_t left_out);

private:
    [[nodiscard]] std::string shorten_title(const std::string& title, std::size_t limit) const {
        return shorten_title(title, limit, m_can.unit);
    }
    [[nodiscard]] static std::string shorten_title(const std::string& title, std::size_t limit, LengthUnit unit) {
        if (length_in(title, unit) <= limit) return title;
        const std::string_view ellipsis = "\xe2\x80\xa6";
        const auto own = length_in(ellipsis, unit);
        return std::string(trim(cut_to(title, limit > own ? limit - own : 0, unit))) + std::string(ellipsis);
    }

    /// The room for the body beside a title with this behind it.
    [[nodiscard]] std::size_t room(std::string_view number) const {
        Part part;
        part.title = m_title + std::string(number);
        std::size_t used = m_can.reserve;
        // Without a body nothing separates it from the title.
        if (!m_can.separate_title && !m_title.empty()) {
            used += length_in(text_with_title(part, m_can.dialect), m_can.unit) +
                    length_in(paragraph_break(m_can.dialect), m_can.unit);
        }
        return used < m_can.max_length ? m_can.max_length - used : 0;
    }
    [[nodiscard]] RenderedLength nothing() const { return {m_can.dialect, m_can.unit}; }
    [[nodiscard]] bool fits(std::span<const Block> blocks, std::size_t limit) const {
        auto length = nothing();
        return std::ranges::all_of(blocks, [&](const Block& block) { return length.add_within(block, limit); });
    }
    /// Moves from the front of `rest` to the end of `part` what has room there, at least something where that is
    /// possible. What is moved whole leaves `rest`; of a block that is cut, the rest stays in its place.
    void fill(Document& part, std::span<Block>& rest, std::size_t limit) const;
    [[nodiscard]] static std::size_t best_cut(const RenderedLength& length, const Block& block, std::size_t limit);
    [[nodiscard]] Block note(std::size_t left_out, bool chinese) const;
    [[nodiscard]] Part finish(const Document& document) const;

    Capabilities m_can;
    std::string m_title;
};

/// How many bytes of `block` fit behind `part`, at a good place to stop; 0 for none.
std::size_t Fitter::best_cut(const RenderedLength& length, const Block& block, std::size_t limit) {
    const auto text = block.text();
    std::size_t low = 0; // fits
    std::size_t high = text.size();
    std::size_t low_length = length.value();
    std::size_t high_length = length.with(block);
    if (low_length > limit) return 0;
    // Nearly every text grows evenly: so the guess is where a straight line passes the limit, and the middle in turn.
    for (bool guess = true; low < high; guess = !guess) {
        std::size_t middle = (low + high + 1) / 2;
        if (guess && high_length > limit && high_length > low_length) {
            middle = low + 1 + (high - low) * (limit - low_length) / (high_length - low_length);
        }
        middle = cut(text, std::min(middle, high)).size();
        // Within one character: it fits whole or not at all.
        if (middle <= low) middle = std::min(low + sequence_length(text[low]), high);
        const auto reached = length.with(block.head(middle));
        if (reached <= limit) {
            low = middle;
            low_length = reached;
        } else {
            high = cut(text, middle - 1).size();
            high_length = reached;
            if (high <= low) break;
        }
    }
    const std::string_view fitting(text.data(), low);
    // A line's end, then a sentence's, then a word's, as long as that does not waste much.
    const auto line = fitting.rfind('\n');
    if (line != std::string_view::npos && (line + 1 > low / 2 || block.kind == Block::Kind::code)) return line + 1;
    for (const std::string_view end : {"\xe3\x80\x82", ". ", "\xef\xbc\x8c", " "}) {
        const auto found = fitting.rfind(end);
        if (found != std::string_view::npos && found + end.size() > low * 2 / 3) return found + end.size();
    }
    return low;
}

void Fitter::fill(Document& part, std::span<Block>& rest, std::size_t limit) const {
    auto length = nothing();
    for (; !rest.empty(); rest = rest.subspan(1)) {
        auto& block = rest.front();
        if (length.add_within(block, limit)) {
            part.push_back(std::move(block));
            continue;
        }
        // A block that has a part of its own to go to is not torn for the last few lines of this one.
        const bool roomy = length.value() < limit / 2;
        if (!part.empty() && !roomy && nothing().with(block) <= limit) return;
        const auto bytes = best_cut(length, block, limit);
        if (bytes == 0) return;
        auto begin = block.head(bytes);
        auto& last = begin.spans.back().text;
        while (last.ends_with('\n') || last.ends_with(' '))
            last.pop_back();
        part.push_back(std::move(begin));
        block = block.tail(bytes);
        block.close = false;
        if (block.size() == 0) rest = rest.subspan(1);
        return;
    }
}

Block Fitter::note(std::size_t left_out, bool chinese) const {
    const auto count = std::to_string(left_out);
    Block block;
    block.spans.push_back({.text = chinese
                                       ? "\xe2\x80\xa6\xe2\x80\xa6\xef\xbc\x88\xe7\x9c\x81\xe7\x95\xa5\xe4\xba\x86 " +
                                             count + " \xe5\xad\x97\xe8\x8a\x82\xef\xbc\x89"
                                       : "\xe2\x80\xa6 (" + count + " bytes left out)"});
    return block;
}

Part Fitter::finish(const Document& document) const {
    Part part;
    part.title = m_title;
    part.body = render(document, m_can.dialect);
    part.plain_body = m_can.dialect == Dialect::plain ? part.body : render(document, Dialect::plain);
    return part;
}

std::vector<Part> Fitter::fit(const Document& document, std::size_t left_out) {
    if (m_can.max_length == 0 || (left_out == 0 && fits(document, room({})))) return {finish(document)};
    // A title that takes most of the room leaves the body its half.
    if (!m_can.separate_title && room(k_number) < m_can.max_length / 2) {
        m_title = shorten_title(m_title, m_can.max_length / 4);
    }
    const std::size_t limit = room(k_number);
    const auto size_of = [](std::span<const Block> blocks) {
        std::size_t bytes = 0;
        for (const auto& block : blocks)
            bytes += block.size();
        return bytes;
    };
    const auto all = document.empty() ? std::string() : document.front().text();
    const bool chinese = has_chinese(all) || has_chinese(m_title);
    std::vector<Part> parts;
    Document blocks = document;
    std::span<Block> rest(blocks);
    while (!rest.empty() && parts.size() < k_most_parts) {
        Document part;
        const bool last = parts.size() + 1 == k_most_parts;
        if (last && (left_out > 0 || !fits(rest, limit))) {
            // The note is at most this long, whatever its number becomes.
            const auto longest =
                length_in(render({note(left_out + size_of(rest), chinese)}, m_can.dialect), m_can.unit);
            const auto separator = length_in(paragraph_break(m_can.dialect), m_can.unit);
            fill(part, rest, limit > longest + separator ? limit - longest - separator : 0);
            part.push_back(note(left_out + size_of(rest), chinese));
            rest = {};
        } else {
            fill(part, rest, limit);
            if (part.empty()) break; // no room for a single character
        }
        parts.push_back(finish(part));
    }
    if (parts.empty()) parts.push_back(finish({}));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i].number = i + 1;
        parts[i].of = parts.size();
        if (parts.size() > 1) {
            parts[i].title += " (" + std::to_string(i + 1) + "/" + std::to_string(parts.size()) + ")";
        }
    }
    return parts;
}

} // namespace

std::size_t length_in(std::string_view text, LengthUnit unit) {
    if (unit == LengthUnit::bytes) return text.size();
    std::size_t length = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto character = text.substr(i, sequence_length(text[i]));
        length += units_of(character, unit);
        i += character.size();
    }
    return length;
}

std::string_view cut_to(std::string_view text, std::size_t limit, LengthUnit unit) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto character = text.substr(i, sequence_length(text[i]));
        length += units_of(character, unit);
        if (length > limit) return text.substr(0, i);
        i += character.size();
    }
    return text;
}

std::string text_with_title(const Part& part, Dialect dialect) {
    const bool plain = dialect == Dialect::plain;
    const auto& body = plain ? part.plain_body : part.body;
    if (part.title.empty()) return body;
    std::string title = escape(part.title, dialect);
    switch (dialect) {
    case Dialect::telegram_html:
    case Dialect::html:
        title = "<b>" + title + "</b>";
        break;
    case Dialect::markdown:
    case Dialect::dingtalk_markdown:
    case Dialect::wecom_markdown:
    case Dialect::feishu_card:
        title = "**" + title + "**";
        break;
    default:
        break;
    }
    // A message without text of its own has its title for a body.
    if (body.empty() || part.plain_body == part.title) return title;
    return title + std::string(paragraph_break(dialect)) + body;
}

std::vector<Part> shape(const Message& message, const Capabilities& capabilities) {
    // Nothing of what is behind this can be part of what is shown.
    const std::size_t most =
        capabilities.max_length == 0 ? std::string::npos : k_most_parts * 4 * capabilities.max_length + 4096;
    const auto cleaned = repair_utf8(message.body);
    const auto text = cut(cleaned, most);
    const auto document = message.markdown ? parse_markdown(text) : parse_plain(text);
    Message one = message;
    one.title = repair_utf8(message.title);
    Fitter fitter(one, capabilities);
    auto parts = fitter.fit(document, cleaned.size() - text.size());
    // Plain text that needs no fitting stays as it is, to the last empty line.
    if (!message.markdown && capabilities.dialect == Dialect::plain && parts.size() == 1 &&
        (capabilities.max_length == 0 ||
         length_in(cleaned, capabilities.unit) <= length_in(parts[0].body, capabilities.unit))) {
        parts[0].body = parts[0].plain_body = cleaned;
    }
    for (auto& part : parts) {
        part.urgency = message.urgency;
        part.links = message.links;
        part.event_json = message.event_json;
    }
    return parts;
}

} // namespace mcp_push
