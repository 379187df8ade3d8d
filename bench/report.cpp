// SPDX-License-Identifier: MIT
#include "bench/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace mcp_push::bench {

std::string number(double value, int digits) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

std::string millis(double micros) { return number(micros / 1000, 2) + " ms"; }

void Report::add(Row row) {
    Line line{.what = std::move(row.what),
              .measured = std::move(row.measured),
              .against = std::move(row.against),
              .result = number(row.value, 2) + " " + row.unit,
              .target = {},
              .verdict = {}};
    if (row.better == Row::Better::told) {
        if (row.value == 0) line.result.clear();
    } else {
        const bool lower = row.better == Row::Better::lower;
        const bool met = lower ? row.value <= row.target : row.value >= row.target;
        line.target = (lower ? "<= " : ">= ") + number(row.target, 2) + " " + row.unit;
        line.verdict = met ? "ok" : "OVER";
        if (!lower && !met) line.verdict = "UNDER";
        m_good = m_good && met;
    }
    std::fprintf(stderr, "%-52s %s\n", line.what.c_str(), line.measured.c_str());
    m_lines.push_back(std::move(line));
}

void Report::require(const std::string& what, bool met, const std::string& detail) {
    std::fprintf(stderr, "%-52s %s\n", what.c_str(), detail.c_str());
    m_lines.push_back({what, detail, "", "", "", met ? "ok" : "FAILED"});
    m_good = m_good && met;
}

bool Report::print() const {
    const auto print_line = [](const Line& line) {
        std::printf("%-52s %16s  %-32s %10s %12s  %s\n", line.what.c_str(), line.measured.c_str(), line.against.c_str(),
                    line.result.c_str(), line.target.c_str(), line.verdict.c_str());
    };
    print_line({"what", "measured", "against", "result", "target", ""});
    std::ranges::for_each(m_lines, print_line);
    return m_good;
}

} // namespace mcp_push::bench
