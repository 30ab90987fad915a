-- SPDX-License-Identifier: MIT
-- The files that are written from data are as the data has them.

local files = require "generate.files"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/docs/generate/files_spec%.lua$")

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function output_of(command)
  local pipe = io.popen(command)
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("The generated files", function()
  it("are up to date", function()
    local stale = files.stale(ROOT)
    assert.are.equal("", table.concat(stale, ", "), "run make generate")
  end)

  it("are each found stale, and written again with the rest left alone", function()
    local folder = output_of("mktemp -d"):match("%S+") .. "/"
    output_of(([[cd '%s' && mkdir -p '%sdocs' '%slua/boltz' && cp docs/*.md '%sdocs' &&
      cp README.md '%s' && cp lua/boltz/meta.lua '%slua/boltz']]):format(ROOT == "" and "." or ROOT,
      folder, folder, folder, folder, folder))
    local print_was, printed = print, {}
    local function run(is_check)
      printed = {}
      _G.print = function(line) printed[#printed + 1] = line end
      local ok, result = pcall(files.run, folder, is_check)
      _G.print = print_was
      assert.is_true(ok, result)
      return result
    end
    assert.is_true(run(true))
    for path, text in pairs {
      ["README.md"] = "GET `/admin/usage`", ["lua/boltz/meta.lua"] = "---@class boltz.Workspace\n",
      ["docs/reference.md"] = "milli-USD", ["docs/reliability.md"] = "## The fault matrix",
    } do
      local before = read(folder .. path)
      local from, to = assert(before:find(text, 1, true))
      write(folder .. path, before:sub(1, from - 1) .. before:sub(to + 1))
      assert.is_false(run(true), path)
      assert.are.same({ path .. " is stale: make generate" }, printed)
      assert.is_true(run(false))
      assert.are.same({ path .. " is written" }, printed)
      assert.is_true(before == read(folder .. path), path)
    end
    output_of(("rm -r '%s'"):format(folder))
  end)
end)

describe("files.splice", function()
  local TEXT = "a\n<!-- begin generated x (how) -->\nold\n<!-- end generated x -->\nb\n"

  it("replaces what stands between two markers, and nothing else", function()
    local once = files.splice(TEXT, "x", "1\n2\n")
    assert.are.equal("a\n<!-- begin generated x (how) -->\n\n1\n2\n\n<!-- end generated x -->\nb\n",
      once)
    assert.are.equal(once, files.splice(once, "x", "1\n2\n"))
  end)

  it("raises where a marker is missing", function()
    assert.has_error(function() files.splice(TEXT, "y", "") end,
      "no place is marked for the generated y")
    assert.has_error(function() files.splice(TEXT:gsub("end generated x", ""), "x", "") end)
  end)
end)
