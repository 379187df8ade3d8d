// SPDX-License-Identifier: MIT
#include "tests/support/golden.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstdlib>

namespace mcp_push {
namespace {

std::string first_difference(std::string_view expected, std::string_view actual) {
    const auto wanted = split(expected, '\n');
    const auto found = split(actual, '\n');
    std::size_t line = 0;
    while (line < wanted.size() && line < found.size() && wanted[line] == found[line])
        ++line;
    const auto text = [&](const auto& lines) { return line < lines.size() ? std::string(lines[line]) : "(end)"; };
    return "line " + std::to_string(line + 1) + "\n  expected: " + text(wanted) + "\n  actual:   " + text(found);
}

} // namespace

std::string compare_with_file(const std::string& path, std::string_view actual) {
    const char* const update = std::getenv("MCP_PUSH_UPDATE_GOLDEN");
    if (update != nullptr && is_truthy(update)) {
        const auto slash = path.find_last_of('/');
        if (slash != std::string::npos) {
            if (const auto made = make_directories(path.substr(0, slash), 0755); !made) return made.error().text();
        }
        const auto status = write_file(path, actual, 0644);
        return status ? "" : status.error().text();
    }
    const auto expected = read_file(path);
    if (!expected) return expected.error().text() + " (MCP_PUSH_UPDATE_GOLDEN=1 writes it)";
    return *expected == actual ? "" : path + ": " + first_difference(*expected, actual);
}

} // namespace mcp_push
