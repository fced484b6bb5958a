/* SPDX-License-Identifier: ISC */
/* Text as JSON (RFC 8259, and RFC 7493: all of it is UTF-8). Pure; 1, or 0 out
 * of memory. */
#ifndef BESACE_TLS_REPORT_JSON_H
#define BESACE_TLS_REPORT_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* Appends S as a string, quotes included; what is no UTF-8 becomes U+FFFD. */
int json_string(stralloc *out, char const *s, size_t len);

/* Appends "NAME": and S as a string. */
int json_member(stralloc *out, char const *name, char const *s, size_t len);

/* Appends "NAME":N */
int json_number(stralloc *out, char const *name, uint64_t n);

#endif
