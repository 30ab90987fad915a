/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_MULTI_H
#define BOLTZ_MULTI_H

#include <curl/curl.h>

#include "code.h"

/* Makes a curl_multi; the first one in a process initialises libcurl. `*multi` is NULL unless that
** went well. */
boltz_code boltz_multi_new (CURLM **multi);

#endif
