/* SPDX-License-Identifier: ISC */
/* With the name of a file: that message, converted, on standard output. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "../check.h"
#include "file.h"
#include "relay/mime-downgrade.h"
#include "relay/mime-field.h"

static int
add(void *arg, char const *s, size_t len)
{
	return stralloc_catb(arg, s, len);
}

static enum mime_downgrade
convert(char const *s, size_t len, stralloc *out)
{
	out->len = 0;
	return mime_downgrade((struct span){ s, len }, (struct span){ "", 0 },
	    add, out);
}

static void
becomes(char const *s, char const *wanted)
{
	static stralloc out;
	enum mime_downgrade r = convert(s, strlen(s), &out);
	if (r != MIME_DOWNGRADED || out.len != strlen(wanted) ||
	    memcmp(out.s, wanted, out.len) != 0) {
		fprintf(stderr, "%s: %d\n%.*s\n", s, (int)r, (int)out.len,
		    out.s);
		check_failed = 1;
	}
}

static void
stays(char const *s)
{
	becomes(s, s);
}

static void
fails(char const *s, enum mime_downgrade wanted)
{
	static stralloc out;
	enum mime_downgrade r = convert(s, strlen(s), &out);
	if (r != wanted) {
		fprintf(stderr, "%s: %d\n", s, (int)r);
		check_failed = 1;
	}
}

/* --- messages of one part --------------------------------------------------- */

#define GREEN "gr\xc3\xbcn"

static void
test_text(void)
{
	stays("Subject: x\n\nplain\n");
	stays("");
	stays("Subject: x\n");
	becomes("Subject: x\n\n" GREEN " is the tree\n",
	    "Subject: x\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=unknown-8bit\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "gr=C3=BCn is the tree\n");
	becomes("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	        "CONTENT-TRANSFER-ENCODING: (as it is)\n 8bit\nSubject: x\n\n"
	        "the tree is " GREEN "\n",
	    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	    "Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n"
	    "the tree is gr=C3=BCn\n");
	/* half of it beyond ASCII */
	becomes("Content-Type: text/plain; charset=utf-8\n\n"
	        "\xd0\x96\xd0\x97\xd0\x98\n\n",
	    "Content-Type: text/plain; charset=utf-8\nMIME-Version: 1.0\n"
	    "Content-Transfer-Encoding: base64\n\n0JbQl9CYDQoNCg==\n");
	becomes("Content-Type: image/gif\n\nabc \xff\n"
	        "0123456789012345678901234567890123456789\n"
	        "0123456789",
	    "Content-Type: image/gif\nMIME-Version: 1.0\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "YWJjIP8NCjAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"
	    "ODkNCjAxMjM0NTY3\nODk=");
}

static void
test_labels(void)
{
	stays("Content-Transfer-Encoding: 7bit\n\nx\n");
	stays("Content-Transfer-Encoding: base64\n\n4pyT\n");
	stays("Content-Transfer-Encoding: uuencode\n\n4pyT\n");
	becomes("Content-Transfer-Encoding: 8bit\nMime-version: 1.0\n\nx\n",
	    "Mime-version: 1.0\nContent-Transfer-Encoding: 7bit\n\nx\n");
	fails("Content-Transfer-Encoding: base64\n\n" GREEN, MIME_STRUCTURE);
	fails("Content-Transfer-Encoding: uu\n\n" GREEN, MIME_STRUCTURE);
	fails("Content-Transfer-Encoding: 8bit\n"
	      "Content-Transfer-Encoding: 8bit\n\n" GREEN,
	    MIME_STRUCTURE);
	fails("Content-Type: text/plain\nContent-Type: text/plain\n\n" GREEN,
	    MIME_STRUCTURE);
	fails("Subject: " GREEN "\n\nx\n", MIME_HEADER);
	fails(GREEN "\n", MIME_STRUCTURE);
	fails("Subject: x\n" GREEN ": y\n\nx\n", MIME_STRUCTURE);
}

/* --- parts ------------------------------------------------------------------ */

#define MULTIPART(type, rest) \
	"MIME-Version: 1.0\nContent-Type: multipart/" type \
	"; boundary=\"b\"\n" rest

static void
test_parts(void)
{
	becomes(MULTIPART("mixed",
	            "Content-Transfer-Encoding: 8bit\n\n"
	            "preamble\n--b\n\n" GREEN " text\n\n--b  \n"
	            "Content-Type: text/plain\n\nplain -- text\n--b\n"
	            "--b\nContent-Type: application/x\n\n\xff\n--b--\nend\n"),
	    MULTIPART("mixed",
	        "Content-Transfer-Encoding: 7bit\n\n"
	        "preamble\n--b\nContent-Type: text/plain; charset=unknown-8bit\n"
	        "Content-Transfer-Encoding: quoted-printable\n\n"
	        "gr=C3=BCn text\n\n--b  \n"
	        "Content-Type: text/plain\n\nplain -- text\n--b\n"
	        "--b\nContent-Type: application/x\n"
	        "Content-Transfer-Encoding: base64\n\n/w==\n--b--\nend\n"));
	stays(MULTIPART("mixed", "\n--b\n\nplain\n"));
	fails(MULTIPART("mixed", "\n--b\n\n" GREEN "\n"), MIME_STRUCTURE);
	fails(MULTIPART("mixed", "\n" GREEN "\n--b\n\nx\n--b--\n"),
	    MIME_STRUCTURE);
	fails(MULTIPART("mixed", "\n--b\n\nx\n--b--\n" GREEN "\n"),
	    MIME_STRUCTURE);
	fails(MULTIPART("mixed", "\n--b\n" GREEN "\n--b--\n"), MIME_STRUCTURE);
	fails(MULTIPART("mixed", "\n--b\nX: " GREEN "\n\nx\n--b--\n"),
	    MIME_HEADER);
	fails(MULTIPART("mixed", "\n--b--\n" GREEN "\n"), MIME_STRUCTURE);
	fails(MULTIPART("mixed",
	          "Content-Transfer-Encoding: base64\n\n"
	          "--b\n\n" GREEN "\n--b--\n"),
	    MIME_STRUCTURE);
	fails(MULTIPART("signed", "\n--b\n\n" GREEN "\n--b\n\nx\n--b--\n"),
	    MIME_PROTECTED);
	stays(MULTIPART("signed", "\n--b\n\nplain\n--b\n\nx\n--b--\n"));
}

/* A signed part, with nothing to encode, beside one with. */
static void
test_protected(void)
{
	char const signed_part[] =
	    "Content-Type: multipart/signed; boundary=c\n\n"
	    "--c\nContent-Transfer-Encoding: 8bit\n\nplain \n--c\n\nx\n--c--";
	char from[1000], to[1000];
	snprintf(from, sizeof from,
	    MULTIPART("mixed",
	        "\n--b\n%s\n--b\nContent-Type: text/plain\n\n" GREEN
	        " x\n--b--\n"),
	    signed_part);
	snprintf(to, sizeof to,
	    MULTIPART("mixed",
	        "\n--b\n%s\n--b\nContent-Type: text/plain\n"
	        "Content-Transfer-Encoding: quoted-printable\n\n"
	        "gr=C3=BCn x\n--b--\n"),
	    signed_part);
	becomes(from, to);
}

static void
test_messages(void)
{
	becomes(MULTIPART("digest",
	            "\n--b\n\nSubject: x\n\n" GREEN " tree\n--b\n"
	            "Content-Type: message/rfc822\n"
	            "Content-Transfer-Encoding: 8bit\n\n"
	            "MIME-Version: 1.0\nContent-Type: text/x\n\n" GREEN
	            " tree\n--b--\n"),
	    MULTIPART("digest",
	        "\n--b\n\nSubject: x\nMIME-Version: 1.0\n"
	        "Content-Type: text/plain; charset=unknown-8bit\n"
	        "Content-Transfer-Encoding: quoted-printable\n\n"
	        "gr=C3=BCn tree\n--b\n"
	        "Content-Type: message/rfc822\n"
	        "Content-Transfer-Encoding: 7bit\n\n"
	        "MIME-Version: 1.0\nContent-Type: text/x\n"
	        "Content-Transfer-Encoding: quoted-printable\n\n"
	        "gr=C3=BCn tree\n--b--\n"));
	fails("Content-Type: message/rfc822\n\nSubject: " GREEN "\n\nx\n",
	    MIME_HEADER);
	fails("Content-Type: message/rfc822\n"
	      "Content-Transfer-Encoding: base64\n\n\nA: b\n\n" GREEN "\n",
	    MIME_STRUCTURE);
	fails("Content-Type: message/delivery-status\n\nA: " GREEN "\n",
	    MIME_STRUCTURE);
	becomes("Content-Type: message/global\n\nA: \xc3\xbc\n",
	    "Content-Type: message/global\nMIME-Version: 1.0\n"
	    "Content-Transfer-Encoding: base64\n\nQTogw7wNCg==\n");
}

/* --- bounds ----------------------------------------------------------------- */

static void
test_boundaries(void)
{
	static char const *const faulty[] = { "", "; boundary",
		"; boundary=", "; boundary=\"b", "; boundary=\"\"",
		"; boundary=b; boundary=b", "; boundary*0=b",
		"; boundary=\"b \"", "; boundary=b x", "; boundary=b(",
		"; boundary=\"b\n\"" };
	static char const *const good[] = { "; boundary=b;",
		" ; a=\"b;\\\"c\" ; Boundary = \"\\b\" (x)", ";boundary=b" };
	char m[500];
	for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
		snprintf(m, sizeof m,
		    "Content-Type: multipart/mixed%s\n\n--b\n\n" GREEN
		    "\n--b--\n",
		    faulty[i]);
		fails(m, MIME_STRUCTURE);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		snprintf(m, sizeof m,
		    "Content-Type: multipart/mixed%s\n\n--b\n\n" GREEN
		    "\n--b--\n",
		    good[i]);
		fails(m, MIME_DOWNGRADED);
	}
	fails(MULTIPART("mixed",
	          "\n--b\nContent-Type: multipart/mixed; boundary=b\n\n"
	          "--b\n\n" GREEN "\n--b--\n--b--\n"),
	    MIME_STRUCTURE);
}

/* DEPTH messages within each other. */
static enum mime_downgrade
nest(unsigned int depth, char const *text)
{
	static stralloc m, out;
	m.len = 0;
	for (unsigned int i = 0; i < depth; i++)
		CHECK(stralloc_cats(&m, "Content-Type: message/rfc822\n\n"));
	CHECK(stralloc_cats(&m, "Subject: x\n\n") && stralloc_cats(&m, text));
	return convert(m.s, m.len, &out);
}

static void
test_bounds(void)
{
	static stralloc m, out;
	CHECK(nest(MIME_DEPTH_MAX, GREEN) == MIME_DOWNGRADED);
	CHECK(nest(MIME_DEPTH_MAX + 1, GREEN) == MIME_STRUCTURE);
	CHECK(nest(100, "plain") == MIME_DOWNGRADED);
	/* a line that is too long, and one that is not */
	CHECK(stralloc_cats(&m, "Subject: x\n\n"));
	for (int i = 0; i < MIME_TEXT_LINE_MAX; i++)
		CHECK(stralloc_append(&m, 'x'));
	CHECK(stralloc_cats(&m, "\r\n"));
	CHECK(convert(m.s, m.len, &out) == MIME_DOWNGRADED && out.len == m.len);
	m.s[m.len - 2] = 'x';
	CHECK(convert(m.s, m.len, &out) == MIME_DOWNGRADED);
	CHECK(memmem(out.s, out.len, "\n\nxxx", 5) &&
	    memmem(out.s, out.len, "xxx=\nxxx", 8) &&
	    !memmem(out.s, out.len, "charset", 7));
	CHECK(convert("A: b\n\n\0", 7, &out) == MIME_DOWNGRADED &&
	    memmem(out.s, out.len, "base64\n\nAA==", 12));
}

static void
test_without(void)
{
	static stralloc out;
	char const m[] = "A: b\nDrop: c\n d\nE: f\n\n" GREEN " tree\n";
	char const wanted[] = "A: b\nE: f\nMIME-Version: 1.0\n"
	                      "Content-Type: text/plain; charset=unknown-8bit\n"
	                      "Content-Transfer-Encoding: quoted-printable\n\n"
	                      "gr=C3=BCn tree\n";
	CHECK(mime_downgrade((struct span){ m, strlen(m) },
	          (struct span){ m + 5, 11 }, add, &out) == MIME_DOWNGRADED);
	CHECK(out.len == strlen(wanted) && memcmp(out.s, wanted, out.len) == 0);
}

/* --- one from a file -------------------------------------------------------- */

static int
convert_file(char const *path)
{
	static stralloc in, out;
	if (!file_slurp(path, &in, 1 << 30))
		return 1;
	if (convert(in.s, in.len, &out) != MIME_DOWNGRADED)
		return 2;
	return !file_write(1, out.s, out.len);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return convert_file(argv[1]);
	test_text();
	test_labels();
	test_parts();
	test_protected();
	test_messages();
	test_boundaries();
	test_bounds();
	test_without();
	return check_failed;
}
