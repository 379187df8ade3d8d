// SPDX-License-Identifier: MIT
#include "core/base/ids.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#if defined(__linux__)
#include <sys/random.h>
#endif

namespace mcp_push {
namespace {

void fill_random(unsigned char* bytes, std::size_t count) {
#if defined(__linux__)
    while (count > 0) {
        const ssize_t got = ::getrandom(bytes, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) std::abort(); // a kernel without entropy source: nothing we make would be unique
        bytes += got;
        count -= static_cast<std::size_t>(got);
    }
#else
    ::arc4random_buf(bytes, count);
#endif
}

} // namespace

std::string random_id(std::size_t length) {
    constexpr std::string_view k_alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string id;
    id.reserve(length);
    std::array<unsigned char, 16> bytes{};
    while (id.size() < length) {
        fill_random(bytes.data(), bytes.size());
        for (const unsigned char byte : bytes) {
            // 252 is the largest multiple of 36 that fits: no character is likelier than another.
            if (byte < 252 && id.size() < length) id += k_alphabet[byte % k_alphabet.size()];
        }
    }
    return id;
}

std::string make_ulid(TimePoint now) {
    constexpr std::string_view k_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::array<unsigned char, 16> random{};
    fill_random(random.data(), random.size());
    auto millis = static_cast<std::uint64_t>(to_millis(now)) & 0xFFFFFFFFFFFFULL;
    std::string id(26, '0');
    for (std::size_t i = 10; i-- > 0; millis >>= 5)
        id[i] = k_alphabet[millis & 31];
    for (std::size_t i = 0; i < 16; ++i)
        id[10 + i] = k_alphabet[random[i] & 31];
    return id;
}

double random_unit() {
    std::array<unsigned char, 4> bytes{};
    fill_random(bytes.data(), bytes.size());
    const std::uint32_t number = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
    return number / 4294967296.0;
}

} // namespace mcp_push
