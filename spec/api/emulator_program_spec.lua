-- SPDX-License-Identifier: MIT
-- bin/boltz-emulator beside a command, and in the background.
local core = require "boltz.core"
local system = require "support.system"

-- Runs a script of the shell with a folder of its own for temporary files, and says what is left in
-- that at the end. A script that hangs is ended.
local function run(script)
  local output, status = system.run([[
    TMPDIR=$(mktemp -d); export TMPDIR
    cat >"$TMPDIR/script" <<'END_OF_SCRIPT'
    until_is() {
      i=0
      until eval "$1"; do sleep 0.02; i=$((i+1)); [ $i -lt 1500 ] || exit 99; done
    }
]] .. script .. "\nEND_OF_SCRIPT\n" .. [[
    timeout -k 1 60 sh "$TMPDIR/script"; status=$?
    rm -f "$TMPDIR/script" "$TMPDIR/out"
    rmdir "$TMPDIR" || { ls "$TMPDIR"; rm -r "$TMPDIR"; }
    exit $status]])
  return output, status
end

describe("bin/boltz-emulator beside a command", function()
  it("tells it where it is, and hands its arguments on as they are", function()
    local output, status = run([[
      bin/boltz-emulator --admin-key sk_bc_admin_test_mine -- sh -c '
        curl -s -o /dev/null -w "%{http_code}\n" -H "x-api-key: $BOLTZ_API_KEY" \
          "$BOLTZ_BASE_URL/compute/v1/auth/me"
        echo "$BOLTZ_API_KEY"; for word in "$@"; do echo "<$word>"; done' x 'a  b' '' '$HOME"' "c
d"]])
    assert.equal("200\nsk_bc_admin_test_mine\n<a  b>\n<>\n<$HOME\">\n<c\nd>\n", output)
    assert.equal(0, status)
  end)

  it("ends with its status, whatever that is, and leaves nothing behind", function()
    local output = run([[
      bin/boltz-emulator -- sh -c 'echo $BOLTZ_BASE_URL >$TMPDIR/out; exit 7'; echo $?
      curl -s "$(cat $TMPDIR/out)"; echo $?
      bin/boltz-emulator -- sh -c 'kill -9 $$'; echo $?
      bin/boltz-emulator -- "$TMPDIR/none" 2>/dev/null; echo $?
      bin/boltz-emulator -- "$TMPDIR" 2>/dev/null; echo $?]])
    assert.equal("7\n7\n137\n127\n126\n", output) -- the second is curl's: no connection
  end)

  it("leaves it standard input and output, its descriptors, and the paths of its Lua", function()
    local output = run([[
      export LUA_PATH='./?.of_mine'; unset LUA_CPATH BOLTZ_BUILD BOLTZ_UNDER; exec 5>&1
      echo asked | bin/boltz-emulator -- sh -c 'cat; echo five >&5; ls /proc/$$/fd >$TMPDIR/out
        sort -n $TMPDIR/out | tr "\n" " "; echo
        env | grep "LUA_\|BOLTZ_" | sed "s/=.*//" | sort | tr "\n" " "; echo $LUA_PATH']])
    assert.matches("^asked\nfive\n0 1 2 [%d ]*5 [%d ]*\nBOLTZ_API_KEY BOLTZ_BASE_URL LUA_PATH "
      .. "%./%?%.of_mine\n$", output)
    local plain = run([[
      exec 5>&1; sh -c 'ls /proc/$$/fd >$TMPDIR/out; sort -n $TMPDIR/out | tr "\n" " "']])
    assert.equal(plain, output:match("five\n([^\n]*)\n"))
  end)

  for _, signal in ipairs{ "INT", "TERM", "HUP" } do
    it("passes SIG" .. signal .. " on", function()
      local output = run(([[
        bin/boltz-emulator -- sh -c 'trap "echo got; exit 9" %s; echo ready
          while :; do sleep 0.02; done' >$TMPDIR/out & pid=$!
        until_is 'grep -qs ready $TMPDIR/out'
        kill -%s $pid; wait $pid; echo $?; cat $TMPDIR/out]]):format(signal, signal))
      assert.equal("9\nready\ngot\n", output)
    end)
  end

  it("says by its status which signal ended it", function()
    local output = run([[
      bin/boltz-emulator -- sh -c 'echo ready; exec sleep 50' >$TMPDIR/out & pid=$!
      until_is 'grep -qs ready $TMPDIR/out'
      kill -TERM $pid; wait $pid; echo $?]])
    assert.equal("143\n", output)
  end)

  it("ends when it is killed itself, though the command goes on", function()
    local output = run([[
      bin/boltz-emulator --tls -- sh -c 'echo $$ $BOLTZ_BASE_URL; exec sleep 50' >$TMPDIR/out &
      until_is 'grep -qs http $TMPDIR/out'
      kill -9 $!
      read -r pid url <$TMPDIR/out
      until_is '! curl -sk $url >/dev/null'
      until_is '! ls $TMPDIR | grep -q emulator'
      kill $pid && echo 'the command was there']])
    assert.matches("the command was there\n$", output)
  end)

  it("has it trust the certificate with --tls", function()
    local output = run([[
      bin/boltz-emulator --tls -- sh -c '
        [ "$CURL_CA_BUNDLE" = "$SSL_CERT_FILE" ] && [ "$SSL_CERT_FILE" = "$NODE_EXTRA_CA_CERTS" ] &&
          curl -s -o /dev/null -w "%{http_code} %{ssl_verify_result}\n" "$BOLTZ_BASE_URL/"']])
    assert.equal("404 0\n", output)
  end)

  it("misbehaves as it is told, from a time on that it is told", function()
    local output = run([[
      bin/boltz-emulator --fault status=503,after=1,retry_after=1.5,headers.x-a=b,body='a,b=c' \
        --fault path=/none,drop,times=always --clock 2026-04-01T12:00:00+02:00 \
        --bearer-token a.b~c -- sh -c '
          get() { curl -s -H "authorization: Bearer a.b~c" "$@"; }
          get -o /dev/null -w "%{http_code}\n" $BOLTZ_BASE_URL/compute/v1/auth/me
          get -i $BOLTZ_BASE_URL/compute/v1/auth/me | tr -d "\r" |
            grep "^HTTP\|^retry\|^x-a\|^a," | LC_ALL=C sort
          get $BOLTZ_BASE_URL/none; echo $?; get $BOLTZ_BASE_URL/none; echo $?
          curl -s -H "x-api-key: $BOLTZ_API_KEY" -H "content-type: application/json" -d "{}" \
            $BOLTZ_BASE_URL/compute/v1/admin/workspaces']])
    local head, made = output:match("^(.*\n)({.*)$")
    assert.equal("200\nHTTP/1.1 503 Service Temporarily Unavailable\na,b=c\nretry-after: 1.5\n"
      .. "x-a: b\n52\n52\n", head)
    local at = core.decode(made).created_at
    assert.is_true(at >= "2026-04-01T10:00:00Z" and at < "2026-04-01T10:05:00Z", at)
  end)

  local MISTAKES = {
    ["--fault statsu=503"] = "unknown field in a fault: statsu (known: acted, after, body, drop, ",
    ["--fault status=many"] = [[bad 'status' in a fault (expected number, got "many")]],
    ["--fault times=0"] = "bad 'times' in a fault (expected a whole number of at least 1, got 0)",
    ["--fault drop=maybe"] = [[bad 'drop' in a fault (expected boolean, got "maybe")]],
    ["--fault headers=x"] = "a header of a fault is written headers.NAME=TEXT",
    ["--clock 2026-04-01"] =
      "--clock expects a time such as 2026-04-01T12:00:00Z, got '2026-04-01'",
    ["--clock tomorrow"] = "--clock expects a time such as 2026-04-01T12:00:00Z, got 'tomorrow'",
    ["--bearer-token 'a b'"] = "--bearer-token expects letters, digits and ._~+/=-",
    ["--background"] = "--background takes no command",
    ["true"] = "unknown option 'true' (a command goes behind --)",
  }
  for arguments, message in pairs(MISTAKES) do
    it("refuses " .. arguments, function()
      local output, status = run("bin/boltz-emulator " .. arguments .. " -- echo ran")
      assert.equal(2, status)
      assert.is_truthy(output:find(message, 1, true), output)
      assert.is_nil(output:find("ran\n", 1, true))
    end)
  end

  it("wants a command behind --", function()
    local output, status = run("bin/boltz-emulator --")
    assert.equal(2, status)
    assert.matches("^boltz%-emulator: %-%- expects a command\nusage: ", output)
  end)

  it("says how all of it is used", function()
    local help = run("bin/boltz-emulator --help")
    for _, option in ipairs{ "-- COMMAND", "--background", "--port", "--tls", "--latency",
      "--workspaces", "--seed", "--admin-key", "--bearer-token", "--clock", "--fault", "--version",
      "_emulator/faults", "_emulator/state" } do
      assert.is_truthy(help:find(option, 1, true), option)
    end
  end)
end)

describe("bin/boltz-emulator in the background", function()
  it("prints where it is, and runs on without the shell that asked, until killed", function()
    local output = run([[
      sh -c 'eval "$(bin/boltz-emulator --background 2>&1)"
        echo "$BOLTZ_EMULATOR_PID $BOLTZ_BASE_URL $BOLTZ_API_KEY"' >$TMPDIR/out
      read -r pid url key <$TMPDIR/out
      curl -s -o /dev/null -w "%{http_code}\n" -H "x-api-key: $key" "$url/compute/v1/auth/me"
      kill $pid
      until_is '! kill -0 $pid 2>/dev/null || grep -qs "^State:.Z" /proc/$pid/status']])
    assert.equal("200\n", output)
  end)

  it("prints nothing else", function()
    local output = run([[
      bin/boltz-emulator --background --tls >$TMPDIR/out
      . $TMPDIR/out; cat $TMPDIR/out
      curl -s -o /dev/null "$BOLTZ_BASE_URL/"; echo "curl $?"; kill $BOLTZ_EMULATOR_PID
      until_is '! ls $TMPDIR | grep -q emulator']])
    local rest = output:gsub("export [A-Z_]+='[^'\n]*'\n", "")
    assert.equal("curl 0\n", rest)
    for _, name in ipairs{ "BOLTZ_BASE_URL", "BOLTZ_API_KEY", "BOLTZ_EMULATOR_PID",
      "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS" } do
      assert.is_truthy(output:find("export " .. name .. "=", 1, true), name)
    end
  end)

  it("keeps open none of the descriptors that it got", function()
    local output = run([[
      (bin/boltz-emulator --background 7>&1 >$TMPDIR/out) | cat
      . $TMPDIR/out; kill $BOLTZ_EMULATOR_PID; echo 'cat has ended'
      until_is '! curl -s $BOLTZ_BASE_URL >/dev/null']])
    assert.equal("cat has ended\n", output)
  end)

  it("fails when it cannot start, and prints nothing", function()
    local output, status = run([[
      out=$(bin/boltz-emulator --background --fault x=1 2>/dev/null); status=$?
      [ -z "$out" ] || echo "$out"
      exit $status]])
    assert.equal("", output)
    assert.equal(2, status)
  end)
end)
