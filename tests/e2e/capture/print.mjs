// SPDX-License-Identifier: MIT
// Cases in print mode (`claude -p`).
import { sleep } from './record.mjs';

const bash = (command, more = {}) => ({ name: 'Bash', input: { command, description: 'Do it', ...more } });
const agent = (prompt, more = {}) => ({ name: 'Agent', input: { description: 'Look around', prompt, subagent_type: 'general-purpose', ...more } });
const allow = ['--allowedTools', 'Bash', 'Agent', 'Write', '--'];

// A turn that one -p process plays from its prompt to its last Stop or StopFailure.
async function whole(c, run, outcome, note, stops = 1) {
  const start = await c.hook('UserPromptSubmit');
  await run.ended;
  let end;
  for (let i = 0; i < stops; i++) end = await c.hook(outcome === 'failed' ? 'StopFailure' : 'Stop');
  c.turn(start, end, outcome, note);
  return { start, end };
}

export default {
  'print-plain-slow': async (c) => {
    await c.open();
    c.model.script('slow', { text: 'It is done.', delay: 3000 });
    await whole(c, c.print(['go @@slow']), 'done', 'one answer after three seconds');
    return 'A plain turn.';
  },

  'print-tools': async (c) => {
    await c.open();
    c.model.script('tools', { text: 'I start.', tools: [bash('sleep 1; echo one')] }, { tools: [bash('echo two'), bash('exit 3')] }, { tools: [{ name: 'Write', input: { file_path: `${c.home.project}/new.txt`, content: 'x\n' } }] }, { text: 'All done.', delay: 500 });
    await whole(c, c.print([...allow, 'go @@tools']), 'done', 'Bash, two at once of which one fails, Write');
    return 'Tools, one of which fails.';
  },

  'print-subagent-sync': async (c) => {
    await c.open();
    c.model.script('main', { tools: [agent('please look @@sub', { run_in_background: false })] }, { text: 'The agent is back.' });
    c.model.script('sub', { tools: [bash('sleep 1; echo sub')], delay: 500 }, { text: 'Nothing found.', delay: 500 });
    await whole(c, c.print([...allow, 'go @@main']), 'done', 'the sub-agent is part of the turn');
    return 'A sub-agent that the turn waits for.';
  },

  'print-subagent-async': async (c) => {
    await c.open();
    c.model.script('main', { tools: [agent('please look @@sub')] }, { text: 'Started it.' });
    c.model.script('sub', { tools: [bash('sleep 2; echo sub')], delay: 500 }, { text: 'Nothing found.', delay: 500 });
    await whole(c, c.print([...allow, 'go @@main']), 'done', 'ends with the second Stop, after the agent came back', 2);
    return 'A sub-agent in the background: two Stops, one turn.';
  },

  'print-subagents-two-async': async (c) => {
    await c.open();
    c.model.script('main', { tools: [agent('please look @@one'), agent('please look @@two')] }, { text: 'Started both.' });
    c.model.script('one', { text: 'One is here.', delay: 1500 });
    c.model.script('two', { text: 'Two is here.', delay: 4000 });
    await whole(c, c.print([...allow, 'go @@main']), 'done', 'ends with the third Stop, after the slower agent', 3);
    return 'Two sub-agents in the background that end at different times: three Stops, one turn.';
  },

  'print-bg': async (c) => {
    await c.open();
    c.model.script('bg', { tools: [bash('sleep 4; echo end', { run_in_background: true })] }, { text: 'Started.' });
    await whole(c, c.print([...allow, 'go @@bg']), 'done', 'ends with the second Stop, after the shell ended', 2);
    return 'A shell in the background that ends.';
  },

  'print-bg-while-answering': async (c) => {
    await c.open();
    c.model.script('bg', { tools: [bash('sleep 1; echo end', { run_in_background: true })] }, { text: 'Both are done.', delay: 3000 });
    const run = c.print([...allow, 'go @@bg']);
    const start = await c.hook('UserPromptSubmit');
    await run.ended;
    c.turn(start, await c.hook('Stop'), 'done', 'the shell ended before the answer came, so this Stop lists no task');
    const news = await c.hook('UserPromptSubmit');
    c.turn(news, await c.hook('Stop'), 'done', 'a turn that the agent started itself to report the end of the shell: a run of its own, too short to be told');
    return 'A shell in the background that ends while the model still answers.';
  },

  'print-bg-ends-midturn': async (c) => {
    await c.open();
    c.model.script('bg', { tools: [bash('sleep 1; echo end', { run_in_background: true })] }, { tools: [bash('sleep 3')] }, { text: 'Both are done.', delay: 1000 });
    const run = c.print([...allow, 'go @@bg']);
    const start = await c.hook('UserPromptSubmit');
    await run.ended;
    let end = await c.hook('Stop');
    for (let n = c.count('Stop'); n > 1; n--) end = await c.hook('Stop');
    c.turn(start, end, 'done', 'the shell ended while another tool ran');
    return `A shell in the background that ends while the turn goes on with tools; Stops: ${c.count('Stop')}.`;
  },

  'print-autocompact': async (c) => {
    await c.open();
    c.model.script('full', { tools: [bash('sleep 1')], tokens: 1900000 });
    await whole(c, c.print([...allow, 'go @@full']), 'done', 'compacted in the middle');
    return 'The context is full in the middle of a turn: the agent compacts it and goes on.';
  },

  'print-compact-retried': async (c) => {
    await c.open();
    c.model.script('full', { tools: [bash('sleep 2')], tokens: 1900000 });
    c.model.script('compact', { error: { status: 400, message: 'no' } });
    const run = c.print([...allow, 'go @@full']);
    const start = await c.hook('UserPromptSubmit');
    await run.ended;
    c.turn(start, await c.hook('Stop'), 'done', 'the StopFailure in it has an agent_id: it is that of the agent inside that compacts, not of the turn');
    return 'The first try to compact a full context fails, the second does not, and the turn ends well.';
  },

  'print-compact-failed': async (c) => {
    await c.open();
    c.model.script('full', { tools: [bash('sleep 2')], tokens: 1900000 });
    c.model.script('compact', { tools: [bash('true')] });
    const run = c.print([...allow, 'go @@full']);
    const start = await c.hook('UserPromptSubmit');
    await run.ended;
    c.turn(start, await c.hook('SessionEnd'), 'failed', `no StopFailure, but SessionEnd finds the error in the transcript; exit ${run.code}: ${run.stdout.trim()}`);
    return `The context is full and its compaction fails; Stops: ${c.count('Stop')}, StopFailures: ${c.count('StopFailure')}.`;
  },

  'print-subagent-failed': async (c) => {
    await c.open();
    c.model.script('sync', { tools: [agent('please look @@sub', { run_in_background: false })] }, { text: 'The agent failed.', delay: 1500 });
    c.model.script('async', { tools: [agent('please look @@sub')] }, { text: 'Started it.' });
    c.model.script('sub', { error: { status: 500 }, delay: 1500 });
    await whole(c, c.print([...allow, 'go @@sync']), 'done', 'its sub-agent failed, the turn did not');
    await whole(c, c.print([...allow, 'go @@async']), 'done', 'its sub-agent in the background failed, the turn did not', 2);
    return `A sub-agent whose model request fails, waited for and in the background; StopFailures: ${c.count('StopFailure')}.`;
  },

  'print-bg-never': async (c) => {
    await c.open();
    c.model.script('bg', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'The server runs.' });
    const run = c.print([...allow, 'go @@bg']);
    const start = await c.hook('UserPromptSubmit');
    const stop = await c.hook('Stop');
    await Promise.race([run.ended, sleep(20000)]);
    const alive = run.code === undefined;
    if (alive) process.kill(run.pid, 'SIGTERM');
    await run.ended;
    c.turn(start, stop, 'turn_over', 'a server still runs');
    return `A shell in the background that never ends; after 20 s the agent ${alive ? 'was still there and got SIGTERM' : 'had gone by itself'}.`;
  },

  'print-stream-two': async (c) => {
    await c.open();
    c.model.script('one', { text: 'First.', delay: 2000 });
    c.model.script('two', { text: 'Second.', delay: 1000 });
    const message = (text) => `${JSON.stringify({ type: 'user', message: { role: 'user', content: text } })}\n`;
    const run = c.print(['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'], { input: null });
    run.stdin.write(message('go @@one'));
    const first = await c.hook('UserPromptSubmit');
    c.turn(first, await c.hook('Stop'), 'done', 'first message');
    await sleep(1500);
    run.stdin.write(message('go @@two'));
    const second = await c.hook('UserPromptSubmit');
    c.turn(second, await c.hook('Stop'), 'done', 'second message');
    run.stdin.end();
    await run.ended;
    return 'Two messages one after the other into one -p process.';
  },

  'print-stream-queued': async (c) => {
    await c.open();
    c.model.script('one', { text: 'First.', delay: 3000 });
    c.model.script('two', { text: 'Second.', delay: 1000 });
    const message = (text) => `${JSON.stringify({ type: 'user', message: { role: 'user', content: text } })}\n`;
    const run = c.print(['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'], { input: null });
    run.stdin.write(message('go @@one'));
    const first = await c.hook('UserPromptSubmit');
    await sleep(1000);
    run.stdin.write(message('go @@two'));
    const end = await c.hook('Stop');
    c.turn(first, end, 'done', 'first message');
    const second = await c.hook('UserPromptSubmit');
    c.turn(second, await c.hook('Stop'), 'done', 'second message, sent while the first was played');
    run.stdin.end();
    await run.ended;
    return 'A second message while the first is played, into one -p process.';
  },

  'print-resume': async (c) => {
    await c.open();
    c.model.script('one', { text: 'First.', delay: 1000 });
    c.model.script('two', { text: 'Second.', delay: 2000 });
    const { start } = await whole(c, c.print(['go @@one']), 'done', 'first process');
    await sleep(2000);
    await whole(c, c.print(['--resume', start.payload.session_id, 'go @@two']), 'done', 'second process, same session');
    await sleep(500);
    await whole(c, c.print(['--continue', 'go @@one']), 'done', 'third process, by --continue');
    await whole(c, c.print(['--resume', start.payload.session_id, '--fork-session', 'go @@two']), 'done', 'fourth process, a fork with a session id of its own');
    return 'One session in several processes, then a fork of it.';
  },

  'print-failed': async (c) => {
    await c.open();
    for (const [status, type] of [[400, 'invalid_request_error'], [401, 'authentication_error'], [403, 'permission_error'], [404, 'not_found_error'], [413, 'request_too_large'], [429, 'rate_limit_error'], [500, 'api_error'], [529, 'overloaded_error']]) {
      c.model.script(`e${status}`, { error: { status, type, message: `scripted ${status}` }, delay: 1000 });
      await whole(c, c.print([`go @@e${status}`]), 'failed', `HTTP ${status}`);
    }
    c.model.script('cut', { drop: true, delay: 1000 });
    await whole(c, c.print(['go @@cut']), 'failed', 'connection closed');
    return 'One failed turn of each kind, each in a session of its own, without retries.';
  },

  'print-failed-after-tool': async (c) => {
    await c.open({ env: { CLAUDE_CODE_MAX_RETRIES: '2' } });
    c.model.script('late', { tools: [bash('sleep 1; echo one')] }, { error: { status: 500 }, delay: 500 });
    await whole(c, c.print([...allow, 'go @@late']), 'failed', 'the second request fails, twice more too');
    return 'A turn that fails after a tool, with two retries that hooks do not see.';
  },

  'print-recovered': async (c) => {
    await c.open({ env: { CLAUDE_CODE_MAX_RETRIES: '3' } });
    c.model.script('again', ({ tries }) => (tries < 3 ? { error: { status: 529, type: 'overloaded_error' }, delay: 300 } : { text: 'At last.' }));
    await whole(c, c.print(['go @@again']), 'done', 'two failures that the client retried');
    return 'A turn that ends well after two retries.';
  },

  'print-denied': async (c) => {
    await c.open();
    c.model.script('deny', { tools: [bash('touch forbidden')] }, { text: 'I was not allowed.', delay: 1000 });
    await whole(c, c.print(['go @@deny']), 'done', 'a call that nobody could allow; the model goes on');
    const asked = await c.hook('PermissionRequest');
    c.question(asked, asked.time, 'denied', { note: 'nobody is asked in print mode' });
    return 'A permission that print mode denies by itself.';
  },

  'print-stop-blocked': async (c) => {
    await c.open({ otherHooks: { Stop: [`sh -c 'grep -q "stop_hook_active\\":true" || { echo go on >&2; exit 2; }'`] } });
    c.model.script('twice', { text: 'I think I am done.', delay: 1000 }, { text: 'Now I am.', delay: 1500 });
    await whole(c, c.print(['go @@twice']), 'done', 'ends with the second Stop', 2);
    return "Another tool's Stop hook sends the model back once.";
  },

  'print-max-turns': async (c) => {
    await c.open();
    c.model.script('tools', { tools: [bash('sleep 2; echo one')] }, { tools: [bash('sleep 1; echo two')] }, { text: 'Never reached.' });
    const run = c.print(['--max-turns', '1', ...allow, 'go @@tools']);
    const start = await c.hook('UserPromptSubmit');
    await run.ended;
    const end = await c.hook('SessionEnd');
    c.turn(start, end, 'failed', `ended by --max-turns, exit ${run.code}: no StopFailure, but SessionEnd finds max_turns_reached in the transcript`);
    return `The limit of --max-turns is reached; Stop hooks: ${c.count('Stop')}, StopFailure hooks: ${c.count('StopFailure')}.`;
  },

  'print-bg-sigterm': async (c) => {
    await c.open();
    c.model.script('bg', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'Started.' });
    const run = c.print([...allow, 'go @@bg']);
    const start = await c.hook('UserPromptSubmit');
    const stop = await c.hook('Stop');
    await sleep(4000);
    run.signalGroup('SIGTERM');
    await run.ended;
    await c.hook('SessionEnd');
    c.turn(start, stop, 'turn_over', 'told to end while its shell still ran');
    return 'SIGTERM to the process group while a shell in the background runs.';
  },

  'print-two-sessions': async (c) => {
    await c.open();
    c.model.script('long', { text: 'The long one.', delay: 5000 });
    c.model.script('short', { text: 'The short one.', delay: 1000 });
    const first = c.print(['go @@long']);
    const a = await c.hook('UserPromptSubmit');
    const second = c.print(['go @@short']);
    const b = await c.hook('UserPromptSubmit');
    await Promise.all([first.ended, second.ended]);
    c.turn(b, await c.hook('Stop'), 'done', 'the short one, within the long one');
    c.turn(a, await c.hook('Stop'), 'done', 'the long one');
    return 'Two sessions of one project at the same time.';
  },

  'print-sigterm': async (c) => {
    await c.open();
    c.model.script('long', { text: 'Late.', delay: 20000 });
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
      const run = c.print(['go @@long']);
      const start = await c.hook('UserPromptSubmit');
      await sleep(1500);
      const killed = Date.now();
      process.kill(run.pid, signal);
      await run.ended;
      await c.hook('SessionEnd');
      c.turn(start, killed, 'killed', `${signal}: exit ${run.code ?? run.signal}`);
    }
    return 'The agent is told to end in the middle of a turn, by three signals.';
  },

  'print-sigkill-resume': async (c) => {
    await c.open();
    c.model.script('long', { text: 'Late.', delay: 20000 });
    c.model.script('short', { text: 'Back again.', delay: 1000 });
    const run = c.print(['go @@long']);
    const start = await c.hook('UserPromptSubmit');
    await sleep(1500);
    const killed = Date.now();
    run.signalGroup('SIGKILL');
    await run.ended;
    c.turn(start, killed, 'killed', 'SIGKILL: no hook says so');
    await sleep(3000);
    await whole(c, c.print(['--resume', start.payload.session_id, 'go @@short']), 'done', 'the session goes on; its start is its own');
    return 'A turn left open by SIGKILL, then the session is resumed.';
  },
};
