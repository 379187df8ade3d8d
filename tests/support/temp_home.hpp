// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// A home folder of a test's own and the environment that goes with it: HOME, PATH, LANG=C.UTF-8 and nothing else, so
/// that configuration and state land below it. Removed when the test case has passed; kept, and named on standard
/// error, when it has failed. Trouble in making it ends the test program: no test could go on.
class TempHome {
public:
    TempHome();
    ~TempHome();
    TempHome(const TempHome&) = delete;
    TempHome& operator=(const TempHome&) = delete;

    /// Absolute, links resolved, without a slash at the end; mode 0700.
    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::string path(std::string_view relative) const { return m_path + "/" + std::string(relative); }
    [[nodiscard]] Environment environment() const { return Environment(m_values); }
    [[nodiscard]] Paths paths() const { return find_paths(environment()); }

    /// Changes what later calls of environment() and paths() return.
    void set(std::string_view name, std::string_view value) { m_values[std::string(name)] = value; }
    void unset(std::string_view name) { m_values.erase(std::string(name)); }
    /// For starting programs.
    [[nodiscard]] const Environment::Map& variables() const { return m_values; }

    /// Writes a file below the home folder, with the folders that it needs; returns its path.
    std::string write(std::string_view relative, std::string_view text, unsigned mode = 0600) const;
    /// The text of a file below the home folder; "" when there is none.
    [[nodiscard]] std::string read(std::string_view relative) const;

private:
    std::string m_path;
    Environment::Map m_values;
};

} // namespace mcp_push
