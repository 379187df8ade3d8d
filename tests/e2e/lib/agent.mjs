// SPDX-License-Identifier: MIT
// Starts the agent in print mode and says how it ended.
import { spawn } from 'node:child_process';
import { claude } from './paths.mjs';

// The agent leads a process group of its own, so that a test can end it with everything it started.
export function startPrint(home, args, { input, env = {} } = {}) {
  const child = spawn(claude, ['-p', ...args], {
    cwd: home.project,
    env: { ...home.env, ...env },
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '', started: Date.now(), pid: child.pid, child };
  child.stdout.on('data', (data) => (out.stdout += data));
  child.stderr.on('data', (data) => (out.stderr += data));
  if (typeof input === 'string') child.stdin.end(input);
  out.stdin = child.stdin;
  out.ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      out.code = code;
      out.signal = signal;
      out.took = Date.now() - out.started;
      resolve(out);
    });
  });
  out.signalGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Gone already.
    }
  };
  return out;
}

export const runPrint = (home, args, options) => startPrint(home, args, options).ended;
