/* SPDX-License-Identifier: ISC */
/* URLs of messages. */
#include "imap-session/url.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

struct good {
	char const *url;
	char separator;
	bool selected;
	char const *folder;
	uint32_t validity, uid;
	char const *section;
	uint32_t offset, count;
};

static struct good const goods[] = {
	{ "/INBOX/;UID=1", '.', false, "", 0, 1, "", 0, 0 },
	{ "/inbox/;uid=4294967295", '.', false, "", 0, 4294967295U, "", 0, 0 },
	{ "/INBOX;UIDVALIDITY=385759045/;UID=20/;section=3.MIME", '.', false,
	    "", 385759045, 20, "3.MIME", 0, 0 },
	{ "/Drafts/;UID=2/;PARTIAL=0.1024", '.', false, "Drafts", 0, 2, "", 0,
	    1024 },
	{ "/a.b%20c/;UID=2/;SECTION=HEADER.FIELDS%20(To)/;PARTIAL=7", '.',
	    false, "a.b c", 0, 2, "HEADER.FIELDS (To)", 7, 0 },
	{ "/a/b/;UID=2", '/', false, "a.b", 0, 2, "", 0, 0 },
	{ "/%C3%A4&/;UID=2", '.', false, "&AOQ-&-", 0, 2, "", 0, 0 },
	{ ";UID=5", '.', true, "", 0, 5, "", 0, 0 },
	{ ";UID=5/;SECTION=1.2/;PARTIAL=1.2", '/', true, "", 0, 5, "1.2", 1,
	    2 },
};

static char const *const bads[] = { "", "/", "/INBOX", "/INBOX/",
	"INBOX/;UID=1", "/INBOX;UID=1", "//INBOX/;UID=1", "/INBOX/;UID=0",
	"/INBOX/;UID=", "/INBOX/;UID=4294967296", "/INBOX/;UID=1/",
	"/INBOX/;UID=1/;SECTION=", "/INBOX/;UID=1;SECTION=1",
	"/INBOX/;UID=1/;PARTIAL=", "/INBOX/;UID=1/;PARTIAL=1.0",
	"/INBOX/;UID=1/;PARTIAL=1/;SECTION=1",
	"/INBOX/;UID=1/;URLAUTH=anonymous", "/INBOX;UIDVALIDITY=0/;UID=1",
	"/INBOX;UIDVALIDITY=1;UID=1", "/../x/;UID=1", "/a/b/;UID=1",
	"/a%/;UID=1", "/a%2/;UID=1", "/a%0Ab/;UID=1", "/a%00/;UID=1",
	"/%FF/;UID=1", "/a\tb/;UID=1", "imap://host/INBOX/;UID=1",
	"//host/INBOX/;UID=1", "/;UID=1", ";UIDVALIDITY=1/;UID=1" };

static void
test_good(struct good const *g)
{
	struct url u = { .section = STRALLOC_ZERO };
	check(url_parse(g->url, strlen(g->url), g->separator, &u) &&
	        u.selected == g->selected && strcmp(u.folder, g->folder) == 0 &&
	        u.validity == g->validity && u.uid == g->uid &&
	        u.section.len == strlen(g->section) &&
	        (!u.section.len ||
	            memcmp(u.section.s, g->section, u.section.len) == 0) &&
	        u.offset == g->offset && u.count == g->count,
	    "good", g->url);
	stralloc_free(&u.section);
}

static void
test_show(void)
{
	static char const url[] = "/a b\"c\\]\r\n\xc3\x7f~";
	static char const shown[] = "/a%20b%22c%5C%5D%0D%0A%C3%7F~";
	stralloc out = STRALLOC_ZERO;
	check(url_show(url, sizeof url - 1, 100, &out) &&
	        out.len == sizeof shown - 1 &&
	        memcmp(out.s, shown, out.len) == 0,
	    "shown", shown);
	out.len = 0;
	check(url_show(url, sizeof url - 1, 3, &out) && out.len == 5, "cut",
	    shown);
	stralloc_free(&out);
}

int
main(void)
{
	struct url u = { .section = STRALLOC_ZERO };
	for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
		test_good(&goods[i]);
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
		check(!url_parse(bads[i], strlen(bads[i]), '.', &u), "bad",
		    bads[i]);
	stralloc_free(&u.section);
	test_show();
	return failures != 0;
}
