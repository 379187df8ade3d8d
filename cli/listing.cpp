// SPDX-License-Identifier: MIT
#include "cli/listing.hpp"

#include "core/rules/compose.hpp"

#include <nlohmann/json.hpp>

namespace mcp_push {
namespace {

constexpr std::size_t k_search = 10'000;
constexpr std::size_t k_least_characters = 4;

} // namespace

Result<std::size_t> limit_of(const Invocation& invocation, std::size_t other) {
    const auto given = invocation.find("limit");
    if (!given) return other;
    TRY_ASSIGN(const auto count, parse_count("--limit", *given, 1));
    return static_cast<std::size_t>(count);
}

std::string title_of(const NotificationRow& row, const Config& config) {
    const bool event = row.decision.event && !row.decision.send;
    return compose(row.event, {.language = config.language, .urgency = row.decision.urgency, .event = event}).title;
}

Result<NotificationRow> find_by_id(Store& store, std::string_view id) {
    if (auto exact = store.find_notification(std::string(id)); exact) return exact;
    if (id.size() >= k_least_characters) {
        TRY_ASSIGN(auto rows, store.list_notifications(k_search));
        std::erase_if(rows, [&](const auto& row) { return !row.id.starts_with(id) && !row.id.ends_with(id); });
        if (rows.size() == 1) return std::move(rows.front());
        if (rows.size() > 1) {
            return Error{ErrorKind::no_input, std::to_string(rows.size()) + " notifications match " + std::string(id),
                         "give more characters of the id"};
        }
    }
    return Error{ErrorKind::no_input, "there is no notification " + std::string(id), "see: mcp-push log"};
}

OrderedJson json_time(TimePoint when) { return to_iso8601(when); }
OrderedJson json_time(const std::optional<TimePoint>& when) {
    return when ? OrderedJson(to_iso8601(*when)) : OrderedJson(nullptr);
}

OrderedJson delivery_json(const DeliveryRow& row, const std::string& title) {
    OrderedJson json = {
        {"id", row.notification},      {"delivery", row.id},       {"title", title},
        {"channel", row.channel},      {"type", row.type},         {"kind", row.event ? "event" : "send"},
        {"state", name_of(row.state)}, {"attempts", row.attempts}, {"created", json_time(row.created)}};
    const bool open = row.state == DeliveryState::waiting || row.state == DeliveryState::leased;
    json["next"] = open ? json_time(row.next) : OrderedJson(nullptr);
    json["expires"] = json_time(row.expires);
    json["receipt"] = row.receipt;
    json["detail"] = row.last_detail;
    json["remedy"] = row.last_remedy;
    return json;
}

Style style_of(DeliveryState state) {
    switch (state) {
    case DeliveryState::delivered:
        return Style::good;
    case DeliveryState::dead:
        return Style::bad;
    case DeliveryState::waiting:
        return Style::warn;
    case DeliveryState::leased:
    case DeliveryState::cancelled:
        break;
    }
    return Style::plain;
}

std::string why_of(const DeliveryRow& row) {
    if (row.state == DeliveryState::delivered) return row.receipt.empty() ? "" : "receipt " + row.receipt;
    if (row.last_detail.empty()) return row.last_remedy;
    return row.last_remedy.empty() ? row.last_detail : row.last_detail + ": " + row.last_remedy;
}

} // namespace mcp_push
