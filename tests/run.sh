#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what the tests need, builds, and runs everything that a change must pass.
#
#   tests/run.sh            everything, as CI runs it
#   tests/run.sh quick      what needs neither network nor npm; under two minutes once it is built
#   tests/run.sh long       everything, with 10,000 kills, longer fuzzing and the benchmarks
#   tests/run.sh STEP ...   these steps only; tests/run.sh --list names them
#
# Every step writes build/logs/<step>.log; the end of a failed one is shown. The last line counts the steps.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
logs=$root/build/logs
cores=$( (command -v nproc >/dev/null && nproc) || sysctl -n hw.ncpu 2>/dev/null || echo 2)
mode=full
kills=1000
fuzz_seconds=10

quick_steps=(packages dev test-dev lint format pages completions install crash)
full_steps=(packages dev test-dev lint format pages completions install
    asan test-asan tsan test-tsan clang test-clang tidy fuzz test-fuzz crash e2e)
long_steps=("${full_steps[@]}" bench)

# The sanitizers stop at the first finding, so that no report passes as success.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99
export TSAN_OPTIONS=halt_on_error=1:exitcode=99:second_deadlock_stack=1
export CTEST_OUTPUT_ON_FAILURE=1
export CLICOLOR_FORCE=0

usage() { sed -n '3,11s/^# \{0,1\}//p' "$0"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        echo "not root, and sudo asks for a password; run this yourself: sudo $*"
        return 1
    fi
}

# Fast when everything is there: one question to the package database.
step_packages() {
    if ! command -v apt-get >/dev/null; then
        echo "no apt-get here: install by hand what .ci/packages and .ci/packages-test name"
        return 0
    fi
    local missing=()
    local package
    while read -r package; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done < <(cat .ci/packages .ci/packages-test)
    # npm brings Node for the end to end tests; Debian's own npm only where there is none.
    if [ "$mode" != quick ] && ! command -v npm >/dev/null; then missing+=(npm); fi
    if [ ${#missing[@]} -eq 0 ]; then
        echo "all packages are installed"
        return 0
    fi
    echo "installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" && return 0
    as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

build() { # PRESET [TARGET ...]
    local preset=$1
    shift
    cmake --preset "$preset" && cmake --build --preset "$preset" -j "$cores" ${1:+--target "$@"}
}

step_dev() { build dev; }
step_test-dev() { ctest --preset dev -j "$cores"; }
step_asan() { build asan; }
step_test-asan() { ctest --preset asan -j "$cores"; }
# Threads are in the deliverer and, later, in the server; the rest runs in one.
step_tsan() { build tsan test_channels; }
step_test-tsan() { ctest --preset tsan -R '^channels$'; }
step_clang() { build clang; }
step_test-clang() { ctest --preset clang -j "$cores" -E '^lint_'; }
step_fuzz() { build fuzz; }
step_test-fuzz() { MCP_PUSH_FUZZ_SECONDS=$fuzz_seconds ctest --preset fuzz -j "$cores"; }

step_lint() {
    local scripts status=0
    mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run | while read -r f; do [ -f "$f" ] && echo "$f"; done)
    shellcheck "${scripts[@]}" && echo "shellcheck: ${#scripts[@]} scripts" || status=1
    tests/lint/source_rules.py || status=1
    return $status
}

step_format() {
    local files
    mapfile -t files < <(git ls-files -co --exclude-standard '*.cpp' '*.hpp' | while read -r f; do [ -f "$f" ] && echo "$f"; done)
    clang-format --dry-run --Werror "${files[@]}" && echo "clang-format: ${#files[@]} files"
}

step_install() { tests/install/run.sh; }
step_pages() { tests/pages/run.sh build/dev/cli/mcp-push; }
step_completions() { tests/completions/run.sh build/dev/cli/mcp-push; }
step_tidy() { tests/lint/tidy.sh "$mode"; }
step_crash() { tests/crash/run.sh "$kills"; }
step_e2e() { MCP_PUSH_BIN_DIR=$root/build/stage/bin tests/e2e/run.sh; }
step_bench() { bench/run.sh; }

# The lines of a log that say how much was tested.
summary() { grep -hE '^[0-9]+% tests passed|tests failed out of|^Total Test time|^# (tests|pass|fail) |^[0-9]+ kills|complaints$' "$1" | sed 's/^/    /'; }

passed=0
failed=0
failures=()
run_step() {
    local name=$1 log=$logs/$1.log begin=$SECONDS
    printf '%-12s ' "$name"
    if "step_$name" >"$log" 2>&1; then
        printf 'ok      %4d s\n' $((SECONDS - begin))
        summary "$log"
        passed=$((passed + 1))
    else
        printf 'FAILED  %4d s   %s\n' $((SECONDS - begin)) "build/logs/$name.log"
        tail -n 60 "$log" | sed 's/^/    | /'
        summary "$log"
        failed=$((failed + 1))
        failures+=("$name")
    fi
}

case ${1:-} in
quick)
    mode=quick
    kills=200
    steps=("${quick_steps[@]}")
    ;;
long)
    mode=long
    kills=10000
    fuzz_seconds=300
    steps=("${long_steps[@]}")
    ;;
'') steps=("${full_steps[@]}") ;;
--list)
    printf '%s\n' "${long_steps[@]}"
    exit 0
    ;;
-h | --help)
    usage
    exit 0
    ;;
*)
    steps=("$@")
    for name in "${steps[@]}"; do
        declare -F "step_$name" >/dev/null || {
            echo "tests/run.sh: no step is called \"$name\"; tests/run.sh --list names them" >&2
            exit 64
        }
    done
    ;;
esac

mkdir -p "$logs"
for name in "${steps[@]}"; do run_step "$name"; done
[ $failed -eq 0 ] || echo "failed: ${failures[*]}"
echo "total $SECONDS s"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
