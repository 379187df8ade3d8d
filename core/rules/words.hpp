// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// The fixed words of messages in one language. "{}" stands for a number or a name.
struct Words {
    std::string_view finished;
    std::string_view failed;
    std::string_view waiting;
    std::string_view cancelled;
    std::string_view started;
    std::string_view update;
    std::string_view message; ///< a message without a run, where its text may not be shown
    std::string_view turn_over_one;
    std::string_view turn_over;

    std::string_view needs_approval; ///< of a tool
    std::string_view plan;           ///< of a plan
    std::string_view question;       ///< whose text is unknown
    std::string_view interrupted;    ///< of a tool; what it was doing follows
    std::string_view exit_code;
    std::string_view asked;
    std::string_view changed_one;
    std::string_view changed;
    std::string_view resume;
    std::string_view data;
    std::string_view colon;
    std::string_view stop;
};

[[nodiscard]] const Words& words(Language language);

/// `pattern` with "{}" replaced.
[[nodiscard]] std::string fill(std::string_view pattern, std::string_view value);

} // namespace mcp_push
