-- SPDX-License-Identifier: MIT
-- Certificates, good and bad, made by openssl when a spec asks for them and removed after it.
--
--   local certificates = require("support.certificates").make()
--   certificates.ca_file               the authority that clients are told to trust
--   certificates.key_file              of all of them: making keys takes time
--   certificates:file "expired"        see `SERVERS`
--   certificates:remove()

local certificates = {}

local Set = {}
Set.__index = Set

local LOOPBACK = "IP:127.0.0.1,DNS:localhost"

-- issuer: "ca", the trusted one; "other", one that nobody knows; nil, the certificate itself.
local SERVERS = {
  valid = { issuer = "ca", names = LOOPBACK },
  expired = { issuer = "ca", names = LOOPBACK, from = "20200101000000Z", to = "20200201000000Z" },
  not_yet = { issuer = "ca", names = LOOPBACK, from = "21000101000000Z", to = "21000201000000Z" },
  wrong_host = { issuer = "ca", names = "DNS:elsewhere.invalid" },
  self_signed = { names = LOOPBACK },
  unknown_ca = { issuer = "other", names = LOOPBACK },
}

-- A little authority of openssl's own: only `openssl ca` takes dates in the past.
local CONFIGURATION = [[
[ca]
default_ca = this
[this]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
commonName = any
[authority]
basicConstraints = critical,CA:TRUE
]]

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- The commands that make one authority, and one server's certificate.
local function authority(name)
  return ("openssl req -config conf -x509 -new -key key.pem -days 30 -extensions authority"
    .. " -subj '/CN=%s' -out %s.pem"):format(name, name)
end

local function server(name, of)
  local request = ("openssl req -config conf -new -key key.pem -subj '/CN=%s'"
    .. " -addext 'subjectAltName=%s'"):format(name, of.names)
  if not of.issuer then return ("%s -x509 -days 30 -out %s.pem"):format(request, name) end
  local dates = of.from and ("-startdate %s -enddate %s"):format(of.from, of.to) or "-days 30"
  return ("%s -out request.pem && openssl ca -config conf -batch -notext -keyfile key.pem"
    .. " -cert %s.pem -in request.pem -out %s.pem %s"):format(request, of.issuer, name, dates)
end

--- Makes all of them.
function certificates.make()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -m 700 " .. folder))
  write(folder .. "/conf", CONFIGURATION)
  write(folder .. "/index.txt", "")
  local commands = { "cd " .. folder,
    "openssl ecparam -name prime256v1 -genkey -noout -out key.pem",
    authority "ca", authority "other" }
  for name, of in pairs(SERVERS) do commands[#commands + 1] = server(name, of) end
  -- Printed, because `close` returns no status on LuaJIT.
  local pipe = io.popen("(" .. table.concat(commands, " && ") .. ") 2>&1 && echo made")
  local output = pipe:read("*a")
  pipe:close()
  assert(output:find("made\n$"), output)
  return setmetatable({ folder = folder, ca_file = folder .. "/ca.pem",
    key_file = folder .. "/key.pem" }, Set)
end

--- The path of a server's certificate.
function Set:file(name)
  assert(SERVERS[name], name)
  return ("%s/%s.pem"):format(self.folder, name)
end

function Set:remove()
  os.execute("rm -r " .. self.folder)
end

return certificates
