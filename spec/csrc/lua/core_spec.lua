-- SPDX-License-Identifier: MIT
local cjson = require "cjson"
local core = require "boltz.core"

describe("the core", function()
  it("exports what the layers above use, and nothing else", function()
    local names = {}
    for name in pairs(core) do names[#names + 1] = name end
    table.sort(names)
    assert.same({
      "array", "beginning", "caller", "check_header", "conceal", "decode", "descriptors_left",
      "encode", "engine", "environment_proxy", "escape_path", "has_nulls", "ip_version", "is_array",
      "library_of", "now", "null", "parse_date", "parse_url", "query", "random",
      "request_template", "reveal", "secret", "userinfo", "utf8_length", "version", "versions",
      "wall", "watcher",
    }, names)
  end)

  it("defines no global", function()
    local loaded, globals = package.loaded["boltz.core"], {}
    for name in pairs(_G) do globals[name] = true end
    package.loaded["boltz.core"] = nil
    require "boltz.core"
    package.loaded["boltz.core"] = loaded
    for name in pairs(_G) do assert.is_true(globals[name], name) end
  end)

  it("has the version that CMake gives it", function()
    assert.matches("^%d+%.%d+%.%d+$", core.version)
  end)

  it("says which libcurl runs", function()
    assert.matches("^%d+%.%d+%.%d+", core.versions().libcurl)
  end)

  it("has the null of lua-cjson", function()
    assert.equal(cjson.null, core.null)
  end)
end)

describe("wall", function()
  it("is the system's clock, and finer than a second", function()
    local before, fractions = os.time(), {}
    for _ = 1, 10 do fractions[#fractions + 1] = core.wall() % 1 end
    local told = core.wall()
    assert.is_true(told >= before and told < os.time() + 1)
    assert.is_true(math.max((table.unpack or unpack)(fractions)) > 0) -- luacheck: ignore 143
  end)
end)

describe("array", function()
  it("marks a table and returns that table", function()
    local value = { 1, 2 }
    assert.is_false(core.is_array(value))
    assert.equal(value, core.array(value))
    assert.is_true(core.is_array(value))
    assert.same({ 1, 2 }, value)
  end)

  it("may be called again", function()
    assert.is_true(core.is_array(core.array(core.array {})))
  end)

  it("raises for what is no table", function()
    for _, value in ipairs { "a", 1, true, core.null, print } do
      assert.has_error(function() core.array(value) end)
    end
    assert.has_error(function() core.array() end)
  end)
end)

describe("is_array", function()
  it("knows dkjson's arrays", function()
    assert.is_true(core.is_array(setmetatable({}, { __jsontype = "array" })))
    assert.is_false(core.is_array(setmetatable({}, { __jsontype = "object" })))
  end)

  it("is false for all that carries no mark", function()
    local values = { {}, { 1 }, "a", 1, true, false, core.null, print, io.stdout,
      setmetatable({}, {}), setmetatable({}, { __jsontype = 1 }),
      setmetatable({}, { __index = { __jsontype = "array" } }) }
    for _, value in ipairs(values) do assert.is_false(core.is_array(value)) end
    assert.is_false(core.is_array(nil))
  end)
end)

describe("now", function()
  it("counts seconds and never goes back", function()
    local first = core.now()
    local last = first
    for _ = 1, 10000 do
      local time = core.now()
      assert.is_true(time >= last)
      last = time
    end
    assert.is_true(last > first)
  end)
end)

describe("random", function()
  it("returns another number from 0 to below 1 each time", function()
    local seen, low = {}, 0
    for _ = 1, 1000 do
      local number = core.random()
      assert.is_true(number >= 0 and number < 1)
      assert.is_nil(seen[number])
      seen[number] = true
      if number < 0.5 then low = low + 1 end
    end
    assert.is_true(low > 400 and low < 600) -- six standard deviations
  end)
end)

describe("parse_date", function()
  local dates = {
    ["Sun, 06 Nov 1994 08:49:37 GMT"] = 784111777,
    ["Sunday, 06-Nov-94 08:49:37 GMT"] = 784111777,
    ["Sun Nov  6 08:49:37 1994"] = 784111777,
    ["Thu, 01 Jan 1970 00:00:00 GMT"] = 0,
    ["Thu, 29 Feb 2024 23:59:59 GMT"] = 1709251199,
    ["Fri, 01 Jan 2100 00:00:00 GMT"] = 4102444800,
  }
  for text, seconds in pairs(dates) do
    it("reads " .. text, function()
      assert.equal(seconds, core.parse_date(text))
    end)
  end

  for _, text in ipairs { "", "soon", "Sun, 06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT" } do
    it(("is nil for %q"):format(text), function()
      assert.is_nil(core.parse_date(text))
    end)
  end
end)
