#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs as a new user would: from a fresh copy of what is tracked, in a folder with a space in its name, with the
# README's command, and then uses what was installed. The result stays in build/stage for the tests that follow.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
stage=$root/build/stage
clone="$root/build/fresh clone"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; [ -z "${sink:-}" ] || kill "$sink" 2>/dev/null || true' EXIT
checks=0
check() { # WHAT COMMAND ...
    local what=$1
    shift
    if ! "$@"; then
        echo "FAILED: $what"
        exit 1
    fi
    checks=$((checks + 1))
    echo "ok: $what"
}
fails_with() { # CODE COMMAND ...
    local wanted=$1 code=0
    shift
    "$@" >"$scratch/out" 2>&1 || code=$?
    [ "$code" -eq "$wanted" ] || { echo "exit code $code instead of $wanted:"; cat "$scratch/out"; return 1; }
}
says() { grep -qF -- "$1" "$2" || { echo "\"$1\" is not in:"; cat "$2"; return 1; }; }

# --- a fresh copy; the build folder of the last run stays, so that only what changed is built again
mkdir -p "$clone"
find "$clone" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || printf '%s\0' "$file"
done | tar --null -T - -cf - | tar -C "$clone" -xf -

as_user() { env -i HOME="$scratch/home" PATH="$PATH" LANG=C.UTF-8 "$@"; }
mkdir -p "$scratch/home"
rm -rf "$stage"
echo "--- ./install.sh --prefix $stage"
as_user "$clone/install.sh" --prefix "$stage" | tee "$scratch/install.log"
check "it says what it will do" says "and installed in $stage" "$scratch/install.log"
check "it warns that the place is not on PATH" says "$stage/bin is not on your PATH" "$scratch/install.log"
check "the demonstration left a message in the inbox" \
    bash -c "env -i HOME='$scratch/home' PATH=/usr/bin:/bin '$stage/bin/mcp-push' inbox --json | grep -q '\"title\"'"

# --- what is there
for file in bin/mcp-push bin/mcp-push-hook share/man/man1/mcp-push.1 share/bash-completion/completions/mcp-push \
    share/zsh/site-functions/_mcp-push share/fish/vendor_completions.d/mcp-push.fish \
    share/mcp-push/completion-hook.sh share/mcp-push/config.sh.example share/mcp-push/installed-files; do
    check "$file is installed" test -s "$stage/$file"
done
check "the hook is executable" test -x "$stage/share/mcp-push/completion-hook.sh"
check "both programs have one version" \
    test "$("$stage/bin/mcp-push" version | awk '{print $2; exit}')" = "$("$stage/bin/mcp-push-hook" --version | awk '{print $2}')"
check "the man page reads without a warning" \
    bash -c "! groff -man -Tutf8 -ww -z '$stage/share/man/man1/mcp-push.1' 2>&1 | grep ."
check "the hook is static and knows no network library" tests/lint/hook_links.sh "$stage/bin/mcp-push-hook" static
check "a silent call asks little of the system" tests/lint/silent_call.sh "$stage/bin/mcp-push-hook" 90

# --- a message, by both ways, to a service on loopback
python3 -u - "$scratch/port" "$scratch/got" <<'PY' &
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(sys.argv[2], "ab") as file:
            file.write(body + b"\n")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(server.server_port))
import os
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PY
sink=$!
for _ in $(seq 200); do [ ! -s "$scratch/port" ] || break; sleep 0.05; done
url="http://127.0.0.1:$(cat "$scratch/port")/hook"
arrived() { for _ in $(seq 200); do ! grep -q "$1" "$scratch/got" 2>/dev/null || return 0; sleep 0.05; done; return 1; }
webhook() { as_user env WEBHOOK_URL="$url" WEBHOOK_METHOD=POST "$@"; }
check "mcp-push send reports success" webhook "$stage/bin/mcp-push" send "sent by hand" "hello"
check "the message of mcp-push send arrived" arrived "sent by hand"
check "the hook is content" webhook "$stage/bin/mcp-push-hook" --strict --status end \
    --start-time $(($(date +%s) - 75)) --run-id smoke --title "told by the hook" --message "done"
check "the hook's message arrived" arrived "told by the hook"
check "a short run stays silent" webhook "$stage/bin/mcp-push-hook" --strict --status end \
    --start-time $(($(date +%s) - 5)) --run-id smoke-short --title "too short to tell" --message "done"
check "the shim finds the hook on PATH" \
    bash -c "echo '{}' | env -i HOME='$scratch/home' PATH='$stage/bin:/usr/bin:/bin' '$stage/share/mcp-push/completion-hook.sh'"
check "the shim is silent where there is none" \
    bash -c "test -z \"\$(echo '{}' | env -i HOME=/nonexistent PATH=/usr/bin:/bin '$root/hooks/completion-hook.sh' 2>&1)\""

# --- again, elsewhere, and undone
second="$scratch/second prefix"
mkdir -p "$second/bin"
echo "not ours" >"$second/bin/other-program"
install_second() { as_user "$clone/install.sh" --no-demo --prefix "$second" >"$scratch/second.log" 2>&1 || { cat "$scratch/second.log"; return 1; }; }
check "it installs into a prefix with a space" install_second
check "without a terminal it prints few lines" test "$(wc -l <"$scratch/second.log")" -lt 40
echo gone >"$second/share/mcp-push/from-an-older-version"
printf 'f\t%s\n' "$second/share/mcp-push/from-an-older-version" >>"$second/share/mcp-push/installed-files"
check "it installs again over itself" install_second
check "what an older version installed is gone" test ! -e "$second/share/mcp-push/from-an-older-version"
check "it is removed again" as_user "$clone/install.sh" --uninstall --prefix "$second"
check "only what was not ours is left" test "$(cd "$second" && find . ! -type d)" = ./bin/other-program
check "folders of ours are gone" test ! -e "$second/share"
check "configuration and messages are left" test -d "$scratch/home/.local/state/mcp-push"
check "removing twice says so" fails_with 1 as_user "$clone/install.sh" --uninstall --prefix "$second"
check "an unknown option is named" fails_with 64 "$clone/install.sh" --frobnicate
check "the option's name is in the message" says '"--frobnicate"' "$scratch/out"
check "--prefix without a folder is refused" fails_with 64 "$clone/install.sh" --prefix
check "a place that cannot be is refused" fails_with 1 as_user "$clone/install.sh" --no-demo --prefix /dev/null/x
if command -v script >/dev/null; then
    check "on a terminal the progress is one line" bash -c "touch '$clone/hooks/main.cpp'; \
        env -i HOME='$scratch/home' PATH='$PATH' TERM=xterm script -qec \"'$clone/install.sh' --no-demo --prefix '$scratch/tty'\" /dev/null | tr '\r' '\n' | grep -q 'Building: \['"
fi
echo "$checks checks"
