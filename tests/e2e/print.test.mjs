// SPDX-License-Identifier: MIT
// The agent in print mode (`claude -p`), from its hooks to the person's webhook.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowed, bash, sleep, subAgent, suite, timed, timings, world } from './lib/world.mjs';

suite('print mode', { concurrency: 3 }, () => {
  test('a turn over the threshold is told once', async (t) => {
    const w = await world(t);
    w.script('slow', { text: 'It is done.', delay: 4000 });
    await w.print(['go @@slow']).ended;
    await w.tells(['done']);
    assert.match(w.sink.requests[0].body, /It is done/, 'the last answer is in the message');
    assert.equal(w.sink.requests[0].method, 'POST');
    assert.equal(w.sink.requests[0].headers['content-type'], 'application/json');
    assert.ok(w.sink.requests[0].title, 'the body is JSON with a title');
  });

  test('a turn under the threshold is silent', async (t) => {
    const w = await world(t);
    w.script('quick', { text: 'It is done.', delay: 500 });
    await w.print(['go @@quick']).ended;
    await w.tells([], { within: 0 });
  });

  test('a turn with tools, one of which fails, is told once as finished', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tools', { tools: [bash('sleep 2; exit 3')] }, { tools: [bash('sleep 2')] }, { text: 'Done.' });
    await w.print(['go @@tools']).ended;
    await w.tells(['done']);
  });

  test('the hook prints nothing and ends well whatever happens', async (t) => {
    const w = await world(t, { hook: timed, settings: allowed });
    w.script('tools', { tools: [bash('sleep 4')] }, { text: 'Done.' });
    const run = await w.print(['go @@tools']).ended;
    assert.equal(run.stdout, 'Done.\n');
    await w.tells(['done']);
    for (const call of timings(w.home)) assert.deepEqual({ code: call.code, bytes: call.bytes }, { code: 0, bytes: 0 });
  });

  test('a turn is told at its true end when a task in the background still runs', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('bg', { tools: [bash('sleep 5; echo end', { run_in_background: true })] }, { text: 'Started.' });
    await w.print(['go @@bg']).ended;
    await w.tells(['done']);
    const [, last] = w.hooks('Stop');
    assert.ok(w.sink.requests[0].time >= last.time - 200, 'not at the first Stop');
  });

  test('a sub-agent that is waited for is silent and the main turn is told once', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub', { run_in_background: false })] }, { text: 'The agent is back.' });
    w.script('sub', { tools: [bash('sleep 2')], delay: 1000 }, { text: 'Nothing found.', delay: 1500 });
    await w.print(['go @@main']).ended;
    await w.tells(['done']);
    assert.match(w.sink.requests[0].body, /The agent is back/);
  });

  test('a sub-agent in the background is silent and the main turn is told once, when it has come back', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub')] }, { text: 'Started it.' });
    w.script('sub', { text: 'Nothing found.', delay: 4500 });
    await w.print(['go @@main']).ended;
    await w.tells(['done']);
    assert.equal(w.hooks('Stop').length, 2);
    assert.ok(w.sink.requests[0].time >= w.hooks('Stop')[1].time - 200, 'not at the first Stop');
  });

  test('a sub-agent that fails is no failure of the turn', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub')] }, { text: 'Started it.' });
    w.script('sub', { error: { status: 500 }, delay: 4500 });
    await w.print(['go @@main']).ended;
    await w.tells(['done']);
  });

  test('two sessions at once are told once each', async (t) => {
    const w = await world(t);
    w.script('one', { text: 'The first has ended.', delay: 4500 });
    w.script('two', { text: 'The second has ended.', delay: 5500 });
    await Promise.all([w.print(['go @@one']).ended, w.print(['go @@two']).ended]);
    await w.tells(['done', 'done']);
    const bodies = w.sink.requests.map((request) => request.body);
    assert.equal(bodies.filter((body) => body.includes('The first has ended')).length, 1);
    assert.equal(bodies.filter((body) => body.includes('The second has ended')).length, 1);
  });

  test('a resumed session starts its clock anew', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 4000 });
    w.script('short', { text: 'Short.', delay: 1000 });
    await w.print(['go @@long']).ended;
    const { payload } = await w.hook('UserPromptSubmit');
    await w.tells(['done']);
    await sleep(2000);
    await w.print(['--resume', payload.session_id, 'go @@short']).ended;
    await w.tells(['done'], { within: 0 });
    await w.print(['--resume', payload.session_id, 'go @@long']).ended;
    await w.tells(['done', 'done']);
  });

  test('an open turn left by SIGKILL does not lengthen the turn of the resumed session', async (t) => {
    const w = await world(t);
    w.script('cut', { text: 'Never seen.', delay: 60000 });
    w.script('short', { text: 'Short.', delay: 1000 });
    const run = w.print(['go @@cut']);
    const { payload } = await w.hook('UserPromptSubmit');
    await sleep(2500);
    run.signalGroup('SIGKILL');
    await run.ended;
    await sleep(1500);
    await w.print(['--resume', payload.session_id, 'go @@short']).ended;
    await w.tells([], { within: 0 });
  });

  test('two prompts of one process are two runs', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 4000 });
    w.script('short', { text: 'Short.', delay: 1000 });
    const message = (text) => `${JSON.stringify({ type: 'user', message: { role: 'user', content: text } })}\n`;
    const run = w.print(['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'], { input: null });
    for (const [n, name] of [[1, 'short'], [2, 'long'], [3, 'short']]) {
      run.stdin.write(message(`go @@${name}`));
      await w.hook('Stop', n);
      await sleep(800);
    }
    run.stdin.end();
    await run.ended;
    await w.tells(['done']);
    assert.match(w.sink.requests[0].body, /Long\./);
  });

  test("a turn that another tool's Stop hook sent back once is told once", async (t) => {
    const w = await world(t, { otherHooks: { Stop: [`sh -c 'grep -q "stop_hook_active\\":true" || { echo go on >&2; exit 2; }'`] } });
    w.script('twice', { text: 'I think I am done.', delay: 4000 }, { text: 'Now I am.', delay: 1500 });
    await w.print(['go @@twice']).ended;
    await w.tells(['done']);
  });

  test('an endpoint that hangs holds neither hook nor agent', async (t) => {
    const w = await world(t, { hook: timed });
    w.sink.mode = 'hang';
    w.script('slow', { text: 'It is done.', delay: 4000 });
    const run = await w.print(['go @@slow']).ended;
    await w.tells(['done'], { quiet: 0 });
    const after = run.started + run.took - w.hooks('Stop')[0].time;
    assert.ok(after < 3000, `the agent ended ${after} ms after its turn`);
    const slowest = Math.max(...timings(w.home).map((call) => call.ms));
    assert.ok(slowest < 700, `a hook took ${slowest} ms`);
  });

  test('an endpoint that fails is tried again until it answers', async (t) => {
    const w = await world(t);
    w.sink.mode = 'refuse';
    w.script('slow', { text: 'It is done.', delay: 4000 });
    await w.print(['go @@slow']).ended;
    await w.tells(['done'], { quiet: 0 });
    w.sink.mode = 'answer';
    await w.tells(['done', 'done'], { within: 12000 });
  });

  test('the message arrives although the agent and its group were killed right after the Stop hook', async (t) => {
    const w = await world(t, { hook: (binary) => `i=$(cat); printf %s "$i" | '${binary}'; case $i in *'"Stop"'*) kill -9 -$CLAUDE_PID;; esac` });
    w.script('slow', { text: 'It is done.', delay: 4000 });
    const run = await w.print(['go @@slow']).ended;
    assert.equal(run.signal, 'SIGKILL');
    await w.tells(['done']);
  });

  test('a permission that print mode denies by itself is no question', async (t) => {
    const w = await world(t);
    w.script('deny', { tools: [bash('touch forbidden')] }, { text: 'I was not allowed.', delay: 4000 });
    await w.print(['go @@deny']).ended;
    await w.tells(['done']);
  });
});
