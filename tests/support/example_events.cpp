// SPDX-License-Identifier: MIT
#include "tests/support/example_events.hpp"

#include "core/base/secret.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace {

Event agent_event(EventKind kind) {
    Event event;
    event.kind = kind;
    event.run = {"claude-code", "1820c766-aaa4-4ab6-af9d-493776adbec6", "4c3aa88a-a07a-4546-ab92-3cf3fd2e7c48"};
    event.at = from_millis(1'795'252'925'000);
    event.started = from_millis(1'795'252'800'000);
    event.duration = Millis(125'000);
    event.facts.agent = "claude-code";
    event.facts.project = "myproject";
    event.facts.branch = "fix/cache-race";
    event.facts.host = "devbox";
    event.facts.folder = "/home/mei/myproject";
    event.facts.resume = "claude --resume 1820c766-aaa4-4ab6-af9d-493776adbec6";
    event.facts.prompt = "The cache test is flaky, about one run in five fails.\nPlease find out why and mend it.";
    event.facts.markdown = true;
    return event;
}

Event done() {
    auto event = agent_event(EventKind::end);
    event.facts.changed_files = 3;
    event.facts.answer = R"(The flaky test is fixed: **500 runs in a row pass**.

## What was wrong

`Cache::evict()` read `m_size` without the lock, so a concurrent insert could leave it one too high.

- `core/cache.cpp`: the lock is now taken before the size is read
- `core/cache.hpp`: `m_size` is guarded by `m_mutex`
- `tests/test_cache.cpp`: a test with eight threads that failed before

```cpp
void Cache::evict() {
    const std::lock_guard lock(m_mutex);
    while (m_size > m_limit) drop_oldest();
}
```

I did not touch the on-disk format. Next you may want to look at `Cache::load()`, which has the same pattern.)";
    return event;
}

Event failed() {
    auto event = agent_event(EventKind::error);
    event.duration = Millis(3'723'000);
    event.facts.error =
        "API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment. "
        "If it persists, check https://status.example.com.";
    return event;
}

Event question_command() {
    auto event = agent_event(EventKind::needs_user_action);
    event.question = "q1";
    event.facts.tool = "Bash";
    event.facts.waits = "rm -rf build && cmake --preset release && cmake --build build/release -j8";
    return event;
}

Event question_words() {
    auto event = agent_event(EventKind::needs_user_action);
    event.question = "q1";
    event.facts.tool = "AskUserQuestion";
    event.facts.waits =
        "Which database should the sessions move to?\n- PostgreSQL: one more server, but backups exist\n"
        "- SQLite: nothing to run, one writer at a time";
    return event;
}

Event interrupted_tool() {
    auto event = agent_event(EventKind::cancelled);
    event.facts.tool = "Bash";
    event.facts.waits = "npm run test:e2e";
    return event;
}

Event turn_over() {
    auto event = agent_event(EventKind::end);
    event.facts.background_tasks = 2;
    event.facts.prompt = "start the dev server and the watcher";
    event.facts.answer = "Both are running:\n\n1. dev server on http://localhost:5173\n2. `tsc --watch`";
    return event;
}

Event command_failed() {
    auto event = agent_event(EventKind::error);
    event.run = {"command", "", "01JD0000000000000000000000"};
    event.facts.agent = "command";
    event.facts.resume.clear();
    event.facts.markdown = false;
    event.facts.prompt = "make -j8 check";
    event.facts.exit_code = 2;
    event.facts.output_tail = R"([ 97%] Building CXX object tests/CMakeFiles/tests.dir/test_cache.cpp.o
[100%] Linking CXX executable tests
Running main() from test_main.cpp
[  FAILED  ] CacheTest.EvictsOldest (12 ms)
tests/test_cache.cpp:88: Failure
Expected equality of these values:
  cache.size()
    Which is: 3
  2
make[1]: *** [Makefile:71: check] Error 1
make: *** [Makefile:12: all] Error 2
)";
    return event;
}

Event long_chinese() {
    auto event = agent_event(EventKind::end);
    event.duration = Millis(7'380'000);
    event.facts.project = "支付网关重构与多币种结算平台后端服务仓库第二期";
    event.facts.branch = "feature/多币种";
    event.facts.changed_files = 17;
    event.facts.prompt = "请把结算模块改成支持多币种，保留旧接口，补上测试，并写一份迁移说明给运维同事。";
    event.facts.answer =
        "结算模块已支持多币种，**全部 412 个测试通过**，旧接口保持不变。\n\n"
        "### 主要改动\n\n"
        "- "
        "金额统一用最小货币单位的整数保存，不再使用浮点数；汇率按下单时刻锁定，退款沿用原汇率，避免因汇率波动产生差额。"
        "\n"
        "- `settle()` 增加可选参数 `currency`，缺省仍为人民币，因此现有调用方无需修改。\n"
        "- 数据库新增 `currency` 与 `minor_units` 两列，迁移脚本可重复执行，中断后再次运行不会产生重复数据。\n\n"
        "### 需要你确认\n\n"
        "1. 日元等没有小数位的货币，对账文件里是否也按“元”输出？目前按各币种自己的最小单位输出，与银行的对账格式一致，"
        "但与现有报表系统的约定不同，报表系统会把一百日元显示成一日元。\n"
        "2. 旧订单没有币种字段，迁移时统一写成 `CNY`。如果有历史外币订单，请在迁移之前告诉我，我会补一张对照表。\n"
        "3. "
        "汇率服务不可用时，目前的做法是拒绝下单而不是使用缓存的汇率，这样更安全，但会影响可用性，请产品同事确认。\n\n"
        "迁移说明写在 "
        "`docs/migration-multi-currency.md`，预计停机时间不超过五分钟，回滚步骤也写在里面，已经在预发环境演练过两次。";
    return event;
}

Event hostile() {
    auto event = agent_event(EventKind::error);
    event.facts.project = "<b>evil</b>` **x** \x1b[31mred\x1b[0m @all";
    event.facts.branch = "feature/[click](https://evil.example)";
    event.facts.host = "<script>alert(1)</script>";
    event.facts.prompt =
        "# Not a heading\n```\n<img src=x onerror=alert(1)> &lt;b&gt; *bold* _under_ ~~gone~~ @everyone <@all>";
    event.facts.error =
        "1. not a list <at user_id=\"all\">all</at>\n> not a quote `not code` ![x](http://evil.example/a.png)\n" +
        std::string(300, 'A') + "\x1b]0;title\a\x1b(B end\u202Ereversed";
    event.facts.answer =
        "<details open><summary>Look</summary>\n\nText with `<code>` kept, <https://ok.example> kept, "
        "<img src=x onerror=alert(1)> shown.\n\n- item\n\n  ```html\n  <b>code stays</b>\n  ````nested\n  " +
        std::string(2000, 'x') + "\n  ```\n";
    event.facts.output_tail = "tail with ``` fence\n````\nand more";
    return event;
}

Event minimal() {
    Event event;
    event.at = from_millis(1'795'252'925'000);
    return event;
}

/// What the intake does to every text before it is kept.
Event as_kept(Event event) {
    for (std::string* text : {&event.facts.prompt, &event.facts.answer, &event.facts.error, &event.facts.waits,
                              &event.facts.output_tail, &event.facts.project, &event.facts.branch}) {
        *text = redact(clean_text(*text));
    }
    return event;
}

} // namespace

std::vector<ExampleEvent> example_events() {
    return {{"done", as_kept(done())},
            {"failed", as_kept(failed())},
            {"question_command", as_kept(question_command())},
            {"question_words", as_kept(question_words())},
            {"interrupted_tool", as_kept(interrupted_tool())},
            {"turn_over", as_kept(turn_over())},
            {"command_failed", as_kept(command_failed())},
            {"long_chinese", as_kept(long_chinese())},
            {"hostile", as_kept(hostile())},
            {"minimal", minimal()}};
}

} // namespace mcp_push
