// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

struct ShellVariable {
    std::string name;
    std::string value;
    int line = 0; ///< where its statement begins
};

struct ShellFault {
    int line = 0;
    std::string name;    ///< the variable that is skipped; "" for anything but an assignment
    std::string message; ///< never quotes a value
    std::string hint;
};

struct ShellFile {
    std::vector<ShellVariable> variables; ///< in the order of the file; a later one of the same name wins
    std::vector<ShellFault> faults;
};

/// Reads the assignments of a `config.sh` or `.env` as bash would understand them, and runs nothing: `K=V` with or
/// without `export`, every kind of quotes over any number of lines, `$'...'`, escapes, comments. `$title` and
/// `$content`, the webhook's placeholders, stay as they are. A value that needs a shell (`$(...)`, `${X}`, `$X`), and
/// everything else that is code, becomes a fault. Pure; any bytes will do.
[[nodiscard]] ShellFile parse_shell_file(std::string_view text);

} // namespace mcp_push
