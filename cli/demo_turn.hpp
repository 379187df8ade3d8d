// SPDX-License-Identifier: MIT
#pragma once

#include "cli/context.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// A simulated turn of an agent, 75 seconds long, that ends through the real hook. It has a configuration of its own
/// without channels, so that nobody is told; the inbox is the user's.
class DemoTurn {
public:
    static constexpr std::string_view k_prompt = "Make the tests pass";

    struct Told {
        std::string rule;
        InboxRow message;
        Millis hook_took{0};
    };

    /// Kind no_input where mcp-push-hook is not installed.
    [[nodiscard]] static Result<DemoTurn> prepare(Context& context);
    DemoTurn(DemoTurn&& other) noexcept;
    DemoTurn(const DemoTurn&) = delete;
    ~DemoTurn();

    [[nodiscard]] const std::string& hook() const { return m_hook; }
    /// Runs the hook and waits for the message.
    [[nodiscard]] Result<Told> end();

private:
    DemoTurn(Context& context, std::string hook, std::string folder);
    [[nodiscard]] Status write_transcript() const;
    [[nodiscard]] std::string payload() const;
    [[nodiscard]] std::vector<std::string> environment() const;

    Context* m_context;
    std::string m_hook;
    std::string m_folder; ///< removed at the end
    std::string m_session;
    std::string m_turn;
};

} // namespace mcp_push
