// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace mcp_push::bench {

/// One line of the table. A ratio or a size is compared with its target; a row without target is told for interest.
struct Row {
    std::string what;
    std::string measured; ///< with its unit
    std::string against = {};
    double value = 0; ///< what the target is about
    double target = 0;
    enum class Better { lower, higher, told } better = Better::lower;
    std::string unit = "x";
};

class Report {
public:
    void add(Row row);
    /// A requirement that is met or not, without a number.
    void require(const std::string& what, bool met, const std::string& detail);
    /// Prints the table; whether every target was reached.
    [[nodiscard]] bool print() const;

private:
    struct Line {
        std::string what, measured, against, result, target, verdict;
    };
    std::vector<Line> m_lines;
    bool m_good = true;
};

[[nodiscard]] std::string millis(double micros); ///< "1.23 ms"
[[nodiscard]] std::string number(double value, int digits);

} // namespace mcp_push::bench
