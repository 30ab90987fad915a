-- SPDX-License-Identifier: MIT
-- tools/deps on machines that lack things: a PATH with a shell's own tools and nothing else.

local run = require("support.system").run

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/tools/deps_spec%.lua$")
if ROOT == "" then ROOT = "./" end

local BASICS = { "sh", "env", "dirname", "awk", "tr", "sed", "grep", "ls", "printf", "echo" }

describe("tools/deps", function()
  local folder

  before_each(function()
    folder = run("mktemp -d"):gsub("%s+$", "")
    for _, name in ipairs(BASICS) do
      run(("ln -s \"$(command -v %s)\" %s/%s"):format(name, folder, name))
    end
  end)

  after_each(function() run("rm -r " .. folder) end)

  -- A program of the folder: `script` is its text.
  local function program(name, script)
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write("#!/bin/sh\n", script, "\n")
    file:close()
    run(("chmod +x %s/%s"):format(folder, name))
  end

  -- Under a PATH of that folder alone, to which tools/deps adds those of the system's programs. So
  -- it is asked for what these do not have.
  local function deps(groups, luas)
    return run(("PATH=%s LUAS='%s' '%stools/deps' %s"):format(folder, luas, ROOT, groups))
  end

  it("says nothing where nothing is missing", function()
    program("debootstrap", "exit 0")
    assert.same({ "", 0 }, { deps("matrix", "5.4") })
  end)

  it("names what is missing in each system's words where there is no apt-get", function()
    local output, status = deps("build", "5.4 luajit")
    assert.equal(1, status)
    assert.matches("since there is no apt-get here", output, 1, true)
    for _, words in ipairs { "Debian, Ubuntu: apt-get install gcc ", "Fedora: dnf install gcc ",
      "Arch: pacman -S ", "Alpine: apk add ", "Homebrew: brew install ", " lua5.4-dev ",
      "luarocks install lua-cjson", "were looked up and not tried" } do
      assert.matches(words, output, 1, true)
    end
    assert.is_nil(output:find("lua5.3", 1, true))
  end)

  it("has apt-get install the names that it offers, and says what is missing after that", function()
    program("id", "echo 0")
    program("mktemp", "exit 1")
    program("dpkg-query", "exit 1")
    program("apt-cache", [[
      case $2 in
        lua5.4 | luajit | libluajit-5.1-dev) echo "  Candidate: 1" ;;
        luajit2) echo "  Candidate: (none)" ;;
      esac]])
    program("apt-get", ('echo "$@" >>%s/log'):format(folder))
    local output, status = deps("build", "5.4 luajit")
    assert.equal(1, status)
    assert.matches("does not offer it", output, 1, true)
    local installed = run(("grep install %s/log"):format(folder))
    assert.matches(" lua5%.4 luajit libluajit%-5%.1%-dev\n$", installed)
    assert.is_nil(installed:find("luajit2", 1, true))
  end)

  it("knows what each thing is called that it looks for", function()
    local known = {}
    for line in io.lines(ROOT .. "tools/packages.txt") do
      if not line:find("^#") then
        local columns = {}
        for word in line:gmatch("%S+") do columns[#columns + 1] = word end
        assert.equal(6, #columns, line)
        known[columns[1]] = true
      end
    end
    local file = assert(io.open(ROOT .. "tools/deps"))
    local count = 0
    for thing in file:read("*a"):gmatch("\n +need \"?([%w.-]+)") do
      for _, lua in ipairs { "5.3", "5.4", "5.5", "luajit" } do
        assert.is_true(known[thing] or known[thing .. lua] or known[thing .. lua .. "-dev"], thing)
      end
      count = count + 1
    end
    file:close()
    assert.is_true(count > 20)
  end)
end)
