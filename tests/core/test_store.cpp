// SPDX-License-Identifier: MIT
#include "core/base/files.hpp"
#include "core/store/sqlite.hpp"
#include "core/store/store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/notifications.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

using mcp_push::ChildProcess;
using mcp_push::ErrorKind;
using mcp_push::from_millis;
using mcp_push::KeepResult;
using mcp_push::Millis;
using mcp_push::must;
using mcp_push::sample_notification;
using mcp_push::Store;
using mcp_push::TempHome;

static constexpr auto k_now = from_millis(1'700'000'000'000);

static int mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

static bool mentions(const mcp_push::Error& error, std::string_view words) {
    return error.text().find(words) != std::string::npos;
}

/// For the super-user no file is read-only: the rest of this process is somebody else.
static void become_nobody() {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(99);
}

TEST_CASE("store: its folder and files are nobody else's, whatever the umask") {
    const TempHome home;
    const auto path = home.path("a/b/outbox.db");
    const auto before = ::umask(0);
    const auto store = must(Store::open(path));
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    ::umask(before);
    CHECK(mode_of(home.path("a/b")) == 0700);
    for (const char* const ending : {"", "-wal", "-shm", ".lock"}) {
        CAPTURE(ending);
        CHECK(mode_of(path + ending) == 0600);
    }
}

TEST_CASE("store: a database newer than the program is left alone, and both versions are named") {
    const TempHome home;
    const auto path = home.path("outbox.db");
    (void)must(must(Store::open(path))->keep(sample_notification("turn-1"), k_now));
    must(must(mcp_push::sqlite::Database::open(path, Millis(0)))->script("PRAGMA user_version = 4711"));
    const auto store = Store::open(path);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().kind == ErrorKind::storage);
    CHECK(mentions(store.error(), path));
    CHECK(mentions(store.error(), "version 4711"));
    CHECK(mentions(store.error(), "up to 1"));
    CHECK(mentions(store.error(), "MCP_PUSH_STATE_DIR"));
    must(must(mcp_push::sqlite::Database::open(path, Millis(0)))->script("PRAGMA user_version = 1"));
    CHECK(must(must(Store::open(path))->list_notifications(10)).size() == 1);
}

TEST_CASE("store: a locked database is an error that names it, and nothing is lost when it is free again") {
    const TempHome home;
    const auto path = home.path("outbox.db");
    const auto store = must(Store::open(path, Millis(30)));
    const auto other = must(mcp_push::sqlite::Database::open(path, Millis(0)));
    must(other->script("BEGIN IMMEDIATE"));
    const auto kept = store->keep(sample_notification("turn-1"), k_now);
    REQUIRE_FALSE(kept.ok());
    CHECK(kept.error().kind == ErrorKind::storage);
    CHECK(mentions(kept.error(), path + " is locked by another process"));
    must(other->script("ROLLBACK"));
    CHECK(must(store->keep(sample_notification("turn-1"), k_now)).result == KeepResult::kept);
}

TEST_CASE("store: while the file is being replaced, opening waits and then says so") {
    const TempHome home;
    const auto path = home.path("outbox.db");
    (void)must(Store::open(path));
    const auto lock = must(mcp_push::FileLock::acquire(path + ".lock", Millis(0)));
    const auto store = Store::open(path, Millis(30));
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().kind == ErrorKind::storage);
    CHECK(mentions(store.error(), "locked by another process"));
}

TEST_CASE("store: a folder that cannot be written is an error of storage that names it") {
    const TempHome home;
    const auto path = home.path("state/outbox.db");
    REQUIRE(::chmod(home.path().c_str(), 0755) == 0);
    REQUIRE(::mkdir(home.path("state").c_str(), 0755) == 0);
    bool existing = false;
    SUBCASE("without a database") {}
    SUBCASE("with one") {
        existing = true;
        (void)must(must(Store::open(path))->keep(sample_notification("turn-1"), k_now));
        for (const char* const ending : {"", "-wal", "-shm", ".lock"}) {
            REQUIRE(::chmod((path + ending).c_str(), 0644) == 0);
        }
    }
    REQUIRE(::chmod(home.path("state").c_str(), 0555) == 0);
    ChildProcess child([&] {
        become_nobody();
        auto store = Store::open(path);
        auto error = store ? mcp_push::Error{} : store.error();
        if (store) {
            const auto kept = (*store)->keep(sample_notification("turn-2"), k_now);
            if (kept) return 1;
            error = kept.error();
        }
        if (error.kind != ErrorKind::storage) return 2;
        return mentions(error, path) ? 0 : 3;
    });
    CHECK(child.wait() == 0);
    REQUIRE(::chmod(home.path("state").c_str(), 0755) == 0);
    CHECK(must(must(Store::open(path))->list_notifications(10)).size() == (existing ? 1 : 0));
}

TEST_CASE("store: a path that cannot hold a database is an error of storage that names it") {
    const TempHome home;
    std::string path;
    SUBCASE("a folder") {
        path = home.path("folder");
        REQUIRE(::mkdir(path.c_str(), 0700) == 0);
    }
    SUBCASE("below a file") { path = home.write("file", "text") + "/outbox.db"; }
    const auto store = Store::open(path);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().kind == ErrorKind::storage);
    CHECK(mentions(store.error(), home.path()));
}

TEST_CASE("store: a full disk is an error that names the file; what was kept before stays, later it works again") {
    const TempHome home;
    const auto path = home.path("outbox.db");
    const auto store = must(Store::open(path));
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    auto large = sample_notification("turn-2");
    large.inbox_body = std::string(3 << 20, 'x');
    ChildProcess child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1 << 20, 1 << 20};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto own = Store::open(path);
        if (!own) return 1;
        const auto kept = (*own)->keep(large, k_now);
        if (kept) return 2;
        if (kept.error().kind != ErrorKind::storage || !mentions(kept.error(), path)) return 3;
        return (*own)->keep(sample_notification("turn-3"), k_now) ? 0 : 4;
    });
    CHECK(child.wait() == 0);
    CHECK(must(store->list_notifications(10)).size() == 2);
    CHECK(must(store->keep(large, k_now)).result == KeepResult::kept);
}

TEST_CASE("store: when the file is removed under an open store, keeping makes a new one and the deliverer is told") {
    const TempHome home;
    const auto path = home.path("state/outbox.db");
    const auto store = must(Store::open(path));
    (void)must(store->keep(sample_notification("turn-1"), k_now));
    for (const char* const ending : {"", "-wal", "-shm", ".lock"})
        REQUIRE(::unlink((path + ending).c_str()) == 0);
    REQUIRE(::rmdir(home.path("state").c_str()) == 0);
    const auto leased = store->lease_due("me", k_now, 10);
    REQUIRE_FALSE(leased.ok());
    CHECK(leased.error().kind == ErrorKind::storage);
    CHECK(mentions(leased.error(), path + " is gone"));
    CHECK(must(store->keep(sample_notification("turn-2"), k_now)).result == KeepResult::kept);
    CHECK(must(must(Store::open(path))->list_notifications(10)).at(0).event_key == "turn-2");
    CHECK(must(store->lease_due("me", k_now, 10)).size() == 1);
}

TEST_CASE("store: a long write-ahead log does not stay behind") {
    const TempHome home;
    const auto path = home.path("outbox.db");
    auto large = sample_notification("");
    large.inbox_body = std::string(3 << 20, 'x');
    (void)must(must(Store::open(path))->keep(large, k_now));
    struct stat info {};
    REQUIRE(::stat((path + "-wal").c_str(), &info) == 0);
    CHECK(info.st_size == 0);
    CHECK(must(must(Store::open(path))->list_inbox(false, 1)).at(0).body.size() == large.inbox_body.size());
}
