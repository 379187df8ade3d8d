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
constexpr std::array<std::string_view, 14> k_names = {
    "password",   "passwd",      "secret",        "token",      "api_key",       "apikey",     "api-key",
    "access_key", "private_key", "client_secret", "credential", "authorization", "passphrase", "access_token"};

/// Length of a known credential at the start of `text`, or 0.
std::size_t shape_length(std::string_view text) {
    for (const auto& shape : k_shapes) {
        if (!text.starts_with(shape.prefix)) continue;
        const auto length = static_cast<std::size_t>(
            std::ranges::find_if_not(text, [](char c) { return is_word(c) || c == '.'; }) - text.begin());
        if (length >= shape.prefix.size() + shape.at_least) return length;
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

/// Where a value begins after a secret's name at the start of `text` ("password = "), or 0.
std::size_t named_value(std::string_view text) {
    for (const auto name : k_names) {
        if (text.size() <= name.size() || !equals_ignoring_case(text.substr(0, name.size()), name)) continue;
        std::size_t at = name.size();
        if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
        while (at < text.size() && text[at] == ' ')
            ++at;
        if (at >= text.size() || (text[at] != '=' && text[at] != ':')) continue;
        ++at;
        while (at < text.size() && text[at] == ' ')
            ++at;
        if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
        for (const std::string_view scheme : {"Bearer ", "Basic ", "bearer ", "basic "}) {
            if (text.substr(at).starts_with(scheme)) at += scheme.size();
        }
        return at;
    }
    return 0;
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
        if (text.starts_with("://")) { // a user part in an address: scheme://user:password@host
            const auto end = text.substr(3).find_first_of("/ \n\t\"'<>");
            const auto authority = text.substr(3, end);
            const auto at = authority.rfind('@');
            if (at != std::string_view::npos && authority.find(':') < at) {
                result += "://";
                result += k_redacted;
                text.remove_prefix(3 + at);
                continue;
            }
        }
        if (word_begins) {
            auto length = shape_length(text);
            if (length == 0) length = bot_token_length(text);
            if (length == 0 && (text.starts_with("Bearer ") || text.starts_with("bearer "))) {
                const auto value = token_length(text.substr(7));
                if (value >= 12) {
                    result += text.substr(0, 7);
                    text.remove_prefix(7);
                    length = value;
                }
            }
            if (length > 0) {
                result += k_redacted;
                text.remove_prefix(length);
                word_begins = false;
                continue;
            }
        }
        if (word_begins || (!result.empty() && (result.back() == '_' || result.back() == '-'))) {
            if (const auto begin = named_value(text); begin > 0) {
                const auto rest = text.substr(begin);
                const auto length = static_cast<std::size_t>(std::ranges::find_if(rest,
                                                                                  [](char c) {
                                                                                      return c == ' ' || c == '\n' ||
                                                                                             c == '\t' || c == '"' ||
                                                                                             c == '\'' || c == ',' ||
                                                                                             c == ';' || c == '&';
                                                                                  }) -
                                                             rest.begin());
                if (length >= 6 && !rest.starts_with('$') && !rest.starts_with('<') && !rest.starts_with('[')) {
                    result += text.substr(0, begin);
                    result += k_redacted;
                    text.remove_prefix(begin + length);
                    word_begins = false;
                    continue;
                }
            }
        }
        word_begins = !is_word(text.front());
        result += text.front();
        text.remove_prefix(1);
    }
    return result;
}

} // namespace mcp_push
