// SPDX-License-Identifier: MIT
#include "hooks/tell.hpp"

#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/base/markdown.hpp"
#include "core/base/process.hpp"
#include "core/base/secret.hpp"
#include "core/base/text.hpp"
#include "core/base/wake.hpp"
#include "core/config/env_channels.hpp"
#include "core/rules/compose.hpp"
#include "core/store/journal.hpp"
#include "hooks/hand_over.hpp"
#include "hooks/place.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace mcp_push {
namespace {

constexpr Millis k_store_patience{700};
/// What handing a notification over may take.
constexpr Millis k_reserve{150};
constexpr Millis k_least_patience{20};

int local_hour(TimePoint when) {
    const std::time_t seconds = to_millis(when) / 1000;
    std::tm local{};
    return ::localtime_r(&seconds, &local) != nullptr ? local.tm_hour : 0;
}

/// Texts from outside lose what a message must never carry: control sequences, broken UTF-8, credentials.
void make_safe(Facts& facts) {
    for (std::string* text : {&facts.title, &facts.body, &facts.prompt, &facts.answer, &facts.error, &facts.tool,
                              &facts.waits, &facts.output_tail, &facts.data, &facts.project, &facts.branch}) {
        *text = redact(clean_text(*text));
    }
    facts.title = one_line(facts.title);
}

bool is_skipped(const Event& event, const Message& message, const Rules& rules) {
    return std::ranges::any_of(rules.skip_titles, [&](const std::string& title) {
        if (!event.facts.title.empty()) return title == event.facts.title;
        return title == message.title || title == outcome_title(event, Language::english) ||
               title == outcome_title(event, Language::chinese);
    });
}

/// One target for each message that a channel gets: one in its own shape, or two where `both` says so.
void add_targets(NewNotification& notification, const ChannelVerdict& verdict, const ChannelConfig& channel,
                 ChannelSpecs specs) {
    const ChannelSpec* const spec = find_spec(specs, channel.type);
    const bool structured = spec != nullptr && spec->capabilities.structured;
    NewNotification::Target target{.channel = channel.name,
                                   .type = spec != nullptr ? std::string(spec->id) : channel.type,
                                   .environment_key = channel.environment_key};
    const bool merged = verdict.send && verdict.event && !verdict.both;
    if (merged) {
        target.event = structured;
        notification.targets.push_back(std::move(target));
        return;
    }
    if (verdict.send) notification.targets.push_back(target);
    if (verdict.event) {
        target.event = true;
        notification.targets.push_back(std::move(target));
    }
}

const ChannelConfig* find_channel(const Config& config, std::string_view name) {
    const auto found = std::ranges::find(config.channels, name, &ChannelConfig::name);
    return found == config.channels.end() ? nullptr : &*found;
}

/// Every channel that a name or type means.
Result<std::vector<ChannelVerdict>> choose_channels(const std::vector<std::string>& wanted, const Config& config,
                                                    ChannelSpecs specs) {
    std::vector<ChannelVerdict> chosen;
    for (const auto& word : wanted) {
        bool found = false;
        const ChannelSpec* const spec = find_spec(specs, word);
        for (const auto& channel : config.channels) {
            const bool meant = channel.name == word || (spec != nullptr && find_spec(specs, channel.type) == spec &&
                                                        find_channel(config, word) == nullptr);
            if (!meant) continue;
            found = true;
            if (std::ranges::find(chosen, channel.name, &ChannelVerdict::channel) == chosen.end()) {
                chosen.push_back({.channel = channel.name});
            }
        }
        if (!found) {
            std::vector<std::string> names;
            for (const auto& channel : config.channels)
                names.push_back(channel.name);
            return Error{ErrorKind::config, "no channel is called \"" + word + "\"",
                         names.empty() ? "no channel is configured; see mcp-push channels"
                                       : "configured: " + join(names, ", ")};
        }
    }
    return chosen;
}

} // namespace

std::optional<std::string> find_mcp_push(const Environment& environment) {
    const auto usable = [](const std::string& path) {
        return ::access(path.c_str(), X_OK) == 0 && !is_directory(path);
    };
    if (const auto given = environment.get("MCP_PUSH_BIN"); given.starts_with('/') && usable(given)) return given;
    if (const auto own = own_executable(); !own.empty()) {
        const auto beside = parent_of(own) + "/mcp-push";
        if (usable(beside)) return beside;
    }
    for (const auto* const place : {"/usr/local/bin/mcp-push", "/usr/bin/mcp-push"}) {
        if (usable(place)) return place;
    }
    if (const auto home = environment.get("HOME"); home.starts_with('/') && usable(home + "/.local/bin/mcp-push")) {
        return home + "/.local/bin/mcp-push";
    }
    return find_on_path("mcp-push", environment.get("PATH"));
}

Status ensure_deliverer(const Paths& paths, const Environment& environment) {
    if (wake_deliverer(paths)) return {};
    const auto program = find_mcp_push(environment);
    if (!program) {
        return Error{ErrorKind::no_input, "mcp-push is not to be found, so nothing delivers what waits",
                     "install mcp-push beside mcp-push-hook, or set MCP_PUSH_BIN to its path"};
    }
    return start_detached(*program, {"deliver", "--detached"});
}

const Config& Teller::config(const std::string& folder) {
    if (!m_config || m_folder != folder) {
        m_config = load_config({.environment = m_world.environment,
                                .paths = m_world.paths,
                                .specs = m_world.specs,
                                .folder = folder,
                                .flags = m_world.flags});
        m_folder = folder;
        for (const auto& problem : m_config->problems) {
            // Not with a colon: "TG_BOT_TOKEN: ..." would look like a secret and be redacted.
            log_line(m_world.paths, m_world.program,
                     problem.where + " - " + problem.message + (problem.hint.empty() ? "" : " (" + problem.hint + ")"));
        }
    }
    return *m_config;
}

Result<Store*> Teller::store() {
    if (!m_store) {
        if (m_world.paths.state_dir.empty()) {
            return Error{ErrorKind::storage, "there is no home folder for the outbox", "set HOME or XDG_STATE_HOME"};
        }
        const auto repair = m_world.deadline ? Store::Repair::left_to_others : Store::Repair::at_once;
        TRY_ASSIGN(m_store, Store::open(m_world.paths.database(), patience(k_store_patience, k_reserve), repair));
        if (const auto notice = m_store->take_notice(); !notice.empty())
            log_line(m_world.paths, m_world.program, notice);
    }
    return m_store.get();
}

void Teller::note(const Event& event, std::string why, std::string result) {
    Told told;
    told.decision.rule = std::move(why);
    note_decision(event, told, std::move(result));
}

Status Teller::hasten(const std::string& event_key) {
    TRY_ASSIGN(Store* const open, store());
    TRY(open->hasten_hold(event_key, m_world.clock.now()));
    if (m_world.start_deliverer) m_world.start_deliverer();
    return {};
}

Result<Teller::Prepared> Teller::prepare(Request request) {
    Event& event = request.event;
    const Config& settings = config(event.facts.folder);
    describe_place(event.facts, event.facts.folder, settings);
    make_safe(event.facts);

    std::vector<Verdict> verdicts;
    if (request.unconditional) {
        verdicts.emplace_back();
        verdicts[0].due = event.at;
        verdicts[0].decision.rule = request.as_event ? "asked for: notify_event" : "asked for: notify_send";
        verdicts[0].decision.send = !request.as_event;
        verdicts[0].decision.event = request.as_event;
        for (const auto* const channel : default_route(settings)) {
            verdicts[0].decision.channels.push_back(
                {.channel = channel->name, .send = !request.as_event, .event = request.as_event});
        }
    } else {
        verdicts = evaluate(event, settings, {.questions = request.questions, .local_hour = local_hour(event.at)});
    }
    if (!request.channels.empty()) {
        TRY_ASSIGN(auto chosen, choose_channels(request.channels, settings, m_world.specs));
        for (auto& channel : chosen) {
            channel.send = verdicts[0].decision.send;
            channel.event = verdicts[0].decision.event;
        }
        verdicts.resize(1);
        verdicts[0].decision.channels = std::move(chosen);
    }

    Prepared prepared;
    Told& told = prepared.told;
    told.decision = verdicts[0].decision;
    const ComposeOptions options{.language = settings.language,
                                 .privacy = settings.privacy,
                                 .urgency = request.urgency.value_or(told.decision.urgency),
                                 .event = request.as_event};
    auto message = compose(event, options);
    if (is_skipped(event, message, settings.rules)) {
        told.decision.rule = "title skipped by SKIP_PUSH_TITLE";
        told.decision.send = told.decision.event = false;
        prepared.event = std::move(event);
        return prepared;
    }

    std::size_t number = 0;
    for (const Verdict& verdict : verdicts) {
        if (verdict.decision.silent()) continue;
        NewNotification notification;
        notification.event = event;
        if (event.duration && verdict.due > event.at) {
            // A question that is told later has waited longer by then.
            notification.event.duration = *event.duration + (verdict.due - event.at);
            message = compose(notification.event, options);
        }
        notification.decision = verdict.decision;
        notification.decision.urgency = request.urgency.value_or(verdict.decision.urgency);
        notification.event_key = request.event_key;
        // Channels that fall due at another moment get a notification of their own, with an identity of its own.
        if (++number > 1 && !request.event_key.empty()) notification.event_key += "|" + std::to_string(number);
        notification.hold = request.hold;
        notification.due = std::max(verdict.due, request.not_before.value_or(verdict.due));
        if (event.kind == EventKind::needs_user_action) {
            notification.expires = notification.due + settings.rules.question_lifetime;
        }
        if (request.expires) notification.expires = request.expires;
        notification.config_dir = settings.config_dir;
        notification.inbox_title = message.title;
        notification.inbox_body = message.markdown ? message.body : plain_block(message.body);
        for (const auto& channel : verdict.decision.channels) {
            const ChannelConfig* const target = find_channel(settings, channel.channel);
            if (target != nullptr) add_targets(notification, channel, *target, m_world.specs);
        }
        for (auto& target : notification.targets) {
            if (target.type == "terminal" && request.terminal_by_reply && notification.hold.kind == Hold::none) {
                target.done_already = true;
                told.terminal = message;
            }
        }
        prepared.notifications.push_back(std::move(notification));
    }
    prepared.event = std::move(event);
    return prepared;
}

Result<Teller::Told> Teller::tell(Request request) {
    TRY_ASSIGN(auto prepared, prepare(std::move(request)));
    for (const auto& notification : prepared.notifications)
        TRY(keep_one(notification, prepared.told, remember_channels(notification)));
    if (prepared.notifications.empty()) note_decision(prepared.event, prepared.told, "silent");
    return std::move(prepared.told);
}

/// False where a channel of this environment could not be written down: a deliverer that is at work already would not
/// know it.
bool Teller::remember_channels(const NewNotification& notification) {
    bool all = true;
    for (const auto& target : notification.targets) {
        if (target.environment_key.empty()) continue;
        const auto* const channel = find_channel(*m_config, target.channel);
        const auto status = channel != nullptr ? remember_env_channel(m_world.paths, *channel) : Status();
        if (!status) log_line(m_world.paths, m_world.program, status.error().text());
        all &= status.ok();
    }
    return all;
}

Millis Teller::patience(Millis most, Millis reserve) const {
    if (!m_world.deadline) return most;
    return std::clamp(*m_world.deadline - reserve - m_world.clock.since_boot(), k_least_patience, most);
}

Result<Kept> Teller::keep_by_deadline(const NewNotification& notification) {
    TRY_ASSIGN(Store* const open, store());
    open->set_patience(patience(k_store_patience, k_reserve));
    return open->keep(notification, m_world.clock.now());
}

Result<Kept> Teller::keep_repaired(const NewNotification& notification) {
    m_store.reset();
    TRY_ASSIGN(m_store, Store::open(m_world.paths.database(), k_least_patience));
    if (const auto notice = m_store->take_notice(); !notice.empty()) log_line(m_world.paths, m_world.program, notice);
    return m_store->keep(notification, m_world.clock.now());
}

Status Teller::keep_one(const NewNotification& notification, Told& told, bool keepable) {
    using Came = Told::Result;
    // A deliverer that we start has our environment: it knows the channels that could not be written down.
    const bool others_deliver = static_cast<bool>(m_world.start_deliverer);
    auto kept = keepable || !others_deliver ? keep_by_deadline(notification)
                                            : Result<Kept>(Error{ErrorKind::storage, "its channels could not be kept"});
    if (!kept) {
        log_line(m_world.paths, m_world.program, "the outbox cannot take a notification: " + kept.error().text());
        auto status = hand_over(notification, m_world.environment);
        if (status) {
            told.result = Came::handed_over;
            note_decision(notification.event, told, "handed over");
            return {};
        }
        if (m_world.deadline) kept = keep_repaired(notification);
        if (!kept) return std::move(status).error().with_context("nor can it be handed over");
    }
    if (kept->result == KeepResult::duplicate) {
        if (told.result == Came::silent) told.result = Came::duplicate;
        note_decision(notification.event, told, "duplicate");
        return {};
    }
    told.notifications.push_back(kept->id);
    told.result = notification.hold.kind == Hold::none ? Came::kept : Came::held;
    note_decision(notification.event, told, told.result == Came::held ? "held" : "kept");
    if (m_world.start_deliverer) m_world.start_deliverer();
    return {};
}

void Teller::note_decision(const Event& event, const Told& told, std::string result) {
    JournalEntry entry;
    entry.at = event.at;
    entry.kind = event.kind;
    entry.run = event.run;
    entry.question = event.question;
    entry.duration = event.duration;
    entry.project = event.facts.project.empty() ? std::string(base_name(event.facts.folder)) : event.facts.project;
    entry.rule = told.decision.rule;
    entry.notes = told.decision.notes;
    entry.result = std::move(result);
    if (!told.notifications.empty()) entry.notification = told.notifications.back();
    if (const auto status = append_journal(m_world.paths, entry); !status) {
        log_line(m_world.paths, m_world.program, status.error().text());
    }
}

} // namespace mcp_push
