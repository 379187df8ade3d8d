// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mcp_push {

using Millis = std::chrono::milliseconds;

/// A moment of wall-clock time, in milliseconds since 1970-01-01T00:00:00Z.
using TimePoint = std::chrono::time_point<std::chrono::system_clock, Millis>;

/// Where code that must be testable takes its time from. The real one is `system_clock()`.
class Clock {
public:
    virtual ~Clock() = default;
    /// Wall-clock time; may jump.
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Time since boot including suspend; never jumps back while the machine is up. Use it for lengths.
    [[nodiscard]] virtual Millis since_boot() const = 0;
};

[[nodiscard]] const Clock& system_clock();

[[nodiscard]] constexpr TimePoint from_millis(long long since_epoch) { return TimePoint(Millis(since_epoch)); }
[[nodiscard]] constexpr long long to_millis(TimePoint when) { return when.time_since_epoch().count(); }

/// "2026-11-21T10:00:00.123Z" (RFC 3339, UTC).
[[nodiscard]] std::string to_iso8601(TimePoint when);

/// Seconds (up to 11 digits), milliseconds, or ISO 8601 with or without zone (without: UTC). Error kind payload.
[[nodiscard]] Result<TimePoint> parse_time(std::string_view text);

/// "90", "90s", "1.5m", "2h", "1m30s", "500ms": a bare number means seconds. Error kind config.
[[nodiscard]] Result<Millis> parse_duration(std::string_view text);

/// For people: "45 s", "1 min 15 s", "2 h 3 min"; Chinese: "45 秒", "1 分 15 秒", "2 小时 3 分".
[[nodiscard]] std::string format_duration(Millis duration, bool chinese = false);

} // namespace mcp_push
