// SPDX-License-Identifier: MIT
#include "core/base/secret.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace mcp_push {
namespace {

constexpr std::string_view k_redacted = "[redacted]";

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }
/// Characters that tokens, keys and base64 are made of.
bool is_token(char c) { return is_word(c) || c == '.' || c == '+' || c == '/' || c == '=' || c == '~' || c == ':'; }

std::size_t token_length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_token) - text.begin());
}

struct Shape {
    std::string_view prefix;
    std::size_t at_least; ///< characters after the prefix
};

/// Starts of well-known credentials, from their issuers' documentation.
constexpr std::array k_shapes = {
    Shape{"sk-ant-", 16}, Shape{"sk-", 20},      Shape{"ghp_", 20},        Shape{"gho_", 20},     Shape{"ghu_", 20},
    Shape{"ghs_", 20},    Shape{"ghr_", 20},     Shape{"github_pat_", 20}, Shape{"glpat-", 16},   Shape{"xoxb-", 16},
    Shape{"xoxp-", 16},   Shape{"xoxa-", 16},    Shape{"xapp-", 16},       Shape{"AKIA", 16},     Shape{"ASIA", 16},
    Shape{"AIza", 30},    Shape{"npm_", 30},     Shape{"pypi-", 20},       Shape{"hf_", 20},      Shape{"eyJ", 30},
    Shape{"SG.", 30},     Shape{"rk_live_", 16}, Shape{"sk_live_", 16},    Shape{"sk_test_", 16}, Shape{"dop_v1_", 30},
    Shape{"shpat_", 20},  Shape{"tk_", 29},
};

/// Names whose value is a secret wherever they are followed by '=' or ':'.
constexpr std::array<std::string_view, 19> k_names = {
    "password",   "passwd",      "secret",        "token",      "api_key",       "apikey",     "api-key",
    "access_key", "private_key", "client_secret", "credential", "authorization", "passphrase", "access_token",
    "secret_key", "secretkey",   "privatekey",    "accesskey",  "auth_key"};

/// What comes before the secret part of addresses that are credentials as a whole; each begins with a slash.
constexpr std::array<std::string_view, 6> k_addresses = {"/bot/v2/hook/",
                                                         "/webhook/send?key=",
                                                         "/hooks.slack.com/services/",
                                                         "/discord.com/api/webhooks/",
                                                         "/discordapp.com/api/webhooks/",
                                                         "/sctapi.ftqq.com/"};

/// Names in Chinese.
constexpr std::array<std::string_view, 4> k_chinese_names = {"密码", "口令", "密钥", "令牌"};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of a known credential at the start of `text`, or 0. One without digits and capital letters is a name.
std::size_t shape_length(std::string_view text) {
    constexpr std::size_t k_look = 256;
    for (const auto& shape : k_shapes) {
        if (!text.starts_with(shape.prefix)) continue;
        const bool key_id = shape.prefix == "AKIA" || shape.prefix == "ASIA"; // capital letters and digits alone
        const auto is_part = [&](char c) { return key_id ? is_upper(c) || is_digit(c) : is_word(c) || c == '.'; };
        const auto start = text.substr(shape.prefix.size(), k_look);
        const auto length = static_cast<std::size_t>(std::ranges::find_if_not(start, is_part) - start.begin());
        const bool random = std::ranges::any_of(start.substr(0, length),
                                                [&](char c) { return is_digit(c) || (is_upper(c) && !key_id); });
        if (length < shape.at_least || !random) continue;
        return static_cast<std::size_t>(std::ranges::find_if_not(text, is_part) - text.begin());
    }
    return 0;
}

/// Length of what comes before the secret part of an address, or 0.
std::size_t address_length(std::string_view text) {
    if (text.front() != '/') return 0;
    for (const auto start : k_addresses) {
        if (text.starts_with(start)) return start.size();
    }
    return 0;
}

/// A Telegram bot token, "<8 to 10 digits>:<35 characters>"; its length or 0.
std::size_t bot_token_length(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) != 0)
        ++digits;
    if (digits < 8 || digits > 12 || digits >= text.size() || text[digits] != ':') return 0;
    std::size_t end = digits + 1;
    while (end < text.size() && is_word(text[end]))
        ++end;
    return end - digits - 1 >= 30 ? end : 0;
}

/// Length of a secret's name at the start of `text`, or 0.
std::size_t name_length(std::string_view text) {
    constexpr std::string_view k_initials = "pstacPSTAC\xE5\xE4";
    if (k_initials.find(text.front()) == std::string_view::npos) return 0;
    std::size_t longest = 0;
    for (const auto name : k_names) {
        if (name.size() > longest && equals_ignoring_case(text.substr(0, name.size()), name)) longest = name.size();
    }
    if (longest > 0) return longest;
    for (const auto name : k_chinese_names) {
        if (text.starts_with(name)) return name.size();
    }
    return 0;
}

struct Value {
    std::size_t begin = 0; ///< 0: none
    std::size_t length = 0;
};

/// Whether a value of this start is no secret: a variable, a placeholder, a word of another script, a call.
bool is_harmless(std::string_view value, bool quoted) {
    if (value.empty() || value.front() == '$' || value.front() == '<' || value.front() == '[' || value.front() == '{' ||
        static_cast<unsigned char>(value.front()) >= 0x80) {
        return true;
    }
    if (value.front() == ':' || value.front() == '=') return true; // an operator
    if (quoted) return false;
    for (const std::string_view object : {"self.", "this.", "this->", "process.env", "os.environ"}) {
        if (value.starts_with(object)) return true;
    }
    const auto near = value.substr(0, 64);
    const auto end = std::ranges::find_if_not(
        near, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; });
    return end != near.begin() && end != near.end() && (*end == '(' || *end == '[') && !is_digit(near.front());
}

/// Whether a value is a word that programs print or declare where a secret's value could stand.
bool is_plain_word(std::string_view name, std::string_view value) {
    constexpr std::array<std::string_view, 6> k_words = {"string",  "required",  "optional",
                                                         "boolean", "undefined", "nullptr"};
    if (std::ranges::find(k_words, to_lower(value)) != k_words.end()) return true;
    const bool password =
        name.front() == 'p' || name.front() == 'P' || static_cast<unsigned char>(name.front()) >= 0x80;
    return !password && value.size() < 16 && std::ranges::all_of(value, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// The value behind a secret's name at the start of `text`: "password = ...".
Value named_value(std::string_view text) {
    const auto name = name_length(text);
    if (name == 0) return {};
    std::size_t at = name;
    const auto skip = [&](std::string_view what) {
        const bool there = text.substr(at).starts_with(what);
        if (there) at += what.size();
        return there;
    };
    const auto skip_spaces = [&] {
        for (int most = 0; most < 16 && skip(" "); ++most) {
        }
    };
    if (!skip("\"")) skip("'");
    skip_spaces();
    if (!skip("=>") && !skip("=") && !skip(":") && !skip("：")) return {};
    skip_spaces();
    char quote = '\0';
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) quote = text[at++];
    for (const std::string_view scheme : {"Bearer ", "Basic ", "Token ", "bearer ", "basic ", "token "}) {
        if (skip(scheme)) break;
    }
    const auto rest = text.substr(at);
    if (is_harmless(rest, quote != '\0')) return {};
    // The last two begin full-width punctuation.
    auto length = std::min(rest.find_first_of(" \r\n\t\"',;&\xE3\xEF"), rest.size());
    if (quote != '\0') { // a phrase is one value
        const auto end = rest.substr(0, 512).find_first_of(std::string{quote, '\n'});
        if (end != std::string_view::npos && rest[end] == quote) length = end;
    }
    if (length < 6 || is_plain_word(text, rest.substr(0, length))) return {};
    return {at, length};
}

/// Where the host begins in an address with a password or a token in front of it; `text` begins with "://".
std::size_t user_part_length(std::string_view text) {
    constexpr std::size_t k_shortest_token = 16;
    const auto authority = text.substr(3, text.substr(3).find_first_of("/ \n\t\"'<>"));
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) return 0;
    return authority.find(':') < at || at >= k_shortest_token ? 3 + at : 0;
}

} // namespace

std::string mask(std::string_view secret) {
    if (secret.empty()) return {};
    return secret.size() >= 12 ? std::string(cut(secret, 4)) + "…" : "…";
}

std::string redact(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    bool word_begins = true; // credentials are looked for at the start of a word only
    while (!text.empty()) {
        if (text.starts_with("-----BEGIN ") && text.substr(0, 60).find("PRIVATE KEY-----") != std::string_view::npos) {
            const auto end = text.find("-----END ");
            const auto line = end == std::string_view::npos ? end : text.find("-----", end + 9);
            result += k_redacted;
            text.remove_prefix(line == std::string_view::npos ? text.size() : line + 5);
            continue;
        }
        if (text.starts_with("://")) {
            if (const auto host = user_part_length(text); host > 0) {
                result += "://";
                result += k_redacted;
                text.remove_prefix(host);
                continue;
            }
        }
        if (const auto before = address_length(text); before > 0) {
            const auto length = std::min(text.substr(before).find_first_of(" \n\t\"'<>)"), text.size() - before);
            if (length >= 16) {
                result += text.substr(0, before);
                result += k_redacted;
                text.remove_prefix(before + length);
                word_begins = false;
                continue;
            }
        }
        if (word_begins) {
            std::size_t before = 0; // what stays
            auto length = shape_length(text);
            if (length == 0) {
                if (text.starts_with("bot")) before = 3; // as in the addresses of Telegram's servers
                length = bot_token_length(text.substr(before));
            }
            if (length == 0 && (text.starts_with("Bearer ") || text.starts_with("bearer "))) {
                before = 7;
                length = token_length(text.substr(before));
                if (length < 12) length = 0;
            }
            if (length > 0) {
                result += text.substr(0, before);
                result += k_redacted;
                text.remove_prefix(before + length);
                word_begins = false;
                continue;
            }
        }
        // Also in the middle of a word: PGPASSWORD, accessToken, DB_PASSWORD.
        if (const auto value = named_value(text); value.begin > 0) {
            result += text.substr(0, value.begin);
            result += k_redacted;
            text.remove_prefix(value.begin + value.length);
            word_begins = false;
            continue;
        }
        word_begins = !is_word(text.front());
        result += text.front();
        text.remove_prefix(1);
    }
    return result;
}

} // namespace mcp_push
