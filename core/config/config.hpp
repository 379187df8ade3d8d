// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/paths.hpp"
#include "core/base/secret.hpp"
#include "core/model/channel_spec.hpp"
#include "core/model/event.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// How long a run must have lasted before anybody is told. `never` is longer than any run.
struct Threshold {
    std::optional<Millis> after = Millis(60'000); ///< absent: never
    bool operator==(const Threshold&) const = default;
    /// Exactly 60 s is within 60 s; but "0s" means every run, one of less than a millisecond too.
    [[nodiscard]] bool exceeded_by(Millis duration) const {
        return after && (duration > *after || after->count() == 0);
    }
    [[nodiscard]] std::string text() const; ///< "60 s", "never"
};

/// How much of a message a channel may show.
enum class Privacy {
    none,     ///< outcome only
    metadata, ///< and project, agent, duration, branch, host
    summary,  ///< and what was asked, the first line of the answer, the question
    full,
};
enum class Language { english, chinese };

[[nodiscard]] std::string_view name_of(Privacy privacy);
[[nodiscard]] std::string_view name_of(Language language); ///< "en", "zh"

/// Conditions, all of which must hold (an empty one always does), and what they change. Texts are patterns with `*` and
/// `?`. Later rules win.
struct RuleOverride {
    std::optional<EventKind> event;
    std::string agent;
    std::string project;
    std::string branch;
    std::string host;
    std::string channel;
    std::string hours; ///< "22-8": local hours, the end excluded, over midnight where begin > end
    std::optional<Threshold> threshold;
    std::optional<bool> both;
};

struct Rules {
    Threshold threshold;
    bool both = false; ///< two literal messages where a rule gives notify_send and notify_event
    /// How long a turn that left only shells running waits for their end before it is told as over.
    Millis background_grace{60'000};
    /// A "needs you" older than this is not sent any more.
    Millis question_lifetime{3'600'000};
    std::vector<RuleOverride> overrides;
    std::vector<std::string> skip_titles; ///< SKIP_PUSH_TITLE: exact titles that are never sent
};

/// Where a value came from: "~/.config/mcp-push/config.toml:12", "environment MCP_PUSH_THRESHOLD", "default".
using Origin = std::string;

/// A setting that is fetched when a message is sent: { env = "X" }, { file = "/x" }, { keyring = "x" } or
/// { command = ["pass", "show", "x"] }.
struct SecretRef {
    enum class Kind { env, file, command, keyring } kind = Kind::env;
    std::vector<std::string> words; ///< one, or a command with its arguments; a file's path is absolute
    bool operator==(const SecretRef&) const = default;
};

/// One configured channel as read: not yet checked against what its type needs, but for required fields (a Problem).
struct ChannelConfig {
    std::string name;
    std::string type; ///< a spec's id, or the unknown word that was given
    /// Texts. Arrays are joined with ';', or with line feeds where an element holds ';' or ':'. Beside the type's own
    /// fields every channel may have proxy, timeout (a duration) and base_url.
    std::map<std::string, std::string, std::less<>> settings;
    /// Settings still to be fetched by resolve_secrets (secret_ref.hpp); a key is here or in `settings`.
    std::map<std::string, SecretRef, std::less<>> references;
    Origin origin;
    /// 16 hexadecimal digits for a channel that a process with another environment or working folder would not find as
    /// it is here (see env_channels.hpp); otherwise empty. Such a channel carries its language and privacy.
    std::string environment_key;

    bool enabled = true;
    std::optional<Threshold> threshold;
    std::vector<EventKind> events; ///< empty: all
    std::optional<Privacy> privacy;
    std::optional<Language> language;
};

struct HttpOptions {
    Millis timeout{20'000}; ///< one request, from start to the answer's last byte
    Millis connect_timeout{8'000};
    std::string proxy; ///< "" leaves the choice to the environment, as curl reads it
    std::string ca_file;
};

struct DeliveryOptions {
    /// Pauses between attempts. The first is at once.
    std::vector<Millis> schedule{Millis(2'000),      Millis(5'000),     Millis(15'000),    Millis(60'000),
                                 Millis(300'000),    Millis(1'800'000), Millis(7'200'000), Millis(18'000'000),
                                 Millis(36'000'000), Millis(36'000'000)};
    Millis give_up_after{100'800'000}; ///< 28 h
    /// How often a service that could not be reached is tried for a connection only, between the attempts.
    Millis probe_every{30'000};
};

/// A complaint about the configuration: the value is ignored, everything else works.
struct Problem {
    std::string where; ///< file:line:column or variable
    std::string message;
    std::string hint;
    std::string channel; ///< the channel that cannot be used because of it, or ""
};

struct Config {
    Rules rules;
    HttpOptions http;
    DeliveryOptions delivery;
    Language language = Language::english;
    Privacy privacy = Privacy::full;
    bool hitokoto = false;
    /// Folder pattern -> name. A folder named without `*` stands here twice: for itself and, with "/*", for what is in
    /// it. Where several match, the longest pattern counts.
    std::map<std::string, std::string> project_names;
    std::vector<std::string> labels;
    std::vector<ChannelConfig> channels;
    /// Name -> names of channels that exist; "default" where not all are meant.
    std::map<std::string, std::vector<std::string>> routes;
    std::vector<Problem> problems;
    std::map<std::string, Origin> origins; ///< option key -> where its value came from; absent: default
    std::string config_dir;
};

struct LoadInput {
    Environment environment;
    Paths paths;
    ChannelSpecs specs;
    std::string folder;                       ///< the working folder whose project file counts; "" for none
    std::map<std::string, std::string> flags; ///< option key -> value from the command line
};

/// Reads everything of PRODUCT.md section 5. Never fails: what cannot be used becomes a Problem.
[[nodiscard]] Config load_config(const LoadInput& input);

} // namespace mcp_push
