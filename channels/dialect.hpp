// SPDX-License-Identifier: MIT
#pragma once

#include "channels/document.hpp"
#include "core/model/channel_spec.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// A document as a dialect writes it. feishu_post: the JSON array of its paragraphs; every other: text.
[[nodiscard]] std::string render(const Document& document, Dialect dialect);

/// What stands between two paragraphs of text.
[[nodiscard]] std::string_view paragraph_break(Dialect dialect);

/// See shape.hpp.
[[nodiscard]] std::string escape(std::string_view text, Dialect dialect);

} // namespace mcp_push
