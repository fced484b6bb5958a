/* SPDX-License-Identifier: ISC */
/* What "besace serve" tells the person who typed it. */
#ifndef BESACE_SERVE_H
#define BESACE_SERVE_H

enum service {
	SERVICE_SMTP,
	SERVICE_SUBMISSION,
	SERVICE_SUBMISSIONS,
	SERVICE_IMAP,
	SERVICE_IMAPS,
	SERVICES
};

struct serve_facts {
	char const *dir;    /* of the instance, absolute */
	char const *listen; /* address */
	unsigned int port[SERVICES];
};

/* Prints ports, accounts and commands to paste, on stdout. */
void serve_print(struct serve_facts const *facts);

#endif
