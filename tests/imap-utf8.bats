#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# UTF8=ACCEPT (RFC 6855, RFC 9755): UTF-8 in names and quoted strings.

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

@test "UTF8=ACCEPT: names are UTF-8 after ENABLE, modified UTF-7 on the disk and before" {
	user_dialogue <<-'END'
	S~ \* PREAUTH \[CAPABILITY .*UTF8=ACCEPT
	C: a CREATE Entw&APw-rfe
	S: a OK
	C: b CREATE "Entw\xc3\xbcrfe.neue"
	S: b NO [CANNOT]
	C: c ENABLE UTF8=ACCEPT
	S= * ENABLED UTF8=ACCEPT
	S: c OK
	C: d LIST "" E*
	S= * LIST (\\HasNoChildren) "." "Entw\xc3\xbcrfe"
	S: d OK
	C: e CREATE "\xe5\x8f\xb0\xe5\x8c\x97 & \xf0\x9f\x98\x80"
	S: e OK
	C: f STATUS {14+}
	C: \xe5\x8f\xb0\xe5\x8c\x97 & \xf0\x9f\x98\x80. (MESSAGES)
	S= * STATUS "\xe5\x8f\xb0\xe5\x8c\x97 & \xf0\x9f\x98\x80" (MESSAGES 0)
	S: f OK
	C: g CREATE &AOk-
	S: g OK
	C: h LIST "" &*
	S= * LIST (\\HasNoChildren) "." &AOk-
	S: h OK
	C: i RENAME "Entw\xc3\xbcrfe" "\xc3\xa9\xc3\xa9"
	S: i OK
	C: j LIST "" "\xc3\xa9*"
	S= * LIST (\\HasNoChildren) "." "\xc3\xa9\xc3\xa9"
	S: j OK
	C: k LIST "" {3+}
	C: \xc3\xa9% RETURN (STATUS (UNSEEN))
	S= * LIST (\\HasNoChildren) "." "\xc3\xa9\xc3\xa9"
	S= * STATUS "\xc3\xa9\xc3\xa9" (UNSEEN 0)
	S: k OK
	C: l SUBSCRIBE "\xc3\xa9\xc3\xa9"
	S: l OK
	C: m LSUB "" "\xc3\xa9\xc3\xa9"
	S= * LSUB () "." "\xc3\xa9\xc3\xa9"
	S: m OK
	C: n SELECT "\xc3\xa9\xc3\xa9"
	S.. n OK
	C: o GETQUOTAROOT "\xc3\xa9\xc3\xa9"
	S= * QUOTAROOT "\xc3\xa9\xc3\xa9"
	S.. o OK
	C: p DELETE "\xc3\xa9\xc3\xa9"
	S: p OK
	C: q SELECT inbox
	S.. q OK
	END
	is '.&-AOk-
.&U,BTFw- &- &2D3eAA-' "$(cd "$(maildir bob)" && LC_ALL=C ls -d .'&'*)"
}

@test "UTF8=ACCEPT: what is no name: no UTF-8, controls, separators of lines, too long" {
	local long
	long=$(printf '\303\244%.0s' {1..120})
	{
		printf 'S: * PREAUTH\nC: a ENABLE UTF8=ACCEPT\nS: * ENABLED\nS: a OK\n'
		for name in 'a\xc3' '\xed\xa0\x80' '\xc0\xaf' 'a\x01b' 'a\xc2\x85' \
			'a\x7f' 'a\xe2\x80\xa8b' 'a\xe2\x80\xa9' 'a/b' '..' "$long"; do
			printf 'C: b CREATE "%s"\nS: b NO [CANNOT]\n' "$name"
		done
	} | user_dialogue
}

@test "UTF8=ACCEPT: SEARCH takes UTF-8 in quotes, and no CHARSET" {
	printf 'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nx\n' | "$BIN/deliver" "$BOB"
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH CHARSET UTF-8 SUBJECT {6+}
	C: gr\xc3\xbc\xc3\x9f
	S= * SEARCH 1
	S: b OK
	C: c ENABLE UTF8=ACCEPT
	S: * ENABLED
	S: c OK
	C: d SEARCH SUBJECT "gr\xc3\xbc\xc3\x9f"
	S= * SEARCH 1
	S: d OK
	C: e SEARCH CHARSET UTF-8 SUBJECT "gr\xc3\xbc"
	S: e BAD
	C: f SEARCH CHARSET BOGUS SUBJECT "gr"
	S: f BAD
	END
}

@test "headers in raw UTF-8 are served as they are, in literals, with and without UTF8=ACCEPT" {
	printf 'From: J\303\274rg <j\303\274rg@example.test>\nSubject: Gr\303\274\303\237e\n\nx\n' |
		"$BIN/deliver" "$BOB"
	for enable in 'C: a NOOP' $'C: a ENABLE UTF8=ACCEPT\nS: * ENABLED'; do
		{
			printf 'S: * PREAUTH\n%s\nS: a OK\n' "$enable"
			cat <<-'END'
			C: b SELECT INBOX
			S.. b OK
			C: c FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]
			S= * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {20}
			S= Subject: Gr\xc3\xbc\xc3\x9fe
			S=
			S= )
			S: c OK
			C: d FETCH 1 ENVELOPE
			S= * 1 FETCH (ENVELOPE (NIL {7}
			S: Gr\xc3\xbc\xc3\x9fe (({5}
			END
		} >"$BATS_TEST_TMPDIR/t"
		user_dialogue <"$BATS_TEST_TMPDIR/t"
	done
}
