#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the end to end tests need into tests/e2e/node_modules: the agent and a Node 22 to run the tests with.
# Quiet, and at once when the lock file has not changed since.
set -eu
cd "$(dirname "$0")"

stamp=node_modules/.installed-lock
if [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; then exit 0; fi

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
  as_root apt-get update -qq >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
if ! command -v npm >/dev/null; then apt npm; fi
if ! command -v tmux >/dev/null; then apt tmux; fi

# The agent's own install script would only link its native program, which the tests start directly.
npm ci --ignore-scripts --loglevel=error >/dev/null
cp package-lock.json "$stamp"
