#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds mcp-push from this folder and installs it. ./install.sh --help says how.
set -eu
umask 022

source_dir=$(cd "$(dirname "$0")" && pwd)
build_dir=$source_dir/build/release
log=$source_dir/build/install.log
prefix=
run_demo=yes
action=install
tab=$(printf '\t')

usage() {
    cat <<'TEXT'
./install.sh: builds mcp-push from this folder and installs it

  --prefix DIR   where to: DIR/bin, DIR/share (default: ~/.local, for root /usr/local)
  --no-demo      do not run "mcp-push demo" at the end
  --uninstall    remove exactly what was installed there; configuration and messages are left
  --help         this text

It may be run again at any time: it then builds what changed and replaces what it installed.
The network is used for nothing but the system's own package manager, and only when a package is missing.
Exit codes: 0 done, 1 failed, 64 wrong usage.
TEXT
}

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}
misuse() {
    printf 'install.sh: %s\n' "$1" >&2
    printf '  ./install.sh --help lists the options\n' >&2
    exit 64
}

while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -ge 2 ] || misuse "--prefix needs a folder"
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --no-demo) run_demo=no ;;
    --uninstall) action=uninstall ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) misuse "unknown option \"$1\"" ;;
    esac
    shift
done

if [ -z "$prefix" ]; then
    if [ "$(id -u)" = 0 ]; then
        prefix=/usr/local
    elif [ -n "${HOME:-}" ]; then
        prefix=$HOME/.local
    else
        misuse "HOME is not set, so there is no default place: name one with --prefix DIR"
    fi
fi
case $prefix in
/*) ;;
*) prefix=$PWD/$prefix ;;
esac
while [ "$prefix" != / ] && [ "${prefix%/}" != "$prefix" ]; do prefix=${prefix%/}; done
manifest=$prefix/share/mcp-push/installed-files

# --- uninstall ---------------------------------------------------------------------------------------------------

# The manifest has one line a path: "f<TAB>file" for what was installed, "d<TAB>folder" for what had to be made for it.
uninstall() {
    [ -f "$manifest" ] || fail "nothing of mcp-push is installed in $prefix" \
        "there is no $manifest" \
        "if it is somewhere else, name the place: ./install.sh --uninstall --prefix DIR"
    [ -w "$prefix/share/mcp-push" ] || fail "$prefix/share/mcp-push cannot be changed by $(id -un)" \
        "run ./install.sh --uninstall as the user who installed it"
    say "Removing mcp-push from $prefix"
    copy=$(mktemp)
    cp "$manifest" "$copy"
    count=0
    while IFS=$tab read -r kind path; do
        [ "$kind" = f ] || continue
        if [ -e "$path" ] || [ -L "$path" ]; then
            rm -f "$path" || fail "$path cannot be removed"
            count=$((count + 1))
        fi
    done <"$copy"
    rm -f "$manifest"
    # Deepest first; a folder in which somebody else has put something stays.
    sort -r "$copy" | while IFS=$tab read -r kind path; do
        if [ "$kind" = d ] && [ -d "$path" ]; then rmdir "$path" 2>/dev/null || true; fi
    done
    rm -f "$copy"
    say "$count files removed"
    say ""
    say "Left as they are:"
    say "  configuration   ${XDG_CONFIG_HOME:-${HOME:-~}/.config}/mcp-push"
    say "  messages, log   ${XDG_STATE_HOME:-${HOME:-~}/.local/state}/mcp-push"
    say "An agent's settings that name mcp-push-hook still do: INTEGRATION_GUIDE.md says what to take out."
}

# --- packages ----------------------------------------------------------------------------------------------------

package_list() { grep -v '^[[:space:]]*\(#\|$\)' "$source_dir/.ci/packages"; }

install_with_apt() {
    missing=
    for package in $(package_list); do
        state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
    if [ -z "$missing" ]; then
        say "Packages: all that the build needs are there"
        return
    fi
    root_command=
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            root_command='sudo -n'
        else
            fail "the build needs packages that are not installed:$missing" \
                "install them with" \
                "  sudo apt-get update && sudo apt-get install -y$missing" \
                "and run ./install.sh again"
        fi
    fi
    say "Packages: installing$missing"
    # A machine that never asked its package lists has none yet.
    # shellcheck disable=SC2086 # words on purpose
    if ! $root_command env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >>"$log" 2>&1; then
        { $root_command apt-get update &&
            $root_command env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >>"$log" 2>&1 ||
            fail "apt-get could not install$missing" "its output is in $log"
    fi
}

install_with_brew() {
    # Homebrew's names for what .ci/packages names; compiler and git come with the system's developer tools.
    missing=
    for package in cmake ninja pkg-config nlohmann-json tomlplusplus cli11 sqlite curl openssl@3 dbus md4c; do
        brew list --versions "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        say "Packages: brew install$missing"
        # shellcheck disable=SC2086 # words on purpose
        brew install $missing >>"$log" 2>&1 || fail "brew could not install$missing" "its output is in $log"
    else
        say "Packages: all that the build needs are there"
    fi
    for keg in sqlite curl openssl@3; do
        CMAKE_PREFIX_PATH=$(brew --prefix "$keg"):${CMAKE_PREFIX_PATH:-}
        PKG_CONFIG_PATH=$(brew --prefix "$keg")/lib/pkgconfig:${PKG_CONFIG_PATH:-}
    done
    export CMAKE_PREFIX_PATH PKG_CONFIG_PATH
}

install_packages() {
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
        install_with_apt
    elif command -v brew >/dev/null; then
        install_with_brew
    else
        say "Packages: this system has neither apt-get nor brew, so they are taken to be there. The build needs"
        say "  $(package_list | tr '\n' ' ')"
    fi
    for tool in cmake ninja; do
        command -v "$tool" >/dev/null || fail "$tool is not installed" "install it with your system's package manager and run ./install.sh again"
    done
    version=$(cmake --version | sed -n '1s/.*version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    major=${version% *}
    minor=${version#* }
    if [ "$major" -lt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -lt 25 ]; }; then
        fail "cmake $major.$minor is too old" "3.25 or newer is needed"
    fi
}

# --- build -------------------------------------------------------------------------------------------------------

build_failed() {
    printf '\n' >&2
    grep -nE '(error|Error|fatal)[: ]' "$log" | tail -n 15 >&2 || true
    fail "$1" "the whole output is in $log"
}

# Reads ninja's lines "[12/80] ..." and shows how far it is: one line that is written over on a terminal, a line for
# every quarter elsewhere.
show_progress() {
    awk -v tty="$1" '
        function show(done, all,    width, filled, bar) {
            if (tty == "yes") {
                width = 30; filled = int(width * done / all); bar = ""
                for (i = 0; i < width; ++i) bar = bar (i < filled ? "#" : ".")
                printf "\rBuilding: [%s] %d of %d ", bar, done, all
            } else if (int(4 * done / all) > shown) {
                shown = int(4 * done / all)
                printf "Building: %d of %d\n", done, all
            }
            fflush()
        }
        match($0, /^\[[0-9]+\/[0-9]+\]/) {
            split(substr($0, 2, RLENGTH - 2), part, "/")
            show(part[1], part[2])
        }
        END { if (tty == "yes") printf "\r%60s\r", "" }'
}

build() {
    # Configured anew each time: a folder that was moved, or a package that came since, must not leave a stale answer.
    say "Configuring"
    (cd "$source_dir" && cmake --fresh --preset release -DCMAKE_INSTALL_PREFIX="$prefix") >>"$log" 2>&1 ||
        build_failed "the build could not be configured"
    tty=no
    [ ! -t 1 ] || tty=yes
    failed_mark=$source_dir/build/.install-failed
    rm -f "$failed_mark"
    { NINJA_STATUS='[%f/%t] ' cmake --build "$build_dir" 2>&1 || : >"$failed_mark"; } | tee -a "$log" | show_progress "$tty"
    if [ -e "$failed_mark" ]; then
        rm -f "$failed_mark"
        build_failed "the build failed"
    fi
    say "Built"
}

# --- install -----------------------------------------------------------------------------------------------------

# Folders that do not exist yet and will be made for a file; --uninstall removes them again when they are empty.
new_folders_of() {
    folder=$(dirname "$1")
    while [ ! -d "$folder" ]; do
        printf 'd\t%s\n' "$folder"
        folder=$(dirname "$folder")
    done
}

install_files() {
    mkdir -p "$prefix" 2>/dev/null || fail "$prefix cannot be made by $(id -un)" "choose another place with --prefix DIR"
    [ -w "$prefix" ] || fail "$prefix cannot be written by $(id -un)" "choose another place with --prefix DIR, or run this as its owner"
    fresh=$source_dir/build/installed-files
    stage=$source_dir/build/install-stage
    rm -rf "$stage"
    # Into an empty folder first: that tells what there is before anything of the person's is touched.
    DESTDIR=$stage cmake --install "$build_dir" --prefix "$prefix" >>"$log" 2>&1 || build_failed "the programs could not be installed"
    { (cd "$stage" && find . ! -type d) | sed 's|^\.||' && printf '%s\n' "$manifest"; } | sort >"$fresh.names"
    : >"$fresh"
    while read -r path; do
        printf 'f\t%s\n' "$path" >>"$fresh"
        new_folders_of "$path" >>"$fresh"
    done <"$fresh.names"
    if [ -f "$manifest" ]; then
        # What an older version installed and this one does not, goes; folders that were made then are still ours.
        grep '^d' "$manifest" >>"$fresh" || true
        grep '^f' "$manifest" | cut -f2- | while read -r path; do
            grep -qxF "$path" "$fresh.names" || rm -f "$path"
        done
    fi
    cmake --install "$build_dir" --prefix "$prefix" >>"$log" 2>&1 ||
        build_failed "the programs could not be installed into $prefix"
    sort -u "$fresh" >"$manifest" || fail "$manifest cannot be written"
    rm -rf "$stage" "$fresh" "$fresh.names"
    say "Installed:"
    grep '^f' "$manifest" | cut -f2- | sed 's/^/  /'
}

warn_about_path() {
    case ":${PATH:-}:" in
    *":$prefix/bin:"*) return ;;
    esac
    say ""
    say "Note: $prefix/bin is not on your PATH. Add it in your shell's start-up file:"
    case ${SHELL:-} in
    */fish) say "  fish_add_path \"$prefix/bin\"" ;;
    */zsh) say "  echo 'export PATH=\"$prefix/bin:\$PATH\"' >> ~/.zshrc" ;;
    *) say "  echo 'export PATH=\"$prefix/bin:\$PATH\"' >> ~/.bashrc" ;;
    esac
}

if [ "$action" = uninstall ]; then
    uninstall
    exit 0
fi

if ! (mkdir -p "$source_dir/build" && : >"$log") 2>/dev/null; then
    fail "$source_dir/build cannot be written by $(id -un)" \
        "copy the folder to a place of your own, or run this as its owner"
fi
say "mcp-push will be built in $build_dir"
say "and installed in $prefix: two programs, a man page, shell completions, examples."
say "Output of the tools goes to $log"
say ""
install_packages
build
install_files
warn_about_path
if [ "$run_demo" = yes ]; then
    say ""
    say "Now a demonstration: mcp-push demo"
    "$prefix/bin/mcp-push" demo || fail "it is installed, but the demonstration failed" "mcp-push demo shows it again"
fi
