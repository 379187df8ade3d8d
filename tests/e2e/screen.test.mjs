// SPDX-License-Identifier: MIT
// The agent on its interactive screen, from its hooks to the person's webhook: ends of turns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowed, bash, sleep, subAgent, suite, world } from './lib/world.mjs';

suite('interactive screen', { concurrency: 3 }, () => {
  test('a turn over the threshold is told once, one under it is silent, and the idle reminder adds nothing', async (t) => {
    const w = await world(t, { idleMs: 3000 });
    w.script('long', { text: 'Long.', delay: 4000 });
    w.script('short', { text: 'Short.', delay: 800 });
    const s = await w.screen();
    await s.submit('go @@short');
    await w.hook('Stop');
    await w.tells([], { within: 0 });
    await s.submit('go @@long');
    await w.hook('Stop', 2);
    await w.tells(['done']);
    await w.hook('Notification', 1, 20000);
    await w.tells(['done']);
    await s.exit();
    await w.tells(['done'], { within: 0 });
  });

  test('a failed turn is told once', async (t) => {
    const w = await world(t);
    w.script('fail', { error: { status: 500 }, delay: 4000 });
    const s = await w.screen();
    await s.submit('go @@fail');
    await w.tells(['failed'], { within: 15000 });
    await s.exit();
    await w.tells(['failed'], { within: 0 });
  });

  test('an interrupted turn is silent and does not lengthen the next', async (t) => {
    const w = await world(t);
    w.script('cut', { text: 'Never seen.', delay: 60000 });
    w.script('short', { text: 'Short.', delay: 1000 });
    w.script('long', { text: 'Long.', delay: 4000 });
    const s = await w.screen();
    await s.submit('go @@cut');
    await w.hook('UserPromptSubmit');
    await sleep(4000);
    await s.keys('Escape');
    await sleep(1000);
    await s.keys('C-u');
    await s.submit('go @@short');
    await w.hook('Stop');
    await w.tells([], { within: 0 });
    await s.submit('go @@long');
    await w.hook('Stop', 2);
    await w.tells(['done']);
    assert.match(w.sink.requests[0].body, /Long\./);
  });

  test('a turn interrupted while a tool runs is silent, and the next prompt is a run of its own', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tool', { tools: [bash('sleep 20')] }, { text: 'Never seen.' });
    w.script('long', { text: 'Long.', delay: 4000 });
    const s = await w.screen();
    await s.submit('go @@tool');
    await w.hook('UserPromptSubmit');
    await sleep(4500);
    await s.keys('Escape');
    await sleep(1000);
    await s.keys('C-u');
    await s.submit('go @@long');
    await w.hook('Stop');
    await w.tells(['done']);
    await s.exit();
    await w.tells(['done'], { within: 0 });
  });

  test('a prompt queued behind a running turn is a run of its own, from the end of the one before', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 5000 });
    w.script('short', { text: 'Short.', delay: 1200 });
    const s = await w.screen();
    await s.submit('go @@long');
    await w.hook('UserPromptSubmit');
    await sleep(500);
    await s.submit('go @@short');
    await w.hook('Stop', 2);
    await w.tells(['done']);
    assert.match(w.sink.requests[0].body, /Long\./);
  });

  test('a prompt folded into the running turn belongs to it', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tool', { tools: [bash('sleep 4')] }, { text: 'All of it.', delay: 500 });
    const s = await w.screen();
    await s.submit('go @@tool');
    await w.hook('UserPromptSubmit');
    await sleep(1200);
    await s.submit('and be brief');
    await w.hook('Stop');
    await w.tells(['done']);
    await s.exit();
    await w.tells(['done'], { within: 0 });
  });

  test('a server in the background that never ends: the turn is told as over after the grace', async (t) => {
    const w = await world(t, { settings: allowed, env: { MCP_PUSH_BACKGROUND_GRACE: '5s' } });
    w.script('server', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'It runs.', delay: 4000 });
    const s = await w.screen();
    await s.submit('go @@server');
    const stop = await w.hook('Stop');
    await w.tells(['over'], { within: 9000 });
    const after = w.sink.requests[0].time - stop.time;
    assert.ok(after > 4500 && after < 8000, `told ${after} ms after the turn stopped`);
    await s.exit();
    await w.tells(['over'], { within: 0 });
  });

  test('a server in the background that never ends: the idle reminder tells the turn before the grace is over', async (t) => {
    const w = await world(t, { settings: allowed, idleMs: 3000, env: { MCP_PUSH_BACKGROUND_GRACE: '60s' } });
    w.script('server', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'It runs.', delay: 4000 });
    const s = await w.screen();
    await s.submit('go @@server');
    await w.hook('Stop');
    const idle = await w.hook('Notification', 1, 20000);
    await w.tells(['over']);
    assert.ok(w.sink.requests[0].time - idle.time < 3000);
  });

  test('a shell in the background that ends: the turn is told once, at its true end', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('bg', { tools: [bash('sleep 5', { run_in_background: true })] }, { text: 'Started.' });
    const s = await w.screen();
    await s.submit('go @@bg');
    const last = await w.hook('Stop', 2);
    await w.tells(['done']);
    assert.ok(w.sink.requests[0].time >= last.time - 200);
  });

  test('a sub-agent in the background: the turn is told once, when it has come back', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub')] }, { text: 'Started it.' });
    w.script('sub', { text: 'Nothing found.', delay: 5000 });
    const s = await w.screen();
    await s.submit('go @@main');
    const last = await w.hook('Stop', 2);
    await w.tells(['done']);
    assert.ok(w.sink.requests[0].time >= last.time - 200);
  });

  test('two screens in one project are told once each', async (t) => {
    const w = await world(t);
    w.script('one', { text: 'The first has ended.', delay: 4500 });
    w.script('two', { text: 'The second has ended.', delay: 4500 });
    const one = await w.screen();
    const two = await w.screen();
    await one.submit('go @@one');
    await two.submit('go @@two');
    await w.hook('Stop', 2);
    await w.tells(['done', 'done']);
  });
});
