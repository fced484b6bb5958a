#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The mailbox on disk, shared with other programs: UIDs, keywords, flags, what
# others change meanwhile, what is damaged.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
}

# raw < commands, one a line: the session's answers.
raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

own()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# put PATH [SUBJECT]
put()
{
	mail_text "${2:-greetings}" >"$BOX/$1"
	own
}

@test "a mailbox of Dovecot's keeps UIDVALIDITY, UIDs, flags and keywords" {
	put 'cur/1700000001.M1P1.h:2,S' one
	put 'cur/1700000002.M1P1.h,S=1,W=1:2,Fab' two
	put 'cur/1700000003.M1P1.h:2,Pc' three
	printf '3 V1234567890 N40 G610f2534399a006b347d000083ecc375\n5 P00 W9 :1700000001.M1P1.h\n6 :1700000000.gone\n30 :1700000002.M1P1.h,S=1,W=1\n' \
		>"$BOX/dovecot-uidlist"
	printf '0 $Forwarded\n1 kw2\n' >"$BOX/dovecot-keywords"
	own
	run -0 raw <<-'END'
	a SELECT INBOX
	b UID FETCH 1:* (FLAGS)
	c LOGOUT
	END
	has "$output" '^\* OK \[UIDVALIDITY 1234567890\]'
	has "$output" '^\* OK \[UIDNEXT 41\]'
	has "$output" '^\* 1 FETCH \(UID 5 FLAGS \(\\Seen\)\)$'
	has "$output" '^\* 2 FETCH \(UID 30 FLAGS \(\\Flagged \$Forwarded kw2\)\)$'
	has "$output" '^\* 3 FETCH \(UID 40 FLAGS \(unknown-2\)\)$'
	is "$(printf '%s\n' '3 V1234567890 N40 G610f2534399a006b347d000083ecc375' \
		'5 P00 W9 :1700000001.M1P1.h' '6 :1700000000.gone' \
		'30 :1700000002.M1P1.h,S=1,W=1' '40 :1700000003.M1P1.h')" \
		"$(cat "$BOX/dovecot-uidlist")"
	# flags: base names stay, letters of others too
	raw <<-'END'
	a SELECT INBOX
	b STORE 3 +FLAGS (\Seen new)
	c STORE 1 FLAGS (KW2)
	END
	is "$(printf '%s\n' '1700000001.M1P1.h:2,b' \
		'1700000002.M1P1.h,S=1,W=1:2,Fab' '1700000003.M1P1.h:2,PScd')" \
		"$(ls "$BOX/cur")"
	is "$(printf '0 $Forwarded\n1 kw2\n3 new')" "$(cat "$BOX/dovecot-keywords")"
}

@test "a list of version 1 keeps its UIDs and becomes version 3" {
	put 'cur/a.b.c:2,S'
	put 'cur/d.e.f:2,'
	printf '1 77 9\n3 a.b.c\n' >"$BOX/dovecot-uidlist"
	own
	run -0 raw <<<'a SELECT INBOX
b UID FETCH 1:* UID'
	has "$output" 'UIDVALIDITY 77'
	has "$output" '^\* 1 FETCH \(UID 3\)'
	has "$output" '^\* 2 FETCH \(UID 9\)'
	has "$(head -1 "$BOX/dovecot-uidlist")" '^3 V77 N10'
}

@test "new messages move to cur and are recent once; EXAMINE and STATUS leave them" {
	put new/1700000001.M1P1.h
	put 'new/1700000002.M1P1.h:2,F'
	run -0 raw <<<'a STATUS INBOX (MESSAGES RECENT)
b EXAMINE INBOX'
	has "$output" 'MESSAGES 2 RECENT 2'
	has "$output" '^\* 2 RECENT'
	is 2 "$(find "$BOX/new" -type f | wc -l)"
	run -0 raw <<<'a SELECT INBOX
b FETCH 1:2 FLAGS'
	has "$output" '^\* 2 RECENT'
	has "$output" '^\* 1 FETCH \(FLAGS \(\\Recent\)\)'
	has "$output" '^\* 2 FETCH \(FLAGS \(\\Flagged \\Recent\)\)'
	run -0 raw <<<'a SELECT INBOX'
	has "$output" '^\* 0 RECENT'
	is "$(printf '1700000001.M1P1.h:2,\n1700000002.M1P1.h:2,F')" "$(ls "$BOX/cur")"
}

@test "UIDs are given in the order of arrival, microseconds without leading zeros" {
	put new/1700000001.M88535P7.h second
	put new/1700000001.M161305P8.h third
	put new/1699999999.M999999P6.h first
	put new/1700000002.M1P9.h fourth
	run -0 raw <<<'a SELECT INBOX
b FETCH 1:* BODY.PEEK[HEADER.FIELDS (Subject)]'
	is 'first second third fourth' "$(sed -n 's/^Subject: \([a-z]*\).*/\1/p' <<<"$output" | xargs)"
}

@test "what others do shows at the next command: a delivery, flags, a deletion" {
	put 'cur/1700000001.M1P1.h:2,' one
	put 'cur/1700000002.M1P1.h:2,S' two
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT INBOX\r\n' >&5
	wait_until 5 grep -q '^a OK' "$BATS_TEST_TMPDIR/out"
	put new/1700000003.M1P1.h three
	mv "$BOX/cur/1700000001.M1P1.h:2," "$BOX/cur/1700000001.M1P1.h:2,F"
	rm "$BOX/cur/1700000002.M1P1.h:2,S"
	printf 'b FETCH 1 FLAGS\r\nc NOOP\r\nd FETCH 1:* (UID FLAGS)\r\ne LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 5 grep -q '^e OK' "$BATS_TEST_TMPDIR/out"
	run -0 tr -d '\r' <"$BATS_TEST_TMPDIR/out"
	# no EXPUNGE during FETCH, one in NOOP
	has "$(sed -n '/^a OK/,/^b OK/p' <<<"$output")" '^\* 3 EXISTS'
	hasnt "$(sed -n '/^a OK/,/^b OK/p' <<<"$output")" EXPUNGE
	has "$(sed -n '/^b OK/,/^c OK/p' <<<"$output")" '^\* 2 EXPUNGE'
	has "$output" '^\* 1 FETCH \(FLAGS \(\\Flagged\)\)'
	has "$output" '^\* 2 FETCH \(UID 3 FLAGS \(\\Recent\)\)'
}

@test "IDLE tells a delivery at once" {
	put 'cur/1700000001.M1P1.h:2,' one
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT INBOX\r\nb IDLE\r\n' >&5
	wait_until 5 grep -q '^+ idling' "$BATS_TEST_TMPDIR/out"
	mail_text two | "$BIN/deliver" "$BOB"
	wait_until 4 grep -q '^\* 2 EXISTS' "$BATS_TEST_TMPDIR/out"
	rm "$BOX/cur/1700000001.M1P1.h:2,"
	wait_until 2 grep -q '^\* 1 EXPUNGE' "$BATS_TEST_TMPDIR/out"
	printf 'DONE\r\nc LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 5 grep -q '^c OK' "$BATS_TEST_TMPDIR/out"
}

@test "the selected mailbox deleted by another session: NO, and no other mailbox" {
	mkdir -p "$BOX/.X"/{cur,new,tmp}
	own
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT X\r\n' >&5
	wait_until 5 grep -q '^a OK' "$BATS_TEST_TMPDIR/out"
	raw <<<'a DELETE X'
	raw <<<'a CREATE X'
	printf 'b NOOP\r\nc STATUS X (MESSAGES)\r\nd FETCH 1:* FLAGS\r\n' >&5
	wait_until 5 grep -q '^d NO' "$BATS_TEST_TMPDIR/out"
	exec 5>&-
	has "$(<"$BATS_TEST_TMPDIR/out")" '^\* NO \[NONEXISTENT\]'
}

@test "a damaged list of UIDs: a greater UIDVALIDITY, and a log line" {
	put 'cur/1700000001.M1P1.h:2,'
	run -0 raw <<<'a SELECT INBOX'
	local before after
	before=$(sed -nE 's/.*UIDVALIDITY ([0-9]+).*/\1/p' <<<"$output")
	printf 'garbage\n' >>"$BOX/dovecot-uidlist"
	run -0 raw <<<'a SELECT INBOX'
	after=$(sed -nE 's/.*UIDVALIDITY ([0-9]+).*/\1/p' <<<"$output")
	[ "$after" -gt "$before" ]
	has "$output" '^\* 1 EXISTS'
	logged 'error.*damaged'
}

@test "a torn last line is written anew and its UID not given twice to two" {
	put 'cur/1700000001.M1P1.h:2,'
	put 'cur/1700000002.M1P1.h:2,'
	printf '3 V5 N1 G1f\n1 :1700000001.M1P1.h\n2 :17000' >"$BOX/dovecot-uidlist"
	own
	run -0 raw <<<'a SELECT INBOX
b UID FETCH 1:* UID'
	has "$output" 'UIDVALIDITY 5\]'
	has "$output" '^\* 2 FETCH \(UID 2\)'
	is "$(printf '3 V5 N3 G1f\n1 :1700000001.M1P1.h\n2 :1700000002.M1P1.h')" \
		"$(cat "$BOX/dovecot-uidlist")"
}

@test "UIDs are not given again after an expunge of the last, nor after a rewrite" {
	local i
	for i in {1..300}; do
		: >"$BOX/cur/17000$((10000 + i)).M1P1.h:2,T"
	done
	own
	run -0 raw <<<'a SELECT INBOX
b EXPUNGE'
	put 'cur/1800000000.M1P1.h:2,'
	run -0 raw <<<'a SELECT INBOX
b UID FETCH 1:* UID'
	has "$output" '^\* 1 FETCH \(UID 301\)'
	has "$output" 'UIDNEXT 302'
	is 2 "$(wc -l <"$BOX/dovecot-uidlist")"
	has "$(head -1 "$BOX/dovecot-uidlist")" ' N30[12] '
}

@test "a lock of a dead process, or an old one, is in nobody's way; a fresh one is waited for" {
	put 'cur/1700000001.M1P1.h:2,'
	printf '99999999:%s' "$(hostname)" >"$BOX/dovecot-uidlist.lock"
	own
	run -0 timeout 5 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\n')
	has "$output" '^a OK'
	printf '1:elsewhere' >"$BOX/dovecot-uidlist.lock"
	own
	(sleep 1; rm "$BOX/dovecot-uidlist.lock") &
	local start=$SECONDS
	run -0 raw <<<'a SELECT INBOX
b STORE 1 +FLAGS (\Seen)'
	has "$output" '^b OK'
	[ $((SECONDS - start)) -ge 1 ]
	[ ! -e "$BOX/dovecot-uidlist.lock" ]
}

@test "a lock whose holder died before it wrote its name is taken over soon" {
	put new/1700000001.M1P1.h
	: >"$BOX/dovecot-uidlist.lock"
	own
	run -0 timeout 30 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\nb LOGOUT\r\n')
	has "$output" '^\* 1 EXISTS'
	has "$output" '^a OK'
	[ ! -e "$BOX/dovecot-uidlist.lock" ]
}

@test "a session that slept until its lock was taken from it: its APPEND fails, UIDs stay" {
	needs strace
	put 'cur/1700000001.M1P1.h:2,'
	raw <<<'a SELECT INBOX' >/dev/null
	printf 'a APPEND INBOX {5+}\r\na: b\n\r\n' |
		strace -f -qq -o /dev/null -e trace=renameat2 \
			-e inject=renameat2:delay_enter=2000000 \
			"$BIN/imap-session" -u "$BOB" >"$BATS_TEST_TMPDIR/slow" &
	local slow=$!
	wait_until 5 test -e "$BOX/dovecot-uidlist.lock"
	touch -d '10 minutes ago' "$BOX/dovecot-uidlist.lock"
	run -0 raw <<<'b APPEND INBOX {22+}
a: a much longer one

c SELECT INBOX'
	has "$output" '^b OK \[APPENDUID [0-9]+ 2\]'
	local validity
	validity=$(sed -nE 's/.*UIDVALIDITY ([0-9]+).*/\1/p' <<<"$output")
	wait "$slow"
	has "$(cat "$BATS_TEST_TMPDIR/slow")" '^a NO \[UNAVAILABLE\]'
	run -0 raw <<<'a SELECT INBOX'
	has "$output" "UIDVALIDITY $validity\]"
	has "$output" '^\* 2 EXISTS'
	has "$output" 'UIDNEXT 3\]'
}

@test "sessions killed at any moment leave no lock that lasts and no UID twice" {
	local i pid
	for i in {1..40}; do
		put "new/17000000$((10 + i)).M1P1.h" "number $i"
		printf 'a SELECT INBOX\r\nb STORE 1:* +FLAGS (\\Seen)\r\nc COPY 1:* Trash\r\nd STORE 1:* -FLAGS (\\Seen)\r\ne EXPUNGE\r\n' |
			"$BIN/imap-session" -u "$BOB" >/dev/null 2>&1 &
		pid=$!
		sleep "0.0$((RANDOM % 30))"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	run -0 timeout 10 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\nb UID FETCH 1:* (UID)\r\nc SELECT Trash\r\nd NOOP\r\n')
	has "$output" '^\* 40 EXISTS'
	has "$output" '^d OK'
	is '' "$(sed 1d "$BOX/dovecot-uidlist" | cut -d' ' -f1 | sort | uniq -d)"
	is '' "$(sed 's/.*://' "$BOX/dovecot-uidlist" | sort | uniq -d)"
}

@test "parallel sessions, deliveries and a program that renames without a lock" {
	needs python3
	run -0 "$LIB/imap-parallel" "$BIN/imap-session" "$BOB" "$BOX" 4 30
	has "$output" '0 faults'
}

@test "sizes in a name that are wrong are not believed" {
	put 'cur/1700000001.M1P1.h,S=5,W=5:2,'
	put 'cur/1700000002.M1P1.h,S=5:2,'
	local size
	size=$(crlf <"$BOX/cur/1700000001.M1P1.h,S=5,W=5:2," | wc -c)
	run -0 raw <<<'a SELECT INBOX
b FETCH 1:2 (RFC822.SIZE)
c FETCH 1 BODY.PEEK[]
d NOOP'
	has "$output" "^\* 1 FETCH \(RFC822.SIZE $size\)"
	has "$output" "^\* 1 FETCH \(BODY\[\] \{$size\}"
	has "$output" '^d OK'
}

@test "symbolic links, pipes and directories among the messages are none" {
	ln -s /etc/passwd "$BOX/cur/1700000001.M1P1.h:2,"
	mkfifo "$BOX/cur/1700000002.M1P1.h:2,"
	mkdir "$BOX/cur/1700000003.M1P1.h:2,"
	put "cur/1700000004
.M1P1.h:2,"
	put 'cur/1700000005.M1P1.h:2,'
	run -0 raw <<<'a SELECT INBOX
b FETCH 1:* BODY.PEEK[HEADER]'
	has "$output" '^\* 1 EXISTS'
	hasnt "$output" 'root:'
}

@test "pipes in the place of the mailbox's own files keep nobody waiting" {
	put 'cur/1700000001.M1P1.h:2,'
	mkfifo "$BOX/dovecot-keywords" "$BOX/dovecot-uidvalidity" \
		"$BOX/dovecot-uidlist.tmp"
	rm -f "$BOX/subscriptions"
	mkfifo "$BOX/subscriptions"
	own
	run -0 timeout 10 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\nb LSUB "" *\r\nc SUBSCRIBE X\r\nd NOOP\r\n')
	has "$output" '^\* 1 EXISTS'
	has "$output" '^a OK'
	has "$output" '^b NO'
	has "$output" '^c NO'
	has "$output" '^d OK'
	rm "$BOX/dovecot-uidlist"
	mkfifo "$BOX/dovecot-uidlist"
	own
	run -0 timeout 10 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\nd NOOP\r\n')
	has "$output" '^a NO \[UNAVAILABLE\]'
	has "$output" '^d OK'
}

@test "a directory or a pipe in the place of a lock: refused at once" {
	put 'cur/1700000001.M1P1.h:2,'
	raw <<<'a SELECT INBOX' >/dev/null
	mkdir "$BOX/dovecot-uidlist.lock" "$BOX/subscriptions.lock"
	mkfifo "$BOX/dovecot-keywords.lock"
	own
	local start=$SECONDS
	run -0 timeout 20 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Seen)\r\nc SUBSCRIBE Trash\r\nd UNSUBSCRIBE Trash\r\n')
	has "$output" '^b NO \[UNAVAILABLE\]'
	has "$output" '^d NO'
	rmdir "$BOX/dovecot-uidlist.lock"
	run -0 timeout 20 "$BIN/imap-session" -u "$BOB" < <(printf 'a SELECT INBOX\r\nb STORE 1 +FLAGS (word)\r\n')
	has "$output" '^b NO \[UNAVAILABLE\]'
	[ $((SECONDS - start)) -lt 4 ]
}

@test "a mailbox that cannot be written is shown, and changes are refused" {
	[ "$(id -u)" = 0 ] || skip "needs root, for another user's files"
	put 'cur/1700000001.M1P1.h:2,'
	raw <<<'a SELECT INBOX'
	chown -R root:root "$BOX"
	chmod -R a+rX "$BOX" "$MAIL"
	run -0 raw <<<'a SELECT INBOX
b STORE 1 +FLAGS (\Seen)
c FETCH 1 FLAGS
d CREATE X
e APPEND INBOX {3+}
abc
f COPY 1 Trash'
	has "$output" '^\* 1 EXISTS'
	has "$output" '^b NO \[NOPERM\]'
	has "$output" '^\* 1 FETCH \(FLAGS \(\)\)'
	has "$output" '^d NO'
	has "$output" '^e NO'
	has "$output" '^f NO'
}

@test "a mailbox that cannot be written and has no list of UIDs is shown" {
	[ "$(id -u)" = 0 ] || skip "needs root, for another user's files"
	put 'cur/1700000002.M1P1.h:2,F' two
	put 'cur/1700000001.M1P1.h:2,S' one
	put 'new/1700000003.M1P1.h' three
	rm -f "$BOX/dovecot-uidlist"
	chown -R root:root "$BOX"
	chmod -R a+rX "$BOX" "$MAIL"
	run -0 raw <<<'a STATUS INBOX (MESSAGES UIDVALIDITY)
b SELECT INBOX
c UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])
d NOOP
e UID FETCH 2 FLAGS
f STORE 1 +FLAGS (\Deleted)'
	has "$output" '^\* STATUS .*MESSAGES 3'
	has "$output" '^\* 3 EXISTS'
	has "$output" '^\* 1 FETCH \(UID 1 FLAGS \(\\Seen\)'
	has "$output" '^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged\)\)'
	has "$output" '^\* 3 FETCH \(UID 3 '
	has "$output" '^Subject: three'
	hasnt "$output" EXPUNGE
	has "$output" '^f NO \[NOPERM\]'
	[ ! -e "$BOX/dovecot-uidlist" ]
	# the same numbers the next time, as long as nothing changes
	local before=$output
	run -0 raw <<<'b SELECT INBOX'
	has "$output" "$(grep -o 'UIDVALIDITY [0-9]*\]' <<<"$before")"
}

@test "a message that comes to a mailbox without a list that can be written" {
	[ "$(id -u)" = 0 ] || skip "needs root, for another user's files"
	put 'cur/1700000005.M1P1.h:2,' one
	rm -f "$BOX/dovecot-uidlist"
	chown -R root:root "$BOX"
	chmod -R a+rX "$BOX" "$MAIL"
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT INBOX\r\n' >&5
	wait_until 5 grep -q '^a OK' "$BATS_TEST_TMPDIR/out"
	mail_text two >"$BOX/cur/1700000001.M1P1.h:2,F"
	chmod a+r "$BOX/cur/1700000001.M1P1.h:2,F"
	printf 'b NOOP\r\nc UID FETCH 1:* FLAGS\r\nd LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 5 grep -q '^d OK' "$BATS_TEST_TMPDIR/out"
	run -0 tr -d '\r' <"$BATS_TEST_TMPDIR/out"
	has "$output" '^\* 2 EXISTS'
	has "$output" '^\* 1 FETCH \(UID 1 FLAGS \(\)\)'
	has "$output" '^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged\)\)'
}

@test "a full disk: APPEND, COPY and STORE fail cleanly, UIDs stay" {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount"
	local mount=$BATS_TEST_TMPDIR/small
	mkdir "$mount"
	mount -t tmpfs -o size=300k tmpfs "$mount" || skip "cannot mount"
	cp -a "$MAIL/." "$mount/"
	chmod 755 "$mount"
	setting virtual_mailbox_base "$mount"
	BOX=$mount/example.test/bob
	put 'cur/1700000001.M1P1.h:2,'
	raw <<<'a SELECT INBOX' >"$BATS_TEST_TMPDIR/before"
	dd if=/dev/zero of="$mount/fill" bs=1k 2>/dev/null || true
	run -0 raw <<<"a SELECT INBOX
b APPEND INBOX {20000+}
$(head -c 20000 /dev/zero | tr '\0' x)
c APPEND INBOX {400000+}
$(head -c 400000 /dev/zero | tr '\0' x)
d NOOP
e LOGOUT"
	rm "$mount/fill"
	has "$output" '^a OK'
	has "$output" '^b NO \[OVERQUOTA\]'
	has "$output" '^c NO \[OVERQUOTA\]'
	has "$output" '^d OK'
	is '' "$(find "$BOX/tmp" -type f)"
	is "$(grep UIDV "$BATS_TEST_TMPDIR/before")" "$(raw <<<'a SELECT INBOX' | grep UIDV)"
	umount "$mount"
}

@test "10,000 messages are selected and their flags fetched in well under a second" {
	local i
	(cd "$BOX/cur" && printf '%s\0' {10001..20000} |
		xargs -0 -n 500 sh -c 'for i; do echo "A: b" >"1700000000.M${i}P1.h,S=5,W=6:2,S"; done' sh)
	own
	raw <<<'a SELECT INBOX' >/dev/null
	local start end
	start=$(date +%s%N)
	run -0 raw <<<'a SELECT INBOX
b UID FETCH 1:* (FLAGS)'
	end=$(date +%s%N)
	has "$output" '^\* 10000 FETCH \(UID 10000 FLAGS \(\\Seen\)\)'
	echo "$(((end - start) / 1000000)) ms"
	[ $(((end - start) / 1000000)) -lt 1000 ]
}

@test "nothing is read from the messages to select and list flags" {
	needs strace
	local i
	for i in {1..20}; do
		put "cur/17000000$((10 + i)).M1P1.h:2,"
	done
	raw <<<'a SELECT INBOX' >/dev/null
	printf 'a SELECT INBOX\r\nb UID FETCH 1:* (FLAGS)\r\n' |
		strace -f -qq -e trace=openat,newfstatat -o "$BATS_TEST_TMPDIR/trace" \
			"$BIN/imap-session" -u "$BOB" >/dev/null
	hasnt "$(cat "$BATS_TEST_TMPDIR/trace")" 'cur/1700'
}

# path_of_bob LENGTH PATH: mailboxes.cdb made by hand; PATH as for printf %b.
path_of_bob()
{
	{
		printf '+0,8:->besace 1\n+%d,%d:%s->' "${#BOB}" "$1" "$BOB"
		printf '%b\n\n' "$2"
	} | cdb -c -t "$BESACE_ETC/tmp" "$BESACE_ETC/mailboxes.cdb" -
}

@test "a mailbox that was restored without its empty directories" {
	mkdir -p "$BOX/.Back/cur"
	put '.Back/cur/1700000001.M1P1.h:2,' one
	run -0 raw <<-'END'
	a SELECT Back
	b STORE 1 +FLAGS (\Seen)
	c APPEND Back {4+}
	x

	d STATUS Back (MESSAGES)
	END
	has "$output" '^a OK \[READ-WRITE\]'
	has "$output" '^b OK'
	has "$output" '^c OK \[APPENDUID [0-9]+ 2\]'
	has "$output" '^\* STATUS Back \(MESSAGES 2\)'
	rmdir "$BOX/.Back/tmp"
	run -0 raw <<<'a STATUS Back (MESSAGES)'
	[ -d "$BOX/.Back/tmp" ]
	# what is no mailbox does not become one
	rm -r "$BOX"/.Back/*
	run -0 raw <<<'a SELECT Back'
	has "$output" '^a NO'
	[ ! -e "$BOX/.Back/new" ]
}

@test "a map with a path that is none: no session, and no mail, instead of another's" {
	needs cdb
	path_of_bob 16 'example.test/bob'
	run -0 raw <<<'a SELECT INBOX'
	has "$output" '^a OK'
	path_of_bob 0 ''
	run ! imap_session -u "$BOB" </dev/null
	hasnt "$output" PREAUTH
	logged 'error.*without a path'
	path_of_bob 18 'example.test/bob\0x'
	run ! imap_session -u "$BOB" </dev/null
	hasnt "$output" PREAUTH
	run -75 "$BIN/deliver" "$BOB" < <(mail_text)
	path_of_bob 18 'example.test/bob\nx'
	run ! imap_session -u "$BOB" </dev/null
	[ ! -e "$BOX
x" ]
	is '' "$(find "$BOX/new" -type f)"
}

@test "STORE goes on past a file name that has no room for the flags, and tells which" {
	local dir long
	dir=$(maildir bob)
	long=$(printf 'x%.0s' {1..234})
	mail_text one >"$dir/cur/1.M1.h:2,"
	mail_text two >"$dir/cur/2.M1$long.h:2,abcdefghijkl"
	mail_text three >"$dir/cur/3.M1.h:2,"
	mail_text four >"$dir/cur/4.M1$long.h:2,abcdefghijkl"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$dir"
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b STORE 1:4 +FLAGS.SILENT (\\Seen \\Flagged)
	S: * 1 FETCH (FLAGS (\\Flagged \\Seen))
	S~ \* 2 FETCH \(FLAGS \((?!.*Seen)
	S: * 3 FETCH (FLAGS (\\Flagged \\Seen))
	S~ \* 4 FETCH \(FLAGS \((?!.*Seen)
	S= b NO [LIMIT] No room for the flags in the file names of 2,4
	C: c UID STORE 4 +FLAGS (\\Seen)
	S: * 4 FETCH
	S= c NO [LIMIT] No room for the flags in the file names of 4
	C: d STORE 2:4 -FLAGS.SILENT (\\Flagged)
	S: d OK
	C: e UID STORE 1:2 (UNCHANGEDSINCE 1) +FLAGS (\\Draft)
	S.~ e OK \[MODIFIED 1:2\]
	END
}
