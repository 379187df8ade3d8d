#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs one fuzz target: every kept input once, then a search for some seconds.
#
#   run_one.sh PROGRAM KEPT_FOLDER FOUND_FOLDER SECONDS        MCP_PUSH_FUZZ_SECONDS overrides the last
set -eu
program=$1
kept=$2
found=$3
seconds=${MCP_PUSH_FUZZ_SECONDS:-$4}
mkdir -p "$found/new" "$found/crashes"
options="-timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 -verbosity=0"
# shellcheck disable=SC2086 # words on purpose
"$program" $options -artifact_prefix="$found/crashes/" -runs=0 "$kept"
[ "$seconds" -gt 0 ] || exit 0
# shellcheck disable=SC2086 # words on purpose
exec "$program" $options -artifact_prefix="$found/crashes/" -max_total_time="$seconds" "$found/new" "$kept"
