// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/paths.hpp"
#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp_push {

/// Columns that a text takes on a terminal: East Asian wide characters and emoji two, combining marks none.
[[nodiscard]] std::size_t display_width(std::string_view utf8);
/// The longest start of at most `columns` columns; ends with "…" where something was left out.
[[nodiscard]] std::string fit_columns(std::string_view utf8, std::size_t columns);
/// Lines of at most `columns` columns, broken at spaces where there are any. At least one line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view utf8, std::size_t columns);

enum class Style { plain, strong, dim, good, bad, warn };

/// One of the two standard streams. Collects text and writes it at `flush` or when there is much of it.
class Output {
public:
    /// Looks at the descriptor: whether it is a terminal, how wide, and whether colour is wanted (NO_COLOR, TERM).
    Output(int fd, const Environment& environment);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() { (void)flush(); }

    void text(std::string_view words);
    void line(std::string_view words = {});
    /// False when the text cannot be written (a closed pipe, a full disk).
    bool flush();
    [[nodiscard]] bool failed() const { return m_failed; }

    /// The text in a colour, where this stream shows colours.
    [[nodiscard]] std::string styled(Style style, std::string_view text) const;
    [[nodiscard]] bool is_terminal() const { return m_terminal; }
    /// Columns of the terminal; without one `other`.
    [[nodiscard]] std::size_t width(std::size_t other) const { return m_width == 0 ? other : m_width; }

private:
    int m_fd;
    bool m_terminal = false;
    bool m_colour = false;
    bool m_failed = false;
    std::size_t m_width = 0;
    std::string m_text;
};

/// A table for people. Cells are cleaned of control characters; on a terminal the widest column gives way.
class Table {
public:
    struct Cell {
        std::string text;
        Style style = Style::plain;
        Cell(std::string words, Style look = Style::plain) : text(std::move(words)), style(look) {} // NOLINT
        Cell(std::string_view words) : text(words) {}                                               // NOLINT
        Cell(const char* words) : text(words) {}                                                    // NOLINT
    };
    explicit Table(std::vector<std::string> headings) : m_headings(std::move(headings)) {}
    void add(std::vector<Cell> cells);
    [[nodiscard]] bool empty() const { return m_rows.empty(); }
    void print(Output& output) const;

private:
    std::vector<std::string> m_headings;
    std::vector<std::vector<Cell>> m_rows;
};

/// A listing as `--json` prints it: one JSON array, one object a line.
void print_json_rows(Output& output, const std::vector<OrderedJson>& rows);
void print_json(Output& output, const OrderedJson& value);

/// "2026-11-21 10:00:05", local time.
[[nodiscard]] std::string local_time(TimePoint when);
/// "in 5 s", "3 min ago", "now": the distance between two moments.
[[nodiscard]] std::string distance_text(TimePoint when, TimePoint now);

} // namespace mcp_push
