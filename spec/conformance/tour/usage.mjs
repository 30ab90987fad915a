// SPDX-License-Identifier: MIT
//
// Usage: buckets in order, grouped, filtered, paged, and the same sum however it is cut.
import assert from 'node:assert/strict';
import { all, check, day, last_days, refuses, usage, workspaces } from './harness.mjs';
import { bucket, by_application, by_both, by_workspace, matches } from './shapes.mjs';

const week = last_days(7);
const both = ['workspace_id', 'application'];
const in_groups = { ...week, 'group_by[]': both };
const total = (buckets) => buckets.reduce((sum, { quantity }) => sum + quantity, 0);

async function has_windows(query, length) {
  const buckets = await all(usage.list(query));
  let previous_end = new Date(query.starting_at);
  for (const each of buckets) {
    matches(each, bucket);
    assert(new Date(each.start_time) >= previous_end, `${each.start_time} is too early`);
    assert.equal(new Date(each.start_time) % length, 0, `${each.start_time} is inside a window`);
    assert.equal(new Date(each.end_time) - new Date(each.start_time), length);
    previous_end = new Date(each.end_time);
  }
  assert(previous_end <= new Date(query.ending_at), 'a bucket ends after the range');
  assert(total(buckets) > 0, 'nothing was used');
}

await check('usage.list answers whole days, in order, inside the range', () =>
  has_windows(week, day));

await check('usage.list answers whole hours, in order, inside the range', () =>
  has_windows(last_days(2, 'HOUR'), day / 24));

await check('usage.list counts the same by hour as by day', async () => {
  const hours = await all(usage.list(last_days(2, 'HOUR')));
  assert.equal(total(hours), total(await all(usage.list(last_days(2)))));
});

await check('usage.list groups by application, by workspace and by both', async () => {
  const sum = total(await all(usage.list(week)));
  for (const [fields, shape] of [
    ['application', by_application],
    [['workspace_id'], by_workspace],
    [both, by_both],
  ]) {
    const buckets = await all(usage.list({ ...week, 'group_by[]': fields }));
    buckets.forEach((each) => matches(each, shape));
    assert.equal(total(buckets), sum, `grouped by ${fields}`);
  }
});

await check('usage.list filters by application and by workspace', async () => {
  const buckets = await all(usage.list(in_groups));
  const { application, workspace_id } = buckets[0];
  const another = buckets.find((each) => each.application !== application).application;
  const two = [another, application];
  for (const [filter, wanted] of [
    [{ 'applications[]': application }, (each) => each.application === application],
    [{ 'applications[]': two }, (each) => two.includes(each.application)],
    [{ 'workspace_ids[]': [workspace_id] }, (each) => each.workspace_id === workspace_id],
    [
      { 'applications[]': [application], 'workspace_ids[]': workspace_id },
      (each) => each.application === application && each.workspace_id === workspace_id,
    ],
  ]) {
    const found = await all(usage.list({ ...in_groups, ...filter }));
    assert(found.length < buckets.length, `${JSON.stringify(filter)} took nothing away`);
    assert.deepEqual(found, buckets.filter(wanted));
  }
});

await check('usage.list pages, and no bucket is lost or doubled', async () => {
  const whole = await all(usage.list({ ...in_groups, limit: 1000 }));
  const pages = [];
  for await (const page of (await usage.list({ ...in_groups, limit: 3 })).iterPages()) {
    assert.equal(page.has_more, page.next_page !== null, 'has_more and next_page disagree');
    pages.push(page.data);
  }
  assert(pages.length > 2, `only ${pages.length} pages`);
  assert(pages.slice(0, -1).every(({ length }) => length === 3), 'a page is not full');
  assert.deepEqual(pages.flat(), whole);
});

await check('usage.list knows no usage of a workspace that was just made', async () => {
  const { id } = await workspaces.create({ name: 'unused' });
  assert.equal(total(await all(usage.list({ ...week, 'workspace_ids[]': id }))), 0);
});

await check('usage.list answers the longest ranges', async () => {
  assert(total(await all(usage.list(last_days(31, 'HOUR')))) > 0);
  assert(total(await all(usage.list(last_days(365)))) > 0);
});

await check('usage.list refuses what the reference does not allow', () => {
  const { starting_at, ending_at } = week;
  return refuses((params) => usage.list(params), [
    {},
    { starting_at, ending_at },
    { ...week, window_size: 'WEEK' },
    { ...week, limit: 0 },
    { ...week, page: 'forged' },
    { ...week, 'group_by[]': ['colour'] },
    { ...week, 'applications[]': ['alchemy'] },
    { ...week, starting_at: '2026-04-01T00:00:00' },
    { ...week, starting_at: 'yesterday' },
    { ...week, starting_at: ending_at },
    { ...week, starting_at: ending_at, ending_at: starting_at },
    last_days(32, 'HOUR'),
    last_days(366),
  ]);
});
