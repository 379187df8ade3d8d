// SPDX-License-Identifier: MIT
#include "tests/support/temp_home.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

namespace mcp_push {
namespace {

/// Homes whose test case still runs: whether it passes is known only at its end, after the destructors.
class FinishedHomes {
public:
    void add(std::string path) {
        const std::lock_guard lock(m_mutex);
        m_paths.push_back(std::move(path));
    }
    std::vector<std::string> take() {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_paths, {});
    }

private:
    std::mutex m_mutex;
    std::vector<std::string> m_paths;
};

FinishedHomes& finished_homes() {
    static FinishedHomes homes;
    return homes;
}

void remove_tree(const std::string& path) {
    std::error_code trouble;
    std::filesystem::remove_all(path, trouble);
}

/// Removes or keeps the homes of the test case that has just ended.
struct HomeKeeper final : doctest::IReporter {
    explicit HomeKeeper(const doctest::ContextOptions&) {}
    void test_case_end(const doctest::CurrentTestCaseStats& result) override {
        for (const auto& path : finished_homes().take()) {
            if (result.testCaseSuccess) {
                remove_tree(path);
            } else {
                std::fprintf(stderr, "kept: %s\n", path.c_str());
            }
        }
    }
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("homes", 1, HomeKeeper);

[[noreturn]] void give_up(const std::string& what) {
    std::fprintf(stderr, "temp_home: %s\n", what.c_str());
    std::abort();
}

std::string make_folder() {
    const Environment own;
    const std::string parent = own.get("TMPDIR").empty() ? "/tmp" : own.get("TMPDIR");
    std::string pattern = parent + "/mcp-push-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot create a folder in " + parent);
    std::error_code trouble;
    const auto resolved = std::filesystem::canonical(pattern, trouble);
    if (trouble) give_up("cannot resolve " + pattern);
    return resolved.string();
}

} // namespace

TempHome::TempHome() : m_path(make_folder()) {
    const std::string path = Environment().get("PATH");
    m_values = {{"HOME", m_path}, {"PATH", path.empty() ? "/usr/bin:/bin" : path}, {"LANG", "C.UTF-8"}};
}

TempHome::~TempHome() { finished_homes().add(std::move(m_path)); }

std::string TempHome::write(std::string_view relative, std::string_view text, unsigned mode) const {
    const std::string target = path(relative);
    if (const auto made = make_directories(parent_of(target)); !made) give_up(made.error().text());
    if (const auto written = write_file(target, text, mode); !written) give_up(written.error().text());
    // The umask does not apply to what a test asks for.
    if (::chmod(target.c_str(), mode) != 0) give_up("cannot change the mode of " + target);
    return target;
}

std::string TempHome::read(std::string_view relative) const { return read_file(path(relative)).value_or({}); }

} // namespace mcp_push
