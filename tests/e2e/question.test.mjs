// SPDX-License-Identifier: MIT
// Questions of the agent on its interactive screen: told when they are left waiting, and only then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, waiting } from './lib/messages.mjs';
import { bash, dialog, plan, question, suite, world } from './lib/world.mjs';

const approval = (command) => waiting('go @@ask', `Bash needs your approval: ${command}`);
// The agent reminds of its dialog six seconds after it opened.
const reminderAfter = 5500;

suite('questions', { concurrency: 3 }, () => {
  test('a permission answered in time is silent, and the wait is not counted as work', async (t) => {
    const w = await world(t, { threshold: '14s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.', delay: 6000 });
    const s = await w.screen();
    await s.submit('go @@ask');
    const start = await w.hook('UserPromptSubmit');
    await w.hook('Notification');
    await w.older(start, 10000);
    await s.answer(dialog, 'Enter');
    const stop = await w.hook('Stop');
    assert.ok(stop.time - start.time > 14000, 'with the wait the turn was over the threshold');
    await w.toldInAll([]);
  });

  test('a permission left waiting is told once, after the reminder of the agent', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    const asked = await w.hook('PermissionRequest');
    const [message] = await w.tells([approval('touch out')]);
    assert.ok(message.time - asked.time > reminderAfter, `told ${message.time - asked.time} ms after the question`);
    await w.rests();
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.toldInAll([approval('touch out')]);
  });

  test('a permission left waiting is not told before the run reaches the threshold, and then with its whole age', async (t) => {
    const w = await world(t, { threshold: '12s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    const start = await w.hook('UserPromptSubmit');
    const reminder = await w.hook('Notification');
    const [message] = await w.tells([approval('touch out')]);
    assert.ok(message.time - start.time > 11800, `told ${message.time - start.time} ms after the start`);
    assert.ok(reminder.time < message.time);
    await s.terminate();
    await w.toldInAll([approval('touch out')]);
  });

  test('a permission approved at once whose tool outlasts the threshold is never told as a question', async (t) => {
    const w = await world(t, { threshold: '4s' });
    w.script('ask', { tools: [bash('sleep 13; touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    const [message] = await w.toldInAll([done('go @@ask', 'Done.')]);
    assert.ok(message.seconds >= 13);
  });

  test('a permission given after the reminder but before the threshold is not told, the long tool only at its end', async (t) => {
    const w = await world(t, { threshold: '15s' });
    w.script('ask', { tools: [bash('sleep 17; touch out')] }, { text: 'Done.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('Notification');
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    const [message] = await w.toldInAll([done('go @@ask', 'Done.')]);
    assert.ok(message.seconds >= 17);
  });

  test('a permission answered and followed by long work: only the end is told', async (t) => {
    const w = await world(t);
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Done.', delay: 6500 });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('PermissionRequest');
    await s.answer(dialog, 'Enter');
    await w.hook('Stop');
    await w.toldInAll([done('go @@ask', 'Done.')]);
  });

  test('a permission that the user refuses is silent', async (t) => {
    const w = await world(t, { threshold: '4s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Never seen.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.older(await w.hook('PermissionRequest'), 4200);
    await s.answer(dialog, 'Escape');
    await w.toldInAll([]);
  });

  test('a permission refused after the reminder but before the threshold is silent', async (t) => {
    const w = await world(t, { threshold: '15s' });
    w.script('ask', { tools: [bash('touch out')] }, { text: 'Never seen.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.hook('Notification');
    await s.answer(dialog, 'Escape');
    await w.rests(); // it is for the agent's own records to show it: no hook tells of it, and the session stays open
    await w.toldInAll([]);
  });

  test('two permissions of one turn that are both left waiting are two questions', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [bash('touch one')] }, { tools: [bash('touch two')] }, { text: 'Done.' });
    const dialogFor = (command) => new RegExp(`${command}(?:(?!touch)[^])*Do you want to proceed`);
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.tells([approval('touch one')]);
    await s.answer(dialogFor('touch one'), 'Enter');
    await w.hook('PermissionRequest', 2);
    await w.tells([approval('touch one'), approval('touch two')]);
    await s.answer(dialogFor('touch two'), 'Enter');
    await w.hook('Stop');
    await w.toldInAll([approval('touch one'), approval('touch two')]);
  });

  test('a question of the model left waiting is told once', async (t) => {
    const w = await world(t, { threshold: '5s' });
    w.script('ask', { tools: [question] }, { text: 'Then blue.' });
    const s = await w.screen();
    await s.submit('go @@ask');
    await w.tells([waiting('go @@ask', 'Which colour?')]);
    await s.answer(/Which colour\?[^]*Enter to select/, 'Enter');
    await w.hook('Stop');
    await w.toldInAll([waiting('go @@ask', 'Which colour?')]);
  });

  test('a plan left waiting for approval is told once', async (t) => {
    const w = await world(t);
    w.script('plan', { tools: [plan] }, { text: 'I follow it.' });
    const s = await w.screen(['--permission-mode', 'plan']);
    await s.submit('go @@plan');
    await w.tells([waiting('go @@plan', 'A plan needs your approval.')]);
    await s.terminate();
    await w.toldInAll([waiting('go @@plan', 'A plan needs your approval.')]);
  });
});
