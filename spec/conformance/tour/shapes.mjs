// SPDX-License-Identifier: MIT
//
// What the reference promises of each answer, field by field. `matches(value, shape)` throws at
// the first field that is missing, has another type, or is not promised at all. Nullable is not
// optional: a nullable field is there, and may be null.
import assert from 'node:assert/strict';

const a = (what, test) => ({ what, test });
const string = a('a string', (v) => typeof v === 'string' && v !== '');
const boolean = a('a boolean', (v) => typeof v === 'boolean');
const integer = (least) =>
  a(`an integer from ${least} on`, (v) => Number.isSafeInteger(v) && v >= least);
const one_of = (...values) => a(`one of ${values.join(', ')}`, (v) => values.includes(v));
const nullable = (type) => a(`${type.what}, or null`, (v) => v === null || type.test(v));
const optional = (type) => a(`${type.what}, or absent`, (v) => v === undefined || type.test(v));
const list_of = (type) =>
  a(`a list, each ${type.what}`, (v) => Array.isArray(v) && v.every(type.test));
const date_time = a(
  'a date-time with a timezone',
  (v) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(v) && !isNaN(new Date(v)),
);

const money = { amount: integer(0), currency: one_of('MILLI_USD') };

export const workspace = {
  id: string,
  name: nullable(string),
  is_default: boolean,
  data_retention: { unit: one_of('hours', 'days'), value: integer(1) },
  created_at: date_time,
  updated_at: date_time,
  archived_at: nullable(date_time),
};

export const spending_limit = {
  type: one_of('lifetime'),
  limit: money,
  accrued_usage: money,
};

export const key = {
  id: string,
  name: string,
  key_type: one_of('admin', 'workspace'),
  key_prefix: a('12 characters', (v) => typeof v === 'string' && v.length === 12),
  workspace_id: nullable(string),
  livemode: boolean,
  is_active: boolean,
  allowed_ips: list_of(string),
  created_at: date_time,
  expires_at: nullable(date_time),
  last_used_at: nullable(date_time),
};

export const new_key = {
  key: a('a whole key', (v) => /^sk_bc_ws_(live|test)_\S+$/.test(v)),
  key_details: { ...key, key_type: one_of('workspace'), workspace_id: string },
};

const applications = [
  'structure_and_binding',
  'small_molecule_design',
  'small_molecule_library_screen',
  'protein_design',
  'protein_redesign',
  'protein_library_screen',
  'adme',
];

export const bucket = {
  start_time: date_time,
  end_time: date_time,
  quantity: integer(0),
};
export const by_application = { ...bucket, application: one_of(...applications) };
export const by_workspace = { ...bucket, workspace_id: string };
export const by_both = { ...by_application, ...by_workspace };

export const api_key_identity = {
  principal_type: one_of('api_key'),
  api_key_id: string,
  key_type: one_of('admin', 'workspace'),
  mode: one_of('live', 'test'),
  organization_id: string,
  organization_name: optional(string),
  selected_organization_id: string,
  workspace_id: nullable(string),
};

export function matches(value, shape, at = 'the answer') {
  if (shape.test) {
    assert(shape.test(value), `${at} is ${JSON.stringify(value)}, expected ${shape.what}`);
    return;
  }
  assert(value?.constructor === Object, `${at} is ${JSON.stringify(value)}, expected an object`);
  for (const name of new Set([...Object.keys(shape), ...Object.keys(value)])) {
    assert(shape[name], `${at} has a field ${name} that nothing promises`);
    matches(value[name], shape[name], `${at}.${name}`);
  }
}
