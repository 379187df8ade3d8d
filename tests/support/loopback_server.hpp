// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp_push {

/// A small HTTP/1.1 server on 127.0.0.1 for the curl client's tests: it answers as a handler says, also badly. One
/// thread for each connection; the handler may be called from several at once.
class LoopbackServer {
public:
    struct Request {
        std::string method;
        std::string target;
        std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
        std::string body;
        int connection = 0; ///< 1 for the first that was accepted
        [[nodiscard]] std::string header(std::string_view name) const;
    };
    struct Answer {
        int status = 200;
        std::vector<std::pair<std::string, std::string>> headers = {};
        std::string body = {};
        Millis delay{0};
        enum class Manner {
            whole,
            hang,              ///< never an answer
            close_at_once,     ///< the connection ends without an answer
            cut_after_headers, ///< the length is promised, the body never comes
            hang_in_body,      ///< half the body, then silence
            reset_in_body,     ///< half the body, then the connection is reset
            raw,               ///< `body` is sent as it stands
        } manner = Manner::whole;
    };
    using Handler = std::function<Answer(const Request&)>;
    enum class Accept {
        plain,
        tls,
        silent, ///< accepts connections and says nothing, not even a TLS handshake
    };

    explicit LoopbackServer(Handler handler, Accept accept = Accept::plain, const std::string& certificate = {},
                            const std::string& key = {});
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    [[nodiscard]] int port() const;
    /// "http://127.0.0.1:PORT" or "https://localhost:PORT" with the path behind it.
    [[nodiscard]] std::string url(std::string_view path = "/") const;
    [[nodiscard]] std::vector<Request> requests() const;
    [[nodiscard]] int connections() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// A port of 127.0.0.1 at which nobody listens.
[[nodiscard]] int closed_port();

} // namespace mcp_push
