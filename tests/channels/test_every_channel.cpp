// SPDX-License-Identifier: MIT
// What every channel type keeps to, whatever its service.
#include "channels/shape.hpp"
#include "core/base/text.hpp"
#include "tests/channels/channel_kit.hpp"

#include <algorithm>
#include <cctype>
#include <random>
#include <set>

using namespace mcp_push;
using namespace mcp_push::kit;

namespace {

/// The settings of a spec's own example: `key = "value"` or `key = value`, one a line.
Values example_of(const ChannelSpec& spec) {
    Values values;
    for (const auto line : split(spec.example, '\n')) {
        const auto equals = line.find(" = ");
        if (equals == std::string_view::npos || line.starts_with('#')) continue;
        auto value = trim(line.substr(equals + 3));
        if (value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'')) {
            value = value.substr(1, value.size() - 2);
        }
        const std::string key(trim(line.substr(0, equals)));
        if (key != "type") values[key] = replace_all(std::string(value), "\\\"", "\"");
    }
    return values;
}

Settings example_settings(const ChannelType& type) { return settings_of(type.spec->id, example_of(*type.spec)); }

Request planned(const ChannelType& type, const Part& part, const Settings& settings, bool plain = false) {
    return must(type.code->plan(part, settings, {.now = k_now, .nonce = "nonce", .plain = plain}));
}

std::string all_of(const Request& request) {
    if (const auto* const local = std::get_if<LocalRequest>(&request)) {
        return local->title + "\n" + local->body + "\n" + local->target;
    }
    const auto& http = std::get<HttpRequest>(request);
    auto text = shown(http) + http.proxy;
    return text;
}

void longest_text(const Json& value, LengthUnit unit, std::size_t& longest) {
    if (value.is_string()) longest = std::max(longest, length_in(value.get_ref<const std::string&>(), unit));
    if (!value.is_structured()) return;
    for (const auto& member : value)
        longest_text(member, unit, longest);
}

/// The length of what a service counts: the whole document in JSON bytes, otherwise the longest text in it.
std::size_t counted(const Request& request, LengthUnit unit) {
    const auto* const http = std::get_if<HttpRequest>(&request);
    if (http == nullptr) return length_in(std::get<LocalRequest>(request).body, unit);
    if (unit == LengthUnit::json_bytes) return http->body.size();
    const auto body = parse_json(http->body, k_json_unlimited);
    if (!body) return length_in(http->body, unit);
    std::size_t longest = 0;
    longest_text(*body, unit, longest);
    return longest;
}

bool is_sentence_for_people(std::string_view text) {
    return !text.empty() && !text.ends_with('.') && !text.ends_with("。") &&
           std::isupper(static_cast<unsigned char>(text[0])) == 0;
}

void check_outcome(const Outcome& outcome) {
    CHECK(is_valid_utf8(outcome.detail));
    CHECK(outcome.detail.size() <= 2100);
    CHECK(is_valid_utf8(outcome.receipt));
    CHECK(outcome.remedy.empty() == outcome.remedy_zh.empty());
    if (outcome.wait) CHECK(*outcome.wait <= std::chrono::hours(24));
    if (outcome.wait) CHECK(*outcome.wait >= Millis(0));
    if (outcome.wait) CHECK_FALSE(is_final(outcome.kind));
}

#define FOR_EVERY_CHANNEL(type)                                                                                        \
    for (const auto& type : channel_types())                                                                           \
        if (INFO("channel " << std::string(type.spec->id)); true)

} // namespace

TEST_CASE("every channel: no two share an id or an alias, and each is found by all its names") {
    std::set<std::string> names;
    FOR_EVERY_CHANNEL(type) {
        const auto& spec = *type.spec;
        CHECK(spec.id == to_lower(spec.id));
        CHECK(names.insert(std::string(spec.id)).second);
        CHECK(find_channel_type(spec.id) == &type);
        CHECK(find_channel_type(replace_all(std::string(spec.id), "_", "-")) == &type);
        for (const auto alias : split(spec.aliases, ' ')) {
            if (alias.empty()) continue;
            CAPTURE(alias);
            CHECK(names.insert(std::string(alias)).second);
            CHECK(find_channel_type(alias) == &type);
        }
    }
    CHECK(names.size() >= channel_types().size());
    CHECK(find_channel_type("no such channel") == nullptr);
    CHECK(channel_specs().size() == channel_types().size());
}

TEST_CASE("every channel: its texts are there in both languages, and its example works") {
    FOR_EVERY_CHANNEL(type) {
        const auto& spec = *type.spec;
        CHECK_FALSE(spec.title.empty());
        CHECK_FALSE(spec.title_zh.empty());
        CHECK_FALSE(spec.how_to.empty());
        CHECK_FALSE(spec.how_to_zh.empty());
        CHECK((spec.documentation.empty() || spec.documentation.starts_with("https://")));
        CHECK(contains(spec.example, "type = \"" + std::string(spec.id) + "\""));
        CHECK(spec.example.starts_with("[channels."));
        CHECK(settings_error(spec.id, example_of(spec)).empty());
        CHECK(check_settings(type, config_of(spec.id, example_of(spec))).empty());
    }
}

TEST_CASE("every channel: no two fields share a key, no two channels a variable but a server's") {
    std::set<std::string> variables;
    FOR_EVERY_CHANNEL(type) {
        std::set<std::string> keys;
        for (const auto& field : type.spec->fields) {
            CAPTURE(field.key);
            CHECK(keys.insert(std::string(field.key)).second);
            CHECK(field.key == to_lower(field.key));
            CHECK_FALSE(field.help.empty());
            CHECK_FALSE(field.help_zh.empty());
            const bool names_secret = contains(field.key, "token") || contains(field.key, "secret") ||
                                      contains(field.key, "password") || field.key == "key" ||
                                      contains(field.key, "auth");
            CHECK((!names_secret || field.secret));
            for (const auto variable : {field.env, field.env_alias}) {
                if (!variable.empty() && variable != "QYWX_ORIGIN")
                    CHECK(variables.insert(std::string(variable)).second);
            }
            if (!field.choices.empty() && !field.fallback.empty()) {
                CHECK(std::ranges::count(split(field.choices, '|'), field.fallback) == 1);
            }
        }
    }
}

TEST_CASE("every channel: a required setting that is missing is named, with its variable") {
    FOR_EVERY_CHANNEL(type) {
        for (const auto& field : type.spec->fields) {
            if (!field.required || !field.fallback.empty()) continue;
            auto values = example_of(*type.spec);
            values.erase(std::string(field.key));
            const auto text = settings_error(type.spec->id, values);
            CHECK(contains(text, "channels.mine." + std::string(field.key)));
            CHECK((field.env.empty() || contains(text, field.env)));
        }
    }
}

TEST_CASE("every channel: the same part, settings and time give the same request") {
    FOR_EVERY_CHANNEL(type) {
        const auto settings = example_settings(type);
        const auto part = part_of("title", "body", Urgency::high, EventKind::error);
        CHECK(all_of(planned(type, part, settings)) == all_of(planned(type, part, settings)));
        CHECK(all_of(planned(type, part, settings, true)) == all_of(planned(type, part, settings, true)));
    }
}

TEST_CASE("every channel: title and body reach the person, also without markup") {
    FOR_EVERY_CHANNEL(type) {
        for (const bool plain : {false, true}) {
            const auto text = all_of(planned(type, part_of("Zebra", "giraffe"), example_settings(type), plain));
            CHECK(contains(text, "Zebra"));
            CHECK(contains(text, "giraffe"));
        }
    }
}

TEST_CASE("every channel: every urgency and every kind of event makes a request") {
    FOR_EVERY_CHANNEL(type) {
        const auto settings = example_settings(type);
        for (const auto urgency : {Urgency::low, Urgency::normal, Urgency::high, Urgency::urgent}) {
            for (const auto kind : {EventKind::start, EventKind::update, EventKind::end, EventKind::error,
                                    EventKind::needs_user_action, EventKind::cancelled}) {
                CHECK(contains(all_of(planned(type, part_of("t", "giraffe", urgency, kind), settings)), "giraffe"));
            }
        }
    }
}

TEST_CASE("every channel: no message is longer than the service takes, in its own unit") {
    const std::string pieces[] = {"word ",
                                  "完成任务",
                                  "🚀",
                                  "\"quoted\"",
                                  "a\nb\n",
                                  "<b>&amp;",
                                  "*_`~[]",
                                  "\\",
                                  "- item\n",
                                  "```\ncode\n```\n",
                                  "https://example.com/a_b?c=d "};
    FOR_EVERY_CHANNEL(type) {
        const auto settings = example_settings(type);
        const auto can = capabilities_of(type, settings);
        if (can.max_length == 0) continue;
        for (const auto& piece : pieces) {
            CAPTURE(piece);
            for (const bool markdown : {false, true}) {
                Message message;
                message.title = "Task finished · project \"x\" · 2 min";
                message.urgency = Urgency::urgent;
                message.markdown = markdown;
                while (message.body.size() < can.max_length + can.max_length / 4)
                    message.body += piece;
                const auto parts = shape(message, can);
                CHECK(parts.size() <= 3);
                for (const auto& part : parts) {
                    const auto request = planned(type, part, settings);
                    CHECK(counted(request, can.unit) <= can.max_length);
                    CHECK(is_valid_utf8(all_of(request)));
                }
            }
        }
    }
}

TEST_CASE("every channel: a title as long as a page does not crowd out the limit") {
    FOR_EVERY_CHANNEL(type) {
        const auto settings = example_settings(type);
        const auto can = capabilities_of(type, settings);
        Message message;
        for (int i = 0; i < 2000; ++i)
            message.title += "标题 \"<&> ";
        message.body = "giraffe";
        for (const auto& part : shape(message, can)) {
            const auto request = planned(type, part, settings);
            if (can.max_length > 0) CHECK(counted(request, can.unit) <= can.max_length);
            CHECK(contains(all_of(request), "giraffe"));
        }
    }
}

TEST_CASE("every channel: any script, emoji and broken bytes make a valid request") {
    const std::string texts[] = {"日本語 العربية עברית 한국어 ไทย", "👩‍👩‍👧‍👦🏳️‍🌈 e\xCC\x81",
                                 "\xFF\xFE broken \xE4\xBD",        std::string("nul \0 inside", 12),
                                 "\x1B[31mred\x1B[0m\x07",          "\xE2\x80\xAE rtl override"};
    FOR_EVERY_CHANNEL(type) {
        for (const auto& text : texts) {
            for (const bool plain : {false, true}) {
                CHECK(is_valid_utf8(all_of(planned(type, part_of(text, text), example_settings(type), plain))));
            }
        }
    }
}

TEST_CASE("every channel: what happened is said once, and how urgent it is wherever the title does not say it") {
    FOR_EVERY_CHANNEL(type) {
        if (type.spec->capabilities.structured) continue; // has members for both
        const auto settings = example_settings(type);
        const auto said = [&](std::string title, Urgency urgency, EventKind kind) {
            return all_of(planned(type, part_of(std::move(title), "giraffe", urgency, kind), settings));
        };
        for (const bool plain : {false, true}) {
            const auto part = part_of("✅ Task finished", "giraffe", Urgency::normal, EventKind::end);
            CHECK_FALSE(contains(all_of(planned(type, part, settings, plain)), "✅ ✅"));
        }
        CHECK_FALSE(contains(said("✋ Waiting", Urgency::high, EventKind::needs_user_action), "❗"));
        CHECK(contains(said("✋ Waiting", Urgency::urgent, EventKind::needs_user_action), "🚨 ✋ Waiting"));
        CHECK(contains(said("✅ Task finished", Urgency::high, EventKind::end), "❗ ✅ Task finished"));
        CHECK(contains(said("[ERROR] run-42", Urgency::normal, EventKind::error), "❌ "));
    }
}

TEST_CASE("every channel: an empty title or body is no trouble") {
    FOR_EVERY_CHANNEL(type) {
        const auto settings = example_settings(type);
        for (const bool plain : {false, true}) {
            CHECK(contains(all_of(planned(type, part_of("", "giraffe"), settings, plain)), "giraffe"));
            CHECK(contains(all_of(planned(type, part_of("Zebra", ""), settings, plain)), "Zebra"));
            (void)planned(type, part_of("", ""), settings, plain);
        }
    }
}

TEST_CASE("every channel: each class of status means what it should where the body says nothing") {
    const std::string bodies[] = {"",         "{}",  "[]", "not json", "<html><body>Bad Gateway</body></html>",
                                  "\xFF\xFE", "null"};
    FOR_EVERY_CHANNEL(type) {
        if (type.code->judge == nullptr) continue;
        const auto settings = example_settings(type);
        for (const auto& body : bodies) {
            for (const int status : {301, 302, 307, 400, 401, 403, 404, 405, 408, 410, 413,
                                     415, 418, 425, 429, 500, 501, 502, 503, 504, 520, 599}) {
                CAPTURE(status);
                CAPTURE(body);
                const auto outcome = type.code->judge(reply_of(status, body), settings);
                check_outcome(outcome);
                CHECK(outcome.status == status);
                CHECK_FALSE(is_success(outcome.kind));
                CHECK_FALSE(outcome.detail.empty());
                if (status == 429) CHECK(outcome.kind == OutcomeKind::rate_limited);
                if (status >= 500) CHECK_FALSE(is_final(outcome.kind));
                if (status == 408 || status == 425) CHECK_FALSE(is_final(outcome.kind));
                if (status == 401 || status == 403 || status == 404) {
                    CHECK(outcome.kind == OutcomeKind::permanent);
                    CHECK(is_sentence_for_people(outcome.remedy));
                }
            }
            for (const int status : {200, 201, 202, 204}) {
                const auto outcome = type.code->judge(reply_of(status, body), settings);
                check_outcome(outcome);
                CHECK(outcome.kind != OutcomeKind::permanent);
            }
        }
    }
}

TEST_CASE("every channel: 429 and 503 wait as long as Retry-After says, a day at most") {
    FOR_EVERY_CHANNEL(type) {
        if (type.code->judge == nullptr) continue;
        const auto settings = example_settings(type);
        for (const int status : {429, 503}) {
            auto outcome = type.code->judge(reply_of(status, "", {{"Retry-After", "120"}}), settings);
            CHECK(outcome.kind == OutcomeKind::rate_limited);
            CHECK(outcome.wait == Millis(120'000));
            outcome = type.code->judge(reply_of(status, "{}", {{"retry-after", "99999999"}}), settings);
            CHECK(outcome.wait == std::chrono::hours(24));
        }
    }
}

TEST_CASE("every channel: huge, deep and random answers are judged without harm") {
    std::mt19937 random(20'261'121);
    std::vector<std::string> bodies = {
        std::string(64 * 1024, 'x'),
        std::string(100'000, '['),
        std::string(100'000, '{'),
        "{\"errcode\":" + std::string(50'000, '9') + "}",
        R"({"errcode":1e400,"code":-1e400,"ok":1,"error_code":{}})",
        R"({"errcode":[],"code":{},"ok":[],"errmsg":7,"msg":[],"description":{}})",
        R"({"errcode":310000,"errmsg":")" + std::string(50'000, 'k') + "\"}",
        R"({"code":19021,"msg":")" + std::string(50'000, 'k') + "\"}",
        R"({"ok":false,"error_code":400,"description":")" + std::string(50'000, 'k') + "\"}",
        R"({"ok":false,"error_code":99999999999999999999,"parameters":{"retry_after":"x"}})",
        R"({"ok":true,"result":{"message_id":"\ud800"}})"};
    const std::string seed =
        R"({"ok":false,"errcode":310000,"code":19021,"errmsg":"sign","wait":5,"parameters":{"retry_after":3}})";
    for (int round = 0; round < 100; ++round) {
        std::string body = round % 2 == 0 ? seed : std::string(random() % 300, ' ');
        const auto changes = round % 2 == 0 ? 1 + random() % 6 : body.size();
        for (std::size_t change = 0; change < changes; ++change)
            body[random() % body.size()] = static_cast<char>(random() % 256);
        bodies.push_back(std::move(body));
    }
    FOR_EVERY_CHANNEL(type) {
        if (type.code->judge == nullptr) continue;
        const auto settings = example_settings(type);
        for (const auto& body : bodies) {
            for (const int status : {200, 429}) {
                const auto reply = reply_of(status, body, {{"Retry-After", body.substr(0, 20)}});
                check_outcome(type.code->judge(reply, settings));
                if (type.code->markup_refused != nullptr) (void)type.code->markup_refused(reply);
            }
        }
    }
}

TEST_CASE("every channel: a secret that the service repeats is in nothing that people see") {
    FOR_EVERY_CHANNEL(type) {
        if (type.code->judge == nullptr) continue;
        const auto settings = example_settings(type);
        const auto secrets = secrets_of(*type.spec, settings);
        for (const auto& secret : secrets) {
            const auto body = R"({"ok":false,"error_code":400,"errcode":88888,"code":88888,"description":"bad )" +
                              secret + R"(","errmsg":"bad )" + secret + R"(","msg":"bad )" + percent_encode(secret) +
                              "\"}";
            for (const int status : {200, 400, 500}) {
                for (const auto& text : {body, "plain text with " + secret}) {
                    const auto outcome = type.code->judge(reply_of(status, text), settings);
                    for (const auto& said : {outcome.detail, outcome.remedy, outcome.remedy_zh, outcome.receipt}) {
                        CHECK_FALSE(contains(without_secrets(said, secrets), secret));
                    }
                }
            }
        }
    }
}

TEST_CASE("every channel: an error about a setting never shows a secret") {
    const std::string mark = "Zq9Xw8Ev7";
    const std::string shapes[] = {mark,
                                  mark + " " + mark,
                                  "https://" + mark,
                                  "https://example.com/" + mark,
                                  mark + "\n" + mark,
                                  "http://u:" + mark + "@h/" + mark + "?key=" + mark,
                                  "ftp://" + mark,
                                  mark + ":" + mark};
    FOR_EVERY_CHANNEL(type) {
        for (const auto& field : type.spec->fields) {
            if (!field.secret) continue;
            for (const auto& shape : shapes) {
                auto values = example_of(*type.spec);
                values[std::string(field.key)] = shape;
                CAPTURE(shape);
                CHECK_FALSE(contains(settings_error(type.spec->id, values), mark));
            }
        }
    }
}
