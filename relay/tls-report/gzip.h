/* SPDX-License-Identifier: ISC */
#ifndef BESACE_TLS_REPORT_GZIP_H
#define BESACE_TLS_REPORT_GZIP_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Appends S in the format of RFC 1952. 1, or 0 with errno. */
int gzip_pack(char const *s, size_t len, stralloc *out);

#endif
