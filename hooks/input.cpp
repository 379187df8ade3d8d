// SPDX-License-Identifier: MIT
#include "hooks/input.hpp"

#include "core/base/files.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace mcp_push {

Result<std::string> read_input(int fd, Millis patience) {
    constexpr std::size_t k_most = 64 << 20;
    constexpr std::size_t k_first_step = 16 * 1024;
    constexpr std::size_t k_step = std::size_t(4) << 20;
    constexpr std::size_t k_large = std::size_t(1) << 20;
    std::string text;
    const Millis end = system_clock().since_boot() + patience;
    for (;;) {
        const Millis left = end - system_clock().since_boot();
        pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long long>(left.count(), 0)));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return text;
        const std::size_t old = text.size();
        // Once for all: growing would copy what is there again and again.
        if (old > k_large && text.capacity() < k_most) text.reserve(k_most + k_step);
        text.resize(old + std::clamp(old, k_first_step, k_step));
        const ssize_t got = ::read(fd, text.data() + old, text.size() - old);
        text.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return Error{ErrorKind::payload, "cannot read standard input: " + errno_text(errno)};
        if (got == 0) return text;
        if (text.size() > k_most) {
            return Error{ErrorKind::payload, "the payload is larger than 64 MiB"};
        }
    }
}

} // namespace mcp_push
