// SPDX-License-Identifier: MIT
// Records one case: what the real agent told its hooks, when, what its transcript held by then, and, from the side
// that drove it, what the turns and questions truly were.
import fs from 'node:fs';
import path from 'node:path';
import { startModel } from '../lib/fake_model.mjs';
import { makeHome } from '../lib/home.mjs';
import { merge, on, readRecords, recorder, watched, wired, writeSettings } from '../lib/hooks.mjs';
import { openScreen } from '../lib/screen.mjs';
import { startPrint } from '../lib/agent.mjs';
import { claude, claudeVersion, here } from '../lib/paths.mjs';

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const target = path.join(here, '../hooks/sequences/claude_code');

// What of a transcript line a reader of its tail could use; the rest is bulk (file contents, prompts of the agent).
const shorten = (value) => (typeof value === 'string' && value.length > 300 ? `${value.slice(0, 300)}...` : value);
// Attachments are mostly what the model is told of its surroundings; these say something about the turn.
const tellingAttachments = ['max_turns_reached', 'queued_command'];
function trimLine(line) {
  const kept = {};
  for (const key of ['type', 'subtype', 'isMeta', 'isSidechain', 'promptId', 'promptSource', 'turnOrigin', 'isApiErrorMessage', 'error', 'interruptedMessageId', 'isCompactSummary', 'operation', 'content', 'timestamp'])
    if (line[key] !== undefined) kept[key] = shorten(line[key]);
  if (line.attachment) kept.attachment = Object.fromEntries(Object.entries(line.attachment).filter(([, value]) => typeof value !== 'object').map(([key, value]) => [key, shorten(value)]));
  if (line.message) {
    const { role, content, stop_reason } = line.message;
    kept.message = { role, ...(stop_reason === undefined ? {} : { stop_reason }) };
    kept.message.content =
      typeof content === 'string'
        ? shorten(content)
        : (content ?? []).map((block) => Object.fromEntries(Object.entries(block).map(([key, value]) => [key, shorten(value)])));
  }
  return kept;
}

export class Capture {
  constructor(name, mode) {
    this.name = name;
    this.mode = mode;
    this.turns = [];
    this.questions = [];
    this.lines = [];
    this.seen = new Map();
    this.screens = [];
    this.children = [];
  }

  async open({ idleMs, env = {}, settings = {}, otherHooks = {} } = {}) {
    this.model = await startModel();
    this.home = makeHome({ modelUrl: this.model.url, idleMs, env });
    writeSettings(this.home, merge(on([...wired, ...watched], recorder(this.home)), otherHooks), settings);
    this.watcher = setInterval(() => this.readTranscripts(), 20);
    return this;
  }

  readTranscripts() {
    const root = path.join(this.home.claude, 'projects');
    if (!fs.existsSync(root)) return;
    for (const folder of fs.readdirSync(root)) {
      for (const name of fs.readdirSync(path.join(root, folder))) {
        if (!name.endsWith('.jsonl')) continue;
        const file = path.join(root, folder, name);
        const state = this.files?.get(file) ?? { at: 0, rest: '' };
        (this.files ??= new Map()).set(file, state);
        const size = fs.statSync(file).size;
        if (size <= state.at) continue;
        const handle = fs.openSync(file, 'r');
        const buffer = Buffer.alloc(size - state.at);
        fs.readSync(handle, buffer, 0, buffer.length, state.at);
        fs.closeSync(handle);
        state.at = size;
        const parts = (state.rest + buffer.toString()).split('\n');
        state.rest = parts.pop();
        for (const part of parts) {
          state.bytes = (state.bytes ?? 0) + Buffer.byteLength(part) + 1;
          const line = JSON.parse(part);
          if (['user', 'assistant', 'system', 'queue-operation'].includes(line.type) || tellingAttachments.includes(line.attachment?.type))
            this.lines.push({ time: Date.now(), until: state.bytes, session: path.basename(name, '.jsonl'), line: trimLine(line) });
        }
      }
    }
  }

  // The next hook call of that event that has not been handed out yet.
  async hook(event, { timeout = 30000, where = () => true } = {}) {
    const end = Date.now() + timeout;
    do {
      const all = readRecords(this.home).filter((record) => record.payload.hook_event_name === event);
      const at = this.seen.get(event) ?? 0;
      for (let i = at; i < all.length; i++) {
        if (!where(all[i].payload)) continue;
        this.seen.set(event, i + 1);
        return { time: all[i].time, payload: all[i].payload };
      }
      await sleep(30);
    } while (Date.now() < end);
    throw new Error(`${this.name}: no ${event} came\n${await this.screens.at(-1)?.text().catch(() => '')}`);
  }

  count(event) {
    return readRecords(this.home).filter((record) => record.payload.hook_event_name === event).length;
  }

  async screen(args = ['--permission-mode', 'default'], options = {}) {
    const screen = await openScreen(this.home, [claude, ...args], { name: `screen${this.screens.length}`, ...options });
    this.screens.push(screen);
    await screen.ready();
    return screen;
  }

  print(args, options) {
    const child = startPrint(this.home, args, options);
    this.children.push(child);
    return child;
  }

  // Types a prompt and waits until the agent has said that it took it.
  async prompt(screen, text) {
    // An interrupted prompt may be back in the box.
    await screen.keys('C-u');
    await screen.submit(text);
    return this.hook('UserPromptSubmit', { where: (payload) => !payload.prompt.startsWith('<task-notification>') });
  }

  turn(start, end, outcome, note = '') {
    const time = (value) => (typeof value === 'number' ? value : value.time);
    this.turns.push({ start: time(start), end: time(end), outcome, prompt_id: start.payload?.prompt_id ?? null, session_id: start.payload?.session_id ?? null, note });
  }

  question(asked, ended, outcome, { reminded, note = '' } = {}) {
    const time = (value) => (value === undefined || value === null ? null : typeof value === 'number' ? value : value.time);
    this.questions.push({ asked: asked.time, reminded: time(reminded), ended: time(ended), tool: asked.payload.tool_name ?? asked.payload.mcp_server_name ?? null, outcome, note });
  }

  async finish(note) {
    clearInterval(this.watcher);
    this.readTranscripts();
    const records = readRecords(this.home);
    // The file is looked at every 20 ms; what a hook found in it was there by that hook's time.
    for (const line of this.lines) {
      const first = records.find((record) => record.payload.session_id === line.session && record.transcriptBytes >= line.until);
      if (first) line.time = Math.min(line.time, first.time);
    }
    const zero = Math.min(records[0].time, ...this.turns.map((turn) => turn.start));
    const ms = (time) => (time === null ? null : Math.round(time - zero));
    const result = {
      case: this.name,
      mode: this.mode,
      claude_code: claudeVersion,
      note,
      epoch_ms: Math.round(zero),
      turns: this.turns.map(({ start, end, ...rest }) => ({ start_ms: ms(start), end_ms: ms(end), ...rest })),
      questions: this.questions.map(({ asked, reminded, ended, ...rest }) => ({ asked_ms: ms(asked), reminded_ms: ms(reminded), ended_ms: ms(ended), ...rest })),
      hooks: records.map(({ time, payload }) => ({
        t_ms: ms(time),
        ...(wired.includes(payload.hook_event_name) ? {} : { wired: false }),
        payload,
      })),
      transcript: this.lines.map(({ time, session, line }) => ({ t_ms: ms(time), session_id: session, line })),
    };
    fs.mkdirSync(target, { recursive: true });
    fs.writeFileSync(path.join(target, `${this.name}.json`), `${neutral(JSON.stringify(result, null, 1), this.home.root)}\n`);
    return result;
  }

  async close() {
    clearInterval(this.watcher);
    for (const screen of this.screens) await screen.close();
    for (const child of this.children) if (child.code === undefined) child.signalGroup('SIGKILL');
    await this.model?.close();
    this.home?.remove();
  }
}

// Paths and ids say nothing but which is which, and must not differ from one recording to the next without a reason.
export function neutral(text, root) {
  const ids = new Map();
  return text
    .replaceAll(root, '')
    .replaceAll(root.replace(/[^A-Za-z0-9]/g, '-'), '')
    .replaceAll(/\/tmp\/claude-\d+\//g, '/tmp/claude-1000/')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`);
      return ids.get(id);
    });
}
