// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"
#include "channels/settings.hpp"
#include "core/base/json.hpp"
#include "tests/support/must.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp_push::kit {

using Values = std::map<std::string, std::string, std::less<>>;

inline const ChannelType& type_of(std::string_view id) {
    const auto* const type = find_channel_type(id);
    REQUIRE(type != nullptr);
    return *type;
}

inline ChannelConfig config_of(std::string_view id, Values values) {
    ChannelConfig channel;
    channel.name = "mine";
    channel.type = id;
    channel.settings = std::move(values);
    return channel;
}

/// Settings as the deliverer makes them.
inline Settings settings_of(std::string_view id, Values values) {
    return must(make_settings(type_of(id), config_of(id, std::move(values))));
}

/// The error's text, with its hint, that these settings give; "" where there is none.
inline std::string settings_error(std::string_view id, Values values) {
    const auto settings = make_settings(type_of(id), config_of(id, std::move(values)));
    return settings ? std::string() : settings.error().text();
}

inline Part part_of(std::string title, std::string body, Urgency urgency = Urgency::normal,
                    std::optional<EventKind> kind = std::nullopt) {
    Part part;
    part.title = std::move(title);
    part.body = body;
    part.plain_body = std::move(body);
    part.urgency = urgency;
    part.kind = kind;
    return part;
}

inline constexpr TimePoint k_now = from_millis(1'700'000'000'000);

inline HttpRequest request_of(std::string_view id, const Part& part, const Settings& settings, bool plain = false,
                              TimePoint now = k_now) {
    auto request = must(type_of(id).code->plan(part, settings, {.now = now, .nonce = "n", .plain = plain}));
    REQUIRE(std::holds_alternative<HttpRequest>(request));
    return std::get<HttpRequest>(std::move(request));
}

inline Json json_of(const HttpRequest& request) { return must(parse_json(request.body, k_json_unlimited)); }

/// A request for golden files: the JSON on several lines, line feeds in its texts included.
inline std::string shown(const HttpRequest& request) {
    std::string text = request.method + " " + request.url + "\n";
    for (const auto& header : request.headers)
        text += header.name + ": " + header.value + "\n";
    const auto body = OrderedJson::parse(request.body, nullptr, false);
    return text + "\n" + (body.is_discarded() ? request.body : dump_json_pretty(body)) + "\n";
}

inline HttpReply reply_of(int status, std::string body, std::vector<HttpHeader> headers = {}) {
    HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    reply.headers = std::move(headers);
    return reply;
}

inline bool contains(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

} // namespace mcp_push::kit
