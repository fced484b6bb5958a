/* SPDX-License-Identifier: ISC */
/* A process that asks one web server one thing, and ends within a minute. */
#ifndef BESACE_HTTPS_PROCESS_H
#define BESACE_HTTPS_PROCESS_H

#include "https.h"
#include "settings.h"

/* Loads *SETTINGS, limits the time, and, started as root, becomes the owner of
 * the mail. 1; 0, and logged. */
int https_process_begin(struct settings *settings);

/* As https_ask, for what is at PATH of HOST; that one's addresses, the
 * authorities and the time are found here. Nothing is left of the environment. */
enum https_result https_process_ask(struct https_host *host,
    struct https_request *r, struct settings const *settings,
    struct https_answer *a, char reason[HTTPS_REASON_MAX]);

/* What a result is as an exit status. */
int https_process_status(enum https_result result);

#endif
