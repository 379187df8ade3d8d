// SPDX-License-Identifier: MIT
#pragma once

#include "channels/document.hpp"
#include "core/model/channel_spec.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// A document as a dialect writes it. feishu_post: the JSON array of its paragraphs; every other: text.
[[nodiscard]] std::string render(const Document& document, Dialect dialect);

/// The length of that document in `unit`, from the lengths of its blocks: what is added to a document adds to it alone.
class RenderedLength {
public:
    RenderedLength(Dialect dialect, LengthUnit unit);
    /// The length with `block` behind what was added before.
    [[nodiscard]] std::size_t with(const Block& block) const;
    /// Adds `block` if the length stays within `limit`.
    [[nodiscard]] bool add_within(const Block& block, std::size_t limit);
    [[nodiscard]] std::size_t value() const { return m_length; }

private:
    Dialect m_dialect;
    LengthUnit m_unit;
    std::size_t m_length = 0;
    bool m_empty = true; ///< nothing that needs a separator behind it
};

/// What stands between two paragraphs of text.
[[nodiscard]] std::string_view paragraph_break(Dialect dialect);

/// Plain text as a dialect writes it: nothing in it is markup any more. For feishu_post and feishu_card: unchanged.
[[nodiscard]] std::string escape(std::string_view text, Dialect dialect);

} // namespace mcp_push
