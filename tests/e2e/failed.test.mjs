// SPDX-License-Identifier: MIT
// Failed turns of `claude -p`: their hook is sent SIGTERM within milliseconds and SIGKILL a little later, and the
// message must come through all the same, every time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed } from './lib/messages.mjs';
import { allowed, bash, suite, world } from './lib/world.mjs';

// The agent's own words for what the model's side did wrong.
const serverSide = (w, status, message) =>
  `API Error: ${status} ${message}. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (${new URL(w.model.url).host}).`;

suite('failed turns in print mode', { concurrency: 2 }, () => {
  test('50 of 50 are told, once each', { timeout: 400000 }, async (t) => {
    const w = await world(t, { threshold: '1s', record: false });
    w.script('fail', { error: { status: 500 }, delay: 1300 });
    const jobs = Array.from({ length: 50 }, (_, n) => `go @@fail job-${String(n).padStart(2, '0')}`);
    const waiting = [...jobs];
    const worker = async () => {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const run = await w.print([job]).ended;
        assert.equal(run.code, 1, run.stdout);
      }
    };
    await Promise.all(Array.from({ length: 5 }, worker));
    const told = await w.toldInAll(jobs.map((job) => failed(job, serverSide(w, 500, 'A scripted error'))), { sorted: true });
    assert.equal(new Set(told.map(({ session }) => session)).size, 50);
  });

  test('each kind of failure is told', async (t) => {
    const w = await world(t);
    const kinds = {
      e400: [400, 'API Error: 400 scripted 400'],
      e401: [401, 'Failed to authenticate. API Error: 401 scripted 401'],
      e429: [429, 'API Error: Request rejected (429) · scripted 429'],
      e529: [529, serverSide(w, 529, 'scripted 529')],
    };
    // The agent asks again after a 400, in other words.
    for (const [name, [status]] of Object.entries(kinds)) w.script(name, { error: { status, message: `scripted ${status}` }, delay: name === 'e400' ? 2000 : 6500 });
    w.script('cut', { drop: true, delay: 6500 });
    const names = [...Object.keys(kinds), 'cut'];
    await Promise.all(names.map((name) => w.print([`go @@${name}`]).ended));
    const cut = failed('go @@cut', 'API Error: Connection dropped (ECONNRESET). Check the gateway set in ANTHROPIC_BASE_URL, then try again.');
    await w.toldInAll([cut, ...Object.entries(kinds).map(([name, [, text]]) => failed(`go @@${name}`, text))], { sorted: true });
  });

  test('a failure under the threshold is silent', async (t) => {
    const w = await world(t);
    w.script('short', { error: { status: 401 } });
    const run = await w.print(['go @@short']).ended;
    assert.equal(run.code, 1);
    await w.toldInAll([]);
  });

  test('a turn that runs into --max-turns, of which no hook tells, is told as failed', async (t) => {
    const w = await world(t, { settings: allowed });
    w.script('tools', { tools: [bash('sleep 7')] }, { text: 'Never seen.' });
    const run = await w.print(['--max-turns', '1', 'go @@tools']).ended;
    assert.equal(run.code, 1);
    await w.toldInAll([failed('go @@tools', 'Reached max turns (1)')]);
    assert.deepEqual(w.hooks().filter(({ payload }) => payload.hook_event_name.startsWith('Stop')), []);
  });
});
