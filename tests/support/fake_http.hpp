// SPDX-License-Identifier: MIT
#pragma once

#include "channels/net/http_client.hpp"
#include "tests/support/manual_clock.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// An HttpClient without a network, in the time of a ManualClock: `run_for` moves the clock to the next thing that
/// happens, an answer or an event of the test's, or to its limit. An address that no script begins fails the test.
class FakeHttp final : public HttpClient {
public:
    explicit FakeHttp(ManualClock& clock) : m_clock(clock) {}
    ~FakeHttp() override;
    FakeHttp(const FakeHttp&) = delete;
    FakeHttp& operator=(const FakeHttp&) = delete;

    using Answerer = std::function<HttpReply(const HttpRequest& request)>;
    /// How requests to addresses that begin so are answered, each after `latency`. A later script of the same beginning
    /// takes the place of the earlier one.
    void answer(std::string begins_with, Answerer answerer, Millis latency = Millis(50));
    /// These replies in this order; the last one is repeated.
    void answer(std::string begins_with, std::vector<HttpReply> replies, Millis latency = Millis(50));
    /// Without a network every request and probe fails so, at once.
    void set_network(bool up) { m_network = up; }
    /// Does something when so much time has passed.
    void after(Millis pause, std::function<void()> what);
    /// What a process does that is killed: nothing that is on its way is answered.
    void forget_all();

    struct Sent {
        HttpRequest request;
        TimePoint at;
    };
    [[nodiscard]] const std::vector<Sent>& sent() const { return m_sent; }
    [[nodiscard]] const std::vector<Sent>& probes() const { return m_probes; }
    [[nodiscard]] std::size_t most_at_once() const { return m_most_at_once; }

    void start(HttpRequest request, Done done) override;
    void probe(HttpRequest request, Done done) override;
    void run_for(Millis limit, int wake_fd = -1) override;
    [[nodiscard]] std::size_t in_flight() const override { return m_flying.size(); }
    void cancel_all() override;

private:
    struct Script {
        Answerer answerer;
        Millis latency{0};
    };
    struct Flying {
        HttpReply reply;
        Done done;
    };
    [[nodiscard]] const Script* find(std::string_view url) const;

    ManualClock& m_clock;
    bool m_network = true;
    std::map<std::string, Script, std::greater<>> m_scripts; ///< longer beginnings of the same words first
    std::multimap<Millis, Flying> m_flying;
    std::multimap<Millis, std::function<void()>> m_events;
    std::vector<Sent> m_sent;
    std::vector<Sent> m_probes;
    std::size_t m_most_at_once = 0;
};

[[nodiscard]] HttpReply reply_of(int status, std::string body = {}, std::vector<HttpHeader> headers = {});
[[nodiscard]] HttpReply failure_of(HttpReply::Failure failure);

} // namespace mcp_push
