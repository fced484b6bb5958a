/* SPDX-License-Identifier: ISC */
/* The PROXY protocol of haproxy, versions 1 and 2: what a proxy says of its
 * client before the client's first octet. Pure. */
#ifndef BESACE_PROXY_H
#define BESACE_PROXY_H

#include <stddef.h>

enum {
	PROXY_V1_MAX = 107, /* octets of a version 1 line with its CR LF */
	PROXY_V2_MAX = 4096 /* of a version 2 header; a proxy sends some 100 */
};

enum proxy_kind {
	PROXY_BROKEN,  /* not, or not rightly, such a header */
	PROXY_PARTIAL, /* so far it may be one */
	PROXY_SELF,    /* the proxy speaks for itself (LOCAL, UNKNOWN) */
	PROXY_CLIENT   /* it speaks for a client */
};

struct proxy {
	size_t len;   /* octets of the header: what follows is the client's */
	char ip[46];  /* PROXY_CLIENT: the client's address */
	char port[6]; /* PROXY_CLIENT: the port it connected to */
};

enum proxy_kind proxy_parse(char const *s, size_t len, struct proxy *p);

#endif
