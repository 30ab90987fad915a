-- SPDX-License-Identifier: MIT
-- Each case of cases.json, done with the official client and with this one, against the same
-- recorder: both must send the same. Compared are the method, the raw path, the decoded query, the
-- body as JSON, and the headers that tell what is sent, asked for and by whom. Where the two are
-- meant to differ stands in differences.lua.

local boltz = require "boltz"
local differences = require "conformance.differences"
local Recorder = require "conformance.recorder"
local sdk = require "conformance.sdk"

local unpack = table.unpack or unpack

local API_KEY = "sk_bc_admin_test_conformance"

local function copy(table)
  local result = {}
  for name, value in pairs(table or {}) do result[name] = value end
  return result
end

-- What leaves a header out is null in the cases and false in Lua.
local function header_options(headers)
  local result = copy(headers)
  for name, value in pairs(result) do result[name] = value ~= boltz.null and value end
  return result
end

-- One call the way the documentation writes it. A list is read to its end.
local function call(client, case)
  local resource, method = case.call:match("^(.*)%.(.*)$")
  local owner = resource and client[resource] or client
  local arguments = { unpack(case.ids or {}) }
  arguments[#arguments + 1] = case.params
  if case.options then
    local options = copy(case.options)
    options.headers = header_options(options.headers)
    arguments[#arguments + 1] = options
  end
  method = method or case.call
  if method == "list" or method == "paginate" then
    for _ in owner[method](owner, unpack(arguments)) do end -- luacheck: ignore 542
  else
    local _, err = owner[method](owner, unpack(arguments))
    if err then error(err, 0) end
  end
end

-- The headers that are compared: these, and those that the case itself is about.
local function header_names(case)
  local found = { accept = true, ["content-type"] = true, ["x-api-key"] = true }
  for _, options in ipairs { case.options or {}, case.client or {} } do
    for name in pairs(options.headers or {}) do found[name:lower()] = true end
  end
  local names = {}
  for name in pairs(found) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- What a client did, as text: a failure then shows two texts that a person can compare.
local function outline(seen, case)
  if seen.refused and #seen.requests == 0 then return "refused" end
  local lines = { seen.refused and "refused, after:" or nil }
  local function add(...) lines[#lines + 1] = table.concat { ... } end
  for _, request in ipairs(seen.requests) do
    add(request.method, " ", request.path)
    for _, pair in ipairs(request.query) do add("  ? ", pair) end
    for _, name in ipairs(header_names(case)) do
      add("  ", name, ": ", request.headers[name] or "(none)")
    end
    add("  ", request.framing)
    add("  ", request.body or "(no body)")
  end
  return table.concat(lines, "\n")
end

describe("the Lua client", function()
  local ready, reason = sdk.ready()
  if not ready then
    pending("sends what the official client sends (not compared: " .. reason .. ")")
    return
  end

  local recorder = Recorder.start()
  local probe = boltz.new { api_key = API_KEY, base_url = recorder.base_url }
  teardown(function()
    probe:close()
    recorder:stop()
  end)

  local chunk, status = sdk.run("node spec/conformance/official.mjs " .. recorder.base_url)
  assert(status == 0, "the official client could not do the cases")
  local cases = assert(load(chunk))(boltz.null, boltz.array)

  -- A mistake in a call is raised, in words that name it; whatever else goes wrong is a fault.
  local function run(case)
    local options = case.client or {}
    local headers = copy(options.headers)
    headers["x-conformance-case"] = tostring(case.index)
    local client = boltz.new {
      api_key = API_KEY,
      base_url = recorder.base_url .. (options.path or ""),
      headers = headers,
      query = options.query,
    }
    local done, problem = pcall(call, client, case)
    client:close()
    local refused = type(problem) == "string" and problem:find("bad %a+ '.-' to '.-' %(") ~= nil
    if not done and not refused then error(problem, 0) end
    return { refused = refused, requests = assert(probe:get("/_recorded")) }
  end

  local difference_of, exists = {}, {}
  for _, difference in ipairs(differences) do
    for _, name in ipairs(difference.cases) do difference_of[name] = difference end
  end

  for _, case in ipairs(cases) do
    exists[case.name] = true
    local difference = difference_of[case.name]
    it((difference and "differs as it means to: " or "sends the same: ") .. case.name, function()
      local theirs, ours = outline(case.official, case), outline(run(case), case)
      if difference then
        assert.are_not.equal(theirs, ours, "no difference is left: " .. difference.reason)
        difference.change(case.official)
        theirs = outline(case.official, case)
      end
      assert.are.equal(theirs, ours)
    end)
  end

  it("has a case for each difference that is allowed", function()
    for name in pairs(difference_of) do assert(exists[name], "no such case: " .. name) end
  end)
end)
