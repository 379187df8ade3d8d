// SPDX-License-Identifier: MIT
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/deliverer.hpp"
#include "cli/stop_signal.hpp"
#include "core/base/files.hpp"
#include "core/config/env_channels.hpp"
#include "hooks/hand_over.hpp"
#include "hooks/input.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

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

static constexpr Millis k_keep_patience{2'000};
static constexpr Millis k_keep_pause{250};
static constexpr Millis k_open_patience{600'000};
static constexpr Millis k_longest_pause{10'000};

static void pause_for(Millis pause) { ::poll(nullptr, 0, static_cast<int>(pause.count())); }

/// What a detached deliverer needs that finds the outbox locked or the disk full: rows wait in it, and nobody else may
/// come for hours. One process waits so; it will see the rows of all others.
static Result<Store*> open_patiently(Context& context) {
    auto store = context.store();
    if (store) return store;
    const auto only_one = FileLock::acquire(context.paths.deliverer_lock() + ".opening", Millis(0));
    if (!only_one) return store;
    context.log("deliver: " + store.error().text() + "; tried again for 10 minutes");
    const Millis end = context.clock.since_boot() + k_open_patience;
    for (Millis pause = k_keep_pause; context.clock.since_boot() < end; pause = std::min(pause * 2, k_longest_pause)) {
        pause_for(pause);
        store = context.store();
        if (store) return store;
    }
    return store;
}

/// The hook could not write down channels that only its environment describes. Ours is the same one.
static Status remember_channels(Context& context, const NewNotification& given) {
    for (const auto& target : given.targets) {
        if (target.environment_key.empty() || find_env_channel(context.paths, target.environment_key)) continue;
        for (const auto& channel : context.config().channels) {
            if (channel.environment_key == target.environment_key) TRY(remember_env_channel(context.paths, channel));
        }
    }
    return {};
}

/// Tries to keep a notification for a while: the disk may be full or the database locked for a moment only.
static Status keep(Context& context, const NewNotification& given) {
    const Millis end = context.clock.since_boot() + k_keep_patience;
    for (;;) {
        auto store = context.store();
        auto status = remember_channels(context, given);
        if (store && status) {
            const auto kept = (*store)->keep(given, context.clock.now());
            if (kept) return {};
            status = kept.error();
        } else if (status) {
            status = store.error();
        }
        if (context.clock.since_boot() >= end) return status;
        pause_for(k_keep_pause);
    }
}

/// Delivers from memory, alone: there is no outbox to share. A signal ends it like any program; nothing could be given
/// back.
static Status deliver_from_memory(Context& context, const NewNotification& given) {
    TRY_ASSIGN(const auto store, Store::open_in_memory());
    TRY(store->keep(given, context.clock.now()));
    TRY_ASSIGN(const auto deliverer, Deliverer::make(context, *store));
    deliverer->world().alone = true;
    return run_deliverer(deliverer->world(), Stay::while_anything_waits, nullptr);
}

static Result<int> deliver(const Invocation& invocation) {
    Context& context = invocation.context;
    if (invocation.has("given")) {
        TRY_ASSIGN(const auto text, read_input(STDIN_FILENO, k_keep_patience));
        TRY_ASSIGN(const auto given, notification_from_text(text));
        if (const auto kept = keep(context, given); !kept) {
            context.log("the outbox cannot take a notification, so it is sent from memory: " + kept.error().text());
            TRY(deliver_from_memory(context, given));
            if (!context.store()) return 0; // otherwise what waited in it meanwhile is sent too
        }
    }
    const StopSignal stop(context.paths);
    const auto stay = invocation.has("follow")                                ? Stay::for_ever
                      : invocation.has("detached") || invocation.has("given") ? Stay::while_anything_waits
                                                                              : Stay::until_done;
    auto opened = stay == Stay::until_done ? context.store() : open_patiently(context);
    if (!opened) return std::move(opened).error();
    Store* const store = *opened;
    TRY_ASSIGN(const auto deliverer, Deliverer::make(context, *store));
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
