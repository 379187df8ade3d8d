// SPDX-License-Identifier: MIT
// mcp-push: everything but the hook. Finds the command, runs it, turns errors into text and exit codes.
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "core/base/process.hpp"

#include <csignal>
#include <exception>
#include <new>

namespace mcp_push {
namespace {

/// Text of several columns is read best when it is not as wide as the screen.
constexpr std::size_t k_help_width = 100;

int fail(Context& context, std::string_view command, const Error& error) {
    context.out.flush();
    std::string line = std::string(command) + ": " + error.message;
    if (error.message.starts_with(command)) line = error.message; // a usage error names its command already
    context.err.line(context.err.styled(Style::bad, line));
    if (!error.hint.empty()) context.err.line("  " + error.hint);
    context.err.flush();
    return exit_code_of(error.kind);
}

int run(const std::vector<std::string>& words, bool ignores_sigpipe) {
    Context context;
    context.ignores_sigpipe = ignores_sigpipe;
    auto line = parse_line(command_specs(), words);
    if (!line) return fail(context, "mcp-push", line.error());
    const auto width = std::min(context.out.width(k_help_width), k_help_width);
    if (line->version) {
        context.out.line("mcp-push " MCP_PUSH_VERSION);
    } else if (line->help) {
        context.out.text(line->path.empty() ? overview_text(command_specs(), width) : help_text(line->path, width));
    } else {
        const Invocation invocation(*line->path.back(), std::move(line->values), std::move(line->rest), context);
        const auto exit_code = invocation.command.run(invocation);
        if (!exit_code) return fail(context, command_line_of(line->path), exit_code.error());
        // What could not be written was not told: a full disk must not look like success.
        const bool written = context.out.flush();
        return *exit_code == 0 && !written ? 1 : *exit_code;
    }
    return context.out.flush() ? 0 : 1;
}

} // namespace
} // namespace mcp_push

int main(int argc, char** argv) {
    mcp_push::open_standard_streams();
    std::signal(SIGXFSZ, SIG_IGN); // a limit on the size of files is an error like a full disk
    // A reader that leaves early ends the writing, not a delivery at work.
    const bool ignores_sigpipe = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
    try {
        return mcp_push::run(std::vector<std::string>(argv + 1, argv + argc), ignores_sigpipe);
    } catch (const std::bad_alloc&) {
        std::fputs("mcp-push: out of memory\n", stderr);
    } catch (const std::exception& defect) {
        std::fprintf(stderr, "mcp-push: a defect of ours: %s\n", defect.what());
    }
    return 1;
}
