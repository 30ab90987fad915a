// SPDX-License-Identifier: MIT
//
// A workspace's spending limit: none, then every amount exactly.
import assert from 'node:assert/strict';
import {
  NotFoundError,
  check,
  fails,
  limit_of,
  refuses,
  unlimited,
  workspaces,
} from './harness.mjs';
import { matches, spending_limit } from './shapes.mjs';

const { id } = await workspaces.create({ name: 'limited' });

await check('workspaces.retrieveSpendingLimit answers null before one is set', async () => {
  assert.equal(await workspaces.retrieveSpendingLimit(id), null);
});

await check('workspaces.setSpendingLimit keeps every amount exactly', async () => {
  for (const amount of [250000, 0, unlimited, 1]) {
    const set = await workspaces.setSpendingLimit(id, limit_of(amount));
    matches(set, spending_limit);
    assert.equal(set.limit.amount, amount);
    assert.deepEqual(await workspaces.retrieveSpendingLimit(id), set);
  }
});

await check('workspaces.setSpendingLimit refuses what the reference does not allow', async () => {
  const before = await workspaces.retrieveSpendingLimit(id);
  await refuses((params) => workspaces.setSpendingLimit(id, params), [
    {},
    limit_of(-1),
    limit_of(0.5),
    limit_of('1'),
    limit_of(null),
    limit_of(unlimited + 1),
    { limit: { amount: 1 }, type: 'lifetime' },
    { limit: { amount: 1, currency: 'USD' }, type: 'lifetime' },
    { limit: { amount: 1, currency: 'MILLI_USD' } },
    { ...limit_of(1), type: 'monthly' },
  ]);
  assert.deepEqual(await workspaces.retrieveSpendingLimit(id), before);
});

await check('spending limits of unknown workspaces are not found', async () => {
  await fails(workspaces.retrieveSpendingLimit('ws_nowhere'), NotFoundError, 'not_found');
  await fails(workspaces.setSpendingLimit('ws_nowhere', limit_of(1)), NotFoundError, 'not_found');
});
