// SPDX-License-Identifier: MIT
//
// What every stop of the tour uses: the client, and checks that print one line of TAP each.
import assert from 'node:assert/strict';
import { Boltz, errors } from '../sdk.mjs';

export const { AuthenticationError, BadRequestError, NotFoundError, PermissionDeniedError } =
  errors;

export const client = new Boltz({ maxRetries: 0 });
export const { workspaces, apiKeys, usage } = client.admin;
export const as = (key) => client.withOptions({ apiKey: key });

export const unlimited = 2 ** 53 - 1;
export const day = 24 * 3600 * 1000; // ms

export const ids = (items) => items.map(({ id }) => id);

export const limit_of = (amount) => ({
  limit: { amount, currency: 'MILLI_USD' },
  type: 'lifetime',
});

// Whole days in UTC, up to the last midnight.
export function last_days(count, window_size = 'DAY') {
  const end = Math.floor(Date.now() / day) * day;
  return {
    starting_at: new Date(end - count * day).toISOString(),
    ending_at: new Date(end).toISOString(),
    window_size,
  };
}

export async function all(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

// Every page of a list, as the ids of its items.
export async function pages_of_ids(list) {
  const pages = [];
  for await (const page of (await list).iterPages()) pages.push(ids(page.data));
  return pages;
}

export const score = { run: 0, failed: 0 };

export async function check(name, body) {
  score.run += 1;
  try {
    await body();
    console.log(`ok ${score.run} - ${name}`);
  } catch (error) {
    score.failed += 1;
    console.log(`not ok ${score.run} - ${name}`);
    console.log(String(error.message).replace(/^/gm, '# '));
  }
}

// The call must end in an error of this class, with the body that the API gives every error.
export async function fails(call, type, code) {
  const error = await call.then(
    (value) => assert.fail(`expected ${type.name}, got the answer ${JSON.stringify(value)}`),
    (raised) => raised,
  );
  assert(error instanceof type, `expected ${type.name}, got ${error}`);
  assert.equal(typeof error.error?.message, 'string', 'the error has no message');
  assert.equal(typeof error.error?.code, 'string', 'the error has no code');
  if (code) assert.equal(error.error.code, code);
}

// The same for each of many parameters; the message names the one that was let through.
export async function refuses(call, many) {
  for (const params of many) {
    await fails(call(params), BadRequestError).catch((error) => {
      throw new Error(`${JSON.stringify(params).slice(0, 200)}: ${error.message}`);
    });
  }
}
