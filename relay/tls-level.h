/* SPDX-License-Identifier: ISC */
/* How much TLS there must be with a server. */
#ifndef BESACE_RELAY_TLS_LEVEL_H
#define BESACE_RELAY_TLS_LEVEL_H

/* From the weakest on. */
enum tls_level {
	TLS_NONE,
	TLS_MAY,       /* in clear when it does not work */
	TLS_ENCRYPT,   /* with any certificate */
	TLS_DANE_ONLY, /* one that a TLSA record names */
	TLS_VERIFY,    /* one by an authority, of the right name */
	TLS_LEVELS
};

/* "none", "may", "encrypt", "dane-only", "verify"; -1 for another word. */
int tls_level_find(char const *name);

char const *tls_level_name(enum tls_level level);

#endif
