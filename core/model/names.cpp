// SPDX-License-Identifier: MIT
// The words of the model's enumerations, each written once.
#include "core/base/text.hpp"
#include "core/model/channel_spec.hpp"
#include "core/model/decision.hpp"
#include "core/model/event.hpp"
#include "core/model/outcome.hpp"
#include "core/model/session.hpp"

#include <array>
#include <utility>

namespace mcp_push {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<EventKind, 6> k_events = {{{EventKind::start, "start"},
                                           {EventKind::update, "update"},
                                           {EventKind::end, "end"},
                                           {EventKind::error, "error"},
                                           {EventKind::needs_user_action, "needs_user_action"},
                                           {EventKind::cancelled, "cancelled"}}};
constexpr Names<EventKind, 5> k_event_aliases = {{{EventKind::end, "success"},
                                                  {EventKind::error, "failure"},
                                                  {EventKind::needs_user_action, "needs_action"},
                                                  {EventKind::error, "failed"},
                                                  {EventKind::cancelled, "canceled"}}};
constexpr Names<Urgency, 4> k_urgencies = {
    {{Urgency::low, "low"}, {Urgency::normal, "normal"}, {Urgency::high, "high"}, {Urgency::urgent, "urgent"}}};
constexpr Names<OutcomeKind, 9> k_outcomes = {{{OutcomeKind::delivered, "delivered"},
                                               {OutcomeKind::accepted, "accepted"},
                                               {OutcomeKind::duplicate, "duplicate"},
                                               {OutcomeKind::rate_limited, "rate_limited"},
                                               {OutcomeKind::transient, "transient"},
                                               {OutcomeKind::no_network, "no_network"},
                                               {OutcomeKind::ambiguous, "ambiguous"},
                                               {OutcomeKind::permanent, "permanent"},
                                               {OutcomeKind::unsupported, "unsupported"}}};

constexpr Names<SignalKind, 11> k_signals = {{{SignalKind::session_start, "session_start"},
                                              {SignalKind::prompt, "prompt"},
                                              {SignalKind::activity, "activity"},
                                              {SignalKind::question, "question"},
                                              {SignalKind::answer, "answer"},
                                              {SignalKind::reminder, "reminder"},
                                              {SignalKind::idle, "idle"},
                                              {SignalKind::stop, "stop"},
                                              {SignalKind::failure, "failure"},
                                              {SignalKind::session_end, "session_end"},
                                              {SignalKind::other, "other"}}};
constexpr Names<TurnPhase, 6> k_phases = {{{TurnPhase::running, "running"},
                                           {TurnPhase::waiting_agents, "waiting_agents"},
                                           {TurnPhase::waiting_shells, "waiting_shells"},
                                           {TurnPhase::settled, "settled"},
                                           {TurnPhase::done, "done"},
                                           {TurnPhase::interrupted, "interrupted"}}};

template <class Enum, std::size_t N>
std::string_view name_in(const Names<Enum, N>& names, Enum value) {
    for (const auto& [key, name] : names) {
        if (key == value) return name;
    }
    return "unknown";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_in(const Names<Enum, N>& names, std::string_view word) {
    for (const auto& [key, name] : names) {
        if (equals_ignoring_case(name, word)) return key;
    }
    return std::nullopt;
}

bool same_name(std::string_view a, std::string_view b) {
    const auto plain = [](char c) { return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (plain(a[i]) != plain(b[i])) return false;
    }
    return true;
}

} // namespace

std::string_view name_of(EventKind kind) { return name_in(k_events, kind); }
std::string_view name_of(Urgency urgency) { return name_in(k_urgencies, urgency); }
std::string_view name_of(OutcomeKind kind) { return name_in(k_outcomes, kind); }
std::string_view name_of(SignalKind kind) { return name_in(k_signals, kind); }
std::string_view name_of(TurnPhase phase) { return name_in(k_phases, phase); }

std::optional<EventKind> parse_event_kind(std::string_view name) {
    const auto kind = value_in(k_events, name);
    return kind ? kind : value_in(k_event_aliases, name);
}
std::optional<TurnPhase> parse_turn_phase(std::string_view name) { return value_in(k_phases, name); }
std::optional<Urgency> parse_urgency(std::string_view name) { return value_in(k_urgencies, name); }
std::optional<OutcomeKind> parse_outcome(std::string_view name) { return value_in(k_outcomes, name); }

const ChannelSpec* find_spec(ChannelSpecs specs, std::string_view name) {
    for (const auto* spec : specs) {
        if (same_name(spec->id, name)) return spec;
    }
    for (const auto* spec : specs) {
        for (const auto alias : split(spec->aliases, ' ')) {
            if (!alias.empty() && same_name(alias, name)) return spec;
        }
    }
    return nullptr;
}

} // namespace mcp_push
