// SPDX-License-Identifier: MIT
#include "channels/robot.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace mcp_push {
namespace {

constexpr std::string_view k_zero_width_space = "\xE2\x80\x8B";
constexpr std::size_t k_longest_keyword = 120;
constexpr std::size_t k_longest_list = 600;

bool has_scheme(std::string_view text) {
    const auto lower = to_lower(text.substr(0, 8));
    return lower.starts_with("http://") || lower.starts_with("https://");
}

bool is_plain_address(std::string_view text) {
    return has_scheme(text) && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '"' || c == '\\' || c == '<';
           });
}

std::string percent_decode(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned value = 0;
        if (text[at] == '%' && at + 2 < text.size()) {
            const auto* const begin = text.data() + at + 1;
            const auto [stop, error] = std::from_chars(begin, begin + 2, value, 16);
            if (error == std::errc() && stop == begin + 2) {
                result += static_cast<char>(value);
                at += 2;
                continue;
            }
        }
        result += text[at];
    }
    return result;
}

/// Composed titles begin with the mark of what happened.
bool has_mark(std::string_view title) {
    constexpr std::string_view k_marks[] = {"✅", "❌", "✋", "🚫", "🚀", "🔄", "🔔", "❗", "🚨"};
    return std::ranges::any_of(k_marks, [title](auto mark) { return title.starts_with(mark); });
}

std::string_view mark_of(const Part& part) {
    const bool alarm = part.kind == EventKind::error || part.kind == EventKind::needs_user_action;
    if (part.urgency == Urgency::urgent) return part.title.starts_with("🚨") ? "" : "🚨 ";
    if (part.urgency == Urgency::high && !alarm) return part.title.starts_with("❗") ? "" : "❗ ";
    if (has_mark(part.title)) return "";
    if (part.kind == EventKind::error) return "❌ ";
    if (part.kind == EventKind::needs_user_action) return "✋ ";
    if (part.kind == EventKind::end) return "✅ ";
    if (part.kind == EventKind::cancelled) return "🚫 ";
    return "";
}

} // namespace

bool looks_like_address(std::string_view text) { return text.find('/') != std::string_view::npos; }

std::optional<Webhook> split_webhook(std::string_view text, std::string_view path) {
    text = trim(text);
    const std::string whole = has_scheme(text) ? std::string(text) : "https://" + std::string(text);
    const auto question = whole.find_first_of("?#");
    const auto before = std::string_view(whole).substr(0, question);
    const auto at = before.rfind(path);
    if (at == std::string_view::npos || at <= before.find("://") + 3 || !is_plain_address(whole)) return std::nullopt;
    Webhook webhook;
    webhook.base = before.substr(0, at);
    webhook.rest = before.substr(at + path.size());
    if (question != std::string::npos && whole[question] == '?') {
        webhook.query = whole.substr(question + 1, whole.find('#', question) - question - 1);
    }
    return webhook;
}

std::string query_value(std::string_view query, std::string_view name) {
    for (const auto pair : split(query, '&')) {
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            return percent_decode(pair.substr(equals + 1));
        }
    }
    return {};
}

Status settle_base_url(Settings& settings, std::string_view pasted, std::string_view usual) {
    std::string base(trim(settings["base_url"]));
    if (base.empty()) base = pasted.empty() ? usual : pasted;
    if (!has_scheme(base)) base = "https://" + base;
    while (base.ends_with('/'))
        base.pop_back();
    if (!is_plain_address(base) || base.size() <= std::string_view("https:/").size() ||
        base.find_first_of("?#") != std::string::npos) {
        return Error{ErrorKind::config, "base_url is no address of a server",
                     "write it as \"" + std::string(usual) + "\""};
    }
    settings.set("base_url", std::move(base));
    return {};
}

std::string marked_title(const Part& part) {
    std::string title(mark_of(part));
    return title + part.title;
}

bool wants_mention(const Part& part, const Settings& settings) {
    return part.number == 1 && part.urgency >= Urgency::high && settings.has("mention");
}

std::vector<std::string> names_of(std::string_view list) {
    auto text = replace_all(std::string(list), "，", ",");
    text = replace_all(std::move(text), "；", ",");
    std::ranges::replace_if(
        text, [](char c) { return c == ';' || (c >= 0 && c <= ' '); }, ',');
    std::vector<std::string> names;
    for (const auto name : split(text, ',')) {
        if (!name.empty()) names.emplace_back(name);
    }
    return names;
}

std::string with_keyword(std::string text, std::string_view keyword) {
    if (keyword.empty() || text.find(keyword) != std::string::npos) return text;
    return text + "\n\n" + std::string(keyword);
}

Status check_additions(const Settings& settings) {
    if (settings["keyword"].size() > k_longest_keyword) {
        return Error{ErrorKind::config, "keyword is longer than " + std::to_string(k_longest_keyword) + " bytes",
                     "one of the robot's keywords is enough"};
    }
    if (settings["mention"].size() > k_longest_list) {
        return Error{ErrorKind::config, "mention is longer than " + std::to_string(k_longest_list) + " bytes",
                     "name fewer people, or write \"all\""};
    }
    return {};
}

std::string without_mentions(std::string_view text, std::string_view opening) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        result += text[at];
        if (text[at] == opening.front() && equals_ignoring_case(text.substr(at, opening.size()), opening)) {
            result += k_zero_width_space;
        }
    }
    return result;
}

} // namespace mcp_push
