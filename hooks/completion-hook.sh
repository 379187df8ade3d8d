#!/bin/sh
# SPDX-License-Identifier: MIT
# For those who copy scripts into ~/.claude/hooks: hands everything to mcp-push-hook and never disturbs the agent.
# The program is sought in MCP_PUSH_HOOK_BIN, on PATH and in the usual places; without it nothing happens.
for program in "${MCP_PUSH_HOOK_BIN:-}" "$(command -v mcp-push-hook 2>/dev/null)" \
    "${HOME:-/nonexistent}/.local/bin/mcp-push-hook" /usr/local/bin/mcp-push-hook /opt/homebrew/bin/mcp-push-hook \
    /usr/bin/mcp-push-hook; do
    # Replaced rather than waited for: one process less between the agent and the hook.
    if [ -n "$program" ] && [ -x "$program" ]; then exec "$program" "$@"; fi
done
exit 0
