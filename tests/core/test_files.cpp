// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <vector>

using mcp_push::append_file;
using mcp_push::ChildProcess;
using mcp_push::ErrorKind;
using mcp_push::file_exists;
using mcp_push::FileHandle;
using mcp_push::FileLock;
using mcp_push::is_directory;
using mcp_push::make_directories;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::read_file;
using mcp_push::read_tail;
using mcp_push::TempHome;
using mcp_push::write_file;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

class Umask {
public:
    explicit Umask(mode_t mask) : m_before(::umask(mask)) {}
    ~Umask() { ::umask(m_before); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

private:
    mode_t m_before;
};

std::size_t entries_in(const std::string& folder) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

} // namespace

TEST_CASE("files: what is ours is for nobody else, whatever the umask") {
    for (const mode_t mask : {0000U, 0022U, 0077U}) {
        CAPTURE(mask);
        const TempHome home;
        const Umask changed(mask);
        must(make_directories(home.path("a/b")));
        CHECK(mode_of(home.path("a")) == 0700);
        CHECK(mode_of(home.path("a/b")) == 0700);
        must(write_file(home.path("written"), "x"));
        must(append_file(home.path("appended"), "x"));
        (void)must(FileLock::acquire(home.path("lock"), Millis(0)));
        for (const auto* const name : {"written", "appended", "lock"}) {
            CAPTURE(name);
            CHECK(mode_of(home.path(name)) == 0600);
        }
    }
}

TEST_CASE("files: a file is replaced whole and nothing is left beside it") {
    const TempHome home;
    const auto path = home.path("file");
    must(write_file(path, "old"));
    const FileHandle reader(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    must(write_file(path, "newer", 0600, mcp_push::Durability::durable));
    char old[8] = {};
    CHECK(::pread(reader.get(), old, sizeof old, 0) == 3); // whoever had it open goes on reading the old one
    CHECK(must(read_file(path)) == "newer");
    CHECK(entries_in(home.path()) == 1);
}

TEST_CASE("files: a file that cannot be replaced stays, and nothing is left beside it") {
    const TempHome home;
    must(make_directories(home.path("folder")));
    const auto status = write_file(home.path("folder"), "x");
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.find(home.path("folder")) != std::string::npos);
    CHECK(is_directory(home.path("folder")));
    CHECK(entries_in(home.path()) == 1);
    const auto missing = write_file(home.path("no/such/file"), "x");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().kind == ErrorKind::no_input);
}

TEST_CASE("files: a symbolic link is followed; one that leads nowhere is replaced") {
    const TempHome home;
    must(write_file(home.path("target"), "old"));
    std::filesystem::create_symlink("target", home.path("link"));
    must(write_file(home.path("link"), "new"));
    CHECK(home.read("target") == "new");
    CHECK(std::filesystem::is_symlink(home.path("link")));
    std::filesystem::create_symlink("nowhere", home.path("dangling"));
    must(write_file(home.path("dangling"), "new"));
    CHECK(home.read("dangling") == "new");
    CHECK_FALSE(file_exists(home.path("nowhere")));
}

TEST_CASE("files: reading keeps to its limit and says what is missing") {
    const TempHome home;
    const auto path = home.write("file", std::string(100, 'x'));
    CHECK(must(read_file(path, 100)).size() == 100);
    const auto large = read_file(path, 99);
    REQUIRE_FALSE(large.ok());
    CHECK(large.error().kind == ErrorKind::storage);
    CHECK(large.error().message == path + " is larger than 99 bytes");
    CHECK_FALSE(read_file("/dev/zero", 1 << 20).ok()); // one without an end
    const auto missing = read_file(home.path("none"));
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().kind == ErrorKind::no_input);
    CHECK(missing.error().message == "cannot read " + home.path("none") + ": No such file or directory");
    CHECK_FALSE(read_file(home.path()).ok());
}

TEST_CASE("files: a tail is read from a file of any size, and from nothing but a file") {
    const TempHome home;
    const auto path = home.write("file", "0123456789");
    CHECK(must(read_tail(path, 4)) == "6789");
    CHECK(must(read_tail(path, 100)) == "0123456789");
    REQUIRE(::truncate(path.c_str(), off_t{1} << 34) == 0); // sixteen gigabytes of nothing
    CHECK(must(read_tail(path, 4)) == std::string(4, '\0'));
    REQUIRE(::mkfifo(home.path("pipe").c_str(), 0600) == 0);
    CHECK_FALSE(read_tail(home.path("pipe"), 4).ok());
    CHECK_FALSE(read_tail(home.path(), 4).ok());
}

TEST_CASE("files: folders are made with all that is missing, and a file in the way is an error") {
    const TempHome home;
    must(make_directories(home.path("a/b/c/")));
    CHECK(is_directory(home.path("a/b/c")));
    must(make_directories(home.path("a/b/c")));
    must(make_directories(""));
    (void)home.write("file", "x");
    for (const auto* const name : {"file", "file/below"}) {
        const auto status = make_directories(home.path(name));
        REQUIRE_FALSE(status.ok());
        CHECK(status.error().message.starts_with("cannot create the folder " + home.path("file")));
    }
}

TEST_CASE("files: appenders of several processes never mix their lines") {
    const TempHome home;
    const auto path = home.path("log");
    std::vector<ChildProcess> children;
    for (char letter = 'a'; letter < 'e'; ++letter) {
        children.emplace_back([&path, letter] {
            for (int i = 0; i < 100; ++i) {
                if (!append_file(path, std::string(200, letter) + "\n")) return 1;
            }
            return 0;
        });
    }
    for (auto& child : children)
        CHECK(child.wait() == 0);
    const auto text = must(read_file(path));
    CHECK(text.size() == 4 * 100 * 201);
    bool mixed = false;
    for (std::size_t at = 0; at < text.size(); at += 201)
        mixed = mixed || text.substr(at, 201) != std::string(200, text[at]) + "\n";
    CHECK_FALSE(mixed);
}

TEST_CASE("lock: one holder alone, or many that share; whoever waits too long is told") {
    const TempHome home;
    const auto path = home.path("lock");
    {
        const auto held = must(FileLock::acquire(path, Millis(0)));
        const auto refused = FileLock::acquire(path, Millis(5));
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().kind == ErrorKind::timeout);
        CHECK(refused.error().message == path + " is locked by another process");
        CHECK_FALSE(FileLock::acquire(path, Millis(0), FileLock::Share::shared).ok());
    }
    const auto one = must(FileLock::acquire(path, Millis(0), FileLock::Share::shared));
    const auto two = must(FileLock::acquire(path, Millis(0), FileLock::Share::shared));
    CHECK_FALSE(FileLock::acquire(path, Millis(0)).ok());
}

TEST_CASE("lock: ends with the process that held it, and the patient get it") {
    const TempHome home;
    const auto path = home.path("lock");
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const FileHandle reader(ends[0]);
    FileHandle writer(ends[1]);
    ChildProcess holder([&] {
        const auto held = FileLock::acquire(path, Millis(0));
        if (!held || ::write(writer.get(), "!", 1) != 1) return 1;
        for (;;)
            ::pause();
    });
    char held = '\0';
    REQUIRE(::read(reader.get(), &held, 1) == 1);
    CHECK_FALSE(FileLock::acquire(path, Millis(0)).ok());
    holder.signal(SIGKILL);
    CHECK(FileLock::acquire(path, Millis(20'000)).ok());
}

TEST_CASE("lock: without its folder there is none") {
    const TempHome home;
    const auto lock = FileLock::acquire(home.path("no/such/lock"), Millis(20'000));
    REQUIRE_FALSE(lock.ok());
    CHECK(lock.error().kind == ErrorKind::no_input);
}
