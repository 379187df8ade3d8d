// SPDX-License-Identifier: MIT
#include "tests/cli/program.hpp"

#include <csignal>

namespace mcp_push {
namespace {

TEST_CASE("run: the exit code is the command's own, and 128 + n for a signal") {
    Program mcp_push;
    CHECK(mcp_push({"run", "--", "true"}).exit_code == 0);
    CHECK(mcp_push({"run", "--", "sh", "-c", "exit 7"}).exit_code == 7);
    CHECK(mcp_push({"run", "sh", "-c", "exit 255"}).exit_code == 255);
    CHECK(mcp_push({"run", "--", "sh", "-c", "kill -TERM $$"}).exit_code == 128 + SIGTERM);
    CHECK(mcp_push({"run", "--", "sh", "-c", "kill -KILL $$"}).exit_code == 128 + SIGKILL);
}

TEST_CASE("run: a command that is not there is 127, one that cannot be executed 126, and both are said") {
    Program mcp_push;
    const auto missing = mcp_push({"run", "--", "no-such-command"});
    CHECK(missing.exit_code == 127);
    CHECK(missing.complains("no-such-command: command not found"));
    const auto plain = mcp_push.home.write("plain.txt", "text");
    const auto refused = mcp_push({"run", "--", plain});
    CHECK(refused.exit_code == 126);
    CHECK(refused.complains("Permission denied"));
}

TEST_CASE("run: input, output and errors pass through byte for byte and apart") {
    Program mcp_push;
    const std::string bytes("a\0b\xff\xfe\r\n\x1b[1m", 11);
    const auto ended = mcp_push({"run", "--", "sh", "-c", "cat; echo trouble >&2"}, bytes);
    CHECK(ended.out == bytes);
    CHECK(ended.err == "trouble\n");
    const auto much = mcp_push({"run", "--", "head", "-c", "3000000", "/dev/zero"});
    CHECK(much.exit_code == 0);
    CHECK(much.out == std::string(3'000'000, '\0'));
}

TEST_CASE("run: what follows the command is the command's, options and marks too") {
    Program mcp_push;
    CHECK(mcp_push({"run", "--", "echo", "--help", "--", "-n"}).out == "--help -- -n\n");
    CHECK(mcp_push({"run", "echo", "--title", "x"}).out == "--title x\n");
    const auto option = mcp_push({"run", "--titel", "x", "--", "echo", "hello"});
    CHECK(option.exit_code == 64);
    CHECK(option.complains("mcp-push run has no option --titel"));
    CHECK(option.complains("did you mean --title?"));
    CHECK(option.out.empty());
}

TEST_CASE("run: wrong words are said before the command runs") {
    Program mcp_push;
    const Webhook webhook;
    mcp_push.write_config(webhook.table("desk"));
    const auto refused = [&](std::vector<std::string> words, int code, std::string_view message) {
        words.insert(words.begin(), "run");
        words.insert(words.end(), {"--", "echo", "it ran"});
        const auto ended = mcp_push(words);
        CHECK(ended.exit_code == code);
        CHECK_MESSAGE(ended.complains(message), ended.err);
        CHECK(ended.out.empty());
    };
    refused({"--threshold", "soon"}, 64, "--threshold cannot be \"soon\"");
    refused({"--wait", "soon"}, 64, "--wait cannot be \"soon\"");
    refused({"--channel", "phone"}, 78, "no channel is called \"phone\"");
    CHECK(mcp_push({"run"}).exit_code == 64);
}

TEST_CASE("run: a short command is not told, a threshold of 0 tells, and why says where it came from") {
    Program mcp_push;
    const Webhook webhook;
    // The command line is nearer to this run than any rule of the file.
    mcp_push.write_config("[[rules.when]]\nagent = \"command\"\nthreshold = \"2h\"\n" + webhook.table("desk") +
                          "threshold = \"3h\"\n");
    CHECK(mcp_push({"run", "--", "true"}).exit_code == 0);
    CHECK(mcp_push.json({"inbox", "--json"}).empty());
    CHECK(mcp_push({"why"}).says("success within 2 h: silent"));

    CHECK(mcp_push({"run", "--threshold", "0", "--wait", "20", "--title", "nightly", "--", "sh", "-c",
                    "echo out; echo err >&2; exit 3"})
              .exit_code == 3);
    REQUIRE(webhook.count() == 1);
    const auto event = webhook.body(0)["event"];
    CHECK(event["event"] == "error");
    CHECK(event["exit_code"] == 3);
    CHECK(event["output_tail"].get<std::string>().find("out") != std::string::npos);
    CHECK(event["output_tail"].get<std::string>().find("err") != std::string::npos);
    CHECK(mcp_push({"inbox"}).says("nightly"));
    const auto why = mcp_push({"why"});
    CHECK(why.says("failure over 0 s: notify_send + notify_event"));
    CHECK(why.says("threshold 0 s from command line"));
    CHECK(why.says("desk: delivered"));

    CHECK(mcp_push({"run", "--threshold", "never", "--", "true"}).exit_code == 0);
    CHECK(mcp_push({"why"}).says("success, threshold never: silent"));
}

TEST_CASE("run: no secret that the command prints gets into the message or the outbox") {
    Program mcp_push;
    const std::string secret = std::string("ghp_") + "0123456789abcdefghijABCDEFGHIJ012345";
    const auto ended =
        mcp_push({"run", "--threshold", "0", "--", "sh", "-c", "printf 'token is %s\\n' \"$0\"", secret});
    CHECK(ended.out == "token is " + secret + "\n");
    const auto rows = mcp_push.json({"inbox", "--json"});
    REQUIRE(rows.size() == 1);
    const auto body = rows[0]["body"].get<std::string>();
    CHECK(body.find("token is") != std::string::npos);
    CHECK(body.find(secret) == std::string::npos);
    for (const auto* const file : {"outbox.db", "outbox.db-wal", "journal.jsonl"}) {
        CHECK(mcp_push.home.read(std::string(".local/state/mcp-push/") + file).find(secret) == std::string::npos);
    }
}

TEST_CASE("run: signals are passed on, and the caller sees the command's own end") {
    Program mcp_push;
    auto caught = mcp_push.start(
        {"run", "--", "sh", "-c", "trap 'echo got it; exit 9' TERM; echo ready; while :; do sleep 0.01; done"});
    REQUIRE(comes_true([&] { return caught.out() == "ready\n"; }));
    caught.signal(SIGTERM);
    const auto ended = caught.wait();
    CHECK(ended.exit_code == 9);
    CHECK(ended.out == "ready\ngot it\n");

    auto killed = mcp_push.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(comes_true([&] { return killed.out() == "ready\n"; }));
    killed.signal(SIGHUP);
    CHECK(killed.wait().exit_code == 128 + SIGHUP);
}

TEST_CASE("run: an interrupted command is not told") {
    Program mcp_push;
    auto running = mcp_push.start({"run", "--threshold", "0", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(comes_true([&] { return running.out() == "ready\n"; }));
    running.signal(SIGINT);
    CHECK(running.wait().exit_code == 128 + SIGINT);
    CHECK(mcp_push.json({"inbox", "--json"}).empty());
    CHECK(mcp_push.json({"runs", "--json"})[0]["event"] == "cancelled");
}

TEST_CASE("run: a process left in the background does not hold it, and can go on writing") {
    Program mcp_push;
    const auto mark = mcp_push.home.path("go");
    auto running = mcp_push.start(
        {"run", "--", "sh", "-c",
         "(while [ ! -e \"$0\" ]; do sleep 0.01; done; echo late && echo alive > \"$0.alive\") & echo first", mark});
    const auto ended = running.wait();
    CHECK(ended.exit_code == 0);
    CHECK(ended.out == "first\n");
    mcp_push.home.write("go", "");
    CHECK(comes_true([&] { return running.out() == "first\nlate\n"; }));
    CHECK(comes_true([&] { return mcp_push.home.read("go.alive") == "alive\n"; }));
}

TEST_CASE("run: a reader that leaves ends the command as it would without us") {
    Program mcp_push;
    const auto ended =
        mcp_push({"run", "--", "sh", "-c", "\"$0\" run -- yes | head -n 1; echo over", MCP_PUSH_TEST_PROGRAM});
    CHECK(ended.out == "y\nover\n");
}

TEST_CASE("run: whatever becomes of the message, the command's end is the caller's") {
    Program mcp_push;
    mcp_push.home.set("MCP_PUSH_STATE_DIR", "/dev/null/state");
    const auto ended = mcp_push({"run", "--threshold", "0", "--", "sh", "-c", "echo hello; exit 5"});
    CHECK(ended.exit_code == 5);
    CHECK(ended.out == "hello\n");
}

} // namespace
} // namespace mcp_push
