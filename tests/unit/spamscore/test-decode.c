/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "html.h"
#include "spamscore/decode.h"
#include "spamscore/header.h"
#include "spamscore/mailbox.h"
#include "spamscore/mime.h"
#include "spamscore/uri.h"

#define TEXT(s) (s), sizeof(s) - 1
#define SPAN(s) ((struct span){ (s), sizeof(s) - 1 })

static stralloc out;

static bool
got(int r, char const *wanted, size_t len)
{
	bool ok = r == 1 && out.len == len &&
	    (!len || memcmp(out.s, wanted, len) == 0);
	if (!ok)
		fprintf(stderr, "wanted [%s]\nseen   [%.*s]\n", wanted,
		    (int)out.len, out.s ? out.s : "");
	out.len = 0;
	return ok;
}

#define GOT(call, wanted) CHECK(got((call), wanted, sizeof(wanted) - 1))

static void
check_transfer(void)
{
	struct mime_part p = { .encoding = TRANSFER_QP,
		.body = SPAN("a=3Db\r\nc=0D\r\n=20\n=") };
	GOT(mime_decode(&p, &out), "a=b\nc\r\n \n");
	p.encoding = TRANSFER_BASE64;
	p.body = SPAN("YQ0KYg==\n");
	GOT(mime_decode(&p, &out), "a\nb");
	p.encoding = TRANSFER_PLAIN;
	GOT(mime_decode(&p, &out), "YQ0KYg==\n");
	GOT(decode_lines(SPAN("a\r\nb\rc\nd\r"), &out), "a\nb\rc\nd\r");
}

static void
check_charset(void)
{
	GOT(decode_charset(SPAN("\xe9\x80"), SPAN("ISO-8859-1"), &out),
	    "\xc3\xa9\xe2\x82\xac");
	GOT(decode_charset(SPAN("\xa4"), SPAN("iso-8859-15"), &out),
	    "\xe2\x82\xac");
	GOT(decode_charset(SPAN("\xc3\xa9"), SPAN("utf-8"), &out), "\xc3\xa9");
	GOT(decode_charset(SPAN("\xe9"), SPAN("utf-8"), &out), "\xc3\xa9");
	GOT(decode_charset(SPAN("\xed\xa0\x80"), SPAN(""), &out),
	    "\xc3\xad\xc2\xa0\xe2\x82\xac");
	GOT(decode_charset(SPAN("\xc1"), SPAN("koi8-r"), &out), "\xd0\xb0");
	GOT(decode_charset(SPAN("\xb0\xa1"), SPAN("EUC-KR"), &out),
	    "\xea\xb0\x80");
	GOT(decode_charset(SPAN("\xe9"), SPAN("x-none"), &out), "\xe9");
}

static void
check_words(void)
{
	GOT(decode_words(SPAN("plain =? text"), &out), "plain =? text");
	GOT(decode_words(SPAN("=?utf-8?Q?a_b?= c"), &out), "a b c");
	GOT(decode_words(SPAN("=?utf-8?q?a?=  =?utf-8?b?Yg==?="), &out), "ab");
	/* a character split between two words */
	GOT(decode_words(SPAN("=?utf-8?q?=C3?= =?utf-8?q?=A9?="), &out),
	    "\xc3\xa9");
	GOT(decode_words(SPAN("=?iso-8859-1*fr?q?=E9?=x"), &out), "\xc3\xa9x");
	GOT(decode_words(SPAN("=?utf-8?x?a?="), &out), "=?utf-8?x?a?=");
	GOT(decode_words(SPAN("=?utf-8?q?a"), &out), "=?utf-8?q?a");
	GOT(decode_words(SPAN("=?=?=?q?"), &out), "=?=?=?q?");
	GOT(header_decode(SPAN("Subject"), SPAN("\xe9 =?utf-8?q?a?="), &out),
	    "\xc3\xa9 a");
	GOT(header_decode(SPAN("Message-ID"), SPAN("\xe9 =?utf-8?q?a?="), &out),
	    "\xc3\xa9 =?utf-8?q?a?=");
	GOT(header_decode(SPAN("Subject"), SPAN(" a\n\t b\r\n c "), &out),
	    "a b c");
	GOT(header_decode(SPAN("Received"), SPAN("=?utf-8?q?a?="), &out),
	    "=?utf-8?q?a?=");
}

static void
check_html(void)
{
	static stralloc links;
	GOT(html_render(TEXT("a<b>b</b>  c<br>d<p>e"), &out, &links),
	    "ab c\nd\n\ne");
	GOT(html_render(TEXT("&lt;&#65;&#x42;&eacute;&nope;&amp&#0;"), &out,
	        &links),
	    "<AB\xc3\xa9&nope;&&#0;");
	GOT(html_render(TEXT("x<!-- a > b -->y<!-->z<!DOCTYPE q>"), &out,
	        &links),
	    "xyz");
	GOT(html_render(TEXT("x<script>hid<b></SCRIPT>y<style>z"), &out,
	        &links),
	    "xy");
	GOT(html_render(TEXT("1 < 2 <3 </ <"), &out, &links), "1 < 2 <3 </ <");
	GOT(html_render(TEXT("<a title='>' href=x y>t"), &out, &links), "t");
	GOT(html_render(TEXT("&nbsp;\xc2\xa0 a"), &out, &links), " a");
	CHECK(links.len == 2 && memcmp(links.s, "x\n", 2) == 0);
	links.len = 0;
	GOT(html_render(TEXT("<A HREF = \"h\nttp://a/?b&amp;c\"><img src=i>"
	                     "</a href=no><b href=no>"),
	        &out, &links),
	    "");
	CHECK(
	    links.len == 16 && memcmp(links.s, "http://a/?b&c\ni\n", 16) == 0);
	stralloc_free(&links);
}

static void
check_uris(void)
{
	GOT(uri_find(SPAN("(http://a.b/c), WWW.d.e."), &out),
	    "http://a.b/c\nhttp://WWW.d.e\n");
	GOT(uri_find(SPAN("x@y.z,a.b@c.d. @e.f g@ h@i"), &out),
	    "mailto:x@y.z\nmailto:a.b@c.d\n");
	GOT(uri_find(SPAN("http://%61.b http:// http://-"), &out),
	    "http://%61.b\n");
	GOT(uri_find(SPAN("mailto:q@r.s"), &out), "mailto:q@r.s\n");
	GOT(uri_forms(SPAN("a%41%0a%zz%4"), &out), "a%41%0a%zz%4\naA %zz%4\n");
	GOT(uri_forms(SPAN("a"), &out), "a\n");
}

static void
check_mailboxes(void)
{
	static stralloc phrase;
	struct span list =
	    SPAN("\"A, \\\"B\\\"\" <a@b>, c@d (See (me)), g: e@f;, <h@i>");
	static char const *const wanted[][2] = { { "a@b", "A, \"B\"" },
		{ "c@d", "See (me)" }, { "e@f", "" }, { "", "" },
		{ "h@i", "" } };
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		CHECK(mailbox_next(&list, &out, &phrase) == 1);
		CHECK(phrase.len == strlen(wanted[i][1]) &&
		    memcmp(phrase.s, wanted[i][1], phrase.len) == 0);
		CHECK(got(1, wanted[i][0], strlen(wanted[i][0])));
	}
	CHECK(mailbox_next(&list, &out, &phrase) == 0);
	stralloc_free(&phrase);
}

static void
check_parts(void)
{
	static char const m[] = "Content-Type: multipart/mixed;\n"
	                        " boundary=\"a b\"; charset=x\n\npre\n"
	                        "--a b\nContent-Type: TEXT/Html; "
	                        "charset=(c) Latin-1\n\none\n--a bc\n"
	                        "--a b  \r\n\r\ntwo\r\n--a b--\npost\n";
	genalloc parts = GENALLOC_ZERO;
	CHECK(mime_parts(SPAN(m), &parts) == 1);
	CHECK(genalloc_len(struct mime_part, &parts) == 2);
	struct mime_part *p = genalloc_s(struct mime_part, &parts);
	CHECK(strcmp(p[0].type, "text/html") == 0);
	CHECK(span_is(p[0].charset, "Latin-1"));
	CHECK(span_is(p[0].body, "one\n--a bc"));
	CHECK(strcmp(p[1].type, "text/plain") == 0);
	CHECK(span_is(p[1].body, "two"));
	genalloc_setlen(struct mime_part, &parts, 0);
	CHECK(mime_parts(SPAN("Content-Type: multipart/x\n\nall"), &parts));
	p = genalloc_s(struct mime_part, &parts);
	CHECK(genalloc_len(struct mime_part, &parts) == 1);
	CHECK(span_is(p[0].body, "all"));
	genalloc_setlen(struct mime_part, &parts, 0);
	CHECK(mime_parts(SPAN(""), &parts));
	CHECK(genalloc_len(struct mime_part, &parts) == 1);
	genalloc_free(struct mime_part, &parts);
}

int
main(void)
{
	check_transfer();
	check_charset();
	check_words();
	check_html();
	check_uris();
	check_mailboxes();
	check_parts();
	return check_failed;
}
