// SPDX-License-Identifier: MIT
// The interactive agent in a terminal of its own: tmux, with its own server and socket.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const quote = (word) => `'${String(word).replaceAll("'", `'\\''`)}'`;

// What stands in the input box: between the last two rules on the screen.
function boxOf(text) {
  const lines = text.split('\n');
  const rules = lines.flatMap((line, at) => (/^─{20}/.test(line) ? [at] : []));
  return rules.length < 2 ? undefined : lines.slice(rules.at(-2) + 1, rules.at(-1)).join('\n').replace(/^❯/, '').trim();
}

export async function openScreen(home, argv, { name = 'screen', columns = 140, rows = 50 } = {}) {
  const socket = path.join(home.root, `${name}.tmux`);
  const tmux = async (...args) => (await exec('tmux', ['-S', socket, '-f', '/dev/null', ...args], { env: home.env, maxBuffer: 1 << 24 })).stdout;
  const environment = Object.entries(home.env).map(([key, value]) => `${key}=${quote(value)}`).join(' ');
  // `exec env -i`: tmux would add variables of its own, and the pane's process must be the agent itself.
  const command = `cd ${quote(home.project)} && exec env -i ${environment} ${argv.map(quote).join(' ')}`;
  await tmux('new-session', '-d', '-s', 's', '-x', String(columns), '-y', String(rows), command);
  await tmux('set-option', '-g', 'remain-on-exit', 'on');
  const pid = Number((await tmux('list-panes', '-t', 's', '-F', '#{pane_pid}')).trim());

  const screen = {
    pid,
    text: () => tmux('capture-pane', '-p', '-t', 's'),
    keys: (...keys) => tmux('send-keys', '-t', 's', ...keys),
    type: (text) => tmux('send-keys', '-t', 's', '-l', text),
    // Nothing follows before the text stands in the box: the agent takes what arrives in one read for a paste.
    // An interrupted prompt may be put back into the box later than one looks; then both stand there.
    async fill(text) {
      for (;;) {
        await screen.type(text);
        const box = boxOf(await screen.until((shown) => boxOf(shown)?.endsWith(text)));
        if (box === text) return;
        await screen.keys('C-u');
        await screen.until((shown) => !boxOf(shown)?.endsWith(text));
      }
    },
    async submit(text) {
      await screen.fill(text);
      const pressed = Date.now();
      await screen.keys('Enter');
      await screen.until((shown) => boxOf(shown) !== text);
      return pressed;
    },
    // Until the turn is over: what is sent before that is queued.
    free: () => screen.until((shown) => !shown.includes('esc to interrupt')),
    // An interrupted prompt may be put back into the box.
    async interrupt() {
      await screen.keys('Escape');
      await screen.free();
      await screen.clear();
    },
    // What stands there may be a suggestion in grey, which no key clears.
    async clear() {
      const before = boxOf(await screen.text());
      if (!before) return;
      await screen.keys('C-u');
      await screen.until((shown) => boxOf(shown) !== before, 1500).catch(() => {});
    },
    async until(pattern, timeout = 20000) {
      const test = typeof pattern === 'function' ? pattern : (text) => (pattern instanceof RegExp ? pattern.test(text) : text.includes(pattern));
      const end = Date.now() + timeout;
      let text = '';
      do {
        text = await screen.text();
        if (test(text)) return text;
        await sleep(60);
      } while (Date.now() < end);
      throw new Error(`the screen never showed ${pattern}:\n${text}`);
    },
    ready: () => screen.until(/^\s*[❯>]/m),
    dead: async () => (await tmux('list-panes', '-t', 's', '-F', '#{pane_dead}')).trim() === '1',
    async ended(timeout = 10000) {
      const end = Date.now() + timeout;
      while (Date.now() < end) {
        if (await screen.dead()) return;
        await sleep(60);
      }
      throw new Error(`the agent did not end:\n${await screen.text()}`);
    },
    // Answers the dialog. It drops the keys of its first moments, so the key is pressed until the dialog has gone; the
    // time of the press that did it is returned.
    async answer(dialog, ...keys) {
      await screen.until(dialog);
      for (let i = 0; i < 20; i++) {
        const pressed = Date.now();
        await screen.keys(...keys);
        while (Date.now() < pressed + 700) {
          await sleep(60);
          if (!dialog.test(await screen.text())) return pressed;
        }
      }
      throw new Error(`the dialog stays:\n${await screen.text()}`);
    },
    async exit() {
      await screen.clear();
      await screen.fill('/exit');
      await screen.keys('Enter');
      for (const end = Date.now() + 15000; Date.now() < end && !(await screen.dead()); await sleep(100)) {
        if (/Background work is running/.test(await screen.text())) await screen.keys('Enter');
      }
      await screen.ended(100);
    },
    async terminate() {
      process.kill(pid, 'SIGTERM');
      await screen.ended();
    },
    close: () => tmux('kill-server').catch(() => {}),
  };
  return screen;
}
