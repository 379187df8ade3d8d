// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

struct TomlMember;

/// A value of a TOML document and the place of its key (of an element: its own place).
struct TomlValue {
    enum class Kind { table, array, string, integer, real, boolean, time } kind = Kind::table;
    int line = 0;
    int column = 0;
    std::string text;                ///< a scalar's value as text; booleans are "true" and "false"
    std::vector<TomlMember> members; ///< of a table, in the order of the file
    std::vector<TomlValue> items;    ///< of an array

    [[nodiscard]] bool is_table() const { return kind == Kind::table; }
    [[nodiscard]] bool is_array() const { return kind == Kind::array; }
    [[nodiscard]] bool is_scalar() const { return !is_table() && !is_array(); }
    /// Null when there is none, or when this is no table.
    [[nodiscard]] const TomlValue* find(std::string_view key) const;
};

struct TomlMember {
    std::string key;
    TomlValue value;
};

/// What is wrong in a part of a document that was left out.
struct TomlFault {
    int line = 0;
    int column = 0;
    std::string message; ///< never quotes the text
    std::string section; ///< "channels.phone"; "" before the first header
};

struct TomlDocument {
    TomlValue root;
    std::vector<TomlFault> faults;
};

/// Reads a document (TOML 1.0, UTF-8). A part between two headers that cannot be read is left out, and said in
/// `faults`, so that a slip in one table does not take the others with it. Pure.
[[nodiscard]] TomlDocument parse_toml(std::string_view text);

} // namespace mcp_push
