// SPDX-License-Identifier: MIT
// Cases on the interactive screen.
import { sleep } from './record.mjs';

const bash = (command, more = {}) => ({ name: 'Bash', input: { command, description: 'Do it', ...more } });
const agent = (prompt, more = {}) => ({ name: 'Agent', input: { description: 'Look around', prompt, subagent_type: 'general-purpose', ...more } });
const question = (text = 'Which colour?') => ({
  name: 'AskUserQuestion',
  input: { questions: [{ question: text, header: 'Colour', multiSelect: false, options: [{ label: 'Blue', description: 'Like the sky' }, { label: 'Red', description: 'Like a rose' }] }] },
});
const plan = { name: 'ExitPlanMode', input: { plan: '1. Look\n2. Change\n3. Test' } };
const free = { permissions: { allow: ['Bash', 'Write', 'Edit', 'Agent'] } };

// One prompt from Enter to its Stop.
async function ask(c, screen, text, note, stops = 1) {
  const start = await c.prompt(screen, text);
  let end;
  for (let i = 0; i < stops; i++) end = await c.hook('Stop');
  c.turn(start, end, 'done', note);
  return { start, end };
}

async function interrupt(c, screen, start, note) {
  const end = Date.now();
  await screen.keys('Escape');
  c.turn(start, end, 'interrupted', note);
  await sleep(1200);
}

const dialog = /Do you want to proceed|Would you like to proceed|Enter to select|Do you want to (create|make)/;

export default {
  'screen-plain': async (c) => {
    await c.open();
    for (const [name, delay] of [['a', 300], ['b', 2000], ['c', 4500], ['d', 100], ['e', 6500], ['f', 1000]]) c.model.script(name, { text: `Answer ${name}.`, delay });
    const s = await c.screen();
    for (const name of 'abcdef') {
      await ask(c, s, `go @@${name}`, 'plain');
      await sleep(800);
    }
    await s.exit();
    return 'Six plain turns of different length in one session.';
  },

  'screen-tools': async (c) => {
    await c.open({ settings: free });
    c.model.script('one', { text: 'I start.', tools: [bash('sleep 2; echo one')] }, { text: 'Done.' });
    c.model.script('two', { tools: [bash('echo a'), bash('sleep 1; exit 4')] }, { tools: [{ name: 'Write', input: { file_path: `${c.home.project}/new.txt`, content: 'x\n' } }] }, { text: 'Done.', delay: 700 });
    c.model.script('three', { tools: [{ name: 'Read', input: { file_path: `${c.home.project}/absent.txt` } }] }, { text: 'There is no such file.', delay: 1200 });
    const s = await c.screen();
    await ask(c, s, 'go @@one', 'a tool of two seconds');
    await ask(c, s, 'go @@two', 'one of two calls fails');
    await ask(c, s, 'go @@three', 'Read of a missing file');
    await s.exit();
    return 'Tools, among them failing ones.';
  },

  'screen-subagents': async (c) => {
    await c.open({ settings: free });
    c.model.script('sync', { tools: [agent('look @@sub', { run_in_background: false })] }, { text: 'Started it.' });
    c.model.script('async', { tools: [agent('look @@sub')] }, { text: 'Started it.' });
    c.model.script('sub', { tools: [bash('sleep 1; echo sub')], delay: 800 }, { text: 'Nothing found.', delay: 800 });
    const s = await c.screen();
    await ask(c, s, 'go @@sync', 'run_in_background: false', 2);
    await sleep(500);
    await ask(c, s, 'go @@async', 'the sub-agent in the background ends, then the second Stop', 2);
    await sleep(500);
    await s.exit();
    return 'Sub-agents: on the screen both kinds go to the background.';
  },

  'screen-subagent-failed': async (c) => {
    await c.open({ settings: free });
    c.model.script('main', { tools: [agent('look @@sub')] }, { text: 'Started it.' });
    c.model.script('sub', { error: { status: 500 }, delay: 2500 });
    const s = await c.screen();
    await ask(c, s, 'go @@main', 'its sub-agent failed, the turn did not', 2);
    await sleep(500);
    await s.exit();
    return `A sub-agent in the background whose model request fails; StopFailures: ${c.count('StopFailure')}.`;
  },

  'screen-subagent-meanwhile': async (c) => {
    await c.open({ settings: free });
    c.model.script('async', { tools: [agent('look @@sub')] }, { text: 'Started it.' });
    c.model.script('sub', { text: 'Nothing found.', delay: 6000 });
    c.model.script('other', { text: 'Something else.', delay: 1500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@async');
    await c.hook('Stop');
    await sleep(1000);
    await ask(c, s, 'go @@other', 'another prompt while the sub-agent of the turn before still works');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'ends when its sub-agent has come back, after the other turn');
    await sleep(500);
    await s.exit();
    return 'The user goes on with another prompt while a sub-agent works in the background.';
  },

  'screen-bg-ends': async (c) => {
    await c.open({ settings: free });
    c.model.script('bg', { tools: [bash('sleep 4; echo end', { run_in_background: true })] }, { text: 'Started.' });
    c.model.script('two', { tools: [bash('sleep 2', { run_in_background: true }), bash('sleep 5', { run_in_background: true })] }, { text: 'Started both.' });
    const s = await c.screen();
    await ask(c, s, 'go @@bg', 'ends with the second Stop', 2);
    await sleep(1000);
    await ask(c, s, 'go @@two', 'ends with the third Stop', 3);
    await sleep(500);
    await s.exit();
    return 'Shells in the background that end.';
  },

  'screen-bg-ends-midturn': async (c) => {
    await c.open({ settings: free });
    c.model.script('bg', { tools: [bash('sleep 1; echo end', { run_in_background: true })] }, { tools: [bash('sleep 3')] }, { text: 'Both are done.', delay: 1500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@bg');
    let end = await c.hook('Stop');
    await sleep(2500);
    for (let n = c.count('Stop'); n > 1; n--) end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the shell ended while another tool ran');
    await s.exit();
    return `A shell in the background that ends while the turn goes on with tools; Stops: ${c.count('Stop')}.`;
  },

  'screen-ctrl-b': async (c) => {
    await c.open({ settings: free });
    c.model.script('tool', { tools: [bash('sleep 8; echo late')] }, { text: 'It goes on in the background.' });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@tool');
    await c.hook('PreToolUse');
    await sleep(3000);
    await s.keys('C-b');
    await sleep(300);
    await s.keys('C-b');
    await c.hook('Stop');
    c.turn(start, await c.hook('Stop'), 'done', 'a running command was sent to the background by the user; ends with the second Stop');
    await s.exit();
    return 'The user sends a running command to the background (Ctrl-B).';
  },

  'screen-bash-timeout': async (c) => {
    await c.open({ settings: free });
    c.model.script('tool', { tools: [bash('sleep 6; echo late', { timeout: 2000 })] }, { text: 'It took too long.' });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@tool');
    let end = await c.hook('Stop');
    await sleep(6500);
    for (let n = c.count('Stop'); n > 1; n--) end = await c.hook('Stop');
    c.turn(start, end, 'done', 'a command over its time limit of two seconds');
    await s.exit();
    return `A command over its time limit; Stops: ${c.count('Stop')}.`;
  },

  'screen-autocompact': async (c) => {
    await c.open({ settings: free });
    c.model.script('full', { tools: [bash('sleep 1')], tokens: 1900000 });
    const s = await c.screen();
    await ask(c, s, 'go @@full', 'compacted in the middle');
    await s.exit();
    return 'The context is full in the middle of a turn: the agent compacts it and goes on.';
  },

  'screen-compact-failed': async (c) => {
    await c.open({ settings: free });
    c.model.script('full', { tools: [bash('sleep 2')], tokens: 1900000 });
    c.model.script('compact', { tools: [bash('true')] });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@full');
    await s.until(/compaction failed|too long/i, 30000);
    const end = Date.now();
    await c.hook('Notification', { timeout: 80000 });
    await sleep(1000);
    c.turn(start, end, 'failed', 'no StopFailure, only the idle reminder, by when the transcript holds the error; the end is the moment the screen said so');
    await s.exit();
    return `The context is full and its compaction fails; Stops: ${c.count('Stop')}, StopFailures: ${c.count('StopFailure')}, Notifications: ${c.count('Notification')}.`;
  },

  'screen-rewind': async (c) => {
    await c.open();
    c.model.script('a', { text: 'Answer a.', delay: 1500 });
    const s = await c.screen();
    await ask(c, s, 'go @@a', 'before');
    await ask(c, s, 'go @@a again', 'the prompt that is taken back');
    await s.keys('Escape');
    await sleep(200);
    await s.keys('Escape');
    await s.until(/Rewind/);
    await s.keys('Up');
    await sleep(300);
    await s.keys('Enter');
    await s.until(/Restore/);
    await s.keys('Enter');
    await sleep(1500);
    await ask(c, s, 'go @@a otherwise', 'after going back');
    await s.exit();
    return 'The user goes back to an earlier prompt (Escape twice) and sends another in its place.';
  },

  'screen-resume-inside': async (c) => {
    await c.open();
    c.model.script('a', { text: 'Answer a.', delay: 1500 });
    const one = await c.screen();
    const { start } = await ask(c, one, 'go @@a', 'first session');
    await one.exit();
    const two = await c.screen();
    await ask(c, two, 'go @@a', 'second session');
    await two.submit(`/resume ${start.payload.session_id}`);
    await c.hook('SessionStart', { where: (payload) => payload.source === 'resume' });
    await sleep(1000);
    await ask(c, two, 'go @@a', 'the first session again, in the second process');
    await two.exit();
    return 'Another session is resumed inside a running process (/resume).';
  },

  'screen-bg-fails': async (c) => {
    await c.open({ settings: free });
    c.model.script('bg', { tools: [bash('sleep 3; exit 7', { run_in_background: true })] }, { text: 'Started.' });
    const s = await c.screen();
    await ask(c, s, 'go @@bg', 'the shell fails, the turn itself ends well', 2);
    await s.exit();
    return 'A shell in the background that fails.';
  },

  'screen-bg-meanwhile': async (c) => {
    await c.open({ settings: free });
    c.model.script('bg', { tools: [bash('sleep 6; echo end', { run_in_background: true })] }, { text: 'Started.' });
    c.model.script('other', { text: 'Something else.', delay: 1500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@bg');
    await c.hook('Stop');
    await sleep(1000);
    await ask(c, s, 'go @@other', 'another prompt while the shell of the turn before still runs');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'ends when its shell has ended, after the other turn');
    await s.exit();
    return 'The user goes on with another prompt while a shell runs in the background.';
  },

  'screen-bg-never': async (c) => {
    await c.open({ settings: free, idleMs: 5000 });
    c.model.script('bg', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'The server runs.', delay: 1500 });
    c.model.script('other', { text: 'Something else.', delay: 1500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@bg');
    const stop = await c.hook('Stop');
    c.turn(start, stop, 'turn_over', 'one shell still runs; the idle reminder follows');
    await c.hook('Notification', { timeout: 70000 });
    await sleep(500);
    const again = await c.prompt(s, 'go @@other');
    c.turn(again, await c.hook('Stop'), 'turn_over', 'nothing of its own runs, but the server of the turn before is still listed');
    await c.hook('Notification', { timeout: 70000 });
    await s.exit();
    return 'A server in the background that never ends, the idle reminder after 5 s, and a second turn.';
  },

  'screen-queue-folded': async (c) => {
    await c.open({ settings: free });
    c.model.script('long', { tools: [bash('sleep 5')] }, { text: 'All of it is done.', delay: 1000 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@long');
    await c.hook('PreToolUse');
    await sleep(1000);
    await c.prompt(s, 'and please be brief');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the second prompt was folded into the turn');
    await sleep(1500);
    await s.exit();
    return 'A prompt queued while a tool runs: folded into the running turn.';
  },

  'screen-queue-own': async (c) => {
    await c.open();
    c.model.script('long', { text: 'The first answer.', delay: 4000 });
    c.model.script('second', { text: 'The second answer.', delay: 3000 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@long');
    await sleep(1000);
    const queued = await c.prompt(s, 'go @@second');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the running turn');
    const later = await c.hook('Stop');
    c.turns.push({ start: end.time, end: later.time, outcome: 'done', prompt_id: later.payload.prompt_id, session_id: later.payload.session_id, note: `the queued prompt, played as a turn of its own from the first Stop on; it was queued at the time of the UserPromptSubmit with prompt id ${queued.payload.prompt_id}` });
    await sleep(500);
    await s.exit();
    return 'A prompt queued while the last answer is awaited: played as a turn of its own.';
  },

  'screen-queue-interrupt': async (c) => {
    await c.open();
    c.model.script('long', { text: 'Never seen.', delay: 20000 });
    c.model.script('second', { text: 'The second answer.', delay: 3000 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@long');
    await sleep(1000);
    await c.prompt(s, 'go @@second');
    await sleep(1000);
    const cut = Date.now();
    await s.keys('Escape');
    c.turn(start, cut, 'interrupted', 'Escape with a prompt in the queue');
    await sleep(1500);
    const onScreen = await s.text();
    if (c.count('Stop') === 0 && c.model.requests.every((r) => r.script !== 'second')) await s.keys('Enter');
    const later = await c.hook('Stop');
    const asked = c.model.requests.find((r) => r.script === 'second').time;
    c.turns.push({ start: asked, end: later.time, outcome: 'done', prompt_id: later.payload.prompt_id, session_id: later.payload.session_id, note: 'the queued prompt' });
    await sleep(500);
    await s.exit();
    return `A prompt is queued, then Escape. Box after Escape: ${JSON.stringify(onScreen.split('\n').filter((line) => line.includes('❯')))}`;
  },

  'screen-interrupt-silent': async (c) => {
    await c.open();
    c.model.script('long', { text: 'Never seen.', delay: 20000 });
    c.model.script('short', { text: 'Here.', delay: 2500 });
    const s = await c.screen();
    await interrupt(c, s, await sleepAfter(c.prompt(s, 'go @@long'), 2500), 'Escape before any output');
    await ask(c, s, 'go @@short', 'the prompt after an interrupt');
    await interrupt(c, s, await sleepAfter(c.prompt(s, 'go @@long'), 1500), 'Escape before any output');
    await interrupt(c, s, await sleepAfter(c.prompt(s, 'go @@long'), 1500), 'Escape before any output, twice in a row');
    await ask(c, s, 'go @@short', 'the prompt after two interrupts');
    await s.exit();
    return 'Escape before the model has said anything.';
  },

  'screen-interrupt-streaming': async (c) => {
    await c.open();
    c.model.script('words', { text: 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen', pace: 500 });
    c.model.script('short', { text: 'Here.', delay: 2500 });
    const s = await c.screen();
    await interrupt(c, s, await sleepAfter(c.prompt(s, 'go @@words'), 3000), 'Escape in the middle of an answer');
    await ask(c, s, 'go @@short', 'the prompt after it');
    await s.exit();
    return 'Escape while the answer is streamed.';
  },

  'screen-interrupt-tool': async (c) => {
    await c.open({ settings: free });
    c.model.script('tool', { text: 'I run it.', tools: [bash('sleep 20')] }, { text: 'Never seen.' });
    c.model.script('short', { text: 'Here.', delay: 2500 });
    const s = await c.screen();
    await interrupt(c, s, await sleepAfter(c.prompt(s, 'go @@tool'), 3000), 'Escape while a tool runs');
    await ask(c, s, 'go @@short', 'the prompt after it');
    await interrupt(c, s, await sleepAfter(c.prompt(s, 'go @@tool'), 2000), 'Escape while a tool runs; the session ends thereafter');
    await s.exit();
    return 'Escape while a tool runs.';
  },

  'screen-stop-blocked': async (c) => {
    await c.open({ otherHooks: { Stop: [`sh -c 'grep -q "stop_hook_active\\":true" || { echo go on >&2; exit 2; }'`] } });
    c.model.script('twice', { text: 'I think I am done.', delay: 1000 }, { text: 'Now I am.', delay: 1500 });
    const s = await c.screen();
    await ask(c, s, 'go @@twice', 'ends with the second Stop', 2);
    await sleep(500);
    await s.exit();
    return "Another tool's Stop hook sends the model back once.";
  },

  'screen-clear-compact': async (c) => {
    await c.open();
    c.model.script('a', { text: 'Answer a.', delay: 1500 });
    const s = await c.screen();
    await ask(c, s, 'go @@a', 'before /clear');
    await s.submit('/clear');
    await c.hook('SessionStart', { where: (payload) => payload.source === 'clear' });
    await sleep(500);
    await ask(c, s, 'go @@a', 'after /clear: another session id');
    await s.submit('/compact');
    await c.hook('SessionStart', { where: (payload) => payload.source === 'compact' });
    await sleep(1000);
    await ask(c, s, 'go @@a', 'after /compact: the same session id');
    await s.exit();
    return '/clear between turns, then /compact.';
  },

  'screen-resume-fork': async (c) => {
    await c.open();
    c.model.script('a', { text: 'Answer a.', delay: 1500 });
    const one = await c.screen();
    const { start } = await ask(c, one, 'go @@a', 'first process');
    await one.exit();
    await sleep(1500);
    const two = await c.screen(['--permission-mode', 'default', '--resume', start.payload.session_id]);
    await ask(c, two, 'go @@a', 'resumed');
    await two.exit();
    const three = await c.screen(['--permission-mode', 'default', '--resume', start.payload.session_id, '--fork-session']);
    await ask(c, three, 'go @@a', 'a fork with an id of its own');
    await three.exit();
    return 'A session is resumed, then forked.';
  },

  'screen-bang': async (c) => {
    await c.open();
    c.model.script('a', { text: 'Answer a.', delay: 1500 });
    const s = await c.screen();
    await ask(c, s, 'go @@a', 'before');
    await s.keys('!');
    await sleep(400);
    const typed = Date.now();
    await s.submit('sleep 2; echo from the user');
    await sleep(5000);
    if (c.count('Stop') > 1) {
      const stop = await c.hook('Stop');
      c.turns.push({ start: typed, end: stop.time, outcome: 'done', prompt_id: stop.payload.prompt_id, session_id: stop.payload.session_id, note: "the user's own command and the model's answer to it: a Stop without a UserPromptSubmit" });
    }
    await ask(c, s, 'go @@a', 'after');
    await s.exit();
    return "A command of the user's own (`! sleep 2; echo ...`) between two prompts.";
  },

  'screen-slash': async (c) => {
    await c.open();
    c.model.script('a', { text: 'Answer a.', delay: 1500 });
    const fs = await import('node:fs');
    fs.mkdirSync(`${c.home.claude}/commands`, { recursive: true });
    fs.writeFileSync(`${c.home.claude}/commands/look.md`, 'Please look around @@a\n');
    const s = await c.screen();
    await ask(c, s, '/look', 'a command that is a prompt');
    await s.submit('/help');
    await sleep(1000);
    await s.keys('Escape');
    await sleep(500);
    await ask(c, s, 'go @@a', 'after /help, which is no turn');
    await s.exit();
    return 'Slash commands: one that is a prompt, one that is not.';
  },

  'screen-permission-answered': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('sleep 1; touch out1')] }, { text: 'Done.', delay: 500 });
    c.model.script('work', { tools: [bash('touch out2')] }, { text: 'Long work is done.', delay: 5000 });
    c.model.script('tool', { tools: [bash('sleep 6; touch out3')] }, { text: 'Done.' });
    const s = await c.screen();
    for (const [name, note] of [['ask', 'answered after two seconds'], ['work', 'answered after two seconds, followed by long work'], ['tool', 'approved after two seconds, the tool itself is long']]) {
      const start = await c.prompt(s, `go @@${name}`);
      const asked = await c.hook('PermissionRequest');
      await sleep(2000);
      const answered = await s.answer(dialog, 'Enter');
      const end = await c.hook('Stop');
      c.turn(start, end, 'done', note);
      c.question(asked, answered, 'answered', { note });
      await sleep(500);
    }
    await s.exit();
    return 'A permission answered in time, three times.';
  },

  'screen-permission-at-once': async (c) => {
    await c.open();
    c.model.script('tool', { tools: [bash('sleep 10; touch out')] }, { text: 'Done.' });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@tool');
    const asked = await c.hook('PermissionRequest');
    const answered = await s.answer(dialog, 'Enter');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the tool runs for ten seconds');
    c.question(asked, answered, 'answered', { note: 'approved at once; no hook says so until the tool ends' });
    await s.exit();
    return 'A permission approved at once, whose tool runs long.';
  },

  'screen-permission-late': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('sleep 1; touch out1')] }, { text: 'Done.', delay: 500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    const asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    await sleep(3000);
    const answered = Date.now();
    await s.keys('Enter');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'waited for about nine seconds');
    c.question(asked, answered, 'answered', { reminded, note: 'answered three seconds after the reminder' });
    await s.exit();
    return 'A permission that waits until after the reminder, then is given.';
  },

  'screen-permission-left': async (c) => {
    await c.open();
    c.model.script('ask', { delay: 1000, tools: [bash('touch out1')] }, { text: 'Done.' });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    const asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    await sleep(12000);
    const end = Date.now();
    process.kill(s.pid, 'SIGTERM');
    await s.ended();
    c.turn(start, end, 'waiting', 'still waited when the session was closed');
    c.question(asked, null, 'left', { reminded });
    return 'A permission that nobody answers, until SIGTERM ends the session.';
  },

  'screen-permission-denied': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('touch out1')] }, { text: 'Then not.', delay: 1500 });
    c.model.script('short', { text: 'Here.', delay: 1000 });
    const s = await c.screen();
    for (const [keys, note] of [[['Escape'], 'Escape on the dialog interrupts the turn'], [['4'], 'No interrupts the turn']]) {
      const start = await c.prompt(s, 'go @@ask');
      const asked = await c.hook('PermissionRequest');
      await s.until(dialog);
      await sleep(1500);
      const answered = Date.now();
      await s.keys(...keys);
      c.turn(start, answered, 'interrupted', note);
      c.question(asked, answered, 'denied', { note });
      await sleep(2000);
      await ask(c, s, 'go @@short', 'the prompt after it');
      await sleep(500);
    }
    await s.exit();
    return 'A permission refused by Escape, then by No.';
  },

  'screen-permission-denied-words': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('touch out1')] }, { text: 'As you say.', delay: 1500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    const asked = await c.hook('PermissionRequest');
    await s.until(dialog);
    await s.keys('Up');
    await sleep(200);
    await s.keys('Tab');
    await sleep(200);
    await s.type('do it otherwise');
    await sleep(300);
    const answered = Date.now();
    await s.keys('Enter');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the model goes on with what the user said');
    c.question(asked, answered, 'denied', { note: 'refused with words' });
    await s.exit();
    return 'A permission refused with words: the turn goes on.';
  },

  'screen-permission-two': async (c) => {
    await c.open();
    c.model.script('row', { tools: [bash('touch out1')] }, { tools: [bash('touch out2')], delay: 1000 }, { text: 'Done.', delay: 500 });
    c.model.script('both', { tools: [bash('touch out3'), bash('touch out4')] }, { text: 'Done.', delay: 500 });
    const s = await c.screen();
    for (const [name, files, note] of [['row', ['out1', 'out2'], 'two questions, one after the other'], ['both', ['out3', 'out4'], 'two calls at once, each with its question']]) {
      const start = await c.prompt(s, `go @@${name}`);
      const asked = [];
      for (let i = 0; i < 2; i++) {
        if (asked.length <= i) asked.push(await c.hook('PermissionRequest'));
        await s.until((text) => text.includes(files[i]) && dialog.test(text));
        await sleep(1500);
        const answered = Date.now();
        await s.keys('Enter');
        c.question(asked[i], answered, 'answered', { note });
        await sleep(300);
      }
      c.turn(start, await c.hook('Stop'), 'done', note);
      await sleep(500);
    }
    await s.exit();
    return 'Two permissions in one turn.';
  },

  'screen-permission-subagent': async (c) => {
    await c.open({ settings: { permissions: { allow: ['Agent'] } } });
    c.model.script('main', { tools: [agent('look @@sub')] }, { text: 'Started it.' });
    c.model.script('sub', { tools: [bash('touch sub')], delay: 1500 }, { text: 'Touched it.', delay: 500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@main');
    const asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    const answered = await s.answer(dialog, 'Enter');
    await c.hook('Stop');
    c.turn(start, await c.hook('Stop'), 'done', 'its sub-agent in the background asked after the first Stop');
    c.question(asked, answered, 'answered', { reminded, note: 'asked by a sub-agent, after the first Stop of the turn' });
    await sleep(500);
    await s.exit();
    return 'A sub-agent in the background needs a permission while the main turn has stopped.';
  },

  'screen-permission-late-refused': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('touch out1')] }, { text: 'As you say.', delay: 9000 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    const asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    await s.keys('Up');
    await sleep(200);
    await s.keys('Tab');
    await sleep(200);
    await s.type('do it otherwise');
    await sleep(300);
    const answered = Date.now();
    await s.keys('Enter');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'refused with words after the reminder; then nine seconds of work without a hook');
    c.question(asked, answered, 'denied', { reminded, note: 'no hook tells of the answer; the transcript does' });
    await s.exit();
    return 'A permission refused with words after the reminder, followed by long work that no hook shows.';
  },

  'screen-permission-late-long': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('sleep 9; touch out1')] }, { text: 'Done.', delay: 500 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    const asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    const answered = await s.answer(dialog, 'Enter');
    c.turn(start, await c.hook('Stop'), 'done', 'given just after the reminder; the tool runs for nine seconds');
    c.question(asked, answered, 'answered', { reminded, note: 'no hook tells of the answer until the tool ends' });
    await s.exit();
    return 'A permission given just after the reminder, whose tool runs long.';
  },

  'screen-permission-left-twice': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('touch out1')] }, { tools: [bash('touch out2')] }, { text: 'Done.' });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    for (const file of ['out1', 'out2']) {
      const asked = await c.hook('PermissionRequest');
      const reminded = await c.hook('Notification', { timeout: 40000 });
      await sleep(2000);
      const answered = Date.now();
      await s.keys('Enter');
      c.question(asked, answered, 'answered', { reminded, note: `about ${file}` });
    }
    c.turn(start, await c.hook('Stop'), 'done', 'two questions, each left until after its reminder');
    await s.exit();
    return 'Two questions of one turn, both waiting longer than the reminder.';
  },

  'screen-permission-typing': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [bash('touch out1')] }, { text: 'Done.' });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@ask');
    const asked = await c.hook('PermissionRequest');
    await s.until(dialog);
    for (let i = 0; i < 6; i++) {
      await sleep(1500);
      await s.keys(i % 2 ? 'Up' : 'Down');
    }
    const answered = await s.answer(dialog, 'Enter');
    c.turn(start, await c.hook('Stop'), 'done', 'the user moved about in the dialog for nine seconds');
    c.question(asked, answered, 'answered', { note: 'keys were pressed all the time: no reminder' });
    await s.exit();
    return 'A permission over which the user thinks while pressing keys: no reminder comes.';
  },

  'screen-question': async (c) => {
    await c.open();
    c.model.script('ask', { tools: [question()], delay: 500 }, { text: 'Then blue.', delay: 1500 });
    c.model.script('short', { text: 'Here.', delay: 1000 });
    const s = await c.screen();
    let start = await c.prompt(s, 'go @@ask');
    let asked = await c.hook('PermissionRequest');
    await s.until('Which colour?');
    await sleep(2500);
    let answered = Date.now();
    await s.keys('Enter');
    c.turn(start, await c.hook('Stop'), 'done', 'answered in time');
    c.question(asked, answered, 'answered');
    await sleep(500);

    start = await c.prompt(s, 'go @@ask');
    asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    await sleep(2500);
    answered = Date.now();
    await s.keys('Enter');
    c.turn(start, await c.hook('Stop'), 'done', 'answered after the reminder');
    c.question(asked, answered, 'answered', { reminded });
    await sleep(500);

    start = await c.prompt(s, 'go @@ask');
    asked = await c.hook('PermissionRequest');
    await s.until('Which colour?');
    await sleep(1500);
    answered = Date.now();
    await s.keys('Escape');
    c.turn(start, answered, 'interrupted', 'Escape on the question');
    c.question(asked, answered, 'denied');
    await sleep(1500);
    await ask(c, s, 'go @@short', 'the prompt after it');
    await s.exit();
    return 'AskUserQuestion: answered in time, after the reminder, and left by Escape.';
  },

  'screen-plan': async (c) => {
    await c.open();
    c.model.script('plan', { tools: [plan], delay: 500 }, { text: 'I follow the plan.', delay: 2000 });
    c.model.script('short', { text: 'Here.', delay: 1000 });
    const s = await c.screen(['--permission-mode', 'plan']);
    let start = await c.prompt(s, 'go @@plan');
    let asked = await c.hook('PermissionRequest');
    await sleep(2000);
    const answered = Date.now();
    await s.keys('Escape');
    c.turn(start, answered, 'interrupted', 'the plan was not accepted (Escape)');
    c.question(asked, answered, 'denied');
    await sleep(1500);
    start = await c.prompt(s, 'go @@plan');
    asked = await c.hook('PermissionRequest');
    const reminded = await c.hook('Notification', { timeout: 40000 });
    await sleep(1500);
    const accepted = Date.now();
    await s.keys('Enter');
    const end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the plan was accepted after the reminder');
    c.question(asked, accepted, 'answered', { reminded });
    await s.exit();
    return 'A plan that is refused, then one that is accepted late.';
  },

  'screen-failed': async (c) => {
    await c.open();
    const s = await c.screen();
    for (const [status, type] of [[400, 'invalid_request_error'], [401, 'authentication_error'], [429, 'rate_limit_error'], [500, 'api_error'], [529, 'overloaded_error']]) {
      c.model.script(`e${status}`, { error: { status, type, message: `scripted ${status}` }, delay: 1200 });
      const start = await c.prompt(s, `go @@e${status}`);
      c.turn(start, await c.hook('StopFailure'), 'failed', `HTTP ${status}`);
      await sleep(500);
    }
    c.model.script('cut', { drop: true, delay: 1200 });
    const start = await c.prompt(s, 'go @@cut');
    c.turn(start, await c.hook('StopFailure'), 'failed', 'connection closed');
    c.model.script('short', { text: 'Here.', delay: 1000 });
    await sleep(500);
    await ask(c, s, 'go @@short', 'the prompt after the failures');
    await s.exit();
    return 'Failed turns of several kinds in one session, then a good one.';
  },

  'screen-failed-retries': async (c) => {
    await c.open({ env: { CLAUDE_CODE_MAX_RETRIES: '3' } });
    c.model.script('busy', { error: { status: 529, type: 'overloaded_error' }, delay: 300 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@busy');
    c.turn(start, await c.hook('StopFailure', { timeout: 60000 }), 'failed', 'three silent retries first');
    await sleep(500);
    const cut = await c.prompt(s, 'go @@busy');
    await sleep(2000);
    await interrupt(c, s, cut, 'Escape between retries');
    await s.exit();
    return 'A turn that fails after retries; another that is interrupted between them.';
  },

  'screen-idle': async (c) => {
    await c.open({ idleMs: 4000 });
    c.model.script('a', { text: 'Answer a.', delay: 2500 });
    c.model.script('bad', { error: { status: 500 }, delay: 2500 });
    const s = await c.screen();
    await ask(c, s, 'go @@a', 'the idle reminder follows');
    await c.hook('Notification', { timeout: 70000 });
    const start = await c.prompt(s, 'go @@bad');
    c.turn(start, await c.hook('StopFailure'), 'failed', 'the idle reminder follows here too');
    await c.hook('Notification', { timeout: 70000 });
    await s.exit();
    return 'The idle reminder after a finished and after a failed turn.';
  },

  'screen-signals': async (c) => {
    await c.open();
    c.model.script('long', { text: 'Never seen.', delay: 30000 });
    c.model.script('short', { text: 'Here.', delay: 1500 });
    let last;
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
      const s = await c.screen();
      last = await c.prompt(s, 'go @@long');
      await sleep(2000);
      const end = Date.now();
      process.kill(s.pid, signal);
      await s.ended();
      c.turn(last, end, 'killed', signal);
    }
    const s = await c.screen(['--permission-mode', 'default', '--resume', last.payload.session_id]);
    await ask(c, s, 'go @@short', 'the session of the last one, resumed');
    await s.exit();
    return 'The agent is told to end in the middle of a turn; the last session is resumed.';
  },

  'screen-sigkill-resume': async (c) => {
    await c.open({ settings: free });
    c.model.script('long', { text: 'Never seen.', delay: 30000 });
    c.model.script('tool', { tools: [bash('sleep 20')] }, { text: 'Never seen.' });
    c.model.script('short', { text: 'Here.', delay: 1500 });
    for (const name of ['long', 'tool']) {
      const one = await c.screen();
      const start = await c.prompt(one, `go @@${name}`);
      await sleep(2500);
      const end = Date.now();
      process.kill(one.pid, 'SIGKILL');
      await one.ended();
      c.turn(start, end, 'killed', name === 'tool' ? 'SIGKILL while a tool ran' : 'SIGKILL before any output');
      await sleep(2000);
      const two = await c.screen(['--permission-mode', 'default', '--resume', start.payload.session_id]);
      await ask(c, two, 'go @@short', 'the session goes on; the open turn before it is stale');
      await two.exit();
    }
    return 'A turn left open by SIGKILL, then the session is resumed.';
  },

  'screen-leave-midturn': async (c) => {
    await c.open();
    c.model.script('long', { text: 'Never seen.', delay: 30000 });
    const s = await c.screen();
    const start = await c.prompt(s, 'go @@long');
    await sleep(2000);
    const end = Date.now();
    await s.keys('C-c');
    c.turn(start, end, 'interrupted', 'Ctrl-C, then twice more to leave');
    await sleep(700);
    await s.keys('C-c');
    await sleep(300);
    await s.keys('C-c');
    await s.ended();
    return 'Ctrl-C in the middle of a turn, then Ctrl-C twice.';
  },

  'screen-elicitation': async (c) => {
    await c.open({ settings: { permissions: { allow: ['mcp__lab__ask'] } } });
    const fs = await import('node:fs');
    const { fileURLToPath } = await import('node:url');
    const server = fileURLToPath(new URL('./asking_server.mjs', import.meta.url));
    fs.writeFileSync(`${c.home.project}/.mcp.json`, JSON.stringify({ mcpServers: { lab: { command: process.execPath, args: [server], alwaysLoad: true } } }));
    c.model.script('ask', { tools: [{ name: 'mcp__lab__ask', input: {} }] }, { text: 'Done.', delay: 1500 });
    const s = await c.screen(['--permission-mode', 'default', '--mcp-config', `${c.home.project}/.mcp.json`, '--strict-mcp-config']);
    await sleep(1500);
    for (const late of [false, true]) {
      const start = await c.prompt(s, 'go @@ask');
      const asked = await c.hook('Elicitation');
      const form = /Your name|lab.*(needs|asks|requests)/i;
      await s.until(form);
      const reminded = late ? await c.hook('Notification', { timeout: 40000, where: (payload) => payload.notification_type === 'elicitation_dialog' }) : undefined;
      await sleep(1500);
      const answered = Date.now();
      await s.keys('Escape');
      await c.hook('ElicitationResult');
      c.turn(start, await c.hook('Stop'), 'done', late ? 'the form was cancelled after the reminder' : 'the form was cancelled in time');
      c.question(asked, answered, 'answered', { reminded, note: 'an MCP server asked; cancelled' });
      await sleep(500);
    }
    await s.exit();
    return "An MCP server's form, cancelled in time, then after the reminder.";
  },

  'screen-two-sessions': async (c) => {
    await c.open();
    c.model.script('long', { text: 'The long one.', delay: 5000 });
    c.model.script('short', { text: 'The short one.', delay: 1000 });
    const one = await c.screen();
    const two = await c.screen();
    const a = await c.prompt(one, 'go @@long');
    const b = await c.prompt(two, 'go @@short');
    c.turn(b, await c.hook('Stop'), 'done', 'the short one, within the long one');
    const again = await c.prompt(two, 'go @@short');
    c.turn(again, await c.hook('Stop'), 'done', 'and once more');
    c.turn(a, await c.hook('Stop'), 'done', 'the long one');
    await one.exit();
    await two.exit();
    return 'Two sessions of one project at the same time.';
  },

  'screen-auto': async (c) => {
    await c.open();
    c.model.script('tool', { tools: [bash('sleep 2; touch out')] }, { text: 'Done.', delay: 1000 });
    const s = await c.screen([]);
    await ask(c, s, 'go @@tool', 'auto mode asked its classifier, not the user');
    await s.exit();
    return 'A tool in auto mode.';
  },
};

async function sleepAfter(promise, ms) {
  const value = await promise;
  await sleep(ms);
  return value;
}
