#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sources the shell completions in the shells they are for and asks them what they offer.
#
#   tests/completions/run.sh MCP_PUSH
set -euo pipefail
program=$(readlink -f "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$program" "$scratch/bin/mcp-push"
export PATH=$scratch/bin:$PATH HOME=$scratch
status=0
expect() { # SHELL OFFERED WORD ...
    local shell=$1 offered=$2 word
    shift 2
    for word in "$@"; do
        if ! grep -qE -- "^$word([[:space:]:].*)?$" <<<"$offered"; then
            echo "$shell: \"$word\" is not offered, but: $(tr '\n' ' ' <<<"$offered" | cut -c1-300)"
            status=1
        fi
    done
}

for shell in bash zsh fish; do
    "$program" completion "$shell" >"$scratch/$shell"
    [ -s "$scratch/$shell" ] || { echo "$shell: the completion is empty"; status=1; }
done

# bash: as the shell calls it when the person presses the tabulator key
offer_bash() {
    bash --norc -c '
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        handler=$(complete -p mcp-push | sed "s/.*-F \([^ ]*\).*/\1/")
        "$handler" mcp-push "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>/dev/null
        printf "%s\n" "${COMPREPLY[@]}"' bash "$scratch/bash" "$@" | sed 's/ *$//'
}
bash -n "$scratch/bash" || status=1
expect bash "$(offer_bash mcp-push '')" send outbox config version
expect bash "$(offer_bash mcp-push out)" outbox
expect bash "$(offer_bash mcp-push outbox '')" retry
expect bash "$(offer_bash mcp-push send --)" --channel --json --dry-run

# fish answers such questions itself
if command -v fish >/dev/null; then
    offer_fish() { fish --no-config -c "source '$scratch/fish'; complete -C '$1'" | cut -f1; }
    fish --no-config -n "$scratch/fish" || status=1
    expect fish "$(offer_fish 'mcp-push ')" send outbox config version
    expect fish "$(offer_fish 'mcp-push outbox ')" retry
    expect fish "$(offer_fish 'mcp-push send --')" --channel --json --dry-run
else
    echo "fish is not installed"
    status=1
fi

# zsh: a real line editor on a pseudo terminal, as zsh's own tests do it
if command -v zsh >/dev/null; then
    zsh -n "$scratch/zsh" || status=1
    mkdir "$scratch/functions"
    cp "$scratch/zsh" "$scratch/functions/_mcp-push"
    offer_zsh() {
        zsh -f "$(dirname "$0")/offer.zsh" "$scratch/functions" "$1" | sed 's/\x1b\[[0-9;?]*[A-Za-z]/ /g' |
            tr -d '\r' | tr -s ' \t' '\n'
    }
    expect zsh "$(offer_zsh 'mcp-push ')" send outbox config version
    expect zsh "$(offer_zsh 'mcp-push outbox ')" retry
    expect zsh "$(offer_zsh 'mcp-push send --')" --channel --json --dry-run
else
    echo "zsh is not installed"
    status=1
fi
[ $status -ne 0 ] || echo "completions: bash, zsh and fish offer commands, parts and options"
exit $status
