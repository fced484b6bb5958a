/* SPDX-License-Identifier: ISC */
/* Lists of hosts as OpenDKIM's TrustedHosts has them: networks (network.h),
 * host names, ".example.com" for what lies below it; "!" in front excludes. Pure. */
#ifndef BESACE_HOST_LIST_H
#define BESACE_HOST_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* One entry. "*.example.com" is ".example.com". */
bool host_entry_valid(char const *s, size_t len);

/* Nothing but entries, between blanks and commas. */
bool host_list_valid(char const *list, size_t len);

/* Whether LIST has the host, by its address or its confirmed name ("" for none),
 * and no entry excludes it. "localhost" is also what its addresses are. */
bool host_list_has(char const *list, char const *ip, char const *name);

#endif
