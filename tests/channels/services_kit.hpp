// SPDX-License-Identifier: MIT
// A channel driven whole: a real deliverer's pass and the real HTTP client against a service on loopback, in the time
// of a ManualClock.
#pragma once

#include "channels/deliver.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "tests/channels/channel_kit.hpp"
#include "tests/support/deliver_world.hpp"
#include "tests/support/fake_robots.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace mcp_push::robots {

/// The curl client, for which time passes only while nothing is on its way: a pause of the deliverer's costs none.
class PacedHttp final : public HttpClient {
public:
    PacedHttp(ManualClock& clock, std::unique_ptr<HttpClient> inner) : m_clock(clock), m_inner(std::move(inner)) {}
    void start(HttpRequest request, Done done) override { m_inner->start(std::move(request), std::move(done)); }
    void probe(HttpRequest request, Done done) override { m_inner->probe(std::move(request), std::move(done)); }
    void run_for(Millis limit, int wake_fd) override {
        if (m_inner->in_flight() == 0) return m_clock.advance(limit);
        m_inner->run_for(limit, wake_fd);
    }
    [[nodiscard]] std::size_t in_flight() const override { return m_inner->in_flight(); }
    void cancel_all() override { m_inner->cancel_all(); }

private:
    ManualClock& m_clock;
    std::unique_ptr<HttpClient> m_inner;
};

/// Channels, usually one alone, "mine", and what they are sent.
struct ServiceWorld : DeliverWorld {
    explicit ServiceWorld(const HttpOptions& options = {})
        : real(clock, must(make_curl_client(options, home.environment()))) {
        context.reset(new DeliverContext{.store = *store,
                                         .http = real,
                                         .local = local,
                                         .clock = clock,
                                         .paths = home.paths(),
                                         .environment = home.environment(),
                                         .config_of = [this](const std::string&) -> const Config& { return config; },
                                         .enrich = nullptr,
                                         .check_hold = nullptr,
                                         .log = [this](std::string_view line) { lines.emplace_back(line); }});
    }
    PacedHttp real;
    std::vector<std::string> secrets = {"not to be shown"};

    /// Gives the channel these settings, in place of those that it had.
    void configure(const std::string& type, kit::Values settings) {
        config.channels.assign(1, kit::config_of(type, std::move(settings)));
    }
    /// Adds a channel named after its type.
    void add(const std::string& type, kit::Values settings) {
        config.channels.push_back(kit::config_of(type, std::move(settings)));
        config.channels.back().name = type;
    }
    /// A text as `send --markdown` gives it.
    std::string keep_text(const std::string& title, const std::string& body, Urgency urgency = Urgency::normal) {
        auto made = sample_notification("", {});
        made.event.facts = {.title = title, .body = body, .markdown = true};
        return keep_made(std::move(made), urgency);
    }
    /// A finished turn, told as the agents' are.
    std::string keep_turn(EventKind kind = EventKind::end, Urgency urgency = Urgency::normal) {
        auto made = sample_notification("", {});
        made.event.kind = kind;
        return keep_made(std::move(made), urgency);
    }
    void pass() { (void)must(deliver_due(*context, "test")); }
    void pass_after(Millis pause) {
        clock.advance(pause);
        pass();
    }
    /// Everything that a person may read of what came of a message.
    [[nodiscard]] std::string told(const std::string& id) {
        std::string text;
        for (const auto& delivery : must(store->deliveries_of(id))) {
            text += delivery.last_detail + "\n" + delivery.last_remedy + "\n" + delivery.receipt + "\n";
            for (const auto& attempt : must(store->attempts_of(delivery.id)))
                text += attempt.detail + "\n";
        }
        for (const auto& line : lines)
            text += line + "\n";
        for (const auto* const file : {"", "-wal"})
            text += read_file(home.paths().database() + file).value_or("");
        return text;
    }
    void check_no_secret(const std::string& id) {
        const auto text = told(id);
        for (const auto& secret : secrets) {
            CAPTURE(secret);
            CHECK_FALSE(kit::contains(text, secret));
            CHECK_FALSE(kit::contains(text, percent_encode(secret)));
        }
    }

private:
    std::string keep_made(NewNotification made, Urgency urgency) {
        made.config_dir = config.config_dir;
        made.decision.urgency = urgency;
        for (const auto& channel : config.channels)
            made.targets.push_back({.channel = channel.name, .type = channel.type});
        return keep(made);
    }
};

/// A channel type beside the service that it speaks to, and how the one is told of the other.
struct Robot {
    std::string type;
    Service service;
    kit::Values settings;    ///< without the address
    std::string address_key; ///< the setting that the address goes into
    std::string path;        ///< behind the service's own
    std::string secret;
};

inline std::vector<Robot> all_robots() {
    const std::string hook = "/hook?key=webhook-key-of-the-tests";
    return {
        {"telegram_bot",
         Telegram{},
         {{"token", Telegram{}.token}, {"chat_id", Telegram{}.chat_id}},
         "base_url",
         "",
         Telegram{}.token},
        {"dingding_bot", DingTalk{}, {}, "token", "/robot/send?access_token=" + DingTalk{}.token, DingTalk{}.token},
        {"feishu_bot", Feishu{}, {}, "key", "/open-apis/bot/v2/hook/" + Feishu{}.key, Feishu{}.key},
        {"wecom_bot", WeCom{}, {}, "key", "/cgi-bin/webhook/send?key=" + WeCom{}.key, WeCom{}.key},
        {"custom_notify", Endpoint{}, {}, "url", hook, "webhook-key-of-the-tests"},
    };
}

/// An answer that says no more than a status and a body.
inline Answer says(int status, std::string body = {},
                   std::vector<std::pair<std::string, std::string>> headers = {{"Content-Type", "application/json"}}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

/// A text of so many lines, each of which can be told from the others.
inline std::string numbered_lines(std::size_t count, std::string_view words) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i)
        text += "line " + std::to_string(i) + " " + std::string(words) + "\n\n";
    return text;
}

} // namespace mcp_push::robots
