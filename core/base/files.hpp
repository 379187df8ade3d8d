// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp_push {

/// Owns a file descriptor.
class FileHandle {
public:
    FileHandle() = default;
    explicit FileHandle(int fd) : m_fd(fd) {}
    FileHandle(FileHandle&& other) noexcept : m_fd(other.release()) {}
    FileHandle& operator=(FileHandle&& other) noexcept;
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    ~FileHandle() { reset(); }

    [[nodiscard]] int get() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }
    int release();
    void reset();

private:
    int m_fd = -1;
};

/// An advisory lock on a file of its own (flock(2)), held until destruction or the process's end.
class FileLock {
public:
    enum class Share { exclusive, shared };
    /// Waits for at most `patience`. Kind timeout when somebody else holds it that long, no_input without the folder.
    [[nodiscard]] static Result<FileLock> acquire(const std::string& path, Millis patience,
                                                  Share share = Share::exclusive);

private:
    explicit FileLock(FileHandle handle) : m_handle(std::move(handle)) {}
    FileHandle m_handle;
};

/// The whole file, at most `limit` bytes (more is an error of kind storage). Kind no_input when there is none.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit = 64 << 20);
/// The last `bytes` bytes of a file, however large it is.
[[nodiscard]] Result<std::string> read_tail(const std::string& path, std::size_t bytes);
/// Replaces the file whole or not at all: a temporary file beside it, then rename(2). A symbolic link is followed;
/// one that leads nowhere is replaced.
/// With `durable` the data reaches the disk first.
enum class Durability { volatile_data, durable };
[[nodiscard]] Status write_file(const std::string& path, std::string_view text, unsigned mode = 0600,
                                Durability durability = Durability::volatile_data);
/// Appends in one write(2), creating the file with `mode`: concurrent appenders never mix lines.
[[nodiscard]] Status append_file(const std::string& path, std::string_view text, unsigned mode = 0600);
[[nodiscard]] Status make_directories(const std::string& path, unsigned mode = 0700);
[[nodiscard]] bool file_exists(const std::string& path);
[[nodiscard]] bool is_directory(const std::string& path);
/// The text of errno, without the thread-unsafe static buffer.
[[nodiscard]] std::string errno_text(int code);

} // namespace mcp_push
