-- SPDX-License-Identifier: MIT
-- What lua-cjson reads back is the judge of what was written.

local cjson = require("cjson").new()
local core = require "boltz.core"

local has_integers = math.type ~= nil

local function pack(...)
  return { n = select("#", ...), ... }
end

-- Any double but NaN and the infinities, small and large ones alike.
local function random_double()
  return (math.random() - 0.5) * 2 ^ math.random(-1040, 1023)
end

local CHARACTERS = {
  "a", "Z", "0", " ", "/", '"', "\\", "\0", "\n", "\127", "{", "[", ",", ":", "é", "€",
  "\223\191", "\224\160\128", "\239\191\191", "\240\144\128\128", "\244\143\191\191",
}

local function random_text()
  local characters = {}
  for i = 1, math.random(0, 6) do characters[i] = CHARACTERS[math.random(#CHARACTERS)] end
  return table.concat(characters)
end

-- A value of at most `depth` levels of tables.
local function random_value(depth)
  local kind = math.random(depth > 0 and 6 or 4)
  if kind == 1 then return math.random() < 0.5 end
  if kind == 2 then return random_double() end
  if kind == 3 then return math.random(-2 ^ 31, 2 ^ 31 - 1) * 2 ^ math.random(0, 22) end
  if kind == 4 then return random_text() end
  local made = {}
  for i = 1, math.random(0, 3) do
    made[kind == 5 and i or random_text()] = random_value(depth - 1)
  end
  return kind == 5 and core.array(made) or made
end

-- Nests `levels` tables, each under `key` of the one around it.
local function nest(levels, key)
  local value = {}
  for _ = 2, levels do value = { [key] = value } end
  return value
end

describe("encode", function()
  local cases = {
    { "true", true, "true" },
    { "false", false, "false" },
    { "null", core.null, "null" },
    { "cjson's null", cjson.null, "null" },
    { "an empty text", "", '""' },
    { "a text", "Zürich €", '"Zürich €"' },
    { "a character beyond the basic plane", "\240\159\167\172", '"\240\159\167\172"' },
    { "quotes and backslashes", [[a"b\c]], [["a\"b\\c"]] },
    { "a slash as it is", "a/b", '"a/b"' },
    { "control characters", "\0\1\t\n\r\31", [["\u0000\u0001\u0009\u000a\u000d\u001f"]] },
    { "the character after the last control character", " ", '" "' },
    { "DEL as it is", "\127", '"\127"' },
    { "a whole number without a point", 3.0, "3" },
    { "a negative number", -17, "-17" },
    { "minus zero as zero", -0.0, "0" },
    { "2^53 - 1 exactly", 9007199254740991, "9007199254740991" },
    { "-(2^53 - 1) exactly", -9007199254740991, "-9007199254740991" },
    { "2^53 exactly", 2 ^ 53, "9007199254740992" },
    { "a fraction by its shortest digits", 0.1, "0.1" },
    { "a fraction of 17 digits", 0.1 + 0.2, "0.30000000000000004" },
    { "a fraction of 16 digits", 5e-324 * 2 ^ 1000, "5.293955920339377e-23" },
    { "an empty table as an object", {}, "{}" },
    { "an empty array", core.array {}, "[]" },
    { "an array", { 1, "a", false }, '[1,"a",false]' },
    { "an object", { name = "x" }, '{"name":"x"}' },
    { "null within an array", { 1, core.null, 3 }, "[1,null,3]" },
    { "a name that must be escaped", { ['a"\n'] = 1 }, [[{"a\"\u000a":1}]] },
    { "an empty name", { [""] = 1 }, '{"":1}' },
    { "nested tables", { a = { { b = core.array {} } } }, '{"a":[{"b":[]}]}' },
    { "an array that dkjson marked", setmetatable({}, { __jsontype = "array" }), "[]" },
    { "an empty object that dkjson marked", setmetatable({}, { __jsontype = "object" }), "{}" },
  }
  for _, case in ipairs(cases) do
    local what, value, expected = case[1], case[2], case[3]
    it("writes " .. what, function()
      assert.equal(expected, core.encode(value))
    end)
  end

  -- json.h: a table whose metatable has another `__jsontype` is no array.
  it("follows dkjson's mark of an object, also where the keys are positions", function()
    local object = setmetatable({ "a" }, { __jsontype = "object" })
    local text, got = core.encode(object)
    assert.is_true(text == '{"1":"a"}' or (text == nil and got ~= nil), text)
  end)

  it("writes one table that stands in two places twice", function()
    local shared = { 1 }
    assert.equal("[[1],[1]]", core.encode { shared, shared })
  end)

  it("calls no metamethod of a table", function()
    local function fail() error "a metamethod was called" end
    local table = setmetatable({ a = 1 }, { __index = fail, __pairs = fail, __len = fail })
    assert.equal('{"a":1}', core.encode(table))
  end)

  it("raises without an argument", function()
    assert.has_error(function() core.encode() end)
  end)

  if has_integers then
    it("writes Lua's largest and smallest integers exactly", function()
      assert.equal("9223372036854775807", core.encode(math.maxinteger))
      assert.equal("-9223372036854775808", core.encode(math.mininteger))
    end)

    it("writes an integer beyond 2^53 exactly", function()
      assert.equal("9007199254740993", core.encode(9007199254740992 + 1))
    end)
  end

  it("writes doubles that read back as they were", function()
    for _ = 1, 2000 do
      local number = random_double()
      local text = core.encode { number }
      assert.equal(number, cjson.decode(text)[1], text)
    end
  end)

  it("writes the ends of the range of doubles", function()
    local largest = 2 ^ 1023 * (2 - 2 ^ -52)
    for _, number in ipairs { largest, -largest, 2 ^ -1022, 2 ^ -1074, 1 - 2 ^ -53, 1 + 2 ^ -52 } do
      assert.equal(number, cjson.decode(core.encode { number })[1])
    end
  end)

  it("writes values that read back as they were", function()
    for _ = 1, 2000 do
      local value = { random_value(4) }
      local text = core.encode(value)
      assert.same(value, cjson.decode(text), text)
    end
  end)

  it("writes a text of a megabyte", function()
    local text = ('x"'):rep(512 * 1024)
    assert.equal('"' .. text:gsub('"', '\\"') .. '"', core.encode(text))
  end)

  it("writes a point whatever the host's locale writes", function()
    local found
    for _, name in ipairs { "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "ru_RU" } do
      found = found or os.setlocale(name .. ".UTF-8")
    end
    if not found then return pending("no locale with a decimal comma is installed") end
    local text = core.encode { 1.5, 0.1 + 0.2, 1.5e300 }
    os.setlocale("C")
    assert.equal("[1.5,0.30000000000000004,1.5e+300]", text)
  end)

  it("writes tables of 100 levels", function()
    assert.equal(("["):rep(99) .. "{}" .. ("]"):rep(99), core.encode(nest(100, 1)))
  end)
end)

describe("encode refuses", function()
  local loop = { a = { {} } }
  loop.a[1].back = loop
  local not_utf8 = "text that is not UTF-8"
  local bad_key = "a table with a key that is neither a string nor a position"
  local cases = {
    { "NaN", 0 / 0, "NaN", "" },
    { "infinity", { limit = { amount = math.huge } }, "infinity", "limit.amount" },
    { "minus infinity", { a = { 1, -math.huge } }, "infinity", "a[2]" },
    { "text that is not UTF-8", { a = "b\255" }, not_utf8, "a" },
    { "a name that is not UTF-8", { a = { ["b\255"] = 1 } }, not_utf8, "a.b\255" },
    { "an overlong form", { "\192\175" }, not_utf8, "[1]" },
    { "an overlong NUL", { "\192\128" }, not_utf8, "[1]" },
    { "a surrogate", { "\237\160\128" }, not_utf8, "[1]" },
    { "a character above U+10FFFF", { "\244\144\128\128" }, not_utf8, "[1]" },
    { "a character that is cut off", { "a\226\130" }, not_utf8, "[1]" },
    { "a table that contains itself", loop, "a table that contains itself", "a[1].back" },
    { "101 levels of arrays", nest(101, 1), "tables nested too deep", ("[1]"):rep(100) },
    { "101 levels of objects", nest(101, "k"), "tables nested too deep", "k" .. (".k"):rep(99) },
    { "a list with a hole", { a = { 1, nil, 3 } }, "a list with holes", "a" },
    { "a list that does not begin at 1", { [2] = 1 }, "a list with holes", "" },
    { "a list with a far element", { 1, [2 ^ 40] = 1 }, "a list with holes", "" },
    { "positions and names", { a = { 1, b = 2 } }, "a table with both positions and names", "a" },
    { "a marked array with names", core.array { b = 2 }, "an array with named entries", "" },
    { "the key 0", { [0] = 1 }, bad_key, "" },
    { "a negative key", { [-1] = 1 }, bad_key, "" },
    { "a fraction as a key", { [1.5] = 1 }, bad_key, "" },
    { "an infinite key", { [math.huge] = 1 }, bad_key, "" },
    { "a boolean as a key", { a = { [true] = 1 } }, bad_key, "a" },
    { "a function", { a = { b = print } }, "function", "a.b" },
    { "a coroutine", { coroutine.create(print) }, "thread", "[1]" },
    { "a secret", { key = core.secret "abc" }, "userdata", "key" },
    { "nil", nil, "nil", "" },
  }
  for _, case in ipairs(cases) do
    local what, value, got, path = case[1], case[2], case[3], case[4]
    it(what, function()
      assert.same({ n = 3, [2] = got, [3] = path }, pack(core.encode(value)))
    end)
  end

  it("an array that had nulls, and has since been given an element far behind them", function()
    local list = core.decode "[1,null]"
    list[4] = 4
    assert.same({ n = 3, [2] = "a list with holes", [3] = "" }, pack(core.encode(list)))
  end)

  it("and leaves nothing behind that would spoil the next text", function()
    core.encode { a = "begun", b = 0 / 0 }
    assert.equal("[1]", core.encode { 1 })
  end)
end)
