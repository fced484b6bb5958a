/* SPDX-License-Identifier: ISC */
/* Writes wide-charsets.h: what the pairs of octets of East Asian character sets
 * stand for, as the C library of the machine that builds has it. */
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct pairs {
	char const *name, *charset;
	char const *before; /* stands before each pair */
	unsigned lead_first, lead_last, trail_first, trail_last;
};

static struct pairs const sets[] = {
	{ "gb18030", "GB18030", "", 0x81, 0xfe, 0x40, 0xfe },
	{ "big5", "BIG5", "", 0xa1, 0xfe, 0x40, 0xfe },
	{ "cp932", "CP932", "", 0x81, 0xfc, 0x40, 0xfc },
	{ "cp949", "CP949", "", 0x81, 0xfe, 0x41, 0xfe },
	{ "jis0208", "EUC-JP", "", 0xa1, 0xfe, 0xa1, 0xfe },
	{ "jis0212", "EUC-JP", "\x8f", 0xa1, 0xfe, 0xa1, 0xfe },
};

enum { FOUR_OCTETS = 39420 }; /* of GB18030, those for U+0080 to U+FFFF */

static iconv_t
from(char const *charset)
{
	iconv_t cd = iconv_open("UCS-4BE", charset);
	if (cd != (iconv_t)-1)
		return cd;
	fprintf(stderr, "iconv knows no %s\n", charset);
	exit(1);
}

/* The one character of 16 bits that they are; 0: another thing, or nothing. */
static unsigned
read_one(iconv_t cd, unsigned char *s, size_t len)
{
	unsigned char to[16];
	char *in = (char *)s, *out = (char *)to;
	size_t room = sizeof to;
	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &in, &len, &out, &room) == (size_t)-1 || len ||
	    room != sizeof to - 4 || to[0] || to[1])
		return 0;
	return to[2] << 8 | to[3];
}

static unsigned
read_pair(iconv_t cd, struct pairs const *p, unsigned lead, unsigned trail)
{
	unsigned char s[3];
	size_t n = 0;
	if (*p->before)
		s[n++] = (unsigned char)*p->before;
	s[n++] = (unsigned char)lead;
	s[n++] = (unsigned char)trail;
	return read_one(cd, s, n);
}

static void
write_pairs(struct pairs const *p)
{
	iconv_t cd = from(p->charset);
	unsigned n = 0;
	printf("static uint16_t const %s_points[] = {", p->name);
	for (unsigned a = p->lead_first; a <= p->lead_last; a++)
		for (unsigned b = p->trail_first; b <= p->trail_last; b++)
			printf("%s%u,", n++ % 12 ? "" : "\n",
			    read_pair(cd, p, a, b));
	printf("\n};\nstatic struct pairs const %s = { %s_points, "
	       "%u, %u, %u, %u };\n\n",
	    p->name, p->name, p->lead_first, p->lead_last, p->trail_first,
	    p->trail_last);
	iconv_close(cd);
}

/* Those of four octets count through what the pairs leave out: runs of them. */
static void
write_four(void)
{
	iconv_t cd = from("GB18030");
	unsigned expected = 0;
	printf("static struct run const gb18030_runs[] = {\n");
	for (unsigned i = 0; i < FOUR_OCTETS; i++) {
		unsigned char s[4] = {
			(unsigned char)(0x81 + i / 12600),
			(unsigned char)(0x30 + i / 1260 % 10),
			(unsigned char)(0x81 + i / 10 % 126),
			(unsigned char)(0x30 + i % 10),
		};
		unsigned point = read_one(cd, s, sizeof s);
		if (point != expected || !i)
			printf("{ %u, %u },\n", i, point);
		expected = point ? point + 1 : 0;
	}
	printf("};\n");
	iconv_close(cd);
}

int
main(void)
{
	printf("/* Made by wide-charsets.c. */\n");
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		write_pairs(&sets[i]);
	write_four();
	return fflush(stdout) != 0 || ferror(stdout);
}
