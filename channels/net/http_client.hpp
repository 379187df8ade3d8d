// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace mcp_push {

/// Sends many requests at once. One owner of libcurl behind it (curl_client.cpp); tests use FakeHttp.
class HttpClient {
public:
    using Done = std::function<void(HttpReply reply)>;
    virtual ~HttpClient() = default;

    /// Starts a request; `done` is called from `run_for`, once, on the caller's thread.
    virtual void start(HttpRequest request, Done done) = 0;
    /// Opens a connection to the address's host (through its proxy) and closes it: whether the network is back.
    virtual void probe(HttpRequest request, Done done) = 0;
    /// Works for at most `limit`, or until `wake_fd` (where >= 0) is readable; returns earlier when something finished.
    virtual void run_for(Millis limit, int wake_fd = -1) = 0;
    /// Requests that are not done.
    [[nodiscard]] virtual std::size_t in_flight() const = 0;
    /// Ends every request at once; their `done` is called with Failure::cut or no_network.
    virtual void cancel_all() = 0;
};

/// libcurl's multi interface: connection reuse, HTTP/1.1, the general proxy and certificate options. The process
/// ignores SIGPIPE from then on.
[[nodiscard]] Result<std::unique_ptr<HttpClient>> make_curl_client(const HttpOptions& options,
                                                                   const Environment& environment);

} // namespace mcp_push
