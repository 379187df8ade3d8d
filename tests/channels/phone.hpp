// SPDX-License-Identifier: MIT
// What a person sees of a request: the service's own rendering, as far as a text file can show it.
#pragma once

#include "channels/dialect.hpp"
#include "core/base/text.hpp"
#include "core/model/decision.hpp"
#include "tests/channels/channel_kit.hpp"

namespace mcp_push::kit {

/// Telegram: tags are gone, its four entities are characters.
inline std::string seen_html(std::string_view html) {
    std::string text;
    for (std::size_t at = 0; at < html.size(); ++at) {
        if (html[at] == '<') {
            at = html.find('>', at);
            REQUIRE(at != std::string_view::npos);
        } else {
            text += html[at];
        }
    }
    text = replace_all(replace_all(replace_all(std::move(text), "&lt;", "<"), "&gt;", ">"), "&quot;", "\"");
    return replace_all(std::move(text), "&amp;", "&");
}

/// DingTalk and Feishu's cards: as CommonMark is read.
inline std::string seen_markdown(std::string_view markdown) {
    auto text = render(parse_markdown(markdown), Dialect::plain);
    while (text.find(" \n") != std::string::npos) // nobody sees a line's last spaces
        text = replace_all(std::move(text), " \n", "\n");
    return text;
}

/// WeCom knows headings, bold, code in a line, links, quotes and three colours, line by line; nothing can be escaped.
inline std::string seen_in_wecom(std::string_view markdown) {
    std::string text;
    for (std::size_t at = 0; at < markdown.size(); ++at) {
        const auto rest = markdown.substr(at);
        const bool line_start = at == 0 || markdown[at - 1] == '\n';
        if (rest.starts_with("<font color=") || rest.starts_with("</font>")) {
            at += rest.find('>');
        } else if (line_start && rest.starts_with('#')) {
            at += std::min(rest.find_first_not_of('#'), rest.size() - 1); // and the space
        } else if (rest.starts_with("**")) {
            ++at;
        } else if (rest[0] == '`' && !rest.starts_with("`\xe2\x80\x8b")) {
            const auto end = rest.find('`', 1);
            REQUIRE(end != std::string_view::npos);
            text += rest.substr(1, end - 1);
            at += end;
        } else {
            text += rest[0];
        }
    }
    return replace_all(std::move(text), "&lt;", "<");
}

inline std::string seen_locally(const LocalRequest& request) {
    const std::string urgency = "(urgency " + std::string(name_of(request.urgency)) + ")\n";
    return urgency + request.title + (request.kind == LocalRequest::Kind::terminal ? ": " : "\n\n") + request.body;
}

/// What the person sees on this channel; of a webhook, what its owner gets.
inline std::string seen(const Request& request, std::string_view channel) {
    if (const auto* const local = std::get_if<LocalRequest>(&request)) return seen_locally(*local);
    const auto& http = std::get<HttpRequest>(request);
    const auto body = json_of(http);
    if (channel == "telegram_bot") {
        return (body.contains("disable_notification") ? "(silent)\n" : "") + seen_html(string_member(body, "text"));
    }
    if (channel == "dingding_bot") {
        const auto& markdown = member(body, "markdown");
        return "(lock screen) " + string_member(markdown, "title") + "\n" +
               seen_markdown(string_member(markdown, "text"));
    }
    if (channel == "feishu_bot") {
        const auto& header = body["card"]["header"];
        return "(" + string_member(header, "template") + " head) " + string_member(header["title"], "content") +
               "\n\n" + seen_markdown(string_member(body["card"]["body"]["elements"][0], "content"));
    }
    if (channel == "wecom_bot") {
        const auto content = string_member(member(body, "markdown"), "content");
        const auto colour = content.substr(content.find('"') + 1, content.find("\">") - content.find('"') - 1);
        return "(" + colour + " title) " + seen_in_wecom(content);
    }
    return dump_json_pretty(OrderedJson::parse(http.body));
}

} // namespace mcp_push::kit
