// SPDX-License-Identifier: MIT
// The person's webhook: an HTTP server on loopback that writes down what it was sent and when.
import http from 'node:http';

export async function startSink() {
  const requests = [];
  const hanging = [];
  const sink = {
    requests,
    mode: 'answer', // or 'hang'
    refusals: 0, // so many requests are answered with an error first
    release() {
      sink.mode = 'answer';
      for (const answer of hanging.splice(0)) answer(200);
    },
  };
  const server = http.createServer(async (request, response) => {
    const time = Date.now();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    requests.push({ time, method: request.method, path: request.url, headers: request.headers, body });
    const answer = (status) => response.writeHead(status, { 'content-type': 'text/plain' }).end('ok');
    if (sink.mode === 'hang') hanging.push(answer);
    else answer(sink.refusals-- > 0 ? 500 : 200);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  sink.url = `http://127.0.0.1:${server.address().port}/hook`;
  sink.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return sink;
}
