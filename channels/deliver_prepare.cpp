// SPDX-License-Identifier: MIT
// From a row of the outbox to the requests that carry it.
#include "channels/deliver_prepare.hpp"

#include "channels/settings.hpp"
#include "channels/shape.hpp"
#include "core/base/text.hpp"
#include "core/config/env_channels.hpp"
#include "core/config/secret_ref.hpp"
#include "core/rules/compose.hpp"

#include <algorithm>
#include <charconv>

namespace mcp_push {
namespace {

/// Secrets that a program or a keyring gave are asked for again after this, and failures are not asked for sooner.
constexpr Millis k_secrets_last{600'000};
constexpr Millis k_failure_lasts{5'000};

constexpr std::string_view k_progress = "sent "; // "sent 2: id-1 id-2"

Outcome trouble(OutcomeKind kind, const Error& error) {
    Outcome outcome;
    outcome.kind = kind;
    outcome.detail = error.message;
    outcome.remedy = error.hint;
    return outcome;
}

bool same(const ChannelConfig& a, const ChannelConfig& b) {
    return a.type == b.type && a.settings == b.settings && a.references == b.references && a.privacy == b.privacy &&
           a.language == b.language && a.enabled == b.enabled;
}

} // namespace

std::variant<ChannelConfig, Outcome> ChannelSource::configured(const Config& config, const DeliveryRow& row) const {
    // Name and key: another terminal's channel of the same name leads to another person.
    const auto found = std::ranges::find_if(config.channels, [&](const ChannelConfig& channel) {
        return channel.name == row.channel && channel.environment_key == row.environment_key;
    });
    if (found != config.channels.end()) return *found;
    if (!row.environment_key.empty()) {
        auto kept = find_env_channel(m_context.paths, row.environment_key);
        if (kept) return std::move(kept).value();
        return trouble(kept.error().kind == ErrorKind::no_input ? OutcomeKind::permanent : OutcomeKind::transient,
                       kept.error());
    }
    // A file that cannot be read at this moment (half edited, a disk not mounted) must not cost the message.
    const auto problem = std::ranges::find_if(
        config.problems, [&](const Problem& entry) { return entry.channel.empty() || entry.channel == row.channel; });
    if (problem != config.problems.end()) {
        return trouble(OutcomeKind::transient,
                       {ErrorKind::config, problem->where + ": " + problem->message, problem->hint});
    }
    return trouble(OutcomeKind::permanent, {ErrorKind::config, "the channel " + row.channel + " is not configured",
                                            "add [channels." + row.channel + "] again, then mcp-push outbox retry"});
}

ChannelSource::Found ChannelSource::make_ready(ChannelConfig channel, const Config& config) const {
    const auto* const type = find_channel_type(channel.type);
    if (type == nullptr) {
        return trouble(OutcomeKind::permanent,
                       {ErrorKind::config, "channels." + channel.name + ": there is no type \"" + channel.type + "\"",
                        "mcp-push channels lists the types"});
    }
    if (!channel.enabled) {
        return trouble(OutcomeKind::permanent, {ErrorKind::config, "the channel " + channel.name + " is switched off",
                                                "set enabled = true, then mcp-push outbox retry"});
    }
    if (!channel.references.empty()) {
        const auto fetched = resolve_secrets(channel, m_context.environment);
        if (!fetched) return trouble(OutcomeKind::transient, fetched.error());
    }
    auto settings = make_settings(*type, channel);
    if (!settings) return trouble(OutcomeKind::permanent, settings.error());
    auto ready = std::make_shared<ReadyChannel>();
    ready->type = type;
    ready->settings = std::move(settings).value();
    ready->secrets = secrets_of(*type->spec, ready->settings);
    ready->language = channel.language.value_or(config.language);
    ready->privacy = channel.privacy.value_or(config.privacy);
    return ready;
}

ChannelSource::Found ChannelSource::find(const std::string& config_dir, const DeliveryRow& row) {
    const Config& config = m_context.config_of(config_dir);
    auto source = configured(config, row);
    if (auto* const outcome = std::get_if<Outcome>(&source)) return std::move(*outcome);
    auto& channel = std::get<ChannelConfig>(source);
    // What the folder's configuration says for all channels counts here too.
    channel.language = channel.language.value_or(config.language);
    channel.privacy = channel.privacy.value_or(config.privacy);
    const Millis now = m_context.clock.since_boot();
    auto& remembered = m_remembered[config_dir + '\n' + row.channel + '\n' + row.environment_key];
    if (remembered.until > now && same(remembered.source, channel)) return remembered.found;
    remembered.source = channel;
    remembered.found = make_ready(std::move(channel), config);
    remembered.until = now + (std::holds_alternative<Outcome>(remembered.found) ? k_failure_lasts : k_secrets_last);
    return remembered.found;
}

std::vector<Part> make_parts(const NotificationRow& notification, const DeliveryRow& row, const ReadyChannel& channel) {
    ComposeOptions options;
    options.language = channel.language;
    options.privacy = channel.privacy;
    options.urgency = notification.decision.urgency;
    options.event = row.event;
    const Message message = compose(notification.event, options);
    auto parts = shape(message, capabilities_of(*channel.type, channel.settings));
    const auto& facts = notification.event.facts;
    const bool composed = facts.title.empty() && facts.body.empty();
    // Only letters, digits and '-': it travels in headers and addresses.
    const auto stem = row.notification + "-" + to_hex(hash64(row.channel, hash64(row.environment_key))) +
                      (row.event ? "-event-" : "-");
    for (auto& part : parts) {
        part.run =
            notification.event.run.agent + "/" + notification.event.run.session + "/" + notification.event.run.turn;
        if (composed) part.kind = notification.event.kind;
        part.idempotency_key = stem + std::to_string(part.number);
    }
    return parts;
}

Result<Request> make_request(const ReadyChannel& channel, const Part& part, const Thread& thread) {
    TRY_ASSIGN(auto request, channel.type->code->plan(part, channel.settings, thread));
    if (auto* const http = std::get_if<HttpRequest>(&request)) {
        if (http->proxy.empty()) http->proxy = channel.settings["proxy"];
        if (!http->timeout && channel.settings.has("timeout")) {
            if (const auto timeout = parse_duration(channel.settings["timeout"])) http->timeout = *timeout;
        }
    }
    return request;
}

std::string Progress::text() const {
    return parts == 0 ? "" : std::string(k_progress) + std::to_string(parts) + ": " + receipts;
}

Progress Progress::parse(std::string_view receipt) {
    Progress progress;
    if (!receipt.starts_with(k_progress)) return progress;
    receipt.remove_prefix(k_progress.size());
    const auto* const end = receipt.data() + receipt.size();
    const auto [stop, error] = std::from_chars(receipt.data(), end, progress.parts);
    const auto rest = receipt.substr(static_cast<std::size_t>(stop - receipt.data()));
    if (error != std::errc() || !rest.starts_with(": ")) return {};
    progress.receipts = rest.substr(2);
    return progress;
}

} // namespace mcp_push
