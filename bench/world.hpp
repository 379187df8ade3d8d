// SPDX-License-Identifier: MIT
#pragma once

#include "bench/report.hpp"
#include "bench/timing.hpp"

#include <string>
#include <vector>

namespace mcp_push::bench {

/// Where the programs are, and how often each thing is measured.
struct Setup {
    std::string hook;
    std::string push;
    std::string nothing;
    std::string peak;
    std::string self; ///< this program, started again as libcurl's yardstick
    int rounds = 200;
};

/// A home folder of a measurement's own, below the build folder and so on a real disk.
class Home {
public:
    explicit Home(const Setup& setup);
    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;
    /// Channels of type custom_notify, one for each address.
    void configure(const std::vector<std::string>& urls) const;
    /// Removes the state, so that the next call finds a machine that never told anything.
    void forget_state() const;
    [[nodiscard]] Command hook(const std::string& input, bool always_tell = false) const;
    [[nodiscard]] Command push(std::vector<std::string> words) const;
    /// The environment of every command, with MCP_PUSH_BIN set.
    [[nodiscard]] std::vector<std::string> environment() const;

private:
    const Setup& m_setup;
    std::string m_path;
};

/// Claude Code's payloads of one turn.
struct Payloads {
    explicit Payloads(const std::string& session, const std::string& home, const std::string& transcript);
    std::string prompt;
    std::string stop;
};

void measure_hook(const Setup& setup, Report& report);
void measure_wire(const Setup& setup, Report& report);
void measure_send(const Setup& setup, Report& report);
void measure_outbox(const Setup& setup, Report& report);
/// The yardstick of measure_outbox: posts `count` bodies with libcurl's multi interface, as a program of its own.
[[nodiscard]] int post_with_libcurl(const std::string& url, int count, int at_once, std::size_t body_bytes);

} // namespace mcp_push::bench
