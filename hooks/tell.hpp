// SPDX-License-Identifier: MIT
#pragma once

#include "core/config/config.hpp"
#include "core/model/channel_spec.hpp"
#include "core/model/message.hpp"
#include "core/rules/evaluate.hpp"
#include "core/store/store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

/// The one way from an event to the outbox, for the hook, `run`, `event` and later the MCP tools: evaluate, compose for
/// the inbox, keep in one transaction, journal, wake or start the deliverer.
class Teller {
public:
    struct World {
        Paths paths;
        Environment environment;
        ChannelSpecs specs;
        const Clock& clock;
        std::string program; ///< for the log: "mcp-push-hook", "mcp-push"
        /// On the clock since boot: by then everything must be kept or handed over. Whoever has none may wait for locks
        /// and repair a damaged outbox by itself.
        std::optional<Millis> deadline = {};
        /// Makes sure that a deliverer works. Null: the process delivers by itself.
        std::function<void()> start_deliverer;
        /// Options given on the command line: key -> value.
        std::map<std::string, std::string> flags = {};
    };
    explicit Teller(World world) : m_world(std::move(world)) {}

    struct Request {
        Event event;
        EvaluateInput::Questions questions = EvaluateInput::Questions::at_once;
        /// Identity for "told once"; "" for an event that may be repeated.
        std::string event_key;
        HoldRef hold;
        /// Only these channels (names, types or addresses); empty: the default route.
        std::vector<std::string> channels;
        /// No rules: the person asked for this message (`send`).
        bool unconditional = false;
        /// With `unconditional`: notify_event in place of notify_send.
        bool as_event = false;
        std::optional<Urgency> urgency;
        /// For a background hold: not before this.
        std::optional<TimePoint> not_before;
        /// Not after this; a question has its own end.
        std::optional<TimePoint> expires;
        /// The caller shows what a channel of type `terminal` would, in its own reply to the agent.
        bool terminal_by_reply = false;
    };
    struct Told {
        enum class Result {
            silent,
            kept,
            held,
            duplicate,
            handed_over, ///< the store could not take it: a deliverer of its own has it in memory
        } result = Result::silent;
        std::vector<std::string> notifications; ///< ids
        Decision decision;
        /// What the caller's own reply is to show (`terminal_by_reply`).
        std::optional<Message> terminal;
    };
    /// What tell() would keep, with nothing written and nobody told. `told` holds the decision alone.
    struct Prepared {
        Told told;
        std::vector<NewNotification> notifications;
        Event event;
    };
    [[nodiscard]] Result<Prepared> prepare(Request request);
    /// Kind storage where the notification could be neither kept nor handed over.
    [[nodiscard]] Result<Told> tell(Request request);

    /// Makes a held notification due now.
    [[nodiscard]] Status hasten(const std::string& event_key);
    /// Writes one line to the journal without telling anybody.
    void note(const Event& event, std::string why, std::string result = "silent");

    /// Read at first use, for the folder given.
    [[nodiscard]] const Config& config(const std::string& folder);
    /// How long a lock may be waited for, with `reserve` left of the deadline; at most `most`.
    [[nodiscard]] Millis patience(Millis most, Millis reserve) const;
    /// Opened at first use.
    [[nodiscard]] Result<Store*> store();
    /// Uses this store in place of the file's: one in memory, when the disk takes nothing.
    void use_store(std::unique_ptr<Store> other) { m_store = std::move(other); }
    [[nodiscard]] const World& world() const { return m_world; }

private:
    Status keep_one(const NewNotification& notification, Told& told, bool keepable);
    [[nodiscard]] Result<Kept> keep_by_deadline(const NewNotification& notification);
    [[nodiscard]] Result<Kept> keep_repaired(const NewNotification& notification);
    [[nodiscard]] bool remember_channels(const NewNotification& notification);
    void note_decision(const Event& event, const Told& told, std::string result);

    World m_world;
    std::optional<Config> m_config;
    std::string m_folder;
    std::unique_ptr<Store> m_store;
};

/// What is left for the outbox of the time that a hook has, when it has waited for its session's file.
inline constexpr Millis k_reserve_after_session{450};

/// Finds `mcp-push`: MCP_PUSH_BIN, beside this program, PATH, the usual prefixes. Absent where there is none.
[[nodiscard]] std::optional<std::string> find_mcp_push(const Environment& environment);

/// Wakes a living deliverer or starts one, detached. Kind no_input where `mcp-push` cannot be found: the row waits.
[[nodiscard]] Status ensure_deliverer(const Paths& paths, const Environment& environment);

} // namespace mcp_push
