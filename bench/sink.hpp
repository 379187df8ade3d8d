// SPDX-License-Identifier: MIT
#pragma once

#include "bench/timing.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mcp_push::bench {

/// An HTTP server on loopback that answers 200 to everything, after a delay or never. One thread with epoll, so that it
/// is not what limits the programs it measures.
class Sink {
public:
    enum class Manner { answer, hang };
    explicit Sink(Manner manner = Manner::answer, std::chrono::milliseconds delay = {});
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    [[nodiscard]] std::string url(const std::string& path = "/hook") const;
    /// Whole requests that have arrived.
    [[nodiscard]] std::size_t count() const { return m_count.load(); }
    /// When the latest of them was there.
    [[nodiscard]] Instant latest() const { return Instant(Instant::duration(m_latest.load())); }
    struct Request {
        std::string key; ///< the header Idempotency-Key, "" without
        std::string body;
    };
    /// The requests that arrived since the last call; of very many only the first.
    [[nodiscard]] std::vector<Request> take_requests();
    /// Waits for `count` requests in all; whether they came within the limit.
    bool wait_for(std::size_t count, std::chrono::milliseconds limit) const;

private:
    struct Connection;
    void serve();
    bool read_from(Connection& connection);

    Manner m_manner;
    std::chrono::milliseconds m_delay;
    int m_listener = -1;
    int m_stop = -1;
    int m_port = 0;
    std::atomic<std::size_t> m_count{0};
    std::atomic<Instant::rep> m_latest{0};
    mutable std::mutex m_guard;
    std::vector<Request> m_requests;
    std::thread m_thread;
};

} // namespace mcp_push::bench
