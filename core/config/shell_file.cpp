// SPDX-License-Identifier: MIT
#include "core/config/shell_file.hpp"

#include "core/base/text.hpp"
#include "core/config/shell_word.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mcp_push {
namespace {

constexpr std::size_t k_most_faults = 200;
constexpr std::string_view k_no_code = "keep to lines like export KEY=\"value\"";

class ShellReader {
public:
    explicit ShellReader(std::string_view text) : m_in(text) {}

    ShellFile read() {
        while (!m_in.at_end())
            read_statement();
        if (m_depth > 0) block_fault();
        return std::move(m_file);
    }

private:
    void fault(int line, std::string_view name, std::string_view message, std::string_view hint) {
        if (m_file.faults.size() >= k_most_faults) return;
        m_file.faults.push_back({line, std::string(name), std::string(message), std::string(hint)});
    }
    void block_fault() { fault(m_block_line, "", "a block of shell code is not read", k_no_code); }

    void read_statement();
    void read_operator();
    void skip_here_document();
    bool assign(const ShellWord& word, int line);
    bool note_block(const ShellWord& word);

    ShellScanner m_in;
    ShellFile m_file;
    int m_depth = 0; ///< of if, for, case and { } blocks: what is in them depends on what a shell would do
    int m_block_line = 0;
    std::string m_here_document; ///< the word that ends it; "" for none
};

/// Counts what opens and closes blocks. True for the words that have their meaning where a command may begin.
bool ShellReader::note_block(const ShellWord& word) {
    constexpr std::array<std::string_view, 7> k_open = {"if", "for", "while", "until", "case", "select", "{"};
    constexpr std::array<std::string_view, 4> k_close = {"fi", "done", "esac", "}"};
    constexpr std::array<std::string_view, 5> k_inside = {"then", "else", "elif", "do", "!"};
    if (word.raw != word.value) return false;
    if (std::ranges::find(k_open, word.raw) != k_open.end()) {
        if (m_depth++ == 0) m_block_line = m_in.line();
        return true;
    }
    if (std::ranges::find(k_close, word.raw) != k_close.end()) {
        if (m_depth > 0 && --m_depth == 0) block_fault();
        return true;
    }
    return m_depth > 0 && std::ranges::find(k_inside, word.raw) != k_inside.end();
}

/// Keeps `NAME=value`. False where the word is no assignment.
bool ShellReader::assign(const ShellWord& word, int line) {
    const auto equals = word.raw.find('=');
    const auto name = std::string_view(word.raw).substr(0, equals);
    if (equals == std::string::npos || !is_shell_name(name)) return false;
    auto value = word.value.substr(equals + 1);
    if (!word.fault.empty()) {
        fault(line, name, word.fault, word.hint);
    } else if (value.find('\0') != std::string::npos) {
        fault(line, name, "the value holds a NUL byte", "");
    } else if (!is_valid_utf8(value)) {
        fault(line, name, "the value is not valid UTF-8", "save the file as UTF-8");
    } else {
        m_file.variables.push_back({std::string(name), std::move(value), line});
    }
    return true;
}

void ShellReader::read_operator() {
    const char c = m_in.take();
    if (c != '<' || m_in.peek() != '<') return;
    m_in.take();
    if (m_in.peek() == '<') return; // <<< gives a text, not a document
    if (m_in.peek() == '-') m_in.take();
    m_in.skip_blanks();
    m_here_document = m_in.read_word().value;
}

void ShellReader::skip_here_document() {
    const auto end = std::exchange(m_here_document, {});
    while (!m_in.at_end()) {
        const auto line = m_in.skip_line();
        if (!m_in.at_end()) m_in.take();
        if (trim(line) == end) return;
    }
}

/// One statement: up to a semicolon or the line's end.
void ShellReader::read_statement() {
    m_in.skip_blanks();
    const int line = m_in.line();
    const std::size_t before = m_file.variables.size();
    const auto kept_some = [&] { return m_file.variables.size() > before; };
    bool exported = false;
    bool code = false;
    bool block = m_depth > 0;
    bool command_may_begin = true;
    for (;;) {
        m_in.skip_blanks();
        if (m_in.peek() == '#') m_in.skip_line();
        if (m_in.at_line_end() || m_in.peek() == ';') break;
        const auto place = m_in.position();
        const ShellWord word = m_in.read_word();
        if (m_in.position() == place) {
            read_operator();
            code = command_may_begin = true;
            continue;
        }
        const bool first = std::exchange(command_may_begin, false);
        if (first && note_block(word)) {
            block = command_may_begin = true;
            continue;
        }
        if (block || code) continue;
        if (first && word.raw == "export") {
            exported = true;
            continue;
        }
        if (assign(word, line)) continue;
        const bool only_a_name = exported && !kept_some() && word.raw == word.value && is_shell_name(word.raw);
        code = !only_a_name;
    }
    const bool line_ends = m_in.at_line_end();
    if (!m_in.at_end()) m_in.take();
    if (line_ends && !m_here_document.empty()) skip_here_document();
    if (!code || block) return;
    if (kept_some()) { // `A=1 command` sets A for that command alone; `A=some text` lacks its quotes
        const std::string name = m_file.variables.back().name;
        m_file.variables.resize(before);
        fault(line, name, "something follows the value", "put the whole value in quotes");
    } else if (m_file.faults.empty() || m_file.faults.back().line != line) {
        fault(line, "", "this is shell code, which is not run", k_no_code);
    }
}

} // namespace

ShellFile parse_shell_file(std::string_view text) { return ShellReader(text).read(); }

} // namespace mcp_push
