// SPDX-License-Identifier: MIT
// What arrives at the person's webhook, word for word, and what a case expects to have arrived.
import assert from 'node:assert/strict';
import os from 'node:os';

// asked is the prompt of the turn; says, error and waits are what the message is about.
export const done = (asked, says) => ({ title: '✅ Task finished', asked, text: says });
export const failed = (asked, error) => ({ title: '❌ Task failed', asked, text: error });
export const waiting = (asked, waits) => ({ title: '✋ Waiting for you', asked, text: waits });
export const over = (asked, says) => ({ title: '✅ Turn over, 1 task still running', asked, text: says });

const place = `claude-code · ${os.hostname().split('.')[0]}`;

// The duration is checked apart from the text, and the session is known by the hook's record of the prompt.
export const expectedText = ({ title, asked, text }, home) =>
  `${title} · project\n${text}\n\nAsked: ${asked}\n${place}\nResume: cd ${home.project} && claude --resume SESSION`;

export function read(request) {
  assert.equal(request.method, 'POST');
  assert.equal(request.headers['content-type'], 'application/json');
  const { title, content, ...rest } = JSON.parse(request.body);
  assert.deepEqual(rest, {}, 'the webhook gets the two fields of WEBHOOK_BODY and no others');
  const [, outcome, minutes, seconds] = title.match(/^(.*) · (?:(\d+) min )?(\d+) s$/) ?? [];
  assert.ok(outcome, `no duration in the title: ${title}`);
  const [, session] = content.match(/--resume ([0-9a-f-]{36})$/) ?? [];
  return {
    time: request.time,
    text: `${outcome}\n${session ? content.replace(session, 'SESSION') : content}`,
    session,
    asked: content.match(/^Asked: (.*)$/m)?.[1],
    seconds: Number(minutes ?? 0) * 60 + Number(seconds),
  };
}
