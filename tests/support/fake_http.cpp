// SPDX-License-Identifier: MIT
#include "tests/support/fake_http.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <utility>

namespace mcp_push {
namespace {

bool is_readable(int fd) {
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    return fd >= 0 && ::poll(&entry, 1, 0) > 0;
}

} // namespace

FakeHttp::~FakeHttp() = default;

void FakeHttp::answer(std::string begins_with, Answerer answerer, Millis latency) {
    m_scripts[std::move(begins_with)] = {std::move(answerer), latency};
}

void FakeHttp::answer(std::string begins_with, std::vector<HttpReply> replies, Millis latency) {
    REQUIRE_FALSE(replies.empty());
    std::size_t next = 0;
    answer(
        std::move(begins_with),
        [replies = std::move(replies), next](const HttpRequest&) mutable {
            auto reply = replies[next];
            next = std::min(next + 1, replies.size() - 1);
            return reply;
        },
        latency);
}

void FakeHttp::after(Millis pause, std::function<void()> what) {
    m_events.emplace(m_clock.since_boot() + pause, std::move(what));
}

void FakeHttp::forget_all() { m_flying.clear(); }

const FakeHttp::Script* FakeHttp::find(std::string_view url) const {
    for (const auto& [begin, script] : m_scripts) {
        if (url.starts_with(begin)) return &script;
    }
    return nullptr;
}

void FakeHttp::start(HttpRequest request, Done done) {
    const Millis now = m_clock.since_boot();
    m_sent.push_back({request, m_clock.now()});
    if (!m_network) {
        m_flying.emplace(now, Flying{failure_of(HttpReply::Failure::no_network), std::move(done)});
    } else if (const auto* const script = find(request.url); script == nullptr) {
        FAIL_CHECK("no script for ", request.url);
        m_flying.emplace(now, Flying{reply_of(404), std::move(done)});
    } else {
        auto reply = script->answerer(request);
        reply.took = script->latency;
        m_flying.emplace(now + script->latency, Flying{std::move(reply), std::move(done)});
    }
    m_most_at_once = std::max(m_most_at_once, m_flying.size());
}

void FakeHttp::probe(HttpRequest request, Done done) {
    const Millis now = m_clock.since_boot();
    const auto* const script = find(request.url);
    m_probes.push_back({std::move(request), m_clock.now()});
    const bool up = m_network && script != nullptr;
    const Millis latency = up ? script->latency : Millis(0);
    m_flying.emplace(now + latency,
                     Flying{up ? HttpReply{} : failure_of(HttpReply::Failure::no_network), std::move(done)});
}

void FakeHttp::run_for(Millis limit, int wake_fd) {
    if (is_readable(wake_fd)) return;
    const Millis now = m_clock.since_boot();
    Millis until = now + limit;
    if (!m_flying.empty()) until = std::clamp(m_flying.begin()->first, now, until);
    if (!m_events.empty()) until = std::clamp(m_events.begin()->first, now, until);
    m_clock.advance(until - now);
    while (!m_events.empty() && m_events.begin()->first <= until) {
        auto what = std::move(m_events.begin()->second);
        m_events.erase(m_events.begin());
        what();
    }
    while (!m_flying.empty() && m_flying.begin()->first <= until) {
        auto flying = std::move(m_flying.begin()->second);
        m_flying.erase(m_flying.begin());
        flying.done(std::move(flying.reply));
    }
}

void FakeHttp::cancel_all() {
    for (auto& [when, flying] : std::exchange(m_flying, {}))
        flying.done(failure_of(HttpReply::Failure::cut));
}

HttpReply reply_of(int status, std::string body, std::vector<HttpHeader> headers) {
    HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    reply.headers = std::move(headers);
    return reply;
}

HttpReply failure_of(HttpReply::Failure failure) {
    HttpReply reply;
    reply.failure = failure;
    reply.error = "no connection";
    return reply;
}

} // namespace mcp_push
