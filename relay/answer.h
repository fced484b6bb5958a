/* SPDX-License-Identifier: ISC */
/* What became of a recipient, or of a try to reach a server, and who said so in
 * which words. */
#ifndef BESACE_RELAY_ANSWER_H
#define BESACE_RELAY_ANSWER_H

enum {
	ANSWER_STATUS_MAX = 12, /* "5.999.999" */
	ANSWER_TEXT_MAX = 700   /* octets; more of a long reply is cut */
};

enum verdict {
	VERDICT_NONE,  /* not known: what is tried next decides */
	VERDICT_AGAIN, /* not now, but in a transaction of its own at once */
	VERDICT_RELAYED,
	VERDICT_DEFERRED,
	VERDICT_FAILED,
	VERDICTS /* how many */
};

struct answer {
	enum verdict verdict;
	unsigned int code; /* of the SMTP reply; 0: our own finding */
	char status[ANSWER_STATUS_MAX];
	char text[ANSWER_TEXT_MAX];
};

/* Our own finding; text that is too long is cut. */
void answer_set(struct answer *a, enum verdict verdict, char const *status,
    char const *format, ...) __attribute__((format(printf, 4, 5)));

#endif
