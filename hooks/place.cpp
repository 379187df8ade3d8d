// SPDX-License-Identifier: MIT
#include "hooks/place.hpp"

#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace {

constexpr int k_levels = 40;

/// The folder that holds HEAD: `.git` itself, or where a worktree's `.git` file points (gitrepository-layout(5)).
std::string git_folder(const std::string& root) {
    std::string git = root + "/.git";
    if (is_directory(git)) return git;
    const auto text = read_file(git, 4096);
    constexpr std::string_view k_prefix = "gitdir: ";
    if (!text || !text->starts_with(k_prefix)) return {};
    const std::string place(trim(std::string_view(*text).substr(k_prefix.size())));
    return place.starts_with('/') ? place : root + "/" + place;
}

} // namespace

std::string project_root(const std::string& folder) {
    std::string place = folder;
    for (int level = 0; level < k_levels && place.size() > 1; ++level) {
        if (file_exists(place + "/.git")) return place;
        place = parent_of(place);
    }
    return folder;
}

void describe_place(Facts& facts, const std::string& folder, const Config& config) {
    facts.host = host_name();
    facts.labels = config.labels;
    if (folder.empty()) return;
    facts.folder = folder;
    const auto root = project_root(folder);
    if (facts.project.empty()) {
        facts.project = base_name(root);
        for (const auto& [pattern, name] : config.project_names) {
            if (matches_pattern(root, pattern)) facts.project = name;
        }
    }
    const auto git = git_folder(root);
    if (git.empty()) return;
    const auto head = read_file(git + "/HEAD", 4096);
    constexpr std::string_view k_ref = "ref: refs/heads/";
    if (!head) return;
    const auto text = trim(*head);
    facts.branch = text.starts_with(k_ref) ? std::string(text.substr(k_ref.size())) : std::string(text.substr(0, 9));
}

} // namespace mcp_push
