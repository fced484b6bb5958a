#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# SEARCH: every key, on a few messages.

load lib/helpers
load lib/imap

setup_file()
{
	export TZ=UTC0
	instance_new
	BOX=$(maildir bob)
	put() {
		cat >"$BOX/cur/$1"
		touch -d "$2" "$BOX/cur/$1"
	}
	put 1.M1.h:2,S '2024-01-10 23:30:00 UTC' <<-'END'
	From: Carol <carol@elsewhere.test>
	To: bob@example.test
	Cc: dave@example.test
	Subject: Plain words
	Date: Mon, 08 Jan 2024 23:30:00 -0800
	X-Empty:

	Some text in the body, and a longer line.
	END
	put 2.M1.h:2,Fa '2024-02-10 12:00:00 UTC' <<-'END'
	From: =?utf-8?Q?Andr=C3=A9?= <andre@x.test>
	To: bob@example.test
	Subject: =?iso-8859-1?Q?Caf=E9_?= =?utf-8?B?w5xicnVuZw==?=
	Date: Sat, 10 Feb 2024 12:00:00 +0000
	Content-Type: text/plain; charset=iso-8859-1
	Content-Transfer-Encoding: quoted-printable

	Gr=FC=DFe aus dem Caf=E9, soft=
	break.
	END
	put 3.M1.h:2,RTD '2024-03-10 12:00:00 UTC' <<-'END'
	From: root
	Subject: parts
	Bcc: secret@x.test
	Content-Type: multipart/mixed; boundary=b

	--b
	Content-Type: text/html; charset=utf-8
	Content-Transfer-Encoding: base64

	PHA+w6lsw6l2ZSBuZWVkbGU8L3A+
	--b
	Content-Type: application/octet-stream

	hidden haystack
	--b
	Content-Type: message/rfc822

	Subject: attached letter

	inner words
	--b--
	END
	mail_text four >"$BOX/new/4.M1.h"
	printf '0 Work\n' >"$BOX/dovecot-keywords"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	export BOX
}

# found KEYS...: the numbers SEARCH answers; the message in new/ is recent.
found()
{
	printf 'a EXAMINE INBOX\r\nb SEARCH %s\r\n' "$*" | imap_session -u "$BOB" |
		tr -d '\r' | sed -nE 's/^\* SEARCH ?//p; s/^b (NO|BAD).*/\1/p'
}

@test "flags, numbers, sizes, logic" {
	is '1 2 3 4' "$(found ALL)"
	is '1' "$(found SEEN)"
	is '2 3 4' "$(found UNSEEN)"
	is '2' "$(found FLAGGED)"
	is '3' "$(found ANSWERED DELETED DRAFT)"
	is '1 2 4' "$(found UNDELETED UNANSWERED UNDRAFT)"
	is '1 3 4' "$(found UNFLAGGED)"
	is '2' "$(found KEYWORD work)"
	is '1 3 4' "$(found UNKEYWORD Work)"
	is '1 2 3 4' "$(found UNKEYWORD Nothing)"
	is '' "$(found KEYWORD Nothing)"
	is '4' "$(found RECENT)"
	is '4' "$(found NEW)"
	is '1 2 3' "$(found OLD)"
	is '2 3' "$(found 2:3)"
	is '4' "$(found '*')"
	is '' "$(found 100)"
	is '2 4' "$(found UID 2,4)"
	is '1 2' "$(found OR SEEN FLAGGED)"
	is '3 4' "$(found NOT '(OR SEEN FLAGGED)')"
	is '1' "$(found NOT NOT SEEN)"
	is '1 2 3 4' "$(found LARGER 10)"
	is '' "$(found LARGER 5000)"
	is '1 2 3 4' "$(found SMALLER 5000)"
	is '' "$(found SEEN UNSEEN)"
}

@test "dates: INTERNALDATE's day here, Date's own day there" {
	is '1' "$(found ON 10-Jan-2024)"
	is '1' "$(found BEFORE 10-Feb-2024)"
	is '2 3 4' "$(found SINCE 10-Feb-2024)"
	is '1' "$(found SENTON 8-Jan-2024)"
	is '' "$(found SENTON 9-Jan-2024)"
	is '1' "$(found SENTBEFORE 10-Feb-2024)"
	is '2 4' "$(found SENTSINCE 10-Feb-2024)"
	is 'BAD' "$(found ON 31-Feb-2024)"
	is 'BAD' "$(found ON yesterday)"
}

@test "headers, decoded, in any letter case" {
	is '1 4' "$(found FROM carol)"
	is '1 4' "$(found FROM '"<CAROL@"')"
	is '2' "$(found CHARSET UTF-8 FROM '{6+}
ANDRÉ')"
	is '2' "$(found CHARSET UTF-8 SUBJECT '{13+}
café ÜBRUNG')"
	is '2' "$(found SUBJECT '{3+}
fé')"
	is '1 2 4' "$(found TO bob@)"
	is '1' "$(found CC dave)"
	is '3' "$(found BCC secret)"
	is '1' "$(found HEADER X-Empty '""')"
	is '' "$(found HEADER X-None '""')"
	is '1 2 3 4' "$(found SUBJECT '""')"
	is '1' "$(found HEADER date -0800)"
	is 'NO' "$(found CHARSET klingon SUBJECT x)"
}

@test "I18NLEVEL=1: a letter finds itself with a mark" {
	is '2' "$(found FROM andre)"
	is '2' "$(found SUBJECT cafe)"
	is '2' "$(found BODY '"aus dem cafe"')"
	is '' "$(found CHARSET UTF-8 FROM '{7+}
àndré')"
}

@test "bodies: transfer encoding and charset undone, text parts only" {
	is '1' "$(found BODY '"longer line"')"
	is '2' "$(found CHARSET utf-8 BODY '{6+}
grüß')"
	is '2' "$(found BODY softbreak)"
	is '3' "$(found CHARSET utf-8 BODY '{7+}
ÉLÈVE')$(found CHARSET utf-8 BODY '{7+}
ÉLÉVE')"
	is '3' "$(found BODY needle)"
	is '' "$(found BODY haystack)"
	is '' "$(found BODY '"attached letter"')"
	is '3' "$(found TEXT '"attached letter"')"
	is '3' "$(found TEXT '"type: message/rfc822"')"
	is '3' "$(found BODY '"inner words"')"
	is '' "$(found BODY '"Plain words"')"
	is '1' "$(found TEXT '"Plain words"')"
	is '1' "$(found TEXT x-empty)"
	# in a field of encoded words, and beside one
	is '2' "$(found TEXT brung)"
	is '2' "$(found TEXT andre@x)"
	is '2' "$(found TEXT andre)$(found TEXT nothing-at-all)"
}

@test "ESEARCH: what RETURN asks for, UIDs, nothing found" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a EXAMINE INBOX
	S.. a OK
	C: b SEARCH RETURN (MIN MAX COUNT) ALL
	S= * ESEARCH (TAG "b") MIN 1 MAX 4 COUNT 4
	S: b OK
	C: c UID SEARCH RETURN () NOT 3
	S= * ESEARCH (TAG "c") UID ALL 1:2,4
	S: c OK
	C: d SEARCH RETURN (ALL COUNT) SUBJECT nothing
	S= * ESEARCH (TAG "d") COUNT 0
	S: d OK
	C: e UID SEARCH UNSEEN
	S= * SEARCH 2 3 4
	S: e OK
	C: f SEARCH RETURN (BOGUS) ALL
	S: f BAD
	C: g SEARCH
	S: g BAD
	C: h SEARCH CHARSET utf-7 ALL
	S: h NO [BADCHARSET (UTF-8 US-ASCII)]
	END
}

@test "WITHIN: so many seconds ago" {
	is '4' "$(found YOUNGER 86400)"
	is '1 2 3' "$(found OLDER 86400)"
	is '1 2 3 4' "$(found OR OLDER 4000000000 YOUNGER 4000000000)"
	is 'BAD' "$(found OLDER 0)"
	is 'BAD' "$(found YOUNGER)"
}

@test "SAVEDATE: when it came to this mailbox" {
	is '1 2 3 4' "$(found SAVEDATESUPPORTED)"
	is '1 2 3 4' "$(found SAVEDSINCE "$(date -d yesterday +%d-%b-%Y)")"
	is '' "$(found SAVEDBEFORE 10-Mar-2024)"
	is '' "$(found SAVEDON 10-Jan-2024)"
	is 'BAD' "$(found SAVEDON)"
}

@test "MODSEQ: what has changed since, and the highest in the answer" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH MODSEQ 1
	S~ \* OK \[HIGHESTMODSEQ [0-9]+\]
	S~ \* SEARCH 1 2 3 4 \(MODSEQ (?P<OLD>[0-9]+)\)$
	S: b OK
	C: c STORE 2 +FLAGS.SILENT (new)
	S.. c OK
	C: d SEARCH RETURN (ALL) MODSEQ "/flags/new" all ${OLD} UNSEEN
	S~ \* ESEARCH \(TAG "d"\) ALL .*\b2.* MODSEQ (?P<NEW>[0-9]+)$
	S: d OK
	C: e UID SEARCH MODSEQ ${NEW}
	S= * SEARCH 2 (MODSEQ ${NEW})
	S: e OK
	C: f SEARCH RETURN (MIN) MODSEQ "/flags/\\\\seen" priv 0
	S~ \* ESEARCH \(TAG "f"\) MIN 1 MODSEQ [0-9]+$
	S: f OK
	C: g SORT (REVERSE ARRIVAL) UTF-8 MODSEQ ${NEW}
	S= * SORT 2 (MODSEQ ${NEW})
	S: g OK
	C: h SEARCH MODSEQ 9223372036854775807
	S= * SEARCH
	S: h OK
	C: i SEARCH MODSEQ "/flags/x" ${NEW}
	S: i BAD
	C: j STORE 2 -FLAGS.SILENT (new)
	S.. j OK
	END
}

@test "RETURN (PARTIAL ...): a page of what was found" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a EXAMINE INBOX
	S.. a OK
	C: b SEARCH RETURN (PARTIAL 2:3) ALL
	S= * ESEARCH (TAG "b") PARTIAL (2:3 2:3)
	S: b OK
	C: c UID SEARCH RETURN (COUNT PARTIAL -2:-1) ALL
	S= * ESEARCH (TAG "c") UID COUNT 4 PARTIAL (-1:-2 3:4)
	S: c OK
	C: d SEARCH RETURN (PARTIAL 4:100) ALL
	S= * ESEARCH (TAG "d") PARTIAL (4:100 4)
	S: d OK
	C: e SEARCH RETURN (PARTIAL 5:9) ALL
	S= * ESEARCH (TAG "e") PARTIAL (5:9 NIL)
	S: e OK
	C: f SEARCH RETURN (PARTIAL -5:-9) ALL
	S= * ESEARCH (TAG "f") PARTIAL (-5:-9 NIL)
	S: f OK
	C: g SORT RETURN (PARTIAL 1:2) (REVERSE ARRIVAL) UTF-8 NOT 4
	S= * ESEARCH (TAG "g") PARTIAL (1:2 3,2)
	S: g OK
	C: h SEARCH RETURN (ALL PARTIAL 1:2) ALL
	S: h BAD
	C: i SEARCH RETURN (PARTIAL 0:2) ALL
	S: i BAD
	C: j SEARCH RETURN (PARTIAL -1:2) ALL
	S: j BAD
	C: k SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL
	S: k BAD
	END
}

@test "INPROGRESS: a client that waits long is told how far it is" {
	needs strace
	instance_new -d "$BATS_TEST_TMPDIR/slow" \
		-o imap_idle_notify_interval=1s
	box=$(maildir bob)
	for i in 1 2 3; do
		mail_text "$i" >"$box/cur/$i.M1.h:2,S"
	done
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$box"
	printf 'a EXAMINE INBOX\r\nlong SEARCH BODY nothing\r\n' |
		strace -f -qq -o /dev/null -e trace=pread64 \
			-e inject=pread64:delay_enter=400000 \
			"$BIN/imap-session" -u "$BOB" >"$BATS_TEST_TMPDIR/out"
	has "$(tr -d '\r' <"$BATS_TEST_TMPDIR/out")" \
		'^\* OK \[INPROGRESS \("long" [123] 3\)\] '
	has "$(tr -d '\r' <"$BATS_TEST_TMPDIR/out")" '^\* SEARCH$'
}

# A session stopped for good amid its SEARCH: whoever waits for it waits for ever.
@test "a SEARCH in bodies that stands still keeps nobody waiting" {
	needs strace
	instance_new -d "$BATS_TEST_TMPDIR/still"
	put_messages 40
	local dir=$BATS_TEST_TMPDIR stopped
	mkfifo "$dir/in"
	strace -o "$dir/trace" -e trace=pread64 \
		-e inject=pread64:signal=STOP:when=40 \
		"$BIN/imap-session" -u "$BOB" <"$dir/in" >"$dir/out" 2>/dev/null 3>&- &
	exec 5>"$dir/in"
	printf 'a SELECT INBOX\r\n' >&5
	wait_until 20 grep -q '^a OK' "$dir/out"
	printf 'b SEARCH BODY nothing\r\n' >&5
	wait_until 20 grep -q 'stopped by SIGSTOP' "$dir/trace"

	mail_text new >"$dir/new"
	timeout 20 "$BIN/deliver" "$BOB" <"$dir/new"
	printf '%s\r\n' 'a SELECT INBOX' \
		'b STORE 1:3,40 +FLAGS (\Deleted \Seen one)' 'c EXPUNGE' \
		'd APPEND INBOX {6+}' 'x: y' '' 'e COPY 1 Trash' \
		'f MOVE 2 Trash' 'g SEARCH BODY number' 'h CHECK' \
		'i STATUS Trash (MESSAGES)' 'j LOGOUT' |
		timeout 20 "$BIN/imap-session" -u "$BOB" >"$dir/other"
	for tag in a b c d e f g h i j; do
		has "$(cat "$dir/other")" "^$tag OK"
	done
	run -1 grep '^b ' "$dir/out"

	stopped=$(pgrep -P $!)
	kill -CONT "$stopped"
	printf 'k NOOP\r\nl LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 20 grep -q '^l OK' "$dir/out"
	has "$(tr -d '\r' <"$dir/out")" '^b OK'
	has "$(tr -d '\r' <"$dir/out")" '^\* 42 EXISTS'
	is 5 "$(grep -c EXPUNGE "$dir/out")"
}

@test "nesting has a limit" {
	is BAD "$(found "$(printf 'NOT %.0s' {1..5000})ALL")"
	is BAD "$(found "$(printf '(%.0s' {1..5000})ALL")"
	is BAD "$(found "$(printf 'OR ALL %.0s' {1..5000})ALL")"
	is '1 2 3 4' "$(found "$(printf 'NOT %.0s' {1..30})ALL")"
}
