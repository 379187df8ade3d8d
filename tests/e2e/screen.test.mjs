// SPDX-License-Identifier: MIT
// The agent on its interactive screen, from its hooks to the person's webhook: ends of turns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, failed, over } from './lib/messages.mjs';
import { allowed, bash, subAgent, suite, world } from './lib/world.mjs';

suite('interactive screen', { concurrency: 3 }, () => {
  test('a turn over the threshold is told once, one under it is silent, and the idle reminder adds nothing', async (t) => {
    const w = await world(t, { idleMs: 3000 });
    w.script('long', { text: 'Long.', delay: 6500 });
    w.script('short', { text: 'Short.', delay: 300 });
    const s = await w.screen();
    await s.submit('go @@short');
    await w.hook('Stop');
    await s.free();
    await s.submit('go @@long');
    await w.hook('Stop', 2);
    await w.tells([done('go @@long', 'Long.')]);
    const idle = await w.hook('Notification');
    assert.equal(idle.payload.notification_type, 'idle_prompt');
    await w.toldInAll([done('go @@long', 'Long.')]);
  });

  test('a failed turn is told once', async (t) => {
    const w = await world(t);
    w.script('fail', { error: { status: 401, message: 'scripted 401' }, delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@fail');
    const message = failed('go @@fail', 'Please run /login · API Error: 401 scripted 401');
    await w.tells([message]);
    await w.toldInAll([message]);
  });

  test('an interrupted turn is silent and does not lengthen the next', async (t) => {
    const w = await world(t);
    w.script('cut', { text: 'Never seen.', delay: 60000 });
    w.script('short', { text: 'Short.', delay: 300 });
    w.script('long', { text: 'Long.', delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@cut');
    await w.older(await w.hook('UserPromptSubmit'), 6500);
    await s.interrupt();
    await s.submit('go @@short');
    await w.hook('Stop');
    await s.free();
    await s.submit('go @@long');
    await w.hook('Stop', 2);
    await w.toldInAll([done('go @@long', 'Long.')]);
  });

  test('a turn interrupted while a tool runs is silent, and the next prompt is a run of its own', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tool', { tools: [bash('sleep 20')] }, { text: 'Never seen.' });
    w.script('long', { text: 'Long.', delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@tool');
    await w.older(await w.hook('UserPromptSubmit'), 6500);
    await s.until('$ sleep 20');
    await s.interrupt();
    await s.submit('go @@long');
    await w.hook('Stop');
    await w.toldInAll([done('go @@long', 'Long.')]);
  });

  test('a session that is closed in the middle of a turn is silent', async (t) => {
    const w = await world(t);
    w.script('cut', { text: 'Never seen.', delay: 60000 });
    const s = await w.screen();
    await s.submit('go @@cut');
    await w.older(await w.hook('UserPromptSubmit'), 6500);
    await s.terminate();
    await w.hook('SessionEnd');
    await w.toldInAll([]);
  });

  test('a prompt queued behind a running turn is a run of its own, from the end of the one before', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 7000 });
    w.script('short', { text: 'Short.', delay: 300 });
    const s = await w.screen();
    await s.submit('go @@long');
    await w.hook('UserPromptSubmit');
    await s.submit('go @@short');
    await w.hook('Stop', 2);
    await w.toldInAll([done('go @@long', 'Long.')]);
  });

  test('a queued prompt that takes long is told with its own words and without the time of the turn before it', async (t) => {
    const w = await world(t);
    w.script('first', { text: 'First.', delay: 4000 });
    w.script('long', { text: 'Long.', delay: 7000 });
    const s = await w.screen();
    await s.submit('go @@first');
    await w.hook('UserPromptSubmit');
    await s.submit('go @@long');
    const first = await w.hook('Stop');
    await w.hook('Stop', 2);
    const [message] = await w.toldInAll([done('go @@long', 'Long.')]);
    assert.ok(message.seconds <= (message.time - first.time) / 1000 + 1, `${message.seconds} s`);
  });

  test('a prompt folded into the running turn belongs to it', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tool', { tools: [bash('sleep 7')] }, { text: 'All of it.', delay: 500 });
    const s = await w.screen();
    await s.submit('go @@tool');
    await s.until('$ sleep 7');
    await s.submit('and be brief');
    await w.hook('Stop');
    await w.toldInAll([done('go @@tool', 'All of it.')]);
  });

  test('a server in the background that never ends: the turn is told as over after the grace', async (t) => {
    const w = await world(t, { settings: allowed, env: { MCP_PUSH_BACKGROUND_GRACE: '5s' } });
    w.script('server', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'It runs.', delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@server');
    const stop = await w.hook('Stop');
    const [message] = await w.tells([over('go @@server', 'It runs.')]);
    assert.ok(message.time - stop.time > 4500, `told ${message.time - stop.time} ms after the turn stopped`);
    await w.toldInAll([over('go @@server', 'It runs.')]);
  });

  test('a server in the background that never ends: the idle reminder tells the turn before the grace is over', async (t) => {
    const w = await world(t, { settings: allowed, idleMs: 3000, env: { MCP_PUSH_BACKGROUND_GRACE: '10min' } });
    w.script('server', { tools: [bash('sleep 1000', { run_in_background: true })] }, { text: 'It runs.', delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@server');
    await w.hook('Notification');
    await w.tells([over('go @@server', 'It runs.')]);
    await w.toldInAll([over('go @@server', 'It runs.')]);
  });

  test('a shell in the background that ends: the turn is told once, at its true end', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('bg', { tools: [bash('sleep 7', { run_in_background: true })] }, { text: 'Started.' });
    const s = await w.screen();
    await s.submit('go @@bg');
    await w.hook('Stop', 2);
    const [message] = await w.toldInAll([done('go @@bg', 'Background came back.')]);
    assert.ok(message.seconds >= 7, 'with the time of the shell');
  });

  test('a sub-agent in the background: the turn is told once, when it has come back', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('main', { tools: [subAgent('please look @@sub')] }, { text: 'Started it.' });
    w.script('sub', { text: 'Nothing found.', delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@main');
    await w.hook('Stop', 2);
    const [message] = await w.toldInAll([done('go @@main', 'Background came back.')]);
    assert.ok(message.seconds >= 6, 'with the time of the agent');
  });

  test('two screens in one project are told once each', async (t) => {
    const w = await world(t);
    w.script('one', { text: 'The first has ended.', delay: 6500 });
    w.script('two', { text: 'The second has ended.', delay: 6500 });
    const [one, two] = [await w.screen(), await w.screen()];
    await one.submit('go @@one');
    await two.submit('go @@two');
    await w.hook('Stop', 2);
    await w.toldInAll([done('go @@one', 'The first has ended.'), done('go @@two', 'The second has ended.')], { sorted: true });
  });

  test('a session resumed on the screen starts its clock anew', async (t) => {
    const w = await world(t);
    w.script('long', { text: 'Long.', delay: 6500 });
    w.script('short', { text: 'Short.', delay: 300 });
    const first = await w.screen();
    await first.submit('go @@long');
    const { payload } = await w.hook('Stop');
    await first.exit();
    const second = await w.screen(['--permission-mode', 'default', '--resume', payload.session_id]);
    await second.submit('go @@short');
    await w.hook('Stop', 2);
    await w.toldInAll([done('go @@long', 'Long.')]);
  });
});
