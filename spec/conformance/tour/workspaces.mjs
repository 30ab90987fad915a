// SPDX-License-Identifier: MIT
//
// Workspaces: made, found, changed, listed in both directions, archived.
import assert from 'node:assert/strict';
import {
  AuthenticationError,
  NotFoundError,
  all,
  apiKeys,
  as,
  check,
  fails,
  ids,
  limit_of,
  pages_of_ids,
  refuses,
  unlimited,
  workspaces,
} from './harness.mjs';
import { matches, spending_limit, workspace } from './shapes.mjs';

const strange_ids = ['ws_nowhere', 'a/b', '%2e%2e', '+&=#?', 'é 🧬'];

await check('workspaces.create without parameters takes the defaults', async () => {
  const made = await workspaces.create({});
  matches(made, workspace);
  assert.deepEqual(made.data_retention, { unit: 'days', value: 7 });
  assert.deepEqual([made.name, made.is_default, made.archived_at], [null, false, null]);
});

await check('workspaces.create keeps what it is given', async () => {
  const given = { name: 'Labor 🧬 "é"\\', data_retention: { unit: 'hours', value: 48 } };
  const made = await workspaces.create({ ...given, spending_limit: limit_of(unlimited) });
  matches(made, workspace);
  assert.deepEqual({ ...made, ...given }, made);

  const limit = await workspaces.retrieveSpendingLimit(made.id);
  matches(limit, spending_limit);
  assert.equal(limit.limit.amount, unlimited);
});

await check('workspaces.create refuses what the reference does not allow', () =>
  refuses((params) => workspaces.create(params), [
    { name: '' },
    { name: 'n'.repeat(256) },
    { name: 7 },
    { data_retention: { unit: 'weeks', value: 1 } },
    { data_retention: { unit: 'days', value: 0 } },
    { data_retention: { unit: 'days', value: 1.5 } },
    { data_retention: { unit: 'days' } },
    { spending_limit: limit_of(-1) },
    { spending_limit: { limit: { amount: 1, currency: 'EUR' }, type: 'lifetime' } },
  ]));

const lab = await workspaces.create({ name: 'tour-0' });

await check('workspaces.retrieve answers the workspace as it was made', async () => {
  const found = await workspaces.retrieve(lab.id);
  matches(found, workspace);
  assert.deepEqual(found, lab);
});

await check('workspaces.retrieve does not know ids that were never given', async () => {
  for (const id of strange_ids) await fails(workspaces.retrieve(id), NotFoundError, 'not_found');
});

await check('workspaces.update changes what it is given and nothing else', async () => {
  const params = { data_retention: { unit: 'hours', value: 1 } };
  const updated = await workspaces.update(lab.id, params);
  matches(updated, workspace);
  assert.deepEqual(updated, { ...lab, ...params, updated_at: updated.updated_at });
  assert.deepEqual(await workspaces.retrieve(lab.id), updated);
});

await check('workspaces.update takes the name away with null, and leaves it without', async () => {
  assert.equal((await workspaces.update(lab.id, { name: null })).name, null);
  assert.equal((await workspaces.update(lab.id, {})).name, null);
  assert.equal((await workspaces.update(lab.id, { name: 'tour-0' })).name, 'tour-0');
  assert.equal((await workspaces.update(lab.id, {})).name, 'tour-0');
});

await check('workspaces.update refuses bad parameters and unknown workspaces', async () => {
  await refuses((params) => workspaces.update(lab.id, params), [
    { name: '' },
    { name: 'n'.repeat(256) },
    { data_retention: { unit: 'days', value: 0 } },
    { data_retention: null },
  ]);
  for (const id of strange_ids) {
    await fails(workspaces.update(id, { name: 'x' }), NotFoundError, 'not_found');
  }
});

const tour = [lab.id];
for (let i = 1; i < 7; i += 1) tour.push((await workspaces.create({ name: `Tour-${i}` })).id);

await check('workspaces.list answers each workspace once, the default one among them', async () => {
  const found = await all(workspaces.list());
  found.forEach((item) => matches(item, workspace));
  assert.equal(found.filter(({ is_default }) => is_default).length, 1);
  assert.equal(new Set(ids(found)).size, found.length, 'an id came twice');
  for (const id of tour) assert(ids(found).includes(id), `${id} is missing`);
});

await check('workspaces.list finds names by prefix, whatever their case', async () => {
  assert.deepEqual(ids(await all(workspaces.list({ name: 'tOUR-' }))), tour);
  assert.deepEqual(ids(await all(workspaces.list({ name: 'our-' }))), []);
});

await check('workspaces.list pages forward', async () => {
  const first = await workspaces.list({ name: 'tour-', limit: 3 });
  assert.deepEqual([first.first_id, first.last_id, first.has_more], [tour[0], tour[2], true]);
  assert.deepEqual(await pages_of_ids(first), [tour.slice(0, 3), tour.slice(3, 6), [tour[6]]]);
});

await check('workspaces.list pages forward from an id on', async () => {
  const list = workspaces.list({ name: 'tour-', limit: 2, after_id: tour[1] });
  assert.deepEqual(await pages_of_ids(list), [tour.slice(2, 4), tour.slice(4, 6), [tour[6]]]);
});

await check('workspaces.list pages backward, each page in the order of the list', async () => {
  const first = await workspaces.list({ name: 'tour-', limit: 2, before_id: tour[5] });
  assert.deepEqual([first.first_id, first.last_id, first.has_more], [tour[3], tour[4], true]);
  assert.deepEqual(await pages_of_ids(first), [tour.slice(3, 5), tour.slice(1, 3), [tour[0]]]);
});

await check('workspaces.list knows its two ends', async () => {
  const before = await workspaces.list({ name: 'tour-', before_id: tour[0] });
  assert.deepEqual([before.data, before.has_more], [[], false]);
  const after = await workspaces.list({ name: 'tour-', after_id: tour.at(-1) });
  assert.deepEqual([after.data, after.has_more], [[], false]);
  const full = await workspaces.list({ name: 'tour-', limit: tour.length });
  assert.deepEqual([ids(full.data), full.has_more], [tour, false]);
});

await check('workspaces.list refuses bad limits and cursors', () =>
  refuses((params) => workspaces.list(params), [
    { limit: 0 },
    { limit: 101 },
    { limit: 1.5 },
    { limit: 'ten' },
    { after_id: 'ws_nowhere' },
    { before_id: 'ws_nowhere' },
    { after_id: tour[0], before_id: tour[2] },
  ]));

await check('workspaces.archive ends the workspace and all its keys', async () => {
  const { key } = await apiKeys.create({ name: 'doomed', workspace_id: lab.id });
  assert.equal((await as(key).auth.me()).workspace_id, lab.id);

  const archived = await workspaces.archive(lab.id);
  matches(archived, workspace);
  assert.notEqual(archived.archived_at, null);
  assert.deepEqual(await workspaces.retrieve(lab.id), archived);

  const left = await all(apiKeys.list({ workspace_id: lab.id }));
  assert.deepEqual(left.map(({ is_active }) => is_active), [false]);
  await fails(as(key).auth.me(), AuthenticationError, 'unauthorized');
});

await check('workspaces.archive does not know ids that were never given', async () => {
  for (const id of strange_ids) await fails(workspaces.archive(id), NotFoundError, 'not_found');
});
