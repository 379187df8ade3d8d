// SPDX-License-Identifier: MIT
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/deliverer.hpp"
#include "cli/stop_signal.hpp"
#include "hooks/hand_over.hpp"
#include "hooks/input.hpp"

#include <poll.h>
#include <unistd.h>

namespace mcp_push {
namespace commands::deliver {

static constexpr OptionSpec k_options[] = {
    {.name = "follow", .letter = 'f', .help = "Stay for ever and deliver whatever comes."},
    {.name = "detached", .help = "Stay while anything waits; errors go to the log (how the hook starts it)."},
    {.name = "given",
     .help = "Deliver one notification given as JSON on standard input (how the hook hands over what "
             "the outbox cannot take)."},
};
static constexpr Example k_examples[] = {
    {"mcp-push deliver", "send what is due, then leave"},
    {"mcp-push deliver --follow", "as a worker, from a service manager"},
};

static constexpr Millis k_keep_patience{5'000};
static constexpr Millis k_keep_pause{250};

/// Tries to keep a notification for a while: the disk may be full or the database locked for a moment only.
static Status keep(Context& context, const NewNotification& given) {
    const Millis end = context.clock.since_boot() + k_keep_patience;
    for (;;) {
        auto store = context.store();
        Status status;
        if (store) {
            const auto kept = (*store)->keep(given, context.clock.now());
            if (kept) return {};
            status = kept.error();
        } else {
            status = store.error();
        }
        if (context.clock.since_boot() >= end) return status;
        ::poll(nullptr, 0, static_cast<int>(k_keep_pause.count()));
    }
}

/// Delivers from memory, alone: there is no outbox to share. A signal ends it like any program; nothing could be given
/// back.
static Result<int> deliver_from_memory(Context& context, const NewNotification& given) {
    TRY_ASSIGN(const auto store, Store::open_in_memory());
    TRY(store->keep(given, context.clock.now()));
    TRY_ASSIGN(const auto deliverer, Deliverer::make(context, *store));
    deliverer->world().paths.state_dir.clear();
    TRY(run_deliverer(deliverer->world(), Stay::while_anything_waits, nullptr));
    return 0;
}

static Result<int> deliver(const Invocation& invocation) {
    Context& context = invocation.context;
    if (invocation.has("given")) {
        TRY_ASSIGN(const auto text, read_input(STDIN_FILENO, k_keep_patience));
        TRY_ASSIGN(const auto given, notification_from_text(text));
        if (const auto kept = keep(context, given); !kept) {
            context.log("the outbox cannot take a notification, so it is sent from memory: " + kept.error().text());
            return deliver_from_memory(context, given);
        }
    }
    const StopSignal stop(context.paths);
    TRY_ASSIGN(Store* const store, context.store());
    TRY_ASSIGN(const auto deliverer, Deliverer::make(context, *store));
    const auto stay = invocation.has("follow")                                ? Stay::for_ever
                      : invocation.has("detached") || invocation.has("given") ? Stay::while_anything_waits
                                                                              : Stay::until_done;
    if (stay == Stay::for_ever) clean_up(context, *store);
    const auto status = run_deliverer(deliverer->world(), stay, [&] { return stop.requested(); });
    if (!status) {
        if (status.error().kind != ErrorKind::timeout) return status.error();
        if (!invocation.has("detached")) context.err.line("another deliverer is at work; it sends what is due");
        return 0;
    }
    if (!stop.requested()) clean_up(context, *store);
    return 0;
}

static Result<int> run(const Invocation& invocation) {
    auto result = deliver(invocation);
    // Nobody sees the standard error of a detached process.
    if (!result) invocation.context.log("deliver: " + result.error().text());
    return result;
}

} // namespace commands::deliver

MCP_PUSH_COMMAND(deliver){
    .name = "deliver",
    .group = CommandGroup::work,
    .summary = "Deliver what waits in the outbox",
    .description = "Sends what is due and returns. The hook and the other commands start it by themselves, so it is "
                   "only needed after a reboot, or as a permanent worker. One deliverer works at a time; a second one "
                   "leaves at once.",
    .examples = commands::deliver::k_examples,
    .options = commands::deliver::k_options,
    .run = &commands::deliver::run,
};

} // namespace mcp_push
