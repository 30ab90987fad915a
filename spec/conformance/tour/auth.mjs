// SPDX-License-Identifier: MIT
//
// Who may do what: auth.me, keys that do not exist, and what a workspace's key may not do.
import assert from 'node:assert/strict';
import {
  AuthenticationError,
  NotFoundError,
  PermissionDeniedError,
  apiKeys,
  as,
  check,
  client,
  fails,
  last_days,
  limit_of,
  workspaces,
} from './harness.mjs';
import { api_key_identity, matches, spending_limit } from './shapes.mjs';

const own = await workspaces.create({ name: 'auth' });
const other = await workspaces.create({ name: 'auth, not ours' });
const { key, key_details: details } = await apiKeys.create({
  name: 'auth',
  workspace_id: own.id,
  mode: 'test',
});

const admin_calls = ({ admin }) => [
  () => admin.workspaces.list(),
  () => admin.workspaces.create({}),
  () => admin.workspaces.retrieve(own.id),
  () => admin.workspaces.update(own.id, { name: 'x' }),
  () => admin.workspaces.archive(own.id),
  () => admin.workspaces.retrieveSpendingLimit(other.id),
  () => admin.workspaces.setSpendingLimit(own.id, limit_of(1)),
  () => admin.apiKeys.list(),
  () => admin.apiKeys.create({ name: 'x' }),
  () => admin.apiKeys.revoke(details.id),
  () => admin.usage.list(last_days(1)),
];

await check('auth.me tells an admin key', async () => {
  const me = await client.auth.me();
  matches(me, api_key_identity);
  assert.deepEqual([me.key_type, me.workspace_id], ['admin', null]);
});

await check("auth.me tells a workspace's key", async () => {
  const me = await as(key).auth.me();
  matches(me, api_key_identity);
  assert.deepEqual([me.key_type, me.mode, me.workspace_id], ['workspace', 'test', own.id]);
  assert.equal(me.api_key_id, details.id);
});

await check("a workspace's key may read its own spending limit", async () => {
  assert.equal(await as(key).admin.workspaces.retrieveSpendingLimit(own.id), null);
  await workspaces.setSpendingLimit(own.id, limit_of(1000));
  matches(await as(key).admin.workspaces.retrieveSpendingLimit(own.id), spending_limit);
});

await check("a workspace's key may do nothing else that is admin work", async () => {
  for (const call of admin_calls(as(key))) await fails(call(), PermissionDeniedError, 'forbidden');
});

await check('no call knows a key that does not exist', async () => {
  const nobody = as('sk_bc_admin_test_nobody');
  for (const call of [() => nobody.auth.me(), ...admin_calls(nobody)]) {
    await fails(call(), AuthenticationError, 'unauthorized');
  }
});

await check('a request without a key is refused', () =>
  fails(client.auth.me({ headers: { 'x-api-key': null } }), AuthenticationError, 'unauthorized'));

await check('a path that does not exist is not found', () =>
  fails(client.get('/compute/v1/admin/nothing'), NotFoundError, 'not_found'));
