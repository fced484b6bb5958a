/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int
usage(void)
{
	fputs("usage: sendmail [-i] [-t] [-f sender] [-F name] [-N notify] "
	      "[-R full|hdrs]\n"
	      "                [-V id] [recipient ...] < message\n"
	      "       sendmail -bs\n",
	    stderr);
	return 0;
}

static struct {
	char const *letter;
	enum sendmail_mode mode;
} const modes[] = {
	{ "m", MODE_MAIL },
	{ "s", MODE_SMTP },
	{ "p", MODE_QUEUE },
	{ "i", MODE_ALIASES },
};

static int
set_mode(struct sendmail_options *o, char const *letter)
{

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(modes[i].letter, letter) == 0) {
			o->mode = modes[i].mode;
			return 1;
		}
	fprintf(stderr, "sendmail: there is no mode -b%s here\n", letter);
	return 0;
}

/* RFC 3461 4.1: NEVER, or some of SUCCESS, FAILURE, DELAY. */
static int
set_notify(struct sendmail_options *o, char const *value)
{
	static char const *const words[] = { "NEVER", "SUCCESS", "FAILURE",
		"DELAY" };
	for (char const *p = value;; p++) {
		size_t n = strcspn(p, ",");
		size_t i = 0;
		while (i < 4 &&
		    (strlen(words[i]) != n || strncasecmp(words[i], p, n) != 0))
			i++;
		if (i == 4 || (i == 0 && (p != value || p[n])))
			return usage();
		p += n;
		if (!*p)
			break;
	}
	o->notify = value;
	return 1;
}

static int
set_return(struct sendmail_options *o, char const *value)
{
	if (strcasecmp(value, "full") != 0 && strcasecmp(value, "hdrs") != 0)
		return usage();
	o->ret = value;
	return 1;
}

static int
take(struct sendmail_options *o, int letter, char const *value)
{
	switch (letter) {
	case 'B':
		o->eight_bit = strcasecmp(value, "8BITMIME") == 0;
		return 1;
	case 'F':
		o->full_name = value;
		return 1;
	case 'I':
		o->mode = MODE_ALIASES;
		return 1;
	case 'N':
		return set_notify(o, value);
	case 'R':
		return set_return(o, value);
	case 'V':
		o->envid = value;
		return 1;
	case 'b':
		return set_mode(o, value);
	case 'f':
	case 'r':
		o->sender = value;
		return 1;
	case 'i':
		o->dots_are_text = true;
		return 1;
	case 'o':
		if (strcmp(value, "i") == 0)
			o->dots_are_text = true;
		return 1; /* the others are of other mail systems */
	case 'q':
		o->mode = MODE_FLUSH;
		return 1;
	case 't':
		o->from_header = true;
		return 1;
	case '?':
		return usage();
	default:
		return 1; /* means nothing here: taken and forgotten */
	}
}

int
sendmail_options(int argc, char **argv, struct sendmail_options *o)
{
	static char const letters[] =
	    "+A:B:C:EF:GIL:N:O:R:UV:X:b:ce:f:h:imno:p:q::r:stvx";
	char const *slash = argc ? strrchr(argv[0], '/') : NULL;
	char const *name = slash ? slash + 1 : argc ? argv[0] : "sendmail";
	int c;
	*o = (struct sendmail_options){ .mode = MODE_MAIL };
	if (strcmp(name, "mailq") == 0)
		o->mode = MODE_QUEUE;
	else if (strcmp(name, "newaliases") == 0)
		o->mode = MODE_ALIASES;
	while ((c = getopt(argc, argv, letters)) != -1)
		if (!take(o, c, optarg))
			return 0;
	o->recipients = argv + optind;
	return 1;
}
