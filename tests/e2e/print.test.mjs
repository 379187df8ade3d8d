// SPDX-License-Identifier: MIT
// The agent in print mode (`claude -p`), from its hooks to the person's webhook.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done } from './lib/messages.mjs';
import { allowed, bash, observations, observed, subAgent, suite, world } from './lib/world.mjs';

suite('print mode', { concurrency: 3 }, () => {
  test('a turn over the threshold is told once', async (t) => {
    const w = await world(t);
    w.script('slow', { text: 'It is done.', delay: 6500 });
    await w.print(['go @@slow']).ended;
    await w.toldInAll([done('go @@slow', 'It is done.')]);
  });

  test('a turn under the threshold is silent', async (t) => {
    const w = await world(t);
    w.script('quick', { text: 'It is done.', delay: 300 });
    await w.print(['go @@quick']).ended;
    await w.hook('Stop');
    await w.toldInAll([]);
  });

  test('a turn with tools, one of which fails, is told once as finished', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tools', { tools: [bash('sleep 3; exit 3')] }, { tools: [bash('sleep 4')] }, { text: 'Done.' });
    await w.print(['go @@tools']).ended;
    await w.toldInAll([done('go @@tools', 'Done.')]);
  });

  test('the hook prints nothing and ends well whatever happens', async (t) => {
    const w = await world(t, { hook: observed, settings: allowed });
    w.script('tools', { tools: [bash('sleep 7')] }, { text: 'Done.' });
    const run = await w.print(['go @@tools']).ended;
    assert.equal(run.stdout, 'Done.\n');
    await w.toldInAll([done('go @@tools', 'Done.')]);
    const calls = observations(w.home);
    assert.equal(calls.length, w.hooks().length);
    assert.deepEqual([...new Set(calls)], ['0 0']);
  });

  test('a turn is told at its true end when a task in the background still runs', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('bg', { tools: [bash('sleep 7; echo end', { run_in_background: true })] }, { text: 'Started.' });
    await w.print(['go @@bg']).ended;
    const [message] = await w.toldInAll([done('go @@bg', 'Background came back.')]);
    assert.equal(w.hooks('Stop').length, 2);
    assert.ok(message.seconds >= 7, 'with the time of the task');
  });

  test('a sub-agent that is waited for is silent and the main turn is told once', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub', { run_in_background: false })] }, { text: 'The agent is back.' });
    w.script('sub', { tools: [bash('sleep 2')], delay: 2500 }, { text: 'Nothing found.', delay: 2500 });
    await w.print(['go @@main']).ended;
    await w.toldInAll([done('go @@main', 'The agent is back.')]);
  });

  test('a sub-agent in the background is silent and the main turn is told once, when it has come back', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub')] }, { text: 'Started it.' });
    w.script('sub', { text: 'Nothing found.', delay: 6500 });
    await w.print(['go @@main']).ended;
    const [message] = await w.toldInAll([done('go @@main', 'Background came back.')]);
    assert.equal(w.hooks('Stop').length, 2);
    assert.ok(message.seconds >= 6, 'with the time of the agent');
  });

  test('a sub-agent that fails is no failure of the turn', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub')] }, { text: 'Started it.' });
    w.script('sub', { error: { status: 500 }, delay: 6500 });
    await w.print(['go @@main']).ended;
    assert.equal((await w.hook('StopFailure')).payload.agent_type, 'general-purpose');
    await w.toldInAll([done('go @@main', 'Background came back.')]);
  });

  test('two sessions at once are told once each', async (t) => {
    const w = await world(t);
    w.script('one', { text: 'The first has ended.', delay: 6500 });
    w.script('two', { text: 'The second has ended.', delay: 7000 });
    await Promise.all([w.print(['go @@one']).ended, w.print(['go @@two']).ended]);
    await w.toldInAll([done('go @@one', 'The first has ended.'), done('go @@two', 'The second has ended.')], { sorted: true });
  });

  test('a resumed session starts its clock anew', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 6500 });
    w.script('short', { text: 'Short.', delay: 300 });
    await w.print(['go @@long']).ended;
    const { payload } = await w.hook('UserPromptSubmit');
    await w.print(['--resume', payload.session_id, 'go @@short']).ended;
    await w.print(['--resume', payload.session_id, 'go @@long']).ended;
    const told = await w.toldInAll([done('go @@long', 'Long.'), done('go @@long', 'Long.')]);
    for (const { session } of told) assert.equal(session, payload.session_id);
    const again = w.hooks('UserPromptSubmit')[2];
    assert.ok(told[1].seconds <= (told[1].time - again.time) / 1000, 'from its own prompt');
  });

  test('an open turn left by SIGKILL does not lengthen the turn of the resumed session', async (t) => {
    const w = await world(t);
    w.script('cut', { text: 'Never seen.', delay: 60000 });
    w.script('short', { text: 'Short.', delay: 300 });
    const run = w.print(['go @@cut']);
    const start = await w.hook('UserPromptSubmit');
    await w.older(start, 6500);
    run.signalGroup('SIGKILL');
    await run.ended;
    await w.print(['--resume', start.payload.session_id, 'go @@short']).ended;
    await w.hook('Stop');
    await w.toldInAll([]);
  });

  test('two prompts of one process are two runs', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 6500 });
    w.script('short', { text: 'Short.', delay: 300 });
    const message = (text) => `${JSON.stringify({ type: 'user', message: { role: 'user', content: text } })}\n`;
    const run = w.print(['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'], { input: null });
    for (const [n, name] of [[1, 'short'], [2, 'long'], [3, 'short']]) {
      run.stdin.write(message(`go @@${name}`));
      await w.hook('Stop', n);
    }
    run.stdin.end();
    await w.toldInAll([done('go @@long', 'Long.')]);
  });

  test("a turn that another tool's Stop hook sent back once is told once, at its second end", async (t) => {
    const w = await world(t, { otherHooks: { Stop: [`sh -c 'grep -q "stop_hook_active\\":true" || { echo go on >&2; exit 2; }'`] } });
    w.script('twice', { text: 'I think I am done.', delay: 6500 }, { text: 'Now I am.', delay: 1500 });
    await w.print(['go @@twice']).ended;
    await w.toldInAll([done('go @@twice', 'Now I am.')]);
  });

  test('an endpoint that hangs holds the agent no longer than no hook at all', async (t) => {
    const [w, bare] = [await world(t), await world(t, { hook: () => 'true' })];
    w.sink.mode = 'hang';
    for (const { script } of [w, bare]) script('slow', { text: 'It is done.', delay: 6500 });
    const [held, free] = await Promise.all([w.print(['go @@slow']).ended, bare.print(['go @@slow']).ended]);
    await w.tells([done('go @@slow', 'It is done.')]);
    // The deliverer waits for an answer up to 20 s: an agent that waits with it is far beyond what load can explain.
    assert.ok(held.took < free.took + 6000, `${held.took} ms with the hook, ${free.took} ms without`);
    w.sink.release();
    await w.toldInAll([done('go @@slow', 'It is done.')]);
    await bare.toldInAll([]);
  });

  test('an endpoint that fails is tried again until it answers', async (t) => {
    const w = await world(t);
    w.sink.refusals = 1;
    w.script('slow', { text: 'It is done.', delay: 6500 });
    await w.print(['go @@slow']).ended;
    const message = done('go @@slow', 'It is done.');
    await w.toldInAll([message, message], { complains: /^[^\n]*500[^\n]*tried again in[^\n]*\n$/ });
  });

  test('the message arrives although the agent and its group were killed right after the Stop hook', async (t) => {
    const w = await world(t, { hook: (binary) => `i=$(cat); printf %s "$i" | '${binary}'; case $i in *'"Stop"'*) kill -9 -$CLAUDE_PID;; esac` });
    w.script('slow', { text: 'It is done.', delay: 6500 });
    const run = await w.print(['go @@slow']).ended;
    assert.equal(run.signal, 'SIGKILL');
    await w.toldInAll([done('go @@slow', 'It is done.')]);
  });

  test('a permission that print mode denies by itself is no question', async (t) => {
    const w = await world(t);
    w.script('deny', { tools: [bash('touch forbidden')] }, { text: 'I was not allowed.', delay: 6500 });
    await w.print(['go @@deny']).ended;
    await w.hook('PermissionRequest');
    await w.toldInAll([done('go @@deny', 'I was not allowed.')]);
  });
});
