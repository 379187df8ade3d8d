#!/bin/sh
# SPDX-License-Identifier: MIT
# No object of the core, the channels or the hooks runs code before main: every program would pay for it at each start.
# The command line's own objects are left out: CLI11 defines its validators as globals.
#
#   tests/lint/global_constructors.sh BUILD_FOLDER
set -eu
build=$1
list=$(mktemp)
trap 'rm -f "$list"' EXIT
find "$build/core" "$build/channels" "$build/hooks" -name '*.o' >"$list"
count=$(wc -l <"$list")
if [ "$count" -eq 0 ]; then
    echo "no objects below $build: build first"
    exit 1
fi
found=$(xargs nm -A -C <"$list" 2>/dev/null | grep -E '_GLOBAL__(sub_)?I_|__cxx_global_var_init|__static_initialization_and_destruction' || true)
if [ -n "$found" ]; then
    echo "these objects run code before main:"
    echo "$found" | sed 's/^/  /'
    exit 1
fi
echo "$count objects, none with a constructor that runs before main"
