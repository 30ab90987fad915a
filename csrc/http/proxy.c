/* SPDX-License-Identifier: MIT */
#include "proxy.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A part of a text. */
typedef struct part {
  const char *at;
  size_t length;
} part;

/* libcurl takes an empty variable for one that is not there. */
static const char *read_variable (const char *name) {
  const char *value = getenv(name);
  return value != NULL && *value != '\0' ? value : NULL;
}

/* What stands behind the scheme, up to a path, a query or a fragment. */
static part authority_of (const char *url) {
  const char *scheme_end = strstr(url, "://");
  const char *from = scheme_end != NULL ? scheme_end + 3 : url;
  return (part){from, strcspn(from, "/?#")};
}

/* The host, without a port and without the brackets of an IPv6 address. */
static part host_of (const char *url) {
  part host = authority_of(url);
  if (host.length > 0 && *host.at == '[') return (part){host.at + 1, strcspn(host.at + 1, "]")};
  size_t length = strcspn(host.at, ":");
  return (part){host.at, length < host.length ? length : host.length};
}

/* ---- hosts that are reached without a proxy */

#define LONGEST_ADDRESS 16 /* an IPv4 one and a NUL */

static bool read_address (part text, struct in_addr *address) {
  char copy[LONGEST_ADDRESS];
  if (text.length >= sizeof copy) return false;
  memcpy(copy, text.at, text.length);
  copy[text.length] = '\0';
  return inet_pton(AF_INET, copy, address) == 1;
}

/* Whether an address is the entry's or, since curl 7.86, in its network: 192.168.0.0/16. */
static bool is_in_network (struct in_addr address, part entry) {
  const char *slash = memchr(entry.at, '/', entry.length);
  unsigned long bits = 32;
  if (slash != NULL) {
    bits = strtoul(slash + 1, NULL, 10);
    entry.length = (size_t)(slash - entry.at);
  }
  struct in_addr network;
  if (bits > 32 || !read_address(entry, &network)) return false;
  return bits == 0 || ntohl(address.s_addr ^ network.s_addr) >> (32 - bits) == 0;
}

static part without_last_dot (part name) {
  if (name.length > 0 && name.at[name.length - 1] == '.') name.length--;
  return name;
}

/* Whether a name is the entry's, or ends in that behind a dot. */
static bool is_in_domain (part name, part entry) {
  name = without_last_dot(name);
  entry = without_last_dot(entry);
  if (entry.length > 0 && *entry.at == '.') entry = (part){entry.at + 1, entry.length - 1};
  if (entry.length == 0 || entry.length > name.length) return false;
  const char *end = name.at + name.length - entry.length;
  if (strncasecmp(end, entry.at, entry.length) != 0) return false;
  return end == name.at || end[-1] == '.';
}

#define BLANKS " \t"
#define BETWEEN "," BLANKS

/* Since 8.9 a blank without a comma ends libcurl's list. */
static bool goes_on (const char *rest) {
  if (curl_version_info(CURLVERSION_NOW)->version_num < 0x080900) return true;
  return rest[strspn(rest, BLANKS)] == ',';
}

/* An IPv6 address is a name here: libcurl knows it by what stands between the brackets. */
static bool is_exempt (part host, const char *list) {
  struct in_addr address;
  bool is_address = read_address(host, &address);
  if (strcmp(list, "*") == 0) return true;
  for (list += strspn(list, BETWEEN); *list != '\0'; list += strspn(list, BETWEEN)) {
    part entry = {list, strcspn(list, BETWEEN)};
    if (is_address ? is_in_network(address, entry) : is_in_domain(host, entry)) return true;
    list += entry.length;
    if (!goes_on(list)) return false;
  }
  return false;
}

/* ---- the variables */

/* In libcurl's order. http's has no upper case: a CGI program's HTTP_PROXY is the client's word. */
static boltz_proxy read_environment (const char *url) {
  static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  bool is_secure = strncasecmp(url, "https:", 6) == 0;
  const char *first = is_secure ? names[0] : "http_proxy";
  boltz_proxy found = {read_variable(first), first};
  for (size_t i = is_secure ? 1 : 2; found.url == NULL && i < 4; i++)
    found = (boltz_proxy){read_variable(names[i]), names[i]};
  return found;
}

boltz_proxy boltz_proxy_of (const char *proxy, const char *no_proxy, const char *url) {
  static const boltz_proxy none = {NULL, NULL};
  if (no_proxy == NULL) no_proxy = read_variable("no_proxy");
  if (no_proxy == NULL) no_proxy = read_variable("NO_PROXY");
  if (no_proxy != NULL && is_exempt(host_of(url), no_proxy)) return none;
  if (proxy == NULL) return read_environment(url);
  return *proxy != '\0' ? (boltz_proxy){proxy, NULL} : none;
}

bool boltz_proxy_is_secure (boltz_proxy proxy) {
  return proxy.url != NULL && strncasecmp(proxy.url, "https://", 8) == 0;
}

/* Host and port as the URL has them; of no length where they cannot be told from a password. */
static part address_of (const char *url) {
  part authority = authority_of(url);
  const char *end = authority.at + authority.length, *from = end;
  while (from > authority.at && from[-1] != '@') from--;
  return (part){from, strchr(end, '@') == NULL ? (size_t)(end - from) : 0};
}

void boltz_proxy_write_name (boltz_proxy proxy, boltz_buffer *out) {
  part address = address_of(proxy.url);
  if (address.length > 0) boltz_buffer_add_text(out, " ");
  boltz_buffer_add(out, address.at, address.length);
  boltz_buffer_add_text(out, " of ");
  boltz_buffer_add_text(out, proxy.variable != NULL ? proxy.variable : "the option proxy");
}
