// SPDX-License-Identifier: MIT
// Whole messages as people get them, kept in golden/ and read by people. MCP_PUSH_UPDATE_GOLDEN=1 rewrites them.
#include "core/rules/compose.hpp"
#include "tests/support/example_events.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

using namespace mcp_push;

namespace {

constexpr std::pair<Privacy, const char*> k_levels[] = {
    {Privacy::none, "none"}, {Privacy::metadata, "metadata"}, {Privacy::summary, "summary"}, {Privacy::full, "full"}};

} // namespace

TEST_CASE("golden messages: every scenario reads as it was approved, in both languages and at every privacy level") {
    for (const auto& example : example_events()) {
        for (const auto language : {Language::english, Language::chinese}) {
            for (const auto& [privacy, level] : k_levels) {
                const auto message = compose(example.event, {.language = language, .privacy = privacy});
                const std::string file =
                    "core/golden/" + example.name + (language == Language::english ? ".en." : ".zh.") + level + ".txt";
                CHECK(golden_difference(file, message.title + "\n\n" + message.body + "\n") == "");
            }
        }
    }
}

TEST_CASE("golden messages: the structured event keeps its form at every privacy level") {
    for (const auto& example : example_events()) {
        std::string text;
        for (const auto& [privacy, level] : k_levels) {
            text += std::string(level) + " " + event_json(example.event, privacy) + "\n";
        }
        CHECK(golden_difference("core/golden/" + example.name + ".events.txt", text) == "");
    }
}
