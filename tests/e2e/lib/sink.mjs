// SPDX-License-Identifier: MIT
// The person's webhook: an HTTP server on loopback that writes down what it was sent and when.
import http from 'node:http';

export async function startSink() {
  const requests = [];
  const sink = { requests, mode: 'answer' };
  const server = http.createServer(async (request, response) => {
    const time = Date.now();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    let fields = {};
    try {
      fields = JSON.parse(body);
    } catch {
      // Kept as text: a case that expects JSON will say so.
    }
    requests.push({ time, method: request.method, path: request.url, headers: request.headers, body, ...fields });
    if (sink.mode === 'hang') return;
    response.writeHead(sink.mode === 'refuse' ? 500 : 200, { 'content-type': 'text/plain' });
    response.end('ok');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  sink.url = `http://127.0.0.1:${server.address().port}/hook`;
  sink.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return sink;
}

// What a message is about, by its outcome in either language.
export function kindOf({ body }) {
  const kinds = [
    ['over', /still running|仍有.*任务在运行/],
    ['question', /Waiting for you|等待/],
    ['failed', /Task failed|任务失败/],
    ['done', /Task finished|任务完成/],
  ];
  return kinds.find(([, pattern]) => pattern.test(body))?.[0] ?? `unknown: ${body}`;
}
