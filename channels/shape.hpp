// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// Fits a message to what a channel can carry: the body in its dialect, in up to three parts of its length, numbered in
/// their titles; what does not fit into three is left out and said so. Nothing is cut inside a code block, a tag, a
/// character or a surrogate pair. A part's length, title included unless the service shows titles apart, is counted as
/// it is sent: escaped, in the channel's unit, as text_with_title() puts it together.
[[nodiscard]] std::vector<Part> shape(const Message& message, const Capabilities& capabilities);

/// Title and body of a part as one text, for services without a title of their own: the title first, bold where the
/// dialect can. With Dialect::plain: the title, an empty line, plain_body.
[[nodiscard]] std::string text_with_title(const Part& part, Dialect dialect);

/// The length of a text as a service counts it.
[[nodiscard]] std::size_t length_in(std::string_view text, LengthUnit unit);
/// The longest start of `text` of at most `limit` units that ends at a character's end.
[[nodiscard]] std::string_view cut_to(std::string_view text, std::size_t limit, LengthUnit unit);

} // namespace mcp_push
