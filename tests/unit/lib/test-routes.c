/* SPDX-License-Identifier: ISC */
#include "lib/routes.h"

#include <string.h>

#include "../check.h"
#include "../map-of.h"

static struct routes routes = { .relayhost = "", .delimiters = "+-" };

/* Where mail from FROM to the domain TO goes, as "HOP KEY". */
static void
is(char const *from, char const *to, char const *expected)
{
	struct way w;
	char name[NEXT_HOP_TEXT_MAX], seen[2 * ROUTES_KEY_MAX];
	CHECK(routes_find(&routes, from, to, &w) == 1);
	way_name(&w, to, name);
	snprintf(seen, sizeof seen, "%s%s%s%s", name,
	    w.nowhere ? " nowhere" : "", *w.key ? " " : "", w.key);
	if (strcmp(seen, expected) == 0)
		return;
	fprintf(stderr, "%s to %s: %s\n", from ? from : "NULL", to, seen);
	check_failed = 1;
}

static void
test_order(void)
{
	static char const *const pairs[] = { "*", "[star]\t\t\t\t\t",
		".b.example", "[below]\t\t\t\t\t", "[IPv6:2001:db8::1]",
		"[literal]\t\t\t\t\t", "a.example", "[a]\t\t\t\t\t",
		"from:.test", "[net]\t\t\t\t\t", "from:<>", "[null]\t\t\t\t\t",
		"from:u+x@s.test", "[ext]\t\t\t\t\t", "from:u@s.test",
		"-\t\t\t\t\t", "own.example", "-\t\t\t\t\t", NULL };
	struct map *map = routes.map;
	routes.map = map_of("routes", pairs);
	is("u@s.test", "a.example", "[a] a.example");
	is("u@s.test", "A.Example", "[a] a.example");
	is("u@s.test", "own.example", "own.example own.example");
	is("u@s.test", "x.b.example", "[below] .b.example");
	is("u@s.test", "b.example", "b.example from:u@s.test");
	is("U+X@S.Test", "c.example", "[ext] from:u+x@s.test");
	is("u+x-y@s.test", "c.example", "[ext] from:u+x@s.test");
	is("u+z@s.test", "c.example", "c.example from:u@s.test");
	is("+z@s.test", "c.example", "[net] from:.test");
	is("\"u x\"@s.test", "c.example", "[net] from:.test");
	is("v@test", "c.example", "[star] *");
	is("", "c.example", "[null] from:<>");
	is(NULL, "c.example", "[star] *");
	is("no address", "c.example", "[star] *");
	is(NULL, "[2001:DB8::1]", "[literal] [IPv6:2001:db8::1]");
	is(NULL, "[192.0.2.1]", "[star] *");
	map_close(routes.map);
	routes.map = map;
}

static void
test_nothing_said(void)
{
	is("u@s.test",
	    "B\xc3\xbc"
	    "cher.example",
	    "xn--bcher-kva.example");
	is("", "[192.0.2.1]", "[192.0.2.1]");
	is("", "a..b", "a..b nowhere");
	is("", "192.0.2.1", "192.0.2.1 nowhere");
	is("", "[mx.example]", "[mx.example] nowhere");
	is("", "a.example:25", "a.example:25 nowhere");
	routes.relayhost = "smtps:[Smart.Example]";
	is("u@s.test", "a.example", "[smart.example]:465");
	is("u@s.test", "a..b", "[smart.example]:465");
	routes.relayhost = "";
}

/* The route's words, then those of the next hop's line. */
static void
test_options(void)
{
	static char const *const pairs[] = { "a.example",
		"[h]:587\tencrypt\t\t\tme\tmine", "b.example",
		"[h]:587\t\t\t\t\t", "c.example", "-\t\t\t\t\t", "d.example",
		"[h]:25\t\t\t\t\t", "hop:[h]:587",
		"verify\tn.example\tclear\tall\tours\ttoo", "hop:c.example",
		"none\t\t\t\t", NULL };
	struct map *map = routes.map;
	struct way w;
	routes.map = map_of("routes", pairs);
	CHECK(routes_find(&routes, NULL, "a.example", &w));
	CHECK(strcmp(w.level, "encrypt") == 0 && strcmp(w.login, "me") == 0 &&
	    strcmp(w.password, "mine") == 0 && strcmp(w.auth, "clear") == 0 &&
	    strcmp(w.certificate_name, "n.example") == 0);
	CHECK(routes_find(&routes, NULL, "b.example", &w));
	CHECK(strcmp(w.level, "verify") == 0 && strcmp(w.login, "all") == 0 &&
	    strcmp(w.password, "ours\ttoo") == 0);
	CHECK(routes_find(&routes, NULL, "c.example", &w));
	CHECK(strcmp(w.level, "none") == 0 && !*w.login);
	CHECK(routes_find(&routes, NULL, "d.example", &w));
	CHECK(!*w.level && !*w.login && !*w.password);
	map_close(routes.map);
	routes.map = map;
}

static void
test_damage(void)
{
	static char long_login[3 * ROUTES_SECRET_MAX];
	char const *pairs[] = { "a.example", "[h\t\t\t\t\t", "b.example", "[h]",
		"c.example", "[h]\t0123456789abcdef\t\t\t\t", "d.example",
		long_login, NULL };
	struct map *map = routes.map;
	struct way w;
	int fill = ROUTES_SECRET_MAX + 1;
	snprintf(long_login, sizeof long_login, "[h]\t\t\t\t%0*d\tx", fill, 0);
	routes.map = map_of("routes", pairs);
	CHECK(!routes_find(&routes, NULL, "a.example", &w));
	CHECK(routes_find(&routes, NULL, "b.example", &w));
	CHECK(!routes_find(&routes, NULL, "c.example", &w));
	CHECK(!routes_find(&routes, NULL, "d.example", &w));
	map_close(routes.map);
	routes.map = map;
}

static void
test_identity(void)
{
	static char const *const pairs[] = { "a.example", "[h]\t\t\t\tone\tx",
		"b.example", "[H]\t\t\t\tone\ty", "c.example",
		"[h]\t\t\t\ttwo\tx", "d.example", "h\t\t\t\tone\tx",
		"e.example", "[h]\tnone\t\t\tone\tx", "f.example",
		"-\t\t\t\t\t", "g.example", "f.example\t\t\t\t\t", NULL };
	static char const domains[] = "abcdefg";
	struct map *map = routes.map;
	stralloc first = STRALLOC_ZERO, sa = STRALLOC_ZERO;
	routes.map = map_of("routes", pairs);
	for (size_t i = 0; i < 7; i++)
		for (size_t k = 0; k < 7; k++) {
			char one[] = "?.example", two[] = "?.example";
			struct way w;
			*one = domains[i];
			*two = domains[k];
			first.len = sa.len = 0;
			CHECK(routes_find(&routes, NULL, one, &w) &&
			    way_identity(&w, one, &first));
			CHECK(routes_find(&routes, NULL, two, &w) &&
			    way_identity(&w, two, &sa));
			bool same = sa.len == first.len &&
			    memcmp(sa.s, first.s, sa.len) == 0;
			CHECK(same == (i == k || (i < 2 && k < 2)));
		}
	stralloc_free(&first);
	stralloc_free(&sa);
	map_close(routes.map);
	routes.map = map;
}

static void
test_same(void)
{
	static char const *const one[] = { "a.example", "[h]", NULL };
	static char const *const two[] = { "a.example", "[i]", NULL };
	static char const *const three[] = { "a.example", "[h]", "b", "[h]",
		NULL };
	struct routes a = routes, b = routes;
	a.map = map_of("routes", one);
	b.map = map_of("routes", one);
	CHECK(routes_are_same(&a, &b));
	b.relayhost = "[x]";
	CHECK(!routes_are_same(&a, &b));
	b.relayhost = a.relayhost;
	map_close(b.map);
	b.map = map_of("routes", two);
	CHECK(!routes_are_same(&a, &b));
	map_close(b.map);
	b.map = map_of("routes", three);
	CHECK(!routes_are_same(&a, &b) && !routes_are_same(&b, &a));
	map_close(a.map);
	map_close(b.map);
}

int
main(void)
{
	static char const *const none[] = { NULL };
	routes.map = map_of("routes", none);
	test_order();
	test_nothing_said();
	test_options();
	test_damage();
	test_identity();
	test_same();
	map_close(routes.map);
	return check_failed;
}
