// SPDX-License-Identifier: MIT
// The JSON reader: whatever comes in, what it kept can be written, and what was written is read back the same.
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "tests/fuzz/input.hpp"

#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mcp_push;
    fuzz::Input input(data, size);
    const JsonLimits narrow{.depth = 4, .string_bytes = 16, .elements = 12};
    const bool cut = (input.byte() & 1) != 0;
    const auto parsed = parse_json(input.rest(), cut ? narrow : JsonLimits());
    if (!parsed) {
        fuzz::require(!parsed.error().message.empty(), "an error says what is wrong");
        return 0;
    }
    const auto text = dump_json(*parsed);
    fuzz::require(is_valid_utf8(text), "JSON text is UTF-8");
    const auto again = parse_json(text, k_json_unlimited);
    fuzz::require(again.ok(), "what was written can be read");
    fuzz::require(dump_json(*again) == text, "what was read is what was written");
    (void)dump_json_pretty(*parsed);
    (void)string_member(*parsed, "session_id");
    (void)integer_member(*parsed, "duration_ms");
    (void)bool_member(*parsed, "stop_hook_active");
    return 0;
}
