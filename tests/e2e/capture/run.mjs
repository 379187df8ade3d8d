// SPDX-License-Identifier: MIT
// Records the named cases (all without names): node capture/run.mjs [case ...]
import { Capture } from './record.mjs';
import print from './print.mjs';
import interactive from './interactive.mjs';

const wanted = process.argv.slice(2);
const all = [...Object.entries(print).map((row) => ['print', ...row]), ...Object.entries(interactive).map((row) => ['interactive', ...row])];
const chosen = all.filter(([, name]) => !wanted.length || wanted.some((want) => name === want || (want.endsWith('*') && name.startsWith(want.slice(0, -1)))));
let failed = 0;
for (const [mode, name, play] of chosen) {
  const capture = new Capture(name, mode);
  try {
    const note = await play(capture);
    const result = await capture.finish(note);
    console.log(`${name}: ${result.turns.length} turns, ${result.hooks.length} hooks. ${note}`);
  } catch (error) {
    failed++;
    console.error(`${name}: ${error.stack}`);
  } finally {
    await capture.close();
  }
}
process.exit(failed ? 1 : 0);
