// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// The hook's command line (PRODUCT.md section 2). Parsed by hand: a library's parser would cost the hook its speed.
struct HookArguments {
    enum class Form {
        payload_on_stdin,
        payload_as_argument, ///< '{"type":...}' last
        explicit_flags,      ///< --status STATUS --start-time T ...
        positional,          ///< end "message" run-42 1700000000000
        help,
        version,
    } form = Form::payload_on_stdin;
    std::string agent;
    std::string payload;
    std::string status;
    std::string start_time;
    std::string run_id;
    std::string title;
    std::string message;
    std::optional<int> exit_code;
    bool markdown = false;
    bool strict = false;
    std::optional<Millis> wait; ///< --wait [SECONDS]; at most 30 s
};

/// Error kind usage, naming the argument that is wrong.
[[nodiscard]] Result<HookArguments> parse_hook_arguments(const std::vector<std::string>& words);

[[nodiscard]] std::string_view hook_help();

} // namespace mcp_push
