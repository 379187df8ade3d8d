// SPDX-License-Identifier: MIT
#include "core/base/wake.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace mcp_push {
namespace {

bool is_own_pipe(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode) && info.st_uid == ::geteuid();
}

Error pipe_error(std::string_view action, const std::string& path, int code) {
    return {ErrorKind::storage, "cannot " + std::string(action) + " " + path + ": " + errno_text(code)};
}

} // namespace

bool wake_deliverer(const Paths& paths) {
    // Without a reader the open fails (ENXIO). A reader that leaves closes the pipe before it looks at the store for
    // the last time, so whoever is found here will still see what was committed before.
    const FileHandle pipe(::open(paths.deliverer_wake().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (!pipe || !is_own_pipe(pipe.get())) return false;
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before); // a deliverer killed at this moment must not take us with it
    const ssize_t written = ::write(pipe.get(), "!", 1);
    const bool full = written < 0 && errno == EAGAIN; // a full pipe wakes too
    ::sigaction(SIGPIPE, &before, nullptr);
    return written == 1 || full;
}

Result<FileHandle> open_wake_pipe(const Paths& paths) {
    const auto path = paths.deliverer_wake();
    for (int turn = 0; turn < 2; ++turn) {
        if (::mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) return pipe_error("make the pipe", path, errno);
        // For writing too: otherwise the pipe would read as ended whenever no hook has it open.
        FileHandle pipe(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
        if (pipe && is_own_pipe(pipe.get())) return pipe;
        if (turn == 0 && ::unlink(path.c_str()) != 0 && errno != ENOENT) return pipe_error("replace", path, errno);
    }
    return Error{ErrorKind::storage, path + " cannot be used as a pipe", "remove it"};
}

bool drain_wake_pipe(const FileHandle& pipe) {
    std::array<char, 512> buffer{};
    bool any = false;
    for (;;) {
        const ssize_t got = ::read(pipe.get(), buffer.data(), buffer.size());
        if (got > 0) any = true;
        if (got == 0 || (got < 0 && errno != EINTR)) return any;
    }
}

} // namespace mcp_push
