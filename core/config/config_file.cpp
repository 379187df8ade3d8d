// SPDX-License-Identifier: MIT
#include "core/config/config_file.hpp"

#include "core/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mcp_push {

std::string shown_path(std::string_view path, const Paths& paths) {
    const bool in_home = !paths.home.empty() && path.starts_with(paths.home) &&
                         (path.size() == paths.home.size() || path[paths.home.size()] == '/');
    return in_home ? "~" + std::string(path.substr(paths.home.size())) : std::string(path);
}

Problem open_to_others_problem(const ConfigFile& file) {
    return {file.shown, "holds secrets and can be read by other users of this machine", "chmod 600 " + file.shown, ""};
}

std::optional<ConfigFile> load_config_file(const std::string& path, const Paths& paths, std::vector<Problem>& problems,
                                           std::size_t limit) {
    ConfigFile file{.path = path, .shown = {}, .text = {}};
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    const FileHandle handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    const int code = errno;
    if (!handle && (code == ENOENT || code == ENOTDIR)) return std::nullopt;
    file.shown = shown_path(path, paths);
    const auto refuse = [&](std::string message, std::string hint) {
        problems.push_back({file.shown, std::move(message), std::move(hint), ""});
        return std::nullopt;
    };
    if (!handle) return refuse("cannot be read: " + errno_text(code), "ls -l " + file.shown);
    struct stat info {};
    if (::fstat(handle.get(), &info) != 0) return refuse("cannot be read: " + errno_text(errno), "");
    if (!S_ISREG(info.st_mode)) return refuse("is not a regular file", "put a text file in its place");
    file.open_to_others = (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
    file.foreign = info.st_uid != 0 && info.st_uid != ::geteuid() && ::geteuid() != 0;
    file.text.resize(std::min(static_cast<std::size_t>(info.st_size), limit) + 1);
    std::size_t size = 0;
    while (size < file.text.size()) {
        const ssize_t got = ::read(handle.get(), file.text.data() + size, file.text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse("cannot be read: " + errno_text(errno), "ls -l " + file.shown);
        size += static_cast<std::size_t>(got);
        if (got == 0 || size == static_cast<std::size_t>(info.st_size)) break;
    }
    if (size > limit) {
        return refuse("is larger than " + std::to_string(limit / 1024) + " KiB and not read", "is it the right file?");
    }
    file.text.resize(size);
    if (file.text.starts_with("\xFF\xFE") || file.text.starts_with("\xFE\xFF")) {
        return refuse("is UTF-16 text and not read", "save it as UTF-8");
    }
    if (file.text.starts_with("\xEF\xBB\xBF")) file.text.erase(0, 3);
    return file;
}

} // namespace mcp_push
