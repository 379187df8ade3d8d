// SPDX-License-Identifier: MIT
// Any text in every dialect, fitted to any limit, and the request that each channel type makes of it.
#include "channels/shape.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "tests/fuzz/examples.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace mcp_push;

void check_parts(const Message& message, const Capabilities& can) {
    const auto parts = shape(message, can);
    fuzz::require(!parts.empty() && parts.size() <= 3, "one to three parts");
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& part = parts[i];
        const auto sent = can.separate_title ? part.body : text_with_title(part, can.dialect);
        fuzz::require(is_valid_utf8(sent) && is_valid_utf8(part.plain_body) && is_valid_utf8(part.title), "UTF-8");
        fuzz::require(length_in(sent, can.unit) + can.reserve <= can.max_length, "no part is too long");
        fuzz::require(part.number == i + 1 && part.of == parts.size(), "parts are numbered");
        if (can.dialect == Dialect::feishu_post) fuzz::require(parse_json(part.body).ok(), "a post is JSON");
    }
}

void check_request(const ChannelType& type, const Settings& settings, const Message& message, bool plain) {
    for (auto& part : shape(message, capabilities_of(type, settings))) {
        part.idempotency_key = "key-1";
        const auto request = type.code->plan(part, settings, {.now = from_millis(1'700'000'000'000), .plain = plain});
        fuzz::require(request.ok(), "an example's channel takes any text");
        if (const auto* const http = std::get_if<HttpRequest>(&*request)) {
            fuzz::require(is_valid_utf8(http->body), "a body is UTF-8");
            for (const auto& header : http->headers)
                fuzz::require(header.value.find_first_of("\r\n") == std::string::npos, "a header is one line");
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto examples = fuzz::example_channels();
    fuzz::Input input(data, size);
    const auto choice = input.byte();
    const auto look = input.byte();
    Message message;
    message.markdown = (choice & 1) != 0;
    message.urgency = static_cast<Urgency>(choice >> 1 & 3);
    message.title = input.line();
    message.body = input.rest();
    const bool separate = (choice & 8) != 0;
    check_parts(message, {.dialect = static_cast<Dialect>(look & 7),
                          .max_length = std::size_t{400} + 16 * std::size_t{choice},
                          .unit = static_cast<LengthUnit>(look >> 3 & 3),
                          .reserve = 20,
                          .max_title = 60,
                          .separate_title = separate});
    const auto& [type, settings] = examples[(look >> 5) % examples.size()];
    check_request(*type, settings, message, (choice & 16) != 0);
    return 0;
}
