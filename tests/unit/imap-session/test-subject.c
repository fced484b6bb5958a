/* SPDX-License-Identifier: ISC */
/* Base subjects (RFC 5256 section 2.1). */
#include "imap-session/subject.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 1 << 20 };

static int failures;

static struct {
	char const *subject;
	char const *base;
	bool reply;
} const cases[] = {
	{ "", "", false },
	{ "Hello", "Hello", false },
	{ " a \t b\r\n  c ", "a b c", false },
	{ "Re: Hello", "Hello", true },
	{ "RE:Hello", "Hello", true },
	{ "re: fw : FWD: Hello", "Hello", true },
	{ "Re[2]: Hello", "Hello", true },
	{ "Re [list] : Hello", "Hello", true },
	{ "Regarding: Hello", "Regarding: Hello", false },
	{ "Fw Hello", "Fw Hello", false },
	{ "Hello (fwd)", "Hello", true },
	{ "Hello (fwd)  (FWD) ", "Hello", true },
	{ "(fwd)", "", true },
	/* blobs */
	{ "[list] Hello", "Hello", false },
	{ "[a] [b][c]Hello", "Hello", false },
	{ "[list] Re: [other] re: Hello", "Hello", true },
	{ "[list]", "[list]", false },
	{ "[a] [b]", "[b]", false },
	{ "Re: [list]", "[list]", true },
	{ "[open Hello", "[open Hello", false },
	{ "[[a]] b", "[[a]] b", false },
	/* forwarded as a whole */
	{ "[Fwd: Hello]", "Hello", true },
	{ "[fwd: Re: [x] Hello (fwd)]", "Hello", true },
	{ "[fwd: [fwd: Hello]]", "Hello", true },
	{ "[fwd:Re: Re: Hello]", "Hello", true },
	{ "[fwd: Hello", "[fwd: Hello", false },
	{ "[fwd:]", "", true },
	{ "Re: ", "", true },
};

static void
check(size_t i)
{
	char s[100];
	size_t start;
	size_t len = strlen(cases[i].subject);
	bool reply;
	memcpy(s, cases[i].subject, len);
	subject_base(s, &start, &len, &reply);
	if (len == strlen(cases[i].base) &&
	    memcmp(s + start, cases[i].base, len) == 0 &&
	    reply == cases[i].reply)
		return;
	printf("failed: \"%s\" is \"%.*s\"%s\n", cases[i].subject, (int)len,
	    s + start, reply ? ", a reply" : "");
	failures++;
}

/* A long row of blobs or brackets is read a few times, not once for each. */
static void
check_long(char const *piece)
{

	size_t n = strlen(piece);
	size_t start;
	size_t len = LENGTH;
	bool reply;
	char *s = malloc(LENGTH);
	if (!s)
		abort();
	for (size_t i = 0; i < LENGTH; i++)
		s[i] = piece[i % n];
	subject_base(s, &start, &len, &reply);
	free(s);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(i);
	check_long("[a]");
	check_long("[");
	check_long("re[");
	check_long("[fwd:");
	check_long("re:");
	check_long(" (fwd)");
	check_long("[a]re");
	return failures != 0;
}
