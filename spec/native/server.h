/* SPDX-License-Identifier: MIT */
/*
** A small HTTP server in a thread of this process, so that a test needs nothing but itself. It
** answers just enough of the API to tell a right answer from a wrong one:
**
**   GET  .../workspaces/{id}   the workspace of that id; its name is the request's X-Who
**        .../workspaces/missing   404        .../workspaces/hang   nothing, ever
**        .../workspaces/half      an answer that stops in its body
**   GET  .../workspaces        two pages: ws_1 and ws_2, then ws_3
**   POST .../workspaces        the workspace ws_new; its name is the request's X-Who
**
** It allocates nothing after its start: what it does never shows in a count of memory.
*/
#ifndef NATIVE_SERVER_H
#define NATIVE_SERVER_H

/* Starts it. Returns its port on 127.0.0.1. */
int server_start (void);

/* Ends it, with all its connections. */
void server_stop (void);

#endif
