// SPDX-License-Identifier: MIT
// Failed turns of `claude -p`: their hook is sent SIGTERM within milliseconds and SIGKILL a little later, and the
// message must come through all the same, every time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suite, world } from './lib/world.mjs';

suite('failed turns in print mode', {}, () => {
  test('50 of 50 are told, once each', { timeout: 240000 }, async (t) => {
    const w = await world(t, { threshold: '1s', record: false });
    w.script('fail', { error: { status: 500 }, delay: 1300 });
    const jobs = Array.from({ length: 50 }, (_, n) => `job-${String(n).padStart(2, '0')}`);
    const waiting = [...jobs];
    const worker = async () => {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const run = await w.print([`go @@fail ${job}`]).ended;
        assert.equal(run.code, 1, run.stdout);
      }
    };
    await Promise.all(Array.from({ length: 5 }, worker));
    await w.tells(jobs.map(() => 'failed'), { within: 10000, quiet: 3000 });
    for (const job of jobs) assert.equal(w.sink.requests.filter((request) => request.body.includes(job)).length, 1, job);
  });

  test('each kind of failure is told, a short one is silent', { timeout: 120000 }, async (t) => {
    const w = await world(t, { threshold: '4s', env: { CLAUDE_CODE_MAX_RETRIES: '1' } });
    const kinds = { e400: 400, e401: 401, e429: 429, e529: 529 };
    for (const [name, status] of Object.entries(kinds)) w.script(name, { error: { status, message: `scripted ${status}` }, delay: 4300 });
    w.script('cut', { drop: true, delay: 4300 });
    w.script('short', { error: { status: 401 } });
    const names = [...Object.keys(kinds), 'cut', 'short'];
    await Promise.all(names.map((name) => w.print([`go @@${name}`]).ended));
    await w.tells(Array(5).fill('failed'));
    for (const name of names) assert.equal(w.sink.requests.filter((request) => request.body.includes(`@@${name}`)).length, name === 'short' ? 0 : 1, name);
  });
});
