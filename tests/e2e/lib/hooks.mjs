// SPDX-License-Identifier: MIT
// The agent's settings file, and a hook that only writes down what it was given.
import fs from 'node:fs';
import path from 'node:path';

// What the product registers.
export const wired = [
  'SessionStart', 'UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure', 'PermissionRequest', 'Notification',
  'Elicitation', 'ElicitationResult', 'Stop', 'StopFailure', 'SessionEnd',
];
// Recorded besides, because they show what happened between.
export const watched = ['PreToolUse', 'PermissionDenied', 'SubagentStart', 'SubagentStop', 'PreCompact', 'PostCompact'];

const entry = (command, timeout) => [{ hooks: [{ type: 'command', command, ...(timeout ? { timeout } : {}) }] }];

// hooks: { EventName: [command, ...] }
export function writeSettings(home, hooks, extra = {}) {
  const table = {};
  for (const [event, commands] of Object.entries(hooks)) table[event] = commands.flatMap((command) => entry(command));
  fs.writeFileSync(path.join(home.claude, 'settings.json'), JSON.stringify({ hooks: table, ...extra }, null, 1));
}

export const on = (events, command) => Object.fromEntries(events.map((event) => [event, [command]]));

export function merge(...tables) {
  const all = {};
  for (const table of tables) for (const [event, commands] of Object.entries(table)) (all[event] ??= []).push(...commands);
  return all;
}

// In print mode a failed turn's hook is sent SIGTERM within milliseconds: so the command ignores signals first, does
// no more than a copy, and is no script of its own, whose start would cost a second exec. The file's time says when.
// Then it notes how long the transcript was by that time: the only way to know what a hook could have read there.
export const recorder = (home) =>
  `trap '' TERM HUP INT; cd '${home.records}' && cat > $$.part && mv $$.part $$.json; p=$(cat $$.json); t=\${p#*transcript_path\\":\\"}; t=\${t%%\\"*}; [ -f "$t" ] && wc -c <"$t" >$$.size; true`;

export function readRecords(home) {
  return fs
    .readdirSync(home.records)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const file = path.join(home.records, name);
      const size = path.join(home.records, name.replace(/json$/, 'size'));
      return {
        time: fs.statSync(file).mtimeMs,
        payload: JSON.parse(fs.readFileSync(file, 'utf8')),
        transcriptBytes: fs.existsSync(size) ? Number(fs.readFileSync(size, 'utf8')) : 0,
      };
    })
    .sort((a, b) => a.time - b.time);
}
