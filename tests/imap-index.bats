#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace.index: a mailbox that has not changed is opened without being read; what
# others do to it, and what happens to the index itself, does not confuse anybody.

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

# told NAME: what SELECT said last of it.
told()
{
	sed -nE "s/^\* OK \[$1 ([0-9]+)\].*/\1/p" <<<"$output" | tail -1
}

# The times of cur/ and new/ are so old that they hide nothing.
age()
{
	touch -d "@$((1700000000 + ++AGE))" "$BOX/cur" "$BOX/new"
}

# traced < commands: what a session opened and listed, in $BATS_TEST_TMPDIR/trace.
traced()
{
	crlf | strace -f -y -o "$BATS_TEST_TMPDIR/trace" \
		-e trace=openat,getdents64,renameat,renameat2,unlinkat,linkat,write \
		"$BIN/imap-session" -u "$BOB" 2>/dev/null | tr -d '\r'
}

# everything: each mailbox's messages as a client sees them.
everything()
{
	raw <<-'END' | sed -E '/MODSEQ|PREAUTH|^\* BYE/d'
	b SELECT INBOX
	c UID FETCH 1:* (UID FLAGS BODY.PEEK[])
	d LOGOUT
	END
}

# rebuilt: the view is as before, and the index is there again.
rebuilt()
{
	is "$before" "$(everything)"
	[ -f "$BOX/besace.index" ]
	head -c 8 "$BOX/besace.index" | grep -q besaceIX
}

@test "an unchanged mailbox is opened without reading messages, directories or UIDs" {
	needs strace
	put_messages 50
	age
	raw <<<'a SELECT INBOX' >/dev/null
	run -0 traced <<-'END'
	a SELECT INBOX
	b STATUS INBOX (MESSAGES UNSEEN UIDNEXT)
	c FETCH 1:* FLAGS
	d LOGOUT
	END
	has "$output" '^\* 50 EXISTS'
	has "$output" 'MESSAGES 50 UIDNEXT 51 UNSEEN 50'
	# no directory, no message; nothing is written but answers
	hasnt "$(cat "$BATS_TEST_TMPDIR/trace")" '"(cur|new)["/]'
	hasnt "$(cat "$BATS_TEST_TMPDIR/trace")" 'getdents64|rename|unlink|\.lock'
	hasnt "$(grep -o 'openat.*' "$BATS_TEST_TMPDIR/trace")" 'O_CREAT'
}

@test "what comes to new/ is added; cur/ is not read" {
	needs strace
	put_messages 50
	age
	raw <<<'a SELECT INBOX' >/dev/null
	mail_text late >"$BOX/new/1700009999.M1P1.mx"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX/new"
	touch -d @1600000000 "$BOX/new"
	run -0 traced <<<'a STATUS INBOX (MESSAGES RECENT)'
	has "$output" 'MESSAGES 51 RECENT 1'
	hasnt "$(cat "$BATS_TEST_TMPDIR/trace")" '"cur"'
	run -0 traced <<<'a SELECT INBOX'
	has "$output" '^\* 51 EXISTS'
	has "$output" '^\* 1 RECENT'
	hasnt "$(grep openat "$BATS_TEST_TMPDIR/trace")" '"cur"'
	[ -e "$BOX/cur/1700009999.M1P1.mx:2," ]
}

@test "mod-sequences last; what another program does gets later ones" {
	put_messages 5
	age
	run -0 raw <<<$'a ENABLE QRESYNC\nb SELECT INBOX'
	then=$(told HIGHESTMODSEQ)
	validity=$(told UIDVALIDITY)
	mv "$BOX/cur/17000001002.M1P1.mx:2," "$BOX/cur/17000001002.M1P1.mx:2,F"
	rm "$BOX/cur/17000001004.M1P1.mx:2,"
	age
	for i in 1 2; do
		run -0 raw <<-END
		a ENABLE QRESYNC
		b SELECT INBOX (QRESYNC ($validity $then))
		END
		has "$output" '^\* VANISHED \(EARLIER\) 4$'
		has "$output" 'FETCH \(UID 2 FLAGS \(\\Flagged\) MODSEQ \([0-9]+\)\)'
		hasnt "$output" 'UID [135] '
	done
	now=$(told HIGHESTMODSEQ)
	((now > then))
	run -0 raw <<-END
	a ENABLE QRESYNC
	b SELECT INBOX (QRESYNC ($validity $now))
	END
	hasnt "$output" 'VANISHED|FETCH'
}

@test "two sessions tell one mod-sequence of a change" {
	put_messages 3
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a ENABLE CONDSTORE\r\nb SELECT INBOX\r\n' >&5
	wait_until 5 grep -q '^b OK' "$BATS_TEST_TMPDIR/out"
	run -0 raw <<<$'a ENABLE CONDSTORE\nb SELECT INBOX\nc STORE 2 +FLAGS (\\Flagged)'
	modseq=$(grep -oE 'MODSEQ \([0-9]+\)' <<<"$output" | tail -1)
	[ -n "$modseq" ]
	printf 'c NOOP\r\nd FETCH 2 (FLAGS MODSEQ)\r\ne LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 5 grep -q '^e OK' "$BATS_TEST_TMPDIR/out"
	is 2 "$(grep -cF "$modseq" "$BATS_TEST_TMPDIR/out")"
}

@test "the index can be deleted at any time" {
	put_messages 5
	run -0 raw <<<$'a SELECT INBOX\nb STORE 2 +FLAGS (\\Flagged word)'
	then=$(told HIGHESTMODSEQ)
	before=$(everything)
	rm "$BOX/besace.index"
	rebuilt
	run -0 raw <<<'a SELECT INBOX'
	(($(told HIGHESTMODSEQ) > then))
	# while it is selected, too
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT INBOX\r\n' >&5
	wait_until 5 grep -q '^a OK' "$BATS_TEST_TMPDIR/out"
	rm "$BOX/besace.index"
	printf 'b STORE 1 +FLAGS (\\Flagged)\r\nc FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])\r\nd LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 5 grep -q '^d OK' "$BATS_TEST_TMPDIR/out"
	is 5 "$(grep -c '^Subject: number' "$BATS_TEST_TMPDIR/out")"
	has "$(cat "$BATS_TEST_TMPDIR/out")" '^\* 1 FETCH \(FLAGS \(\\Flagged\)\)'
	before=$(everything)
	rebuilt
}

@test "a damaged index is made anew, and that is logged once" {
	put_messages 20
	age
	raw <<<$'a SELECT INBOX\nb STORE 3 +FLAGS (\\Flagged)\nc LOGOUT' >/dev/null
	before=$(everything)
	size=$(stat -c %s "$BOX/besace.index")
	cp -p "$BOX/besace.index" "$BATS_TEST_TMPDIR/good"
	# the header, a message, a name, a frame
	for at in 20 100 1300 $((size - 10)); do
		printf '\377' | dd of="$BOX/besace.index" bs=1 seek="$at" \
			conv=notrunc status=none
		rebuilt
	done
	for keep in 0 7 63 64 500 $((size - 200)) $((size - 1)); do
		head -c "$keep" "$BATS_TEST_TMPDIR/good" >"$BOX/besace.index"
		rebuilt
	done
	# of a version that is yet to come
	printf '\002' | dd of="$BOX/besace.index" bs=1 seek=8 conv=notrunc status=none
	: >"$(log_file)"
	rebuilt
	rebuilt
	is 1 "$(grep -c 'damaged, made anew.*besace.index' "$(log_file)")"
}

@test "whatever has the index's name: a pipe, a directory, a link" {
	put_messages 5
	before=$(everything)
	rm "$BOX/besace.index"
	mkfifo "$BOX/besace.index"
	rebuilt
	rm "$BOX/besace.index"
	mkdir "$BOX/besace.index"
	rebuilt
	rm "$BOX/besace.index"
	printf 'secret' >"$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$BOX/besace.index"
	rebuilt
	is secret "$(cat "$BATS_TEST_TMPDIR/elsewhere")"
	# one that does not go away is lived with
	rm "$BOX/besace.index"
	mkdir "$BOX/besace.index"
	touch "$BOX/besace.index/full"
	is "$before" "$(everything)"
}

@test "an index made long by mistake is read no further than it goes" {
	needs strace
	put_messages 5
	age
	before=$(everything)
	truncate -s 200M "$BOX/besace.index"
	crlf <<<$'a SELECT INBOX\nb LOGOUT' |
		strace -o "$BATS_TEST_TMPDIR/trace" -e trace=pread64 \
			"$BIN/imap-session" -u "$BOB" >/dev/null 2>&1
	run -0 awk '{ n += $NF } END { print int(n / 16777216) }' \
		"$BATS_TEST_TMPDIR/trace"
	is 0 "$output"
	: >"$(log_file)"
	rebuilt
	is 0 "$(grep -c damaged "$(log_file)")"
	# a frame that says it is that long
	raw <<<$'a SELECT INBOX\nb STORE 1 +FLAGS (\\Flagged)\nc LOGOUT' >/dev/null
	before=$(everything)
	printf '\377\377\377\013' >>"$BOX/besace.index"
	truncate -s 200M "$BOX/besace.index"
	rebuilt
}

@test "the index of another mailbox is not believed" {
	put_messages 5
	mkdir -p "$BOX"/.Other/{cur,new,tmp}
	for i in 1 2 3 4 5; do
		mail_text "of the other mailbox $i" >"$BOX/.Other/cur/x$i.y:2,FS"
	done
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	raw <<<$'a SELECT Other\nb FETCH 1:* FAST' >/dev/null
	raw <<<$'a SELECT INBOX\nb FETCH 1:* FAST' >/dev/null
	# even with its UIDVALIDITY
	validity=$(grep -oE 'V[0-9]+' "$BOX/dovecot-uidlist")
	sed -i "1s/V[0-9]*/$validity/" "$BOX/.Other/dovecot-uidlist"
	rm "$BOX/.Other/besace.index"
	raw <<<$'a SELECT Other\nb FETCH 1:* FAST' >/dev/null
	before=$(everything)
	run -0 raw <<<$'a SELECT INBOX\nb FETCH 1:* (RFC822.SIZE FLAGS)'
	sizes=$(grep FETCH <<<"$output")
	cp "$BOX/.Other/besace.index" "$BOX/besace.index"
	rebuilt
	run -0 raw <<<$'a SELECT INBOX\nb FETCH 1:* (RFC822.SIZE FLAGS)'
	is "$sizes" "$(grep FETCH <<<"$output")"
}

@test "EXAMINE writes only the index; a mailbox that cannot be written works" {
	put_messages 5
	raw <<<'a SELECT INBOX' >/dev/null
	mv "$BOX/cur/17000001002.M1P1.mx:2," "$BOX/cur/17000001002.M1P1.mx:2,F"
	files() { find "$BOX" -printf '%p %s %i %T@\n' | grep -v "^$BOX\( \|/besace.index \)" | sort; }
	before=$(files)
	run -0 raw <<<$'a EXAMINE INBOX\nb FETCH 2 FLAGS'
	has "$output" '^\* 2 FETCH \(FLAGS \(\\Flagged\)\)'
	is "$before" "$(files)"
	rm "$BOX/besace.index"
	chmod 500 "$BOX"
	run -0 raw <<<$'a ENABLE CONDSTORE\nb SELECT INBOX\nc FETCH 1:* (UID FLAGS)'
	chmod 700 "$BOX"
	has "$output" '^\* OK \[HIGHESTMODSEQ [0-9]+\]'
	has "$output" '^\* 5 FETCH .*UID 5 '
	[ ! -e "$BOX/besace.index" ]
}

@test "an upload into the selected mailbox does not read it for each message" {
	needs strace
	put_messages 30
	age
	raw <<<'a SELECT INBOX' >/dev/null
	{
		echo 'a SELECT INBOX'
		for i in $(seq 40); do
			printf 'b%d APPEND INBOX (\\Seen) {14+}\nSubject: %04d\n\n' "$i" "$i"
		done
		echo 'c LOGOUT'
	} >"$BATS_TEST_TMPDIR/commands"
	run -0 traced <"$BATS_TEST_TMPDIR/commands"
	has "$output" '^\* 70 EXISTS'
	has "$output" '^b40 OK \[APPENDUID [0-9]+ 70\]'
	# looked at once a second at most, in case somebody else changed it, too
	(($(grep -c 'getdents64.*/cur>' "$BATS_TEST_TMPDIR/trace") < 40))
}

@test "SIGKILL at any call of STORE, COPY, MOVE, EXPUNGE, APPEND, RENAME, DELETE: nothing lost, no wrong UID" {
	helper=$(dirname "$BIN")/still/syscall-fault
	[ -x "$helper" ] || skip "needs make still-programs"
	"$helper" /dev/null none 0 true || skip "not for this processor"
	run -0 "$LIB/imap-kills" "$helper" "$BIN/imap-session" "$BOX" few
	has "$output" '^[1-9][0-9]+ kills, 0 faults'
}

@test "what EXAMINE finds changed has one mod-sequence for everybody" {
	put_messages 5
	raw <<<'a SELECT INBOX' >/dev/null
	mv "$BOX/cur/17000001002.M1P1.mx:2," "$BOX/cur/17000001002.M1P1.mx:2,F"
	age
	run -0 raw <<<$'a EXAMINE INBOX (CONDSTORE)\nb FETCH 2 MODSEQ'
	then=$(grep FETCH <<<"$output")
	has "$then" '^\* 2 FETCH \(MODSEQ \([0-9]+\)\)$'
	run -0 raw <<<$'a SELECT INBOX (CONDSTORE)\nb FETCH 2 MODSEQ'
	is "$then" "$(grep FETCH <<<"$output")"
}

@test "a session goes on writing to an index that another has made anew" {
	put_messages 5
	export BOX
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (CONDSTORE)
	S.. a OK
	RUN rm "$BOX/besace.index"; other NOOP >/dev/null; [ -s "$BOX/besace.index" ]
	RUN mv "$BOX/cur/17000001002.M1P1.mx:2," "$BOX/cur/17000001002.M1P1.mx:2,F"
	RUN touch -d @1700000001 "$BOX/cur"
	C: b NOOP
	S~ \* 2 FETCH \(UID 2 FLAGS \(\\Flagged\) MODSEQ \((?P<TWO>\d+)\)\)$
	S: b OK
	RUN other 'FETCH 2 MODSEQ' | grep -F '* 2 FETCH (MODSEQ (${TWO}))'
	END
}

@test "a message that comes back after its expunge was told gets another UID" {
	put_messages 3
	user_dialogue <<-END
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	RUN mkdir $BATS_TEST_TMPDIR/away && mv $BOX/cur/* $BATS_TEST_TMPDIR/away
	C: b NOOP
	S: * 3 EXPUNGE
	S: * 2 EXPUNGE
	S: * 1 EXPUNGE
	S: b OK
	RUN mv $BATS_TEST_TMPDIR/away/* $BOX/cur
	C: c NOOP
	S.. * 3 EXISTS
	S.. c OK
	C: d UID SEARCH ALL
	S= * SEARCH 4 5 6
	S: d OK
	END
	run -0 raw <<<$'a SELECT INBOX\nb UID SEARCH ALL'
	has "$output" '^\* SEARCH 4 5 6$'
	rm "$BOX/besace.index"
	run -0 raw <<<$'a SELECT INBOX\nb UID SEARCH ALL'
	has "$output" '^\* SEARCH 4 5 6$'
}
