/* SPDX-License-Identifier: ISC */
/* Mailbox names, LIST patterns, flags in file names. */
#include "names.h"

#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "lib/maildir.h"

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

static char const *const good_mutf7[] = { "", "abc", "a b", "&-", "a&-b",
	"&AOQA5A-", "Entw&APw-rfe", "&Jjo-", "&2D3eAA-", "~peter/&U,BTFw-" };

/* alone, an encoded ASCII character, unfinished, unused bits set, half a
 * surrogate pair, 8-bit, control, two runs where one would do */
static char const *const bad_mutf7[] = { "&", "&AC4-", "&AC8-", "&Jjo", "&Jjp-",
	"&2D0-", "&3gA-", "\xc3\xa9", "a\tb", "a\x7f", "&AOQ-&AOQ-", "&A-",
	"&AAo-", "&====-" };

/* RFC 3501 5.1.3, and each length of a run; "/" in the alphabet is ",". */
static char const *const utf8[][2] = {
	{ "", "" },
	{ "abc", "abc" },
	{ "A&B", "A&-B" },
	{ "\xc3\xa4", "&AOQ-" },
	{ "\xc3\xa4\xc3\xa4", "&AOQA5A-" },
	{ "Entw\xc3\xbcrfe", "Entw&APw-rfe" },
	{ "~peter/\xe5\x8f\xb0\xe5\x8c\x97", "~peter/&U,BTFw-" },
	{ "\xf0\x9f\x98\x80", "&2D3eAA-" },
	{ "\xe2\x98\xba&\xe2\x98\xba", "&Jjo-&-&Jjo-" },
};

static void
test_utf8(void)
{
	stralloc out = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof utf8 / sizeof *utf8; i++) {
		out.len = 0;
		char const *s = utf8[i][0];
		check(name_from_utf8(s, strlen(s), &out) == 1 &&
		        out.len == strlen(utf8[i][1]) &&
		        (!out.len || memcmp(out.s, utf8[i][1], out.len) == 0),
		    "from UTF-8", utf8[i][1]);
		out.len = 0;
		check(name_to_utf8(utf8[i][1], strlen(utf8[i][1]), &out) &&
		        out.len == strlen(s) &&
		        (!out.len || memcmp(out.s, s, out.len) == 0),
		    "to UTF-8", utf8[i][1]);
	}
	check(name_from_utf8("a\xc3", 2, &out) == -1 &&
	        name_from_utf8("\xed\xa0\x80", 3, &out) == -1,
	    "no UTF-8", "");
	stralloc_free(&out);
}

struct folder_case {
	char const *name;
	char separator;
	char const *folder; /* NULL: not a name */
};

static struct folder_case const folders[] = {
	{ "INBOX", '.', "" },
	{ "inBox", '.', "" },
	{ "inbox.kid", '.', "INBOX.kid" },
	{ "inboxes", '.', "inboxes" },
	{ "Work", '.', "Work" },
	{ "Work.Sub", '.', "Work.Sub" },
	{ "Work.", '.', "Work" },
	{ "Work/Sub", '/', "Work.Sub" },
	{ "Work/", '/', "Work" },
	{ "with space", '.', "with space" },
	{ "Work.Sub", '/', NULL },
	{ "Work/Sub", '.', NULL },
	{ "", '.', NULL },
	{ ".", '.', NULL },
	{ "..", '.', NULL },
	{ ".a", '.', NULL },
	{ "a..b", '.', NULL },
	{ "a..", '.', NULL },
	{ "../x", '/', NULL },
	{ "a/../b", '/', NULL },
	{ "/etc", '/', NULL },
	{ "a//b", '/', NULL },
	{ "a/b", '.', NULL },
	{ "&AC4-", '.', NULL },
	{ "a\nb", '.', NULL },
};

struct match_case {
	char const *pattern, *name;
	bool want;
};

static struct match_case const matches[] = {
	{ "*", "a.b.c", true },
	{ "%", "a", true },
	{ "%", "a.b", false },
	{ "%.%", "a.b", true },
	{ "a*", "a", true },
	{ "a*c", "a.b.c", true },
	{ "a%c", "a.b.c", false },
	{ "a%c", "abc", true },
	{ "*%*", "a.b", true },
	{ "", "", true },
	{ "", "a", false },
	{ "a", "A", false },
	{ "inbox", "INBOX", true },
	{ "Inb%", "INBOX", true },
	{ "inbox.*", "INBOX.kid", true },
	{ "inbox.Kid", "INBOX.kid", false },
	{ "*x*y*", "axbyc", true },
	{ "*x*y*z", "axbyc", false },
};

struct flag_case {
	char const *name;
	uint32_t flags; /* it has */
	uint32_t wanted;
	char const *renamed;
};

static struct flag_case const flag_cases[] = {
	{ "b", 0, 0, "b:2," },
	{ "b:2,", 0, FLAG_SEEN, "b:2,S" },
	{ "b:2,S", FLAG_SEEN, FLAG_SEEN | FLAG_FLAGGED, "b:2,FS" },
	{ "b:2,DFRST",
	    FLAG_DRAFT | FLAG_FLAGGED | FLAG_ANSWERED | FLAG_SEEN |
	        FLAG_DELETED,
	    0, "b:2," },
	{ "b:2,PSac", FLAG_SEEN | 1 | 4, FLAG_ANSWERED | 2, "b:2,PRb" },
	{ "b:2,XS", FLAG_SEEN, 0, "b:2,X" },
	{ "b:1,S", 0, FLAG_SEEN, "b:2,S" },
	{ "b,S=3,W=4:2,\xff", 0, 1, "b,S=3,W=4:2,a" },
};

static void
test_flags(void)
{
	stralloc out = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof flag_cases / sizeof *flag_cases; i++) {
		struct flag_case const *f = &flag_cases[i];
		size_t n = strlen(f->name);
		check(flags_of_name(f->name, n) == f->flags, "flags of",
		    f->name);
		check(flags_rename(f->name, n, f->wanted, &out) &&
		        strcmp(out.s, f->renamed) == 0,
		    f->name, out.s);
	}
	stralloc_free(&out);
}

struct field_case {
	char const *base;
	bool good;
	uint64_t want;
};

static void
test_fields(void)
{
	static struct field_case const cases[] = {
		{ "1.M2P3.h,S=41,W=46", true, 41 },
		{ "1.M2P3.h,W=46,S=41", true, 41 },
		{ "h,S=", false, 0 },
		{ "h,S=1x", false, 0 },
		{ "h,SS=1", false, 0 },
		{ "S=1", false, 0 },
		{ "h,S=99999999999999999999", false, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t n = 0;
		bool ok = maildir_name_field(cases[i].base,
		    strlen(cases[i].base), 'S', &n);
		check(ok == cases[i].good && (!ok || n == cases[i].want),
		    "S=", cases[i].base);
	}
}

static void
test_order(void)
{
	static char const *const ascending[] = { "", "1", "1.M", "1.M9P1.h",
		"1.M10P1.h", "1.M88535P15771.h", "1.M161305P15783.h",
		"1.M0161306P1.h", "1.Ma", "1.M\xff", "1x", "2.M1P1.h",
		"10.M1P1.h", "10.M1P1.h,S=1", "99999999999999999999999", "a",
		"a1", "a2" };
	size_t count = sizeof ascending / sizeof *ascending;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			int c = maildir_name_order(ascending[i],
			    strlen(ascending[i]), ascending[k],
			    strlen(ascending[k]));
			check((c > 0) - (c < 0) == (i > k) - (i < k),
			    ascending[i], ascending[k]);
		}
}

/* A bomb of wildcards takes no longer than its length asks for. */
static void
test_bomb(void)
{
	char pattern[PATTERN_MAX];
	char name[NAME_MAX_DISK];
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	memset(name, 'a', sizeof name);
	for (int i = 0; i < 100; i++)
		check(!name_match(pattern, sizeof pattern, name, sizeof name,
		          '.'),
		    "bomb", "");
}

int
main(void)
{
	char folder[NAME_MAX_DISK + 1];
	char longest[NAME_MAX_DISK + 2];
	for (size_t i = 0; i < sizeof good_mutf7 / sizeof *good_mutf7; i++)
		check(name_is_mutf7(good_mutf7[i], strlen(good_mutf7[i])),
		    "modified UTF-7", good_mutf7[i]);
	for (size_t i = 0; i < sizeof bad_mutf7 / sizeof *bad_mutf7; i++)
		check(!name_is_mutf7(bad_mutf7[i], strlen(bad_mutf7[i])),
		    "not modified UTF-7", bad_mutf7[i]);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct folder_case const *f = &folders[i];
		bool ok = name_to_folder(f->name, strlen(f->name), f->separator,
		    folder);
		check(ok == (f->folder != NULL), "name", f->name);
		if (ok && f->folder)
			check(strcmp(folder, f->folder) == 0, f->name, folder);
	}
	memset(longest, 'x', sizeof longest);
	check(name_to_folder(longest, NAME_MAX_DISK, '.', folder), "long", "");
	check(!name_to_folder(longest, NAME_MAX_DISK + 1, '.', folder),
	    "too long", "");
	check(!name_to_folder("a\0b", 3, '.', folder), "NUL", "");
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		struct match_case const *m = &matches[i];
		check(name_match(m->pattern, strlen(m->pattern), m->name,
		          strlen(m->name), '.') == m->want,
		    m->pattern, m->name);
	}
	test_utf8();
	test_bomb();
	test_flags();
	test_fields();
	test_order();
	return failures != 0;
}
