/* SPDX-License-Identifier: MIT */
#include "code.h"

const char *boltz_code_text (boltz_code code) {
  switch (code) {
    case BOLTZ_NO_MEMORY:
      return "not enough memory";
    case BOLTZ_NO_DESCRIPTOR:
      return "no descriptor left for the engine";
    case BOLTZ_CLOSED:
      return "engine is closed";
    case BOLTZ_REFUSED:
      return "libcurl refuses the request";
    default:
      return "all went well";
  }
}
