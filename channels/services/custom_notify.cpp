// SPDX-License-Identifier: MIT
// The original's webhook: address, headers and body are templates of the person's own.
//
// Placeholders: $title and $content everywhere; $event, $run_id and $data (the event's own data, JSON) where an event
// is told. They are replaced in one pass, each as its place wants it: percent-encoded in the address, on one line in a
// header, as a JSON string in a JSON body - or, outside of quotes there, as a JSON value.
//
// Without a body template, and without a placeholder in the address, the body is
//   {"title": "...", "content": "...", "event": {...}}
// with the event as notify_event sends it; "event" is absent where there is none.
#include "channels/channel.hpp"
#include "channels/request.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace mcp_push::services::custom_notify {

static constexpr Field k_fields[] = {
    {.key = "url",
     .help = "Address that is called; may hold $title, $content, $urgency, $event, $run_id",
     .help_zh = "请求地址，可含 $title、$content、$urgency、$event、$run_id",
     .required = true,
     .secret = true,
     .env = "WEBHOOK_URL"},
    {.key = "method", .help = "HTTP method", .help_zh = "请求方法", .env = "WEBHOOK_METHOD", .fallback = "POST"},
    {.key = "body",
     .help = "Template: a JSON document, lines of \"key: value\", or text",
     .help_zh = "请求体模板：JSON、“key: value” 行或文本",
     .env = "WEBHOOK_BODY"},
    {.key = "headers",
     .help = "One \"Name: value\" a line",
     .help_zh = "请求头，每行一个 “Name: value”",
     .secret = true,
     .env = "WEBHOOK_HEADERS"},
    {.key = "content_type",
     .help = "application/json, application/x-www-form-urlencoded, multipart/form-data or text/plain; without it the "
             "body's shape decides",
     .help_zh = "请求体类型；留空则根据模板判断",
     .env = "WEBHOOK_CONTENT_TYPE"},
};

static constexpr std::string_view k_json = "application/json";
static constexpr std::string_view k_form = "application/x-www-form-urlencoded";
static constexpr std::string_view k_multipart = "multipart/form-data";
static constexpr std::string_view k_text = "text/plain";

/// What the placeholders stand for.
struct Values {
    std::string title;
    std::string content;
    std::string event;
    std::string run_id;
    std::string urgency;
    std::string data; ///< JSON text
};

static Values values_of(const Part& part) {
    Values values{
        .title = part.title, .content = part.body, .urgency = std::string(name_of(part.urgency)), .data = "{}"};
    if (part.event_json.empty()) return values;
    const auto event = parse_json(part.event_json, k_json_unlimited);
    if (!event) return values;
    values.event = string_member(*event, "event");
    values.run_id = string_member(*event, "run_id");
    const auto& data = member(*event, "data");
    if (!data.is_null()) values.data = dump_json(data);
    return values;
}

struct Placeholder {
    std::string_view name;
    std::string Values::*value;
    bool whole_word; ///< ours, not the original's: "$database" is none
};
static constexpr std::array k_placeholders = {
    Placeholder{"$title", &Values::title, false},    Placeholder{"$content", &Values::content, false},
    Placeholder{"$run_id", &Values::run_id, true},   Placeholder{"$event", &Values::event, true},
    Placeholder{"$urgency", &Values::urgency, true}, Placeholder{"$data", &Values::data, true},
};

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static const Placeholder* placeholder_at(std::string_view text) {
    for (const auto& placeholder : k_placeholders) {
        if (!text.starts_with(placeholder.name)) continue;
        const auto rest = text.substr(placeholder.name.size());
        if (placeholder.whole_word && !rest.empty() && is_word(rest[0])) continue;
        return &placeholder;
    }
    return nullptr;
}

static bool has_placeholder(std::string_view text) {
    for (std::size_t i = text.find('$'); i != std::string_view::npos; i = text.find('$', i + 1)) {
        if (placeholder_at(text.substr(i)) != nullptr) return true;
    }
    return false;
}

/// One pass over the template: what a placeholder brings in is not looked at again.
template <class Encode>
static std::string substitute(std::string_view text, const Values& values, Encode encode) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto* const placeholder = text[i] == '$' ? placeholder_at(text.substr(i)) : nullptr;
        if (placeholder == nullptr) {
            out += text[i++];
            continue;
        }
        out += encode(values.*(placeholder->value), *placeholder);
        i += placeholder->name.size();
    }
    return out;
}

static std::string substitute_plain(std::string_view text, const Values& values) {
    return substitute(text, values, [](const std::string& value, const Placeholder&) { return value; });
}

/// A JSON template: within quotes a value is escaped, outside it is a JSON value of its own.
static std::string substitute_json(std::string_view text, const Values& values) {
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size();) {
        const auto* const placeholder = text[i] == '$' ? placeholder_at(text.substr(i)) : nullptr;
        if (placeholder != nullptr) {
            const auto& value = values.*(placeholder->value);
            const auto string = dump_json(Json(value));
            out += quoted ? string.substr(1, string.size() - 2) : placeholder->value == &Values::data ? value : string;
            i += placeholder->name.size();
            continue;
        }
        if (text[i] == '"') quoted = !quoted;
        if (quoted && text[i] == '\\' && i + 1 < text.size()) out += text[i++];
        out += text[i++];
    }
    return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

static std::size_t key_length(std::string_view line) {
    std::size_t end = 0;
    while (end < line.size() && (is_word(line[end]) || line[end] == '-' || line[end] == '.'))
        ++end;
    return end > 0 && end < line.size() && line[end] == ':' ? end : 0;
}

/// "key: value" lines; a line without a key goes on with the value before it.
static Pairs parse_pairs(std::string_view text) {
    Pairs pairs;
    for (const auto raw : split(text, '\n')) {
        const auto line = trim(raw);
        if (const auto length = key_length(line); length > 0) {
            pairs.emplace_back(line.substr(0, length), trim(line.substr(length + 1)));
        } else if (!pairs.empty() && !line.empty()) {
            pairs.back().second.append("\n").append(line);
        }
    }
    return pairs;
}

static bool looks_like_json(std::string_view text) {
    text = trim(text);
    return text.starts_with('{') || text.starts_with('[');
}

/// A value of a "key: value" line in a JSON body. It is a number, a truth value, an object only where the template
/// itself says so: a title "123" stays text.
static OrderedJson json_value(const std::string& text, const Values& values) {
    const bool literal = looks_like_json(text) || text.starts_with('"') || !has_placeholder(text);
    if (literal) {
        auto parsed = OrderedJson::parse(substitute_json(text, values), nullptr, false);
        if (!parsed.is_discarded()) return parsed;
    }
    if (trim(text) == "$data") {
        auto parsed = OrderedJson::parse(values.data, nullptr, false);
        if (!parsed.is_discarded()) return parsed;
    }
    return repair_utf8(substitute_plain(text, values));
}

struct Body {
    std::string text;
    std::string type;
};

static Body default_body(const Part& part) {
    OrderedJson body = {{"title", part.title}, {"content", part.body}, {"urgency", name_of(part.urgency)}};
    if (!part.event_json.empty()) {
        auto event = OrderedJson::parse(part.event_json, nullptr, false);
        if (!event.is_discarded()) body["event"] = std::move(event);
    }
    return {dump_json(body), std::string(k_json)};
}

static Body form_body(const Pairs& pairs, const Values& values) {
    Pairs filled = pairs;
    for (auto& [key, value] : filled)
        value = substitute_plain(value, values);
    return {post_form({}, filled).body, std::string(k_form)};
}

static Body multipart_body(const Pairs& pairs, const Values& values, const std::string& nonce) {
    Pairs filled = pairs;
    for (auto& [key, value] : filled)
        value = substitute_plain(value, values);
    std::string boundary = "mcp-push-" + nonce;
    while (std::ranges::any_of(filled,
                               [&](const auto& pair) { return pair.second.find(boundary) != std::string::npos; })) {
        boundary += "x";
    }
    std::string text;
    for (const auto& [key, value] : filled) {
        text += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + key + "\"\r\n\r\n" + value + "\r\n";
    }
    return {text + "--" + boundary + "--\r\n", std::string(k_multipart) + "; boundary=" + boundary};
}

static Result<Body> json_body(const std::string& text, const Values& values) {
    if (looks_like_json(text)) {
        auto filled = substitute_json(text, values);
        if (const auto checked = parse_json(filled, k_json_unlimited); !checked) {
            return Error{ErrorKind::config, "body is no JSON document: " + checked.error().message,
                         "give \"key: value\" lines or mend the template; $title and $content may stand in quotes or "
                         "without"};
        }
        return Body{std::move(filled), std::string(k_json)};
    }
    const auto pairs = parse_pairs(text);
    if (pairs.empty()) {
        return Error{ErrorKind::config, "body is neither a JSON document nor \"key: value\" lines",
                     "write body = '{\"text\": \"$title $content\"}'"};
    }
    OrderedJson body = OrderedJson::object();
    for (const auto& [key, value] : pairs)
        body[key] = json_value(value, values);
    return Body{dump_json(body), std::string(k_json)};
}

/// What a template is where its content type is not given. Lines went out as a form in the original.
static std::string_view guess_type(const std::string& text, const Values& values) {
    if (looks_like_json(text) && parse_json(substitute_json(text, values), k_json_unlimited)) return k_json;
    bool all_pairs = true;
    for (const auto line : split(text, '\n')) {
        if (!trim(line).empty() && key_length(trim(line)) == 0) all_pairs = false;
    }
    return all_pairs ? k_form : k_text;
}

static Result<Body> make_body(const Part& part, const Settings& settings, const Values& values, const Thread& thread) {
    const auto& text = settings["body"];
    const auto& method = settings["method"];
    const std::string& given = settings["content_type"];
    if (trim(text).empty()) {
        const bool carries = method != "GET" && method != "HEAD" && method != "DELETE";
        return carries && !has_placeholder(settings["url"]) ? default_body(part) : Body{};
    }
    auto type = to_lower(trim(given.substr(0, given.find(';'))));
    if (type.empty()) type = guess_type(text, values);
    Body body;
    if (type == k_json || type.ends_with("+json")) {
        TRY_ASSIGN(body, json_body(text, values));
        if (!given.empty()) body.type = given;
    } else if (type == k_form) {
        body = form_body(parse_pairs(text), values);
    } else if (type == k_multipart) {
        body = multipart_body(parse_pairs(text), values, thread.nonce);
    } else {
        body = {substitute_plain(text, values), given.empty() ? "text/plain; charset=utf-8" : given};
        if (to_lower(body.type) == k_text) body.type += "; charset=utf-8";
    }
    return body;
}

static std::vector<HttpHeader> make_headers(const Settings& settings, const Values& values) {
    std::vector<HttpHeader> headers;
    for (const auto line : split(settings["headers"], '\n')) {
        const auto colon = line.find(':');
        const auto name = trim(line.substr(0, colon));
        if (colon == std::string_view::npos || name.empty()) continue;
        // A title must not begin a header of its own.
        auto value = substitute(trim(line.substr(colon + 1)), values,
                                [](const std::string& text, const Placeholder&) { return one_line(clean_text(text)); });
        const auto same = std::ranges::find_if(
            headers, [name](const HttpHeader& header) { return equals_ignoring_case(header.name, name); });
        if (same != headers.end()) {
            same->value += ", " + value;
        } else {
            headers.push_back({std::string(name), std::move(value)});
        }
    }
    return headers;
}

static Result<Request> plan(const Part& part, const Settings& settings, const Thread& thread) {
    const auto values = values_of(part);
    HttpRequest request;
    request.method = settings["method"];
    request.url = substitute(settings["url"], values,
                             [](const std::string& value, const Placeholder&) { return percent_encode(value); });
    request.headers = make_headers(settings, values);
    TRY_ASSIGN(auto body, make_body(part, settings, values, thread));
    request.body = std::move(body.text);
    if (!body.type.empty() && find_header(request.headers, "content-type") == nullptr) {
        request.headers.push_back({"Content-Type", std::move(body.type)});
    }
    if (find_header(request.headers, "idempotency-key") == nullptr) {
        request.headers.push_back({"Idempotency-Key", part.idempotency_key});
    }
    return Request(std::move(request));
}

static Result<Settings> normalise(Settings settings) {
    auto url = std::string(trim(settings["url"]));
    const auto scheme = to_lower(url.substr(0, url.find("://")));
    if (scheme != "https" && scheme != "http") {
        return Error{ErrorKind::config, "url does not begin with https:// or http://",
                     "write the whole address: \"https://example.com/hook\""};
    }
    settings.set("url", std::move(url));
    auto method = std::string(trim(settings["method"]));
    std::ranges::transform(method, method.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (method.empty() || !std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; })) {
        return Error{ErrorKind::config, "method is no HTTP method", "use POST, PUT or GET"};
    }
    settings.set("method", std::move(method));
    // A text in one line, as variables are often written, may hold the two characters backslash and n for a new line.
    if (settings["headers"].find('\n') == std::string::npos) {
        settings.set("headers", replace_all(settings["headers"], "\\n", "\n"));
    }
    return settings;
}

static Outcome judge(const HttpReply& reply, const Settings& settings) {
    auto outcome = judge_by_status(reply, settings);
    // What a stranger's endpoint does with it cannot be known.
    if (outcome.kind == OutcomeKind::delivered) outcome.kind = OutcomeKind::accepted;
    return outcome;
}

} // namespace mcp_push::services::custom_notify

namespace mcp_push {
MCP_PUSH_CHANNEL(custom_notify){
    .id = "custom_notify",
    .title = "Webhook",
    .title_zh = "自定义 Webhook",
    .aliases = "webhook",
    .fields = services::custom_notify::k_fields,
    .capabilities = {.dialect = Dialect::plain, .structured = true, .idempotency_key = true},
    .how_to =
        "Any address that takes an HTTP request. Without a body template it gets a JSON object with title, content, "
        "urgency and event.",
    .how_to_zh = "任意可接收 HTTP 请求的地址。未设置 body 时发送含 title、content、urgency、event 的 JSON。",
    .example = "[channels.hook]\ntype = \"custom_notify\"\nurl = \"https://example.com/hook\"\n"
               "body = '{\"text\": \"$title\\n\\n$content\"}'\n",
};
MCP_PUSH_CHANNEL_CODE(custom_notify){
    .plan = &services::custom_notify::plan,
    .judge = &services::custom_notify::judge,
    .normalise = &services::custom_notify::normalise,
};
} // namespace mcp_push
