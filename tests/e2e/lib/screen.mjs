// SPDX-License-Identifier: MIT
// The interactive agent in a terminal of its own: tmux, with its own server and socket.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const quote = (word) => `'${String(word).replaceAll("'", `'\\''`)}'`;

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
    async submit(text) {
      await screen.type(text);
      // The agent takes characters and Enter that arrive in one read for a paste.
      await sleep(250);
      await screen.keys('Enter');
      return Date.now();
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
    // Answers whatever dialog is open. A dialog drops the keys of its first moments, so the key is pressed until the
    // dialog has gone; the time of the press that did it is returned.
    async answer(dialog, ...keys) {
      await screen.until(dialog);
      for (let i = 0; i < 20; i++) {
        await sleep(400);
        const pressed = Date.now();
        await screen.keys(...keys);
        await sleep(200);
        if (!dialog.test(await screen.text())) return pressed;
      }
      throw new Error(`the dialog stays:\n${await screen.text()}`);
    },
    async exit() {
      // Text may stand in the box: an interrupted prompt is put back there.
      await screen.keys('C-u');
      await screen.submit('/exit');
      for (let i = 0; i < 100 && !(await screen.dead()); i++) {
        if (/Background work is running/.test(await screen.text())) await screen.keys('Enter');
        await sleep(100);
      }
      await screen.ended(100);
    },
    close: () => tmux('kill-server').catch(() => {}),
  };
  return screen;
}
