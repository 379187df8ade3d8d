// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "hooks/tell.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// What came of a message, channel by channel: the result object of `send`, `event` and the MCP tools.
struct SendReport {
    enum class Came { delivered, queued, failed };
    struct Line {
        std::string channel;
        std::string type;
        Came came = Came::failed;
        std::string text; ///< failed, queued: why; delivered: the receipt
    };
    std::string status = "success"; ///< success, partial_success, error, queued
    std::string message;
    int channels_count = 0;
    std::vector<Line> channels;
    /// Trouble that is no channel's: "config", "skipped".
    std::vector<std::pair<std::string, std::string>> errors;
    /// Only for an event.
    std::string run_id;
    std::string event;
    std::string timestamp;
    bool in_inbox = true; ///< false: nothing could be kept
    int exit_code = 0;

    [[nodiscard]] OrderedJson to_json() const;
};

struct SendRequest {
    Teller::Request request;
    /// How long to wait for each channel's first outcome.
    Millis wait{10'000};
    /// False: what cannot be delivered at once is given up.
    bool may_queue = true;
};

/// Keeps the notification, delivers it (or lets the deliverer at work do it) and says what came of it. Errors: config
/// (no such channel), storage.
[[nodiscard]] Result<SendReport> send_and_watch(Context& context, SendRequest request);

/// The report from what the outbox says about the deliveries. `problems`: half-configured channels that were meant.
[[nodiscard]] SendReport make_report(const std::vector<DeliveryRow>& rows, const std::vector<Problem>& problems,
                                     bool may_queue, Language language, bool is_event, TimePoint now);

void print_report(Output& output, const SendReport& report, bool as_json);

/// The world of a Teller whose process delivers by itself.
[[nodiscard]] Teller::World teller_world(const Context& context);

/// What would be sent to each channel, with secrets masked; nothing is written and nobody is told.
[[nodiscard]] Result<int> print_dry_run(Context& context, Teller::Request request, bool as_json);

/// The options that `send` and `event` share.
inline constexpr OptionSpec k_channel_option{.name = "channel",
                                             .letter = 'c',
                                             .value = "NAME",
                                             .help = "Only this channel: its name, or a type for all channels of it.",
                                             .repeated = true,
                                             .completes = Completes::channel};
inline constexpr OptionSpec k_wait_option{
    .name = "wait",
    .value = "SECONDS",
    .help = "How long to wait for the channels' answers (10). 0 leaves everything to the background."};
inline constexpr OptionSpec k_no_queue_option{.name = "no-queue",
                                              .help = "Give up what cannot be delivered now in place of trying later."};
inline constexpr OptionSpec k_dry_run_option{
    .name = "dry-run", .help = "Print the requests that would be made, secrets masked, and send nothing."};
inline constexpr OptionSpec k_report_option{.name = "json", .help = "Print the result as a JSON object."};
inline constexpr OptionSpec k_markdown_option{.name = "markdown",
                                              .help = "The text is Markdown (CommonMark); without this it is plain."};

/// Sends or dry-runs as these options say.
[[nodiscard]] Result<int> send_as_asked(const Invocation& invocation, Teller::Request request);
/// The text of an argument; "-" reads standard input to its end, at most 10 MiB.
[[nodiscard]] Result<std::string> text_argument(const Invocation& invocation, std::string_view name);

} // namespace mcp_push
