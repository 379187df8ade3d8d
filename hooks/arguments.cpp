// SPDX-License-Identifier: MIT
#include "hooks/arguments.hpp"

#include "core/base/edit_distance.hpp"
#include "core/base/text.hpp"
#include "core/model/event.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mcp_push {
namespace {

constexpr Millis k_longest_wait{30'000};
constexpr std::array<std::string_view, 12> k_flags = {"--status",  "--start-time", "--run-id", "--title",
                                                      "--message", "--exit-code",  "--agent",  "--markdown",
                                                      "--strict",  "--wait",       "--help",   "--version"};

Error usage(std::string message, std::string hint = "see mcp-push-hook --help") {
    return {ErrorKind::usage, std::move(message), std::move(hint)};
}

class Parser {
public:
    explicit Parser(const std::vector<std::string>& words) : m_words(words) {}

    Result<HookArguments> parse() {
        for (m_at = 0; m_at < m_words.size(); ++m_at) {
            const std::string& word = m_words[m_at];
            if (word.starts_with("--")) {
                TRY(flag(word));
            } else {
                m_rest.push_back(word);
            }
            if (m_found.form == Form::help || m_found.form == Form::version) return m_found;
        }
        TRY(choose_form());
        return m_found;
    }

private:
    using Form = HookArguments::Form;

    Status flag(const std::string& word) {
        const auto equals = word.find('=');
        const auto name = std::string_view(word).substr(0, equals);
        const auto value = [&]() -> Result<std::string> {
            if (equals != std::string::npos) return word.substr(equals + 1);
            if (m_at + 1 >= m_words.size()) return usage(std::string(name) + " needs a value");
            return m_words[++m_at];
        };
        struct TextFlag {
            std::string_view name;
            std::string HookArguments::*place;
            bool makes_explicit;
        };
        constexpr std::array k_texts = {TextFlag{"--status", &HookArguments::status, true},
                                        TextFlag{"--start-time", &HookArguments::start_time, true},
                                        TextFlag{"--run-id", &HookArguments::run_id, true},
                                        TextFlag{"--title", &HookArguments::title, true},
                                        TextFlag{"--message", &HookArguments::message, true},
                                        TextFlag{"--agent", &HookArguments::agent, false}};
        for (const auto& text : k_texts) {
            if (text.name != name) continue;
            TRY_ASSIGN(m_found.*text.place, value());
            m_explicit |= text.makes_explicit;
            return {};
        }
        if (name == "--exit-code") {
            TRY_ASSIGN(const std::string text, value());
            int number = 0;
            const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (code != std::errc() || end != text.data() + text.size()) {
                return usage("--exit-code " + text + " is not a number");
            }
            m_found.exit_code = number;
            m_explicit = true;
        } else if (name == "--wait") {
            TRY(wait(equals == std::string::npos ? std::string() : word.substr(equals + 1)));
        } else if (name == "--strict") {
            m_found.strict = true;
        } else if (name == "--markdown") {
            m_found.markdown = true;
        } else if (name == "--help") {
            m_found.form = Form::help;
        } else if (name == "--version") {
            m_found.form = Form::version;
        } else {
            const auto near = nearest(name, k_flags);
            return usage("unknown option " + std::string(name),
                         near.empty() ? "see mcp-push-hook --help" : "did you mean " + std::string(near) + "?");
        }
        return {};
    }

    /// The seconds are optional: the next word counts only when it is a number.
    Status wait(std::string text) {
        if (text.empty() && m_at + 1 < m_words.size()) {
            const std::string& next = m_words[m_at + 1];
            const bool number =
                !next.empty() && std::ranges::all_of(next, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
            if (number) {
                text = next;
                ++m_at;
            }
        }
        m_found.wait = k_longest_wait;
        if (text.empty()) return {};
        auto seconds = parse_duration(text);
        if (!seconds) return usage("--wait " + text + " is no number of seconds");
        m_found.wait = std::min(*seconds, k_longest_wait);
        return {};
    }

    Status choose_form() {
        if (!m_rest.empty() && trim(m_rest.back()).starts_with('{')) {
            m_found.form = Form::payload_as_argument;
            m_found.payload = m_rest.back();
        } else if (m_explicit) {
            if (!m_rest.empty()) return usage("unexpected \"" + std::string(cut(m_rest.front(), 60)) + "\"");
            m_found.form = Form::explicit_flags;
        } else if (!m_rest.empty()) {
            return positional();
        }
        return {};
    }

    /// The original script's form: event, message, run id, start in milliseconds.
    Status positional() {
        m_found.form = Form::positional;
        if (m_rest.size() > 4) return usage("unexpected \"" + std::string(cut(m_rest[4], 60)) + "\"");
        if (!parse_event_kind(m_rest[0])) {
            return usage("\"" + std::string(cut(m_rest[0], 60)) + "\" is no event",
                         "one of end, error, needs_user_action, cancelled, start, update");
        }
        m_found.status = m_rest[0];
        if (m_rest.size() > 1) m_found.message = m_rest[1];
        if (m_rest.size() > 2) m_found.run_id = m_rest[2];
        if (m_rest.size() > 3) m_found.start_time = m_rest[3];
        return {};
    }

    const std::vector<std::string>& m_words;
    std::size_t m_at = 0;
    HookArguments m_found;
    bool m_explicit = false;
    std::vector<std::string> m_rest;
};

} // namespace

Result<HookArguments> parse_hook_arguments(const std::vector<std::string>& words) { return Parser(words).parse(); }

std::string_view hook_help() {
    return R"(mcp-push-hook: tells you, on the channel you read, that a long task ended or needs you

  mcp-push-hook                        an agent's hook payload on standard input
  mcp-push-hook '{"type": ...}'        the payload as the last argument (Codex notify)
  mcp-push-hook --status STATUS --start-time T [--run-id ID] [--title S] [--message S] [--exit-code N]
  mcp-push-hook end "message" run-42 1700000000000

STATUS      end (success), error (failure), needs_user_action (needs_action), cancelled, start, update;
            an exit code other than 0 means error
T           seconds or milliseconds since 1970, or ISO 8601
--agent A   whose payload it is, where that cannot be seen from it
--markdown  the message is CommonMark; otherwise it is plain text
--wait [S]  stay until each channel has answered, at most S (30) seconds; the default where CI is set
--strict    errors become exit codes; otherwise a hook always exits 0
--version, --help

By default nothing is told about a run of up to 60 seconds. Example, at the end of a build script:

  start=$(date +%s); make; mcp-push-hook --status end --exit-code $? --start-time $start --title "make"

What was decided and why: mcp-push why. Settings: mcp-push config path.
)";
}

} // namespace mcp_push
