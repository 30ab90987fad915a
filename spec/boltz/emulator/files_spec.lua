-- SPDX-License-Identifier: MIT
local files = require "boltz.emulator.files"
local system = require "support.system"

describe("boltz.emulator.files", function()
  local folder

  local function put(name)
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:close()
  end

  before_each(function()
    local pipe = io.popen("mktemp -d")
    folder = pipe:read("*l")
    pipe:close()
    os.execute("mkdir '" .. folder .. "/scratch'")
    put("serve.conf")
    put("key.pem")
  end)

  after_each(function() os.execute("rm -rf '" .. folder .. "'") end)

  it("reads one of them, and answers nil where there is none", function()
    system.write(folder .. "/faults", "drop\n")
    assert.equal("drop\n", files.read(folder, "faults"))
    assert.is_nil(files.read(folder, "command"))
  end)

  it("tidies the whole folder away when there is no certificate", function()
    assert.is_true(files.tidy(folder))
    assert.is_false(system.exists(folder))
  end)

  it("keeps the certificate, and only that, while it is needed", function()
    put("certificate.pem")
    assert.is_nil((files.tidy(folder)))
    assert.is_true(system.exists(files.certificate(folder)))
    assert.is_false(system.exists(folder .. "/key.pem"))
    files.remove(folder)
    assert.is_false(system.exists(folder))
  end)
end)
