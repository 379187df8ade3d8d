// SPDX-License-Identifier: MIT
#include "core/config/shell_word.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <cstdint>

namespace mcp_push {
namespace {

constexpr std::string_view k_single_quotes = "put the value in single quotes if it is meant literally";

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12);
        add(0x80 | (code >> 6 & 63));
    } else {
        add(0xF0 | (code >> 18 & 7));
        add(0x80 | (code >> 12 & 63));
        add(0x80 | (code >> 6 & 63));
    }
    add(0x80 | (code & 63));
}

void refuse(ShellWord& word, std::string_view message) {
    word.fault = message;
    word.hint = k_single_quotes;
}

} // namespace

bool is_shell_name(std::string_view word) {
    return !word.empty() && is_name_start(word[0]) && std::ranges::all_of(word, is_name_char);
}

bool ShellScanner::at_carriage_return() const {
    return peek() == '\r' && (peek(1) == '\n' || m_at + 1 == m_text.size());
}

void ShellScanner::skip_blanks() {
    for (;;) {
        if (peek() == ' ' || peek() == '\t' || at_carriage_return()) {
            take();
        } else if (peek() == '\\' && peek(1) == '\n') {
            take();
            take();
        } else {
            return;
        }
    }
}

std::string_view ShellScanner::skip_line() {
    const auto begin = m_at;
    m_at = std::min(m_text.find('\n', m_at), m_text.size());
    return m_text.substr(begin, m_at - begin);
}

/// A quote that the file never closes: what follows its line is read as if the quote were not there.
void ShellScanner::unterminated(ShellWord& word, std::size_t begin, int line) {
    word.fault = "a quote is opened and not closed";
    word.hint = "close it; inside single quotes an apostrophe is written '\\''";
    m_at = begin;
    m_line = line;
    skip_line();
}

/// Inside quotes, a line that looks like the next statement of such a file: the closing quote was forgotten.
bool ShellScanner::at_export() const {
    const auto rest = m_text.substr(m_at, 200);
    if (!rest.starts_with("export ")) return false;
    return is_shell_name(rest.substr(7, std::min(rest.find('=', 7), rest.size()) - 7));
}

void ShellScanner::read_single_quotes(ShellWord& word) {
    const auto begin = m_at;
    const int line = m_line;
    take();
    while (!at_end() && peek() != '\'') {
        const bool dropped = at_carriage_return();
        const char c = take();
        if (!dropped) word.value += c;
        if (c == '\n' && at_export()) return unterminated(word, begin, line);
    }
    if (at_end()) return unterminated(word, begin, line);
    take();
}

void ShellScanner::read_double_quotes(ShellWord& word) {
    const auto begin = m_at;
    const int line = m_line;
    take();
    while (!at_end() && peek() != '"') {
        if (peek() == '$') {
            read_dollar(word, true);
            continue;
        }
        const bool dropped = at_carriage_return();
        const char c = take();
        if (c == '`') {
            refuse(word, "a command in backquotes is not run");
        } else if (c == '\\' && !at_end()) {
            const char next = take();
            if (next == '\n') continue;
            if (!is_one_of(next, "$`\"\\")) word.value += '\\';
            word.value += next;
        } else if (!dropped) {
            word.value += c;
        }
        if (c == '\n' && at_export()) return unterminated(word, begin, line);
    }
    if (at_end()) return unterminated(word, begin, line);
    take();
}

void ShellScanner::read_ansi_escape(ShellWord& word) {
    constexpr std::string_view k_from = "abeEfnrtv\\'\"?";
    constexpr std::string_view k_to = "\a\b\x1b\x1b\f\n\r\t\v\\'\"?";
    const auto number = [&](int most, int base) {
        std::uint32_t code = 0;
        for (int i = 0; i < most && digit_of(peek()) < base; ++i) {
            code = code * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit_of(take()));
        }
        return code;
    };
    if (peek() >= '0' && peek() <= '7') {
        word.value += static_cast<char>(number(3, 8));
        return;
    }
    const char c = take();
    if (const auto found = k_from.find(c); found != std::string_view::npos) {
        word.value += k_to[found];
    } else if (c == 'x') {
        word.value += static_cast<char>(number(2, 16));
    } else if (c == 'u' || c == 'U') {
        append_utf8(word.value, number(c == 'u' ? 4 : 8, 16));
    } else if (c == 'c' && !at_end()) {
        word.value += static_cast<char>(take() & 31);
    } else {
        word.value += '\\';
        word.value += c;
    }
}

void ShellScanner::read_ansi_quotes(ShellWord& word) {
    const auto begin = m_at;
    const int line = m_line;
    take();
    while (!at_end() && peek() != '\'') {
        const bool dropped = at_carriage_return();
        const char c = take();
        if (c == '\\' && !at_end()) {
            read_ansi_escape(word);
        } else if (!dropped) {
            word.value += c;
        }
    }
    if (at_end()) return unterminated(word, begin, line);
    take();
}

/// Past the bracket that closes the one at the current place, or to the end of the line.
void ShellScanner::skip_brackets(char open, char close) {
    int depth = 0;
    while (!at_line_end()) {
        const char c = take();
        if (c == open) ++depth;
        if (c == close && --depth == 0) return;
    }
}

void ShellScanner::read_dollar(ShellWord& word, bool in_quotes) {
    take();
    if (peek() == '\'' && !in_quotes) return read_ansi_quotes(word);
    if (peek() == '"' && !in_quotes) return read_double_quotes(word);
    if (peek() == '(') {
        refuse(word, "a command in $(...) is not run");
        return skip_brackets('(', ')');
    }
    if (peek() == '{') {
        refuse(word, "${...} is not expanded");
        return skip_brackets('{', '}');
    }
    if (is_name_start(peek())) {
        const auto begin = m_at;
        while (is_name_char(peek()))
            take();
        const auto name = m_text.substr(begin, m_at - begin);
        if (name != "title" && name != "content") {
            return refuse(word, "$" + std::string(cut(name, 60)) + " is not expanded");
        }
        word.value += '$';
        word.value += name;
    } else if (!at_end() && is_one_of(peek(), "0123456789$?!#@*-")) {
        take();
        refuse(word, "an expansion of the shell is not done");
    } else {
        word.value += '$';
    }
}

ShellWord ShellScanner::read_word() {
    ShellWord word;
    bool plain = true; // nothing but ordinary characters so far
    while (!at_end()) {
        const char c = peek();
        if (is_one_of(c, " \t\n;&|<>()") || at_carriage_return()) break;
        if (is_one_of(c, "'\"$`\\")) plain = false;
        if (c == '\'') {
            read_single_quotes(word);
        } else if (c == '"') {
            read_double_quotes(word);
        } else if (c == '$') {
            read_dollar(word, false);
        } else if (c == '`') {
            refuse(word, "a command in backquotes is not run");
            take();
        } else if (c == '\\') {
            take();
            if (at_end()) break;
            if (const char next = take(); next != '\n') word.value += next;
        } else {
            if (plain) word.raw += c;
            word.value += take();
        }
    }
    return word;
}

} // namespace mcp_push
