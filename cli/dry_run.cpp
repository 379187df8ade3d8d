// SPDX-License-Identifier: MIT
#include "channels/deliver_prepare.hpp"
#include "channels/settings.hpp"
#include "cli/sending.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace {

/// Sends nothing: a dry run prepares requests and stops there.
class NoHttp final : public HttpClient {
public:
    void start(HttpRequest, Done) override {}
    void probe(HttpRequest, Done) override {}
    void run_for(Millis, int) override {}
    [[nodiscard]] std::size_t in_flight() const override { return 0; }
    void cancel_all() override {}
};

class NoSender final : public LocalSender {
public:
    [[nodiscard]] Outcome send(const LocalRequest&) override { return {}; }
};

std::string_view name_of_kind(LocalRequest::Kind kind) {
    switch (kind) {
    case LocalRequest::Kind::console:
        return "console";
    case LocalRequest::Kind::desktop:
        return "desktop";
    case LocalRequest::Kind::terminal:
        return "terminal";
    }
    return "";
}

/// Where the whole address is the secret, its server is still worth seeing.
std::string shown_address(const std::string& url, const std::vector<std::string>& secrets) {
    auto masked = without_secrets(url, secrets);
    if (masked.starts_with("http")) return masked;
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string::npos) return masked;
    auto server = url.substr(scheme_end + 3, url.find_first_of("/?#", scheme_end + 3) - scheme_end - 3);
    server.erase(0, server.rfind('@') + 1); // npos + 1 is 0
    return without_secrets(url.substr(0, scheme_end), secrets) + "://" + server + "/[redacted]";
}

OrderedJson describe(const Request& request, const std::vector<std::string>& secrets) {
    const auto masked = [&](const std::string& text) { return without_secrets(text, secrets); };
    OrderedJson json;
    if (const auto* const http = std::get_if<HttpRequest>(&request)) {
        json["method"] = http->method;
        json["address"] = shown_address(http->url, secrets);
        json["headers"] = OrderedJson::object();
        for (const auto& header : http->headers)
            json["headers"][header.name] = masked(header.value);
        json["body"] = masked(http->body);
    } else {
        const auto& local = std::get<LocalRequest>(request);
        json["method"] = name_of_kind(local.kind);
        json["title"] = masked(local.title);
        json["body"] = masked(local.body);
    }
    return json;
}

void print_one(Output& output, const OrderedJson& row) {
    const auto text = [&](const char* key) { return row.contains(key) ? row[key].get<std::string>() : std::string(); };
    output.line(output.styled(Style::strong, text("channel")) + " (" + text("type") + ")");
    if (row.contains("error")) {
        output.line("  " + output.styled(Style::bad, text("error")));
        return;
    }
    output.line("  " + text("method") + (row.contains("address") ? " " + text("address") : ""));
    if (row.contains("headers")) {
        for (const auto& [name, value] : row["headers"].items())
            output.line("  " + name + ": " + value.get<std::string>());
    }
    if (row.contains("title")) output.line("  " + text("title"));
    output.line();
    const auto body = text("body");
    for (const auto line : split(body, '\n'))
        output.line("  " + std::string(line));
    output.line();
}

} // namespace

Result<int> print_dry_run(Context& context, Teller::Request request, bool as_json) {
    Teller teller(teller_world(context));
    TRY_ASSIGN(const auto prepared, teller.prepare(std::move(request)));
    TRY_ASSIGN(const auto store, Store::open_in_memory());
    NoHttp http;
    NoSender local;
    DeliverContext world{.store = *store,
                         .http = http,
                         .local = local,
                         .clock = context.clock,
                         .paths = context.paths,
                         .environment = context.environment,
                         .config_of = [&](const std::string&) -> const Config& { return context.config(); },
                         .enrich = nullptr,
                         .check_hold = nullptr,
                         .log = nullptr};
    ChannelSource source(world);
    std::vector<OrderedJson> rows;
    for (const auto& notification : prepared.notifications) {
        NotificationRow row;
        row.id = "dry-run";
        row.created = context.clock.now();
        row.event = notification.event;
        row.decision = notification.decision;
        for (const auto& target : notification.targets) {
            DeliveryRow delivery;
            delivery.notification = row.id;
            delivery.channel = target.channel;
            delivery.type = target.type;
            delivery.environment_key = target.environment_key;
            delivery.event = target.event;
            const OrderedJson head = {{"channel", target.channel}, {"type", target.type}};
            const auto add_error = [&](const std::string& message, const std::string& hint) {
                rows.push_back(head);
                rows.back()["error"] = hint.empty() ? message : message + ": " + hint;
            };
            const auto found = source.find(notification.config_dir, delivery);
            if (const auto* const trouble = std::get_if<Outcome>(&found)) {
                add_error(trouble->detail, trouble->remedy);
                continue;
            }
            const auto& ready = *std::get<0>(found);
            for (const auto& part : make_parts(row, delivery, ready)) {
                const auto planned = make_request(ready, part, {.now = row.created, .nonce = "dryrun", .plain = false});
                if (!planned) {
                    add_error(planned.error().message, planned.error().hint);
                    continue;
                }
                rows.push_back(head);
                rows.back().update(describe(*planned, ready.secrets));
            }
        }
    }
    if (as_json) {
        print_json_rows(context.out, rows);
    } else if (rows.empty()) {
        context.out.line(prepared.notifications.empty() ? prepared.told.decision.rule
                                                        : "no channel is configured: nobody would be told");
    } else {
        for (const auto& row : rows)
            print_one(context.out, row);
    }
    return rows.empty() && !prepared.notifications.empty() ? exit_code_of(ErrorKind::config) : 0;
}

} // namespace mcp_push
