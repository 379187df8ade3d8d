// SPDX-License-Identifier: MIT
#include "tests/cli/program.hpp"
#include "tests/support/terminal_session.hpp"

namespace mcp_push {
namespace {

constexpr std::string_view k_ctrl_c = "\x03";
constexpr std::string_view k_ctrl_d = "\x04";
constexpr std::string_view k_ctrl_z = "\x1a";

/// A terminal on which a program of the test's own home runs.
class Screen : public TerminalSession {
public:
    Screen(Program& program, const std::vector<std::string>& words, unsigned short rows = 30,
           unsigned short columns = 100)
        : Screen(program, std::make_shared<ExecArguments>(words, program.home.variables()), rows, columns) {}

private:
    Screen(Program& program, const std::shared_ptr<ExecArguments>& arguments, unsigned short rows,
           unsigned short columns)
        : TerminalSession(rows, columns, [&] {
              if (::chdir(program.folder.c_str()) != 0) return 126;
              return arguments->run();
          }) {}
};

std::vector<std::string> run_words(const std::string& script) {
    return {MCP_PUSH_TEST_PROGRAM, "run", "--", "sh", "-c", script};
}

/// A shell with job control, as a person has it, in which `mcp-push` is the one that was built. It shows what is typed:
/// the '' in a typed word tells it from the word that is printed.
std::vector<std::string> shell_words() { return {"/bin/bash", "--norc", "--noprofile", "-i"}; }

struct Shell : Screen {
    explicit Shell(Program& program) : Screen(program, shell_words()) {
        type("PS1='READY''> '; PATH='" + parent_of(MCP_PUSH_TEST_PROGRAM) + "':$PATH\n");
        REQUIRE(shows("READY> "));
    }
};

TEST_CASE("run on a terminal: the command has one too, of the same size") {
    Program mcp_push;
    Screen screen(mcp_push, run_words("test -t 0 && test -t 1 && test -t 2 && echo a terminal; stty size; exit 4"), 33,
                  77);
    CHECK(screen.shows("a terminal"));
    CHECK(screen.shows("33 77"));
    CHECK(screen.wait() == 4);
}

TEST_CASE("run on a terminal: the command hears of a new size") {
    Program mcp_push;
    Screen screen(mcp_push, run_words("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done"));
    REQUIRE(screen.shows("ready"));
    screen.resize(41, 123);
    CHECK(screen.shows("41 123"));
    CHECK(screen.wait() == 0);
}

TEST_CASE("run on a terminal: what is typed reaches the command, the end of input too") {
    Program mcp_push;
    Screen screen(mcp_push, run_words("echo ready; cat; echo over"));
    REQUIRE(screen.shows("ready"));
    screen.type("typed\r");
    CHECK(screen.shows("typed")); // the echo
    CHECK(screen.shows("typed")); // cat
    screen.type(k_ctrl_d);
    CHECK(screen.shows("over"));
    CHECK(screen.wait() == 0);
}

TEST_CASE("run on a terminal: errors that go to a file stay apart") {
    Program mcp_push;
    Screen screen(mcp_push,
                  {"/bin/sh", "-c", "\"$0\" run -- sh -c 'echo out; echo err >&2' 2>errors", MCP_PUSH_TEST_PROGRAM});
    CHECK(screen.shows("out"));
    CHECK(screen.wait() == 0);
    CHECK(screen.screen().find("err") == std::string::npos);
    CHECK(mcp_push.home.read("work/errors") == "err\n");
}

TEST_CASE("run on a terminal: Ctrl-C ends the command, not the shell, and is not told") {
    Program mcp_push;
    Shell shell(mcp_push);
    shell.type("mcp-push run --threshold 0 -- sh -c 'echo beg\"\"un; exec sleep 600'\n");
    REQUIRE(shell.shows("begun"));
    shell.type(k_ctrl_c);
    REQUIRE(shell.shows("READY> "));
    shell.type("echo code $?; stty -a | tr ';' '\\n' | grep -ow 'is[i]g\\|ic[a]non'\n");
    CHECK(shell.shows("code 130"));
    CHECK(shell.shows("isig")); // our raw terminal was given back
    CHECK(shell.shows("icanon"));
    CHECK(mcp_push.json({"inbox", "--json"}).empty());
}

TEST_CASE("run on a terminal: a command that handles Ctrl-C goes on") {
    Program mcp_push;
    Screen screen(mcp_push,
                  run_words("trap 'echo caught' INT; echo ready; read -r word; read -r word; echo \"word $word\""));
    REQUIRE(screen.shows("ready"));
    screen.type(k_ctrl_c);
    REQUIRE(screen.shows("caught"));
    screen.type("one\rtwo\r");
    CHECK(screen.shows("word "));
    CHECK(screen.wait() == 0);
}

TEST_CASE("run on a terminal: Ctrl-Z stops it, fg goes on, and the exit code is right") {
    Program mcp_push;
    Shell shell(mcp_push);
    shell.type("mcp-push run -- sh -c 'echo beg\"\"un; read -r line; echo \"read $line\"; exit 6'\n");
    REQUIRE(shell.shows("begun"));
    shell.type(k_ctrl_z);
    REQUIRE(shell.shows("Stopped"));
    REQUIRE(shell.shows("READY> "));
    shell.type("jobs; echo in the sh''ell\n");
    CHECK(shell.shows("Stopped"));
    REQUIRE(shell.shows("in the shell"));
    shell.type("fg\n");
    REQUIRE(shell.shows("mcp-push run"));
    shell.type("once more\n");
    CHECK(shell.shows("read once more"));
    REQUIRE(shell.shows("READY> "));
    shell.type("echo code $?\n");
    CHECK(shell.shows("code 6"));
}

TEST_CASE("run on a terminal: in the background it works without reading the terminal") {
    Program mcp_push;
    Shell shell(mcp_push);
    shell.type("mcp-push run -- sh -c 'echo from beh\"\"ind; exit 3' & wait $!; echo code $?\n");
    CHECK(shell.shows("from behind"));
    CHECK(shell.shows("code 3"));
}

TEST_CASE("run on a terminal: a process left behind does not hold it") {
    Program mcp_push;
    Shell shell(mcp_push);
    shell.type("mcp-push run -- sh -c 'sleep 600 & echo chi\"\"ld $!'; echo code $?\n");
    REQUIRE(shell.shows("child "));
    CHECK(shell.shows("code 0"));
    const auto child = std::strtol(shell.screen().c_str() + shell.screen().rfind("child ") + 6, nullptr, 10);
    if (child > 1) ::kill(static_cast<pid_t>(child), SIGKILL);
}

TEST_CASE("run on a terminal: the message holds what a person saw, not the colours") {
    Program mcp_push;
    Screen screen(mcp_push, {MCP_PUSH_TEST_PROGRAM, "run", "--threshold", "0", "--", "sh", "-c",
                             "printf '10%%\\r50%%\\r100%%\\n\\033[31mred words\\033[0m\\n'; exit 1"});
    CHECK(screen.shows("\x1b[31mred words\x1b[0m"));
    CHECK(screen.wait() == 1);
    const auto rows = mcp_push.json({"inbox", "--json"});
    REQUIRE(rows.size() == 1);
    const auto body = rows[0]["body"].get<std::string>();
    CHECK(body.find("100%\nred words") != std::string::npos);
    CHECK(body.find("50%\n") == std::string::npos);
    CHECK(body.find('\x1b') == std::string::npos);
}

TEST_CASE("colour is for terminals alone, and not where NO_COLOR is set") {
    Program mcp_push;
    mcp_push.home.set("TERM", "xterm");
    (void)mcp_push({"send", "Hello"});
    CHECK_FALSE(mcp_push({"inbox"}).says("\x1b["));
    Screen coloured(mcp_push, {MCP_PUSH_TEST_PROGRAM, "inbox"});
    CHECK(coloured.wait() == 0);
    CHECK(coloured.screen().find("\x1b[1mHello") != std::string::npos);
    mcp_push.home.set("NO_COLOR", "1");
    Screen plain(mcp_push, {MCP_PUSH_TEST_PROGRAM, "inbox"});
    CHECK(plain.wait() == 0);
    CHECK(plain.screen().find("Hello") != std::string::npos);
    CHECK(plain.screen().find('\x1b') == std::string::npos);
}

} // namespace
} // namespace mcp_push
