/* SPDX-License-Identifier: ISC */
/* SASL mechanisms as byte formats. */
#ifndef BESACE_SASL_H
#define BESACE_SASL_H

#include "channel.h"

/* RFC 4616: [authzid] NUL authcid NUL passwd. An authorisation identity other
 * than the login is refused, as nobody may act for another. LOGIN and PASSWORD
 * point into S. 1; 0 when it is not of that form. Pure. */
int sasl_plain(char const *s, size_t len, struct channel_field *login,
    struct channel_field *password);

#endif
