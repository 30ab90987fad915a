-- SPDX-License-Identifier: MIT
local fault_text = require "boltz.emulator.fault_text"

describe("boltz.emulator.fault_text", function()
  local FAULTS = {
    ["status=503,after=2,times=3,retry_after=1"] =
      { status = 503, after = 2, times = 3, retry_after = 1 },
    ["drop"] = { drop = true },
    ["drop=true,acted=false"] = { drop = true, acted = false },
    ["latency=0.25,every=2,times=always"] = { latency = 0.25, every = 2, times = math.huge },
    ["method=POST,path=/a=b,truncate=10"] = { method = "POST", path = "/a=b", truncate = 10 },
    ["headers.X-A=1,headers.b=c=d,malformed"] =
      { headers = { ["X-A"] = "1", b = "c=d" }, malformed = true },
    ['status=400,body={"code":"a","n":1},status=500'] =
      { status = 400, body = '{"code":"a","n":1},status=500' },
  }
  for text, fault in pairs(FAULTS) do
    it("reads " .. text, function() assert.same(fault, (fault_text.read(text))) end)
  end

  it("says what is wrong", function()
    for _, text in ipairs{ "statsu=1", "status", "status=0x1F7", "status=", "drop=1", "=1",
      "status=503 ", "headers=1" } do
      local fault, mistake = fault_text.read(text)
      assert.is_nil(fault, text)
      assert.is_string(mistake)
    end
  end)

  it("reads several, one a line, and stops at one that is wrong", function()
    assert.same({}, fault_text.read_all(nil))
    assert.same({ { drop = true }, { status = 429 } }, fault_text.read_all("drop\nstatus=429\n"))
    local list, mistake = fault_text.read_all("drop\nx=1\n")
    assert.is_nil(list)
    assert.matches("^unknown field in a fault: x", mistake)
  end)
end)
