// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/text.hpp"
#include "core/config/config.hpp"
#include "tests/support/temp_home.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace mcp_push::test_config {

// Channel types as the configuration sees them; the real ones live in channels/services.
inline constexpr Field k_console_fields[] = {{.key = "enabled", .help = "Print messages", .env = "CONSOLE"}};
inline constexpr Field k_telegram_fields[] = {
    {.key = "token",
     .help = "Bot token",
     .required = true,
     .secret = true,
     .env = "TG_BOT_TOKEN",
     .env_alias = "TELEGRAM_BOT_TOKEN"},
    {.key = "chat_id", .help = "Chat", .required = true, .env = "TG_USER_ID", .env_alias = "TELEGRAM_CHAT_ID"},
    {.key = "api_host", .help = "Server", .env = "TG_API_HOST", .fallback = "https://api.telegram.org"},
    {.key = "proxy_host", .help = "Proxy", .env = "TG_PROXY_HOST"},
    {.key = "proxy_port", .help = "Proxy's port", .env = "TG_PROXY_PORT"},
    {.key = "proxy_auth", .help = "Proxy's user", .secret = true, .env = "TG_PROXY_AUTH"},
};
inline constexpr Field k_dingding_fields[] = {
    {.key = "token", .help = "Access token", .required = true, .secret = true, .env = "DD_BOT_TOKEN"},
    {.key = "secret", .help = "Signature", .secret = true, .env = "DD_BOT_SECRET"},
};
inline constexpr Field k_feishu_fields[] = {
    {.key = "key", .help = "Key", .required = true, .secret = true, .env = "FSKEY"},
    {.key = "secret", .help = "Signature", .secret = true, .env = "FSSECRET"},
};
inline constexpr Field k_wecom_fields[] = {
    {.key = "key", .help = "Key", .required = true, .secret = true, .env = "QYWX_KEY"},
    {.key = "base_url", .help = "Server", .env = "QYWX_ORIGIN", .fallback = "https://qyapi.weixin.qq.com"},
};
inline constexpr Field k_webhook_fields[] = {
    {.key = "url", .help = "Address", .required = true, .secret = true, .env = "WEBHOOK_URL"},
    {.key = "method", .help = "Verb", .required = true, .env = "WEBHOOK_METHOD", .choices = "GET|POST|PUT"},
    {.key = "body", .help = "Body", .env = "WEBHOOK_BODY"},
    {.key = "headers", .help = "Headers", .secret = true, .env = "WEBHOOK_HEADERS"},
    {.key = "content_type", .help = "Type", .env = "WEBHOOK_CONTENT_TYPE"},
};
inline constexpr ChannelSpec k_console{.id = "console", .title = "Console", .fields = k_console_fields};
inline constexpr ChannelSpec k_desktop{.id = "desktop",
                                       .title = "Desktop",
                                       .aliases = "notify-send",
                                       .capabilities = {.desktop = true},
                                       .example = "[channels.desk]\ntype = \"desktop\""};
inline constexpr ChannelSpec k_telegram{
    .id = "telegram_bot",
    .title = "Telegram",
    .aliases = "telegram tg",
    .fields = k_telegram_fields,
    .example = "[channels.phone]\ntype = \"telegram\"\ntoken = \"123456789:AbC\"\nchat_id = \"123456789\""};
inline constexpr ChannelSpec k_dingding{
    .id = "dingding_bot", .title = "DingTalk", .aliases = "dingtalk ding", .fields = k_dingding_fields};
inline constexpr ChannelSpec k_feishu{
    .id = "feishu_bot", .title = "Feishu", .aliases = "feishu lark", .fields = k_feishu_fields};
inline constexpr ChannelSpec k_wecom{.id = "wecom_bot", .title = "WeCom", .aliases = "wecom", .fields = k_wecom_fields};
inline constexpr ChannelSpec k_webhook{
    .id = "custom_notify", .title = "Webhook", .aliases = "webhook", .fields = k_webhook_fields};
inline constexpr std::array<const ChannelSpec*, 7> k_specs = {&k_console, &k_desktop, &k_telegram, &k_dingding,
                                                              &k_feishu,  &k_wecom,   &k_webhook};

inline Config load(const TempHome& home, const std::string& folder = {},
                   std::map<std::string, std::string> flags = {}) {
    return load_config({.environment = home.environment(),
                        .paths = home.paths(),
                        .specs = k_specs,
                        .folder = folder,
                        .flags = std::move(flags)});
}

inline constexpr std::string_view k_toml = ".config/mcp-push/config.toml";
inline constexpr std::string_view k_shell = ".config/mcp-push/config.sh";

inline const ChannelConfig* find(const Config& config, std::string_view name) {
    const auto found = std::ranges::find(config.channels, name, &ChannelConfig::name);
    return found == config.channels.end() ? nullptr : &*found;
}

/// The channels' names in their order.
inline std::string names(const Config& config) {
    std::vector<std::string> all;
    for (const auto& channel : config.channels)
        all.push_back(channel.name);
    return join(all, " ");
}

/// Every problem as "where: message (hint) [channel]", one a line.
inline std::string problems(const Config& config) {
    std::string all;
    for (const auto& problem : config.problems) {
        all += problem.where + ": " + problem.message + (problem.hint.empty() ? "" : " (" + problem.hint + ")") +
               (problem.channel.empty() ? "" : " [" + problem.channel + "]") + "\n";
    }
    return all;
}

inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

} // namespace mcp_push::test_config
