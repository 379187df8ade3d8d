// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/loopback_server.hpp"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push::robots {

using Request = LoopbackServer::Request;
using Answer = LoopbackServer::Answer;

/// What people see of a message that a service took.
struct Shown {
    std::string form; ///< the service's own word for the kind of message: "HTML", "markdown", "interactive", "text"
    std::string title;
    std::string text;
    bool silent = false;
    TimePoint at{}; ///< filled in by FakeRobot
};

/// What a service knows beside its settings: its clock and when it took messages.
struct History {
    TimePoint now;
    std::vector<TimePoint> taken;
    [[nodiscard]] std::size_t within(Millis window) const;
};

/// A service's answer, and the message where it took one.
struct Verdict {
    Answer answer;
    std::optional<Shown> shown = {};
};
using Service = std::function<Verdict(const Request&, const History&)>;

// Each checks what the service itself checks, in its order, and answers with the service's own error otherwise.

/// Telegram's Bot API: one bot, one chat.
struct Telegram {
    std::string token = "123456789:AAF-telegram_token-of-the-tests";
    std::string chat_id = "987654321";
    std::string topic = {};   ///< the only one there is
    bool knows_markup = true; ///< otherwise every parse_mode stumbles
    Millis pause{1'000};      ///< between two messages to one chat
    Verdict operator()(const Request& request, const History& history) const;
};

/// DingTalk's group robot. Empty: that security setting is off.
struct DingTalk {
    std::string token = "dingtalk0token0of0the0tests";
    std::string secret = {};
    std::string keyword = {};
    std::string only_address = {};
    Verdict operator()(const Request& request, const History& history) const;
};

/// Feishu's and Lark's custom bot.
struct Feishu {
    std::string key = "feishu-key-of-the-tests";
    std::string secret = {};
    std::string keyword = {};
    std::string only_address = {};
    bool knows_cards = true;
    Verdict operator()(const Request& request, const History& history) const;
};

/// WeCom's group robot.
struct WeCom {
    std::string key = "wecom-key-of-the-tests";
    bool knows_markdown = true;
    Verdict operator()(const Request& request, const History& history) const;
};

/// Somebody's own endpoint: takes what a template of theirs describes.
struct Endpoint {
    std::string path = "/hook";
    std::string method = "POST";
    std::string type = "application/json";
    std::string authorization = {};
    Verdict operator()(const Request& request, const History& history) const;
};

/// A service on loopback that behaves as `service` says, but answers as the test says as long as it has said something.
class FakeRobot {
public:
    FakeRobot(const Clock& clock, Service service, const std::string& certificate = {}, const std::string& key = {});
    FakeRobot(const FakeRobot&) = delete;
    FakeRobot& operator=(const FakeRobot&) = delete;
    ~FakeRobot() = default;

    /// The service's settings are changed by its owner.
    void become(Service service);
    /// The next requests are answered so, in this order, whatever they are; "nullopt" leaves one to the service.
    void next(std::vector<std::optional<Answer>> answers);
    /// How far the service's clock is ahead of ours.
    void set_skew(Millis skew);

    [[nodiscard]] std::string url(std::string_view path = "") const { return m_server.url(path); }
    [[nodiscard]] std::vector<Shown> shown() const;
    [[nodiscard]] std::vector<Request> requests() const { return m_server.requests(); }

private:
    Answer answer(const Request& request);

    const Clock& m_clock;
    mutable std::mutex m_mutex;
    Service m_service;
    std::deque<std::optional<Answer>> m_next;
    Millis m_skew{0};
    History m_history;
    std::vector<Shown> m_shown;
    LoopbackServer m_server; ///< the last: its threads use the others
};

/// The path and the decoded values of a request's address; '+' is a space, as in a form.
struct Target {
    std::string path;
    std::map<std::string, std::string> query;
    explicit Target(std::string_view target);
    [[nodiscard]] std::string operator[](const std::string& name) const;
};

/// What is wrong with HTML as the Bot API reads it, in its words; "" where nothing is. `text` becomes what it shows.
[[nodiscard]] std::string html_error(std::string_view html, std::string& text);

/// HMAC-SHA256 in Base64, by OpenSSL alone.
[[nodiscard]] std::string sign(std::string_view key, std::string_view data);

} // namespace mcp_push::robots
