/* SPDX-License-Identifier: MIT */
#include "surrogates.h"

#include <string.h>

#include "lua/compat.h"

#define ESCAPE 6 /* bytes of \uXXXX */

/* Whether an escape of a surrogate starts at `at`: a high one begins with D8-DB, a low one with
   DC-DF. */
static int is_surrogate (const char *at, const char *end, const char *second) {
  return end - at >= ESCAPE && at[0] == '\\' && at[1] == 'u' && (at[2] == 'd' || at[2] == 'D') &&
         at[3] != '\0' && strchr(second, at[3]) != NULL &&
         strspn(at + 4, "0123456789abcdefABCDEF") >= 2;
}

#define HIGH "89abAB"
#define LOW "cdefCDEF"

/* The next surrogate without its other half from `at` on, or NULL. */
static const char *find_lone (const char *at, const char *end) {
  while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
    int high = is_surrogate(at, end, HIGH);
    int paired = high && is_surrogate(at + ESCAPE, end, LOW);
    if (!paired && (high || is_surrogate(at, end, LOW))) return at;
    at += paired ? 2 * ESCAPE : 2; /* behind a backslash nothing begins */
    if (at >= end) return NULL;
  }
  return NULL;
}

int boltz_json_mendsurrogates (lua_State *L, const char *text, size_t length) {
  const char *end = text + length;
  const char *lone = find_lone(text, end);
  luaL_Buffer mended;
  if (lone == NULL) return 0;
  luaL_buffinit(L, &mended);
  while (lone != NULL) {
    luaL_addlstring(&mended, text, (size_t)(lone - text));
    luaL_addstring(&mended, "\\ufffd");
    text = lone + ESCAPE;
    lone = text < end ? find_lone(text, end) : NULL;
  }
  luaL_addlstring(&mended, text, (size_t)(end - text));
  luaL_pushresult(&mended);
  return 1;
}
