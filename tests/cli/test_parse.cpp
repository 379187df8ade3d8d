// SPDX-License-Identifier: MIT
#include "cli/help.hpp"
#include "cli/parse.hpp"

#include <doctest/doctest.h>

namespace mcp_push {
namespace {

Result<int> nothing(const Invocation&) { return 0; }

constexpr OptionSpec k_send_options[] = {
    {.name = "channel", .letter = 'c', .value = "NAME", .help = "Only this channel.", .repeated = true},
    {.name = "urgency", .value = "LEVEL", .help = "How loud.", .choices = "low|normal|high"},
    {.name = "wait", .value = "SECONDS", .help = "How long."},
    k_json_option,
};
constexpr ArgumentSpec k_send_arguments[] = {{.name = "TITLE", .help = "The title."},
                                             {.name = "BODY", .help = "The text.", .required = false}};
constexpr Example k_send_examples[] = {{"mcp-push send \"Done\"", "tell everybody"}};
constexpr CommandSpec k_send{.name = "send",
                             .group = CommandGroup::send,
                             .summary = "Send one message",
                             .examples = k_send_examples,
                             .options = k_send_options,
                             .arguments = k_send_arguments,
                             .run = &nothing};

constexpr OptionSpec k_run_options[] = {{.name = "title", .value = "TEXT", .help = "The title."}};
constexpr CommandSpec k_run{
    .name = "run", .summary = "Run a command", .options = k_run_options, .rest = "CMD ...", .run = &nothing};

constexpr ArgumentSpec k_retry_arguments[] = {{.name = "ID", .required = false, .repeated = true}};
constexpr CommandSpec k_retry{.name = "retry", .summary = "Try again", .arguments = k_retry_arguments, .run = &nothing};
constexpr CommandSpec k_purge{.name = "purge", .summary = "Forget", .run = &nothing};
constexpr const CommandSpec* k_outbox_parts[] = {&k_retry, &k_purge};
constexpr CommandSpec k_outbox{.name = "outbox", .summary = "What waits", .parts = k_outbox_parts, .run = &nothing};
constexpr CommandSpec k_config{.name = "config", .summary = "Settings", .parts = k_outbox_parts};
constexpr const CommandSpec* k_commands[] = {&k_config, &k_outbox, &k_run, &k_send};

Result<ParsedLine> parse(const std::vector<std::string>& words) { return parse_line(k_commands, words); }

void is_refused(const std::vector<std::string>& words, std::string_view message, std::string_view hint) {
    const auto line = parse(words);
    REQUIRE_FALSE(line);
    CHECK(line.error().kind == ErrorKind::usage);
    CHECK(line.error().message == message);
    CHECK(line.error().hint == hint);
}

using Words = std::vector<std::string>;

TEST_CASE("parse: options may stand before, between and after the arguments") {
    const auto line = parse({"send", "-c", "phone", "Done", "--channel=desk", "all good", "--json"});
    REQUIRE(line);
    CHECK(line->path == std::vector<const CommandSpec*>{&k_send});
    CHECK(line->values.at("TITLE") == Words{"Done"});
    CHECK(line->values.at("BODY") == Words{"all good"});
    CHECK(line->values.at("channel") == Words{"phone", "desk"});
    CHECK(line->values.count("json") == 1);
    CHECK(line->values.count("wait") == 0);
}

TEST_CASE("parse: an option that is given twice but not repeated takes the last value") {
    CHECK(parse({"send", "T", "--wait", "1", "--wait", "2"})->values.at("wait") == Words{"2"});
}

TEST_CASE("parse: a repeated option does not swallow the arguments behind it") {
    const auto line = parse({"send", "--channel", "phone", "Title", "Body"});
    REQUIRE(line);
    CHECK(line->values.at("channel") == Words{"phone"});
    CHECK(line->values.at("TITLE") == Words{"Title"});
    CHECK(line->values.at("BODY") == Words{"Body"});
}

TEST_CASE("parse: a lone dash and words behind -- are arguments") {
    CHECK(parse({"send", "Title", "-"})->values.at("BODY") == Words{"-"});
    const auto line = parse({"send", "--", "-5 degrees", "--json"});
    REQUIRE(line);
    CHECK(line->values.at("TITLE") == Words{"-5 degrees"});
    CHECK(line->values.at("BODY") == Words{"--json"});
    CHECK(line->values.count("json") == 0);
}

TEST_CASE("parse: a value may begin with dashes or hold anything else") {
    CHECK(parse({"run", "--title", "--- result ---", "--", "true"})->values.at("title") == Words{"--- result ---"});
    CHECK(parse({"send", "[1, 2]", "{\"a\": \"b\"}"})->values.at("TITLE") == Words{"[1, 2]"});
    CHECK(parse({"send", "", ""})->values.at("TITLE") == Words{""});
    CHECK(parse({"send", "一", "二\n三"})->values.at("BODY") == Words{"二\n三"});
    CHECK(parse({"send", "%%", "a,b;c"})->values.at("BODY") == Words{"a,b;c"});
}

TEST_CASE("parse: the other command's words are left as they are") {
    const auto line = parse({"run", "--title", "Tests", "--", "make", "-j2", "--", "--title", "x", "--help"});
    REQUIRE(line);
    CHECK_FALSE(line->help);
    CHECK(line->values.at("title") == Words{"Tests"});
    CHECK(line->rest == Words{"make", "-j2", "--", "--title", "x", "--help"});
    CHECK(parse({"run", "make", "-j2", "--title", "x"})->rest == Words{"make", "-j2", "--title", "x"});
}

TEST_CASE("parse: a command under a command, and its arguments") {
    const auto line = parse({"outbox", "retry", "a", "b"});
    REQUIRE(line);
    CHECK(line->path == std::vector<const CommandSpec*>{&k_outbox, &k_retry});
    CHECK(line->values.at("ID") == Words{"a", "b"});
    CHECK(parse({"outbox"})->path == std::vector<const CommandSpec*>{&k_outbox});
}

TEST_CASE("parse: help and version") {
    CHECK(parse({})->help);
    CHECK(parse({"--help"})->help);
    CHECK(parse({"-h"})->path.empty());
    CHECK(parse({"--version"})->version);
    CHECK(parse({"send", "--help"})->help);
    CHECK(parse({"send", "T", "-h"})->help);
    CHECK(parse({"config", "--help"})->path == std::vector<const CommandSpec*>{&k_config});
    const auto line = parse({"help", "outbox", "retry"});
    REQUIRE(line);
    CHECK(line->help);
    CHECK(line->path == std::vector<const CommandSpec*>{&k_outbox, &k_retry});
}

TEST_CASE("parse: a wrong word is named with the nearest right one") {
    is_refused({"sned", "x"}, "there is no command \"sned\"", "did you mean send?");
    is_refused({"outbox", "rety"}, "there is no command \"outbox rety\"", "did you mean retry?");
    is_refused({"frobnicate"}, "there is no command \"frobnicate\"", "see: mcp-push --help");
    is_refused({"send", "T", "--chanel", "x"}, "mcp-push send has no option --chanel", "did you mean --channel?");
    is_refused({"send", "T", "--chanel=x"}, "mcp-push send has no option --chanel", "did you mean --channel?");
    is_refused({"send", "T", "-x"}, "mcp-push send has no option -x", "see: mcp-push send --help");
    is_refused({"send", "T", "--urgency", "hihg"}, "--urgency cannot be \"hihg\"", "did you mean high?");
    is_refused({"send", "T", "--urgency", "banana"}, "--urgency cannot be \"banana\"", "one of: low, normal, high");
    is_refused({"--verison"}, "mcp-push has no option --verison", "did you mean --version?");
    is_refused({"help", "sned"}, "there is no command \"sned\"", "did you mean send?");
}

TEST_CASE("parse: what is missing and what is too much") {
    is_refused({"send"}, "mcp-push send needs TITLE", "see: mcp-push send --help");
    is_refused({"run"}, "mcp-push run needs CMD ...", "see: mcp-push run --help");
    is_refused({"run", "--"}, "mcp-push run needs CMD ...", "see: mcp-push run --help");
    is_refused({"config"}, "mcp-push config needs one of: retry, purge", "see: mcp-push config --help");
    is_refused({"send", "a", "b", "c"}, "mcp-push send: too many words: \"c\"",
               "put quotes around a text of several words; see: mcp-push send --help");
    CHECK_FALSE(parse({"send", "T", "--wait"}));
    CHECK_FALSE(parse({"send", "T", "--json=maybe"}));
}

TEST_CASE("help: names everything that the command's data holds") {
    const auto text = help_text({&k_send}, 80);
    for (const auto* const word :
         {"Usage: mcp-push send [OPTIONS] TITLE [BODY]", "-c, --channel NAME", "One of: low, normal, high.",
          "May be given several times.", "-h, --help", "# tell everybody", "mcp-push send \"Done\""}) {
        CAPTURE(word);
        CHECK(text.find(word) != std::string::npos);
    }
    CHECK(usage_of({&k_run}) == "mcp-push run [OPTIONS] -- CMD ...");
    CHECK(usage_of({&k_config}) == "mcp-push config COMMAND ...");
}

TEST_CASE("every command has a summary, an example, and a way to run it") {
    const auto check = [](const CommandSpec& spec, const auto& self) -> void {
        CAPTURE(spec.name);
        CHECK_FALSE(spec.summary.empty());
        CHECK(spec.summary.back() != '.');
        CHECK((spec.run != nullptr || !spec.parts.empty()));
        CHECK_FALSE((spec.examples.empty() && spec.parts.empty()));
        for (const auto& option : spec.options) {
            CAPTURE(option.name);
            CHECK_FALSE(option.help.empty());
        }
        for (const auto* const part : spec.parts)
            self(*part, self);
    };
    CHECK_FALSE(command_specs().empty());
    for (const auto* const spec : command_specs())
        check(*spec, check);
}

} // namespace
} // namespace mcp_push
