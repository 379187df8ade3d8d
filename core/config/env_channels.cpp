// SPDX-License-Identifier: MIT
#include "core/config/env_channels.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/config/options.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <optional>

namespace mcp_push {
namespace {

constexpr std::size_t k_kept_limit = 4 << 20;
constexpr std::chrono::hours k_renew_after{12};
constexpr std::chrono::hours k_forget_after{7 * 24};
constexpr Millis k_lock_patience{100};

constexpr std::array<std::pair<SecretRef::Kind, std::string_view>, 4> k_reference_words = {
    {{SecretRef::Kind::env, "env"},
     {SecretRef::Kind::file, "file"},
     {SecretRef::Kind::command, "command"},
     {SecretRef::Kind::keyring, "keyring"}}};

std::string_view word_of(SecretRef::Kind kind) {
    for (const auto& [value, word] : k_reference_words) {
        if (value == kind) return word;
    }
    return "env";
}

struct Kept {
    ChannelConfig channel;
    TimePoint since{};
};

std::string line_of(const ChannelConfig& channel, TimePoint since) {
    Json line = {{"key", channel.environment_key}, {"name", channel.name},     {"type", channel.type},
                 {"settings", channel.settings},   {"origin", channel.origin}, {"since", to_iso8601(since)}};
    for (const auto& [key, reference] : channel.references) {
        line["references"][key] = {{"kind", word_of(reference.kind)}, {"words", reference.words}};
    }
    if (channel.privacy) line["privacy"] = name_of(*channel.privacy);
    if (channel.language) line["language"] = name_of(*channel.language);
    return dump_json(line) + "\n";
}

std::optional<SecretRef> read_reference(const Json& json) {
    const auto kind = string_member(json, "kind");
    for (const auto& [value, word] : k_reference_words) {
        if (word != kind) continue;
        SecretRef reference{.kind = value, .words = {}};
        for (const auto& one : member(json, "words")) {
            if (one.is_string()) reference.words.push_back(one.get<std::string>());
        }
        if (!reference.words.empty()) return reference;
    }
    return std::nullopt;
}

/// Absent for a line that was cut off or is not ours.
std::optional<Kept> read_line(std::string_view text) {
    const auto json = parse_json(text, {.depth = 8, .string_bytes = 1 << 20, .elements = 1000});
    if (!json || !json->is_object()) return std::nullopt;
    Kept kept;
    auto& channel = kept.channel;
    channel.environment_key = string_member(*json, "key");
    channel.name = string_member(*json, "name");
    channel.type = string_member(*json, "type");
    channel.origin = string_member(*json, "origin");
    if (channel.environment_key.empty() || channel.type.empty()) return std::nullopt;
    for (const auto& [key, value] : member(*json, "settings").items()) {
        if (value.is_string()) channel.settings[key] = value.get<std::string>();
    }
    for (const auto& [key, value] : member(*json, "references").items()) {
        if (auto reference = read_reference(value)) channel.references[key] = std::move(*reference);
    }
    if (const auto privacy = parse_privacy(string_member(*json, "privacy"))) channel.privacy = *privacy;
    if (const auto language = parse_language(string_member(*json, "language"))) channel.language = *language;
    kept.since = parse_time(string_member(*json, "since")).value_or(TimePoint{});
    return kept;
}

/// The newest entry of each key. A file that is not there is an empty one.
Result<std::map<std::string, Kept, std::less<>>> load_kept(const Paths& paths) {
    std::map<std::string, Kept, std::less<>> all;
    if (paths.state_dir.empty()) return all;
    const auto text = read_file(paths.env_channels(), k_kept_limit);
    if (!text && text.error().kind == ErrorKind::no_input) return all;
    if (!text) return text.error();
    for (const auto line : split(*text, '\n')) {
        if (line.empty()) continue;
        if (auto kept = read_line(line)) all.insert_or_assign(kept->channel.environment_key, std::move(*kept));
    }
    return all;
}

/// Younger than what is renewed: a clock that was set back makes an entry "from the future", which is renewed too.
bool is_fresh(const Kept& kept, TimePoint now) { return kept.since <= now && now - kept.since < k_renew_after; }

} // namespace

std::string environment_key_of(const ChannelConfig& channel) {
    // A byte that no text holds stands between the parts, so that no two channels give the same string.
    std::string all = channel.type;
    const auto add = [&](std::string_view part) {
        all += '\0';
        all += part;
    };
    for (const auto& [key, value] : channel.settings) {
        add(key);
        add(value);
    }
    for (const auto& [key, reference] : channel.references) {
        add(key);
        add(word_of(reference.kind));
        for (const auto& word : reference.words)
            add(word);
    }
    add(channel.privacy ? name_of(*channel.privacy) : "");
    add(channel.language ? name_of(*channel.language) : "");
    return to_hex(hash64(all));
}

Status remember_env_channel(const Paths& paths, const ChannelConfig& channel, TimePoint now) {
    if (channel.environment_key.empty()) return {};
    if (paths.state_dir.empty()) return Error{ErrorKind::storage, "there is no state folder", "set HOME"};
    const auto is_there = [&] {
        const auto all = load_kept(paths);
        if (!all) return false;
        const auto found = all->find(channel.environment_key);
        return found != all->end() && is_fresh(found->second, now);
    };
    if (is_there()) return {};
    TRY(make_directories(paths.state_dir));
    // Without the lock too: a line is appended in one write, and a second one with the same key does no harm.
    const auto lock = FileLock::acquire(paths.env_channels() + ".lock", k_lock_patience);
    if (is_there()) return {};
    std::string line = line_of(channel, now);
    const auto end = read_tail(paths.env_channels(), 1);
    if (end && !end->empty() && *end != "\n") line.insert(0, "\n"); // a line that a full disk cut off
    TRY(append_file(paths.env_channels(), line, 0600));
    // The row that names this key is committed durably; it is of no use without the channel.
    const FileHandle handle(::open(paths.env_channels().c_str(), O_RDONLY | O_CLOEXEC));
    if (!handle || ::fchmod(handle.get(), 0600) != 0 || ::fsync(handle.get()) != 0) {
        return Error{ErrorKind::storage, "cannot keep " + paths.env_channels() + ": " + errno_text(errno)};
    }
    return {};
}

Result<ChannelConfig> find_env_channel(const Paths& paths, std::string_view key) {
    TRY_ASSIGN(auto all, load_kept(paths));
    const auto found = all.find(key);
    if (found == all.end()) {
        return Error{ErrorKind::no_input,
                     "the channel with the key " + std::string(key) + " is not in " + paths.env_channels(),
                     "it came from variables of another terminal: send again from there"};
    }
    return std::move(found->second.channel);
}

Result<int> forget_unused(const Paths& paths, const std::set<std::string, std::less<>>& keep_keys, TimePoint now) {
    if (paths.state_dir.empty() || !file_exists(paths.env_channels())) return 0;
    TRY_ASSIGN(const auto lock, FileLock::acquire(paths.env_channels() + ".lock", Millis(2'000)));
    TRY_ASSIGN(const auto all, load_kept(paths));
    std::string text;
    int forgotten = 0;
    for (const auto& [key, kept] : all) {
        if (!keep_keys.contains(key) && now - kept.since >= k_forget_after) {
            ++forgotten;
        } else {
            text += line_of(kept.channel, kept.since);
        }
    }
    if (forgotten == 0) return 0;
    TRY(write_file(paths.env_channels(), text, 0600, Durability::durable));
    return forgotten;
}

} // namespace mcp_push
