-- SPDX-License-Identifier: MIT
-- What is written and read is the same in every locale of the host.

local child = require "support.child"

local SCRIPT = [[
  assert(os.setlocale(os.getenv "SPEC_LOCALE"), "no such locale")
  assert(os.date("!%A", 0) == "Donnerstag") -- LuaJIT formats numbers by itself
  local boltz = require "boltz"
  local function show(...) print(table.concat({ ... }, " ")) end
  local function got(amount)
    return (select(2, pcall(boltz.money.usd, amount)):match("got (.*)%)$"))
  end
  show(boltz.json.encode { 0.5, 1.5e300, 28.99, boltz.UNLIMITED })
  show(boltz.json.encode(boltz.json.decode "[1,5,1.5,null,-0.25e-3,9007199254740991]"))
  show(boltz.time.format(0.5), boltz.time.format(-1.75), boltz.time.format(86400))
  show(boltz.json.encode { boltz.time.parse "1970-01-01T00:00:00.25Z",
    boltz.time.parse "1970-01-01T00:00:00,5Z" })
  show(boltz.money.format(28990), boltz.money.format(28995), boltz.money.format "-5")
  show(boltz.money.usd "28.99", boltz.money.usd(57.98 / 2), boltz.money.usd "0.001")
  show(got "28,99", got(28.9999))
]]

local EXPECTED = [[
[0.5,1.5e+300,28.99,9007199254740991]
[1,5,1.5,null,-0.00025,9007199254740991]
1970-01-01T00:00:00.500Z 1969-12-31T23:59:58.250Z 1970-01-02T00:00:00Z
[0.25,0.5]
$28.99 $28.995 -$0.005
28990 28990 1
"28,99" 28.9999; round it first: math.floor(amount * 1000 + 0.5) / 1000
]]

-- A German locale in a folder of its own, which the host need not have installed; nil where that
-- cannot be made.
local function make_locale()
  local pipe = io.popen [[
    folder=$(mktemp -d) &&
    if localedef -c -i de_DE -f UTF-8 "$folder/de_DE.UTF-8" >/dev/null 2>&1; then echo "$folder"
    else rm -rf "$folder"; fi]]
  local folder = pipe:read("*l")
  pipe:close()
  return folder
end

describe("a locale with a decimal comma", function()
  local folder

  setup(function() folder = make_locale() end)

  teardown(function()
    if folder then os.execute(("rm -rf '%s'"):format(folder)) end
  end)

  it("changes nothing of JSON, times and money", function()
    if not folder then return pending("localedef makes no German locale here") end
    assert.are.equal(EXPECTED,
      child.run(SCRIPT, { LOCPATH = folder, SPEC_LOCALE = "de_DE.UTF-8",
        ASAN_OPTIONS = "detect_leaks=0" })) -- libc's setlocale has one
  end)
end)
