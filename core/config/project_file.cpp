// SPDX-License-Identifier: MIT
#include "core/config/project_file.hpp"

#include "core/base/files.hpp"
#include "core/config/trust.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <memory>

namespace mcp_push {
namespace {

constexpr std::size_t k_project_file_limit = 64 * 1024;
constexpr int k_most_folders_up = 40;

/// The folders that are searched, the nearest first.
std::vector<std::string> folders_up(std::string folder, const std::string& home) {
    std::vector<std::string> folders;
    dev_t device = 0;
    for (int level = 0; level < k_most_folders_up; ++level) {
        const bool above_home = !home.empty() && home.starts_with(folder == "/" ? folder : folder + "/");
        struct stat info {};
        if (above_home || ::stat(folder.c_str(), &info) != 0) break;
        if (level > 0 && info.st_dev != device) break;
        // Like /tmp: what lies there may be anybody's.
        if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) != 0) break;
        device = info.st_dev;
        folders.push_back(folder);
        if (folder == home || folder == "/" || file_exists(folder + "/.git")) break;
        folder = parent_of(folder);
    }
    return folders;
}

std::string without_links(const std::string& folder) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(folder.c_str(), nullptr), &std::free);
    return resolved ? resolved.get() : folder;
}

/// Takes the files of the nearest folder that the user has trusted, if they are as they were then.
void find_trusted(ProjectFiles& files, const std::vector<std::string>& folders, const TrustList& list,
                  const Paths& paths, std::vector<Problem>& problems) {
    for (const auto& folder : folders) {
        const auto digest = list.digest_for(folder);
        if (digest.empty()) continue;
        auto found = load_trusted_files(folder, paths, problems);
        if (digest_of(found) != digest) {
            problems.push_back({shown_path(folder, paths),
                                "its files were changed since this folder was trusted, and tune no "
                                "more than rules and labels now",
                                "look at them, then: mcp-push config trust " + folder, ""});
            return;
        }
        files.trusted = true;
        files.folder = folder;
        files.toml = std::move(found.toml);
        if (found.shell) files.shell.push_back(std::move(*found.shell));
        if (found.dotenv) files.shell.push_back(std::move(*found.dotenv));
        return;
    }
}

} // namespace

ProjectFiles find_project_files(const std::string& folder, const Paths& paths, std::vector<Problem>& problems) {
    ProjectFiles files;
    if (!folder.starts_with('/')) return files;
    const auto list = TrustList::load(paths);
    // The list holds folders without links; without a list there is nothing to compare.
    const auto folders = folders_up(list.empty() ? folder : without_links(folder), paths.home);
    if (!list.empty()) find_trusted(files, folders, list, paths, problems);
    for (const auto& candidate : folders) {
        if (files.trusted && candidate == files.folder) return files;
        auto toml = load_config_file(candidate + "/.mcp-push.toml", paths, problems, k_project_file_limit);
        if (!toml) continue;
        if (toml->foreign) {
            problems.push_back({toml->shown, "belongs to another user and is not read", "chown it, or remove it", ""});
            continue;
        }
        // Nearer than the trusted folder: this one counts, and by itself.
        files.trusted = false;
        files.shell.clear();
        files.folder = candidate;
        files.toml = std::move(toml);
        return files;
    }
    return files;
}

} // namespace mcp_push
