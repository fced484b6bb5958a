#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# spamscore: rules, scores, and the fields it writes. What the language means
# is in the folders of spamscore/: a message, its rules, and the score and the
# tests that must come out.

load lib/helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	export BESACE_ETC=$BATS_TEST_TMPDIR/etc
	mkdir "$BESACE_ETC"
	unset SENDER
}

score()
{
	"$BIN/spamscore" "$@" 2>log
}

unfold()
{
	sed -z 's/\n[ \t]\+/ /g'
}

# field NAME < message: its value, unfolded.
field()
{
	sed '/^$/q' | unfold | sed -n "s/^$1: *//p"
}

# The body, byte by byte.
body()
{
	sed '1,/^\r\?$/d'
}

# case_is NAME: the score and tests of a case folder.
case_is()
{
	local dir=$TREE/tests/spamscore/$1 status
	status=$(score -C "$dir/rules.cf" <"$dir/message" | field X-Spam-Status)
	is "$(cat "$dir/expected")" "$(sed -E \
		's/.*score=([^ ]*) .*tests=(.*) autolearn=.*/\1 \2/; s/, +/,/g' <<<"$status")"
}

@test "header rules" {
	case_is header-match
}

@test "body, rawbody, full, uri and mimeheader rules over a MIME message" {
	case_is body-mime
}

@test "names, subjects and parts in many character sets" {
	case_is charsets
}

@test "meta rules" {
	case_is meta
	has "$(cat log)" 'at=.*/meta/rules\.cf:26 reason="unreadable expression"'
}

@test "S128 the score is the sum of the scores of the rules" {
	case_is scores
	has "$(cat log)" 'rules\.cf:15 .*line="score +WRONG +high"'
	has "$(cat log)" 'rules\.cf:16 .*line="score +WRONG +1 2"'
}

@test "conditions, comments and languages" {
	case_is conditions
	has "$(cat log)" 'rules\.cf:30 reason="unreadable condition"'
	has "$(cat log)" 'rules\.cf:33 reason="endif without if"'
	has "$(cat log)" 'rules\.cf:34 reason="else without if"'
	is 3 "$(grep -c warning log)"
}

@test "S134 tags in patterns stand for what looks alike" {
	case_is replace-tags
}

@test "addresses in a text" {
	case_is uris
}

@test "broken MIME is read as far as it goes" {
	case_is broken-mime
}

# ---- verdict and fields

@test "S151 GTUBE gives 1000 points without any rule file" {
	mail_text free "$GTUBE" >m
	score <m >out
	has "$(field X-Spam-Status <out)" \
		'^Yes, score=1000\.0 required=5\.0 tests=GTUBE autolearn=no version=[0-9.]+$'
	is YES "$(field X-Spam-Flag <out)"
	is '**************************************************' \
		"$(field X-Spam-Level <out)"
	has "$(field X-Spam-Report <out)" '^\* 1000 GTUBE BODY: Generic Test'
	has "$(cat log)" ' scanned spam=yes score=1000\.0 required=5\.0 tests=GTUBE size=[0-9]+ ms=[0-9.]+$'
}

@test "GTUBE is found in every encoding a mail program shows" {
	local encoded
	encoded=$(base64 <<<"$GTUBE")
	printf '%s\n' 'From: a@b.test' 'Content-Transfer-Encoding: base64' '' \
		"$encoded" | score | field X-Spam-Flag | grep -qx YES
	printf '%s\n' 'From: a@b.test' 'Content-Type: text/html' '' \
		"<p>${GTUBE/GTUBE/<b>GTUBE</b>}</p>" |
		score | field X-Spam-Flag | grep -qx YES
	printf '%s\n' 'From: a@b.test' "Subject: $GTUBE" '' x |
		score | field X-Spam-Flag | grep -qx YES
	mail_text x "${GTUBE/N1/N2}" | score | field X-Spam-Status | grep -q ^No
}

@test "ham has no flag and no report" {
	mail_text | score >out
	has "$(field X-Spam-Status <out)" \
		'^No, score=0\.0 required=5\.0 tests=none autolearn=no version=[0-9.]+$'
	hasnt "$(cat out)" '^X-Spam-(Flag|Report)'
	is 1 "$(grep -c '^X-Spam-Level:' out)"
}

@test "S129 the threshold decides, at it means spam" {
	printf 'header W Subject =~ /word/\nscore W 3\nrequired_score %s\n' 3.0 >r.cf
	mail_text word | score -C r.cf | field X-Spam-Status | grep -q '^Yes, score=3.0 required=3.0 '
	sed -i 's/^required_score.*/required_score 3.1/' r.cf
	mail_text word | score -C r.cf | field X-Spam-Status | grep -q '^No, score=3.0 required=3.1 '
}

@test "a score just below the threshold does not look like it" {
	printf 'header W Subject =~ /word/\nscore W 4.96\n' >r.cf
	mail_text word | score -C r.cf | field X-Spam-Status |
		grep -q '^No, score=4.9 required=5.0 '
	has "$(cat log)" ' spam=no score=4\.9 '
	sed -i s/4.96/4.94/ r.cf
	mail_text word | score -C r.cf | field X-Spam-Status | grep -q '^No, score=4.9 '
}

@test "X-Spam fields of strangers are removed, also folded ones" {
	printf '%s\n' 'X-Spam-Status: No' 'From: a@b.test' 'x-spam-flag: YES' \
		'X-Spam-Report: forged' '	and folded' 'Subject: s' '' \
		'X-Spam-Flag: body' | score >out
	is 1 "$(grep -ci '^x-spam-status:' out)"
	is 'X-Spam-Flag: body' "$(grep -i '^x-spam-flag:' out)"
	hasnt "$(cat out)" 'forged|and folded'
	is 'From: a@b.test
Subject: s

X-Spam-Flag: body' "$(sed -n '/^From/,$p' out)"
}

@test "the body passes unchanged: NUL, 8-bit, no last line end, CRLF" {
	printf 'From: a@b.test\n\nnul \0 \200\377\rx\nend' >m
	score <m >out
	cmp <(body <m) <(body <out)
	printf 'From: a@b.test\r\n\r\nline\r\nend' >m
	score <m >out
	cmp <(body <m) <(body <out)
	is 0 "$(body <m | cmp - <(body <out) | wc -l)"
	# every line of the header ends as the message's do
	is 0 "$(sed '/^\r$/q' out | grep -cv $'\r$')"
}

@test "S144 the body of a spam is the same, byte for byte" {
	mail_text free "$GTUBE" >m
	score <m >out
	cmp <(body <m) <(body <out)
	tail -c "$(stat -c %s m)" out | cmp - m
}

@test "what is no header does not become one below ours" {
	local text
	for text in '' 'no header' ' starts with space' $'\n'; do
		printf '%s' "$text" >m
		score <m >out
		body <out >rest
		printf '%s' "$text" | sed '1{/^$/d}' | cmp - rest
		[ -n "$(field X-Spam-Status <out)" ]
	done
	printf 'Subject: only' | score | field Subject | grep -qx only
}

@test "the fields stand behind an mbox line and a Return-Path" {
	printf '%s\n' 'From a Mon' 'Return-Path: <a@b.test>' 'Subject: x' '' y |
		score >out
	is 'From a Mon' "$(sed -n 1p out)"
	is 'Return-Path: <a@b.test>' "$(sed -n 2p out)"
	has "$(sed -n 3p out)" '^X-Spam-'
}

@test "long lists of tests fold at 79 columns" {
	local i
	for i in {10..60}; do
		echo "header A_LONG_RULE_NAME_$i Subject =~ /word/"
	done >r.cf
	mail_text word | score -C r.cf >out
	is 0 "$(expand out | awk 'length > 79' | wc -l)"
	is 51 "$(field X-Spam-Status <out | grep -o 'A_LONG' | wc -l)"
	has "$(cat out)" '^	A_LONG_RULE_NAME_[0-9]+,A_LONG'
}

@test "S143 rewrite_header marks the Subject of spam, once" {
	printf 'header W Subject =~ /word/\nscore W 9\nrewrite_header Subject *SPAM _SCORE_*\n' >r.cf
	mail_text 'a word' | score -C r.cf >out
	is '*SPAM 9.0* a word' "$(field Subject <out)"
	is 'a word' "$(field X-Spam-Prev-Subject <out)"
	score -C r.cf <out >again
	is '*SPAM 9.0* a word' "$(field Subject <again)"
	mail_text other | score -C r.cf | field Subject | grep -qx other
	printf 'X-No: subject\n\n%s\n' "$GTUBE" | score -C r.cf >out
	is '*SPAM 1000.0*' "$(field Subject <out)"
	is '(nonexistent)' "$(field X-Spam-Prev-Subject <out)"
}

@test "S145-S147 own fields, and none of the default ones" {
	cat >r.cf <<-'END'
	header W Subject =~ /word/
	score W 2.5
	describe W A word
	clear_headers
	add_header all Waw _YESNO(bad,good)_ _STARS(+)_ _SCORE(0)_/_REQD_ _TESTSSCORES(;)_ _NOSUCHTAG_
	add_header ham Report _REPORT_
	add_header spam Never x
	add_header all Gone x
	remove_header all Gone
	add_header all Lines "one\n\ttwo"
	END
	mail_text word | score -C r.cf >out
	is 'good ++ 02.5/5.0 W=2.5 _NOSUCHTAG_' "$(field X-Spam-Waw <out)"
	is '* 2.5 W A word' "$(field X-Spam-Report <out | tr -s ' ')"
	is 3 "$(grep -c '^X-Spam-' out)"
	has "$(cat out)" '^X-Spam-Lines: one$'
}

@test "S130 the names of subrules on demand" {
	printf 'header __A Subject =~ /word/\nbody __B /o/\ntflags __B multiple maxhits=2\nadd_header all Sub _SUBTESTS_\n' >r.cf
	mail_text word | score -C r.cf | field X-Spam-Sub | grep -qx '__A,__B,__B'
}

@test "a score to refuse at is an answer for good" {
	run -77 --separate-stderr "$BIN/spamscore" -r 10 < <(mail_text x "$GTUBE")
	is '' "$output"
	is '5.7.1 Score 1000.0 is over 10.0' "${stderr##*$'\n'}"
	mail_text | score -r 10 | field X-Spam-Status | grep -q ^No
}

@test "the envelope's sender is what EnvelopeFrom is" {
	printf 'header E EnvelopeFrom =~ /^who\\@b\\.test$/\n' >r.cf
	mail_text | SENDER=who@b.test score -C r.cf | field X-Spam-Status | grep -q 'tests=E '
	{
		echo 'Return-Path: <who@b.test>'
		mail_text
	} | score -C r.cf | field X-Spam-Status | grep -q 'tests=E '
	mail_text | SENDER='' score -C r.cf | field X-Spam-Status | grep -q 'tests=none '
}

# ---- limits

@test "P24 a message over the size passes unscanned and is logged" {
	{
		echo 'X-Spam-Flag: NO'
		mail_text big "$GTUBE"
		head -c 600000 /dev/zero | tr '\0' x
	} >m
	score <m >out
	sed 1d m | cmp - out
	has "$(cat log)" 'skipped: size size=[0-9]+ limit=524288$'
	score -s 1M <m | field X-Spam-Flag | grep -qx YES
	score -s 1k < <(mail_text) >out
	hasnt "$(cat log)" skipped
}

@test "a pattern that would run for ever does not hang the mail" {
	printf 'body SLOW /^(a+)+[01]$/\nbody SLOWER /(.*)*(.*)*(.*)*\\d\\d\\dx/\nfull ALSO /(\\s*\\S+\\s*)+\\d{9}$/\nbody FAST /aaa/\n' >r.cf
	{
		mail_text
		head -c 400000 /dev/zero | tr '\0' a
		echo b
		yes 'a a a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' | head -n 1000
	} >m
	local start=$SECONDS
	timeout 60 "$BIN/spamscore" -C r.cf <m 2>log | field X-Spam-Status |
		grep -q 'tests=FAST '
	((SECONDS - start < 40))
}

@test "time_limit ends a scan and the log says so" {
	{
		echo 'time_limit 1'
		local i
		for i in {1..300}; do
			echo "rawbody R$i /(a|b|ab)*(a|b|ab)*[xy]/"
		done
	} >r.cf
	{
		mail_text
		yes "$(head -c 900 /dev/zero | tr '\0' a)" | head -n 400
	} >m
	timeout 30 "$BIN/spamscore" -C r.cf <m 2>log >out
	has "$(cat log)" ' incomplete=time$'
	[ -n "$(field X-Spam-Status <out)" ]
}

@test "deep and broken nesting ends" {
	{
		echo 'Content-Type: multipart/mixed; boundary=b1'
		echo
		local i
		for i in {1..3000}; do
			printf -- '--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n' "$i" $((i + 1))
		done
		echo "$GTUBE"
	} >m
	timeout 20 "$BIN/spamscore" <m 2>log >out
	cmp <(body <m) <(body <out)
	{
		echo 'Content-Type: text/html'
		echo
		yes '<a b="<!--<!-- ><script><a href="' | head -c 400000
	} >m
	timeout 20 "$BIN/spamscore" <m 2>log >out
	cmp <(body <m) <(body <out)
}

# ---- rule files

@test "S153 local.cf and rules/*.cf below BESACE_ETC are read, local.cf last" {
	mkdir "$BESACE_ETC/rules"
	printf 'header W Subject =~ /word/\nscore W 1\n' >"$BESACE_ETC/rules/a.cf"
	printf 'score W 2\nbody V /Hello/\n' >"$BESACE_ETC/rules/b.cf"
	printf 'full IGNORED /./\n' >"$BESACE_ETC/rules/c.txt"
	mail_text word | score | field X-Spam-Status | grep -q 'score=3.0 .*tests=V,W '
	echo 'score W 4' >"$BESACE_ETC/local.cf"
	mail_text word | score | field X-Spam-Status | grep -q 'score=5.0 .*tests=V,W '
	# a path that is named replaces them
	: >empty.cf
	mail_text word | score -C empty.cf | field X-Spam-Status | grep -q 'tests=none '
}

@test "several -C and include" {
	mkdir sub
	echo 'include sub/two.cf' >one.cf
	printf 'include three.cf\nscore W 2\n' >sub/two.cf
	printf 'header W Subject =~ /word/\nscore W 1\n' >sub/three.cf
	echo 'score W 7' >four.cf
	mail_text word | score -C one.cf | field X-Spam-Status | grep -q 'score=2.0 '
	mail_text word | score -C one.cf -C four.cf | field X-Spam-Status | grep -q 'score=7.0 '
	echo 'include self.cf' >self.cf
	mail_text word | score -C self.cf | field X-Spam-Status | grep -q '^No'
	has "$(cat log)" 'self\.cf:1 reason="includes nested too deeply"'
}

@test "a line that cannot be read is a warning with its place, the rest counts" {
	printf '# rules\nbody BAD /(/\nbody GOOD /Hello/\nfrobnicate yes\nheader NOTHING\nbody NODELIM Hello\nbody FLAG /x/q\nbody 1BAD /x/\nreport_safe 1\nuse_bayes 1\nbody EVAL eval:check_it()\n' >r.cf
	mail_text | score -C r.cf | field X-Spam-Status | grep -q 'tests=GOOD '
	has "$(cat log)" 'warning at=r\.cf:2 reason="missing closing parenthesis'
	has "$(cat log)" 'warning at=r\.cf:4 reason="unknown directive" line="frobnicate yes"'
	local line
	for line in 5 6 7 8; do
		has "$(cat log)" "warning at=r\\.cf:$line "
	done
	# what is only not ours is told on demand
	hasnt "$(cat log)" 'r\.cf:(9|10|11) '
	run -78 "$BIN/spamscore" -l -C r.cf
	has "$output" 'r\.cf:9 .*report_safe'
	has "$output" 'r\.cf:10 '
	has "$output" 'r\.cf:11 '
	has "$output" ' rules names=[0-9]+ faults=6 unsupported=3$'
	echo 'body GOOD /Hello/' >r.cf
	run -0 "$BIN/spamscore" -l -C r.cf
}

@test "a thousand faults do not fill the log" {
	seq 1000 | sed 's/^/nonsense /' >r.cf
	mail_text | score -C r.cf >out
	(($(wc -l <log) < 30))
	has "$(cat log)" 'more faults'
}

@test "rules that cannot be read are no verdict: named, and not status 0" {
	local path
	mkdir dir dir/x.cf
	for path in missing.cf missing/dir dir; do
		run -78 --separate-stderr "$BIN/spamscore" -C "$path" < <(mail_text)
		is '' "$output"
		has "$stderr" "error .*object=$path"
		has "${stderr##*$'\n'}" '^4\.3\.5 '
	done
	mkdir "$BESACE_ETC/local.cf"
	echo x >"$BESACE_ETC/rules"
	run -0 "$BIN/spamscore" < <(mail_text)
	mkdir "$BESACE_ETC/local.cf/x.cf"
	run -78 "$BIN/spamscore" < <(mail_text)
	has "$output" 'local\.cf/x\.cf'
	echo 'include gone.cf' >r.cf
	run -78 "$BIN/spamscore" -C r.cf < <(mail_text)
	has "$output" 'gone\.cf'
}

@test "wrong options are a usage error" {
	run -64 "$BIN/spamscore" extra </dev/null
	run -64 "$BIN/spamscore" -s big </dev/null
	run -64 "$BIN/spamscore" -r x </dev/null
	run -64 "$BIN/spamscore" -z </dev/null
	has "$output" '^usage: spamscore '
}

@test "a full disk is an I/O failure" {
	[ -w /dev/full ] || skip 'no /dev/full'
	local status=0
	"$BIN/spamscore" < <(mail_text) >/dev/full 2>log || status=$?
	is 74 "$status"
	has "$(tail -n 1 log)" '^4\.3\.0 '
}
