-- SPDX-License-Identifier: MIT
-- bin/boltz-emulator over real sockets, with curl, so that the client plays no part in it.
local core = require "boltz.core"
local emulator = require "support.emulator"
local run = require("support.system").run

local ME = "/compute/v1/auth/me"
local WORKSPACES = "/compute/v1/admin/workspaces"

--- Waits for a command to fail, and gives up after ten seconds.
local function wait_until_not(command)
  local _, status = run("for i in $(seq 1000); do " .. command
    .. " >/dev/null 2>&1 || exit 0; sleep 0.01; done; exit 1")
  return status == 0
end

describe("bin/boltz-emulator", function()
  for _, scheme in ipairs{ "http", "https" } do
    describe("over " .. scheme, function()
      local service

      setup(function() service = emulator.start{ tls = scheme == "https" or nil } end)
      teardown(function() service:stop() end)
      before_each(function() service:reset_faults() end)

      --- Status, body and exit status of curl.
      local function curl(path, ...)
        local output, exit = service:curl(path, "-H", "x-api-key: " .. service.api_key,
          "-w", "\n%{http_code}", ...)
        local body, status = output:match("^(.*)\n(%d+)$")
        return tonumber(status), body, exit
      end

      local function headers(path, ...)
        local output = service:curl(path, "-H", "x-api-key: " .. service.api_key, "-D", "-",
          "-o", "/dev/null", ...)
        return output:lower()
      end

      it("answers on the address that it printed", function()
        assert.matches("^" .. scheme .. "://127%.0%.0%.1:%d+$", service.base_url)
        local status, body = curl(ME)
        assert.equal(200, status)
        assert.equal("admin", core.decode(body).key_type)
      end)

      it("answers errors with their status, and nobody without a key", function()
        assert.equal(404, (curl(WORKSPACES .. "/none")))
        local output = service:curl(ME, "-w", "\n%{http_code}")
        assert.matches("\n401$", output)
      end)

      it("remembers what was written", function()
        local status, body = curl(WORKSPACES, "-H", "content-type: application/json",
          "-d", '{"name":"Größe"}')
        assert.equal(200, status)
        local made = core.decode(body)
        assert.equal("Größe", made.name)
        local _, read = curl(WORKSPACES .. "/" .. made.id)
        assert.same(made, core.decode(read))
      end)

      it("hands the path on as it was sent", function()
        local last
        for _, id in ipairs{ "a%2Fb", "%2E%2E", "x%20y", "%C3%A9", "a+b", "%3F", "a%25b" } do
          assert.equal(404, (curl(WORKSPACES .. "/" .. id, "--path-as-is")), id)
          local requests = service:state().requests
          last = requests[#requests]
          assert.equal(WORKSPACES .. "/" .. id, last.path)
        end
      end)

      it("hands the query on as it was sent", function()
        curl(WORKSPACES, "-H", "content-type: application/json", "-d", '{"name":"a b&c=d+e"}')
        local _, body = curl(WORKSPACES .. "?name=a%20b%26c%3Dd%2Be&limit=5")
        assert.equal("a b&c=d+e", core.decode(body).data[1].name)
      end)

      it("accepts a POST without a body where none belongs", function()
        local _, made = curl(WORKSPACES, "-H", "content-type: application/json", "-d", "{}")
        local status, body = curl(WORKSPACES .. "/" .. core.decode(made).id .. "/archive",
          "-X", "POST", "-H", "content-length: 0")
        assert.equal(200, status)
        assert.is_string(core.decode(body).archived_at)
      end)

      it("compresses for clients that ask for it", function()
        assert.matches("\ncontent%-encoding: gzip\r", headers(WORKSPACES, "--compressed"))
        local status, body = curl(WORKSPACES, "--compressed")
        assert.equal(200, status)
        assert.is_string(core.decode(body).first_id)
        local plain = headers(WORKSPACES)
        assert.is_nil(plain:find("content-encoding", 1, true))
        assert.matches("\ncontent%-length: %d+\r", plain)
      end)

      it("gives every answer a request id", function()
        local id = headers(ME):match("\nx%-request%-id: (%S+)")
        assert.is_string(id)
        assert.are_not.equal(id, headers(ME):match("\nx%-request%-id: (%S+)"))
      end)

      it("drops a connection on request", function()
        service:fault{ drop = true }
        local _, body, exit = curl(ME)
        assert.equal("", body)
        assert.are_not.equal(0, exit)
        assert.equal(200, (curl(ME)))
      end)

      it("promises a whole body and breaks off, also for a client that would take gzip", function()
        service:fault{ truncate = 20, times = 3 }
        for _, option in ipairs{ "--no-progress-meter", "--compressed" } do
          local _, body, exit = curl(ME, option)
          assert.equal(20, #body)
          assert.are_not.equal(0, exit)
        end
        assert.matches("\ncontent%-length: %d%d%d\r", headers(ME, "--compressed"))
        assert.equal(200, (curl(ME)))
      end)

      it("answers late on request", function()
        service:fault{ latency = 0.2, status = 429, retry_after = 3 }
        local answer = headers(ME, "-w", "%{time_total}")
        assert.matches(" 429", answer)
        assert.matches("\nretry%-after: 3\r", answer)
        -- nginx counts from the time at which it last woke, so it may be early by that much.
        assert.is_true(tonumber(answer:match("([%d.]+)$")) > 0.1)
      end)

      it("says what is wrong with a fault", function()
        local status, body = curl("/_emulator/faults", "-d", '{"statsu":500}')
        assert.equal(400, status)
        assert.matches("^unknown field in a fault: statsu %(known: ", core.decode(body).message)
      end)
    end)
  end

  it("speaks HTTP/2 and TLS 1.2 or later, with a certificate that CA_FILE vouches for", function()
    local service = emulator.start{ tls = true }
    finally(function() service:stop() end)
    local version = service:curl(ME, "-o", "/dev/null", "-w", "%{http_version}")
    assert.equal("2", version)
    local _, exit = service:curl(ME, "--tls-max", "1.1")
    assert.are_not.equal(0, exit)
    local _, distrust = run("curl -s -o /dev/null '" .. service.base_url .. ME .. "'")
    assert.equal(60, distrust)
    local port = service.base_url:match("%d+$")
    local _, named = run(("curl -s -o /dev/null --cacert '%s' --resolve localhost:%s:127.0.0.1 "
      .. "https://localhost:%s%s"):format(service.ca_file, port, port, ME))
    assert.equal(0, named)
  end)

  it("waits before every answer with --latency", function()
    local service = emulator.start{ latency = 150 }
    finally(function() service:stop() end)
    local time = service:curl(ME, "-o", "/dev/null", "-w", "%{time_total}")
    assert.is_true(tonumber(time) > 0.1) -- by nginx's clock, which lags
  end)

  it("starts as asked: workspaces, seed, key, port", function()
    local first = emulator.start{ workspaces = 3, seed = 7, admin_key = "sk_bc_admin_live_mine" }
    local state, port = first:state(), first.base_url:match("%d+$")
    first:stop()
    assert.equal("sk_bc_admin_live_mine", first.api_key)
    assert.equal(3, state.counts.workspaces)
    local second = emulator.start{ workspaces = 3, seed = 7, port = port }
    finally(function() second:stop() end)
    assert.equal(port, second.base_url:match("%d+$"))
    assert.equal(state.workspaces[1].id, second:state().workspaces[1].id)
  end)

  it("says that a port is taken, at once, and leaves nothing behind", function()
    local service = emulator.start()
    finally(function() service:stop() end)
    local output, status = run("export TMPDIR=$(mktemp -d); bin/boltz-emulator --port "
      .. service.base_url:match("%d+$") .. " 2>&1; s=$?; rmdir $TMPDIR; exit $s")
    assert.equal(1, status)
    assert.matches("^boltz%-emulator: cannot listen on 127%.0%.0%.1:%d+: Address already in use\n$",
      output)
  end)

  it("prints how it is used, and refuses what it does not know", function()
    local output, status = run("bin/boltz-emulator --help 2>&1")
    assert.equal(0, status)
    assert.matches("^usage: boltz%-emulator", output)
    for _, arguments in ipairs{
      "--prot 1", "--port", "--port x", "--port 65536", "--seed -1", "extra", "--admin-key 'a b'",
      "--latency ''",
    } do
      output, status = run("bin/boltz-emulator " .. arguments .. " 2>&1 >/dev/null")
      assert.equal(2, status, arguments)
      assert.matches("^boltz%-emulator: .*\nusage: ", output)
    end
  end)

  it("says what to install where nginx is missing", function()
    local output, status = run("d=$(mktemp -d) && for p in sh env dirname readlink cat; do "
      .. 'ln -s "$(command -v $p)" "$d/$p"; done; '
      .. 'sed "s,:/usr/local/sbin:/usr/sbin,," bin/boltz-emulator > "$d/program"; '
      .. 'PATH="$d" sh "$d/program" 2>&1; s=$?; rm -rf "$d"; exit $s')
    assert.equal(1, status)
    assert.matches("nginx is missing; install it, on Debian or Ubuntu: apt%-get install", output)
  end)

  for _, signal in ipairs{ "TERM", "INT", "QUIT" } do
    it("stops on SIG" .. signal .. " without a word, and leaves nothing behind", function()
      local output = run(([[
        errors=$(mktemp) lines=$(mktemp)
        bin/boltz-emulator --tls >"$lines" 2>"$errors" & pid=$!
        until grep -q ^PID= "$lines"; do sleep 0.01; done
        printed=$(sed -n s/^PID=//p "$lines") folder=$(dirname "$(sed -n s/^CA_FILE=//p "$lines")")
        [ "$printed" = "$pid" ] || echo "PID is wrong"
        [ -d "$folder" ] || echo "no folder"
        kill -%s "$pid"; wait "$pid"; echo "exit $?"
        [ ! -e "$folder" ] || echo "folder is still there"
        cat "$errors"; rm "$errors" "$lines"]]):format(signal))
      assert.equal("exit 0\n", output)
    end)
  end

  it("ends with the process that started it, even when that is killed", function()
    local output = run([[
      lines=$(mktemp)
      sh -c 'bin/boltz-emulator & wait' >"$lines" & shell=$!
      until grep -q ^PID= "$lines"; do sleep 0.01; done
      sed -n 's/^BOLTZ_BASE_URL=//p' "$lines"; kill -9 "$shell"; rm "$lines"]])
    local url = output:match("^(http:%S+)\n$")
    assert.is_string(url)
    assert.is_true(wait_until_not("curl " .. url))
  end)
end)
