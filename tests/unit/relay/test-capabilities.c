/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "relay/capabilities.h"

static struct capabilities
reading_without(char const *discard, char const *text)
{
	struct capabilities c;
	capabilities_read(text, strlen(text), discard, &c);
	return c;
}

static struct capabilities
reading(char const *text)
{
	return reading_without("", text);
}

int
main(void)
{
	struct capabilities c =
	    reading("mx.example\nPIPELINING\nSIZE 1000\n"
	            "8bitmime\nSTARTTLS\nAUTH PLAIN LOGIN "
	            "XOAUTH2\nDSN\nSMTPUTF8\nREQUIRETLS\nCHUNKING");
	CHECK(c.pipelining && c.size && c.size_limit == 1000 &&
	    c.eightbitmime && c.starttls && c.dsn && c.smtputf8 &&
	    c.requiretls && c.chunking);
	CHECK(c.auth == (1 << SASL_PLAIN | 1 << SASL_LOGIN));
	/* the first line is who it is */
	c = reading("PIPELINING");
	CHECK(!c.pipelining);
	c = reading("x\nPIPELININGS\nSIZE\nAUTH=LOGIN CRAM-MD5");
	CHECK(!c.pipelining && c.size && !c.size_limit);
	CHECK(c.auth == (1 << SASL_LOGIN | 1 << SASL_CRAM_MD5));
	c = reading("x\nSIZE 99999999999999999999999\nAUTH");
	CHECK(c.size && !c.size_limit && !c.auth);
	c = reading("x\nSIZE 12x\n\n \nAUTH=");
	CHECK(c.size && !c.size_limit && !c.auth);
	c = reading_without("chunking, dsn auth",
	    "x\nCHUNKING\nDSN\nAUTH PLAIN\nAUTH=PLAIN\nPIPELINING");
	CHECK(!c.chunking && !c.dsn && !c.auth && c.pipelining);
	c = reading("");
	CHECK(!c.size);
	return check_failed;
}
