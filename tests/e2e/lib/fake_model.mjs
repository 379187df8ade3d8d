// SPDX-License-Identifier: MIT
// A stand-in for the model's HTTP API on loopback. What it answers is a script that the prompt names: "go @@plain"
// plays the steps registered as "plain", one step per model request of that turn.
//
// A step is an object:
//   text        what the model says
//   tools       [{ name, input }] calls it makes (the turn goes on with the next step when their results are in)
//   delay       milliseconds before the first byte, so that a turn lasts as long as a case needs
//   pace        milliseconds between the words of `text`, for a turn that is cut in the middle of an answer
//   error       { status, type, message, headers } in place of an answer
//   drop        true: the connection is closed without an answer
//   tokens      how full the answer says the context is; a large number makes the agent compact it
//   stop        stop_reason of the answer ("refusal", "max_tokens"); otherwise end_turn or tool_use
// A step may also be a function of the request's facts that returns such an object.
import http from 'node:http';

const sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

const textOf = (content) =>
  typeof content === 'string'
    ? content
    : (content ?? []).filter((block) => block.type === 'text').map((block) => block.text).join('\n');

const resultsOf = (content) => (Array.isArray(content) ? content.filter((block) => block.type === 'tool_result') : []);

// Which script a request belongs to and how far it is: the last user text that names one, and the model's answers since.
function place(messages) {
  let answers = 0;
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (message.role === 'assistant') answers++;
    if (message.role !== 'user') continue;
    const text = textOf(message.content);
    // After a compaction the turn goes on from the summary; its script's name is in there no more.
    if (text.includes('The work so far.')) return { script: 'compacted', step: answers, text };
    if (text.includes('<task-notification>')) return { script: 'notified', step: answers, text };
    const names = [...text.matchAll(/@@([\w-]+)/g)];
    if (names.length) return { script: names.at(-1)[1], step: answers, text };
  }
  return { script: 'none', step: answers, text: '' };
}

// Requests that are not the conversation: a compaction, a title, a topic check, the auto mode's classifier, a quota probe.
function sideAnswer(body, scripts) {
  const last = textOf(body.messages?.at(-1)?.content);
  if (/Respond with TEXT ONLY/.test(last)) return { kind: 'summary', ...scripts.get('compact')[0] };
  if (body.tools?.length) return null;
  const system = textOf(body.system);
  if (/<block>/.test(system + last)) return { kind: 'classifier', text: '<block>no</block>' };
  if (body.output_config?.format || /title/i.test(system)) return { kind: 'title', text: '{"title":"A piece of work"}' };
  return { kind: 'side', text: 'ok' };
}

export async function startModel() {
  const scripts = new Map();
  const requests = [];
  let toolSerial = 0;

  scripts.set('compact', [{ text: '<summary>The work so far.</summary>' }]);
  scripts.set('none', [{ text: 'Hello.' }]);
  scripts.set('compacted', [{ text: 'Done after the compaction.', delay: 1000 }]);
  scripts.set('notified', [{ text: 'Background came back.' }]);

  const handle = async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url.split('?')[0];
    let body = {};
    try {
      body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    } catch {
      // A body that is no JSON is answered like an empty one: the server never judges its client.
    }
    const json = (status, value, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(value));
    };
    if (path.endsWith('/count_tokens')) return json(200, { input_tokens: 100 });
    if (!path.endsWith('/v1/messages')) return json(404, { type: 'error', error: { type: 'not_found_error', message: path } });

    const side = sideAnswer(body, scripts);
    const at = place(body.messages ?? []);
    const record = { time: Date.now(), side: side?.kind, model: body.model, body, ...at };
    requests.push(record);
    const steps = scripts.get(at.script) ?? [{ text: `No script is called ${at.script}.` }];
    let step = side ?? steps[Math.min(at.step, steps.length - 1)] ?? { text: 'Nothing more.' };
    if (typeof step === 'function') {
      const tries = requests.filter((r) => !r.side && r.script === at.script && r.step === at.step).length;
      step = step({ ...at, tries, results: resultsOf(body.messages?.at(-1)?.content), body });
    }
    // A script that has run out of steps must not call its last step's tools for ever.
    if (!side && at.step >= steps.length) step = { text: step.tools ? 'Done.' : (step.text ?? 'Done.') };

    if (step.delay) await sleep(step.delay, gone.signal);
    if (gone.signal.aborted) {
      record.aborted = Date.now();
      return;
    }
    if (step.drop) return request.socket.destroy();
    if (step.error) {
      const { status, type, message, headers } = step.error;
      return json(status, { type: 'error', error: { type: type ?? 'api_error', message: message ?? 'A scripted error' } }, headers);
    }

    const blocks = [];
    if (step.text) blocks.push({ type: 'text', text: step.text });
    for (const tool of step.tools ?? []) {
      toolSerial++;
      blocks.push({ type: 'tool_use', id: `toolu_e2e${String(toolSerial).padStart(6, '0')}`, name: tool.name, input: tool.input });
    }
    const stop = step.stop ?? (step.tools?.length ? 'tool_use' : 'end_turn');
    const message = {
      id: `msg_e2e${requests.length}`,
      type: 'message',
      role: 'assistant',
      model: body.model,
      content: blocks,
      stop_reason: stop,
      stop_sequence: null,
      usage: { input_tokens: step.tokens ?? 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    };
    record.answered = Date.now();
    if (!body.stream) return json(200, message);

    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const emit = (type, value) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`);
    emit('message_start', { message: { ...message, content: [], stop_reason: null } });
    for (const [index, block] of blocks.entries()) {
      if (block.type === 'text') {
        emit('content_block_start', { index, content_block: { type: 'text', text: '' } });
        const words = step.pace ? block.text.split(/(?<= )/) : [block.text];
        for (const word of words) {
          if (step.pace) await sleep(step.pace, gone.signal);
          if (gone.signal.aborted) {
            record.aborted = Date.now();
            return;
          }
          emit('content_block_delta', { index, delta: { type: 'text_delta', text: word } });
        }
      } else {
        emit('content_block_start', { index, content_block: { ...block, input: {} } });
        emit('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: JSON.stringify(block.input) } });
      }
      emit('content_block_stop', { index });
    }
    emit('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 20 } });
    emit('message_stop', {});
    response.end();
  };

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  // Node closes an idle connection after five seconds, just when the agent may use it again.
  server.keepAliveTimeout = 600000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    script: (name, ...steps) => scripts.set(name, steps),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
