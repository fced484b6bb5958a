/* SPDX-License-Identifier: ISC */
/* The least an SMTP server can be: a greeting, an answer to EHLO, an answer to
 * QUIT. What a connection costs before anything is done for it. */
#include <unistd.h>

static int
reply(char const *text, size_t len)
{
	return write(1, text, len) == (ssize_t)len;
}

int
main(void)
{
	static char const greeting[] = "220 example.test ESMTP\r\n";
	static char const ok[] = "250 example.test\r\n";
	static char const bye[] = "221 Bye\r\n";
	char command[512];
	int done = reply(greeting, sizeof greeting - 1) &&
	    read(0, command, sizeof command) > 0 && reply(ok, sizeof ok - 1) &&
	    read(0, command, sizeof command) > 0 && reply(bye, sizeof bye - 1);
	return !done;
}
