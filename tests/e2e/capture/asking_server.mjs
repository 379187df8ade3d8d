// SPDX-License-Identifier: MIT
// An MCP server on standard input and output with one tool, which asks the user for a name.
import readline from 'node:readline';

const send = (value) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...value })}\n`);
let call;
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result } = JSON.parse(line);
  if (method === 'initialize') send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'lab', version: '1' } } });
  else if (method === 'tools/list') send({ id, result: { tools: [{ name: 'ask', description: 'Asks the user.', inputSchema: { type: 'object' } }] } });
  else if (method === 'tools/call') {
    call = id;
    send({ id: 'form', method: 'elicitation/create', params: { mode: 'form', message: 'Your name, please', requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } } });
  } else if (id === 'form') send({ id: call, result: { content: [{ type: 'text', text: `The user said: ${result?.action}` }] } });
  else if (id !== undefined) send({ id, error: { code: -32601, message: 'Method not found' } });
});
