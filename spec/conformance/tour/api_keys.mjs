// SPDX-License-Identifier: MIT
//
// API keys: handed out once, listed without their secret, used, revoked.
import assert from 'node:assert/strict';
import {
  AuthenticationError,
  NotFoundError,
  all,
  apiKeys,
  as,
  check,
  client,
  day,
  fails,
  ids,
  pages_of_ids,
  refuses,
  workspaces,
} from './harness.mjs';
import { key as key_shape, matches, new_key } from './shapes.mjs';

const { id: workspace_id } = await workspaces.create({ name: 'keys' });
const { id: busy } = await workspaces.create({ name: 'many keys' });
const given = {
  name: 'Schlüssel 🔑',
  workspace_id,
  mode: 'test',
  expires_in_days: 30,
  allowed_ips: ['127.0.0.1', '::1'],
};
const made = await apiKeys.create(given);

await check('apiKeys.create hands out a key with what was asked for', () => {
  matches(made, new_key);
  const { key, key_details: details } = made;
  assert(key.startsWith('sk_bc_ws_test_'), `a test key that begins with ${key.slice(0, 14)}`);
  assert.equal(details.key_prefix, key.slice(0, 12));
  assert.deepEqual(
    [details.name, details.workspace_id, details.allowed_ips],
    [given.name, workspace_id, given.allowed_ips],
  );
  assert.deepEqual([details.livemode, details.is_active], [false, true]);
  assert.equal(details.last_used_at, null);
  const lifetime = new Date(details.expires_at) - new Date(details.created_at);
  assert.equal(Math.round(lifetime / day), 30);
});

await check('apiKeys.create takes the defaults: live, for ever, default workspace', async () => {
  const { key, key_details: details } = await apiKeys.create({ name: 'plain' });
  matches({ key, key_details: details }, new_key);
  assert(key.startsWith('sk_bc_ws_live_'), `a live key that begins with ${key.slice(0, 14)}`);
  assert.deepEqual([details.livemode, details.expires_at, details.allowed_ips], [true, null, []]);
  assert.equal((await workspaces.retrieve(details.workspace_id)).is_default, true);
});

await check('apiKeys.create refuses what the reference does not allow', () =>
  refuses((params) => apiKeys.create(params), [
    {},
    { name: '' },
    { name: 'n'.repeat(256) },
    { name: null },
    { name: 'x', expires_in_days: 0 },
    { name: 'x', expires_in_days: 366 },
    { name: 'x', expires_in_days: 1.5 },
    { name: 'x', mode: 'both' },
    { name: 'x', allowed_ips: ['localhost'] },
    { name: 'x', allowed_ips: '127.0.0.1' },
  ]));

await check('apiKeys.list shows the key, then its use, and never the key itself', async () => {
  const shown = await all(apiKeys.list({ workspace_id }));
  assert.deepEqual(shown, [made.key_details]);

  await as(made.key).auth.me();
  const [used] = await all(apiKeys.list({ workspace_id }));
  matches(used, key_shape);
  assert.notEqual(used.last_used_at, null);
  assert.deepEqual({ ...used, last_used_at: null }, made.key_details);
});

await check('apiKeys.list has the keys of all workspaces and the admin key', async () => {
  const found = await all(apiKeys.list());
  found.forEach((item) => matches(item, key_shape));
  const me = await client.auth.me();
  const own = found.find(({ id }) => id === me.api_key_id);
  assert(own, 'the admin key is missing');
  assert.deepEqual([own.key_type, own.workspace_id], ['admin', null]);
  assert(ids(found).includes(made.key_details.id), 'the created key is missing');
});

await check('apiKeys.list pages in both directions', async () => {
  const keys = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    keys.push((await apiKeys.create({ name, workspace_id: busy })).key_details.id);
  }
  assert.deepEqual(await pages_of_ids(apiKeys.list({ workspace_id: busy, limit: 2 })), [
    keys.slice(0, 2),
    keys.slice(2, 4),
    keys.slice(4),
  ]);
  const backward = apiKeys.list({ workspace_id: busy, limit: 2, before_id: keys[4] });
  assert.deepEqual(await pages_of_ids(backward), [keys.slice(2, 4), keys.slice(0, 2)]);
});

await check('apiKeys.list refuses bad limits and cursors', () =>
  refuses((params) => apiKeys.list(params), [
    { limit: 0 },
    { limit: 101 },
    { after_id: 'key_nowhere' },
    { before_id: 'key_nowhere' },
  ]));

await check('a key does not work from an address that it does not allow', async () => {
  const { key } = await apiKeys.create({ name: 'elsewhere', allowed_ips: ['192.0.2.1'] });
  const { status } = await as(key)
    .auth.me()
    .catch((error) => error);
  assert([401, 403].includes(status), `expected 401 or 403, got ${status}`);
});

await check('apiKeys.revoke ends the key, and it works no more', async () => {
  const revoked = await apiKeys.revoke(made.key_details.id);
  matches(revoked, key_shape);
  assert.deepEqual([revoked.id, revoked.is_active], [made.key_details.id, false]);
  assert.deepEqual(await all(apiKeys.list({ workspace_id })), [revoked]);
  await fails(as(made.key).auth.me(), AuthenticationError, 'unauthorized');
});

await check('apiKeys.revoke does not know ids that were never given', () =>
  fails(apiKeys.revoke('key/nowhere'), NotFoundError, 'not_found'));
