// SPDX-License-Identifier: MIT
#include "core/base/clock.hpp"

#include "core/base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace mcp_push {
namespace {

class SystemClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override {
        return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
    }
    [[nodiscard]] Millis since_boot() const override {
        timespec spec{};
#if defined(__linux__)
        clock_gettime(CLOCK_BOOTTIME, &spec);
#else
        clock_gettime(CLOCK_MONOTONIC, &spec); // on macOS this one counts sleep too
#endif
        return Millis(spec.tv_sec * 1000LL + spec.tv_nsec / 1000000);
    }
};

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/// "Z", "+08:00", "+0800", "+08" or nothing; the number of minutes east of UTC.
std::optional<int> parse_zone(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return 0;
    if (text[0] != '+' && text[0] != '-') return std::nullopt;
    const auto hours = digits(text, 1, 2);
    if (!hours) return std::nullopt;
    std::optional<int> minutes = 0;
    if (text.size() == 6 && text[3] == ':') {
        minutes = digits(text, 4, 2);
    } else if (text.size() == 5) {
        minutes = digits(text, 3, 2);
    } else if (text.size() != 3) {
        return std::nullopt;
    }
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const int total = *hours * 60 + *minutes;
    return text[0] == '-' ? -total : total;
}

std::optional<TimePoint> parse_iso8601(std::string_view text) {
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    TimePoint when = std::chrono::sys_days(date);
    if (text.size() == 10) return when;

    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    if (!hour || !minute || text[13] != ':' || *hour > 23 || *minute > 59) return std::nullopt;
    when += std::chrono::hours(*hour) + std::chrono::minutes(*minute);
    std::size_t at = 16;
    if (at < text.size() && text[at] == ':') {
        const auto second = digits(text, 17, 2);
        if (!second || *second > 60) return std::nullopt;
        when += std::chrono::seconds(*second);
        at = 19;
        if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
            int scale = 100;
            for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
                when += Millis((text[at] - '0') * scale);
            }
        }
    }
    const auto zone = parse_zone(text.substr(at));
    if (!zone) return std::nullopt;
    return when - std::chrono::minutes(*zone);
}

} // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

std::string to_iso8601(TimePoint when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{when - day};
    std::array<char, 48> buffer{};
    const int length =
        std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                      unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                      int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
    return {buffer.data(), static_cast<std::size_t>(length)};
}

Result<TimePoint> parse_time(std::string_view raw) {
    const auto text = trim(raw);
    const auto refuse = [&] {
        return Error{ErrorKind::payload, "\"" + std::string(cut(text, 60)) + "\" is not a time",
                     "give seconds or milliseconds since 1970, or ISO 8601 such as 2026-01-31T12:00:00Z"};
    };
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (code == std::errc() && end == text.data() + text.size()) {
        // Eleven digits of seconds reach the year 5138; in milliseconds they would mean 1973.
        const double millis = std::abs(number) < 1e11 ? number * 1000 : number;
        // ISO 8601 has four digits for the year.
        if (!(millis >= -62135596800000.0 && millis <= 253402300799999.0)) return refuse();
        return from_millis(static_cast<long long>(millis));
    }
    if (const auto when = parse_iso8601(text)) return *when;
    return refuse();
}

Result<Millis> parse_duration(std::string_view raw) {
    struct Unit {
        std::string_view name;
        double millis;
    };
    constexpr std::array k_units = {Unit{"ms", 1},    Unit{"sec", 1000},  Unit{"s", 1000},      Unit{"min", 60000},
                                    Unit{"m", 60000}, Unit{"h", 3600000}, Unit{"d", 86400000.0}};
    const auto text = trim(raw);
    const auto refuse = [&] {
        return Error{ErrorKind::config, "\"" + std::string(cut(text, 60)) + "\" is not a duration",
                     "write it like 60s, 1m30s, 500ms or 2h; a bare number means seconds"};
    };
    if (text.empty()) return refuse();
    double total = 0;
    for (auto rest = text; !rest.empty();) {
        double number = 0;
        const auto [end, code] =
            std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
        if (code != std::errc() || number < 0) return refuse();
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        while (!rest.empty() && rest.front() == ' ')
            rest.remove_prefix(1);
        double millis = 1000;
        bool named = false;
        for (const auto& unit : k_units) {
            if (rest.starts_with(unit.name)) {
                millis = unit.millis;
                rest.remove_prefix(unit.name.size());
                named = true;
                break;
            }
        }
        if (!named && (!rest.empty() || total > 0)) return refuse();
        while (!rest.empty() && rest.front() == ' ')
            rest.remove_prefix(1);
        total += number * millis;
    }
    if (!(total <= 1e13)) return refuse();
    return Millis(static_cast<long long>(std::llround(total)));
}

std::string format_duration(Millis duration, bool chinese) {
    const long long seconds = std::max<long long>(0, duration.count()) / 1000;
    const auto part = [&](long long amount, const char* english, const char* in_chinese) {
        return std::to_string(amount) + " " + (chinese ? in_chinese : english);
    };
    const auto pair = [&](const std::string& first, long long amount, const std::string& second) {
        return amount == 0 ? first : first + " " + second;
    };
    if (seconds < 60) return part(seconds, "s", "秒");
    const long long minutes = seconds / 60;
    if (minutes < 60) {
        return pair(part(minutes, "min", "分"), seconds % 60, part(seconds % 60, "s", "秒"));
    }
    const long long hours = minutes / 60;
    if (hours < 48) return pair(part(hours, "h", "小时"), minutes % 60, part(minutes % 60, "min", "分"));
    return pair(part(hours / 24, "d", "天"), hours % 24, part(hours % 24, "h", "小时"));
}

} // namespace mcp_push
