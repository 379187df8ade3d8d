// SPDX-License-Identifier: MIT
#pragma once

#include "channels/deliver.hpp"

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace mcp_push {

/// A configured channel with everything that sending on it needs.
struct ReadyChannel {
    const ChannelType* type = nullptr;
    Settings settings;
    std::vector<std::string> secrets; ///< what no text about this channel may hold
    Language language = Language::english;
    Privacy privacy = Privacy::full;
};

/// Finds the channels that rows name, in their folder's configuration or among those kept from an environment, fetches
/// their secrets and checks their settings. Remembers what it found while the configuration stays the same.
class ChannelSource {
public:
    explicit ChannelSource(DeliverContext& context) : m_context(context) {}
    /// The channel, or what became of the delivery for want of it.
    using Found = std::variant<std::shared_ptr<const ReadyChannel>, Outcome>;
    [[nodiscard]] Found find(const std::string& config_dir, const DeliveryRow& row);

private:
    struct Remembered {
        ChannelConfig source;
        Found found;
        Millis until{0}; ///< since boot; secrets are fetched again after it
    };
    [[nodiscard]] std::variant<ChannelConfig, Outcome> configured(const Config& config, const DeliveryRow& row) const;
    [[nodiscard]] Found make_ready(ChannelConfig channel, const Config& config) const;

    DeliverContext& m_context;
    std::map<std::string, Remembered> m_remembered;
};

/// The message of a delivery, fitted to its channel, with a stable idempotency key for each part.
[[nodiscard]] std::vector<Part> make_parts(const NotificationRow& notification, const DeliveryRow& row,
                                           const ReadyChannel& channel);

/// The request for one part, with the channel's own proxy and timeout.
[[nodiscard]] Result<Request> make_request(const ReadyChannel& channel, const Part& part, const Thread& thread);

/// How many parts of a delivery have arrived already, and their receipts, as a row's receipt keeps them between
/// attempts.
struct Progress {
    std::size_t parts = 0;
    std::string receipts;
    [[nodiscard]] std::string text() const;
    [[nodiscard]] static Progress parse(std::string_view receipt);
};

} // namespace mcp_push
