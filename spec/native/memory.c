/* SPDX-License-Identifier: MIT */
/*
** Refuses memory to memory.lua, at the first place that asks for it, at the second, and so on,
** until the script runs through untouched. Memory is asked for at three doors: Lua's allocator,
** libcurl's, and the core's own calls of malloc, calloc, realloc and strdup.
**
** Each time the script must say that memory is missing; it must then run in the same Lua state as
** if nothing had been; and after lua_close every byte and block must have come back.
**
** usage: memory [lua|libcurl|core]...
*/
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "state.h"

typedef struct door {
  const char *name;
  atomic_long asked;       /* how often, since `refuse` */
  atomic_long first, last; /* which of these calls are refused */
  atomic_long held;        /* bytes (Lua) or blocks (libcurl) that have not come back */
} door;

static door lua = {.name = "lua", .first = LONG_MAX};
static door libcurl = {.name = "libcurl", .first = LONG_MAX};
static door core = {.name = "core", .first = LONG_MAX};

static bool opens (door *d) {
  long call = ++d->asked;
  return call < d->first || call > d->last;
}

static void refuse (door *d, long first, long last) {
  d->asked = 0;
  d->first = first;
  d->last = last;
}

/* The linker leads here what the core calls, and what is called in this file. */
void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *block, size_t size);
char *__real_strdup (const char *text);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *block, size_t size);
char *__wrap_strdup (const char *text);

/* As often as each has been refused. */
static struct { atomic_long malloc, realloc, strdup; } refusals;

static bool core_opens (atomic_long *refused) {
  if (opens(&core)) return true;
  ++*refused;
  errno = ENOMEM;
  return false;
}

void *__wrap_malloc (size_t size) {
  return core_opens(&refusals.malloc) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc (size_t count, size_t size) {
  return core_opens(&refusals.malloc) ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc (void *block, size_t size) {
  return core_opens(&refusals.realloc) ? __real_realloc(block, size) : NULL;
}

char *__wrap_strdup (const char *text) {
  return core_opens(&refusals.strdup) ? __real_strdup(text) : NULL;
}

static void *lua_alloc (void *unused, void *block, size_t old_size, size_t new_size) {
  (void)unused;
  if (block == NULL) old_size = 0; /* it then says what is wanted */
  if (new_size > old_size && !opens(&lua)) return NULL;
  lua.held += (long)new_size - (long)old_size;
  if (new_size > 0) return __real_realloc(block, new_size);
  free(block);
  return NULL;
}

static void *curl_malloc (size_t size) {
  if (!opens(&libcurl)) return NULL;
  libcurl.held++;
  return __real_malloc(size);
}

static void *curl_realloc (void *block, size_t size) {
  if (block == NULL) return curl_malloc(size);
  return opens(&libcurl) ? __real_realloc(block, size) : NULL;
}

static void *curl_calloc (size_t count, size_t size) {
  if (!opens(&libcurl)) return NULL;
  libcurl.held++;
  return __real_calloc(count, size);
}

static char *curl_strdup (const char *text) {
  char *copy = curl_malloc(strlen(text) + 1);
  return copy != NULL ? strcpy(copy, text) : NULL;
}

static void curl_free_block (void *block) {
  if (block != NULL) libcurl.held--;
  free(block);
}

static void fail (const char *what, const door *d, long first, const char *detail) {
  fprintf(stderr, "%s, call %ld: %s: %s\n", d->name, first, what, detail);
  exit(1);
}

/* lua-cjson loses what it has of a string when Lua raises within it. */
const char *__lsan_default_suppressions (void);
const char *__lsan_default_suppressions (void) {
  return "leak:strbuf_new\nleak:strbuf_init\n";
}

/* The function on top, called with the server's port.   [-0, +1, -] */
static int run (lua_State *L, int port) {
  lua_pushvalue(L, -1);
  lua_pushinteger(L, port);
  return lua_pcall(L, 1, 1, 0);
}

/*
** Whether what was raised says that memory is missing. libcurl also says what it then cannot do.
** Before 8.6 it does not tell a header without memory from one that it finds too large. And 7.88.1
** ignores at one place (parseurlandfillconn) that it has no memory for the query and sends the
** request without: the second page is the first again, which the pager does not take. At another,
** on a connection that is used again, it takes what it could not send for an answer that is empty.
*/
static bool is_clean (lua_State *L) {
  static const char *const words[] = {"not enough memory",
                                      "Out of memory",
                                      "Could not resolve host: 127.0.0.1",
                                      "getaddrinfo() thread failed to start",
                                      "the answer's headers are larger than",
                                      "the server repeats a cursor",
                                      "Empty reply from server",
                                      "Cannot allocate memory"}; /* the core's malloc, by errno */
  const char *message = luaL_tolstring(L, -1, NULL);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strstr(message, words[i]) != NULL) return true;
  }
  return false;
}

static int require_core (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "boltz.core");
  lua_call(L, 1, 0);
  return 0;
}

/* Loads the core or runs the script while `d` refuses. Returns whether it had occasion to. */
static bool attempt (door *d, long first, long last, bool load, int port) {
  long held = libcurl.held;
  lua_State *L = state_new(lua_alloc, NULL);
  if (load)
    lua_pushcfunction(L, require_core);
  else
    state_push_script(L, "memory");
  refuse(d, first, last);
  int status = run(L, port);
  bool refused = d->asked >= first;
  refuse(d, LONG_MAX, 0);
  if (status != LUA_OK && !is_clean(L)) fail("raised", d, first, lua_tostring(L, -1));
  lua_settop(L, 1);
  if (load) state_push_script(L, "memory");
  if (run(L, port) != LUA_OK) fail("later", d, first, luaL_tolstring(L, -1, NULL));
  lua_close(L);
  if (lua.held != 0) fail("lua_close left", d, first, "memory of Lua's");
  if (libcurl.held != held) fail("lua_close left", d, first, "memory of libcurl's");
  return refused;
}

/*
** Lua asks twice: when it is refused it collects garbage and tries once more. So one failure is
** two refusals there. The second time around, nothing is granted from the first refusal on.
*/
static void torture (door *d, bool load, int port) {
  long single = d == &lua ? 1 : 0;
  long n = 1;
  while (attempt(d, n, n + single, load, port) && attempt(d, n, LONG_MAX, load, port)) n++;
  printf("%s, %s: survived %ld refusals\n", d->name, load ? "loading" : "calls", 2 * (n - 1));
}

int main (int count, char **names) {
  door *doors[] = {&lua, &libcurl, &core};
  setvbuf(stdout, NULL, _IOLBF, 0);
  curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_malloc, curl_free_block, curl_realloc, curl_strdup,
                       curl_calloc);
  int port = server_start();
  attempt(&lua, LONG_MAX, 0, false, port); /* what libcurl makes once is made now */
  for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
    bool wanted = count == 1;
    for (int n = 1; n < count; n++) wanted = wanted || strcmp(names[n], doors[i]->name) == 0;
    if (!wanted) continue;
    torture(doors[i], true, port);
    torture(doors[i], false, port);
  }
  printf("core: refused %ld times malloc or calloc, %ld times realloc, %ld times strdup\n",
         refusals.malloc, refusals.realloc, refusals.strdup);
  server_stop();
  curl_global_cleanup();
  if (libcurl.held != 0) fail("curl_global_cleanup left", &libcurl, 0, "memory");
  return 0;
}
