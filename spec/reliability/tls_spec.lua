-- SPDX-License-Identifier: MIT
-- TLS is always verified. The matrix has a case for each certificate that is refused; here it is
-- shown that nothing makes the client accept one.

local boltz = require "boltz"
local certificates = require "support.certificates"
local child = require "support.child"
local tls = require "support.tls"
local wire = require "support.wire"

local KEY = "sk_bc_admin_test_0123456789abcdefghijklmnop"

describe("TLS", function()
  local made, server

  setup(function() made = certificates.make() end)
  teardown(function() made:remove() end)
  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  local function serve(name)
    server = wire.start(tls.script(made, name, [[
      while true do
        local c = secure(accept())
        if c and c:request() then c:send(answer '{"id":"ws_1"}') end -- and is kept open
      end
    ]]))
    return tls.url(server)
  end

  local function retrieve(url, options)
    local given = { api_key = KEY, base_url = url, ca_file = made.ca_file, max_retries = 0 }
    for name, value in pairs(options or {}) do given[name] = value end
    local client = boltz.new(given)
    local value, err = client.workspaces:retrieve("ws_1")
    client:close()
    return value, err
  end

  -- What a person can act on: the message names the cause, and where it can be, the remedy.
  local REFUSED = {
    expired = "certificate has expired",
    not_yet = "certificate is not yet valid",
    self_signed = "self.signed certificate.*ca_file",
    unknown_ca = "issuer certificate.*ca_file",
    wrong_host = "subject name.*'127%.0%.0%.1'",
  }

  it("accepts a certificate of the authority in ca_file", function()
    local value, err = retrieve(serve "valid")
    assert.is_nil(err)
    assert.equal("ws_1", value.id)
  end)

  -- What a client says in a process of its own, where no variable but these names authorities.
  local function message_of(options, variables)
    local environment = { BOLTZ_API_KEY = KEY, https_proxy = "", HTTPS_PROXY = "", all_proxy = "",
      ALL_PROXY = "", no_proxy = "", NO_PROXY = "" }
    for name, value in pairs(variables or {}) do environment[name] = value end
    return child.run(([[
      local boltz = require "boltz"
      local client = boltz.new { base_url = "https://api.example.invalid", max_retries = 0 }
      local _, err = client:with { %s }.workspaces:retrieve("ws_1")
      io.write(err.kind, " ", err.message)
    ]]):format(options), environment)
  end

  it("refuses that certificate without the ca_file, and says to name it there", function()
    local url = serve "valid"
    assert.matches("^tls .*; if you trust its authority, name that in ca_file$",
      message_of(("base_url = %q"):format(url)))
    server:stop()
    url = serve "self_signed"
    assert.matches("^tls .*; if you trust it, name it in ca_file$",
      message_of(("base_url = %q"):format(url)))
    assert.same({}, server:records())
  end)

  it("names the file that was used, and the option or the variable that names it", function()
    local base, file = ("base_url = %q"):format(serve "valid"), made:file "unknown_ca"
    local function expect(name, options, variables)
      assert.matches(("; its authority is not in %s, which %s names"):format(file, name),
        message_of(options, variables), 1, true)
    end
    expect("CURL_CA_BUNDLE", base, { CURL_CA_BUNDLE = file, SSL_CERT_FILE = made.ca_file })
    expect("SSL_CERT_FILE", base, { SSL_CERT_FILE = file })
    expect("the option ca_file", ("%s, ca_file = %q"):format(base, file),
      { CURL_CA_BUNDLE = made.ca_file })
    assert.same({}, server:records())
  end)

  for name, message in pairs(REFUSED) do
    it(("refuses the certificate '%s', says why, and sends nothing"):format(name), function()
      local value, err = retrieve(serve(name))
      assert.is_nil(value)
      assert.equal("tls", err.kind)
      assert.matches(message, err.message)
      assert.is_false(err.retryable)
      assert.is_false(err.maybe_applied)
      assert.same({}, server:records())
    end)
  end

  -- The authority of the trusted certificates signs this one too: only its name is wrong.
  it("refuses a certificate for another host also with allow_http and validate = false", function()
    local _, err = retrieve(serve "wrong_host", { allow_http = true, validate = false })
    assert.equal("tls", err.kind)
  end)

  it("does not fall back to http", function()
    server = wire.start "while true do local c = accept() c:_take(1) c:close() end"
    local _, err = retrieve(tls.url(server), { allow_http = true })
    assert.equal("tls", err.kind)
    assert.same({}, server:records())
  end)

  describe("cannot be loosened", function()
    it("by an option: none of these names exists, for a client or a call", function()
      local client = boltz.new { api_key = KEY }
      for _, name in ipairs { "verify", "verify_peer", "verify_host", "verify_ssl", "ssl_verify",
        "tls_verify", "insecure", "allow_insecure", "rejectUnauthorized", "no_verify",
        "check_hostname", "ssl_verifypeer", "ssl_verifyhost", "tls", "ssl", "ca_path", "ciphers",
        "min_version" } do
        for _, value in ipairs { false, true, 0, "none" } do
          assert.error_matches(function() boltz.new { api_key = KEY, [name] = value } end,
            "unknown", nil, false, name)
          assert.error_matches(function()
            client.workspaces:retrieve("ws_1", { [name] = value })
          end, "unknown", nil, false, name)
        end
      end
    end)

    it("by a field of the core's request", function()
      local url = serve "wrong_host"
      for _, name in ipairs { "verify", "insecure", "ssl_verifypeer", "ssl_verifyhost" } do
        local result = wire.exchange(wire.request(url, { ca_file = made.ca_file, [name] = false }))
        assert.equal("tls", result.failure)
      end
    end)

    local ENVIRONMENT = {
      "CURL_INSECURE", "CURL_SSL_NO_VERIFY", "SSL_NO_VERIFY", "GIT_SSL_NO_VERIFY", "INSECURE",
      "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "BOLTZ_INSECURE", "BOLTZ_VERIFY",
      "BOLTZ_TLS_VERIFY", "BOLTZ_SSL_VERIFY", "BOLTZ_CA_FILE", "VERIFY_SSL",
    }
    for _, value in ipairs { "0", "1", "false", "none" } do
      it(("by an environment variable that says '%s', nor by a .curlrc"):format(value), function()
        local url = serve "unknown_ca"
        local environment = { BOLTZ_API_KEY = KEY, BOLTZ_BASE_URL = url, HOME = made.folder,
          CURL_HOME = made.folder }
        for _, name in ipairs(ENVIRONMENT) do environment[name] = value end
        local file = assert(io.open(made.folder .. "/.curlrc", "w"))
        file:write("insecure\n")
        file:close()
        local output = child.run([[
          local _, err = require("boltz").new().workspaces:retrieve("ws_1", { max_retries = 0 })
          io.write(err.kind)
        ]], environment)
        assert.equal("tls", output)
      end)
    end

    it("by a header, of the environment, the client or the call", function()
      local url = serve "expired"
      local fields = { ["X-Insecure"] = "1", ["X-Verify"] = "false" }
      local output = child.run(([[
        local _, err = require("boltz").new{ ca_file = %q }.workspaces:retrieve("ws_1")
        io.write(err.kind)
      ]]):format(made.ca_file), { BOLTZ_API_KEY = KEY, BOLTZ_BASE_URL = url,
        BOLTZ_CUSTOM_HEADERS = "X-Insecure: 1" })
      assert.equal("tls", output)
      local client = boltz.new { api_key = KEY, base_url = url, ca_file = made.ca_file,
        headers = fields, max_retries = 0 }
      local _, err = client.workspaces:retrieve("ws_1", { headers = fields })
      client:close()
      assert.equal("tls", err.kind)
    end)

    it("by a connection that was accepted before under other settings", function()
      local url = serve "valid"
      local client = boltz.new { api_key = KEY, base_url = url, ca_file = made.ca_file }
      assert.is_table((client.workspaces:retrieve("ws_1")))
      local other = client:with { ca_file = made:file "unknown_ca", max_retries = 0 }
      local stranger = boltz.new { api_key = KEY, base_url = url, max_retries = 0 }
      for _, distrustful in ipairs { other, stranger } do
        local _, err = distrustful.workspaces:retrieve("ws_1")
        assert.equal("tls", err and err.kind)
      end
      client:close()
      other:close()
      stranger:close()
    end)
  end)

  for _, version in ipairs { "tlsv1", "tlsv1_1" } do
    it(("refuses a server of %s alone and names what it lacks"):format(version), function()
      server = wire.start(tls.script(made, "valid",
        "while true do local c = secure(accept()) if c then c:request() end end",
        { protocol = version, ciphers = "ALL:@SECLEVEL=0" }))
      local _, err = retrieve(tls.url(server))
      assert.equal("tls", err.kind)
      assert.matches("TLS 1%.2", err.message)
      assert.same({}, server:records())
    end)
  end

  describe("to a proxy", function()
    local function through(certificate, options, handshake)
      server = wire.start(tls.script(made, certificate, [[
        while true do
          local c = secure(accept())
          if c and c:request() then c:send(answer("", "", "403 No")) c:close() end
        end
      ]], handshake))
      local given = { proxy = tls.url(server) }
      for name, value in pairs(options or {}) do given[name] = value end
      local _, err = retrieve("https://api.example.invalid", given)
      return err
    end

    it("is trusted by the authority in ca_file", function()
      local err = through "valid"
      assert.equal("connection", err.kind, err.message)
      assert.matches("^CONNECT api.example.invalid:443", server:records()[1])
    end)

    local of_proxy = {
      expired = "certificate has expired; it is the proxy's certificate",
      wrong_host = "subject name.*; it is the proxy's certificate",
      self_signed = "self.signed certificate; it is the proxy's certificate: it is not in .*, "
        .. "which the option ca_file names",
      unknown_ca = "issuer certificate; it is the proxy's certificate: .*ca_file",
    }
    for name, message in pairs(of_proxy) do
      it(("refuses the certificate '%s', and says that it is the proxy's"):format(name), function()
        local err = through(name)
        assert.equal("tls", err.kind)
        assert.matches(message, err.message)
        assert.same({}, server:records())
      end)
    end

    it("is told from TLS to the server where the environment names the proxy", function()
      local file = made:file "unknown_ca"
      server = wire.start(tls.script(made, "valid", "while true do secure(accept()) end"))
      for _, name in ipairs { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
        local url = tls.url(server)
        local way = (" (through the proxy %s of %s)"):format(url:match("//(.*)$"), name)
        assert.matches("; it is the proxy's certificate: its authority is not in " .. file
          .. ", which SSL_CERT_FILE names" .. way,
          message_of("", { [name] = url, SSL_CERT_FILE = file }), 1, true)
        assert.matches("; it is the proxy's certificate: if you trust its authority, name that in "
          .. "ca_file" .. way, message_of("", { [name] = url }), 1, true)
      end
      assert.same({}, server:records())
    end)

    it("blames a ca_file that cannot be read, and no certificate", function()
      local err = through("valid", { ca_file = "/nonexistent/ca.pem" })
      assert.equal("tls", err.kind)
      assert.matches("/nonexistent/ca.pem", err.message)
      assert.is_nil(err.message:find("the proxy's", 1, true), err.message)
    end)

    it("is 1.2 or later, whatever the system allows", function()
      local configuration = made.folder .. "/lax.cnf"
      local file = assert(io.open(configuration, "w"))
      file:write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n",
        "[c]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
      file:close()
      server = wire.start(tls.script(made, "valid",
        "while true do local c = secure(accept()) if c then c:request() c:close() end end",
        { protocol = "tlsv1_1", ciphers = "ALL:@SECLEVEL=0" }))
      local trust = ("ca_file = %q"):format(made.ca_file)
      local given = ("%s, proxy = %q"):format(trust, tls.url(server))
      assert.matches("^tls .*; the proxy does not speak TLS 1.2 or later",
        message_of(given, { OPENSSL_CONF = configuration }))
      assert.matches("^tls .*; the proxy does not speak TLS 1.2 or later .*of HTTPS_PROXY",
        message_of(trust, { OPENSSL_CONF = configuration, HTTPS_PROXY = tls.url(server) }))
      assert.same({}, server:records())
    end)
  end)

  it("cannot be left out: http to a host that is not loopback is refused", function()
    assert.error_matches(function()
      boltz.new { api_key = KEY, base_url = "http://api.example.invalid" }
    end, "https, a loopback address, or the option allow_http")
  end)
end)
