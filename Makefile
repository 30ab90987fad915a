# SPDX-License-Identifier: MIT
# Short names for what people do here. CMake builds; the scripts in tools/ do the rest.
LUAS ?= 5.4 5.3 luajit
PREFIX ?= /usr/local
export SEED
# nginx runs the emulator on LuaJIT, so that is there whatever LUAS says.
WITH_LUAJIT = $(sort luajit $(LUAS))

.PHONY: help demo test build lint format asan portable valgrind fuzz bench bench-quick \
  instructions mutants generate docs matrix soak install uninstall deb clean

help: ## This list (`make` alone changes nothing and installs nothing)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo 'LUAS="5.4" narrows build, test, install and deb; SPECS="spec/csrc" narrows test.'

demo: ## A tour of the API against a local emulator; only reading, with BOLTZ_API_KEY set
	@LUAS="5.4 luajit" tools/deps build emulator
	@tools/build 5.4 luajit
	@tools/demo

test: ## The whole suite on each Lua
	@LUAS="$(WITH_LUAJIT)" tools/deps build test
	@tools/build $(WITH_LUAJIT)
	@tools/test $(LUAS) -- $(SPECS)

build: ## The C core for each Lua, in build/<lua>
	@LUAS="$(LUAS)" tools/deps build
	@tools/build $(LUAS)

lint: ## Compiler warnings, clang-tidy, formats, luacheck, shellcheck
	@tools/deps build lint
	@tools/lint

format: ## Formats the C sources as `make lint` wants it
	@tools/deps lint
	@tools/format

asan: ## The suite on Lua 5.4 with AddressSanitizer, LeakSanitizer and UBSan
	@tools/deps build test
	@tools/build luajit
	@tools/asan $(SPECS)

portable: ## The suite on Lua 5.4, the core built as for systems without epoll
	@tools/deps build test
	@tools/build luajit
	@tools/portable $(SPECS)

valgrind: ## The suite on Lua 5.4 under valgrind
	@tools/deps build test valgrind
	@tools/build 5.4 luajit
	@tools/valgrind $(SPECS)

fuzz: ## Fuzzes the core, 30 seconds a target
	@tools/deps build fuzz
	@tools/fuzz 30

bench: ## Side by side with other clients; some 8 minutes (QUESTIONS="retrieve pages" narrows)
	@tools/deps build bench
	@tools/build 5.4 luajit
	@tools/lua 5.4 bench/run.lua $(QUESTIONS)

bench-quick: ## The same in less than a minute, less exactly
	@tools/deps build bench
	@tools/build 5.4 luajit
	@tools/lua 5.4 bench/run.lua --quick $(QUESTIONS)

instructions: ## Counts the instructions of a call; fails if they have grown by 5 %
	@tools/deps build bench valgrind
	@tools/build 5.4 luajit
	@tools/lua 5.4 bench/instructions.lua

mutants: ## Breaks promises one by one: specs must notice (MUTANTS="csrc/json 12" narrows)
	@tools/deps build test
	@tools/mutants $(MUTANTS)

generate: ## docs/reference.md and what else is written from data; the suite fails if it is stale
	@tools/deps build test
	@tools/build 5.4
	@tools/generate

docs: generate ## Another name of `generate`

matrix: ## demo and test in bare Debians, as root (SUITES="bookworm trixie sid"; LUAS counts)
	@tools/deps matrix || true # then each suite is reported as not to be had
	@LUAS="$(LUAS)" tools/matrix $(SUITES)

soak: ## 200,000 calls while one request in ten goes wrong (CALLS=n for another number)
	@tools/deps build emulator
	@tools/build 5.4 luajit
	@tools/lua 5.4 spec/stress/soak.lua $(CALLS)

install: build ## Into PREFIX (/usr/local), below DESTDIR if that is set
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' tools/install $(LUAS)

uninstall: ## Removes what `make install` with the same PREFIX, DESTDIR and LUAS has installed
	@LUAS="$(LUAS)" tools/deps build
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' tools/uninstall $(LUAS)

deb: ## A Debian package of all LUAS, in build/deb
	@LUAS="$(LUAS)" tools/deps build deb
	@tools/deb $(LUAS)

clean: ## Removes build/
	@rm -rf --one-file-system build
