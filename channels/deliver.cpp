// SPDX-License-Identifier: MIT
// The deliverer's life: one at a time, awake when something is due or a hook calls, gone when nothing waits.
#include "channels/deliver.hpp"

#include "channels/deliver_pass.hpp"
#include "core/base/files.hpp"
#include "core/base/ids.hpp"
#include "core/base/wake.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace mcp_push {
namespace {

/// How long a sleep may be: a clock that is set, a row of another process, a file that is removed are seen after it.
constexpr Millis k_longest_sleep{30'000};
/// Between two looks at the store while messages are on their way.
constexpr Millis k_look_while_busy{1'000};
/// Where something is due that cannot be had at once (another process holds it).
constexpr Millis k_shortest_sleep{200};
constexpr Millis k_probe_at_least_every{5'000};
/// A wall clock that moved this much against the time since boot was set.
constexpr Millis k_clock_was_set{2'000};
/// A sleep that was longer than asked by this much was the machine's.
constexpr Millis k_machine_slept{10'000};
constexpr Millis k_lock_patience{1'000};
constexpr Millis k_trouble_most{600'000};

/// The lock, or kind timeout when another deliverer is at work and listens. One that has closed its pipe is about to
/// leave and may have looked at the store before our caller's row was there: its lock is worth a wait.
Result<FileLock> take_lock(const Paths& paths) {
    const Millis end = system_clock().since_boot() + k_lock_patience;
    for (;;) {
        auto lock = FileLock::acquire(paths.deliverer_lock(), Millis(0));
        if (lock || lock.error().kind != ErrorKind::timeout) return lock;
        if (wake_deliverer(paths) || system_clock().since_boot() >= end) {
            return Error{ErrorKind::timeout, "another deliverer is at work"};
        }
        ::usleep(2'000);
    }
}

/// Which file a path leads to.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const FileIdentity&) const = default;
    [[nodiscard]] static std::optional<FileIdentity> of(const std::string& path) {
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0) return std::nullopt;
        return FileIdentity{info.st_dev, info.st_ino};
    }
};

class Life {
public:
    Life(DeliverContext& context, Stay stay, const std::function<bool()>& stop_requested)
        : m_context(context), m_stay(stay), m_stop_requested(stop_requested),
          m_owner(std::to_string(::getpid()) + "-" + random_id(8)), m_pass(context, m_owner),
          m_file(context.alone ? std::nullopt : FileIdentity::of(context.paths.database())),
          m_last_now(context.clock.now()), m_last_boot(context.clock.since_boot()) {}

    Status run();

private:
    enum class Next { stay, leave };
    [[nodiscard]] Result<Next> turn();
    [[nodiscard]] Status look();
    [[nodiscard]] Status mind_the_network();
    void sleep(Millis limit);
    void watch_clocks(Millis slept_at_most);
    [[nodiscard]] Result<bool> may_leave();
    void open_pipe();
    void say(std::string_view line) const {
        if (m_context.log) m_context.log(line);
    }

    DeliverContext& m_context;
    Stay m_stay;
    const std::function<bool()>& m_stop_requested;
    std::string m_owner;
    DeliveryPass m_pass;
    FileHandle m_pipe;
    std::optional<FileIdentity> m_file;
    TimePoint m_last_now;
    Millis m_last_boot;
    Millis m_next_look{0};
    Millis m_next_probe{0};
    Millis m_last_probe{-3'600'000};
    DeliveryPass::Leased m_leased; ///< at the last look
    bool m_took_back = false;
    std::string m_last_trouble;
};

void Life::open_pipe() {
    if (m_context.alone) return;
    auto pipe = open_wake_pipe(m_context.paths);
    if (!pipe)
        return say(pipe.error().text()); // hooks will start deliverers that find the lock taken; rows still go out
    m_pipe = std::move(pipe).value();
}

Status Life::run() {
    open_pipe();
    std::optional<Millis> trouble_since;
    Millis pause{1'000};
    for (;;) {
        if (m_stop_requested && m_stop_requested()) return m_pass.stop();
        if (m_file) {
            const auto file = FileIdentity::of(m_context.paths.database());
            if (file != m_file) {
                (void)m_pass.stop(); // what it could record is lost with the file
                if (!file) return {};
                return Error{ErrorKind::storage, "the outbox was replaced while it was in use", "start again"};
            }
        }
        auto next = turn();
        if (next) {
            trouble_since.reset();
            pause = Millis(1'000);
            m_last_trouble.clear();
            if (*next == Next::leave) return {};
            continue;
        }
        const Millis now = m_context.clock.since_boot();
        if (next.error().text() != m_last_trouble) say("the outbox: " + next.error().text());
        m_last_trouble = next.error().text();
        if (!trouble_since) trouble_since = now;
        const bool too_long = now - *trouble_since >= k_trouble_most;
        if (m_stay == Stay::until_done || (too_long && m_stay != Stay::for_ever)) {
            (void)m_pass.stop();
            return std::move(next).error();
        }
        sleep(pause);
        m_next_look = Millis(0);
        pause = std::min(pause * 2, k_longest_sleep);
    }
}

Result<Life::Next> Life::turn() {
    const Millis boot = m_context.clock.since_boot();
    if (boot >= m_next_look) TRY(look());
    TRY(mind_the_network());
    if (m_pass.busy()) {
        TRY(m_pass.record(DeliveryPass::When::in_batches));
        if (m_leased.left_some && m_pass.has_room()) m_next_look = Millis(0);
        sleep(std::max(m_next_look - m_context.clock.since_boot(), Millis(1)));
        return Next::stay;
    }
    TRY(m_pass.record(DeliveryPass::When::at_once));
    if (m_next_look.count() == 0) return Next::stay; // woken meanwhile
    TRY_ASSIGN(const auto due, m_context.store.next_due());
    const TimePoint now = m_context.clock.now();
    const bool done = m_stay == Stay::until_done ? !due || *due > now : !due;
    if (done && m_stay != Stay::for_ever) {
        TRY_ASSIGN(const bool leave, may_leave());
        return leave ? Next::leave : Next::stay;
    }
    const Millis wait = due ? *due - now : k_longest_sleep;
    if (wait.count() <= 0 && m_leased.count > 0) {
        m_next_look = Millis(0); // more came while those were sent
        return Next::stay;
    }
    sleep(std::clamp(wait, k_shortest_sleep, k_longest_sleep));
    m_next_look = Millis(0);
    return Next::stay;
}

Status Life::look() {
    if (!m_took_back) {
        TRY(m_context.store.take_back_leases(m_owner, m_context.clock.now()));
        m_took_back = true;
    }
    TRY(m_pass.check_holds());
    TRY_ASSIGN(m_leased, m_pass.take_due());
    m_next_look = m_context.clock.since_boot() + k_look_while_busy;
    return {};
}

Status Life::mind_the_network() {
    const Millis boot = m_context.clock.since_boot();
    if (m_pass.take_returned()) {
        TRY(m_context.store.network_returned(m_context.clock.now()));
        m_next_look = Millis(0);
    }
    if (!m_pass.wants_network()) {
        (void)m_pass.take_reached();
        return {};
    }
    // A service that answers, a hook that calls or a machine that wakes up are signs that the network may be back.
    if (m_pass.take_reached()) m_next_probe = std::min(m_next_probe, m_last_probe + k_probe_at_least_every);
    if (boot < m_next_probe) return {};
    m_last_probe = boot;
    m_next_probe = boot + m_context.config_of(m_context.paths.config_dir).delivery.probe_every;
    return m_pass.probe();
}

void Life::sleep(Millis limit) {
    if (m_pass.wants_network()) {
        limit = std::min(limit, std::max(m_next_probe - m_context.clock.since_boot(), Millis(1)));
    }
    m_pass.work(limit, m_pipe.get());
    if (m_pipe && drain_wake_pipe(m_pipe)) {
        m_next_look = Millis(0);
        m_next_probe = std::min(m_next_probe, m_last_probe + k_probe_at_least_every);
    }
    watch_clocks(limit);
}

void Life::watch_clocks(Millis slept_at_most) {
    const TimePoint now = m_context.clock.now();
    const Millis boot = m_context.clock.since_boot();
    const Millis passed = boot - std::exchange(m_last_boot, boot);
    const Millis jump = now - std::exchange(m_last_now, now) - passed;
    if (passed > slept_at_most + k_machine_slept) m_next_probe = Millis(0);
    if (jump < k_clock_was_set && jump > -k_clock_was_set) return;
    m_next_look = Millis(0);
    say("the clock was set " + std::string(jump.count() > 0 ? "forward" : "back") + " by " +
        format_duration(jump.count() > 0 ? jump : -jump));
    if (jump.count() > 0) return;
    // Otherwise everything that waits would wait that much longer.
    if (const auto moved = m_context.store.clock_set_back(-jump, now); !moved) say(moved.error().text());
}

Result<bool> Life::may_leave() {
    // A hook that finds the pipe closed starts a deliverer, which waits for our lock; one that found it open has
    // committed before, and this look sees its row.
    m_pipe.reset();
    TRY_ASSIGN(const auto due, m_context.store.next_due());
    if (!due || (m_stay == Stay::until_done && *due > m_context.clock.now())) return true;
    open_pipe();
    m_next_look = Millis(0);
    return false;
}

} // namespace

Result<int> deliver_due(DeliverContext& context, const std::string& owner) {
    DeliveryPass pass(context, owner);
    TRY(pass.check_holds());
    for (;;) {
        TRY_ASSIGN(const auto leased, pass.take_due());
        while (pass.busy()) {
            pass.work(k_look_while_busy);
            TRY(pass.record(DeliveryPass::When::in_batches));
        }
        TRY(pass.record(DeliveryPass::When::at_once));
        if (leased.count == 0) return pass.tried();
    }
}

Status run_deliverer(DeliverContext& context, Stay stay, const std::function<bool()>& stop_requested) {
    std::optional<FileLock> lock;
    if (!context.alone) {
        TRY_ASSIGN(auto taken, take_lock(context.paths));
        lock.emplace(std::move(taken));
    }
    return Life(context, stay, stop_requested).run(); // the lock outlives the pipe
}

} // namespace mcp_push
