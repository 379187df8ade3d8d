// SPDX-License-Identifier: MIT
// Where the programs are: the agent from node_modules, the product from MCP_PUSH_BIN_DIR.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const musl = fs.existsSync('/etc/alpine-release') ? '-musl' : '';

export const claude = path.join(here, 'node_modules/@anthropic-ai', `claude-code-${process.platform}-${process.arch}${musl}`, 'claude');
export const claudeVersion = JSON.parse(fs.readFileSync(path.join(here, 'node_modules/@anthropic-ai/claude-code/package.json'), 'utf8')).version;

const bin = process.env.MCP_PUSH_BIN_DIR ? path.resolve(process.env.MCP_PUSH_BIN_DIR) : '';
// A folder of both programs, or a build's, where each has one of its own.
const find = (room, name) => [path.join(bin, name), path.join(bin, room, name)].find((file) => bin && fs.existsSync(file));
export const hookBinary = find('hooks', 'mcp-push-hook');
export const pushBinary = find('cli', 'mcp-push');
export const missingProduct =
  hookBinary && pushBinary
    ? ''
    : `no mcp-push-hook and mcp-push in MCP_PUSH_BIN_DIR (${bin || 'not set'}): build first, then name the folder of the programs`;
