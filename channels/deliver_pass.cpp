// SPDX-License-Identifier: MIT
#include "channels/deliver_pass.hpp"

#include "channels/settings.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace mcp_push {
namespace {

constexpr std::size_t k_most_leased = 1024;
constexpr std::size_t k_most_flying = 256;
constexpr std::size_t k_most_flying_each = 16;
/// A message that may go out this soon waits in memory; for later ones the store keeps the time.
constexpr Millis k_short_wait{2'000};
constexpr std::size_t k_batch = 128;
constexpr Millis k_batch_age{20};
constexpr std::size_t k_detail = 2048;

std::string queue_name(const DeliveryRow& row) { return row.channel + '\n' + row.environment_key; }

} // namespace

DeliveryPass::DeliveryPass(DeliverContext& context, std::string owner)
    : m_context(context), m_owner(std::move(owner)), m_channels(context) {}

DeliveryPass::~DeliveryPass() {
    m_context.http.cancel_all(); // their callbacks lead here
}

bool DeliveryPass::has_room() const { return m_flying_count + m_queued + k_batch <= k_most_leased; }

Status DeliveryPass::check_holds() {
    const TimePoint now = m_context.clock.now();
    TRY_ASSIGN(const auto holds, m_context.store.due_holds(now));
    for (const auto& hold : holds) {
        const auto answer = m_context.check_hold ? m_context.check_hold(hold, now) : HoldAnswer{};
        switch (answer.what) {
        case HoldAnswer::What::release:
            TRY(m_context.store.release_hold(hold.id, now));
            break;
        case HoldAnswer::What::cancel:
            TRY(m_context.store.cancel_hold(hold.id, answer.reason));
            break;
        case HoldAnswer::What::later:
            TRY(m_context.store.postpone_hold(hold.id, std::max(answer.again, now + Millis(1'000))));
            break;
        }
    }
    return {};
}

Result<DeliveryPass::Leased> DeliveryPass::take_due() {
    if (!has_room() || m_stopping) return Leased{.count = 0, .left_some = true};
    const std::size_t room = k_most_leased - m_flying_count - m_queued;
    TRY_ASSIGN(auto rows, m_context.store.lease_due(m_owner, m_context.clock.now(), room));
    for (auto& row : rows) {
        auto job = std::make_unique<Job>();
        job->progress = Progress::parse(row.receipt);
        job->row = std::move(row);
        queue_of(job->row).waiting.push_back(std::move(job));
        ++m_queued;
    }
    start_queued();
    return Leased{.count = rows.size(), .left_some = rows.size() == room};
}

DeliveryPass::Queue& DeliveryPass::queue_of(const DeliveryRow& row) {
    const auto name = queue_name(row);
    const auto found = m_queues.find(name);
    if (found != m_queues.end()) return found->second;
    auto& queue = m_queues[name];
    const auto* const type = find_channel_type(row.type);
    if (type == nullptr) return queue;
    std::vector<Millis> sent;
    const auto& capabilities = type->spec->capabilities;
    if (const auto window = Lane::window_of(capabilities); window.count() > 0) {
        const TimePoint now = m_context.clock.now();
        // Without the history the service says itself what is too much.
        const auto times = m_context.store.sent_since(row.channel, row.environment_key, now - window);
        for (const auto when : times.value_or({}))
            sent.push_back(m_context.clock.since_boot() - (now - when));
    }
    queue.lane = Lane(capabilities, std::move(sent));
    return queue;
}

void DeliveryPass::start_queued() {
    for (auto& [name, queue] : m_queues)
        start_queue(queue);
}

void DeliveryPass::start_queue(Queue& queue) {
    // A host that was not reached a moment ago gets one message to try, not all of them.
    const auto most = [&] { return queue.down ? std::size_t{1} : k_most_flying_each; };
    while (!queue.waiting.empty() && queue.flying < most() && m_flying_count < k_most_flying && !m_stopping) {
        const Millis now = m_context.clock.since_boot();
        const Millis slot = queue.lane.next_slot(now);
        if (slot > now) {
            // The rest of a message that is half there is not put off.
            const bool begun = queue.waiting.front()->began != TimePoint{};
            if (slot - now > k_short_wait && !begun) put_off_waiting(queue, std::nullopt);
            return;
        }
        auto job = std::move(queue.waiting.front());
        queue.waiting.pop_front();
        --m_queued;
        begin(queue, std::move(job));
    }
}

void DeliveryPass::put_off_waiting(Queue& queue, std::optional<TimePoint> down) {
    const Millis boot = m_context.clock.since_boot();
    const TimePoint now = m_context.clock.now();
    for (const auto& job : queue.waiting) {
        TimePoint next = down ? *down : now + (queue.lane.reserve(boot) - boot);
        if (job->row.expires) next = std::min(next, std::max(*job->row.expires, now));
        m_put_off.push_back({job->row.id, next, down.has_value()});
    }
    m_queued -= queue.waiting.size();
    queue.waiting.clear();
    queue.lane.clear_reservations();
}

Result<std::shared_ptr<const NotificationRow>> DeliveryPass::load(const std::string& id) {
    if (const auto found = m_notifications.find(id); found != m_notifications.end()) return found->second;
    TRY_ASSIGN(auto row, m_context.store.find_notification(id));
    if (m_context.enrich) m_context.enrich(row);
    if (m_notifications.size() >= k_most_leased) m_notifications.clear();
    std::shared_ptr<const NotificationRow> shared = std::make_shared<NotificationRow>(std::move(row));
    m_notifications.emplace(id, shared);
    return shared;
}

std::optional<Outcome> DeliveryPass::prepare(Job& job) {
    Outcome outcome;
    auto notification = load(job.row.notification);
    if (!notification) {
        outcome.kind = retry_helps(notification.error().kind) || notification.error().kind == ErrorKind::storage
                           ? OutcomeKind::transient
                           : OutcomeKind::permanent;
        outcome.detail = notification.error().text();
        return outcome;
    }
    job.notification = std::move(notification).value();
    auto channel = m_channels.find(job.notification->config_dir, job.row);
    if (auto* const why_not = std::get_if<Outcome>(&channel)) return std::move(*why_not);
    job.channel = std::get<std::shared_ptr<const ReadyChannel>>(channel);
    job.parts = make_parts(*job.notification, job.row, *job.channel);
    job.progress.parts = std::min(job.progress.parts, job.parts.size() - 1);
    return std::nullopt;
}

void DeliveryPass::begin(Queue& queue, std::unique_ptr<Job> job) {
    const TimePoint now = m_context.clock.now();
    if (job->began == TimePoint{}) {
        job->began = now;
        job->began_boot = m_context.clock.since_boot();
        if (job->row.expires && now >= *job->row.expires) {
            Store::AttemptResult result;
            result.attempt = {.delivery = job->row.id, .at = now, .outcome = OutcomeKind::unsupported};
            result.attempt.detail = "too old to be of use: not sent";
            result.state = DeliveryState::cancelled;
            result.next = now;
            result.counts = false;
            m_results.push_back(std::move(result));
            return;
        }
        if (auto outcome = prepare(*job)) return finish(queue, *job, std::move(*outcome));
        ++m_tried;
    }
    send_part(queue, std::move(job));
}

void DeliveryPass::send_part(Queue& queue, std::unique_ptr<Job> job) {
    const Thread thread{.now = m_context.clock.now(), .nonce = random_id(16), .plain = job->plain};
    auto request = make_request(*job->channel, job->parts[job->progress.parts], thread);
    if (!request) {
        Outcome outcome;
        outcome.kind =
            request.error().kind == ErrorKind::unsupported ? OutcomeKind::unsupported : OutcomeKind::permanent;
        outcome.detail = request.error().message;
        outcome.remedy = request.error().hint;
        return finish(queue, *job, std::move(outcome));
    }
    if (const auto* const local = std::get_if<LocalRequest>(&*request)) {
        return settle_part(queue, std::move(job), m_context.local.send(*local));
    }
    queue.lane.started();
    ++queue.flying;
    ++m_flying_count;
    const auto id = job->row.id;
    m_flying[id] = std::move(job);
    m_context.http.start(std::move(std::get<HttpRequest>(*request)), [this, id](HttpReply reply) {
        m_replies.push_back({id, std::move(reply)});
    });
}

void DeliveryPass::take_replies() {
    for (const auto& reply : std::exchange(m_replies, {}))
        take_reply(reply);
    for (const auto& name : std::exchange(m_probed, {})) {
        m_returned = true;
        m_queues[name].down = false;
    }
}

void DeliveryPass::take_reply(const Reply& answer) {
    const auto found = m_flying.find(answer.delivery);
    if (found == m_flying.end()) return;
    auto job = std::move(found->second);
    m_flying.erase(found);
    auto& queue = queue_of(job->row);
    queue.lane.answered(m_context.clock.since_boot());
    --queue.flying;
    --m_flying_count;
    const auto& reply = answer.reply;
    const auto& code = *job->channel->type->code;
    auto outcome = reply.status == 0 ? judge_failure(reply) : code.judge(reply, job->channel->settings);
    outcome.status = reply.status;
    if (reply.status != 0) {
        m_reached = true;
        queue.down = false;
    } else if (m_stopping && outcome.kind == OutcomeKind::no_network) {
        // It was we who ended it, and nothing had been sent.
        m_put_off.push_back({job->row.id, job->row.next, job->row.wants_network});
        return;
    }
    const bool refused = reply.status != 0 && !is_success(outcome.kind) && !job->plain &&
                         code.markup_refused != nullptr && code.markup_refused(reply);
    if (refused && !m_stopping) {
        job->plain = true;
        return send_part(queue, std::move(job));
    }
    settle_part(queue, std::move(job), std::move(outcome));
}

void DeliveryPass::settle_part(Queue& queue, std::unique_ptr<Job> job, Outcome outcome) {
    if (is_success(outcome.kind)) {
        job->progress.receipts += (job->progress.receipts.empty() ? "" : " ") + outcome.receipt;
        if (++job->progress.parts < job->parts.size()) {
            ++m_queued;
            queue.waiting.push_front(std::move(job));
            return;
        }
    }
    finish(queue, *job, std::move(outcome));
}

void DeliveryPass::finish(Queue& queue, const Job& job, Outcome outcome) {
    const TimePoint now = m_context.clock.now();
    const auto& secrets = job.channel ? job.channel->secrets : std::vector<std::string>();
    Store::AttemptResult result;
    result.attempt = {.delivery = job.row.id,
                      .at = job.began,
                      .took = m_context.clock.since_boot() - job.began_boot,
                      .outcome = outcome.kind,
                      .status = outcome.status,
                      .detail = shorten(without_secrets(std::move(outcome.detail), secrets), k_detail)};
    result.next = now;
    const bool chinese = job.channel && job.channel->language == Language::chinese && !outcome.remedy_zh.empty();
    result.remedy = without_secrets(chinese ? outcome.remedy_zh : outcome.remedy, secrets);
    bool given_up = false;
    if (is_success(outcome.kind)) {
        result.state = DeliveryState::delivered;
        // Never empty where the row's own still says how far an earlier attempt came.
        result.receipt = job.progress.receipts.empty() && !job.row.receipt.empty() ? "-" : job.progress.receipts;
        result.remedy.clear();
    } else {
        const auto& options =
            m_context.config_of(job.notification ? job.notification->config_dir : std::string()).delivery;
        const auto next = next_attempt(options, job.row, outcome, now, random_unit());
        given_up = !next;
        result.state = next ? DeliveryState::waiting : DeliveryState::dead;
        result.next = next.value_or(now);
        result.receipt = job.progress.text();
        result.wants_network = next && outcome.kind == OutcomeKind::no_network;
    }
    const Millis boot = m_context.clock.since_boot();
    if (outcome.wait && outcome.kind == OutcomeKind::rate_limited) queue.lane.wait_until(boot + *outcome.wait);
    if (result.wants_network) {
        m_wants_network = true;
        queue.down = true;
        put_off_waiting(queue, result.next);
    }
    say(job, result, given_up);
    if (m_results.empty()) m_oldest_result = boot;
    m_results.push_back(std::move(result));
}

void DeliveryPass::say(const Job& job, const Store::AttemptResult& result, bool given_up) const {
    // Every attempt has a row of its own; the log gets the first failure and the last.
    if (!m_context.log || result.state == DeliveryState::delivered || (job.row.attempts > 0 && !given_up)) return;
    std::string line = job.row.channel + ": " + result.attempt.detail;
    if (!result.remedy.empty()) line += " (" + result.remedy + ")";
    if (given_up) {
        line += "; given up after " + std::to_string(job.row.attempts + 1) + " attempts, kept in the dead letter";
    } else {
        line += "; tried again in " + format_duration(result.next - m_context.clock.now());
    }
    m_context.log(line);
}

void DeliveryPass::work(Millis limit, int wake_fd) {
    const Millis now = m_context.clock.since_boot();
    for (const auto& [name, queue] : m_queues) {
        if (queue.waiting.empty() || queue.flying > 0) continue;
        limit = std::min(limit, std::max(queue.lane.next_slot(now) - now, Millis(1)));
    }
    if (has_unrecorded()) limit = std::min(limit, k_batch_age);
    m_context.http.run_for(limit, wake_fd);
    take_replies();
    start_queued();
    if (!busy()) m_notifications.clear();
}

Status DeliveryPass::record(When when) {
    if (!m_put_off.empty()) {
        TRY(m_context.store.put_off(m_put_off));
        m_put_off.clear();
    }
    if (m_results.empty()) return {};
    const bool due = when == When::at_once || m_results.size() >= k_batch || m_results.size() >= m_flying_count ||
                     m_context.clock.since_boot() - m_oldest_result >= k_batch_age;
    if (!due) return {};
    TRY(m_context.store.record_attempts(m_results));
    m_results.clear();
    return {};
}

Status DeliveryPass::probe() {
    TRY_ASSIGN(const auto rows, m_context.store.without_network());
    m_wants_network = !rows.empty();
    for (const auto& row : rows) {
        auto name = queue_name(row);
        if (m_probing.contains(name)) continue;
        TRY_ASSIGN(const auto notification, m_context.store.find_notification(row.notification));
        auto channel = m_channels.find(notification.config_dir, row);
        const auto* const ready = std::get_if<std::shared_ptr<const ReadyChannel>>(&channel);
        if (ready == nullptr) continue;
        Part part;
        part.title = part.body = part.plain_body = "mcp-push";
        const Thread thread{.now = m_context.clock.now(), .nonce = random_id(16)};
        auto request = make_request(**ready, part, thread);
        auto* const http = request ? std::get_if<HttpRequest>(&*request) : nullptr;
        if (http == nullptr) continue;
        m_probing.insert(name);
        m_context.http.probe(std::move(*http), [this, name](const HttpReply& reply) {
            m_probing.erase(name);
            if (reply.failure == HttpReply::Failure::none) m_probed.push_back(name);
        });
    }
    return {};
}

Status DeliveryPass::stop() {
    m_stopping = true;
    for (auto& [name, queue] : m_queues) {
        for (const auto& job : queue.waiting) {
            m_put_off.push_back({job->row.id, job->row.next, job->row.wants_network});
        }
        m_queued -= queue.waiting.size();
        queue.waiting.clear();
    }
    // What is on its way gets a moment to be answered: a cut request may arrive twice.
    constexpr Millis k_grace{2'000};
    const Millis end = m_context.clock.since_boot() + k_grace;
    while (m_flying_count > 0 && m_context.clock.since_boot() < end) {
        m_context.http.run_for(end - m_context.clock.since_boot());
        take_replies();
    }
    m_context.http.cancel_all();
    take_replies();
    return record(When::at_once);
}

} // namespace mcp_push
