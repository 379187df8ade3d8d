// SPDX-License-Identifier: MIT
#pragma once

#include "channels/specs.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/config/config.hpp"
#include "core/model/channel_spec.hpp"
#include "core/model/event.hpp"
#include "core/model/message.hpp"
#include "core/model/outcome.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mcp_push {

/// A channel's validated settings: every key that its spec names, defaults filled in, unknown keys absent.
class Settings {
public:
    using Values = std::map<std::string, std::string, std::less<>>;
    Settings() = default;
    explicit Settings(Values values) : m_values(std::move(values)) {}
    /// "" for a key without value.
    [[nodiscard]] const std::string& operator[](std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const { return !(*this)[key].empty(); }
    void set(std::string_view key, std::string value) { m_values.insert_or_assign(std::string(key), std::move(value)); }

private:
    Values m_values;
};

struct HttpHeader {
    std::string name;
    std::string value;
};

/// One HTTP request, whole. The address and headers may hold secrets: they are shown only through `masked`.
struct HttpRequest {
    std::string method = "POST";
    std::string url;
    std::vector<HttpHeader> headers;
    std::string body;
    std::string proxy;             ///< this channel's own; "" for the general one
    std::optional<Millis> timeout; ///< this channel's own
    bool follow_redirects = false; ///< a redirected POST would lose its body
};

/// Something done on this machine instead: a desktop notification, a line on a terminal.
struct LocalRequest {
    enum class Kind { console, desktop, terminal } kind = Kind::console;
    std::string title;
    std::string body;
    Urgency urgency = Urgency::normal;
    std::string target; ///< terminal: the device, "" for the controlling one
    std::string manner; ///< terminal: "osc9", "osc777" or "bell"
};

using Request = std::variant<HttpRequest, LocalRequest>;

struct HttpReply {
    int status = 0; ///< 0: no answer; then `error` says why
    std::vector<HttpHeader> headers;
    std::string body; ///< at most 256 KiB
    enum class Failure {
        none,
        no_network, ///< name, route, connection or TLS handshake: nothing was sent
        timed_out_before_sending,
        timed_out,   ///< sent, or partly; no whole answer
        cut,         ///< the connection broke after something was sent
        tls,         ///< the certificate does not verify: a person must mend something
        bad_request, ///< the address or a header cannot be used
    } failure = Failure::none;
    std::string error; ///< for people; without address and secrets
    Millis took{0};
};

/// One piece of a message, fitted to the channel's capabilities: the text is in the channel's own dialect.
struct Part {
    std::string title; ///< plain
    std::string body;  ///< in the spec's dialect, or plain where that is `plain`
    std::string plain_body;
    std::size_t number = 1;
    std::size_t of = 1;
    Urgency urgency = Urgency::normal;
    /// What happened, for colours and marks; absent where the text was given as it is.
    std::optional<EventKind> kind;
    std::vector<Link> links;
    std::string event_json;      ///< only for structured channels
    std::string run;             ///< for threading: stable per run
    std::string idempotency_key; ///< stable over retries of this delivery
};

/// What varies from call to call: time and nonce for signatures, the second try as plain text.
struct Thread {
    TimePoint now{};
    std::string nonce;
    bool plain = false; ///< the service refused the markup: send plain_body
};

/// The code of a channel type; pure.
struct ChannelCode {
    /// Makes the request. Errors: config (a setting that cannot work), unsupported.
    Result<Request> (*plan)(const Part& part, const Settings& settings, const Thread& thread) = nullptr;
    /// What the service's answer means. Called for real answers (status != 0) only; what failed below is judged by
    /// `judge_failure` for all channels alike.
    Outcome (*judge)(const HttpReply& reply, const Settings& settings) = nullptr;
    /// Whether an outcome means that the markup was refused, so that `thread.plain` is worth one try at once.
    bool (*markup_refused)(const HttpReply& reply) = nullptr;
    /// Checks and normalises settings beyond "required": pasted addresses, shapes. May be null.
    Result<Settings> (*normalise)(Settings settings) = nullptr;
    /// What it can carry under these settings, where that is not what the spec says. May be null.
    Capabilities (*capabilities)(const Settings& settings) = nullptr;
};

/// A channel type with both halves. The table is generated from channels/services/*.cpp.
struct ChannelType {
    const ChannelSpec* spec;
    const ChannelCode* code;
};
[[nodiscard]] std::span<const ChannelType> channel_types();
[[nodiscard]] const ChannelType* find_channel_type(std::string_view name);
/// What a channel with these settings can carry: what its messages are shaped for.
[[nodiscard]] Capabilities capabilities_of(const ChannelType& type, const Settings& settings);

/// What a reply without an answer means (no network, timeout, cut, certificate).
[[nodiscard]] Outcome judge_failure(const HttpReply& reply);
/// By HTTP status alone: 2xx delivered, 429 and 503 with Retry-After, 408/425/5xx transient, else permanent.
[[nodiscard]] Outcome judge_by_status(const HttpReply& reply, const Settings& settings);
/// Retry-After in seconds or as an HTTP date (RFC 9110 10.2.3), bounded to 24 h.
[[nodiscard]] std::optional<Millis> retry_after(const HttpReply& reply);
[[nodiscard]] const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name);

} // namespace mcp_push

// A channel's file defines both constants; the linker names the channel whose file forgets one. In the library of specs
// (MCP_PUSH_SPECS_ONLY) the code is an unused constant, so that neither plan nor judge is compiled into the hook.
#define MCP_PUSH_CHANNEL(name)                                                                                         \
    extern const ::mcp_push::ChannelSpec channel_##name;                                                               \
    constexpr ::mcp_push::ChannelSpec channel_##name
#ifdef MCP_PUSH_SPECS_ONLY
#define MCP_PUSH_CHANNEL_CODE(name) [[maybe_unused]] static constexpr ::mcp_push::ChannelCode channel_code_##name
#else
#define MCP_PUSH_CHANNEL_CODE(name)                                                                                    \
    extern const ::mcp_push::ChannelCode channel_code_##name;                                                          \
    constexpr ::mcp_push::ChannelCode channel_code_##name
#endif
