// SPDX-License-Identifier: MIT
// A full outbox emptied into a loopback sink, beside libcurl's own multi interface posting the same number of bodies.
#include "bench/sink.hpp"
#include "bench/world.hpp"
#include "core/store/store.hpp"

#include <curl/curl.h>

#include <cstdio>
#include <filesystem>

namespace mcp_push::bench {
namespace {

constexpr int k_messages = 2000;

bool fill(const Home& home) {
    const auto state = home.path() + "/.local/state/mcp-push";
    std::filesystem::create_directories(state);
    auto store = Store::open(state + "/outbox.db");
    if (!store) {
        std::fprintf(stderr, "outbox: %s\n", store.error().text().c_str());
        return false;
    }
    const auto now = system_clock().now();
    for (int index = 0; index < k_messages; ++index) {
        NewNotification notification;
        notification.event.kind = EventKind::end;
        notification.event.at = now;
        notification.event.run = {.agent = "run", .session = "bench", .turn = std::to_string(index)};
        notification.event.facts.title = "Build finished";
        notification.event.facts.body = "All 212 tests passed in run " + std::to_string(index) + ".";
        notification.decision.rule = "asked for: notify_send";
        notification.decision.send = true;
        notification.due = now;
        notification.config_dir = home.path() + "/.config/mcp-push";
        notification.inbox_title = notification.event.facts.title;
        notification.targets.push_back({.channel = "sink0", .type = "custom_notify", .environment_key = {}});
        if (const auto kept = (*store)->keep(notification, now); !kept) {
            std::fprintf(stderr, "outbox: %s\n", kept.error().text().c_str());
            return false;
        }
    }
    return true;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

} // namespace

int post_with_libcurl(const std::string& url, int count, int at_once, std::size_t body_bytes) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM* const multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(at_once));
    const std::string body(body_bytes, 'x');
    curl_slist* const headers = curl_slist_append(nullptr, "Content-Type: application/json");
    int started = 0;
    int failed = 0;
    const auto add = [&](CURL* easy) {
        if (started == count) return curl_easy_cleanup(easy);
        ++started;
        curl_multi_add_handle(multi, easy);
    };
    for (int index = 0; index < at_once; ++index) {
        CURL* const easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &discard);
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        add(easy);
    }
    for (int running = 1; running > 0;) {
        curl_multi_perform(multi, &running);
        for (int left = 0; CURLMsg* const message = curl_multi_info_read(multi, &left);) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* const easy = message->easy_handle;
            failed += message->data.result != CURLE_OK ? 1 : 0;
            curl_multi_remove_handle(multi, easy);
            add(easy);
            running = 1;
        }
        if (running > 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    return failed == 0 && started == count ? 0 : 1;
}

void measure_outbox(const Setup& setup, Report& report) {
    constexpr int k_rounds = 3;
    const std::vector<int> widths = {4, 16, 64};
    Sink sink;
    const Home home(setup);
    home.configure({sink.url()});
    std::vector<double> ours;
    std::vector<std::vector<double>> theirs(widths.size());
    std::size_t body_bytes = 400;
    for (int round = 0; round < k_rounds; ++round) {
        home.forget_state();
        if (!fill(home)) return report.require("outbox: filled", false, "the store refused");
        const auto before = sink.count();
        (void)sink.take_requests();
        const auto ran = run_once(home.push({"deliver"}));
        report.require("outbox: all delivered", ran.exit_code == 0 && sink.count() - before == k_messages,
                       std::to_string(sink.count() - before) + " of " + std::to_string(k_messages));
        if (const auto requests = sink.take_requests(); !requests.empty()) body_bytes = requests.front().body.size();
        ours.push_back(ran.took.count());
        for (std::size_t index = 0; index < widths.size(); ++index) {
            const auto yardstick = run_once({.words = {setup.self, "--libcurl", sink.url(), std::to_string(k_messages),
                                                       std::to_string(widths[index]), std::to_string(body_bytes)},
                                             .environment = home.environment()});
            if (yardstick.exit_code != 0) report.require("outbox: the yardstick ran", false, "libcurl alone failed");
            theirs[index].push_back(yardstick.took.count());
        }
    }
    end_children();
    const auto rate = [](double micros) { return k_messages / (micros / 1'000'000); };
    double best = 0;
    for (const auto& times : theirs)
        best = std::max(best, rate(median(times)));
    report.add({.what = "outbox to a loopback sink",
                .measured = number(rate(median(ours)), 0) + " a second",
                .against = "libcurl's multi " + number(best, 0) + " a second",
                .value = rate(median(ours)) / best,
                .target = 0.5,
                .better = Row::Better::higher});
}

} // namespace mcp_push::bench
