// SPDX-License-Identifier: MIT
#include "cli/sending.hpp"

#include "channels/specs.hpp"
#include "cli/command.hpp"
#include "cli/deliverer.hpp"
#include "cli/stop_signal.hpp"
#include "core/base/text.hpp"

#include <poll.h>

#include <algorithm>

namespace mcp_push {
namespace {

constexpr int k_poll_pause_ms = 10;
/// Beyond the requests' own limit, so that a request that runs into it is recorded as such.
constexpr Millis k_grace{500};
constexpr std::size_t k_longest_text = 10 << 20;

bool has_outcome(const DeliveryRow& row) {
    if (row.state == DeliveryState::leased) return false;
    return row.state != DeliveryState::waiting || row.attempts > 0 || !row.last_detail.empty();
}

/// A message on its way: the store that holds it and what is needed to bring it there.
class Sending {
public:
    Sending(Context& context, SendRequest request)
        : m_context(context), m_request(std::move(request)), m_teller(teller_world(context)) {}

    [[nodiscard]] Result<SendReport> run() {
        TRY(open_store());
        TRY_ASSIGN(const auto next, m_store->next_due());
        const bool backlog = next && *next <= m_context.clock.now();
        const bool named = !m_request.request.channels.empty();
        const bool is_event = m_request.request.as_event;
        if (!m_request.may_queue) m_request.request.expires = m_request.request.event.at + m_request.wait;
        TRY_ASSIGN(const auto told, m_teller.tell(m_request.request));
        if (told.result == Teller::Told::Result::silent) return skipped(told.decision.rule);
        m_ids = told.notifications;
        int stopped_by = 0;
        if (told.result != Teller::Told::Result::handed_over) {
            TRY_ASSIGN(stopped_by, deliver(backlog));
        }

        if (!m_request.may_queue) TRY(give_up());
        TRY_ASSIGN(const auto rows, deliveries());
        const Config& config = m_teller.config(m_request.request.event.facts.folder);
        std::vector<Problem> problems;
        std::ranges::copy_if(config.problems, std::back_inserter(problems), [&](const Problem& problem) {
            // Who named channels meant those alone.
            const bool meant = !named || std::ranges::find(rows, problem.channel, &DeliveryRow::channel) != rows.end();
            return !problem.channel.empty() && meant;
        });
        auto report = make_report(rows, problems, m_request.may_queue && !m_in_memory, config.language, is_event,
                                  m_context.clock.now());
        report.in_inbox = !m_in_memory;
        if (report.channels.empty() && !config.problems.empty()) {
            // Why there is no channel, where the reason is in the file.
            const Problem& problem = config.problems.front();
            const auto hint = problem.hint.empty() ? "" : ": " + problem.hint;
            report.errors.emplace_back("config_file", problem.where + ": " + problem.message + hint);
        }
        if (told.result == Teller::Told::Result::handed_over) {
            report = {.status = "queued", .message = "the outbox cannot take it; it is being sent from memory"};
            report.exit_code = 75;
        }
        const bool anything_waits = std::ranges::any_of(rows, [](const DeliveryRow& row) {
            return row.state == DeliveryState::waiting || row.state == DeliveryState::leased;
        });
        if (anything_waits && !m_in_memory) wake();
        if (stopped_by != 0) report.exit_code = 128 + stopped_by;
        return report;
    }

private:
    Status open_store() {
        auto opened = m_teller.store();
        if (!opened) {
            m_context.complain("the outbox cannot be used, so the message is sent without keeping it: " +
                               opened.error().text());
            m_in_memory = true;
            TRY_ASSIGN(auto memory, Store::open_in_memory());
            m_teller.use_store(std::move(memory));
            opened = m_teller.store();
        }
        TRY_ASSIGN(m_store, std::move(opened));
        return {};
    }

    [[nodiscard]] static SendReport skipped(const std::string& rule) {
        SendReport report;
        report.message = "nothing was sent";
        report.errors.emplace_back("skipped", rule);
        return report;
    }

    void wake() {
        if (const auto status = ensure_deliverer(m_context.paths, m_context.environment); !status) {
            m_context.complain(status.error().text());
        }
    }

    [[nodiscard]] Result<std::vector<DeliveryRow>> deliveries() {
        std::vector<DeliveryRow> rows;
        for (const auto& id : m_ids) {
            TRY_ASSIGN(const auto more, m_store->deliveries_of(id));
            rows.insert(rows.end(), more.begin(), more.end());
        }
        return rows;
    }

    /// The number of the signal that ended the waiting, 0 where none did.
    [[nodiscard]] Result<int> deliver(bool backlog) {
        TRY_ASSIGN(const auto to_do, deliveries());
        if (to_do.empty()) return 0;
        if (m_in_memory) {
            TRY_ASSIGN(const auto deliverer, Deliverer::make(m_context, *m_store, m_request.wait));
            TRY(deliver_due(deliverer->world(), "memory"));
            return 0;
        }
        if (m_request.wait.count() == 0) return 0;
        const Millis end = m_context.clock.since_boot() + m_request.wait + k_grace;
        const StopSignal stop(m_context.paths);
        const auto over = [&] { return stop.requested() || m_context.clock.since_boot() >= end; };
        // A backlog of other messages would hold this process for as long as their channels take: the background has
        // all the time for them.
        bool watch = backlog;
        if (!backlog) {
            TRY_ASSIGN(const auto deliverer, Deliverer::make(m_context, *m_store, m_request.wait));
            const auto status = run_deliverer(deliverer->world(), Stay::until_done, over);
            watch = !status;
            if (!status && status.error().kind != ErrorKind::timeout) m_context.complain(status.error().text());
        }
        if (watch) {
            wake();
            for (;;) {
                TRY_ASSIGN(const auto rows, deliveries());
                if (std::ranges::all_of(rows, has_outcome) || over()) break;
                ::poll(nullptr, 0, k_poll_pause_ms);
            }
        }
        return stop.number();
    }

    /// What was not delivered by now is not wanted any more (--no-queue).
    [[nodiscard]] Status give_up() {
        TRY_ASSIGN(const auto rows, deliveries());
        std::vector<Store::AttemptResult> results;
        for (const auto& row : rows) {
            if (row.state != DeliveryState::waiting) continue;
            Store::AttemptResult result;
            result.attempt = {.delivery = row.id,
                              .at = m_context.clock.now(),
                              .detail = row.last_detail.empty() ? "no answer" : row.last_detail};
            result.state = DeliveryState::cancelled;
            result.next = row.next;
            result.counts = false;
            result.remedy = row.last_remedy;
            results.push_back(std::move(result));
        }
        return results.empty() ? Status() : m_store->record_attempts(results);
    }

    Context& m_context;
    SendRequest m_request;
    Teller m_teller;
    Store* m_store = nullptr;
    bool m_in_memory = false;
    std::vector<std::string> m_ids;
};

} // namespace

Teller::World teller_world(const Context& context) {
    return {.paths = context.paths,
            .environment = context.environment,
            .specs = channel_specs(),
            .clock = context.clock,
            .program = "mcp-push",
            .start_deliverer = nullptr};
}

Result<SendReport> send_and_watch(Context& context, SendRequest request) {
    return Sending(context, std::move(request)).run();
}

Result<int> send_as_asked(const Invocation& invocation, Teller::Request request) {
    Context& context = invocation.context;
    request.channels = invocation.all("channel");
    request.unconditional = true;
    request.event.facts.folder = context.folder();
    const bool as_json = invocation.has("json");
    if (invocation.has("dry-run")) return print_dry_run(context, std::move(request), as_json);

    SendRequest sending;
    if (const auto wait = invocation.find("wait")) {
        const auto parsed = parse_duration(*wait);
        if (!parsed || parsed->count() < 0 || *parsed > std::chrono::hours(1)) {
            return Error{ErrorKind::usage, "--wait cannot be \"" + *wait + "\"", "seconds from 0 to 3600"};
        }
        sending.wait = *parsed;
    }
    sending.may_queue = !invocation.has("no-queue");
    if (!sending.may_queue && sending.wait.count() == 0) {
        return Error{ErrorKind::usage, "--no-queue and --wait 0 leave nothing to do", "leave one of them out"};
    }
    const bool is_event = request.as_event;
    const auto run_id = request.event.run.turn;
    const auto kind = request.event.kind;
    const auto at = request.event.at;
    sending.request = std::move(request);
    TRY_ASSIGN(auto report, send_and_watch(context, std::move(sending)));
    if (is_event) {
        report.run_id = run_id;
        report.event = name_of(kind);
        report.timestamp = to_iso8601(at);
    }
    print_report(context.out, report, as_json);
    return report.exit_code;
}

Result<std::string> text_argument(const Invocation& invocation, std::string_view name) {
    auto given = invocation.get(name);
    if (given != "-") return given;
    TRY_ASSIGN(const auto text, read_standard_input(k_longest_text));
    return std::string(trim(text));
}

} // namespace mcp_push
