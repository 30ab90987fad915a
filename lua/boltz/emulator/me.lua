-- SPDX-License-Identifier: MIT
-- The endpoint that says whose credential this is.

local core = require "boltz.core"

local function key_view(principal, organization)
  local key = principal.key
  return {
    principal_type = "api_key",
    api_key_id = key.id,
    key_type = key.type,
    mode = key.mode,
    organization_id = organization.id,
    selected_organization_id = organization.id,
    organization_name = organization.name,
    workspace_id = key.workspace_id or core.null,
  }
end

local function user_view(principal)
  local memberships = core.array{}
  for i, organization in ipairs(principal.user.organizations) do
    memberships[i] = {
      organization_id = organization.id,
      organization_name = organization.name,
      compute_role = organization.role,
    }
  end
  return {
    principal_type = "user",
    user_id = principal.user.id,
    active_organization_id = principal.user.organizations[1].id,
    selected_organization_id = principal.organization.id,
    organization_memberships = memberships,
  }
end

local function me(request)
  if request.principal.type == "user" then return user_view(request.principal) end
  return key_view(request.principal, request.emulator.organization)
end

return {
  routes = {
    { method = "GET", template = "/compute/v1/auth/me", access = "anyone", handle = me },
  },
}
