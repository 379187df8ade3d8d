#!/bin/sh
# SPDX-License-Identifier: MIT
# What a hook call that tells nobody asks of the system: no database, no process, no socket, nothing printed, and few
# calls in all. Counted with strace, so that a library that slips into the fast path is seen at once.
#
#   tests/lint/silent_call.sh HOOK [MOST_CALLS]
set -eu
hook=$(readlink -f "$1")
most=${2:-0}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -p "$home/project" "$home/.config/mcp-push"
cat >"$home/.config/mcp-push/config.toml" <<'TOML'
[channels.phone]
type = "custom_notify"
url = "http://127.0.0.1:9/hook"
TOML
status=0

# call NAME PAYLOAD: runs the hook under strace and judges what it did.
call() {
    name=$1
    printf '%s\n' "$2" >"$home/payload"
    if ! (cd "$home/project" && env -i HOME="$home" PATH=/usr/bin:/bin LANG=C.UTF-8 \
        strace -f -o "$home/trace" "$hook" <"$home/payload" >"$home/out" 2>"$home/err"); then
        echo "$name: the hook did not exit 0"
        status=1
    fi
    [ ! -s "$home/out" ] || { echo "$name: printed on standard output: $(head -c 200 "$home/out")"; status=1; }
    [ ! -s "$home/err" ] || { echo "$name: printed on standard error: $(head -c 200 "$home/err")"; status=1; }
    for banned in 'outbox\.db' 'clone3\?(' 'v\?fork(' 'socket(' 'connect(' 'curl' 'libssl' 'libdbus'; do
        if grep -q "$banned" "$home/trace"; then
            echo "$name: a silent call must not do this: $(grep -m1 "$banned" "$home/trace" | cut -c1-160)"
            status=1
        fi
    done
    calls=$(grep -c '(' "$home/trace")
    if [ "$most" -gt 0 ] && [ "$calls" -gt "$most" ]; then
        echo "$name: $calls system calls, more than $most"
        sort "$home/trace" | sed 's/^[0-9]* *//; s/(.*//' | sort | uniq -c | sort -rn | head -20
        status=1
    fi
    echo "$name: $calls system calls"
}

common='"session_id":"5d0f1a3e-0000-4000-8000-000000000001","transcript_path":"'$home'/t.jsonl","cwd":"'$home'/project"'
turn='"prompt_id":"5d0f1a3e-0000-4000-8000-000000000002"'
call 'session start' "{$common,\"hook_event_name\":\"SessionStart\",\"source\":\"startup\"}"
call 'prompt' "{$common,$turn,\"hook_event_name\":\"UserPromptSubmit\",\"prompt\":\"build it\"}"
call 'tool ended' "{$common,$turn,\"hook_event_name\":\"PostToolUse\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"ls\"},\"duration_ms\":12}"
call 'short turn ended' "{$common,$turn,\"hook_event_name\":\"Stop\",\"stop_hook_active\":false,\"last_assistant_message\":\"Done.\",\"background_tasks\":[]}"
call 'unknown event' "{$common,\"hook_event_name\":\"SomethingNew\"}"
exit $status
