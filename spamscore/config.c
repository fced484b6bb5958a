/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "directive.h"
#include "expr.h"
#include "file.h"
#include "log.h"
#include "path.h"
#include "span.h"

enum { FILE_MAX = 16 << 20, INCLUDE_DEPTH_MAX = 8, CONDITION_DEPTH_MAX = 64 };

/* The language level of SpamAssassin that we read. */
static double const language_version = 4.000001;
static double const perl_version = 5.036000;

/* --- conditions ------------------------------------------------------------ */

/* What "ifplugin" and plugin() find loaded: what is built in here. */
static char const *const plugins[] = {
	"Mail::SpamAssassin::Plugin::Check",
	"Mail::SpamAssassin::Plugin::MIMEHeader",
	"Mail::SpamAssassin::Plugin::ReplaceTags",
};

/* What can() and has() find. */
static char const *const features[] = {
	"Mail::SpamAssassin::Conf::feature_bug6558_free",
	"Mail::SpamAssassin::Conf::feature_blocklist_welcomelist",
	"Mail::SpamAssassin::Conf::feature_fold_headers",
	"Mail::SpamAssassin::Conf::feature_yesno_takes_args",
};

static bool
is_listed(char const *const *table, size_t n, struct span word)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(word, table[i]))
			return true;
	return false;
}

#define LISTED(table, word) \
	is_listed(table, sizeof(table) / sizeof *(table), word)

static int
condition_name(void *data, char const *name, size_t len, char const *arg,
    size_t arg_len, struct expr_item *item)
{
	struct span word = { name, len };
	struct span in = span_trim((struct span){ arg, arg_len });
	(void)data;
	if (span_is(word, "version"))
		item->number = language_version;
	else if (span_is(word, "perl_version"))
		item->number = perl_version;
	else if (span_is(word, "plugin"))
		item->number = LISTED(plugins, in);
	else if (span_is(word, "can") || span_is(word, "has"))
		item->number = LISTED(features, in);
	else if (span_is(word, "local_tests_only"))
		item->number = 1;
	else
		return 0;
	return 1;
}

/* 1 true, 0 false, -1 not to be read, -2 with errno. */
static int
condition(struct span text)
{
	genalloc items = GENALLOC_ZERO;
	int r = expr_compile(text.s, text.len, condition_name, NULL, &items);
	int value = r < 0 ? -2 : -1;
	if (r > 0)
		value = expr_value(genalloc_s(struct expr_item, &items),
		            genalloc_len(struct expr_item, &items), NULL,
		            NULL) != 0;
	genalloc_free(struct expr_item, &items);
	return value;
}

/* --- lines ----------------------------------------------------------------- */

/* The state of one file. A block is live when its own and all outer conditions
 * hold. */
struct reader {
	struct line line;
	bool live[CONDITION_DEPTH_MAX + 1];
	bool seen_else[CONDITION_DEPTH_MAX + 1];
	size_t depth;
};

static enum directive_result
fault(struct line *l, char const *why)
{
	snprintf(l->why, sizeof l->why, "%s", why);
	return DIRECTIVE_FAULT;
}

static enum directive_result
open_block(struct reader *r, bool holds)
{
	if (r->depth == CONDITION_DEPTH_MAX)
		return fault(&r->line, "conditions nested too deeply");
	bool live = r->live[r->depth] && holds;
	r->live[++r->depth] = live;
	r->seen_else[r->depth] = false;
	return DIRECTIVE_DONE;
}

static enum directive_result
read_if(struct reader *r)
{
	if (!r->live[r->depth])
		return open_block(r, false);
	int holds = condition(r->line.rest);
	if (holds == -2)
		return DIRECTIVE_FAILED;
	enum directive_result result = open_block(r, holds > 0);
	return holds < 0 && result == DIRECTIVE_DONE
	    ? fault(&r->line, "unreadable condition")
	    : result;
}

static enum directive_result
read_else(struct reader *r)
{
	if (!r->depth || r->seen_else[r->depth])
		return fault(&r->line, "else without if");
	r->seen_else[r->depth] = true;
	r->live[r->depth] = r->live[r->depth - 1] && !r->live[r->depth];
	return DIRECTIVE_DONE;
}

static enum directive_result
read_endif(struct reader *r)
{
	if (!r->depth)
		return fault(&r->line, "endif without if");
	r->depth--;
	return DIRECTIVE_DONE;
}

/* Files include files, to INCLUDE_DEPTH_MAX.
 * NOLINTBEGIN(misc-no-recursion) */
static int config_file(struct config *c, char const *path, unsigned int depth);

/* A name that is not absolute lies beside the including file. */
static enum directive_result
read_include(struct line *l, unsigned int depth)
{
	stralloc path = STRALLOC_ZERO;
	char const *slash = strrchr(l->file, '/');
	if (depth == INCLUDE_DEPTH_MAX)
		return fault(l, "includes nested too deeply");
	if (!l->rest.len)
		return fault(l, "include without a file");
	bool ok = l->rest.s[0] == '/' || !slash ||
	    stralloc_catb(&path, l->file, (size_t)(slash - l->file) + 1);
	ok = ok && stralloc_catb(&path, l->rest.s, l->rest.len) &&
	    stralloc_0(&path);
	int r = ok ? config_file(l->config, path.s, depth + 1) : -1;
	stralloc_free(&path);
	return r > 0 ? DIRECTIVE_DONE
	    : r == 0 ? DIRECTIVE_NO_FILE
	             : DIRECTIVE_FAILED;
}

static enum directive_result
read_line(struct reader *r, unsigned int depth)
{
	struct span key = r->line.key;
	if (span_is(key, "if"))
		return read_if(r);
	if (span_is(key, "ifplugin"))
		return open_block(r, LISTED(plugins, r->line.rest));
	if (span_is(key, "else"))
		return read_else(r);
	if (span_is(key, "endif"))
		return read_endif(r);
	if (!r->live[r->depth] || span_is(key, "lang"))
		return DIRECTIVE_DONE;
	if (span_is(key, "include"))
		return read_include(&r->line, depth);
	return directive_run(&r->line);
}

/* What is left of a line without its comment; "\#" is a plain "#". Fills
 * CLEAN, which RETURN points to. */
static int
clean_line(struct span raw, stralloc *clean)
{
	clean->len = 0;
	for (size_t i = 0; i < raw.len; i++) {
		bool escaped = clean->len && clean->s[clean->len - 1] == '\\';
		if (raw.s[i] == '#' && !escaped)
			break;
		if (raw.s[i] == '#')
			clean->len--;
		if (!stralloc_append(clean, raw.s[i]))
			return 0;
	}
	return 1;
}

static bool
report(struct line *l, enum directive_result result)
{
	char what[80];
	if (result == DIRECTIVE_DONE)
		return true;
	if (result == DIRECTIVE_FAILED || result == DIRECTIVE_NO_FILE)
		return false;
	bool is_fault = result == DIRECTIVE_FAULT;
	if (is_fault)
		l->config->rules->faults++;
	else
		l->config->rules->unsupported++;
	snprintf(what, sizeof what, "%.*s",
	    (int)(l->whole.len < sizeof what ? l->whole.len : sizeof what - 1),
	    l->whole.s);
	l->config->warn(l->file, l->number, l->why, what, is_fault);
	return true;
}

int
config_text(struct config *c, char const *file, char const *text, size_t len,
    unsigned int depth)
{
	char const *name = rules_text(c->rules, file, strlen(file));
	struct reader r = { .line = { .config = c, .file = name } };
	stralloc clean = STRALLOC_ZERO;
	enum directive_result result = DIRECTIVE_DONE;
	if (!name)
		return -1;
	r.live[0] = true;
	for (size_t pos = 0; pos < len;) {
		char const *lf = memchr(text + pos, '\n', len - pos);
		size_t end = lf ? (size_t)(lf - text) : len;
		struct span raw = { text + pos, end - pos };
		pos = end + 1;
		r.line.number++;
		r.line.why[0] = 0;
		result = DIRECTIVE_FAILED;
		if (!clean_line(raw, &clean))
			break;
		r.line.whole = span_trim(span_of(&clean));
		r.line.rest = r.line.whole;
		r.line.key = span_word(&r.line.rest);
		result = r.line.key.len ? read_line(&r, depth) : DIRECTIVE_DONE;
		if (!report(&r.line, result))
			break;
		result = DIRECTIVE_DONE;
	}
	if (result == DIRECTIVE_DONE && r.depth) {
		r.line.whole = (struct span){ "end of file", 11 };
		report(&r.line, fault(&r.line, "if without endif"));
	}
	stralloc_free(&clean);
	return result == DIRECTIVE_DONE   ? 1
	    : result == DIRECTIVE_NO_FILE ? 0
	                                  : -1;
}

static int
config_file(struct config *c, char const *path, unsigned int depth)
{
	stralloc text = STRALLOC_ZERO;
	if (!file_slurp(path, &text, FILE_MAX)) {
		log_error("unable to read rules", path, errno);
		return 0;
	}
	int r = config_text(c, path, text.s, text.len, depth);
	if (r < 0)
		log_error("unable to keep rules", path, errno);
	stralloc_free(&text);
	return r > 0;
}

/* NOLINTEND(misc-no-recursion) */

/* --- directories ----------------------------------------------------------- */

static int
is_rule_file(struct dirent const *d)
{
	size_t n = strlen(d->d_name);
	return d->d_name[0] != '.' && n > 3 &&
	    strcmp(d->d_name + n - 3, ".cf") == 0;
}

static int
config_directory(struct config *c, char const *path)
{
	struct dirent **names;
	int n = scandir(path, &names, is_rule_file, alphasort);
	if (n < 0) {
		log_error("unable to read rules", path, errno);
		return 0;
	}
	stralloc file = STRALLOC_ZERO;
	int ok = 1;
	for (int i = 0; i < n; i++) {
		ok = ok && path_join(&file, path, names[i]->d_name) &&
		    config_file(c, file.s, 0);
		free(names[i]);
	}
	free(names);
	stralloc_free(&file);
	return ok;
}

int
config_path(struct config *c, char const *path)
{
	struct stat st;
	if (stat(path, &st) < 0) {
		log_error("unable to read rules", path, errno);
		return 0;
	}
	return S_ISDIR(st.st_mode) ? config_directory(c, path)
	                           : config_file(c, path, 0);
}

/* --- what is built in ------------------------------------------------------ */

static char const builtin[] =
    "body GTUBE /XJS\\*C4JDBQADN1\\.NSBN3\\*2IDNEN\\*GTUBE-STANDARD-ANTI-UBE-"
    "TEST-EMAIL\\*C\\.34X/\n"
    "describe GTUBE Generic Test for Unsolicited Bulk Email\n"
    "score GTUBE 1000\n"
    "add_header all Checker-Version besace _VERSION_ on _HOSTNAME_\n"
    "add_header spam Flag _YESNOCAPS_\n"
    "add_header all Level _STARS(*)_\n"
    "add_header all Status _YESNO_, score=_SCORE_ required=_REQD_"
    " tests=_TESTS_ autolearn=_AUTOLEARN_ version=_VERSION_\n"
    "add_header spam Report _REPORT_\n";

int
config_builtin(struct config *c)
{
	return config_text(c, "builtin", builtin, sizeof builtin - 1, 0) > 0;
}
