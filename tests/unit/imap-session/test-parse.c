/* SPDX-License-Identifier: ISC */
/* Commands: put together whole, octet by octet and cut at every position;
 * sequence sets; arguments of SELECT, FETCH and SEARCH; dates. */
#include "imap-session/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/dates.h"
#include "imap-session/fetch.h"
#include "imap-session/results.h"
#include "imap-session/search.h"
#include "imap-session/select.h"
#include "imap-session/sequence.h"

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

/* --- commands ------------------------------------------------------------- */

enum { LIMIT = 64, LITERAL_LIMIT = 32 };

/* What the engine would do, as text: "[command]" done, "<command>" too long, "+"
 * a literal asked for, "!" one refused. */
static void
run(struct command *c, char const *s, size_t len, stralloc *out)
{
	while (len) {
		size_t used;
		enum command_status status = command_feed(c, s, len, &used);
		s += used;
		len -= used;
		if (status == COMMAND_MORE)
			continue;
		if (status == COMMAND_LITERAL) {
			if (c->literal <= LITERAL_LIMIT && command_take(c)) {
				stralloc_cats(out, c->sync ? "+" : "");
				continue;
			}
			if (!c->sync) {
				command_skip(c);
				continue;
			}
			stralloc_cats(out, "!");
			command_reset(c, LIMIT);
			continue;
		}
		stralloc_cats(out, status == COMMAND_DONE ? "[" : "<");
		stralloc_catb(out, c->text.s, c->text.len);
		stralloc_cats(out, status == COMMAND_DONE ? "]" : ">");
		command_reset(c, LIMIT);
	}
}

static char const *const commands[][2] = {
	{ "a NOOP\r\n", "[a NOOP]" },
	{ "a NOOP\n", "[a NOOP]" },
	{ "\r\n", "[]" },
	{ "a X\r\nb Y\r\n", "[a X][b Y]" },
	{ "a LOGIN {3}\r\nabc {2}\r\nde\r\n",
	    "++[a LOGIN {3}\r\nabc {2}\r\nde]" },
	{ "a LOGIN {3+}\r\nabc x\r\n", "[a LOGIN {3+}\r\nabc x]" },
	{ "a X {0}\r\n\r\n", "+[a X {0}\r\n]" },
	{ "a X {2}\r\n\r\n\r\n", "+[a X {2}\r\n\r\n]" },
	/* inside quotes, or not at the end, it is none */
	{ "a X \"{3}\r\n", "[a X \"{3}]" },
	{ "a X \"\\\"{3}\r\n", "[a X \"\\\"{3}]" },
	{ "a X \"y\" {1}\r\nz\r\n", "+[a X \"y\" {1}\r\nz]" },
	{ "a X {3} y\r\n", "[a X {3} y]" },
	{ "a X {}\r\n", "[a X {}]" },
	{ "a X {+}\r\n", "[a X {+}]" },
	{ "a X {3++}\r\n", "[a X {3++}]" },
	{ "a X {{3}\r\nabc\r\n", "+[a X {{3}\r\nabc]" },
	/* too large: refused, or read past and thrown away */
	{ "a X {33}\r\nb Y\r\n", "![b Y]" },
	{ "a X {33+}\r\n0123456789abcdef0123456789abcdefX tail\r\nb Y\r\n",
	    "<a X {33+}\r>[b Y]" },
	{ "a X {99999999999999999999999}\r\nb Y\r\n", "![b Y]" },
	/* a line too long is skipped to its end, its literals too */
	{ "a 0123456789012345678901234567890123456789012345678901234567890123"
	  "456789 x\r\nb Y\r\n",
	    NULL },
};

static void
test_command(char const *in, char const *want, size_t first)
{
	struct command c;
	stralloc out = STRALLOC_ZERO;
	size_t len = strlen(in);
	memset(&c, 0, sizeof c);
	command_reset(&c, LIMIT);
	if (first == SIZE_MAX) {
		for (size_t i = 0; i < len; i++)
			run(&c, in + i, 1, &out);
	} else {
		run(&c, in, first, &out);
		run(&c, in + first, len - first, &out);
	}
	stralloc_0(&out);
	if (want)
		check(strcmp(out.s, want) == 0, in, out.s);
	else
		check(out.s[0] == '<' && strstr(out.s, ">[b Y]"), in, out.s);
	stralloc_free(&out);
	stralloc_free(&c.text);
}

static void
test_commands(void)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		test_command(commands[i][0], commands[i][1], SIZE_MAX);
		for (size_t k = 0; k <= strlen(commands[i][0]); k++)
			test_command(commands[i][0], commands[i][1], k);
	}
}

/* --- sequence sets --------------------------------------------------------- */

struct text_case {
	char const *in;
	char const *want; /* NULL: a syntax error */
};

static struct text_case const sequences[] = {
	{ "1", "1" },
	{ "1,2,3", "1:3" },
	{ "3:1", "1:3" },
	{ "*", "10" },
	{ "*:8", "8:10" },
	{ "12:*", "10:12" },
	{ "1:4294967295", "1:4294967295" },
	{ "5,1,3:5,4", "1,3:5" },
	{ "", NULL },
	{ "0", NULL },
	{ "01", NULL },
	{ "1,", NULL },
	{ "1:", NULL },
	{ ":1", NULL },
	{ "4294967296", NULL },
	{ "1:2:3", NULL },
	{ "-1", NULL },
};

static void
test_sequences(void)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		struct text_case const *t = &sequences[i];
		struct cursor c = { t->in, strlen(t->in), 0 };
		struct sequence set = SEQUENCE_ZERO;
		struct sequence told = SEQUENCE_ZERO;
		stralloc out = STRALLOC_ZERO;
		bool ok = cursor_sequence(&c, &set) && cursor_end(&c);
		check(ok == (t->want != NULL), "sequence", t->in);
		if (ok && t->want) {
			sequence_resolve(&set, 10);
			/* as it would be told: joined */
			for (uint32_t n = 1; n < 20; n++)
				if (sequence_has(&set, n))
					sequence_add(&told, n);
			if (sequence_max(&set) < 20)
				sequence_format(&told, &out);
			else
				sequence_format(&set, &out);
			stralloc_0(&out);
			check(strcmp(out.s, t->want) == 0, t->in, out.s);
		}
		stralloc_free(&set.ranges);
		stralloc_free(&told.ranges);
		stralloc_free(&out);
	}
}

/* --- mod-sequences and SELECT --------------------------------------------- */

static void
test_modseqs(void)
{
	static char const *const good[] = { "0", "1", "00",
		"9223372036854775807" };
	static char const *const bad[] = { "", "-1", "x", "9223372036854775808",
		"18446744073709551617", "99999999999999999999999" };
	uint64_t n;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct cursor c = { good[i], strlen(good[i]), 0 };
		check(cursor_modseq(&c, &n) && cursor_end(&c), "modseq",
		    good[i]);
	}
	check(n == INT64_MAX, "modseq", "greatest");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct cursor c = { bad[i], strlen(bad[i]), 0 };
		check(!cursor_modseq(&c, &n), "no modseq", bad[i]);
	}
}

static void
test_drop(void)
{
	static char const *const cases[][2] = { { "1:9", "5:9" },
		{ "1:3,6", "6" }, { "2,4:5,7:8", "5,7:8" }, { "1:4", "" },
		{ "5:6", "5:6" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cursor c = { cases[i][0], strlen(cases[i][0]), 0 };
		struct sequence set = SEQUENCE_ZERO;
		stralloc out = STRALLOC_ZERO;
		cursor_sequence(&c, &set);
		sequence_drop(&set, 4);
		check(sequence_format(&set, &out) && stralloc_0(&out) &&
		        strcmp(out.s, cases[i][1]) == 0,
		    "drop", cases[i][0]);
		stralloc_free(&set.ranges);
		stralloc_free(&out);
	}
}

/* The pairs of its match data as text; NULL: a syntax error. */
static struct text_case const selects[] = {
	{ "", "" },
	{ " (CONDSTORE)", "" },
	{ " (condstore QRESYNC (1 2))", "" },
	{ " (QRESYNC (1 2 3:1,7))", "" },
	{ " (QRESYNC (1 2 (1 1)))", "1=1 " },
	{ " (QRESYNC (1 2 1:9 (1:2,5 3,7:8)))", "1=3 2=7 5=8 " },
	{ " (QRESYNC (1 2 1:9 (1,2,3 7:9)))", "1=7 2=8 3=9 " },
	{ " (QRESYNC (1 2 1 (1:4294967295 1:4294967295)))",
	    "1=1 2=2 3=3 4=4 " },
	{ " ", NULL },
	{ " ()", NULL },
	{ "(CONDSTORE)", NULL },
	{ " (CONDSTORE", NULL },
	{ " (CONDSTORE) ", NULL },
	{ " (CONDSTORE CONDSTORE)", NULL },
	{ " (CONDSTOREX)", NULL },
	{ " (QRESYNC)", NULL },
	{ " (QRESYNC ())", NULL },
	{ " (QRESYNC (1))", NULL },
	{ " (QRESYNC (0 1))", NULL },
	{ " (QRESYNC (1 9223372036854775808))", NULL },
	{ " (QRESYNC (1 2 ))", NULL },
	{ " (QRESYNC (1 2 1:*))", NULL },
	{ " (QRESYNC (1 2 3) 4)", NULL },
	{ " (QRESYNC (1 2 (1 2) 3))", NULL },
	{ " (QRESYNC (1 2 3 (1 *)))", NULL },
	{ " (QRESYNC (1 2 3 (1:2 1)))", NULL },
	{ " (QRESYNC (1 2 3 (2,1 1,2)))", NULL },
	{ " (QRESYNC (1 2 3 (1,1 1,2)))", NULL },
	{ " (QRESYNC (1 2 3 (2:1 1,2)))", NULL },
	{ " (QRESYNC (1 2) QRESYNC (1 2))", NULL },
};

static bool
put_pair(void *arg, uint32_t number, uint32_t uid)
{
	char buf[32];
	snprintf(buf, sizeof buf, "%u=%u ", (unsigned)number, (unsigned)uid);
	stralloc_cats(arg, buf);
	return number < 4;
}

static void
test_selects(void)
{
	for (size_t i = 0; i < sizeof selects / sizeof *selects; i++) {
		struct text_case const *t = &selects[i];
		struct cursor c = { t->in, strlen(t->in), 0 };
		struct select_parameters p;
		stralloc out = STRALLOC_ZERO;
		bool ok = select_parse(&c, &p);
		check(ok == (t->want != NULL), "SELECT", t->in);
		if (ok && t->want) {
			select_pairs(&p, put_pair, &out);
			check(stralloc_0(&out) && strcmp(out.s, t->want) == 0,
			    t->in, out.s);
		}
		select_free(&p);
		stralloc_free(&out);
	}
}

/* --- FETCH and SEARCH ----------------------------------------------------- */

static char const *const good_fetches[] = { "ALL", "FAST", "full", "FLAGS",
	"(FLAGS)", "(UID FLAGS RFC822.SIZE)", "BODY", "BODY[]", "BODY.PEEK[]",
	"BODY[]<0.1>", "BODY[TEXT]", "BODY[HEADER]", "BODY[1]",
	"BODY[1.2.3.MIME]", "BODY[1.HEADER]", "BODY[HEADER.FIELDS (A \"B\")]",
	"BODY.PEEK[2.HEADER.FIELDS.NOT (A)]<5.7>", "RFC822", "RFC822.HEADER",
	"(RFC822.TEXT ENVELOPE BODYSTRUCTURE INTERNALDATE)", "MODSEQ",
	"FLAGS (CHANGEDSINCE 1)", "(FLAGS) (CHANGEDSINCE 0 VANISHED)",
	"FAST (vanished changedsince 9223372036854775807)", "UID (PARTIAL 1:3)",
	"UID (PARTIAL -4:-4 CHANGEDSINCE 3)" };

static char const *const bad_fetches[] = { "", "()", "(ALL)", "FLAGS UID",
	"(FLAGS", "( FLAGS)", "BODY[", "BODY[]<0.0>", "BODY[]<0>", "BODY[MIME]",
	"BODY[HEADER.FIELDS ()]", "BODY[HEADER.FIELDS]", "BODY[0]", "BODY[1.]",
	"BODY[1..2]", "BODY[TEXT.1]", "BODY.PEEK", "BOGUS", "BODY[] ",
	"BODY[4294967296]", "FLAGS (", "FLAGS ()", "FLAGS (CHANGEDSINCE)",
	"FLAGS(CHANGEDSINCE 1)", "FLAGS (CHANGEDSINCE -1)",
	"FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)", "FLAGS (VANISHED VANISHED)",
	"FLAGS (CHANGEDSINCE 9223372036854775808)", "FLAGS (X)",
	"FLAGS (VANISHED) ", "(FLAGS (VANISHED))", "UID (PARTIAL)",
	"UID (PARTIAL 0:1)", "UID (PARTIAL -1:1)", "UID (PARTIAL 1:*)",
	"UID (PARTIAL 1:2 PARTIAL 3:4)" };

static void
test_fetch(char const *in, bool want)
{
	struct fetch *f = calloc(1, sizeof *f);
	struct cursor c = { in, strlen(in), 0 };
	check((fetch_parse(&c, f) && fetch_parse_modifiers(&c, f) &&
	          cursor_end(&c)) == want,
	    "FETCH", in);
	fetch_free(f);
	free(f);
}

static char const *const good_searches[] = { "ALL", "SEEN UNSEEN", "1:*",
	"NOT NOT SEEN", "OR SEEN (DELETED 1)", "(ALL)", "HEADER X \"\"",
	"SUBJECT {3}\r\nabc", "BEFORE 1-Feb-1994", "ON \"01-Feb-1994\"",
	"CHARSET utf-8 TEXT x", "RETURN () ALL", "RETURN (MIN MAX) UID 3",
	"KEYWORD $x", "LARGER 0", "((SEEN))", "$", "UID $", "NOT $",
	"RETURN (SAVE PARTIAL -1:-5) 1", "OLDER 1", "MODSEQ 0",
	"MODSEQ \"/flags/\\\\draft\" all 620162338", "SAVEDATESUPPORTED" };

static char const *const bad_searches[] = { "", "()", "BOGUS", "SEEN  SEEN",
	"OR SEEN", "NOT", "(SEEN", "BEFORE 31-Feb-1994", "BEFORE x", "HEADER X",
	"RETURN (X) ALL", "SEEN ", "LARGER -1", "UID", "0",
	"CHARSET klingon ALL", "$,1", "1,$", "$:2", "OLDER 0", "MODSEQ",
	"MODSEQ /flags/x all 1", "MODSEQ \"/flags/x\" some 1",
	"RETURN (PARTIAL 1) 1", "RETURN (PARTIAL 1:-2) 1",
	"RETURN (ALL PARTIAL 1:2) 1" };

static void
test_search(char const *in, bool want)
{
	struct search s = { 0 };
	struct result_options o;
	struct cursor c = { in, strlen(in), 0 };
	bool good = cursor_results(&c, &o) &&
	    search_parse(&c, SEARCH_CHARSET_NAMED, &s);
	check(good == want, "SEARCH", in);
	search_free(&s);
}

static void
test_depth(void)
{
	stralloc in = STRALLOC_ZERO;
	for (int i = 0; i < 10000; i++)
		stralloc_cats(&in, i % 2 ? "(" : "NOT ");
	stralloc_0(&in);
	test_search(in.s, false);
	in.len = 0;
	for (int i = 0; i < 20; i++)
		stralloc_cats(&in, "NOT ");
	stralloc_cats(&in, "SEEN");
	stralloc_0(&in);
	test_search(in.s, true);
	stralloc_free(&in);
}

/* --- dates ---------------------------------------------------------------- */

struct date_case {
	char const *in;
	bool good;
	long long want;
};

static struct date_case const moments[] = {
	{ "\"17-Jul-1996 02:44:25 -0700\"", true, 837596665 },
	{ "\" 7-Feb-1994 21:52:25 -0800\"", true, 760686745 },
	{ "\"01-Jan-1970 00:00:00 +0000\"", true, 0 },
	{ "\"31-Dec-1969 23:59:59 -0000\"", true, -1 },
	{ "\"19-Jan-2038 03:14:08 +0000\"", true, 2147483648LL },
	{ "\"29-feb-2000 00:00:00 +0000\"", true, 951782400 },
	{ "\"29-Feb-1900 00:00:00 +0000\"", false, 0 },
	{ "\"7-Feb-1994 21:52:25 -0800\"", false, 0 },
	{ "\"32-Jan-1994 21:52:25 -0800\"", false, 0 },
	{ "\"17-Jul-1996 24:44:25 -0700\"", false, 0 },
	{ "\"17-Jul-1996 02:44:25\"", false, 0 },
	{ "\"17-Jul-96 02:44:25 -0700\"", false, 0 },
	{ "17-Jul-1996 02:44:25 -0700", false, 0 },
};

static struct date_case const header_dates[] = {
	{ "Mon, 7 Feb 1994 21:52:25 -0800 (PST)", true, 8803 },
	{ " 7 Feb 94 21:52 PST", true, 8803 },
	{ "1 jan 1970", true, 0 },
	{ "Mon, 32 Feb 1994", false, 0 },
	{ "yesterday", false, 0 },
	{ "", false, 0 },
};

static void
test_dates(void)
{
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		struct date_case const *d = &moments[i];
		struct cursor c = { d->in, strlen(d->in), 0 };
		time_t t = 0;
		bool ok = cursor_date_time(&c, &t) && cursor_end(&c);
		check(ok == d->good && (!ok || t == d->want), "date-time",
		    d->in);
	}
	for (size_t i = 0; i < sizeof header_dates / sizeof *header_dates;
	     i++) {
		struct date_case const *d = &header_dates[i];
		int64_t day;
		bool ok = date_of_header(d->in, strlen(d->in), &day);
		check(ok == d->good && (!ok || day == d->want), "Date", d->in);
	}
	char out[INTERNALDATE_SIZE];
	setenv("TZ", "UTC0", 1);
	date_internal(760686745, out);
	check(strcmp(out, "\" 8-Feb-1994 05:52:25 +0000\"") == 0,
	    "INTERNALDATE", out);
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

int
main(void)
{
	test_commands();
	test_sequences();
	test_modseqs();
	test_drop();
	test_selects();
	for (size_t i = 0; i < COUNT(good_fetches); i++)
		test_fetch(good_fetches[i], true);
	for (size_t i = 0; i < COUNT(bad_fetches); i++)
		test_fetch(bad_fetches[i], false);
	for (size_t i = 0; i < COUNT(good_searches); i++)
		test_search(good_searches[i], true);
	for (size_t i = 0; i < COUNT(bad_searches); i++)
		test_search(bad_searches[i], false);
	test_depth();
	test_dates();
	return failures != 0;
}
