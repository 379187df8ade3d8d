#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures every speed that the product promises and prints a table of ratios, all in one run on this machine.
#
#   bench/run.sh [--rounds N] [hook] [wire] [send] [outbox]
set -eu
source_dir=$(cd "$(dirname "$0")/.." && pwd)
build=$source_dir/build/bench
cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON -DMCP_PUSH_BENCH=ON >&2
cmake --build "$build" --target mcp-push mcp-push-hook mcp-push-bench bench_do_nothing bench_peak >&2
bin=$build/bin
mkdir -p "$bin"
cp "$build/cli/mcp-push" "$build/hooks/mcp-push-hook" "$bin/"
# The homes of the measurements are made in the working folder.
cd "$build"
exec "$build/bench/mcp-push-bench" "$bin" "$@"
