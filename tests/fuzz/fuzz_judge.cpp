// SPDX-License-Identifier: MIT
// What any answer of a service is taken for, on every channel type of the table.
#include "channels/channel.hpp"
#include "channels/settings.hpp"
#include "core/base/text.hpp"
#include "tests/fuzz/examples.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace mcp_push;

void check(const Outcome& outcome, int status) {
    fuzz::require(outcome.status == status, "the status is kept");
    fuzz::require(is_valid_utf8(outcome.detail) && is_valid_utf8(outcome.receipt), "texts are UTF-8");
    fuzz::require(is_valid_utf8(outcome.remedy) && is_valid_utf8(outcome.remedy_zh), "remedies are UTF-8");
    fuzz::require(outcome.detail.size() <= 2100 && outcome.receipt.size() <= 200, "texts are short");
    fuzz::require(outcome.detail.find('\x1b') == std::string::npos, "no escape sequence gets through");
    fuzz::require(outcome.remedy.empty() == outcome.remedy_zh.empty(), "a remedy is there in both languages");
    fuzz::require(!is_success(outcome.kind) || outcome.remedy.empty(), "a success needs no remedy");
    if (outcome.wait) {
        fuzz::require(*outcome.wait >= Millis(0) && *outcome.wait <= std::chrono::hours(24), "a wait is a day at most");
        fuzz::require(!is_final(outcome.kind), "what is over waits for nothing");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr int k_status[] = {200, 200, 200, 204, 302, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 599};
    static const auto examples = fuzz::example_channels();
    fuzz::Input input(data, size);
    const auto& [type, settings] = examples[input.byte() % examples.size()];
    HttpReply reply;
    reply.status = k_status[input.byte() % std::size(k_status)];
    for (const auto* const name : {"Retry-After", "Date", "x-ogw-ratelimit-reset"}) {
        const auto value = input.line();
        if (!value.empty()) reply.headers.push_back({name, std::string(value)});
    }
    reply.body = input.rest();
    check(type->code->judge(reply, settings), reply.status);
    if (type->code->markup_refused != nullptr && type->code->markup_refused(reply)) {
        fuzz::require(!is_success(type->code->judge(reply, settings).kind), "no success is sent a second time");
    }
    return 0;
}
