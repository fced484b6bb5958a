/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <stdio.h>
#include <string.h>
#include "span.h"

enum { STARS_MAX = 50, COLUMNS = 79, TAB_COLUMNS = 8, REPORT_COLUMNS = 72 };

/* --- values of tags -------------------------------------------------------- */

/* A tag's value; ARG is what stands in brackets behind its name. */
typedef int tag_value(struct scan const *s, struct span arg, stralloc *out);

static int
tag_yesno(struct scan const *s, struct span arg, stralloc *out)
{
	char const *comma = arg.len ? memchr(arg.s, ',', arg.len) : NULL;
	if (!comma)
		return stralloc_cats(out, scan_is_spam(s) ? "Yes" : "No");
	size_t n = (size_t)(comma - arg.s);
	return scan_is_spam(s) ? stralloc_catb(out, arg.s, n)
	                       : stralloc_catb(out, comma + 1, arg.len - n - 1);
}

static int
tag_yesnocaps(struct scan const *s, struct span arg, stralloc *out)
{
	(void)arg;
	return stralloc_cats(out, scan_is_spam(s) ? "YES" : "NO");
}

static int
put_number(double n, stralloc *out)
{
	char text[64];
	snprintf(text, sizeof text, "%.1f", n);
	/* what rounds to nothing has no sign */
	return stralloc_cats(out, strcmp(text, "-0.0") == 0 ? "0.0" : text);
}

/* 4.96 of 5 is not to look like 5.0: who reads it would miss the verdict. */
static double
shown_score(struct scan const *s)
{
	double required = s->rules->required_score;
	bool rounds_up = s->score < required && s->score >= required - 0.05;
	return rounds_up ? required - 0.1 : s->score;
}

/* _SCORE(00)_: padded with that many of these, up to "002.4". */
static int
tag_score(struct scan const *s, struct span arg, stralloc *out)
{
	stralloc number = STRALLOC_ZERO;
	int ok = put_number(shown_score(s), &number);
	for (size_t width = number.len; ok && arg.len && width < arg.len + 3;
	     width++)
		ok = stralloc_append(out, *arg.s);
	ok = ok && stralloc_catb(out, number.s, number.len);
	stralloc_free(&number);
	return ok;
}

static int
tag_required(struct scan const *s, struct span arg, stralloc *out)
{
	(void)arg;
	return put_number(s->rules->required_score, out);
}

static int
put_names(struct scan const *s, genalloc const *list, struct span separator,
    bool scores, stralloc *out)
{
	size_t const *index = genalloc_s(size_t, list);
	size_t n = genalloc_len(size_t, list);
	int ok = 1;
	if (!separator.len)
		separator = (struct span){ ",", 1 };
	for (size_t i = 0; ok && i < n; i++) {
		struct rule const *rule = rules_at(s->rules, index[i]);
		ok = (i == 0 ||
		         stralloc_catb(out, separator.s, separator.len)) &&
		    stralloc_cats(out, rule->name);
		if (ok && scores)
			ok = stralloc_append(out, '=') &&
			    put_number(rule_score(rule), out);
	}
	return ok && (n || stralloc_cats(out, "none"));
}

static int
tag_tests(struct scan const *s, struct span arg, stralloc *out)
{
	return put_names(s, &s->tests, arg, false, out);
}

static int
tag_tests_scores(struct scan const *s, struct span arg, stralloc *out)
{
	return put_names(s, &s->tests, arg, true, out);
}

/* The "__" rules, each as often as it matched. */
static int
tag_subtests(struct scan const *s, struct span arg, stralloc *out)
{
	size_t const *index = genalloc_s(size_t, &s->parts);
	size_t n = genalloc_len(size_t, &s->parts);
	bool first = true;
	if (!arg.len)
		arg = (struct span){ ",", 1 };
	for (size_t i = 0; i < n; i++)
		for (unsigned int k = 0; k < s->hits[index[i]]; k++) {
			if ((!first && !stralloc_catb(out, arg.s, arg.len)) ||
			    !stralloc_cats(out,
			        rules_at(s->rules, index[i])->name))
				return 0;
			first = false;
		}
	return n || stralloc_cats(out, "none");
}

static int
tag_stars(struct scan const *s, struct span arg, stralloc *out)
{
	int n = s->score > STARS_MAX ? STARS_MAX
	    : s->score > 0           ? (int)s->score
	                             : 0;
	if (!arg.len)
		arg = (struct span){ "*", 1 };
	int ok = 1;
	while (ok && n-- > 0)
		ok = stralloc_catb(out, arg.s, arg.len);
	return ok;
}

static int
tag_version(struct scan const *s, struct span arg, stralloc *out)
{
	(void)s;
	(void)arg;
	return stralloc_cats(out, BESACE_VERSION);
}

static int
tag_hostname(struct scan const *s, struct span arg, stralloc *out)
{
	(void)arg;
	return stralloc_cats(out, s->rules->hostname);
}

/* Nothing is learned here. */
static int
tag_autolearn(struct scan const *s, struct span arg, stralloc *out)
{
	(void)s;
	(void)arg;
	return stralloc_cats(out, "no");
}

/* --- the report ------------------------------------------------------------ */

static char const *
kind_prefix(enum rule_kind kind)
{
	return kind == RULE_BODY   ? "BODY: "
	    : kind == RULE_RAWBODY ? "RAW: "
	    : kind == RULE_URI     ? "URI: "
	    : kind == RULE_FULL    ? "FULL: "
	                           : "";
}

/* Words up to the right edge, the next lines below the first one's text. */
static int
put_wrapped(struct span words, size_t column, stralloc *out)
{
	bool first = true;
	while (words.len) {
		struct span word = span_word(&words);
		bool wrap = column + 1 + word.len > REPORT_COLUMNS && !first;
		if (!stralloc_cats(out, wrap ? "\n*      " : " ") ||
		    !stralloc_catb(out, word.s, word.len))
			return 0;
		column = (wrap ? 7 : column + 1) + word.len;
		first = false;
	}
	return 1;
}

static int
put_report_line(struct rule const *rule, stralloc *out)
{
	char head[64 + 128];
	double score = rule_score(rule);
	int decimals = score > -10 && score < 10;
	int n = snprintf(head, sizeof head, "* %4.*f %s", decimals, score,
	    rule->name);
	stralloc words = STRALLOC_ZERO;
	int ok = n > 0 && stralloc_cats(&words, kind_prefix(rule->kind)) &&
	    stralloc_cats(&words,
	        rule->describe ? rule->describe
	                       : "No description available.") &&
	    stralloc_append(out, '\n') && stralloc_cats(out, head) &&
	    put_wrapped(span_of(&words), (size_t)n, out);
	stralloc_free(&words);
	return ok;
}

/* Begins with an empty line, so that all lines stand below each other. */
static int
tag_report(struct scan const *s, struct span arg, stralloc *out)
{
	size_t const *index = genalloc_s(size_t, &s->tests);
	size_t n = genalloc_len(size_t, &s->tests);
	(void)arg;
	for (size_t i = 0; i < n; i++)
		if (!put_report_line(rules_at(s->rules, index[i]), out))
			return 0;
	return 1;
}

/* --- templates ------------------------------------------------------------- */

static struct {
	char const *name;
	tag_value *put;
} const tags[] = {
	{ "AUTOLEARN", tag_autolearn },
	{ "HITS", tag_score },
	{ "HOSTNAME", tag_hostname },
	{ "REPORT", tag_report },
	{ "REQD", tag_required },
	{ "SCORE", tag_score },
	{ "STARS", tag_stars },
	{ "SUBTESTS", tag_subtests },
	{ "TESTS", tag_tests },
	{ "TESTSSCORES", tag_tests_scores },
	{ "VERSION", tag_version },
	{ "YESNO", tag_yesno },
	{ "YESNOCAPS", tag_yesnocaps },
};

/* "_NAME_" or "_NAME(ARG)_" at the start of S: its length, 0 for none. */
static size_t
read_tag(struct span s, struct span *name, struct span *arg)
{
	size_t n = 1;
	while (n < s.len && s.s[n] >= 'A' && s.s[n] <= 'Z')
		n++;
	*name = (struct span){ s.s + 1, n - 1 };
	*arg = (struct span){ NULL, 0 };
	if (n < s.len && s.s[n] == '(') {
		char const *close = memchr(s.s + n, ')', s.len - n);
		if (!close)
			return 0;
		*arg =
		    (struct span){ s.s + n + 1, (size_t)(close - s.s) - n - 1 };
		n = (size_t)(close - s.s) + 1;
	}
	return n < s.len && s.s[n] == '_' && name->len ? n + 1 : 0;
}

int
report_expand(struct scan const *s, char const *template, stralloc *out)
{
	struct span rest = { template, strlen(template) };
	while (rest.len) {
		struct span name;
		struct span arg;
		size_t n = *rest.s == '_' ? read_tag(rest, &name, &arg) : 0;
		size_t i = 0;
		size_t count = sizeof tags / sizeof *tags;
		while (n && i < count && !span_is(name, tags[i].name))
			i++;
		bool known = n && i < count;
		if (!(known ? tags[i].put(s, arg, out)
		            : stralloc_append(out, *rest.s)))
			return 0;
		rest = span_from(rest, known ? n : 1);
	}
	return 1;
}

/* --- fields ---------------------------------------------------------------- */

/* Folds after white space and commas; the space at a fold goes. */
static int
put_folded(struct span text, size_t column, stralloc *out)
{
	while (text.len) {
		size_t n = 0;
		while (n < text.len && text.s[n] != ' ' && text.s[n] != ',')
			n++;
		size_t piece = n + (n < text.len && text.s[n] == ',');
		size_t with_space =
		    piece + (piece == n && n < text.len && text.s[n] == ' ');
		if (column + piece > COLUMNS && column > TAB_COLUMNS) {
			if (out->len && out->s[out->len - 1] == ' ')
				out->len--;
			if (!stralloc_cats(out, "\n\t"))
				return 0;
			column = TAB_COLUMNS;
		}
		if (!stralloc_catb(out, text.s, with_space))
			return 0;
		column += with_space;
		text = span_from(text, with_space);
	}
	return 1;
}

/* Text that has lines keeps them, each continued with a tab. */
static int
put_lines(struct span text, stralloc *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (!(text.s[i] == '\n' ? stralloc_cats(out, "\n\t")
		                        : stralloc_append(out, text.s[i])))
			return 0;
	return 1;
}

static int
put_field(struct scan const *s, struct result_field const *f, stralloc *out)
{
	stralloc text = STRALLOC_ZERO;
	size_t start = out->len;
	int ok = report_expand(s, f->text, &text) &&
	    stralloc_cats(out, "X-Spam-") && stralloc_cats(out, f->name) &&
	    stralloc_cats(out, ": ");
	struct span value = span_of(&text);
	bool lines = value.len && memchr(value.s, '\n', value.len);
	if (ok)
		ok = lines || !s->rules->fold_headers
		    ? put_lines(value, out)
		    : put_folded(value, out->len - start, out);
	ok = ok && stralloc_append(out, '\n');
	stralloc_free(&text);
	return ok;
}

int
report_fields(struct scan const *s, stralloc *out)
{
	struct result_field const *f =
	    genalloc_s(struct result_field, &s->rules->fields);
	size_t n = genalloc_len(struct result_field, &s->rules->fields);
	for (size_t i = 0; i < n; i++)
		if ((scan_is_spam(s) ? f[i].spam : f[i].ham) &&
		    !put_field(s, &f[i], out))
			return 0;
	return 1;
}
