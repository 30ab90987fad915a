-- SPDX-License-Identifier: MIT
local cjson = require "cjson"
local core = require "boltz.core"

-- The kind of number that whole ones are, or nil before Lua 5.3.
local integer = math.type and "integer"
local kind_of = math.type or function() return nil end

-- The same text for the same tables: members in order, containers told apart by their marks.
local function describe_shape(value)
  if type(value) ~= "table" then return ("%q"):format(tostring(value)) end
  local is_array, members = core.is_array(value), {}
  for key, member in pairs(value) do
    members[#members + 1] = ("%s=%s"):format(key, describe_shape(member))
  end
  table.sort(members)
  return (is_array and "[%s]" or "{%s}"):format(table.concat(members, ","))
end

local KEYS = { "a", "b", "[]", "{}", "a\"b", "\\", "\n", "[ ]", "{ }", "1", "" }

-- A value that is mostly empty containers, also in its texts.
local function random_value(depth)
  local kind = math.random(depth > 0 and 4 or 2)
  if kind == 1 then return KEYS[math.random(#KEYS)] end
  if kind == 2 then return math.random(10) end
  local made = kind == 3 and core.array {} or {}
  for i = 1, math.random(0, 3) do
    made[kind == 3 and i or KEYS[math.random(#KEYS)]] = random_value(depth - 1)
  end
  return made
end

describe("decode", function()
  local scalars = {
    { "true", true }, { "false", false }, { '"a"', "a" }, { " 17\n", 17 }, { "1.5", 1.5 },
    { '"\\u00e9\\n\\/\\ud83e\\uddec\\u0000"', "é\n/\240\159\167\172\0" },
    { "null", nil }, { " null ", nil },
  }
  for _, case in ipairs(scalars) do
    local text, value = case[1], case[2]
    it(("reads %q"):format(text), function()
      local got, message = core.decode(text)
      assert.equal(value, got)
      assert.is_nil(message)
    end)
  end

  it("leaves out fields that are null, at any depth", function()
    assert.same({ b = { c = { {} } } }, core.decode '{"a":null,"b":{"c":[{"d":null}],"e":null}}')
  end)

  it("keeps nulls where it is told to, and marks arrays as ever", function()
    for _, text in ipairs { "null", " null ", "[null]", "[1,null]", "[[],{},[null]]", "[null,[]]",
      '{"a":null}', "[null,9007199254740993]", "[null,1e999,[],{}]" } do
      local value = core.decode(text, nil, true)
      local written = text:gsub(" ", ""):gsub("1e999", '"1e999"')
      if jit then written = written:gsub("9007199254740993", '"9007199254740993"') end
      assert.equal(written, core.encode(value))
      assert.is_false(core.has_nulls(value))
    end
    assert.equal(core.null, core.decode("[1,null]", nil, true)[2])
    assert.equal(core.null, core.decode('{"a":{"b":null},"c":[],"d":{}}', nil, true).a.b)
  end)

  it("has arrays whose nulls are nil written with them again, the last ones too", function()
    for _, text in ipairs { "[null]", "[1,null]", "[null,null,3,null]", "[[null],[],[2,null]]",
      "[[],{},[null,1],[null]]", '{"a":[null,{},[null]]}', '{"a":[null,null]}' } do
      local value = core.decode(text)
      collectgarbage()
      assert.equal(text, core.encode(value))
    end
    local list = core.decode "[1,null]"
    list[2], list[3] = 2, 3
    assert.equal("[1,2,3]", core.encode(list))
  end)

  it("keeps the other elements of an array where they are when one is null", function()
    local array = core.decode "[null,1,null,3]"
    assert.same({ [2] = 1, [4] = 3 }, array)
    assert.is_true(core.is_array(array))
    assert.is_true(core.is_array(core.decode "[null]"))
  end)

  it("keeps false", function()
    assert.same({ a = false, b = { false } }, core.decode '{"a":false,"b":[false]}')
  end)

  local whole = {
    { "0", 0 }, { "-0", 0 }, { "1.0", 1 }, { "1e3", 1000 }, { "-5", -5 },
    { "9007199254740991", 2 ^ 53 - 1 }, { "-9007199254740991", -(2 ^ 53 - 1) },
    { "9.007199254740991e15", 2 ^ 53 - 1 },
  }
  for _, case in ipairs(whole) do
    local text, value = case[1], case[2]
    it("reads the whole number " .. text .. " as an integer, alone and within tables", function()
      for _, got in ipairs { (core.decode(text)), core.decode("[" .. text .. "]")[1],
        core.decode('{"a":{"b":' .. text .. "}}").a.b } do
        assert.equal(value, got)
        assert.equal(integer, kind_of(got))
      end
    end)
  end

  it("reads 2^53 - 1 so that it prints and encodes exactly", function()
    local amount = core.decode '{"amount":9007199254740991}'.amount
    assert.equal("9007199254740991", ("%d"):format(amount))
    assert.equal("9007199254740991", core.encode(amount))
  end)

  it("reads numbers that no integer can hold as floats", function()
    local numbers = { ["1.5"] = 1.5, ["1e300"] = 1e300, ["9223372036854775808"] = 2 ^ 63 }
    for text, value in pairs(numbers) do
      local got = core.decode("[" .. text .. "]")[1]
      assert.equal(value, got)
      assert.equal(integer and "float", kind_of(got))
    end
  end)

  -- Alone, in a list with an empty one and an empty object beside it, and in an object.
  local function read_everywhere(text)
    return { (core.decode(text)), core.decode("[[],{}," .. text .. "]")[3],
      core.decode('{"a":{"b":' .. text .. "}}").a.b }
  end

  it("reads whole numbers to 2^63 - 1 as integers where Lua has them, and else as text", function()
    for _, text in ipairs { "9007199254740993", "-9007199254740993", "9223372036854775807",
      "-9223372036854775807", "1234567890123456789" } do
      for _, got in ipairs(read_everywhere(text)) do
        assert.equal(text, integer and ("%d"):format(got) or got)
        assert.equal(integer, kind_of(got))
      end
    end
  end)

  it("reads as text what no number of any Lua is", function()
    for _, text in ipairs { "9223372036854775809", "-123456789012345678901", "1e309", "-1E+999",
      "1.5e400", "1" .. ("0"):rep(308) .. "1", ("9"):rep(309), "-" .. ("9"):rep(5000) } do
      assert.same({ text, text, text }, read_everywhere(text))
    end
  end)

  it("reads as numbers the large ones that doubles are", function()
    for _, text in ipairs { "9007199254740992", "-9007199254740992", "9007199254740994",
      "9223372036854775808", "100000000000000000000", "1e308", "-1.5E+300", "1e-999",
      "9007199254740993.5", "0.1234567890123456789" } do
      for _, got in ipairs(read_everywhere(text)) do assert.equal(tonumber(text), got) end
    end
  end)

  it("leaves strings alone that look like such numbers, whatever bytes are in them", function()
    local raw = "\255\254\253\252\251\250\249\248\247\246\245"
    local large = 2 ^ 53 + 2 -- an integer where Lua has them
    for i = 0, #raw do
      local given = { "9007199254740993", raw:sub(1, i) .. "9007199254740993", '"1e999', "\\1e999" }
      local text = '["9007199254740993","' .. given[2] ..
        [[","\"1e999","\\1e999",9007199254740994,9007199254740993]] .. "]"
      local read = core.decode(text)
      for j = 1, 4 do assert.equal(given[j], read[j]) end
      assert.equal(large, read[5] + 0)
      assert.equal("9007199254740993", tostring(read[6]))
    end
  end)

  it("reads half a character as U+FFFD, and hides nothing beside it", function()
    local half = "\239\191\189"
    local cases = {
      [ [["\ud83d"]] ] = half, [ [["lab \uD83D"]] ] = "lab " .. half,
      [ [["\udE00x"]] ] = half .. "x",
      [ [["\ud83d\ud83d\ude00"]] ] = half .. "😀", [ [["\ud83d\ude00\ude00"]] ] = "😀" .. half,
      [ [["\ud83d\u0041"]] ] = half .. "A", [ [["\ud83d\\ude00"]] ] = half .. "\\ude00",
      [ [["\\ud83d\udfff\n"]] ] = "\\ud83d" .. half .. "\n", [ [["\ud800\ud800"]] ] = half .. half,
    }
    for text, value in pairs(cases) do
      assert.equal(value, (core.decode(text)))
      assert.same({ [value] = { value, {} } }, core.decode(("{%s:[%s,{}]}"):format(text, text)))
    end
  end)

  it("reads half a character beside a number that is no double", function()
    local read = core.decode [==[["\ud83d",1e999,[],{}]]==]
    assert.same({ "\239\191\189", "1e999", {}, {} }, read)
    assert.is_true(core.is_array(read[3]))
    assert.is_false(core.is_array(read[4]))
  end)

  it("says what else is wrong with a text that holds half a character", function()
    for _, text in ipairs { [==[["\ud83d"]==], [==[["\ud83d\x"]]==], [==[\ud83d]==] } do
      local value, message = core.decode(text)
      assert.is_nil(value)
      assert.is_nil(message:find("unicode escape", 1, true))
    end
  end)

  -- Each text, and how many values it has.
  local counts = {
    ["1"] = 1, ["[]"] = 1, ["{ }"] = 1, ["[[]]"] = 2, ["[ [ ] , [] ]"] = 3, ["[0,0,0]"] = 4,
    ['{"a":1,"b":[1,{}]}'] = 5, ['"[,,,]"'] = 1, ['{"a,b":"\\",[{"}'] = 2, ['["\\\\",[]]'] = 3,
  }
  for text, count in pairs(counts) do
    it(("counts %d values in %q"):format(count, text), function()
      assert.is_nil((select(2, core.decode(text, count))))
      local value, message, excessive = core.decode(text, count - 1)
      assert.is_nil(value)
      assert.is_true(excessive)
      assert.equal(("the answer has more than %d JSON values"):format(count - 1), message)
    end)
  end

  it("counts before a table is made", function()
    local text = "[" .. ("[],"):rep(200000) .. "[]]"
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    local value = core.decode(text, 200000)
    local after = collectgarbage "count"
    collectgarbage "restart"
    assert.is_nil(value)
    assert.is_true(after - before < 100, "KiB: " .. after - before)
  end)

  it("takes no limit that is none", function()
    assert.equal(200001, #core.decode("[" .. ("0,"):rep(200000) .. "0]", math.huge))
    assert.has_error(function() core.decode("1", -1) end)
    assert.has_error(function() core.decode("1", 0 / 0) end)
    assert.has_error(function() core.decode("1", {}) end)
  end)

  -- lua-cjson reads numbers with strtod, for which "1,5" may be one number.
  it("reads numbers whatever decimal separator the host's locale has", function()
    local found
    for _, name in ipairs { "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "ru_RU" } do
      found = found or os.setlocale(name .. ".UTF-8")
    end
    if not found then return pending("no locale with a decimal comma is installed") end
    local texts, read = { "[1,5]", "[1.5,2]", "[1,5,2.5]" }, {}
    for _, locale in ipairs { found, "C", found } do
      os.setlocale(locale)
      for _, text in ipairs(texts) do read[#read + 1] = core.encode(core.decode(text)) or "none" end
    end
    os.setlocale("C")
    local once = table.concat(texts, " ")
    assert.equal(table.concat({ once, once, once }, " "), table.concat(read, " "))
  end)

  -- Each text, and how `describe_shape` shows it.
  local shapes = {
    ["[]"] = "[]",
    ["{}"] = "{}",
    ["[ \t\r\n]"] = "[]",
    ["{ \t\r\n}"] = "{}",
    ['{"a":[]}'] = "{a=[]}",
    ['{"a":{}}'] = "{a={}}",
    ['[{"a":1}]'] = '[1={a="1"}]',
    ['{"a":[],"b":{}}'] = "{a=[],b={}}",
    ['{"a":{},"b":[]}'] = "{a={},b=[]}",
    ['{"a":{ },"b":[ \n]}'] = "{a={},b=[]}",
    ["[[],{},[[]],[{}],[{},[]]]"] = "[1=[],2={},3=[1=[]],4=[1={}],5=[1={},2=[]]]",
    ['{"a":[null],"b":{},"c":[]}'] = "{a=[],b={},c=[]}",
    ['{"a":{"b":null},"c":[]}'] = "{a={},c=[]}",
    ['{"a":{"b":null},"c":{},"d":[]}'] = "{a={},c={},d=[]}",
    ['{"a":"[]","b":{}}'] = '{a="[]",b={}}',
    ['{"a":"{}","b":[]}'] = '{a="{}",b=[]}',
    ['{"a":"\\"[]{}","b":[],"c":{}}'] = '{a="\\"[]{}",b=[],c={}}',
    ['{"a\\"]":{},"b\\\\":[]}'] = '{a"]={},b\\=[]}',
    ['{"\\u0061":{},"b":[]}'] = "{a={},b=[]}",
    ['{"[":{},"]":[]}'] = "{[={},]=[]}",
    ['{"a" : { } , "b" : [ ] }'] = "{a={},b=[]}",
    ['{"a":[1 , {} ,"x", [] ] }'] = '{a=[1="1",2={},3="x",4=[]]}',
    ['{"a":[true,false,null,-1.5e2,[],{}]}'] = '{a=[1="true",2="false",4="-150",5=[],6={}]}',
    ['{"a":1,"a":2}'] = '{a="2"}',
    ['{"a":[],"a":{}}'] = "{a={}}",
    ['{"a":{},"a":[]}'] = "{a=[]}",
    ['{"a":{"b":{}},"a":{"b":[]}}'] = "{a={b=[]}}",
    ['{"a":[[],{}],"a":[{},[]]}'] = "{a=[1={},2=[]]}",
    ['{"a":{"b":[]},"a":"x","c":{}}'] = '{a="x",c={}}',
    ['{"a":{},"a":null,"c":[]}'] = "{c=[]}",
    ['{"a":null,"a":{},"c":[]}'] = "{a={},c=[]}",
    ['{"1":{},"2":[]}'] = "{1={},2=[]}",
  }
  for text, shape in pairs(shapes) do
    it(("tells arrays from objects in %q"):format(text), function()
      assert.equal(shape, describe_shape(core.decode(text)))
    end)
  end

  it("knows of an array that nulls were in it, with empty ones beside it or without", function()
    for _, more in ipairs { "", ",[]", ",{}", ",[],{}" } do
      local list = core.decode(("[[1,null],[1]%s]"):format(more))
      assert.is_true(core.has_nulls(list[1]), more)
      assert.is_false(core.has_nulls(list[2]), more)
    end
  end)

  it("marks arrays that are not empty in texts without an empty one", function()
    local value = core.decode '{"data":[{"id":"a"}],"x":{"y":1}}'
    assert.is_true(core.is_array(value.data))
    assert.is_false(core.is_array(value))
    assert.is_false(core.is_array(value.data[1]))
    assert.is_false(core.is_array(value.x))
  end)

  it("gives objects no metatable", function()
    for _, text in ipairs { "{}", '{"a":1}', '{"a":[],"b":{}}' } do
      assert.is_nil(getmetatable(core.decode(text)))
    end
  end)

  it("reads back what encode wrote, each array an array", function()
    for _ = 1, 2000 do
      local value = random_value(5)
      local text = core.encode(value)
      assert.equal(describe_shape(value), describe_shape((core.decode(text))), text)
    end
  end)

  for name, brackets in pairs { arrays = { "[", "]" }, objects = { '{"a":', "}" } } do
    local function nest(levels)
      return brackets[1]:rep(levels - 1) .. "[]" .. brackets[2]:rep(levels - 1)
    end

    it("reads 100 levels of " .. name, function()
      assert.equal(nest(100), core.encode(core.decode(nest(100))))
    end)

    it("refuses deeper " .. name, function()
      for _, levels in ipairs { 101, 1000, 100000 } do
        local value, message = core.decode(nest(levels))
        assert.is_nil(value)
        assert.matches("nested", message)
      end
    end)
  end

  it("raises for something that is no text", function()
    assert.has_error(function() core.decode() end)
    assert.has_error(function() core.decode {} end)
  end)
end)

describe("decode returns nil and a message for", function()
  local malformed = {
    "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", '{"a"}', '{"a":}', '{"a":1,}', "{a:1}", "{1:1}",
    "[1]]", "[1] x", "{}{}", "nul", "truex", "NaN", "[NaN]", "[Infinity]", "[-Infinity]", "[nan]",
    "[0x10]", "[01]", "[+1]", "[.5]", "[-]", "[1e]", "'a'", '"a', '"\\x"', '"\\u12"', '"\\ud83"',
    "<html></html>", "\239\187\191{}", '{"a":"b', "[\0]", "\0", "[1] // x", "[/**/]",
  }
  for _, text in ipairs(malformed) do
    it(("%q"):format(text), function()
      local value, message, excessive = core.decode(text, 100)
      assert.is_nil(value)
      assert.equal("string", type(message))
      assert.is_nil(excessive)
    end)
  end

  it("a text that goes on behind a NUL", function()
    local value, message = core.decode '{"a":1}\0 and more'
    assert.is_nil(value)
    assert.equal("string", type(message))
  end)
end)

describe("the host's lua-cjson", function()
  -- Settings that no host has, and lua-cjson's own.
  local odd = {
    decode_max_depth = 3,
    encode_max_depth = 4,
    decode_invalid_numbers = false,
    encode_invalid_numbers = true,
    encode_number_precision = 5,
    encode_keep_buffer = false,
  }
  local before

  before_each(function()
    before = {}
    for name, value in pairs(odd) do
      before[name] = cjson[name]()
      cjson[name](value)
    end
  end)

  after_each(function()
    for name, value in pairs(before) do cjson[name](value) end
  end)

  local function check(decode)
    assert.same({ { { { { 123456789 } } } } }, decode "[[[[[123456789]]]]]")
    assert.is_nil(decode "[NaN]")
    for name, value in pairs(odd) do assert.equal(value, cjson[name](), name) end
  end

  it("is not asked for its settings, nor are they changed", function()
    check(core.decode)
  end)

  it("is not asked for them either when the core is loaded under them", function()
    local loaded = package.loaded["boltz.core"]
    package.loaded["boltz.core"] = nil
    local fresh = require "boltz.core"
    package.loaded["boltz.core"] = loaded
    assert.not_equal(loaded, fresh)
    check(fresh.decode)
  end)
end)
