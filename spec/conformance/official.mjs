// SPDX-License-Identifier: MIT
//
// Runs cases.json with the official client against a recorder and prints, as one Lua chunk, the
// cases and what was recorded of each:
//
//   node official.mjs http://127.0.0.1:43211
//
// The Lua side takes the cases from here as well, written out as Lua by this program: were they
// read with the JSON code under test, a fault in it would change both sides alike. The chunk
// takes two arguments: the value for null and the function that marks a table as an array.
import { readFileSync } from 'node:fs';
import { Boltz, CursorPage, OpaqueCursorPage, errors } from './sdk.mjs';

const base_url = process.argv[2];
const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url)));

const camel_case = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

// The parameters that Lua writes without the wire's brackets.
const bracketed = ['applications', 'group_by', 'workspace_ids'];

function wire_names(params) {
  const rename = ([name, value]) => [bracketed.includes(name) ? `${name}[]` : name, value];
  return params && Object.fromEntries(Object.entries(params).map(rename));
}

// One call the way its documentation writes it. A list is read to its end.
async function call(client, { call, ids = [], params, options }) {
  if (call === 'paginate') {
    const page = ids[0].endsWith('/usage') ? OpaqueCursorPage : CursorPage;
    return read(client.getAPIList(ids[0], page, options));
  }
  const [method, resource] = call.split('.').reverse();
  const owner = resource ? { ...client, ...client.admin }[camel_case(resource)] : client;
  const args = [...ids, wire_names(params), options].filter((arg) => arg !== undefined);
  const result = owner[camel_case(method)](...args);
  return method === 'list' ? read(result) : await result;
}

async function read(list) {
  for await (const _ of list);
}

// `refused` when the client raised because of its arguments. Anything else that it raises is a
// fault of the recorder or of a case, and ends this program.
async function run(entry, index) {
  const client = new Boltz({
    apiKey: 'sk_bc_admin_test_conformance',
    baseURL: base_url + (entry.client?.path ?? ''),
    maxRetries: 0,
    defaultHeaders: { ...entry.client?.headers, 'x-conformance-case': String(index) },
    defaultQuery: entry.client?.query,
  });
  let refused = false;
  try {
    await call(client, entry);
  } catch (error) {
    refused = error instanceof errors.BoltzError && !(error instanceof errors.APIError);
    if (!refused) throw error;
  }
  const requests = await (await fetch(`${base_url}/_recorded`)).json();
  return { refused, requests };
}

function lua_string(text) {
  const escaped = [...Buffer.from(text)].map((byte) =>
    byte < 32 || byte > 126 || byte === 34 || byte === 92
      ? `\\${String(byte).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"${escaped.join('')}"`;
}

// `array` goes before each list: the mark is for request bodies, where nothing else tells an empty
// list from an empty object. Parameters have none, as in a user's program.
function lua(value, array = '') {
  if (value === null) return 'null';
  if (typeof value === 'string') return lua_string(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `${array}{${value.map((item) => lua(item, array)).join()}}`;
  const fields = Object.entries(value).map(([name, field]) => {
    return `[${lua_string(name)}]=${lua(field, name === 'body' ? 'array' : array)}`;
  });
  return `{${fields.join()}}`;
}

const results = [];
for (const [index, entry] of cases.entries()) {
  const { answers, ...spoken } = entry;
  results.push({ ...spoken, index, official: await run(entry, index) });
}
console.log(`local null, array = ...\nreturn {\n${results.map((one) => lua(one)).join(',\n')}\n}`);
