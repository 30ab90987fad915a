-- SPDX-License-Identifier: MIT
-- What ends calls before their time: closing their client, their deadline, an error out of the
-- wait. Closing a map is in concurrent_spec.lua, closing a pager in prefetch_spec.lua.

local boltz = require "boltz"
local clients = require "support.clients"
local core = require "boltz.core"
local servers = require "support.servers"
local stub = require "support.stub"
local wire = require "support.wire"

local TOO_LONG = 10 -- seconds; what is not ended takes twice as long

local function copy_of(client, options)
  return clients.keep(client:with(options or {}))
end

local function start(options)
  local server = wire.start(servers.HOLD)
  return clients.of(server, options), server
end

local function stop_all()
  debug.sethook()
  clients.stop_all()
end

-- How often each word was seen, with the method and the last of the path for a request.
local function counts(server)
  local count = setmetatable({ requests = 0 }, { __index = function() return 0 end })
  for _, text in ipairs(server:records()) do
    local method, last = text:match("^(%u+) %S*/(%S*) HTTP")
    local word = method and method .. " " .. last or text
    count[word] = count[word] + 1
    if method then count.requests = count.requests + 1 end
  end
  return count
end

-- Makes calls, so that those of others can go on, until the server has seen something that often.
local function until_seen(client, server, word, times)
  local started = core.now()
  while counts(server)[word] < times do
    assert(client:get "/meanwhile")
    assert(core.now() - started < TOO_LONG, word .. " never came")
  end
end

local function assert_soon(call)
  local started = core.now()
  call()
  local seconds = core.now() - started
  assert.is_true(seconds < TOO_LONG, ("%.1f s"):format(seconds))
end

local function assert_cancelled(err, maybe_applied, attempts)
  assert.are.equal("cancelled", err.kind)
  assert.are.equal("the client is closed", err.message)
  assert.are.equal(maybe_applied, err.maybe_applied)
  assert.are.equal(attempts or 1, err.attempts)
  assert.is_nil(err.status)
end

describe("closing a client", function()
  after_each(stop_all)

  it("ends its calls in other tasks at once, and says of writes that they may be done", function()
    local client, server = start()
    local copy = copy_of(client)
    local ended
    assert_soon(function()
      local _, errors = boltz.gather {
        function() return client.workspaces:retrieve "slow1" end,
        function() return client.workspaces:create { name = "new" } end,
        function() return client:put("/slow2", { body = {} }) end,
        function() return client:delete "/slow3" end,
        function()
          for _, word in ipairs { "GET slow1", "POST workspaces", "PUT slow2", "DELETE slow3" } do
            until_seen(copy, server, word, 1)
          end
          client:close()
        end,
      }
      ended = errors
    end)
    for i = 1, 4 do assert_cancelled(ended[i], i > 1) end
    assert.is_nil(ended[5])
    assert.are.equal(5, counts(server)["gone"]) -- also the connection that no call used
    assert.are.equal("x", copy:get("/x").id)
  end)

  it("ends a call that waits before it tries again, and sends nothing more", function()
    local server = wire.start(servers.always("{}", "Retry-After: 30\r\n", "503 No"))
    local failed = 0
    local client = clients.of(server, { max_retries = 5,
      on_attempt = function() failed = failed + 1 end })
    local ended
    assert_soon(function()
      local _, errors = boltz.gather {
        function() return client.workspaces:retrieve "one" end,
        function() return client.workspaces:create { name = "two" } end,
        function()
          repeat client:get("/meanwhile", { max_retries = 0 }) until server:records()[3]
            and failed >= 3 + #server:records() - 3
          client:close()
        end,
      }
      ended = errors
    end)
    for i = 1, 2 do assert_cancelled(ended[i], false) end
    assert.are.equal(failed, #server:records())
  end)

  it("ends only its own calls where copies share the session", function()
    local client, server = start()
    local copy, third = copy_of(client), copy_of(client)
    local results, errors = boltz.gather {
      function() return client.workspaces:retrieve "slow1" end,
      function() return copy.workspaces:retrieve "slow2" end,
      function()
        until_seen(third, server, "GET slow1", 1)
        until_seen(third, server, "GET slow2", 1)
        copy:close()
        until_seen(third, server, "gone", 1)
        return third.workspaces:retrieve "release"
      end,
    }
    assert.are.equal("slow1", results[1].id)
    assert_cancelled(errors[2], false)
    assert.is_nil(errors[3])
    until_seen(third, server, "gone", 3) -- the others' when their calls had ended
  end)

  it("leaves the session to its copies, but not the connections", function()
    local client, server = start()
    local copy = copy_of(client)
    assert(client:get "/a")
    client:close()
    assert.are.equal(1, counts(server)["gone"])
    assert.are.equal("b", copy:get("/b").id)
    assert.are.equal(1, counts(server)["gone"])
    copy:close()
    assert.are.equal(2, counts(server)["gone"])
  end)

  it("in the body of a map's loop gives `cancelled` for each call that is under way", function()
    for _, ordered in ipairs { false, true } do
      local client = start()
      local results, kinds = 0, {}
      assert_soon(function()
        for id, workspace, err in boltz.map({ "quick", "slow1", "slow2", "late" }, function(id)
          return client.workspaces:retrieve(id)
        end, { concurrency = 3, ordered = ordered }) do
          results = results + 1
          if id == "quick" then
            assert.are.equal("quick", workspace.id)
            client:close()
          elseif id == "late" then -- which has begun when "quick" was there, or begins no more
            assert.is_truthy(workspace or err.kind == "cancelled" or err:find "closed client")
          else
            kinds[#kinds + 1] = err.kind
          end
        end
      end)
      assert.are.equal(4, results)
      assert.are.same({ "cancelled", "cancelled" }, kinds)
      end
  end)

  it("in a map's function gives `cancelled` to the others", function()
    local client, server = start()
    local copy = copy_of(client)
    local errors = {}
    assert_soon(function()
      for id, _, err in boltz.map({ "slow1", "slow2", "close" }, function(id)
        if id ~= "close" then return client.workspaces:retrieve(id) end
        until_seen(copy, server, "GET slow1", 1)
        until_seen(copy, server, "GET slow2", 1)
        client:close()
        return true
      end) do
        errors[id] = err
      end
    end)
    assert.is_nil(errors.close)
    assert_cancelled(errors.slow1, false)
    assert_cancelled(errors.slow2, false)
    assert.are.equal(3, counts(server)["gone"]) -- also the connection that no call used
  end)

  it("while a map waits for a page of it raises `cancelled` after all results", function()
    local server = wire.start(servers.SECOND_PAGE_HANGS_ONCE)
    local client = clients.of(server)
    local taken = 0
    assert_soon(function()
      local done, raised = pcall(function()
        for _, id in boltz.map(client.workspaces:list(), function(item) return item.id end) do
          taken = taken + 1
          assert(id)
          if taken == 2 then client:close() end
        end
      end)
      assert.is_false(done)
      assert.are.equal("cancelled", raised.kind)
    end)
    assert.are.equal(2, taken)
    assert.are.equal(1, counts(server)["gone"])
  end)

  it("of one engine leaves a map's calls of another alone", function()
    local one, first = start()
    local other, second = start()
    local results = {}
    for id, workspace, err in boltz.map({ "slow1", "slow2", "quick" }, function(id)
      return (id == "slow1" and one or other).workspaces:retrieve(id)
    end) do
      results[id] = err and err.kind or workspace.id
      if id == "quick" then
        one:close()
        other.workspaces:retrieve "release"
      end
    end
    assert.are.same({ slow1 = "cancelled", slow2 = "slow2", quick = "quick" }, results)
    assert.are.equal(1, counts(first)["gone"])
    assert.are.equal(0, counts(second)["gone"])
  end)

  -- A host in a few lines: coroutines that take turns. `loop` is the client's option.
  local function host()
    local threads = {}
    local self = { loop = function() coroutine.yield() end }
    function self.start(fn)
      threads[#threads + 1] = coroutine.create(fn)
    end
    function self.run()
      local started = core.now()
      while #threads > 0 do
        for i = #threads, 1, -1 do
          assert(coroutine.resume(threads[i]))
          if coroutine.status(threads[i]) == "dead" then table.remove(threads, i) end
        end
        assert(core.now() - started < TOO_LONG, "a coroutine waits for ever")
      end
    end
    return self
  end

  it("ends what other coroutines of a host wait for: calls, lists, gather and maps", function()
    local here = host()
    local client, server = start { loop = here.loop }
    local ended = {}
    here.start(function() ended.call = select(2, client.workspaces:retrieve "slow1") end)
    here.start(function() ended.write = select(2, client.workspaces:create { name = "x" }) end)
    here.start(function()
      local _, err = client:paginate("/slow2"):next()
      ended.list = err
    end)
    here.start(function()
      local _, errors = boltz.gather { function() return client:get "/slow3" end }
      ended.gather = errors[1]
    end)
    here.start(function()
      for _, _, err in boltz.map({ "/slow4" }, function(path) return client:get(path) end) do
        ended.map = err
      end
    end)
    here.start(function()
      while counts(server).requests < 5 do coroutine.yield() end
      client:close()
    end)
    here.run()
    assert_cancelled(ended.call, false)
    assert_cancelled(ended.write, true)
    assert_cancelled(ended.list, false)
    assert_cancelled(ended.gather, false)
    assert_cancelled(ended.map, false)
    assert.are.equal(5, counts(server)["gone"])
  end)

  it("ends what coroutines of cqueues wait for", function()
    local found, cqueues = pcall(require, "cqueues")
    if not found then return pending("lua-cqueues is not installed") end
    local client, server = start { loop = "cqueues" }
    local ended, queue = {}, cqueues.new()
    queue:wrap(function() ended.call = select(2, client.workspaces:retrieve "slow1") end)
    queue:wrap(function() ended.write = select(2, client.workspaces:create { name = "x" }) end)
    queue:wrap(function()
      for _, _, err in boltz.map({ "/slow2" }, function(path) return client:get(path) end) do
        ended.map = err
      end
    end)
    queue:wrap(function()
      while counts(server).requests < 3 do cqueues.sleep(0.001) end
      client:close()
    end)
    assert_soon(function() assert(queue:loop(TOO_LONG)) end)
    assert.is_true(queue:empty())
    assert_cancelled(ended.call, false)
    assert_cancelled(ended.write, true)
    assert_cancelled(ended.map, false)
    assert.are.equal(3, counts(server)["gone"])
  end)
end)

describe("a deadline in a map", function()
  after_each(stop_all)

  it("ends the calls that it is over for, and no others", function()
    local client, server = start()
    local kinds, order = {}, {}
    assert_soon(function()
      for id, workspace, err in boltz.map({ "slow1", "slow2", "quick" }, function(id)
        local deadline = id ~= "quick" and 0.2 or nil
        return client.workspaces:retrieve(id, { deadline = deadline })
      end) do
        order[#order + 1] = id
        kinds[id] = err and err.kind or workspace.id
        if err then assert.matches("deadline of 0.2 s", err.message) end
      end
    end)
    assert.are.same({ slow1 = "timeout", slow2 = "timeout", quick = "quick" }, kinds)
    assert.are.equal("quick", order[1])
    assert.are.equal(2, counts(server)["gone"])
    assert.are.equal("after", client:get("/after").id)
  end)
end)

describe("an error out of the wait, such as Ctrl-C,", function()
  after_each(stop_all)

  -- Runs a call, and raises "interrupted" in its wait as soon as `ready()`.
  local function interrupted(ready, call)
    debug.sethook(function()
      if debug.getinfo(2, "S").source:find "host/blocking.lua$" and ready() then
        debug.sethook()
        error("interrupted", 0)
      end
    end, "", 1)
    local done, problem = pcall(call)
    debug.sethook()
    assert.is_false(done)
    assert.are.equal("interrupted", problem)
  end

  it("ends the call that is waited for", function()
    local client, server = start()
    interrupted(function() return counts(server)["GET slow1"] == 1 end, function()
      client.workspaces:retrieve "slow1"
    end)
    assert.are.equal(1, counts(server)["gone"])
    assert.are.equal("after", client:get("/after").id)
    assert.are.equal(2, counts(server).requests)
  end)

  it("has the log tell of a call that may have been carried out", function()
    local lines = {}
    local client, server = start { log_level = "warn",
      logger = function(level, _, fields) lines[#lines + 1] = { level, fields } end }
    interrupted(function() return counts(server)["POST slow1"] == 1 end, function()
      client.workspaces:update("slow1", { name = "new" })
    end)
    assert.are.equal(1, #lines)
    local level, fields = lines[1][1], lines[1][2]
    assert.are.equal("warn", level)
    assert.are.equal("POST", fields.method)
    assert.matches("/slow1$", fields.url_path)
    assert.is_true(fields.maybe_applied)
  end)

  it("ends a call that waits before it tries again", function()
    local server = wire.start(servers.always("{}", "Retry-After: 0.5\r\n", "503 No"))
    local failed
    local client = clients.of(server, { max_retries = 5,
      on_attempt = function() failed = true end })
    interrupted(function() return failed end, function()
      client.workspaces:retrieve "x"
    end)
    local before = #server:records()
    local other = copy_of(client, { max_retries = 0 })
    local ends = core.now() + 0.6 -- seconds: longer than the wait that was left
    repeat other:get "/meanwhile" until core.now() > ends
    local list = server:records()
    for i = before + 1, #list do assert.matches("^GET /meanwhile", list[i]) end
  end)

  local function map_all(client, paths)
    local function get(path) return client:get(path) end
    for _ in boltz.map(paths, get, { concurrency = 3 }) do end -- luacheck: ignore 542
  end

  for name, call in pairs {
    map = map_all,
    gather = function(client, paths)
      local functions = {}
      for i, path in ipairs(paths) do
        functions[i] = function() return client:get(path) end
      end
      boltz.gather(functions, { concurrency = 3 })
    end,
    ["a map in a map"] = function(client, paths)
      local function all() map_all(client, paths) end
      for _ in boltz.map({ 1 }, all) do end -- luacheck: ignore 542
    end,
  } do
    it("ends all calls of " .. name .. ", and nothing is sent afterwards", function()
      local client, server = start()
      interrupted(function()
        local count = counts(server)
        return count["GET slow1"] + count["GET slow2"] + count["GET slow3"] == 3
      end, function()
        call(client, { "/slow1", "/slow2", "/slow3", "/never1", "/never2" })
      end)
      assert.are.equal(3, counts(server)["gone"])
      for _ = 1, 10 do assert(client:get "/after") end
      assert.are.equal(3 + 10, counts(server).requests)
    end)
  end

  it("ends the page that a list waits for, which can be asked for again", function()
    local server = wire.start(servers.SECOND_PAGE_HANGS_ONCE)
    for _, prefetch in ipairs { true, false } do
      local client = clients.of(server)
      local pager = client.workspaces:list({}, { prefetch = prefetch })
      pager:next()
      pager:next()
      if prefetch then
        interrupted(function() return counts(server).requests == 2 end, function()
          pager:next()
        end)
        assert.are.equal(1, counts(server)["gone"])
      end
      assert.are.equal("c", pager:next().id)
      assert.is_nil(pager:next())
    end
  end)

  it("leaves the other calls of the client as they are", function()
    local client, server = start()
    local pager = client:paginate "/slowpage"
    pager._reader._ahead._ahead = pager._reader:_start() -- as a prefetch does
    interrupted(function()
      local count = counts(server)
      return count["GET slow1"] + count["GET slowpage"] == 2
    end, function() client:get "/slow1" end)
    assert.are.equal(1, counts(server)["gone"])
    assert(client:get "/release")
    local _, err = pager:next() -- an answer came, if not that of a list
    assert.are.equal("invalid_response", err.kind)
    assert.are.equal(1, counts(server)["GET slowpage"])
  end)

  it("ends a wait in a host of the user's by an error in that", function()
    local client, server
    client, server = start { loop = function()
      if counts(server).requests == 2 then error("stopped by the host", 0) end
    end }
    local done, problem = pcall(function()
      for _ in boltz.map({ "/slow1", "/slow2", "/never" }, function(path) -- luacheck: ignore 542
        return client:get(path)
      end, { concurrency = 2 }) do end
    end)
    assert.is_false(done)
    assert.are.equal("stopped by the host", problem)
    assert.are.equal(2, counts(server)["gone"])
    assert.are.equal(2, counts(server).requests)
  end)
end)

describe("after 1,000 rounds", function()
  after_each(stop_all)

  -- How many descriptors this process has, or nil where that cannot be told.
  local function descriptors()
    local pipe = io.popen "ls /proc/$PPID/fd 2>&1 | grep -c '^[0-9]'"
    local count = tonumber((pipe:read "*a"))
    pipe:close()
    return count and count > 0 and count or nil
  end

  local ROUNDS = 1000

  -- An idle connection more or less: one that was being made when its call was ended may be kept.
  local SLACK = 3

  -- Runs all rounds; the descriptors after the tenth must be those after the last.
  local function assert_constant(round)
    if not descriptors() then return pending "there is no /proc to count descriptors in" end
    local before
    for i = 1, ROUNDS do
      round(i)
      if i == 10 then before = descriptors() end
    end
    collectgarbage()
    collectgarbage()
    local after = descriptors()
    assert.is_true(after <= before + SLACK, ("%d, and then %d"):format(before, after))
  end

  it("of maps that were closed, a client's connections are healthy and as many", function()
    local client = clients.of(wire.start(servers.HOLD))
    assert_constant(function()
      local map = boltz.map({ "quick", "slow1", "slow2" }, function(id)
        return client.workspaces:retrieve(id)
      end)
      assert.are.equal("quick", (map()))
      map:close()
      assert.are.equal("after", client:get("/after").id)
    end)
  end)

  it("of copies that were closed in the midst of calls, too", function()
    local client = clients.of(wire.start(servers.HOLD))
    assert_constant(function(i)
      local copy = client:with { max_retries = i % 3 }
      for id, _, err in boltz.map({ "quick", "slow1", "slow2" }, function(id)
        return copy.workspaces:retrieve(id)
      end) do
        if id == "quick" then copy:close() else assert(err.kind == "cancelled") end
      end
      assert.are.equal("after", client:with({ timeout = 9 }):get("/after").id)
    end)
  end)

  it("of clients that were closed in the midst of calls, nothing of them is left", function()
    local server = wire.start(servers.HOLD)
    assert_constant(function()
      local client = boltz.new { api_key = stub.KEY, base_url = server.url }
      local pager = client.workspaces:list()
      for id, _, err in boltz.map({ "quick", "slow1" }, function(id)
        return client.workspaces:retrieve(id)
      end) do
        if id == "quick" then client:close() else assert(err.kind == "cancelled") end
      end
      pager:close()
    end)
  end)

  it("of errors out of the wait, too", function()
    local stop
    local client = clients.of(wire.start(servers.HOLD), { loop = function()
      if stop then error("stopped", 0) end
    end })
    assert_constant(function()
      stop = true
      assert.is_false(pcall(function()
        boltz.gather { function() client:get "/slow1" end, function() client:get "/slow2" end }
      end))
      stop = false
      assert.are.equal("after", client:get("/after").id)
    end)
  end)
end)
