#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compares the committed reference pages with what the program prints now.
#
#   tests/pages/run.sh MCP_PUSH           says which page differs, and how
#   tests/pages/run.sh --write MCP_PUSH   writes the pages
set -euo pipefail
write=no
if [ "${1:-}" = --write ]; then
    write=yes
    shift
fi
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "tests/pages/run.sh [--write] MCP_PUSH: the built program is missing" >&2
    exit 64
fi
program=$(readlink -f "$1")
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

# Nothing of the person's own configuration may get into a page.
print() { env -i HOME="$scratch" PATH=/usr/bin:/bin LANG=C.UTF-8 "$program" "$@"; }

page() { # FILE ARGUMENT ...
    local file=$1
    shift
    print "$@" >"$scratch/page"
    [ -s "$scratch/page" ] || {
        echo "mcp-push $* prints nothing"
        status=1
        return
    }
    if [ $write = yes ]; then
        cmp -s "$file" "$scratch/page" || {
            cp "$scratch/page" "$file"
            echo "wrote $file"
        }
    elif ! diff -u "$file" "$scratch/page" >"$scratch/difference"; then
        echo "$file is not what mcp-push $* prints:"
        head -n 40 "$scratch/difference"
        status=1
    else
        echo "ok: $file"
    fi
}

page docs/channels.md channels --markdown
page docs/commands.md man commands
page docs/configuration.md man configuration
page docs/mcp-push.1 man
page docs/mcp-push-hook.1 man mcp-push-hook

# A manual page that groff stumbles over reads badly.
if command -v groff >/dev/null; then
    for file in docs/mcp-push.1 docs/mcp-push-hook.1; do
        complaints=$(groff -man -Tutf8 -ww -z "$file" 2>&1) || status=1
        [ -z "$complaints" ] || {
            echo "$file: $complaints"
            status=1
        }
    done
fi
[ $status -eq 0 ] || echo "to write the pages again: tests/pages/run.sh --write build/dev/cli/mcp-push"
exit $status
