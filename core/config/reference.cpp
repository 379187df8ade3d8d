// SPDX-License-Identifier: MIT
// docs/CONFIG.md, from the rows of options.cpp.
#include "core/base/text.hpp"
#include "core/config/options.hpp"
#include "core/config/show.hpp"

namespace mcp_push {
namespace {

constexpr std::string_view k_reference_head = R"(# Configuration

<!-- Generated from core/config/options.cpp; do not edit. -->

Nothing has to be configured but a channel: a table in `config.toml`, or just the variables that the original programs
read (`DD_BOT_TOKEN`, `FSKEY`, `TG_BOT_TOKEN`, ...). `mcp-push channels` lists the types, `mcp-push channels show TYPE`
their settings and variables.

## Where values come from

The strongest first:

| source | what it may set |
| --- | --- |
| command line | the command's own options |
| environment | everything that has a variable; channels |
| a project's `.mcp-push.toml`, the nearest from the working folder up to the folder with `.git`, never above the home folder | what is marked "project" below, `[[rules.when]]`, `[project] name`; everything once you trust the folder |
| `config.toml` in `$XDG_CONFIG_HOME/mcp-push` (`~/.config/mcp-push`), or in `$MCP_PUSH_CONFIG_DIR` | everything |
| `config.sh`, then `.env` in the same folder | variables |

`mcp-push config show` says for each value where it came from, `mcp-push config check` what cannot be used: the value is
then ignored, and everything else works. An empty variable counts as not set.

`mcp-push config trust DIR` lets a folder's own `.mcp-push.toml`, `config.sh` and `.env` name channels, until one of them
changes. Until then a cloned repository cannot decide where your messages go.

## Options

A duration is written `60s`, `1m30s`, `500ms` or `2h`; a bare number means seconds.

| option | variable | default | project | meaning |
| --- | --- | --- | --- | --- |
)";

constexpr std::string_view k_reference_channels = R"(
## Channels

```toml
[channels.phone]
type = "telegram"
token = { env = "MY_BOT_TOKEN" }
chat_id = "123456789"
threshold = "5m"
events = ["error", "needs_user_action"]
```

The name is yours. Beside its type's settings every channel may have:

| key | meaning |
| --- | --- |
)";

constexpr std::string_view k_reference_tail = R"(
An array is joined with `;`, or with line breaks where an element holds `;` or `:`.

A setting is a text or a reference, which is looked up when a message is sent:

| reference | value |
| --- | --- |
| `{ env = "X" }` | the variable X, from the environment, `config.sh` or `.env` |
| `{ file = "~/.secret" }` | the file's text, without line breaks at its end; a relative path begins at the configuration file's folder |
| `{ command = ["pass", "show", "x"] }` | the first line that the program prints within 5 s; no shell is involved |
| `{ keyring = "x" }` | `secret-tool lookup service mcp-push key x`; on macOS `security find-generic-password -s mcp-push -a x -w` |

Variables add one channel for each type whose required ones are set, named after the type, unless the file has a channel
of that name or one that reaches the same place. What only some terminal's environment has is kept in `env-channels` in
the state folder (0600), so that a message written there can be delivered later from anywhere.

## Routes, rules, names

```toml
[routes]
default = ["phone", "desk"]      # absent: every channel

[[rules.when]]                   # the last that fits counts
event = "end"                    # or a list of events
project = "big-*"                # also agent, branch, host, channel; * and ? stand for anything
hours = "22-8"                   # local time, the end excluded
threshold = "never"              # and/or both = true

[project.names]
"~/work/shop-frontend" = "Shop"  # in a project's own file: [project] name = "Shop"
```

## config.sh and .env

Both are read as data and never run: assignments with or without `export`, in single or double quotes or `$'...'`, over
several lines, with comments. A value that needs a shell, such as `$(pass show x)` or `${HOME}`, is named and skipped; `$title` and
`$content`, the webhook's placeholders, stay as they are. `config.sh.example` lists the variables.
)";

std::string cell(std::string_view text) { return replace_all(std::string(text), "|", "\\|"); }

} // namespace

std::string config_reference() {
    const Config defaults;
    std::string text(k_reference_head);
    for (const auto& option : options()) {
        auto value = option.get(defaults);
        value = value.empty() ? "" : "`" + replace_all(std::move(value), "\n", "` `") + "`";
        std::string variable = option.env.empty() ? "" : "`" + std::string(option.env) + "`";
        if (!option.late_env.empty()) {
            variable += "; else `" + replace_all(std::string(option.late_env), " ", "`, `") + "`";
        }
        text += "| `" + std::string(option.key) + "` | " + variable + " | " + value + " | " +
                (option.by == SetBy::project ? "yes" : "") + " | " + cell(option.help) + " (" +
                std::string(option.format) + ") |\n";
    }
    text += k_reference_channels;
    for (const auto& key : common_channel_keys()) {
        text += "| `" + std::string(key.key) + "` | " + cell(key.help) + " |\n";
    }
    text += k_reference_tail;
    return text;
}

} // namespace mcp_push
