// SPDX-License-Identifier: MIT
// What the parts of compose.hpp share.
#pragma once

#include "core/model/event.hpp"
#include "core/rules/compose.hpp"

#include <string>
#include <string_view>

namespace mcp_push::composing {

inline constexpr std::size_t k_one_line_bytes = 200;
inline constexpr std::string_view k_separator = " · ";

[[nodiscard]] bool is_blank(std::string_view text);

/// The facts without what no message may carry, even where other hands wrote them.
[[nodiscard]] Facts cleaned(Facts facts);

/// The first line that says something, at most 200 bytes of it.
[[nodiscard]] std::string first_line(std::string_view text);

/// A message that somebody sent as it is: no run, so no outcome.
[[nodiscard]] bool is_bare_message(const Event& event);

/// A wrapped command (`mcp-push run`): what was asked is its command line.
[[nodiscard]] bool is_command(const Facts& facts);

/// The agent's id; "" for our own commands and forms, which are nobody's agent.
[[nodiscard]] std::string agent_of(const Facts& facts);

/// The id that the run is known by outside: the given one, or agent, session and turn.
[[nodiscard]] std::string run_id_of(const Event& event);

/// JSON with two spaces of indentation; the order of members and the spelling of numbers stay as they were given.
[[nodiscard]] std::string indent_json(std::string_view json);

/// The composed body, CommonMark; "" where nothing is known that may be shown. `facts` are the cleaned ones of `event`.
[[nodiscard]] std::string compose_body(const Event& event, const Facts& facts, const ComposeOptions& options);

} // namespace mcp_push::composing
