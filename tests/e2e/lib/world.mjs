// SPDX-License-Identifier: MIT
// All that one case needs: a model, a home, a sink, the agent wired to the product, and its end.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe } from 'node:test';
import { startModel } from './fake_model.mjs';
import { makeHome } from './home.mjs';
import { merge, on, readRecords, recorder, wired, writeSettings } from './hooks.mjs';
import { openScreen } from './screen.mjs';
import { startSink } from './sink.mjs';
import { expectedText, read } from './messages.mjs';
import { startPrint } from './agent.mjs';
import { claude, hookBinary, missingProduct, pushBinary } from './paths.mjs';

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const bash = (command, more = {}) => ({ name: 'Bash', input: { command, description: 'Do it', ...more } });
export const subAgent = (prompt, more = {}) => ({ name: 'Agent', input: { description: 'Look around', prompt, subagent_type: 'general-purpose', ...more } });
export const question = {
  name: 'AskUserQuestion',
  input: { questions: [{ question: 'Which colour?', header: 'Colour', multiSelect: false, options: [{ label: 'Blue', description: 'Like the sky' }, { label: 'Red', description: 'Like a rose' }] }] },
};
export const plan = { name: 'ExitPlanMode', input: {} };
export const allowed = { permissions: { allow: ['Bash', 'Write', 'Agent'] } };
export const dialog = /Do you want to proceed|Would you like to proceed|Enter to select/;

// Without the product there is nothing to test: said aloud on a developer's machine, an error in CI.
export function suite(name, options, body) {
  describe(name, { skip: missingProduct && !process.env.CI ? missingProduct : false, ...options }, () => {
    before(() => {
      if (missingProduct) throw new Error(missingProduct);
    });
    body();
  });
}

// Every process that was started, directly or not, with this home in its environment.
function processesOf(home) {
  const found = [];
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${home.root}/`)) continue;
      found.push({ pid: Number(pid), command: fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim() });
    } catch {
      // Ended meanwhile, or of another user.
    }
  }
  return found.filter(({ pid }) => pid !== process.pid);
}

// The hooks that were started and have not ended, and the deliverer.
const productOf = (home) => processesOf(home).filter(({ command }) => !command.startsWith('tmux') && /\/mcp-push(-hook)?(?=['\s]|$)/.test(command));

// With what the product complains of, and only then, there is such a file.
function complaints(home) {
  const dir = path.join(home.state, 'mcp-push');
  const files = fs.existsSync(dir) ? fs.readdirSync(dir).filter((name) => name.endsWith('.log')) : [];
  return files.map((name) => fs.readFileSync(path.join(dir, name), 'utf8')).join('');
}

function productLog(home) {
  const dir = path.join(home.state, 'mcp-push');
  if (!fs.existsSync(dir)) return 'no state folder';
  const texts = [];
  for (const entry of fs.readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) texts.push(`--- ${path.relative(dir, file)} (${fs.statSync(file).size})${/log|journal|session/.test(file) ? `\n${fs.readFileSync(file, 'utf8').slice(-6000)}` : ''}`);
  }
  return texts.join('\n');
}

export async function world(t, { threshold = '6s', env = {}, settings = {}, idleMs, hook, otherHooks = {}, record = true } = {}) {
  const model = await startModel();
  const sink = await startSink();
  const home = makeHome({
    modelUrl: model.url,
    idleMs,
    env: {
      MCP_PUSH_BIN: pushBinary,
      MCP_PUSH_THRESHOLD: threshold,
      MCP_PUSH_LANGUAGE: 'en',
      WEBHOOK_URL: sink.url,
      WEBHOOK_METHOD: 'POST',
      WEBHOOK_CONTENT_TYPE: 'application/json',
      WEBHOOK_BODY: 'title: $title\ncontent: $content',
      ...env,
    },
  });
  const command = hook?.(hookBinary, home) ?? `'${hookBinary}'`;
  writeSettings(home, merge(on(wired, command), record ? on(wired, recorder(home)) : {}, otherHooks), settings);

  const screens = [];
  const children = [];
  const w = {
    model,
    sink,
    home,
    script: model.script,
    print(args, options) {
      const child = startPrint(home, args, options);
      children.push(child);
      return child;
    },
    async screen(args = ['--permission-mode', 'default']) {
      const screen = await openScreen(home, [claude, ...args], { name: `screen${screens.length}` });
      screens.push(screen);
      await screen.ready();
      return screen;
    },
    hooks: (event) => readRecords(home).filter((record) => !event || record.payload.hook_event_name === event),
    // Waits for the n-th call of a hook, counted from one.
    async hook(event, n = 1, timeout = 60000) {
      for (const end = Date.now() + timeout; Date.now() < end; await sleep(40)) {
        const calls = w.hooks(event);
        if (calls.length >= n) return calls[n - 1];
      }
      throw new Error(`${event} was not called ${n} times`);
    },
    // Waits until something that happened lies so far back.
    older: async ({ time }, ms) => sleep(Math.max(0, time + ms - Date.now())),
    messages: () => sink.requests.map(read),
    // What must have been told by now, and nothing else, in this order or (`sorted`) in any. Returns the messages.
    async tells(expected, { within = 30000, sorted = false } = {}) {
      for (const end = Date.now() + within; Date.now() < end && sink.requests.length < expected.length; ) await sleep(40);
      const told = w.messages();
      const order = (texts) => (sorted ? texts.toSorted() : texts);
      assert.deepEqual(order(told.map(({ text }) => text)), order(expected.map((message) => expectedText(message, home))));
      for (const message of told) {
        const prompts = w.hooks('UserPromptSubmit').filter(({ payload }) => payload.prompt === message.asked);
        if (record) assert.ok(prompts.some(({ payload }) => payload.session_id === message.session), 'another session is to be resumed');
        const age = Math.max(0, ...prompts.map(({ time }) => message.time - time)) / 1000;
        if (record) assert.ok(message.seconds <= age + 1, `told ${message.seconds} s, the turn was ${age} s old`);
        assert.ok(message.seconds >= Math.floor(parseFloat(threshold)), `told ${message.seconds} s`);
      }
      return told;
    },
    // Waits until the product has nothing left to do.
    async rests() {
      let left = productOf(home);
      for (const end = Date.now() + 60000; Date.now() < end && left.length; left = productOf(home)) await sleep(50);
      assert.deepEqual(left, [], 'the product has something left to do');
    },
    // The same in all: every agent has been closed and no process of the product is left, so nothing more can come.
    async toldInAll(expected, { sorted, complains = /^$/ } = {}) {
      await Promise.all(children.map((child) => child.ended));
      for (const screen of screens) if (!(await screen.dead())) await screen.exit();
      await w.rests();
      const told = await w.tells(expected, { within: 0, sorted });
      assert.match(complaints(home), complains);
      return told;
    },
  };

  t.after(async () => {
    if (!t.passed) {
      const lines = [`--- ${t.name}`];
      const zero = w.hooks()[0]?.time ?? 0;
      for (const { time, payload } of w.hooks()) lines.push(`${String(Math.round(time - zero)).padStart(7)} ${payload.hook_event_name} ${payload.prompt_id?.slice(0, 8) ?? ''} ${payload.notification_type ?? payload.tool_name ?? ''} ${JSON.stringify(payload.background_tasks ?? '')}`);
      for (const { time, body } of sink.requests) lines.push(`${String(Math.round(time - zero)).padStart(7)} told ${body}`);
      for (const screen of screens) lines.push((await screen.text().catch(() => '')).replaceAll(/\n\s*\n+/g, '\n'));
      for (const child of children) lines.push(`print: ${child.code} ${child.stdout.slice(0, 500)} ${child.stderr.slice(0, 500)}`);
      lines.push(productLog(home));
      for (const line of lines.join('\n').split('\n')) t.diagnostic(line);
    }
    for (const screen of screens) await screen.close();
    for (const child of children) if (child.code === undefined) child.signalGroup('SIGKILL');
    for (const { pid } of processesOf(home)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Ended meanwhile.
      }
    }
    await model.close();
    await sink.close();
    home.remove();
  });
  return w;
}

// A hook command that also writes down how the product's hook ended and how much it said.
export const observed = (binary, home) =>
  `'${binary}' >'${home.root}'/said.$$ 2>&1; r=$?; echo "$r $(wc -c <'${home.root}'/said.$$)" >>'${home.root}'/observed; exit $r`;
export const observations = (home) => fs.readFileSync(path.join(home.root, 'observed'), 'utf8').trim().split('\n');
