// SPDX-License-Identifier: MIT
#include "core/config/options.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <type_traits>

namespace mcp_push {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using Pauses = std::vector<Millis>;

// --- one overload of each for every type that an option may have ---

std::string option_text(const Threshold& value) { return value.after ? duration_text(*value.after) : "never"; }
std::string option_text(bool value) { return value ? "true" : "false"; }
std::string option_text(Millis value) { return duration_text(value); }
std::string option_text(Privacy value) { return std::string(name_of(value)); }
std::string option_text(Language value) { return std::string(name_of(value)); }
std::string option_text(const std::string& value) { return value; }
std::string option_text(const Texts& value) { return join(value, "\n"); }
std::string option_text(const Pauses& value) {
    Texts texts;
    for (const auto pause : value)
        texts.push_back(duration_text(pause));
    return join(texts, "\n");
}

template <class T>
constexpr std::string_view format_of() {
    if constexpr (std::is_same_v<T, Threshold>) return "a duration or never";
    if constexpr (std::is_same_v<T, bool>) return "true or false";
    if constexpr (std::is_same_v<T, Millis>) return "a duration";
    if constexpr (std::is_same_v<T, Privacy>) return "none, metadata, summary or full";
    if constexpr (std::is_same_v<T, Language>) return "en or zh";
    if constexpr (std::is_same_v<T, std::string>) return "text";
    if constexpr (std::is_same_v<T, Texts>) return "a list of texts";
    if constexpr (std::is_same_v<T, Pauses>) return "a list of durations";
}

Result<Millis> duration_within(const Option& option, std::string_view text) {
    TRY_ASSIGN(const Millis value, parse_duration(text));
    if (option.most.count() > 0 && (value < option.least || value > option.most)) {
        return Error{ErrorKind::config, "\"" + std::string(trim(text)) + "\" is out of range",
                     "give a duration between " + duration_text(option.least) + " and " + duration_text(option.most)};
    }
    return value;
}

/// The elements of a list: lines; empty ones do not count.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (auto line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) lines.push_back(line);
    }
    return lines;
}

template <class T>
Status assign(T& member, Result<T> value) {
    if (!value) return std::move(value).error();
    member = std::move(value).value();
    return {};
}

Status assign_text(const Option&, Threshold& member, std::string_view text) {
    return assign(member, parse_threshold(text));
}
Status assign_text(const Option&, bool& member, std::string_view text) { return assign(member, parse_bool(text)); }
Status assign_text(const Option& option, Millis& member, std::string_view text) {
    return assign(member, duration_within(option, text));
}
Status assign_text(const Option&, Privacy& member, std::string_view text) {
    return assign(member, parse_privacy(text));
}
Status assign_text(const Option&, Language& member, std::string_view text) {
    return assign(member, parse_language(text));
}
Status assign_text(const Option&, std::string& member, std::string_view text) {
    member = text;
    return {};
}
Status assign_text(const Option&, Texts& member, std::string_view text) {
    const auto lines = lines_of(text);
    member.assign(lines.begin(), lines.end());
    return {};
}
Status assign_text(const Option& option, Pauses& member, std::string_view text) {
    Pauses pauses;
    for (const auto line : lines_of(text)) {
        TRY_ASSIGN(const Millis pause, duration_within(option, line));
        pauses.push_back(pause);
    }
    member = std::move(pauses);
    return {};
}

/// The row of the option that is kept in `config.*Path`, or deeper.
template <auto... Path>
constexpr Option option(std::string_view key, std::string_view env, std::string_view help) {
    using T = std::remove_cvref_t<decltype((std::declval<Config&>().*....*Path))>;
    return {.key = key,
            .env = env,
            .help = help,
            .format = format_of<T>(),
            .set = [](const Option& row, Config& config,
                      std::string_view text) { return assign_text(row, (config.*....*Path), text); },
            .get = [](const Config& config) { return option_text((config.*....*Path)); },
            .list = std::is_same_v<T, Texts> || std::is_same_v<T, Pauses>};
}

constexpr std::array k_options = {
    option<&Config::language>(
        "language", "MCP_PUSH_LANGUAGE",
        "Language of the messages. Default: the locale's; Chinese where only the variables of the "
        "original programs configure it."),
    option<&Config::privacy>(
        "privacy", "MCP_PUSH_PRIVACY",
        "How much a message tells: none (the outcome only), metadata (and project, agent, duration), "
        "summary (and what was asked, the answer's first line), full."),
    option<&Config::hitokoto>(
        "hitokoto", "HITOKOTO",
        "Put a sentence from v1.hitokoto.cn under each message. That service then learns when you "
        "are told something."),

    option<&Config::rules, &Rules::threshold>("rules.threshold", "MCP_PUSH_THRESHOLD",
                                              "Tell only about runs that took longer than this.")
        .by_project(),
    option<&Config::rules, &Rules::both>("rules.both", "MCP_PUSH_BOTH",
                                         "Send notify_send and notify_event as two messages, as the original did.")
        .by_project(),
    option<&Config::rules, &Rules::background_grace>(
        "rules.background_grace", "MCP_PUSH_BACKGROUND_GRACE",
        "How long a turn that left only shells running waits for them before it is told as over.")
        .by_project()
        .between(0s, 24h),
    option<&Config::rules, &Rules::question_lifetime>("rules.question_lifetime", "",
                                                      "A question older than this is not sent any more.")
        .between(1s, 7 * 24h),
    option<&Config::rules, &Rules::skip_titles>(
        "rules.skip_titles", "SKIP_PUSH_TITLE",
        "Titles that are never sent, each exactly; one a line in the variable."),

    option<&Config::http, &HttpOptions::timeout>("http.timeout", "MCP_PUSH_TIMEOUT_SEC",
                                                 "How long one request may take in all.")
        .between(1s, 5min),
    option<&Config::http, &HttpOptions::connect_timeout>("http.connect_timeout", "",
                                                         "How long name look-up, connection and TLS may take.")
        .between(100ms, 1min),
    option<&Config::http, &HttpOptions::proxy>("http.proxy", "MCP_PUSH_PROXY",
                                               "Proxy for all requests: http://, https:// or socks5h://. Default: "
                                               "HTTPS_PROXY, https_proxy, http_proxy and NO_PROXY as curl reads them."),
    option<&Config::http, &HttpOptions::ca_file>("http.ca_file", "MCP_PUSH_CA_FILE",
                                                 "File with the certificates to trust, in place of the system's.")
        .late("CURL_CA_BUNDLE SSL_CERT_FILE"),

    option<&Config::delivery, &DeliveryOptions::schedule>("delivery.schedule", "",
                                                          "Pauses between attempts; the first is at once.")
        .between(0s, 7 * 24h),
    option<&Config::delivery, &DeliveryOptions::give_up_after>("delivery.give_up_after", "",
                                                               "A message older than this goes to the dead letter.")
        .between(1min, 30 * 24h),
    option<&Config::delivery, &DeliveryOptions::probe_every>(
        "delivery.probe_every", "", "How often a service that could not be reached is tried for a connection.")
        .between(1s, 1h),

    option<&Config::labels>("project.labels", "MCP_PUSH_LABELS",
                            "Words that messages carry; one a line in the variable.")
        .by_project(),
};

constexpr std::array<std::string_view, 7> k_structured = {"rules.when", "project.name", "project.names", "channels",
                                                          "routes",     "store",        "gateway"};

constexpr std::array k_common_keys = {
    CommonKey{"type", "The channel type: `mcp-push channels` lists them."},
    CommonKey{"enabled", "false: nothing is sent here."},
    CommonKey{"threshold", "This channel's own rules.threshold."},
    CommonKey{"events", "Only these: end, error, needs_user_action, cancelled, start, update."},
    CommonKey{"privacy", "This channel's own privacy."},
    CommonKey{"language", "This channel's own language."},
    CommonKey{"proxy", "This channel's own proxy."},
    CommonKey{"timeout", "This channel's own http.timeout."},
    CommonKey{"base_url", "Another server in place of the service's own, with its scheme."},
};

constexpr std::array<std::pair<Privacy, std::string_view>, 4> k_privacy_names = {
    {{Privacy::none, "none"}, {Privacy::metadata, "metadata"}, {Privacy::summary, "summary"}, {Privacy::full, "full"}}};

Error not_one_of(std::string_view text, std::string_view what, std::string_view words) {
    return {ErrorKind::config, "\"" + std::string(cut(trim(text), 60)) + "\" is not " + std::string(what),
            "write " + std::string(words)};
}

} // namespace

std::span<const Option> options() { return k_options; }
std::span<const std::string_view> structured_keys() { return k_structured; }
std::span<const CommonKey> common_channel_keys() { return k_common_keys; }

const Option* find_option(std::string_view key) {
    const auto found = std::ranges::find(k_options, key, &Option::key);
    return found == k_options.end() ? nullptr : &*found;
}

std::string_view name_of(Privacy privacy) {
    return std::ranges::find(k_privacy_names, privacy, &decltype(k_privacy_names)::value_type::first)->second;
}

std::string_view name_of(Language language) { return language == Language::chinese ? "zh" : "en"; }

std::string Threshold::text() const {
    if (!after) return "never";
    if (after->count() % 1000 != 0) return std::to_string(after->count()) + " ms";
    if (*after < 2min) return std::to_string(after->count() / 1000) + " s";
    return format_duration(*after);
}

std::string duration_text(Millis duration) {
    const auto count = duration.count();
    if (count == 0) return "0s";
    if (count % 3'600'000 == 0) return std::to_string(count / 3'600'000) + "h";
    if (count % 60'000 == 0 && count > 60'000) return std::to_string(count / 60'000) + "m";
    if (count % 1000 == 0) return std::to_string(count / 1000) + "s";
    return std::to_string(count) + "ms";
}

Result<Threshold> parse_threshold(std::string_view text) {
    const auto word = to_lower(trim(text));
    if (word == "never" || word == "off") return Threshold{std::nullopt};
    auto duration = parse_duration(word);
    if (!duration) {
        auto error = std::move(duration).error();
        error.message = not_one_of(text, "a duration or never", "").message;
        return error;
    }
    return Threshold{duration.value()};
}

Result<bool> parse_bool(std::string_view text) {
    if (is_truthy(text)) return true;
    const auto word = to_lower(trim(text));
    for (const std::string_view no : {"0", "false", "no", "n", "off"}) {
        if (word == no) return false;
    }
    return not_one_of(text, "true or false", "true or false");
}

Result<Privacy> parse_privacy(std::string_view text) {
    for (const auto& [value, name] : k_privacy_names) {
        if (equals_ignoring_case(name, trim(text))) return value;
    }
    return not_one_of(text, "a privacy level", "none, metadata, summary or full");
}

Result<Language> parse_language(std::string_view text) {
    const auto word = to_lower(trim(text));
    if (word == "en" || word == "english" || word.starts_with("en_") || word.starts_with("en-")) {
        return Language::english;
    }
    if (word == "zh" || word == "chinese" || word == "中文" || word.starts_with("zh_") || word.starts_with("zh-")) {
        return Language::chinese;
    }
    return not_one_of(text, "a language of the messages", "en or zh");
}

} // namespace mcp_push
