-- SPDX-License-Identifier: MIT
local Router = require "boltz.emulator.router"

describe("boltz.emulator.router", function()
  local list = { method = "GET", template = "/v1/things" }
  local make = { method = "POST", template = "/v1/things" }
  local one = { method = "GET", template = "/v1/things/{thing_id}" }
  local part = { method = "GET", template = "/v1/things/{thing_id}/part" }
  local router = Router.new{ list, make, one, part }

  it("finds a route by method and path", function()
    assert.equal(list, (router:find("GET", "/v1/things")))
    assert.equal(make, (router:find("POST", "/v1/things")))
    assert.equal(part, (router:find("GET", "/v1/things/a/part")))
  end)

  it("decodes an id after the path was split", function()
    local route, ids = router:find("GET", "/v1/things/a%2Fb%20%C3%A9")
    assert.equal(one, route)
    assert.same({ thing_id = "a/b é" }, ids)
  end)

  it("does not take an encoded slash for a separator", function()
    assert.equal(one, (router:find("GET", "/v1/things/a%2Fpart")))
  end)

  it("names the methods of a path that exists", function()
    local route, methods = router:find("PUT", "/v1/things")
    assert.is_nil(route)
    assert.same({ "GET", "POST" }, methods)
  end)

  it("knows no method for any other path", function()
    for _, path in ipairs{ "/v1", "/v1/things/", "/v1/things//part", "/v1/things/a/b", "", "/" } do
      local route, methods = router:find("GET", path)
      assert.is_nil(route, path)
      assert.same({}, methods, path)
    end
  end)
end)
