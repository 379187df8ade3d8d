// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"

#include "core/base/ids.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace mcp_push {
namespace {

Error storage_error(std::string_view action, const std::string& path, int code) {
    return {code == ENOENT ? ErrorKind::no_input : ErrorKind::storage,
            "cannot " + std::string(action) + " " + path + ": " + errno_text(code)};
}

Status write_all(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return storage_error("write", path, written < 0 ? errno : ENOSPC);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_from(int fd, std::size_t limit, const std::string& path) {
    std::string text;
    struct stat info {};
    if (fstat(fd, &info) == 0 && info.st_size > 0) {
        text.reserve(std::min<std::size_t>(static_cast<std::size_t>(info.st_size), limit) + 1);
    }
    constexpr std::size_t k_step = 64 * 1024;
    for (;;) {
        const std::size_t old = text.size();
        const std::size_t room = std::max<std::size_t>(text.capacity() - old, 4096);
        text.resize(old + std::min(room, k_step));
        const ssize_t got = ::read(fd, text.data() + old, text.size() - old);
        text.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return storage_error("read", path, errno);
        if (text.size() > limit) {
            return Error{ErrorKind::storage, path + " is larger than " + std::to_string(limit) + " bytes"};
        }
        if (got == 0) return text;
    }
}

} // namespace

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
    if (this != &other) {
        reset();
        m_fd = other.release();
    }
    return *this;
}

int FileHandle::release() {
    const int fd = m_fd;
    m_fd = -1;
    return fd;
}

void FileHandle::reset() {
    if (m_fd >= 0) ::close(m_fd);
    m_fd = -1;
}

Result<FileLock> FileLock::acquire(const std::string& path, Millis patience, Share share) {
    const int operation = (share == Share::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    FileHandle handle(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!handle) return storage_error("open", path, errno);
    const Millis give_up = system_clock().since_boot() + patience;
    for (;;) {
        if (::flock(handle.get(), operation) == 0) return FileLock(std::move(handle));
        if (errno != EWOULDBLOCK && errno != EINTR) return storage_error("lock", path, errno);
        if (system_clock().since_boot() >= give_up) {
            return Error{ErrorKind::timeout, path + " is locked by another process"};
        }
        ::usleep(500);
    }
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const FileHandle handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!handle) return storage_error("read", path, errno);
    return read_from(handle.get(), limit, path);
}

Result<std::string> read_tail(const std::string& path, std::size_t bytes) {
    const FileHandle handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!handle) return storage_error("read", path, errno);
    struct stat info {};
    if (fstat(handle.get(), &info) != 0) return storage_error("read", path, errno);
    if (!S_ISREG(info.st_mode)) return Error{ErrorKind::storage, path + " is not a regular file"};
    const auto size = static_cast<std::size_t>(info.st_size);
    const std::size_t begin = size > bytes ? size - bytes : 0;
    std::string text(size - begin, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ssize_t got =
            ::pread(handle.get(), text.data() + filled, text.size() - filled, static_cast<off_t>(begin + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return storage_error("read", path, errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

Status write_file(const std::string& path, std::string_view text, unsigned mode, Durability durability) {
    std::string target = path;
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) { // to replace what it leads to, not the link
        const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
        if (resolved) target = resolved.get();
    }
    const std::string temporary = target + "." + random_id(8) + ".tmp";
    FileHandle handle(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!handle) return storage_error("write", temporary, errno);
    auto status = write_all(handle.get(), text, temporary);
    if (status && durability == Durability::durable && ::fsync(handle.get()) != 0) {
        status = storage_error("write", temporary, errno);
    }
    handle.reset();
    if (status && ::rename(temporary.c_str(), target.c_str()) != 0) status = storage_error("write", target, errno);
    if (!status) ::unlink(temporary.c_str());
    return status;
}

Status append_file(const std::string& path, std::string_view text, unsigned mode) {
    const FileHandle handle(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, mode));
    if (!handle) return storage_error("append to", path, errno);
    return write_all(handle.get(), text, path);
}

Status make_directories(const std::string& path, unsigned mode) {
    if (path.empty() || is_directory(path)) return {};
    const auto slash = path.find_last_of('/');
    if (slash != std::string::npos && slash > 0) TRY(make_directories(path.substr(0, slash), mode));
    if (::mkdir(path.c_str(), mode) == 0) return {};
    const int code = errno;
    if (code == EEXIST && is_directory(path)) return {};
    return storage_error("create the folder", path, code);
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool is_directory(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string errno_text(int code) {
#if defined(__GLIBC__)
    const char* const text = ::strerrordesc_np(code);
    return text != nullptr ? text : "error " + std::to_string(code);
#else
    char buffer[128] = {};
    return ::strerror_r(code, buffer, sizeof buffer) == 0 ? buffer : "error " + std::to_string(code);
#endif
}

} // namespace mcp_push
