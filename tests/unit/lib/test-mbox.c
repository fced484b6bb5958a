/* SPDX-License-Identifier: ISC */
/* mbox files of all kinds, whole, octet by octet and cut in two everywhere. */
#include "mbox.h"

#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>
#include "../check.h"
#include "flags.h"

/* "{date flags keywords|text}" for each message. */
struct show {
	stralloc out;
	size_t start;
};

static int
start(void *arg, struct mbox const *m)
{
	struct show *s = arg;
	char date[MBOX_DATE_MAX] = "-";
	s->start = s->out.len;
	if (m->dated)
		mbox_date(m->date, date);
	return stralloc_append(&s->out, '{') &&
	    stralloc_cats(&s->out, m->stray ? "stray" : date) &&
	    stralloc_append(&s->out, '|');
}

static int
data(void *arg, char const *text, size_t len)
{
	return stralloc_catb(&((struct show *)arg)->out, text, len);
}

static int
end(void *arg, struct mbox const *m)
{
	struct show *s = arg;
	static char const letters[] = "RFTSD";
	stralloc_append(&s->out, '|');
	for (int i = 0; i < 5; i++)
		if (m->flags & (FLAG_ANSWERED << i))
			stralloc_append(&s->out, letters[i]);
	if (m->old)
		stralloc_append(&s->out, 'o');
	return stralloc_append(&s->out, '|') &&
	    stralloc_catb(&s->out, m->keywords, m->keywords_len) &&
	    stralloc_append(&s->out, '}');
}

/* Feeds pieces: FIRST octets, then STEP at a time. */
static void
read_all(char const *in, size_t len, size_t first, size_t step,
    struct show *show)
{
	struct mbox_sink const sink = { show, start, data, end };
	static struct mbox m;
	size_t pos = 0;
	int again = 0;
	mbox_init(&m, &sink);
	show->out.len = 0;
	for (;;) {
		size_t n = first && pos < first ? first - pos : step;
		if (n > len - pos)
			n = len - pos;
		int r = n ? mbox_feed(&m, in + pos, n) : mbox_end(&m);
		CHECK(r != 0);
		if (r == MBOX_AGAIN) {
			CHECK(++again < 100);
			show->out.len = show->start;
			pos = m.offset;
		} else if (!n) {
			return;
		} else {
			pos += n;
		}
	}
}

#define DATE "Sat Jan  3 01:05:34 1998"
#define FROM "From a@b " DATE "\n"

static char const *const cases[][2] = {
	{ "", "" },
	{ "\n\n", "" },
	{ FROM "S: 1\n\nbody\n\n" FROM "S: 2\n\nx\n",
	    "{" DATE "|S: 1\n\nbody\n||}{" DATE "|S: 2\n\nx\n||}" },
	/* no last line end; no body; nothing at all */
	{ FROM "S: 1\n\nbody", "{" DATE "|S: 1\n\nbody||}" },
	{ FROM "S: 1\n", "{" DATE "|S: 1\n||}" },
	{ FROM, "{" DATE "|||}" },
	/* CRLF, its blank line, lone CR */
	{ "From - " DATE "\r\nS: 1\r\n\r\na\rb\r\n\r\nFrom - " DATE
	  "\r\nS: 2\r\n\r\n",
	    "{" DATE "|S: 1\n\na\rb\n||}{" DATE "|S: 2\n\n||}" },
	{ FROM "S: 1\r\n\r\na\r\n\r\n", "{" DATE "|S: 1\r\n\r\na\r\n\r\n||}" },
	/* dates */
	{ "From a@b Sat Jan 3 01:05 1998\n\n",
	    "{Sat Jan  3 01:05:00 1998|\n||}" },
	{ "From a@b Sat Jan  3 01:05:34 1998 +0100\n\n",
	    "{Sat Jan  3 00:05:34 1998|\n||}" },
	{ "From Sat Jan Sat Jan 03 01:05:34 MET 1998 remote from x\n\n",
	    "{" DATE "|\n||}" },
	{ "From a@b\n\nx\n", "{-|\nx\n||}" },
	/* From in bodies: no date, no message; quotes */
	{ FROM "\n\nFrom here on\n>From a\n>>From b\n >From c\n>From\n",
	    "{" DATE
	    "|\n\nFrom here on\nFrom a\n>From b\n >From c\n>From\n||}" },
	/* no blank line before the next */
	{ FROM "\nx\n" FROM "\ny\n", "{" DATE "|\nx\n||}{" DATE "|\ny\n||}" },
	/* blank lines of the message stay */
	{ FROM "\nx\n\n\n" FROM "\n", "{" DATE "|\nx\n\n||}{" DATE "|\n||}" },
	/* what stands before */
	{ "junk\n\n" FROM "\n", "{stray|junk\n||}{" DATE "|\n||}" },
	/* states */
	{ FROM "Status: RO\nX-Status: AF\nX-Keywords: a $b\nS: 1\n\nx\n",
	    "{" DATE "|S: 1\n\nx\n|RFSo|a $b}" },
	{ FROM "S: 1\nstatus: O\nX-Status: DT\n\n",
	    "{" DATE "|S: 1\n\n|TDo|}" },
	{ FROM "Status: O\nStatus: R\nX-Mozilla-Status: 0001\n\nStatus: R\n",
	    "{" DATE "|Status: R\nX-Mozilla-Status: 0001\n\nStatus: R\n|o|}" },
	{ FROM "X-Mozilla-Status: 0007\nX-Mozilla-Status2: 00000000\n"
	       "X-Mozilla-Keys: $label1   \nS: 1\nStatus: X\n\n",
	    "{" DATE "|S: 1\nStatus: X\n\n|RFSo|$label1}" },
	{ FROM "X-Mozilla-Status: zz\nS: 1\n\n",
	    "{" DATE "|X-Mozilla-Status: zz\nS: 1\n\n||}" },
	{ FROM "X-Keywords: a\n b\nS: 1\n 2\n\n",
	    "{" DATE "|S: 1\n 2\n\n||a b}" },
	{ FROM "X-IMAPbase: 1 2 a\nX-UID: 1\nS: 1\n\n\n" FROM
	       "X-IMAPbase: 1 2 a\nX-UID: 1\nX-UID: 1\n\n",
	    "{" DATE "|S: 1\n\n||}{" DATE
	    "|X-IMAPbase: 1 2 a\nX-UID: 1\n\n||}" },
	/* lengths that are true */
	{ FROM "Content-Length: 35\n\n" FROM "\n\n" FROM "\ny\n",
	    "{" DATE "|Content-Length: 35\n\n" FROM "\n||}{" DATE "|\ny\n||}" },
	{ FROM "Content-Length: 8\n\n>From a\n\n" FROM "\n",
	    "{" DATE "|Content-Length: 8\n\n>From a\n||}{" DATE "|\n||}" },
	{ FROM "Content-Length: 7\n\n>From a",
	    "{" DATE "|Content-Length: 7\n\n>From a||}" },
	{ FROM "Content-Length: 0\n\n\n" FROM "\n",
	    "{" DATE "|Content-Length: 0\n\n||}{" DATE "|\n||}" },
	/* and that are not */
	{ FROM "Content-Length: 99\n\n>From a\n\n" FROM "\nx\n",
	    "{" DATE "|Content-Length: 99\n\nFrom a\n||}{" DATE "|\nx\n||}" },
	{ FROM "Content-Length: 3\n\n>From a\nb\n\n" FROM "\nx\n",
	    "{" DATE "|Content-Length: 3\n\nFrom a\nb\n||}{" DATE "|\nx\n||}" },
	{ FROM "Content-Length: 2\n\na\nb\n\n>From c\n",
	    "{" DATE "|Content-Length: 2\n\na\nb\n\nFrom c\n||}" },
	{ FROM "Content-Length: 18446744073709551616\n\nx\n",
	    "{" DATE "|Content-Length: 18446744073709551616\n\nx\n||}" },
};

static void
check_case(char const *in, size_t len, char const *want, struct show *show)
{
	for (size_t cut = 0; cut <= len + 1; cut++) {
		/* the last but one: octet by octet */
		bool single = cut > len;
		read_all(in, len, single ? 0 : cut, single ? 1 : len, show);
		CHECK(stralloc_0(&show->out));
		if (strcmp(show->out.s, want) == 0)
			continue;
		fprintf(stderr, "[%s] cut at %zu: [%s] wanted [%s]\n", in, cut,
		    show->out.s, want);
		check_failed = 1;
		return;
	}
}

/* A body line longer than the reader's buffer, its CR and LF apart. */
static void
check_long(size_t extra, struct show *show)
{
	static char in[3 * MBOX_LINE], want[3 * MBOX_LINE];
	size_t n = (size_t)sprintf(in, "From - " DATE "\r\nS: 1\r\n\r\n");
	memset(in + n, 'x', MBOX_LINE + extra);
	in[n + 7] = '\r';
	n += MBOX_LINE + extra;
	n += (size_t)sprintf(in + n, "\r\ny\r\n");
	sprintf(want, "{" DATE "|S: 1\n\n");
	size_t k = strlen(want);
	memset(want + k, 'x', MBOX_LINE + extra);
	want[k + 7] = '\r';
	sprintf(want + k + MBOX_LINE + extra, "\ny\n||}");
	check_case(in, n, want, show);
}

int
main(void)
{
	struct show show = { STRALLOC_ZERO, 0 };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_case(cases[i][0], strlen(cases[i][0]), cases[i][1],
		    &show);
	check_long(0, &show);
	check_long((size_t)-1, &show);
	check_long((size_t)-2, &show);
	check_long(5, &show);
	stralloc_free(&show.out);
	return check_failed;
}
