// SPDX-License-Identifier: MIT
#include "core/base/process.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>
#if defined(__APPLE__)
#include <libproc.h>
#include <mach-o/dyld.h>

#include <cstdio>
#else
#include <sys/mman.h>
#include <sys/syscall.h>
#endif

namespace mcp_push {
namespace {

std::vector<char*> argument_pointers(const std::vector<std::string>& command) {
    std::vector<char*> pointers;
    pointers.reserve(command.size() + 1);
    for (const auto& word : command)
        pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

void close_all_from(int first, int keep) {
#if defined(__linux__) && defined(SYS_close_range)
    if (keep >= first) {
        if (keep > first) ::syscall(SYS_close_range, first, keep - 1, 0);
        first = keep + 1;
    }
    if (::syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
    const long most = std::min(::sysconf(_SC_OPEN_MAX), 65536L);
    for (int fd = first; fd < most; ++fd) {
        if (fd != keep) ::close(fd);
    }
}

/// A pipe that holds all of `text` already, where a file in memory is not to be had: a limit on the size of files
/// counts for those too.
Result<FileHandle> filled_pipe(std::string_view text) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return Error{ErrorKind::storage, "cannot make a pipe: " + errno_text(errno)};
    FileHandle reader(ends[0]);
    const FileHandle writer(ends[1]);
#if defined(F_SETPIPE_SZ)
    ::fcntl(writer.get(), F_SETPIPE_SZ, static_cast<int>(text.size()));
#endif
    ::fcntl(writer.get(), F_SETFL, O_NONBLOCK);
    if (::write(writer.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return reader;
    return Error{ErrorKind::storage, "cannot fill a pipe with " + std::to_string(text.size()) + " bytes"};
}

/// A file that exists in memory only, holding `text`, to be read from its start.
Result<FileHandle> memory_file(std::string_view text) {
#if defined(__linux__)
    FileHandle handle(::memfd_create("mcp-push", MFD_CLOEXEC));
#else
    // tmpfile(3) has no name either, but needs a folder that can be written.
    std::FILE* const file = std::tmpfile();
    FileHandle handle(file != nullptr ? ::dup(::fileno(file)) : -1);
    if (file != nullptr) std::fclose(file);
#endif
    if (!handle) return Error{ErrorKind::storage, "cannot make a file in memory: " + errno_text(errno)};
    while (!text.empty()) {
        const ssize_t written = ::write(handle.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return Error{ErrorKind::storage, "cannot fill a file in memory: " + errno_text(errno)};
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(handle.get(), 0, SEEK_SET);
    return handle;
}

void default_signals() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2}) {
        ::signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

#if defined(__linux__)
/// Fields of /proc/<pid>/stat after the command's name, which may hold spaces and brackets.
std::vector<std::string_view> stat_fields(std::string_view text) {
    const auto bracket = text.rfind(')');
    if (bracket == std::string_view::npos || bracket + 2 > text.size()) return {};
    return split(trim(text.substr(bracket + 2)), ' ');
}

long long to_number(std::string_view text) {
    long long number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}
#endif

/// Takes its status once the child has ended.
bool has_ended(pid_t child, int& status) { return ::waitpid(child, &status, WNOHANG) == child; }

} // namespace

void open_standard_streams() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
        const int null = ::open("/dev/null", O_RDWR); // the lowest free number: this one
        if (null > STDERR_FILENO) ::close(null);
    }
}

Status start_detached(const std::string& program, const std::vector<std::string>& arguments, std::string_view input) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto pointers = argument_pointers(command);

    // The grandchild reports a failed exec through this pipe, which a successful exec closes.
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) return Error{ErrorKind::storage, "cannot make a pipe: " + errno_text(errno)};
    FileHandle reader(pipe_ends[0]);
    FileHandle writer(pipe_ends[1]);
    ::fcntl(writer.get(), F_SETFD, FD_CLOEXEC);

    FileHandle given;
    if (!input.empty()) {
        auto file = memory_file(input);
        if (!file) file = filled_pipe(input);
        if (!file) return std::move(file).error();
        given = std::move(file).value();
    }

    const pid_t child = ::fork();
    if (child < 0) return Error{ErrorKind::storage, "cannot start a process: " + errno_text(errno)};
    if (child == 0) {
        ::setsid();
        const pid_t grandchild = ::fork();
        if (grandchild != 0) ::_exit(grandchild < 0 ? 1 : 0);
        const int null = ::open("/dev/null", O_RDWR);
        ::dup2(given ? given.get() : null, STDIN_FILENO);
        ::dup2(null, STDOUT_FILENO);
        ::dup2(null, STDERR_FILENO);
        close_all_from(3, writer.get());
        if (::chdir("/") != 0) ::_exit(1);
        default_signals();
        ::execv(program.c_str(), pointers.data());
        const int code = errno;
        if (::write(writer.get(), &code, sizeof code) < 0) ::_exit(1);
        ::_exit(1);
    }
    writer.reset();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    int code = 0;
    ssize_t got = 0;
    while ((got = ::read(reader.get(), &code, sizeof code)) < 0 && errno == EINTR) {
    }
    if (got > 0) return Error{ErrorKind::storage, "cannot start " + program + ": " + errno_text(code)};
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return Error{ErrorKind::storage, "cannot start " + program + ": no process to be had"};
    }
    return {};
}

Result<ProgramOutput> run_program(const std::vector<std::string>& command, Millis limit, const std::string& folder) {
    if (command.empty()) return Error{ErrorKind::config, "an empty command"};
    auto pointers = argument_pointers(command);
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) return Error{ErrorKind::storage, "cannot make a pipe: " + errno_text(errno)};
    FileHandle reader(pipe_ends[0]);
    FileHandle writer(pipe_ends[1]);

    const pid_t child = ::fork();
    if (child < 0) return Error{ErrorKind::storage, "cannot start a process: " + errno_text(errno)};
    if (child == 0) {
        ::setpgid(0, 0);
        const int null = ::open("/dev/null", O_RDWR);
        ::dup2(null, 0);
        ::dup2(writer.get(), 1);
        ::dup2(null, 2);
        close_all_from(3, -1);
        default_signals();
        if (!folder.empty() && ::chdir(folder.c_str()) != 0) ::_exit(127);
        ::execvp(pointers[0], pointers.data());
        ::_exit(127);
    }
    writer.reset();
    constexpr std::size_t k_most = 1 << 20;
    ProgramOutput output;
    constexpr Millis k_look(20); // how often to look whether it has ended
    const Millis end = system_clock().since_boot() + limit;
    bool in_time = true;
    bool ended = false;
    int status = 0;
    for (;;) {
        const Millis left = end - system_clock().since_boot();
        if (left.count() <= 0) {
            in_time = ended;
            break;
        }
        pollfd entry{.fd = reader.get(), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&entry, 1, ended ? 0 : static_cast<int>(std::min(left, k_look).count()));
        if (ready < 0 && errno != EINTR) break;
        if (ready < 0) continue;
        if (ready == 0) { // what it left behind in the background may keep the pipe open for ever
            if (ended) break;
            ended = has_ended(child, status);
            continue;
        }
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(reader.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        const std::size_t room = k_most - output.standard_output.size();
        output.standard_output.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
    }
    // It may have closed its output and go on.
    for (Millis pause(1); in_time && !ended && !(ended = has_ended(child, status));
         pause = std::min(pause * 2, k_look)) {
        in_time = system_clock().since_boot() < end;
        if (in_time) ::usleep(static_cast<useconds_t>(pause.count() * 1000));
    }
    if (!ended) {
        ::kill(-child, SIGKILL);
        ::kill(child, SIGKILL); // where it has not come to make a group of its own
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
    }
    if (!in_time) return Error{ErrorKind::timeout, command[0] + " did not end in time"};
    output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (output.exit_code == 127) return Error{ErrorKind::no_input, "cannot run " + command[0]};
    return output;
}

bool process_exists(pid_t pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

bool has_child_younger_than(pid_t parent, TimePoint when) {
    if (parent <= 0) return false;
#if defined(__linux__)
    const Clock& clock = system_clock();
    const Millis asked_since_boot = clock.since_boot() - (clock.now() - when);
    const auto ticks = static_cast<long long>(::sysconf(_SC_CLK_TCK));
    const std::string parent_id = std::to_string(parent);
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
    if (!folder) return false;
    while (const dirent* const entry = ::readdir(folder.get())) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        const auto text = read_file("/proc/" + std::string(entry->d_name) + "/stat", 8192);
        if (!text) continue; // it ended meanwhile
        const auto fields = stat_fields(*text);
        // proc(5): state is field 3, the parent 4, the start in clock ticks since boot 22.
        if (fields.size() < 20 || fields[1] != parent_id || fields[0] == "Z") continue;
        if (Millis(to_number(fields[19]) * 1000 / ticks) > asked_since_boot) return true;
    }
    return false;
#else
    std::array<pid_t, 1024> children{};
    const int count = ::proc_listchildpids(parent, children.data(), sizeof children);
    for (int i = 0; i < count && i < static_cast<int>(children.size()); ++i) {
        proc_bsdinfo info{};
        if (::proc_pidinfo(children[i], PROC_PIDTBSDINFO, 0, &info, sizeof info) <= 0) continue;
        const auto started = static_cast<long long>(info.pbi_start_tvsec * 1000 + info.pbi_start_tvusec / 1000);
        if (from_millis(started) > when) return true;
    }
    return false;
#endif
}

std::string own_executable() {
#if defined(__APPLE__)
    std::array<char, 4096> buffer{};
    auto size = static_cast<std::uint32_t>(buffer.size());
    if (::_NSGetExecutablePath(buffer.data(), &size) != 0) return {};
    const char* const name = buffer.data();
#else
    const char* const name = "/proc/self/exe";
#endif
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(name, nullptr), &std::free);
    return resolved ? resolved.get() : "";
}

std::optional<std::string> find_on_path(std::string_view name, std::string_view path_variable) {
    for (const auto folder : split(path_variable, ':')) {
        if (!folder.starts_with('/')) continue; // a relative entry means whatever folder we happen to be in
        std::string candidate = std::string(folder) + "/" + std::string(name);
        if (::access(candidate.c_str(), X_OK) == 0 && !is_directory(candidate)) return candidate;
    }
    return std::nullopt;
}

std::string host_name() {
    std::array<char, 256> buffer{};
    if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return {};
    const std::string_view name(buffer.data());
    return std::string(name.substr(0, name.find('.')));
}

} // namespace mcp_push
