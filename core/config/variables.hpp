// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"
#include "core/config/config_file.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// The variables of the environment and of the files that are read as data, under one rule of precedence: environment,
/// then files in the order in which they were added. An empty value never hides another one.
class Variables {
public:
    /// `environment` must outlive this.
    explicit Variables(const Environment& environment) : m_environment(environment) {}

    /// Where a variable is looked for. A trusted project's files are seen by processes inside it alone, the user's own
    /// by every process.
    enum class From { environment, project, user, anywhere };

    /// Assignments that cannot be understood become Problems where `is_known` has a use for the name, and so does code.
    void add_file(const ConfigFile& file, From owner, const std::function<bool(std::string_view)>& is_known,
                  std::vector<Problem>& problems);

    struct Found {
        std::string value;
        Origin origin;
        From from = From::environment;
    };
    [[nodiscard]] std::optional<Found> find(std::string_view name, From from = From::anywhere) const;

private:
    struct Entry {
        std::string value;
        int line = 0;
    };
    struct File {
        std::string shown;
        From owner = From::user;
        std::map<std::string, Entry, std::less<>> entries;
    };
    const Environment& m_environment;
    std::vector<File> m_files;
};

} // namespace mcp_push
