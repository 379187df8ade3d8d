// SPDX-License-Identifier: MIT
#include "core/config/trust.hpp"

#include "core/base/files.hpp"
#include "core/base/sha256.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace mcp_push {
namespace {

constexpr std::size_t k_trust_limit = 1 << 20;

/// The folder without links and "..", as it is written to the list.
Result<std::string> real_folder(const std::string& folder) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(folder.c_str(), nullptr), &std::free);
    if (!resolved || !is_directory(resolved.get())) {
        return Error{ErrorKind::no_input, folder + " is not a folder",
                     "give the folder that holds .mcp-push.toml or config.sh"};
    }
    std::string path = resolved.get();
    if (path.find('\n') != std::string::npos) {
        return Error{ErrorKind::unsupported, "a folder with a line feed in its name cannot be trusted"};
    }
    return path;
}

} // namespace

TrustedFiles load_trusted_files(const std::string& folder, const Paths& paths, std::vector<Problem>& problems) {
    return {.toml = load_config_file(folder + "/.mcp-push.toml", paths, problems),
            .shell = load_config_file(folder + "/config.sh", paths, problems),
            .dotenv = load_config_file(folder + "/.env", paths, problems)};
}

std::string digest_of(const TrustedFiles& files) {
    std::string all;
    const auto add = [&](std::string_view name, const std::optional<ConfigFile>& file) {
        if (!file) return;
        all += std::string(name) + " " + std::to_string(file->text.size()) + "\n" + file->text;
    };
    add(".mcp-push.toml", files.toml);
    add("config.sh", files.shell);
    add(".env", files.dotenv);
    return sha256_hex(all);
}

TrustList TrustList::load(const Paths& paths) {
    TrustList list;
    if (paths.state_dir.empty()) return list;
    const auto text = read_file(paths.trusted(), k_trust_limit);
    if (!text) return list;
    for (const auto line : split(*text, '\n')) {
        const auto space = line.find(' ');
        if (space != 64 || line.size() < 66) continue;
        list.m_entries.push_back({std::string(line.substr(0, space)), std::string(line.substr(space + 1))});
    }
    return list;
}

std::string TrustList::digest_for(std::string_view folder) const {
    const auto found = std::ranges::find(m_entries, folder, &Entry::folder);
    return found == m_entries.end() ? std::string() : found->digest;
}

/// Writes the list with `folder` at `digest`, or without it where that is "".
Status write_trust(const Paths& paths, const std::string& folder, const std::string& digest) {
    if (paths.state_dir.empty()) return Error{ErrorKind::storage, "there is no state folder: HOME is not set"};
    TRY(make_directories(paths.state_dir));
    TRY_ASSIGN(const auto lock, FileLock::acquire(paths.trusted() + ".lock", Millis(2000)));
    std::string text;
    for (const auto& entry : TrustList::load(paths).m_entries) {
        if (entry.folder != folder) text += entry.digest + " " + entry.folder + "\n";
    }
    if (!digest.empty()) text += digest + " " + folder + "\n";
    return write_file(paths.trusted(), text, 0600, Durability::durable);
}

bool is_trusted(const Paths& paths, const std::string& folder) {
    const auto real = real_folder(folder);
    if (!real) return false;
    const auto digest = TrustList::load(paths).digest_for(*real);
    if (digest.empty()) return false;
    std::vector<Problem> ignored;
    return digest == digest_of(load_trusted_files(*real, paths, ignored));
}

Status trust_dir(const Paths& paths, const std::string& folder) {
    TRY_ASSIGN(const auto real, real_folder(folder));
    std::vector<Problem> problems;
    const auto files = load_trusted_files(real, paths, problems);
    if (!problems.empty()) {
        return Error{ErrorKind::config, problems[0].where + " " + problems[0].message, problems[0].hint};
    }
    if (!files.toml && !files.shell && !files.dotenv) {
        return Error{ErrorKind::no_input, "there is no .mcp-push.toml, config.sh or .env in " + folder};
    }
    return write_trust(paths, real, digest_of(files));
}

Status distrust_dir(const Paths& paths, const std::string& folder) {
    const auto real = real_folder(folder);
    return write_trust(paths, real ? *real : folder, "");
}

} // namespace mcp_push
