#!/bin/sh
# SPDX-License-Identifier: MIT
# Kills hook and deliverer at random moments and counts what was lost: tests/crash/run.sh [KILLS] [SEED]
# The programs are taken from MCP_PUSH_BIN_DIR, or from build/stage where tests/run.sh installs them.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${MCP_PUSH_BIN_DIR:-$root/build/stage/bin}
cmake --build "$root/build/dev" --target crash_test
# The home of the trial is made in the working folder.
cd "$root/build/dev"
exec ./tests/crash/crash_test "$bin" "${1:-1000}" ${2:+"$2"}
