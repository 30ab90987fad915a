// SPDX-License-Identifier: MIT
//
// The server of the conformance specs: it writes down what a client sends and answers something
// valid, so that the requests of two clients can be compared.
//
// It prints its address on one line and ends when its standard input does, so it cannot outlive
// the program that started it. `GET /_recorded` hands out what came since the last time, as JSON.
// A client tells in the header `x-conformance-case` which entry of cases.json it is at work on;
// the entry's `answers`, if any, are sent in turn, and after that each route's usual answer.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url)));
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const workspace = {
  id: 'ws_1',
  name: 'screening',
  is_default: false,
  data_retention: { unit: 'days', value: 7 },
  created_at: '2026-04-01T00:00:00Z',
  updated_at: '2026-04-01T00:00:00Z',
  archived_at: null,
};
const key = {
  id: 'key_1',
  name: 'ci',
  key_type: 'workspace',
  key_prefix: 'sk_bc_ws_tes',
  allowed_ips: [],
  is_active: true,
  livemode: false,
  workspace_id: 'ws_1',
  created_at: '2026-04-01T00:00:00Z',
  expires_at: null,
  last_used_at: null,
};
const limit = {
  type: 'lifetime',
  limit: { amount: 250000, currency: 'MILLI_USD' },
  accrued_usage: { amount: 0, currency: 'MILLI_USD' },
};
const bucket = {
  start_time: '2026-04-01T00:00:00Z',
  end_time: '2026-04-02T00:00:00Z',
  quantity: 3,
};
const me = {
  principal_type: 'api_key',
  api_key_id: 'key_1',
  key_type: 'admin',
  mode: 'test',
  organization_id: 'org_1',
  selected_organization_id: 'org_1',
  workspace_id: null,
};
const page = (...data) => ({
  data,
  first_id: data[0].id,
  last_id: data.at(-1).id,
  has_more: false,
});

// Tried in this order, each on the method and the path below /compute/v1.
const routes = [
  [/^GET \/admin\/workspaces$/, page(workspace)],
  [/\/spending-limit$/, limit],
  [/\/admin\/workspaces/, workspace],
  [/^GET \/admin\/api-keys$/, page(key)],
  [/^POST \/admin\/api-keys$/, { key: 'sk_bc_ws_test_conformance', key_details: key }],
  [/\/admin\/api-keys\/[^/]+\/revoke$/, { ...key, is_active: false }],
  [/\/admin\/usage$/, { data: [bucket], next_page: null, has_more: false }],
  [/\/auth\/me$/, me],
];

function usual_answer(method, path) {
  const call = `${method} ${path.replace('/compute/v1', '')}`;
  const route = routes.find(([pattern]) => pattern.test(call));
  return route ? route[1] : { ok: true };
}

// JSON with its keys in order, so that equal values are equal texts: absent, null, {} and [] are
// four different ones.
function canonical(bytes) {
  if (bytes.length === 0) return undefined;
  const in_order = (_, value) =>
    value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort()) : value;
  try {
    return JSON.stringify(JSON.parse(utf8.decode(bytes)), in_order);
  } catch {
    return `not JSON: ${bytes.toString('latin1')}`;
  }
}

// Sorted by name and otherwise left as sent: the order of different names means nothing, the
// order of one name's values does.
function pairs(query) {
  return [...new URLSearchParams(query)]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`);
}

// How the body's end is told. Lengths are compared with the body's own, not with each other: two
// encoders may escape differently and mean the same.
function framing(headers, length) {
  if (headers['transfer-encoding']) return `transfer-encoding: ${headers['transfer-encoding']}`;
  if (headers['content-length'] === undefined) return 'none';
  return headers['content-length'] === String(length)
    ? `content-length: ${length ? "the body's" : 0}`
    : `content-length: ${headers['content-length']}, the body has ${length}`;
}

// From the raw list: Node's own table would drop a content-type that is sent twice.
function header_table(raw) {
  const table = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    table[name] = name in table ? `${table[name]}, ${raw[i + 1]}` : raw[i + 1];
  }
  return table;
}

let recorded = [];

function answer(request, bytes) {
  const [path, query = ''] = request.url.split(/\?(.*)/s);
  if (path === '/_recorded') return recorded.splice(0);

  const headers = header_table(request.rawHeaders);
  const planned = cases[headers['x-conformance-case']]?.answers?.[recorded.length];
  recorded.push({
    method: request.method,
    path,
    query: pairs(query),
    body: canonical(bytes),
    framing: framing(headers, bytes.length),
    headers,
  });
  return planned === undefined ? usual_answer(request.method, path) : planned;
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.stringify(answer(request, Buffer.concat(chunks)));
    response.setHeader('content-type', 'application/json');
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
