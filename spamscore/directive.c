/* SPDX-License-Identifier: ISC */
#include "directive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "expr.h"

enum { NAME_MAX_LEN = 128, HITS_MAX = 100000, SCORE_SETS = 4 };

static enum directive_result
fault(struct line *l, char const *why)
{
	snprintf(l->why, sizeof l->why, "%s", why);
	return DIRECTIVE_FAULT;
}

static enum directive_result
unsupported(struct line *l, char const *why)
{
	snprintf(l->why, sizeof l->why, "%s", why);
	return DIRECTIVE_UNSUPPORTED;
}

static enum directive_result
done_if(bool ok)
{
	return ok ? DIRECTIVE_DONE : DIRECTIVE_FAILED;
}

static bool
is_name(struct span a)
{
	if (!a.len || a.len > NAME_MAX_LEN || (*a.s >= '0' && *a.s <= '9'))
		return false;
	for (size_t i = 0; i < a.len; i++) {
		char c = a.s[i];
		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && c != '_')
			return false;
	}
	return true;
}

/* Takes the rule's name off the line and finds its record. */
static enum directive_result
take_rule(struct line *l, struct rule **rule)
{
	struct span name = span_word(&l->rest);
	struct rules *rules = l->config->rules;
	size_t index;
	if (!is_name(name))
		return fault(l, "no rule name");
	if (!rules_index(rules, name.s, name.len, &index))
		return DIRECTIVE_FAILED;
	*rule = rules_at(rules, index);
	return DIRECTIVE_DONE;
}

/* A decimal number that fills A. */
static bool
read_number(struct span a, double *value)
{
	char text[32];
	char *end;
	if (!a.len || a.len >= sizeof text)
		return false;
	memcpy(text, a.s, a.len);
	text[a.len] = 0;
	if (strspn(text, "+-.0123456789") != a.len)
		return false;
	*value = strtod(text, &end);
	return !*end;
}

static bool
read_count(struct span a, size_t max, size_t *value)
{
	size_t n = 0;
	for (size_t i = 0; i < a.len; i++) {
		if (a.s[i] < '0' || a.s[i] > '9' || n > max)
			return false;
		n = n * 10 + (size_t)(a.s[i] - '0');
	}
	*value = n;
	return a.len && n <= max;
}

/* --- tests ----------------------------------------------------------------- */

/* Sets RULE to match PATTERN; a test of that name defined before is replaced,
 * also when this one cannot be read. */
static enum directive_result
set_pattern(struct line *l, struct rule *rule, enum rule_kind kind,
    struct span pattern)
{
	char why[PATTERN_WHY_MAX];
	rule_clear(rule);
	rule->pattern = pattern_compile(pattern.s, pattern.len, why);
	if (!rule->pattern)
		return fault(l, why);
	rule->kind = kind;
	rule->pattern_text =
	    rules_text(l->config->rules, pattern.s, pattern.len);
	rule->file = l->file;
	rule->line = l->number;
	return done_if(rule->pattern_text != NULL);
}

static enum directive_result
read_text_rule(struct line *l, enum rule_kind kind)
{
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	if (r != DIRECTIVE_DONE)
		return r;
	if (span_starts(l->rest, "eval:")) {
		rule_clear(rule);
		return unsupported(l, "no such built-in test");
	}
	return set_pattern(l, rule, kind, l->rest);
}

static enum directive_result
do_body(struct line *l)
{
	return read_text_rule(l, RULE_BODY);
}

static enum directive_result
do_rawbody(struct line *l)
{
	return read_text_rule(l, RULE_RAWBODY);
}

static enum directive_result
do_full(struct line *l)
{
	return read_text_rule(l, RULE_FULL);
}

static enum directive_result
do_uri(struct line *l)
{
	return read_text_rule(l, RULE_URI);
}

static struct {
	char const *name;
	unsigned int modifier;
} const modifiers[] = {
	{ "raw", TARGET_RAW },
	{ "addr", TARGET_ADDR },
	{ "name", TARGET_NAME },
	{ "first", TARGET_FIRST },
	{ "last", TARGET_LAST },
	{ "case", 0 },
};

/* "Field:mod:mod". False for a modifier or pseudo header we do not have. */
static bool
read_target(struct span text, struct span *field, unsigned int *mods)
{
	char const *colon = memchr(text.s, ':', text.len);
	*field = text;
	*mods = 0;
	if (colon)
		field->len = (size_t)(colon - text.s);
	if (!field->len || span_starts(*field, "X-Spam-Relays-") ||
	    span_starts(*field, "ALL-"))
		return false;
	struct span rest = span_from(text, field->len);
	while (rest.len) {
		rest = span_from(rest, 1);
		colon = memchr(rest.s, ':', rest.len);
		struct span word = { rest.s,
			colon ? (size_t)(colon - rest.s) : rest.len };
		size_t i = 0;
		size_t n = sizeof modifiers / sizeof *modifiers;
		while (i < n && !span_is(word, modifiers[i].name))
			i++;
		if (i == n)
			return false;
		*mods |= modifiers[i].modifier;
		rest = span_from(rest, word.len);
	}
	return true;
}

/* Cuts "[if-unset: TEXT]" off the end. 1; 0 there is none; -1 with errno. */
static int
take_if_unset(struct rules *rules, struct span *text, char const **value)
{
	static char const mark[] = "[if-unset:";
	char const *at = text->len && text->s[text->len - 1] == ']'
	    ? memmem(text->s, text->len, mark, sizeof mark - 1)
	    : NULL;
	if (!at)
		return 0;
	struct span in = { at + sizeof mark - 1,
		(size_t)(text->s + text->len - at) - sizeof mark };
	in = span_trim(in);
	text->len = (size_t)(at - text->s);
	*text = span_trim(*text);
	*value = rules_text(rules, in.s, in.len);
	return *value ? 1 : -1;
}

/* Where "=~" or "!~" stands. */
static bool
split_operator(struct span text, struct span *left, struct span *right,
    bool *negate)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.s[i + 1] != '~' ||
		    (text.s[i] != '=' && text.s[i] != '!'))
			continue;
		*left = span_trim((struct span){ text.s, i });
		*right = span_trim(span_from(text, i + 2));
		*negate = text.s[i] == '!';
		return true;
	}
	return false;
}

static enum directive_result
set_target(struct line *l, struct rule *rule, enum rule_kind kind,
    struct span text)
{
	struct span field;
	unsigned int mods;
	if (!read_target(text, &field, &mods)) {
		rule_clear(rule);
		return unsupported(l, "no such header selection");
	}
	rule->kind = kind;
	return done_if(rules_target(l->config->rules, field.s, field.len, mods,
	    &rule->target));
}

static enum directive_result
set_field_match(struct line *l, struct rule *rule, enum rule_kind kind)
{
	struct span field;
	struct span pattern;
	bool negate;
	char const *value = NULL;
	rule_clear(rule);
	if (!split_operator(l->rest, &field, &pattern, &negate) || !field.len)
		return fault(l, "no field with =~ or !~");
	if (take_if_unset(l->config->rules, &pattern, &value) < 0)
		return DIRECTIVE_FAILED;
	enum directive_result r = set_pattern(l, rule, kind, pattern);
	if (r == DIRECTIVE_DONE)
		r = set_target(l, rule, kind, field);
	if (r == DIRECTIVE_DONE) {
		rule->negate = negate;
		rule->if_unset = value;
	}
	return r;
}

static enum directive_result
do_header(struct line *l)
{
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	if (r != DIRECTIVE_DONE)
		return r;
	if (span_starts(l->rest, "eval:")) {
		rule_clear(rule);
		return unsupported(l, "no such built-in test");
	}
	if (span_starts(l->rest, "exists:")) {
		rule_clear(rule);
		return set_target(l, rule, RULE_EXISTS,
		    span_trim(span_from(l->rest, 7)));
	}
	return set_field_match(l, rule, RULE_HEADER);
}

static enum directive_result
do_mimeheader(struct line *l)
{
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	return r == DIRECTIVE_DONE ? set_field_match(l, rule, RULE_MIMEHEADER)
	                           : r;
}

static int
meta_name(void *data, char const *name, size_t len, char const *arg,
    size_t arg_len, struct expr_item *item)
{
	(void)arg_len;
	if (arg || !is_name((struct span){ name, len }))
		return 0;
	item->op = EXPR_NAME;
	return rules_index(data, name, len, &item->index) ? 1 : -1;
}

/* Naming a rule may move the array of rules: the meta's own record is looked
 * for again when its names are in. */
static enum directive_result
do_meta(struct line *l)
{
	struct rules *rules = l->config->rules;
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	if (r != DIRECTIVE_DONE)
		return r;
	size_t index = (size_t)(rule - rules_at(rules, 0));
	genalloc expr = GENALLOC_ZERO;
	int ok = expr_compile(l->rest.s, l->rest.len, meta_name, rules, &expr);
	rule = rules_at(rules, index);
	rule_clear(rule);
	if (ok <= 0) {
		genalloc_free(struct expr_item, &expr);
		return ok < 0 ? DIRECTIVE_FAILED
		              : fault(l, "unreadable expression");
	}
	genalloc_free(struct expr_item, &rule->expr);
	rule->expr = expr;
	rule->kind = RULE_META;
	return DIRECTIVE_DONE;
}

/* --- about tests ----------------------------------------------------------- */

/* One score, or four: without network and statistics, with network, with
 * statistics, with both. The first is ours. In brackets: added to what is. */
static enum directive_result
do_score(struct line *l)
{
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	if (r != DIRECTIVE_DONE)
		return r;
	double first = 0;
	int n = 0;
	bool relative = false;
	while (l->rest.len) {
		struct span word = span_word(&l->rest);
		double value;
		bool bracket = word.len > 2 && *word.s == '(' &&
		    word.s[word.len - 1] == ')';
		if (bracket)
			word = (struct span){ word.s + 1, word.len - 2 };
		if (!read_number(word, &value) || ++n > SCORE_SETS)
			return fault(l, "a score is one or four numbers");
		if (n == 1) {
			first = value;
			relative = bracket;
		}
	}
	if (n != 1 && n != SCORE_SETS)
		return fault(l, "a score is one or four numbers");
	rule->score = relative ? rule_score(rule) + first : first;
	rule->has_score = true;
	return DIRECTIVE_DONE;
}

static enum directive_result
do_describe(struct line *l)
{
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	if (r != DIRECTIVE_DONE)
		return r;
	char *text = rules_text(l->config->rules, l->rest.s, l->rest.len);
	if (!text)
		return DIRECTIVE_FAILED;
	rule->describe = text;
	return DIRECTIVE_DONE;
}

/* Flags that we have no use for are no fault: there are many. */
static enum directive_result
do_tflags(struct line *l)
{
	struct rule *rule;
	enum directive_result r = take_rule(l, &rule);
	if (r != DIRECTIVE_DONE)
		return r;
	while (l->rest.len) {
		struct span word = span_word(&l->rest);
		size_t hits;
		if (span_is(word, "nice"))
			rule->flags |= RULE_NICE;
		else if (span_is(word, "nosubject"))
			rule->flags |= RULE_NOSUBJECT;
		else if (span_is(word, "multiple")) {
			rule->flags |= RULE_MULTIPLE;
			rule->max_hits = HITS_MAX;
		} else if (span_starts(word, "maxhits=")) {
			if (!read_count(span_from(word, 8), HITS_MAX, &hits) ||
			    !hits)
				return fault(l, "maxhits wants a number");
			rule->max_hits = (unsigned int)hits;
		}
	}
	return DIRECTIVE_DONE;
}

/* --- tags in patterns ------------------------------------------------------ */

static enum directive_result
read_replacement(struct line *l, enum replacement_kind kind)
{
	struct rules *rules = l->config->rules;
	struct span name = span_word(&l->rest);
	if (!name.len || !l->rest.len)
		return fault(l, "a name and what it stands for");
	struct replacement r = { kind, rules_text(rules, name.s, name.len),
		rules_text(rules, l->rest.s, l->rest.len) };
	return done_if(r.name && r.text &&
	    genalloc_append(struct replacement, &rules->replacements, &r));
}

static enum directive_result
do_replace_tag(struct line *l)
{
	return read_replacement(l, REPLACE_TAG);
}

static enum directive_result
do_replace_pre(struct line *l)
{
	return read_replacement(l, REPLACE_PRE);
}

static enum directive_result
do_replace_post(struct line *l)
{
	return read_replacement(l, REPLACE_POST);
}

static enum directive_result
do_replace_inter(struct line *l)
{
	return read_replacement(l, REPLACE_INTER);
}

static enum directive_result
do_replace_rules(struct line *l)
{
	while (l->rest.len) {
		struct rule *rule;
		enum directive_result r = take_rule(l, &rule);
		if (r != DIRECTIVE_DONE)
			return r;
		rule->flags |= RULE_REPLACE;
	}
	return DIRECTIVE_DONE;
}

/* --- settings -------------------------------------------------------------- */

static enum directive_result
do_required_score(struct line *l)
{
	return read_number(l->rest, &l->config->rules->required_score)
	    ? DIRECTIVE_DONE
	    : fault(l, "not a number");
}

static enum directive_result
do_rewrite_header(struct line *l)
{
	struct span field = span_word(&l->rest);
	if (!span_is_case(field, "Subject"))
		return unsupported(l, "only Subject can be rewritten");
	char *tag = l->rest.len
	    ? rules_text(l->config->rules, l->rest.s, l->rest.len)
	    : NULL;
	if (l->rest.len && !tag)
		return DIRECTIVE_FAILED;
	l->config->rules->subject_tag = tag;
	return DIRECTIVE_DONE;
}

static enum directive_result
do_report_safe(struct line *l)
{
	size_t n;
	if (!read_count(l->rest, 2, &n))
		return fault(l, "report_safe is 0, 1 or 2");
	return n == 0
	    ? DIRECTIVE_DONE
	    : unsupported(l, "the message is never wrapped: report_safe 0");
}

static enum directive_result
read_size(struct line *l, size_t *value)
{
	static size_t const max = (size_t)1 << 30;
	size_t n;
	if (!read_count(l->rest, max, &n))
		return fault(l, "not a number");
	*value = n ? n : max;
	return DIRECTIVE_DONE;
}

static enum directive_result
do_body_part_scan_size(struct line *l)
{
	return read_size(l, &l->config->rules->body_part_max);
}

static enum directive_result
do_rawbody_part_scan_size(struct line *l)
{
	return read_size(l, &l->config->rules->rawbody_part_max);
}

static enum directive_result
do_time_limit(struct line *l)
{
	size_t n;
	if (!read_count(l->rest, 86400, &n))
		return fault(l, "not a number of seconds");
	l->config->rules->time_limit = (unsigned int)n;
	return DIRECTIVE_DONE;
}

static enum directive_result
do_report_hostname(struct line *l)
{
	char *name = rules_text(l->config->rules, l->rest.s, l->rest.len);
	if (!name)
		return DIRECTIVE_FAILED;
	l->config->rules->hostname = name;
	return DIRECTIVE_DONE;
}

/* --- fields to write ------------------------------------------------------- */

/* "spam", "ham" or "all", then the field's name. */
static enum directive_result
take_field(struct line *l, struct result_field *f)
{
	struct span kind = span_word(&l->rest);
	struct span name = span_word(&l->rest);
	bool all = span_is_case(kind, "all");
	f->spam = all || span_is_case(kind, "spam");
	f->ham = all || span_is_case(kind, "ham");
	if (!f->spam && !f->ham)
		return fault(l, "not spam, ham or all");
	bool ok = name.len > 0;
	for (size_t i = 0; i < name.len; i++)
		ok = ok && name.s[i] > ' ' && name.s[i] < 0x7f &&
		    name.s[i] != ':';
	if (!ok)
		return fault(l, "no field name");
	f->name = rules_text(l->config->rules, name.s, name.len);
	return done_if(f->name != NULL);
}

/* Takes the name out of the lists that F is for. */
static void
drop_field(struct rules *rules, struct result_field const *f)
{
	struct result_field *all =
	    genalloc_s(struct result_field, &rules->fields);
	size_t n = genalloc_len(struct result_field, &rules->fields);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(all[i].name, f->name) == 0) {
			all[i].spam = all[i].spam && !f->spam;
			all[i].ham = all[i].ham && !f->ham;
		}
		if (all[i].spam || all[i].ham)
			all[kept++] = all[i];
	}
	genalloc_setlen(struct result_field, &rules->fields, kept);
}

/* The text: quotes around it off, "\n" and "\t" as what they stand for. */
static char *
field_text(struct rules *rules, struct span a)
{
	if (a.len > 1 && *a.s == '"' && a.s[a.len - 1] == '"')
		a = (struct span){ a.s + 1, a.len - 2 };
	char *text = rules_text(rules, a.s, a.len);
	char *to = text;
	for (char *from = text; from && (*to = *from); from++, to++) {
		if (*from == '\\' && (from[1] == 'n' || from[1] == 't'))
			*to = *++from == 'n' ? '\n' : '\t';
	}
	return text;
}

static enum directive_result
do_add_header(struct line *l)
{
	struct rules *rules = l->config->rules;
	struct result_field f;
	enum directive_result r = take_field(l, &f);
	if (r != DIRECTIVE_DONE)
		return r;
	f.text = field_text(rules, l->rest);
	drop_field(rules, &f);
	return done_if(
	    f.text && genalloc_append(struct result_field, &rules->fields, &f));
}

static enum directive_result
do_remove_header(struct line *l)
{
	struct result_field f;
	enum directive_result r = take_field(l, &f);
	if (r == DIRECTIVE_DONE)
		drop_field(l->config->rules, &f);
	return r;
}

static enum directive_result
do_clear_headers(struct line *l)
{
	genalloc_setlen(struct result_field, &l->config->rules->fields, 0);
	return DIRECTIVE_DONE;
}

static enum directive_result
do_fold_headers(struct line *l)
{
	size_t n;
	if (!read_count(l->rest, 1, &n))
		return fault(l, "fold_headers is 0 or 1");
	l->config->rules->fold_headers = n == 1;
	return DIRECTIVE_DONE;
}

/* --- the table ------------------------------------------------------------- */

static struct {
	char const *name;
	enum directive_result (*run)(struct line *l);
} const directives[] = {
	{ "add_header", do_add_header },
	{ "body", do_body },
	{ "body_part_scan_size", do_body_part_scan_size },
	{ "clear_headers", do_clear_headers },
	{ "describe", do_describe },
	{ "fold_headers", do_fold_headers },
	{ "full", do_full },
	{ "header", do_header },
	{ "meta", do_meta },
	{ "mimeheader", do_mimeheader },
	{ "rawbody", do_rawbody },
	{ "rawbody_part_scan_size", do_rawbody_part_scan_size },
	{ "remove_header", do_remove_header },
	{ "replace_inter", do_replace_inter },
	{ "replace_post", do_replace_post },
	{ "replace_pre", do_replace_pre },
	{ "replace_rules", do_replace_rules },
	{ "replace_tag", do_replace_tag },
	{ "report_hostname", do_report_hostname },
	{ "report_safe", do_report_safe },
	{ "required_hits", do_required_score },
	{ "required_score", do_required_score },
	{ "rewrite_header", do_rewrite_header },
	{ "score", do_score },
	{ "tflags", do_tflags },
	{ "time_limit", do_time_limit },
	{ "uri", do_uri },
};

/* SpamAssassin's other directives, and those of its plugins: right in a rule
 * file, without meaning here. A "*" stands for any ending. */
static char const *const elsewhere[] = { "adsp_override", "all_spam_to",
	"allow_user_rules", "always_trust_envelope_sender", "askdns", "asn_*",
	"authres_*", "auto_welcomelist_*", "auto_whitelist_*", "bayes_*",
	"blacklist_*", "blocklist_*", "clear_*", "country_db_*", "dcc_*",
	"dccifd_*", "def_welcomelist_*", "def_whitelist_*", "descriptions",
	"dkim_*", "dmarc_*", "dns_*", "enable_compat", "enlist_*",
	"envelope_sender_header", "extracttext_*", "fns_*", "freemail_*",
	"geodb_*", "hashbl_*", "ignore_received_spf_header",
	"inactive_languages", "internal_networks", "loadplugin", "lock_method",
	"max_short_*", "mbox_format_from_regex", "more_spam_to", "msa_networks",
	"normalize_charset", "ok_languages", "ok_locales", "olemacro_*",
	"originating_ip_headers", "parse_dkim_uris", "phishing_*", "priority",
	"pyzor_*", "razor_*", "rbl_*", "redirector_pattern", "replace_*",
	"report", "report_charset", "report_contact",
	"report_safe_copy_headers", "report_template", "report_wrap_width",
	"require_version", "reuse", "run_reuse_tests_only", "shortcircuit*",
	"skip_*", "spamcop_*", "spf_*", "do_not_use_mail_spf*", "subjprefix",
	"test", "textcat_*", "trusted_networks", "tryplugin", "unsafe_report*",
	"unblacklist_*", "unblocklist_*", "unwelcomelist_*", "unwhitelist_*",
	"uri_*", "uridn*", "urifull*", "urinsr*", "urirhs*", "url_shortener*",
	"use_*", "user_*", "util_rb_*", "version_tag", "welcomelist_*",
	"whitelist_*" };

static bool
is_elsewhere(struct span key)
{
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
		size_t n = strlen(elsewhere[i]);
		bool any = elsewhere[i][n - 1] == '*';
		n -= any;
		if (key.len >= n && (any || key.len == n) &&
		    memcmp(key.s, elsewhere[i], n) == 0)
			return true;
	}
	return false;
}

enum directive_result
directive_run(struct line *l)
{
	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++)
		if (span_is(l->key, directives[i].name))
			return directives[i].run(l);
	return is_elsewhere(l->key) ? unsupported(l, "not used here")
	                            : fault(l, "unknown directive");
}
