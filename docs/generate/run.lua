-- SPDX-License-Identifier: MIT
-- What tools/generate runs: tools/lua 5.4 docs/generate/run.lua [--check], in the tree's folder.

local files = require "generate.files"

os.exit(files.run("", arg[1] == "--check") and 0 or 1)
