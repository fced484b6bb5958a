/* SPDX-License-Identifier: ISC */
/* What srs.h signs with: BESACE_VAR/srs-secrets, "SECONDS HEX" a line, the
 * newest first. Whoever signs makes a new secret once the newest is a window
 * old; one goes when nothing that it signed can be good any more. */
#ifndef BESACE_SRS_SECRETS_H
#define BESACE_SRS_SECRETS_H

#include "settings.h"
#include "srs.h"

/* *S for now, by SETTINGS (srs_domain, srs_max_age), which are kept by
 * reference. A file that is missing knows no secret: nothing verifies. 1; 0
 * when it cannot be read or is damaged (logged): try again later. */
int srs_open(struct srs *s, struct settings const *settings);

/* The same, with a secret to sign with, made where there is none. */
int srs_open_to_sign(struct srs *s, struct settings const *settings);

#endif
