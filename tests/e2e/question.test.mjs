// SPDX-License-Identifier: MIT
// Questions of the agent on its interactive screen: told when they are left waiting, and only then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bash, dialog, plan, question, sleep, suite, world } from './lib/world.mjs';

const since = (w, from) => w.sink.requests[0].time - from.time;

suite('questions', { concurrency: 3 }, () => {
  test('a permission answered in time is silent, and the wait is not counted as work', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [bash('sleep 1; touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('PermissionRequest');
    await sleep(4500);
    await s.answer(dialog, 'Enter');
    const stop = await w.hook('Stop');
    assert.ok(stop.time - w.hooks('UserPromptSubmit')[0].time > 5200, 'with the wait the turn was over the threshold');
    await w.tells([]);
  });

  test('a permission left waiting is told once, after the reminder of the agent', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    const reminder = await w.hook('Notification', 1, 20000);
    await w.tells(['question']);
    assert.ok(since(w, reminder) > -300 && since(w, reminder) < 3000, `told ${since(w, reminder)} ms after the reminder`);
    await sleep(4000);
    await w.tells(['question']);
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.tells(['question']);
  });

  test('a permission left waiting is not told before the run reaches the threshold', async (t) => {
    const w = await world(t, { threshold: '11s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    const start = await w.hook('UserPromptSubmit');
    await w.hook('Notification', 1, 20000);
    await w.tells(['question'], { within: 12000 });
    assert.ok(since(w, start) > 10800 && since(w, start) < 14500, `told ${since(w, start)} ms after the start`);
  });

  test('a permission approved at once whose tool outlasts the threshold is never told as a question', async (t) => {
    const w = await world(t);
    w.script('tool', { tools: [bash('sleep 12; touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@tool');
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.tells(['done']);
  });

  test('a permission given after the reminder but before the threshold is not told, the long tool only at its end', async (t) => {
    const w = await world(t, { threshold: '10s' });
    w.script('tool', { tools: [bash('sleep 13; touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@tool');
    await w.hook('Notification', 1, 20000);
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.tells(['done']);
  });

  test('a permission answered and followed by long work: only the end is told', async (t) => {
    const w = await world(t);
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.', delay: 5000 });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('PermissionRequest');
    await sleep(1500);
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.tells(['done']);
  });

  test('a permission that the user refuses is silent', async (t) => {
    const w = await world(t);
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Never seen.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('PermissionRequest');
    await sleep(3500);
    await s.answer(dialog, 'Escape');
    await sleep(6000);
    await w.tells([], { within: 0 });
  });

  test('two permissions of one turn that are both left waiting are two questions', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [bash('touch one')] }, { tools: [bash('touch two')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('Notification', 1, 20000);
    await w.tells(['question'], { quiet: 300 });
    await s.answer(dialog, 'Enter');
    await w.hook('PermissionRequest', 2);
    await w.hook('Notification', 2, 20000);
    await w.tells(['question', 'question'], { quiet: 300 });
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.tells(['question', 'question']);
  });

  test('a question of the model left waiting is told once', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [question] }, { text: 'Then blue.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('Notification', 1, 20000);
    await w.tells(['question']);
    assert.match(w.sink.requests[0].body, /Which colour\?/);
    await s.answer(/Which colour\?[^]*Enter to select/, 'Enter');
    await w.hook('Stop');
    await w.tells(['question']);
  });

  test('a plan left waiting for approval is told once', async (t) => {
    const w = await world(t);
    w.script('plan', { tools: [plan] }, { text: 'I follow it.' });
    const s = await w.screen(['--permission-mode', 'plan']);
    await s.submit('go @@plan');
    await w.hook('Notification', 1, 20000);
    await w.tells(['question']);
  });
});
