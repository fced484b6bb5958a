#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace import: old stores of all kinds come in whole, once, as they were.

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
	OLD=$BATS_TEST_TMPDIR/old
	mkdir "$OLD"
}

import()
{
	"$BIN/besace" import "$@"
}

export_box()
{
	"$BIN/besace" export "$BOB" "$@"
}

# old_maildir DIR...: empty ones.
old_maildir()
{
	local d
	for d; do
		mkdir -p "$d/cur" "$d/new" "$d/tmp"
	done
}

# raw: commands on stdin, the session's answers.
raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

# All messages of folder $1 (".A" or ""), a hash a line.
hashes()
{
	find "$BOX/$1/cur" "$BOX/$1/new" -type f -exec md5sum {} + | cut -d' ' -f1 | sort
}

FROM='From a@b Sat Jan  3 01:05:34 1998'

@test "mbox: flags, keywords, dates and order come; a second run takes what is new" {
	printf '%s\n' "$FROM" 'Status: RO' 'X-Status: AF' 'X-Keywords: foo $Bar' \
		'Subject: one' '' 'text' '>From here' '' \
		'From a@b Sun Jan  4 01:05:34 1998 +0100' 'Subject: two' '' 'x' >"$OLD/box"
	run -0 import "$BOB" "$OLD/box"
	is "$BOB INBOX: 2 came, 45 octets, 0 there already, 0 not taken" "$output"
	printf '%s\n' '' "$FROM" 'Subject: three' '' 'x' >>"$OLD/box"
	run -0 import "$BOB" "$OLD/box"
	is "$BOB INBOX: 1 came, 18 octets, 2 there already, 0 not taken" "$output"
	run -0 raw <<-'END'
	a SELECT INBOX
	b FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])
	c FETCH 1 BODY.PEEK[]
	END
	has "$output" '^\* 1 FETCH \(FLAGS \(\\Answered \\Flagged \\Seen foo \$Bar\) INTERNALDATE " 3-Jan-1998 01:05:34 \+0000"'
	has "$output" '^\* 2 FETCH \(FLAGS \(\\Recent\) INTERNALDATE " 4-Jan-1998 00:05:34 \+0000"'
	has "$output" '^Subject: two'
	has "$output" '^\* 3 FETCH .*INTERNALDATE " 3-Jan-1998'
	has "$output" '^From here$'
	hasnt "$output" '^Status'
}

@test "mbox: CR LF, no last line end, true and wrong lengths, messages that are the same" {
	printf '%s\r\n' "$FROM" 'Subject: crlf' '' 'x' '' "$FROM" 'Subject: crlf' '' 'x' >"$OLD/crlf"
	import "$BOB" "$OLD/crlf" --folder Crlf
	is "$(printf 'Subject: crlf\n\nx\n' | md5sum | cut -d' ' -f1)" "$(hashes .Crlf | sort -u)"
	is 2 "$(hashes .Crlf | wc -l)"
	{
		printf '%s\nContent-Length: 37\n\n%s\n\n\n\n%s\nContent-Length: 99\n\n>From a\n\n' \
			"$FROM" "$FROM" "$FROM"
		printf '%s\nSubject: last\n\nend' "$FROM"
	} >"$OLD/lengths"
	run -0 import "$BOB" "$OLD/lengths" --folder Lengths
	has "$output" 'Lengths: 3 came'
	{
		printf 'Content-Length: 37\n\n%s\n\n\n\n' "$FROM" | md5sum
		printf 'Content-Length: 99\n\nFrom a\n' | md5sum
		printf 'Subject: last\n\nend' | md5sum
	} | cut -d' ' -f1 | sort >"$OLD/want"
	is "$(cat "$OLD/want")" "$(hashes .Lengths)"
}

@test "mbox: a message is known again when a mail reader has counted and flagged it" {
	printf '%s\nSubject: one\n\nx\n' "$FROM" >"$OLD/box"
	import "$BOB" "$OLD/box"
	printf '%s\nSubject: one\nStatus: RO\nContent-Length: 2\nLines: 1\n\nx\n' "$FROM" >"$OLD/box"
	run -0 import "$BOB" "$OLD/box"
	has "$output" 'INBOX: 0 came, 0 octets, 1 there already'
}

@test "mbox: what is no message can be seen; what is no mbox is refused" {
	printf 'lost words\n\n%s\nSubject: one\n\nx\n' "$FROM" >"$OLD/box"
	run -0 import "$BOB" "$OLD/box"
	has "$output" 'INBOX: 2 came'
	has "$output" 'message at octet 0: warning: no message'
	grep -rq '^lost words$' "$BOX/new"
	printf 'no mbox at all\n' >"$OLD/other"
	run -74 import "$BOB" "$OLD/other"
	has "$output" 'not an mbox'
	has "$output" 'INBOX: 0 came'
	run -74 import "$BOB" "$OLD/missing"
	has "$output" 'No such file'
}

@test "mbox: a message of 50 MB comes whole" {
	{
		printf '%s\nSubject: long\n\n' "$FROM"
		head -c 38000000 /dev/zero | base64 -w 76
		printf '\n%s\nSubject: short\n\nx\n' "$FROM"
	} >"$OLD/box"
	run -0 import "$BOB" "$OLD/box"
	has "$output" 'INBOX: 2 came'
	sed -n '2,$p' "$OLD/box" | head -n -5 | md5sum | cut -d' ' -f1 >"$OLD/want"
	has "$(hashes '')" "$(cat "$OLD/want")"
}

@test "a tree of Thunderbird's: folders in .sbd, flags in X-Mozilla-Status" {
	mkdir -p "$OLD/Work.sbd/Söß.sbd"
	printf '%s\n' 'From - Sat Jan  3 01:05:34 1998' 'X-Mozilla-Status: 0003' \
		'X-Mozilla-Status2: 00000000' 'X-Mozilla-Keys: $label1 ' 'Subject: in' '' 'x' >"$OLD/Inbox"
	printf '%s\n' "$FROM" 'X-Mozilla-Status: 0009' 'Subject: w' '' 'x' >"$OLD/Work"
	printf '%s\n' "$FROM" 'Subject: s' '' 'x' | tee "$OLD/Work.sbd/Söß" >"$OLD/Work.sbd/Söß.sbd/a.b"
	touch "$OLD/Empty" "$OLD/Inbox.msf"
	echo cookie >"$OLD/popstate.dat"
	run -0 import "$BOB" "$OLD"
	has "$output" 'INBOX: 1 came'
	has "$output" 'Empty: 0 came'
	has "$output" 'Work.S&APYA3w-.a_b: 1 came'
	has "$output" 'popstate.dat: warning: not an mbox, left out'
	run -0 raw <<-'END'
	a SELECT INBOX
	b FETCH 1 (FLAGS)
	c SELECT Work
	d FETCH 1 (FLAGS)
	e LSUB "" *
	END
	has "$output" '^\* 1 FETCH \(FLAGS \(\\Answered \\Seen \$label1\)\)'
	has "$output" '^\* 1 FETCH \(FLAGS \(\\Deleted \\Seen\)\)'
	has "$output" 'LSUB .*"?Work.S&APYA3w-"?$'
}

# A Maildir as Dovecot leaves it.
dovecot_maildir()
{
	old_maildir "$OLD" "$OLD/.Work.Sub" "$OLD/.Sent"
	mail_text one >"$OLD/cur/1700000001.M1P1.h:2,S"
	mail_text two >"$OLD/cur/1700000002.M1P1.h,S=1,W=1:2,Fab"
	mail_text three >"$OLD/new/1700000003.M1P1.h"
	touch -d '2001-02-03 04:05:06 UTC' "$OLD"/*/17*
	printf '3 V1234567890 N40 G610f2534399a006b347d000083ecc375\n5 P00 :1700000001.M1P1.h\n6 :1700000000.gone\n30 :1700000002.M1P1.h,S=1,W=1\n' \
		>"$OLD/dovecot-uidlist"
	printf '0 $Forwarded\n1 kw2\n' >"$OLD/dovecot-keywords"
	mail_text four >"$OLD/.Work.Sub/cur/9.h:2,a"
	printf '0 other\n' >"$OLD/.Work.Sub/dovecot-keywords"
	printf 'V\t2\n\nWork\tSub\nINBOX\n' >"$OLD/subscriptions"
}

view()
{
	raw <<-'END' | sed -nE 's/.*(UIDVALIDITY [0-9]+).*/\1/p; s/.*(UIDNEXT [0-9]+).*/\1/p; /FETCH/p; /LSUB/p' | sed 's/ \\Recent//; s/\\Recent//'
	a SELECT INBOX
	b UID FETCH 1:* (FLAGS INTERNALDATE)
	c EXAMINE Work.Sub
	d UID FETCH 1:* (FLAGS)
	e LSUB "" Work*
	END
}

@test "Dovecot's Maildir: UIDVALIDITY, UIDs, flags, keywords, dates, subscriptions stay" {
	dovecot_maildir
	run -0 import "$BOB" "$OLD"
	has "$output" 'INBOX: 3 came'
	has "$output" 'Work.Sub: 1 came'
	has "$output" 'Sent: 0 came'
	run -0 view
	has "$output" 'UIDVALIDITY 1234567890'
	has "$output" '^\* 1 FETCH \(UID 5 FLAGS \(\\Seen\) INTERNALDATE " 3-Feb-2001 04:05:06 \+0000"'
	has "$output" '^\* 2 FETCH \(UID 30 FLAGS \(\\Flagged \$Forwarded kw2\)'
	has "$output" '^\* 3 FETCH \(UID 40 FLAGS \(\)'
	has "$output" '^\* 1 FETCH \(UID 1 FLAGS \(other\)\)'
	has "$output" 'LSUB .*Work.Sub'
	has "$(cat "$BOX/dovecot-uidlist")" '^5 P00 :1700000001.M1P1.h$'
	[ -e "$BOX/cur/1700000002.M1P1.h:2,Fab" ] # without the wrong sizes
	before=$output
	run -0 import "$BOB" "$OLD"
	has "$output" 'INBOX: 0 came, 0 octets, 3 there already'
	run -0 view
	is "$before" "$output"
}

@test "an import that was killed goes on, with the UIDs there were" {
	needs strace
	dovecot_maildir
	# at the first message that becomes visible in the second folder
	strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=2 \
		"$BIN/besace" import "$BOB" "$OLD" || status=$?
	is 75 "$status"
	run -0 import "$BOB" "$OLD"
	hasnt "$output" 'new UID'
	is 3 "$(hashes '' | wc -l)"
	run -0 view
	has "$output" 'UIDVALIDITY 1234567890'
	has "$output" 'UID 5 .*Seen'
	has "$output" 'UID 30 .*kw2'
}

@test "mail that came here meanwhile keeps its UID; the old UIDs that are free stay" {
	dovecot_maildir
	mv "$OLD/cur/1700000002.M1P1.h,S=1,W=1:2,Fab" "$OLD/later"
	import "$BOB" "$OLD"
	mail_text here >"$BOX/new/1800000000.M1P1.h"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$BOX/new/1800000000.M1P1.h"
	raw <<<'a SELECT INBOX' >/dev/null
	mv "$OLD/later" "$OLD/cur/1700000002.M1P1.h,S=1,W=1:2,Fab"
	run -0 import "$BOB" "$OLD"
	has "$output" 'INBOX: 1 came, .* 2 there already, 0 not taken, 1 with a new UID'
	run -0 view
	has "$output" 'UIDVALIDITY 1234567890'
	has "$output" '^\* 3 FETCH \(UID 41 '
	has "$output" '^\* 4 FETCH \(UID 42 FLAGS \(\\Flagged'
}

@test "Courier's Maildir: its UIDs and subscriptions" {
	old_maildir "$OLD" "$OLD/.Sent"
	mail_text one >"$OLD/cur/1.h,S=9:2,RS"
	mail_text two >"$OLD/.Sent/cur/2.h:2,S"
	printf '1 77 9\n3 1.h,S=9\n' >"$OLD/courierimapuiddb"
	printf '1 78 9\n4 2.h\n' >"$OLD/.Sent/courierimapuiddb"
	printf 'INBOX.Sent\nINBOX\n' >"$OLD/courierimapsubscribed"
	run -0 import "$BOB" "$OLD"
	run -0 raw <<-'END'
	a SELECT INBOX
	b UID FETCH 1:* (FLAGS)
	c SELECT Sent
	d UID FETCH 1:* (FLAGS)
	END
	has "$output" 'UIDVALIDITY 77'
	has "$output" 'UID 3 FLAGS \(\\Answered \\Seen'
	has "$output" 'UIDVALIDITY 78'
	has "$output" 'UID 4 FLAGS'
}

@test "a nested Maildir, names that are no modified UTF-7, prefixes" {
	old_maildir "$OLD" "$OLD/A/B" "$OLD/.INBOX.Kid" "$OLD/.Grün & Blau"
	mail_text one | tee "$OLD/A/B/cur/1.h:2," "$OLD/.INBOX.Kid/cur/1.h:2," \
		"$OLD/.Grün & Blau/cur/1.h:2," >"$OLD/cur/1.h:2,"
	run -0 import "$BOB" "$OLD" --folder Archive --prefix Old
	has "$output" ' Archive: 1 came'
	has "$output" ' Old.A.B: 1 came'
	has "$output" ' Old.Kid: 1 came'
	has "$output" ' Old.Gr&APw-n &- Blau: 1 came'
	run -0 raw <<<'a LIST "" Old*'
	has "$output" 'Old.Gr&APw-n &- Blau'
}

@test "links and pipes are refused, the rest comes; the exit status says so" {
	old_maildir "$OLD"
	mail_text one >"$OLD/cur/1.h:2,"
	mail_text secret >"$OLD.secret"
	ln -s "$OLD.secret" "$OLD/cur/2.h:2,"
	mkfifo "$OLD/cur/3.h:2,"
	old_maildir "$OLD.elsewhere"
	ln -s "$OLD.elsewhere" "$OLD/.Link"
	run -74 import "$BOB" "$OLD"
	has "$output" 'INBOX: 1 came, .* 2 not taken'
	has "$output" 'cur/2.h:2,: Too many levels'
	has "$output" 'cur/3.h:2,: Invalid argument'
	has "$output" '.Link: Too many levels'
	is 1 "$(hashes '' | wc -l)"
}

@test "names do not reach the terminal as they are" {
	old_maildir "$OLD"
	ln -s /etc/passwd "$OLD/cur/"$'1\e[2J\n.h:2,S'
	run -74 import "$BOB" "$OLD"
	has "$output" '^besace: 1\\x1b\[2J\\x0a.h:2,S: '
	hasnt "$output" $'\e'
}

@test "a list that leaves no UIDs is not believed: later mail has some" {
	local list
	for list in '3 V1 N4294967295' '1 1 4294967295' \
		$'3 V1 N2\n4294967294 :1.M1P1.h'; do
		old_maildir "$OLD"
		mail_text >"$OLD/cur/1.M1P1.h:2,S"
		echo "$list" >"$OLD/dovecot-uidlist"
		run -74 import "$BOB" "$OLD"
		has "$output" 'list of UIDs cannot be read, all UIDs are new'
		run -0 view
		hasnt "$output" 'UID 429'
	done
}

@test "sdbox and mdbox are refused with the way out" {
	mkdir -p "$OLD/mailboxes/INBOX/dbox-Mails"
	run -74 import "$BOB" "$OLD"
	has "$output" 'doveadm -o mail_location=mdbox:SOURCE backup maildir:TARGET'
}

@test "--dry-run says what would come and changes nothing" {
	dovecot_maildir
	find "$BOX" | sort >"$OLD.before"
	run -0 import "$BOB" --dry-run "$OLD"
	has "$output" 'INBOX: 3 would come'
	has "$output" 'Work.Sub: 1 would come'
	is "$(cat "$OLD.before")" "$(find "$BOX" | sort)"
}

@test "unknown addresses and wrong options" {
	run -67 import nobody@example.test "$OLD"
	has "$output" 'not in mailboxes'
	run -64 import "$BOB"
	run -64 import --tree "$OLD" --folder ../x
	run -64 import "$BOB" "$OLD" --what
}

@test "the quota is counted anew, as owner of the mail, from a store only root reads" {
	needs_root "two users"
	old_maildir "$OLD"
	mail_text one >"$OLD/cur/1.h:2,"
	chmod 700 "$OLD"
	echo '1000S' >"$BOX/maildirsize"
	import "$BOB" "$OLD"
	[ ! -e "$BOX/maildirsize" ]
	is '5000:5000 600' "$(stat -c '%u:%g %a' "$BOX"/cur/1.h*)"
	is '' "$(find "$BOX" ! -user 5000)"
}

@test "S163: whole trees, domain/user and full addresses; who is not known is listed" {
	old_maildir "$OLD/example.test/bob" "$OLD/$ALICE/Maildir" "$OLD/example.test/carol" "$OLD/x@other.test"
	mail_text one >"$OLD/example.test/bob/cur/1.h:2,"
	mail_text two >"$OLD/$ALICE/Maildir/cur/1.h:2,"
	mail_text three >"$OLD/example.test/carol/cur/1.h:2,"
	run -74 import --tree "$OLD"
	has "$output" "^$BOB INBOX: 1 came"
	has "$output" "^$ALICE INBOX: 1 came"
	has "$output" 'carol@example.test: not in mailboxes, left out'
	has "$output" 'x@other.test: not in mailboxes, left out'
	is 1 "$(hashes '' | wc -l)"
	is 1 "$(find "$(maildir alice)/cur" -type f | wc -l)"
}
