// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// One word of a shell script: its value, or why it cannot be known without a shell.
struct ShellWord {
    std::string raw; ///< its start up to the first quote or expansion: enough to tell NAME=, export, if
    std::string value;
    std::string fault; ///< "" where the value is known
    std::string hint;
};

/// Walks through a script. Shared by the statements (shell_file.cpp) and the words (shell_word.cpp).
class ShellScanner {
public:
    explicit ShellScanner(std::string_view text) : m_text(text) {}

    /// NUL at the end of the text.
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }
    char take() {
        const char c = m_text[m_at++];
        if (c == '\n') ++m_line;
        return c;
    }
    [[nodiscard]] bool at_end() const { return m_at >= m_text.size(); }
    [[nodiscard]] bool at_line_end() const { return at_end() || peek() == '\n'; }
    [[nodiscard]] std::size_t position() const { return m_at; }
    [[nodiscard]] int line() const { return m_line; }

    /// Also the carriage return of a CRLF and a backslash before a line's end.
    void skip_blanks();
    /// Returns what was left of the line.
    std::string_view skip_line();
    /// Reads up to a blank, a line's end or an operator. Does not move where there is no word.
    ShellWord read_word();

private:
    void read_single_quotes(ShellWord& word);
    void read_double_quotes(ShellWord& word);
    void read_ansi_quotes(ShellWord& word);
    void read_ansi_escape(ShellWord& word);
    void read_dollar(ShellWord& word, bool in_quotes);
    void skip_brackets(char open, char close);
    void unterminated(ShellWord& word, std::size_t begin, int line);
    [[nodiscard]] bool at_carriage_return() const;
    [[nodiscard]] bool at_export() const;

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1;
};

[[nodiscard]] bool is_shell_name(std::string_view word);

} // namespace mcp_push
