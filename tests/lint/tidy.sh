#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy over our sources. A file whose text, headers and rules were found good before is not looked at again
# (results are kept in the user's cache folder). Where very much is new, only what changed lately is looked at, and at
# most 40 files of it.
#
#   tests/lint/tidy.sh [quick|full|long] [FILE ...]
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=${1:-full}
[ $# -eq 0 ] || shift
few=40
cores=$( (command -v nproc >/dev/null && nproc) || sysctl -n hw.ncpu)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mcp-push-tidy
mkdir -p "$cache" build
cmake --preset tidy >build/tidy-configure.log 2>&1 || { cat build/tidy-configure.log; exit 1; }
rules=$( (clang-tidy --version; cat .clang-tidy) | sha256sum | cut -c1-16)
export cache rules

# Prints "HASH FILE" for a file that was not found good before; comments count, for they hold NOLINT.
unknown() {
    local hash
    hash=$(clang++ -std=c++20 -I. -Ibuild/tidy -E -P -C "$1" 2>/dev/null | sha256sum | cut -c1-32)
    [ -e "$cache/$rules-$hash" ] || echo "$hash $1"
}
check() {
    local hash=$1 file=$2
    # Its count of warnings in headers of others is of no interest.
    if clang-tidy -p build/tidy --quiet "$file" 2>/dev/null; then
        : >"$cache/$rules-$hash"
    else
        echo "clang-tidy: $file"
        return 1
    fi
}
export -f unknown check

if [ $# -gt 0 ]; then
    files=("$@")
else
    mapfile -t files < <(git ls-files -co --exclude-standard 'core/*.cpp' 'channels/*.cpp' 'hooks/*.cpp' 'cli/*.cpp' |
        while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
fi
mapfile -t new < <(printf '%s\n' "${files[@]}" | xargs -P "$cores" -I{} bash -c 'unknown {}' | sort -k2)

if [ ${#new[@]} -gt $few ] && [ "$mode" != long ]; then
    # Since the branch left the main line, or else since the last commit of four hours ago: one session's work.
    base=$(git merge-base HEAD origin/main 2>/dev/null || true)
    if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
        base=$(git rev-list -1 --before='4 hours ago' HEAD)
        [ -n "$base" ] || base=$(git rev-list --max-parents=0 HEAD | tail -n 1)
    fi
    changed=$({ git diff --name-only "$base"; git ls-files -o --exclude-standard; } | sort -u)
    mapfile -t new < <(printf '%s\n' "${new[@]}" | while read -r hash file; do
        # A changed header counts for the source of the same name.
        if grep -qxF -e "$file" -e "${file%.cpp}.hpp" <<<"$changed"; then echo "$hash $file"; fi
    done)
fi
if [ ${#new[@]} -gt $few ] && [ "$mode" != long ]; then
    # In the order of their hashes: another choice after each change.
    left_out=$((${#new[@]} - few))
    mapfile -t new < <(printf '%s\n' "${new[@]}" | sort | head -n "$few")
    echo "clang-tidy: $left_out changed files are left to \"tests/run.sh long\""
fi
echo "clang-tidy: ${#new[@]} of ${#files[@]} files to look at"
[ ${#new[@]} -gt 0 ] || exit 0
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "${new[@]}" | xargs -P "$cores" -L1 bash -c 'check "$0" "$1"'
