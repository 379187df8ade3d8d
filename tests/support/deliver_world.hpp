// SPDX-License-Identifier: MIT
#pragma once

#include "channels/deliver.hpp"
#include "core/base/files.hpp"
#include "tests/support/fake_http.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"
#include "tests/support/temp_home.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mcp_push {

/// A LocalSender that remembers.
class FakeLocal final : public LocalSender {
public:
    [[nodiscard]] Outcome send(const LocalRequest& request) override {
        sent.push_back(request);
        Outcome outcome;
        outcome.kind = OutcomeKind::delivered;
        return outcome;
    }
    std::vector<LocalRequest> sent;
};

/// A deliverer's world in virtual time: a real store in a folder of its own, webhooks as channels.
struct DeliverWorld {
    TempHome home;
    ManualClock clock;
    FakeHttp http{clock};
    FakeLocal local;
    Config config;
    std::unique_ptr<Store> store;
    std::vector<std::string> lines; ///< what was said to the log
    std::unique_ptr<DeliverContext> context;

    DeliverWorld() {
        must(make_directories(home.paths().state_dir));
        config.config_dir = home.paths().config_dir;
        open();
    }

    /// As a process that starts: the store is opened anew.
    void open() {
        context.reset();
        store.reset();
        store = must(Store::open(home.paths().database()));
        context.reset(new DeliverContext{.store = *store,
                                         .http = http,
                                         .local = local,
                                         .clock = clock,
                                         .paths = home.paths(),
                                         .environment = home.environment(),
                                         .config_of = [this](const std::string&) -> const Config& { return config; },
                                         .enrich = nullptr,
                                         .check_hold = nullptr,
                                         .log = [this](std::string_view line) { lines.emplace_back(line); }});
    }

    /// A webhook "https://NAME.test/hook"; it is answered only where the test has scripted that.
    ChannelConfig& add_webhook(const std::string& name) {
        ChannelConfig channel;
        channel.name = name;
        channel.type = "custom_notify";
        channel.settings["url"] = address(name);
        config.channels.push_back(std::move(channel));
        return config.channels.back();
    }
    [[nodiscard]] static std::string address(const std::string& name) { return "https://" + name + ".test/hook"; }

    NewNotification notification(const std::string& key, std::initializer_list<std::string_view> channels) {
        auto made = sample_notification(key, channels);
        made.config_dir = config.config_dir;
        for (auto& target : made.targets)
            target.type = "custom_notify";
        return made;
    }
    std::string keep(const NewNotification& made) { return must(store->keep(made, clock.now())).id; }
    std::string keep(const std::string& key, std::initializer_list<std::string_view> channels) {
        return keep(notification(key, channels));
    }

    [[nodiscard]] DeliveryRow row(const std::string& id, std::size_t index = 0) {
        return must(store->deliveries_of(id)).at(index);
    }
    [[nodiscard]] std::size_t sent_to(const std::string& name) const {
        std::size_t count = 0;
        for (const auto& sent : http.sent())
            count += sent.request.url.starts_with(address(name)) ? 1 : 0;
        return count;
    }

    /// Runs a deliverer until it leaves by itself or so much time has passed.
    Status run(Stay stay = Stay::while_anything_waits, Millis limit = std::chrono::hours(100)) {
        const Millis end = clock.since_boot() + limit;
        return run_deliverer(*context, stay, [this, end] { return clock.since_boot() >= end; });
    }
};

} // namespace mcp_push
