/* SPDX-License-Identifier: ISC */
/* Structure and envelope of messages: read whole, octet by octet, cut at every
 * position, with LF and with CRLF line ends, which must tell the same sizes. */
#include "imap-session/structure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/envelope.h"

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

struct bytes {
	char const *s;
	size_t len;
};

static int
read_header(void *arg, struct mime_part const *p, stralloc *out)
{
	struct bytes const *b = arg;
	return stralloc_copyb(out, b->s + p->header.raw,
	    p->body.raw - p->header.raw);
}

struct sample {
	char const *message; /* line ends LF */
	char const *structure;
};

#define NIL4 " NIL NIL NIL NIL"
#define NIL3 " NIL NIL NIL"

static struct sample const samples[] = {
	{ "",
	    "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 0 0" NIL4 ")" },
	{ "\nbody\nmore",
	    "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 10 1" NIL4 ")" },
	{ "Subject: x\n\nbody\n",
	    "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 6 1" NIL4 ")" },
	{ "Content-Type: garbage\n\nb",
	    "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 1 0" NIL4 ")" },
	{ "Content-Type: Image/PNG; name=\"a b\"; x=(c)y\n"
	  "Content-Transfer-Encoding: Base64\nContent-ID: <i>\n"
	  "Content-Description:  d\n e\n"
	  "Content-Disposition: attachment; filename*0=a; filename*1=\"b.c\"\n"
	  "Content-Language: en, de\nContent-Location: u\nContent-MD5: m\n\nxx\n",
	    "(\"Image\" \"PNG\" (\"name\" \"a b\" \"x\" \"y\") \"<i>\" "
	    "\"d e\" \"Base64\" 4 \"m\" (\"attachment\" (\"filename\" "
	    "\"ab.c\")) (\"en\" \"de\") \"u\")" },
	{ "Content-Type: multipart/mixed; boundary=a\n\npre\n--a\n\nx\ny\n"
	  "--a \nContent-Type: text/html\n\n<p>\n--a--\nepilogue\n",
	    "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 4 1" NIL4 ")(\"text\" \"html\" "
	    "(\"charset\" \"us-ascii\") NIL NIL \"7BIT\" 3 0" NIL4 ") "
	    "\"mixed\" (\"boundary\" \"a\")" NIL3 ")" },
	/* a boundary that is the start of another one */
	{ "Content-Type: multipart/mixed; boundary=a\n\n--a\n"
	  "Content-Type: multipart/alternative; boundary=ab\n\n--ab\n\nx\n"
	  "--ab--\n--a\n\ny\n--a--\n",
	    "(((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 1 0" NIL4 ") \"alternative\" (\"boundary\" \"ab\")" NIL3
	    ")(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 1 0" NIL4 ") \"mixed\" (\"boundary\" \"a\")" NIL3 ")" },
	/* more behind a boundary */
	{ "Content-Type: multipart/mixed; boundary=a\n\n--ax\n\nx\n--a--x\n",
	    "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 1 0" NIL4 ") \"mixed\" (\"boundary\" \"a\")" NIL3 ")" },
	{ "Content-Type: text/plain; x=y\n\nb",
	    "(\"text\" \"plain\" (\"x\" \"y\" \"charset\" \"us-ascii\") NIL "
	    "NIL \"7BIT\" 1 0" NIL4 ")" },
	/* no boundary, never found, never closed */
	{ "Content-Type: multipart/mixed\n\n--a\n\nx\n",
	    "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 0 0" NIL4 ") \"mixed\" NIL" NIL3 ")" },
	{ "Content-Type: multipart/mixed; boundary=q\n\n--a\n\nx\n",
	    "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 0 0" NIL4 ") \"mixed\" (\"boundary\" \"q\")" NIL3 ")" },
	{ "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n",
	    "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 3 1" NIL4 ") \"mixed\" (\"boundary\" \"a\")" NIL3 ")" },
	/* a part whose header the boundary ends */
	{ "Content-Type: multipart/mixed; boundary=a\n\n--a\nX: y\n--a--\n",
	    "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 0 0" NIL4 ") \"mixed\" (\"boundary\" \"a\")" NIL3 ")" },
	{ "Content-Type: message/rfc822\n\nSubject: in\nFrom: a@b\n\nbody\n",
	    "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 32 (NIL \"in\" "
	    "((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
	    "((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL) (\"text\" "
	    "\"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7BIT\" 6 1" NIL4
	    ") 4" NIL4 ")" },
	{ "Content-Type: message/rfc822\n\n",
	    "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 0 (NIL NIL NIL NIL "
	    "NIL NIL NIL NIL NIL NIL) (\"text\" \"plain\" (\"charset\" "
	    "\"us-ascii\") NIL NIL \"7BIT\" 0 0" NIL4 ") 0" NIL4 ")" },
	{ "Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: s\n\n"
	  "x\n--a--\n",
	    "((\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 15 (NIL \"s\" NIL "
	    "NIL NIL NIL NIL NIL NIL NIL) (\"text\" \"plain\" (\"charset\" "
	    "\"us-ascii\") NIL NIL \"7BIT\" 1 0" NIL4 ") 2" NIL4
	    ") \"digest\" (\"boundary\" \"a\")" NIL3 ")" },
};

static void
feed(struct mime *m, char const *s, size_t len, size_t first)
{
	mime_start(m, false);
	if (first == SIZE_MAX) {
		for (size_t i = 0; i < len; i++)
			mime_feed(m, s + i, 1);
	} else {
		mime_feed(m, s, first);
		mime_feed(m, s + first, len - first);
	}
}

static void
test_structure(char const *s, size_t len, size_t first, char const *want)
{
	struct mime m;
	struct bytes b = { s, len };
	struct header_source source = { read_header, &b };
	stralloc out = STRALLOC_ZERO;
	memset(&m, 0, sizeof m);
	feed(&m, s, len, first);
	bool ok = mime_finish(&m) && structure_put(&out, &m, true, &source) &&
	    stralloc_0(&out);
	check(ok && strcmp(out.s, want) == 0, s, ok ? out.s : "(failed)");
	mime_free(&m);
	stralloc_free(&out);
}

static void
test_sample(struct sample const *t)
{
	stralloc crlf = STRALLOC_ZERO;
	size_t len = strlen(t->message);
	for (size_t i = 0; i < len; i++) {
		if (t->message[i] == '\n')
			stralloc_append(&crlf, '\r');
		stralloc_append(&crlf, t->message[i]);
	}
	test_structure(t->message, len, SIZE_MAX, t->structure);
	for (size_t i = 0; i <= len; i++)
		test_structure(t->message, len, i, t->structure);
	stralloc_0(&crlf);
	test_structure(crlf.s, crlf.len - 1, SIZE_MAX, t->structure);
	test_structure(crlf.s, crlf.len - 1, 0, t->structure);
	stralloc_free(&crlf);
}

/* Nesting and numbers of parts are the sender's choice; time must not be. */
static void
test_bombs(void)
{
	stralloc in = STRALLOC_ZERO;
	struct mime m;
	memset(&m, 0, sizeof m);
	for (int i = 0; i < 2000; i++) {
		char part[96];
		snprintf(part, sizeof part,
		    "Content-Type: multipart/mixed; boundary=b%04d\n\n--b%04d\n",
		    i, i);
		stralloc_cats(&in, part);
	}
	feed(&m, in.s, in.len, in.len);
	check(mime_finish(&m) && m.count <= MIME_DEPTH_MAX + 1, "depth", "");
	in.len = 0;
	stralloc_cats(&in, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 3 * MIME_PARTS_MAX; i++)
		stralloc_cats(&in, "--b\n\nx\n");
	feed(&m, in.s, in.len, in.len);
	check(mime_finish(&m) && m.count <= MIME_PARTS_MAX + 1, "parts", "");
	in.len = 0;
	for (int i = 0; i < 2000; i++)
		stralloc_cats(&in, "Content-Type: message/rfc822\n\n");
	feed(&m, in.s, in.len, in.len);
	struct bytes b = { in.s, in.len };
	struct header_source source = { read_header, &b };
	stralloc out = STRALLOC_ZERO;
	check(mime_finish(&m) && structure_put(&out, &m, true, &source),
	    "nested messages", "");
	stralloc_free(&out);
	stralloc_free(&in);
	mime_free(&m);
}

struct section_case {
	uint32_t numbers[4];
	unsigned depth;
	char const *body; /* NULL: there is none */
};

static char const nested[] =
    "Content-Type: multipart/mixed; boundary=a\n\n"
    "--a\n\none\n"
    "--a\nContent-Type: message/rfc822\n\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntwo-one\n--b--\n"
    "--a\nContent-Type: message/rfc822\n\nSubject: x\n\nthree\n"
    "--a--\n";

static struct section_case const sections[] = {
	{ { 1 }, 1, "one" },
	{ { 2, 1 }, 2, "two-one" },
	{ { 3, 1 }, 2, "three" },
	{ { 4 }, 1, NULL },
	{ { 1, 1 }, 2, NULL },
	{ { 2, 2 }, 2, NULL },
	{ { 2, 1, 1 }, 3, NULL },
	{ { 3, 2 }, 2, NULL },
};

static void
test_sections(void)
{
	struct mime m;
	memset(&m, 0, sizeof m);
	feed(&m, nested, sizeof nested - 1, 0);
	mime_finish(&m);
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		struct section_case const *c = &sections[i];
		int part = structure_find(&m, c->numbers, c->depth);
		check((part >= 0) == (c->body != NULL), "section", "there");
		if (part < 0 || !c->body)
			continue;
		struct mime_part const *p = &m.parts[part];
		check(p->end.raw - p->body.raw == strlen(c->body) &&
		        memcmp(nested + p->body.raw, c->body,
		            strlen(c->body)) == 0,
		    "section", c->body);
	}
	mime_free(&m);
}

/* --- envelopes ------------------------------------------------------------ */

static char const *const envelopes[][2] = {
	{ "From", "NIL" },
	{ "From: \n", "NIL" },
	{ "From: a@b\n", "((NIL NIL \"a\" \"b\"))" },
	{ "From: <a@b>\n", "((NIL NIL \"a\" \"b\"))" },
	{ "From: A B <a@b>\n", "((\"A B\" NIL \"a\" \"b\"))" },
	{ "From: \"A, B\" <a@b>\n", "((\"A, B\" NIL \"a\" \"b\"))" },
	{ "From: a@b (A B)\n", "((\"A B\" NIL \"a\" \"b\"))" },
	{ "From: a@b, c@d\n", "((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\"))" },
	{ "From: a@b\nFrom: c@d\n",
	    "((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\"))" },
	{ "From: A\n <a\n @b>\n", "((\"A\" NIL \"a\" \"b\"))" },
	{ "From: g: a@b, C <c@d>;\n",
	    "((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(\"C\" NIL \"c\" "
	    "\"d\")(NIL NIL NIL NIL))" },
	{ "From: undisclosed-recipients:;\n",
	    "((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL))" },
	{ "From: g: a@b\n",
	    "((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))" },
	{ "From: <@x,@y:a@b>\n", "((NIL \"@x,@y\" \"a\" \"b\"))" },
	{ "From: <>\n", "((NIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\"))" },
	{ "From: root\n", "((NIL NIL \"root\" \"MISSING_DOMAIN\"))" },
	{ "From: A <a>\n", "((\"A\" NIL \"a\" \"MISSING_DOMAIN\"))" },
	{ "From: \"a b\"@c\n", "((NIL NIL \"a b\" \"c\"))" },
	{ "From: \"A \\\"x\\\" B\" <a@b>\n",
	    "(({7}\r\nA \"x\" B NIL \"a\" \"b\"))" },
	{ "From: \xc3\xa9 <a@b>\n", "(({2}\r\n\xc3\xa9 NIL \"a\" \"b\"))" },
	{ "From: \"unbalanced <a@b>\n",
	    "((\"unbalanced <a@b>\" NIL \"MISSING_MAILBOX\" "
	    "\"MISSING_DOMAIN\"))" },
	{ "From: A (c) Name, \"Q\", b\n",
	    "((\"A Name\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")"
	    "(\"Q\" NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")"
	    "(NIL NIL \"b\" \"MISSING_DOMAIN\"))" },
	{ "From: a(c(d)e)@b (n)\n", "((\"n\" NIL \"a\" \"b\"))" },
	{ "From: a@b;, c@d\n", "((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\"))" },
	{ "From: a@[1.2.3.4]\n", "((NIL NIL \"a\" \"[1.2.3.4]\"))" },
};

static void
test_envelopes(void)
{
	for (size_t i = 0; i < sizeof envelopes / sizeof *envelopes; i++) {
		char const *in = envelopes[i][0];
		stralloc out = STRALLOC_ZERO;
		stralloc want = STRALLOC_ZERO;
		char const *f = envelopes[i][1];
		stralloc_cats(&want, "(NIL NIL ");
		for (int k = 0; k < 3; k++) {
			stralloc_cats(&want, f);
			stralloc_cats(&want, " ");
		}
		stralloc_cats(&want, "NIL NIL NIL NIL NIL)");
		stralloc_0(&want);
		bool ok =
		    envelope_put(&out, in, strlen(in)) && stralloc_0(&out);
		check(ok && strcmp(out.s, want.s) == 0, in,
		    ok ? out.s : "(failed)");
		stralloc_free(&out);
		stralloc_free(&want);
	}
	stralloc out = STRALLOC_ZERO;
	static char const all[] =
	    "Date: d\nSubject: a\n\tb\nSubject: c\nFrom: f@x\nSender: s@x\n"
	    "Reply-To: r@x\nTo: t@x\nCc: c@x\nBcc: b@x\nIn-Reply-To: <i>\n"
	    "Message-ID: <m>\n\nFrom: not@header\n";
	envelope_put(&out, all, sizeof all - 1);
	stralloc_0(&out);
	check(strcmp(out.s,
	          "(\"d\" \"c\" ((NIL NIL \"f\" \"x\")) ((NIL NIL \"s\" "
	          "\"x\")) ((NIL NIL \"r\" \"x\")) ((NIL NIL \"t\" \"x\")) "
	          "((NIL NIL \"c\" \"x\")) ((NIL NIL \"b\" \"x\")) \"<i>\" "
	          "\"<m>\")") == 0,
	    "all fields", out.s);
	stralloc_free(&out);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		test_sample(&samples[i]);
	test_bombs();
	test_sections();
	test_envelopes();
	return failures != 0;
}
