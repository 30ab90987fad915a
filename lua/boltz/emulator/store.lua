-- SPDX-License-Identifier: MIT
-- What the service remembers: workspaces and keys. Times are seconds since the epoch, absent fields
-- are nil; the endpoints turn records into JSON.

local Collection = require "boltz.emulator.collection"
local clock = require "boltz.emulator.clock"

local Store = {}
Store.__index = Store

local PREFIX_LENGTH = 12 -- so much of a key may be shown again

--- An empty store.
-- @param random source of ids and keys
-- @param now function -> seconds since the epoch
function Store.new(random, now)
  return setmetatable({
    workspaces = Collection.new(),
    keys = Collection.new(),
    _random = random,
    _now = now,
    _by_secret = {},
  }, Store)
end

--- Adds a workspace.
-- @param fields name, retention {unit, value}, is_default, created_at (default now)
function Store:add_workspace(fields)
  local created_at = fields.created_at or self._now()
  local workspace = self.workspaces:add{
    id = "ws_" .. self._random:text(24),
    name = fields.name,
    retention = fields.retention or { unit = "days", value = 7 },
    is_default = fields.is_default or false,
    created_at = created_at,
    updated_at = created_at,
  }
  if workspace.is_default then self.default_workspace = workspace end
  return workspace
end

--- Adds a key.
-- @param fields type (admin or workspace), mode, name, workspace_id, allowed_ips, expires_at,
-- created_at (default now), secret (default a new one)
-- @return the record and the secret, which the record does not hold
function Store:add_key(fields)
  local kind = fields.type == "admin" and "admin" or "ws"
  local drawn = self._random:text(32) -- in any case, so that later ids do not depend on a given key
  local secret = fields.secret or ("sk_bc_%s_%s_%s"):format(kind, fields.mode, drawn)
  local key = self.keys:add{
    id = "key_" .. self._random:text(24),
    prefix = secret:sub(1, PREFIX_LENGTH),
    name = fields.name,
    type = fields.type,
    mode = fields.mode,
    workspace_id = fields.workspace_id,
    allowed_ips = fields.allowed_ips or {},
    created_at = fields.created_at or self._now(),
    expires_at = fields.expires_at,
    last_used_at = fields.last_used_at,
  }
  self._by_secret[secret] = key
  return key, secret
end

--- The key that a caller showed, or nil.
function Store:key_of(secret)
  return self._by_secret[secret]
end

--- Whether a key opens anything now.
function Store:is_active(key)
  return not key.revoked and not (key.expires_at and key.expires_at <= self._now())
end

--- Archives a workspace and its keys. A second time changes nothing.
function Store:archive(workspace)
  if workspace.archived_at then return end
  workspace.archived_at = self._now()
  workspace.updated_at = workspace.archived_at
  for _, key in self.keys:each() do
    if key.workspace_id == workspace.id then key.revoked = true end
  end
end

--- Sets a spending limit. What it is measured against is counted from the first one on.
-- @param uses[opt] how many of the ledger came before
function Store:limit_spending(workspace, amount, uses)
  local now = self._now()
  workspace.limit = workspace.limit
    or { since = clock.ceil(now, clock.HOUR), set_at = now, uses = uses or 0 }
  workspace.limit.amount = amount
end

return Store
