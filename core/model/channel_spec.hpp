// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mcp_push {

/// One setting of a channel type.
struct Field {
    std::string_view key;
    std::string_view help;
    std::string_view help_zh = {};
    bool required = false;
    bool secret = false;
    std::string_view env = {};       ///< the original's environment variable
    std::string_view env_alias = {}; ///< another name for it
    std::string_view fallback = {};  ///< the default value
    /// Accepted words, separated by '|'; empty: any text.
    std::string_view choices = {};
};

/// How a service writes formatted text.
enum class Dialect {
    plain,
    telegram_html,
    dingtalk_markdown,
    wecom_markdown,
    feishu_post,
    feishu_card,
    markdown,
    html
};

/// What a length limit counts.
enum class LengthUnit {
    bytes,
    utf16_units,
    code_points,
    json_bytes, ///< bytes of the text within a JSON document: a quote, a backslash and a line feed are two
};

/// At most `count` messages in each `seconds`; 0: no limit known.
struct RateLimit {
    int count = 0;
    int seconds = 0;
};

struct Capabilities {
    Dialect dialect = Dialect::plain;
    std::size_t max_length = 0; ///< of one message's text, as the service states it; 0: no limit known
    LengthUnit unit = LengthUnit::bytes;
    std::size_t reserve = 0;      ///< of it, what `plan` itself adds: a mark before the title, a keyword, the frame
    std::size_t max_title = 0;    ///< where the title travels apart, in the same unit
    bool separate_title = false;  ///< the service shows a title of its own
    bool structured = false;      ///< takes notify_event's data (webhook, CloudEvents, log)
    bool local = false;           ///< needs this machine, no network
    bool desktop = false;         ///< appears on the user's own desktop; told where no channel is configured
    bool idempotency_key = false; ///< the service drops a second message with the same key
    bool silent_possible = false; ///< can be delivered without a sound
    bool links = false;
    bool buttons = false;
    RateLimit rate = {};
    RateLimit burst = {}; ///< a second, shorter limit
};

/// A channel type's constant data. Written once, in channels/services/<id>.cpp; the configuration, the hook, setup,
/// help and the reference pages read it.
struct ChannelSpec {
    std::string_view id;    ///< as the originals name it: dingding_bot
    std::string_view title; ///< the service's own name
    std::string_view title_zh = {};
    std::string_view aliases = {}; ///< separated by spaces: "dingtalk ding"
    std::span<const Field> fields = {};
    Capabilities capabilities = {};
    std::string_view documentation = {}; ///< the service's own page
    std::string_view how_to = {};        ///< how to get the credentials, English
    std::string_view how_to_zh = {};
    std::string_view example = {}; ///< a [channels.x] table as TOML
};

using ChannelSpecs = std::span<const ChannelSpec* const>;

/// By id or alias; hyphens and case do not matter. Null when there is none.
[[nodiscard]] const ChannelSpec* find_spec(ChannelSpecs specs, std::string_view name);

} // namespace mcp_push
