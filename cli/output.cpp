// SPDX-License-Identifier: MIT
#include "cli/output.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <numeric>

namespace mcp_push {
namespace {

constexpr std::size_t k_much = 64 * 1024;

std::size_t terminal_width(int fd, const Environment& environment) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const auto columns = environment.get("COLUMNS");
    std::size_t width = 0;
    std::from_chars(columns.data(), columns.data() + columns.size(), width);
    return width >= 20 && width < 10'000 ? width : 80;
}

std::string_view escape_of(Style style) {
    switch (style) {
    case Style::plain:
        return "";
    case Style::strong:
        return "\x1b[1m";
    case Style::dim:
        return "\x1b[2m";
    case Style::good:
        return "\x1b[32m";
    case Style::bad:
        return "\x1b[31m";
    case Style::warn:
        return "\x1b[33m";
    }
    return "";
}

} // namespace

Output::Output(int fd, const Environment& environment) : m_fd(fd), m_terminal(::isatty(fd) == 1) {
    if (!m_terminal) return;
    m_width = terminal_width(fd, environment);
    const auto term = environment.get("TERM");
    m_colour = environment.get("NO_COLOR").empty() && !term.empty() && term != "dumb";
}

void Output::text(std::string_view words) {
    m_text += words;
    if (m_text.size() > k_much) flush();
}

void Output::line(std::string_view words) {
    m_text += words;
    m_text += '\n';
    if (m_text.size() > k_much) flush();
}

bool Output::flush() {
    std::string_view left = m_text;
    while (!left.empty() && !m_failed) {
        const ssize_t written = ::write(m_fd, left.data(), left.size());
        if (written >= 0) {
            left.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR && errno != EAGAIN) {
            m_failed = true;
        }
    }
    m_text.clear();
    return !m_failed;
}

std::string Output::styled(Style style, std::string_view text) const {
    if (!m_colour || style == Style::plain || text.empty()) return std::string(text);
    return std::string(escape_of(style)) + std::string(text) + "\x1b[0m";
}

void Table::add(std::vector<Cell> cells) {
    cells.resize(m_headings.size(), Cell(""));
    for (auto& cell : cells)
        cell.text = one_line(clean_text(cell.text));
    m_rows.push_back(std::move(cells));
}

void Table::print(Output& output) const {
    if (m_rows.empty()) return;
    std::vector<std::size_t> widths;
    for (const auto& heading : m_headings)
        widths.push_back(display_width(heading));
    for (const auto& row : m_rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i].text));
    }
    if (output.is_terminal()) {
        const std::size_t gaps = 2 * (widths.size() - 1);
        std::size_t total = std::accumulate(widths.begin(), widths.end(), gaps);
        while (total > output.width(80)) {
            const auto widest = std::ranges::max_element(widths);
            if (*widest <= 12) break;
            --*widest;
            --total;
        }
    }
    const auto print_row = [&](const auto& cells, const auto& text_of, const auto& style_of) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto text = fit_columns(text_of(cells[i]), widths[i]);
            line += output.styled(style_of(cells[i]), text);
            if (i + 1 < cells.size()) line.append(widths[i] - display_width(text) + 2, ' ');
        }
        while (line.ends_with(' '))
            line.pop_back();
        output.line(line);
    };
    print_row(
        m_headings, [](const std::string& heading) { return heading; }, [](const std::string&) { return Style::dim; });
    for (const auto& row : m_rows) {
        print_row(
            row, [](const Cell& cell) { return cell.text; }, [](const Cell& cell) { return cell.style; });
    }
}

void print_json_rows(Output& output, const std::vector<OrderedJson>& rows) {
    output.text("[");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        output.text(i == 0 ? "\n" : ",\n");
        output.text(dump_json(rows[i]));
    }
    output.line(rows.empty() ? "]" : "\n]");
}

void print_json(Output& output, const OrderedJson& value) { output.line(dump_json_pretty(value)); }

std::string local_time(TimePoint when) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
    std::tm parts{};
    if (::localtime_r(&seconds, &parts) == nullptr) return to_iso8601(when);
    std::array<char, 32> buffer{};
    const auto length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M:%S", &parts);
    return std::string(buffer.data(), length);
}

std::string distance_text(TimePoint when, TimePoint now) {
    const Millis distance = when - now;
    if (distance.count() > -1000 && distance.count() < 1000) return "now";
    return distance.count() > 0 ? "in " + format_duration(distance) : format_duration(-distance) + " ago";
}

} // namespace mcp_push
