// SPDX-License-Identifier: MIT
#include "tests/programs/world.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <memory>

namespace mcp_push {
namespace {

/// An unnamed file: a program's standard input or what it prints, without a pipe that somebody would have to serve.
FileHandle scratch_file(std::string_view text) {
    FileHandle file(::open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    REQUIRE(file);
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        REQUIRE(written > 0);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

std::string contents(const FileHandle& file) {
    std::string text;
    char buffer[16384];
    off_t at = 0;
    for (ssize_t got = 0; (got = ::pread(file.get(), buffer, sizeof buffer, at)) > 0; at += got)
        text.append(buffer, static_cast<std::size_t>(got));
    return text;
}

std::vector<std::string> texts_of(const Environment::Map& variables) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : variables)
        texts.push_back(name + "=" + value);
    return texts;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> found;
    for (auto& text : texts)
        found.push_back(text.data());
    found.push_back(nullptr);
    return found;
}

/// Calls `use` with the id of every process that delivers with this home folder.
template <class Use>
void each_deliverer(const std::string& home, Use use) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
    const std::string mark = std::string("\0HOME=", 6) + home + std::string(1, '\0');
    while (const dirent* const entry = folder ? ::readdir(folder.get()) : nullptr) {
        pid_t pid = 0;
        const std::string_view name(entry->d_name);
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
        const auto words = read_file("/proc/" + std::string(name) + "/cmdline", 1 << 20);
        if (!words || words->find(std::string("\0deliver\0", 9)) == std::string::npos) continue;
        const auto variables = read_file("/proc/" + std::string(name) + "/environ", 1 << 20);
        if (variables && ('\0' + *variables).find(mark) != std::string::npos) use(pid);
    }
}

} // namespace

Ended run(const std::string& program, std::vector<std::string> words, const Environment::Map& variables,
          const Start& start) {
    words.insert(words.begin(), program);
    auto environment = texts_of(variables);
    const auto word_pointers = pointers(words);
    const auto environment_pointers = pointers(environment);
    const auto input = scratch_file(start.input);
    const auto out = scratch_file("");
    const auto err = scratch_file("");
    Ended ended;
    const Millis begin = system_clock().since_boot();
    ChildProcess child([&] {
        ::dup2(input.get(), 0);
        ::dup2(out.get(), 1);
        ::dup2(err.get(), 2);
        if (!start.folder.empty() && ::chdir(start.folder.c_str()) != 0) return 126;
        if (start.prepare) start.prepare();
        ::execve(program.c_str(), word_pointers.data(), environment_pointers.data());
        return 127;
    });
    while (!child.has_ended() && system_clock().since_boot() - begin < start.limit)
        ::poll(nullptr, 0, 1);
    if (!child.has_ended()) child.signal(SIGKILL);
    ended.exit_code = child.wait();
    ended.took = system_clock().since_boot() - begin;
    ended.out = contents(out);
    ended.err = contents(err);
    return ended;
}

World::World() {
    std::filesystem::create_directories(home.path("project"));
    home.set("MCP_PUSH_BIN", k_push);
}

World::~World() { kill_deliverers(); }

Ended World::hook(std::vector<std::string> words, const Start& given) const {
    Start start = given;
    if (start.folder.empty()) start.folder = home.path("project");
    auto variables = home.variables();
    for (const auto& [name, value] : start.variables)
        variables[name] = value;
    for (const auto& name : start.unset)
        variables.erase(name);
    return run(start.program.empty() ? k_hook : start.program, std::move(words), variables, start);
}

Ended World::push(std::vector<std::string> words, Start start) const {
    start.program = k_push;
    return hook(std::move(words), start);
}

Ended World::end(const std::string& title, Start start, std::vector<std::string> more) const {
    more.insert(more.begin(), {"--status", "end", "--start-time", "1700000000", "--title", title});
    return hook(std::move(more), start);
}

void World::configure(const std::vector<std::string>& urls, std::string_view more) const {
    std::string text;
    for (std::size_t i = 0; i < urls.size(); ++i)
        text += "[channels.sink" + std::to_string(i) + "]\ntype = \"custom_notify\"\nurl = \"" + urls[i] + "\"\n";
    home.write(".config/mcp-push/config.toml", text + std::string(more));
}

std::string World::state(std::string_view file) const {
    const auto folder = home.path(".local/state/mcp-push");
    return file.empty() ? folder : folder + "/" + std::string(file);
}

std::vector<DeliveryRow> World::rows(std::string_view state_name) const {
    if (!file_exists(state("outbox.db"))) return {};
    const auto store = must(Store::open(state("outbox.db"), Millis(10'000)));
    return must(store->list_deliveries(state_name, 10'000));
}

std::vector<pid_t> World::deliverers() const {
    std::vector<pid_t> found;
    each_deliverer(home.path(), [&](pid_t pid) { found.push_back(pid); });
    return found;
}

void World::kill_deliverers() const {
    (void)eventually([&] {
        const auto living = deliverers();
        for (const pid_t pid : living)
            ::kill(pid, SIGKILL);
        return living.empty();
    });
}

std::size_t Endpoint::count(std::string_view text) const {
    std::size_t found = 0;
    for (const auto& request : m_server.requests())
        found += holds(request.target, text) || holds(request.body, text) ? 1 : 0;
    return found;
}

bool Endpoint::gets(std::string_view text, Millis limit) const {
    return eventually([&] { return count(text) > 0; }, limit);
}

bool eventually(const std::function<bool()>& is_so, Millis limit) {
    const Millis end = system_clock().since_boot() + limit;
    while (!is_so()) {
        if (system_clock().since_boot() >= end) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string millis_ago(long long millis) { return std::to_string(to_millis(system_clock().now()) - millis); }

} // namespace mcp_push
