#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# NOTIFY (RFC 5465): told between commands, in them and in IDLE.

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
	OUT=$BATS_TEST_TMPDIR/out
	mkfifo "$BATS_TEST_TMPDIR/in"
}

# put FILE [SUBJECT]: a message there, whole at once.
put()
{
	mail_text "${2:-greetings}" >"$BOX/tmp/put"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$BOX/tmp/put"
	mv "$BOX/tmp/put" "$BOX/$1"
}

# session COMMAND...: a session of bob's that has run these; descriptor 5.
session()
{
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$OUT" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	say "$@" 'ready NOOP'
	told '^ready OK'
}

# say COMMAND...: in the session.
say()
{
	printf '%s\r\n' "$@" >&5
}

# other COMMAND...: another session of bob's runs them.
other()
{
	printf '%s\r\n' "$@" | imap_session -u "$BOB" >"$OUT.other"
}

# told REGEX: the session has sent such a line, or does soon.
told()
{
	wait_until 20 grep -Eq "$1" "$OUT" || {
		cat "$OUT"
		return 1
	}
}

leave()
{
	say 'last LOGOUT'
	exec 5>&-
	told '^last OK'
}

@test "NOTIFY: arguments, good and bad" {
	imap_dialogue -u "$BOB" <<-'END'
	S~ \* PREAUTH .* NOTIFY
	C: a NOTIFY NONE
	S: a OK
	C: b NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (inboxes (MessageNew MessageExpunge))
	S: b OK
	C: c notify set status (Mailboxes (INBOX "Sent") (messagenew messageexpunge)) (SUBTREE Drafts NONE)
	S~ \* STATUS INBOX \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY [0-9]+\)
	S~ \* STATUS Sent \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY [0-9]+\)
	S: c OK
	C: d NOTIFY SET (selected-delayed NONE) (personal (MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))
	S: d OK
	C: e NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))
	S~ e NO \[BADEVENT \(MessageNew .*\)\]
	C: f NOTIFY SET (personal (Bogus))
	S: f NO [BADEVENT
	C: g NOTIFY SET (personal (MessageNew))
	S: g BAD
	C: h NOTIFY SET (personal (FlagChange))
	S: h BAD
	C: i NOTIFY SET (selected (MailboxName))
	S: i BAD
	C: j NOTIFY SET (selected NONE) (selected-delayed NONE)
	S: j BAD
	C: k NOTIFY SET (personal (MessageNew (UID) MessageExpunge))
	S: k BAD
	C: l NOTIFY SET (bogus NONE)
	S: l BAD
	C: m NOTIFY SET
	S: m BAD
	C: n NOTIFY
	S: n BAD
	C: o NOTIFY SET (mailboxes (MessageNew MessageExpunge))
	S: o BAD
	C: p NOTIFY SET (mailboxes None (MessageNew MessageExpunge))
	S: p OK
	C: q NOTIFY SET (selected (MessageNew UID MessageExpunge))
	S: q NO [BADEVENT
	C: r NOTIFY SET (personal ())
	S: r BAD
	END
}

@test "news of the selected mailbox between commands, with what was asked for" {
	put cur/1700000001.M1P1.h:2,
	session 'a SELECT INBOX' \
		'b NOTIFY SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))'
	put new/1700000002.M1P1.h second
	told '^\* 2 EXISTS'
	told '^\* 2 FETCH \(UID 2 BODY\[HEADER.FIELDS \(SUBJECT\)\]'
	told '^Subject: second'
	wait_until 5 test -e "$BOX/cur/1700000002.M1P1.h:2,"
	mv "$BOX/cur/1700000002.M1P1.h:2," "$BOX/cur/1700000002.M1P1.h:2,F"
	told '^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged'
	rm "$BOX/cur/1700000001.M1P1.h:2,"
	told '^\* 1 EXPUNGE'
	leave
}

@test "SELECTED-DELAYED: an expunge waits for a command or IDLE" {
	put cur/1700000001.M1P1.h:2,
	put cur/1700000002.M1P1.h:2,
	session 'a SELECT INBOX' \
		'b NOTIFY SET (selected-delayed (MessageNew MessageExpunge))'
	rm "$BOX/cur/1700000001.M1P1.h:2,"
	put new/1700000003.M1P1.h
	told '^\* 3 EXISTS'
	hasnt "$(<"$OUT")" EXPUNGE
	say 'c FETCH 1 FLAGS'
	told '^c '
	hasnt "$(<"$OUT")" EXPUNGE
	say 'd IDLE'
	told '^\* 1 EXPUNGE'
	say DONE
	told '^d OK'
	leave
}

@test "other mailboxes: STATUS of new messages, flags, expunges; not twice" {
	put .Sent/cur/1700000001.M1P1.h:2,
	session 'a SELECT INBOX' \
		'b NOTIFY SET STATUS (mailboxes (Sent Trash) (MessageNew MessageExpunge FlagChange)) (selected (MessageNew MessageExpunge))'
	told '^\* STATUS Sent \(HIGHESTMODSEQ [0-9]+ MESSAGES 1 UIDNEXT 2 UIDVALIDITY [0-9]+ UNSEEN 1\)'
	put .Sent/new/1700000002.M1P1.h
	told '^\* STATUS Sent \(MESSAGES 2 UIDNEXT 3 UNSEEN 2\)'
	other 'a SELECT Sent' 'b STORE 1 +FLAGS (\Seen)'
	told '^\* STATUS Sent \(UNSEEN 1\)'
	rm "$BOX"/.Sent/cur/1700000001.M1P1.h:2,S
	told '^\* STATUS Sent \(MESSAGES 1 UIDNEXT 3'
	put .Drafts/new/1700000003.M1P1.h
	put .Trash/new/1700000003.M1P1.h
	told '^\* STATUS Trash \(MESSAGES 1'
	hasnt "$(<"$OUT")" 'STATUS Drafts'
	leave
}

@test "other mailboxes in IDLE, and nothing else; NOTIFY NONE: nothing" {
	session 'a SELECT INBOX' \
		'b NOTIFY SET (mailboxes Trash (MessageNew MessageExpunge))'
	say 'c IDLE'
	told '^\+ idling'
	put new/1700000001.M1P1.h
	put .Trash/new/1700000002.M1P1.h
	told '^\* STATUS Trash \(MESSAGES 1 UIDNEXT 2\)'
	hasnt "$(<"$OUT")" '1 EXISTS'
	say DONE 'd NOOP'
	told '^d OK'
	has "$(<"$OUT")" '^\* 1 EXISTS'
	say 'e NOTIFY NONE' 'f IDLE'
	told '^e OK'
	put .Trash/new/1700000003.M1P1.h
	say DONE 'g NOOP'
	told '^g OK'
	hasnt "$(<"$OUT")" 'MESSAGES 2'
	leave
}

@test "mailboxes created, deleted, renamed with those under them, subscribed" {
	session 'a NOTIFY SET (personal (MailboxName SubscriptionChange))'
	other 'a CREATE One.Two'
	told '^\* LIST \(\\HasNoChildren\) "\." One\.Two'
	other 'a CREATE One'
	told '" One.?$'
	other 'a RENAME One Three'
	told '^\* LIST \(.*\) "\." Three \("OLDNAME" \(One\)\)'
	other 'a DELETE Three.Two'
	told '^\* LIST \(\\NonExistent \\HasNoChildren\) "\." Three\.Two'
	# unless we looked in between
	! grep -q 'HasChildren.*OLDNAME' "$OUT" ||
		hasnt "$(<"$OUT")" 'OLDNAME.*Two'
	other 'a SUBSCRIBE Three'
	told '^\* LIST \(\\HasNoChildren \\Subscribed\) "\." Three'
	other 'a UNSUBSCRIBE Three'
	told '^\* LIST \(\\HasNoChildren\) "\." Three'
	# by a program that takes its time
	mkdir "$BOX/.Slow"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$BOX/.Slow"
	other 'a CREATE Quick'
	told '" Quick'
	hasnt "$(<"$OUT")" '" Slow'
	mkdir "$BOX/.Slow/new" "$BOX/.Slow/tmp" "$BOX/.Slow/cur"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	other 'a CREATE Last'
	told '" Slow'
	# our own are not told
	say 'b CREATE Mine' 'c SUBSCRIBE Mine' 'd RENAME Mine Yours' 'e DELETE Yours'
	told '^e OK'
	hasnt "$(<"$OUT")" 'Mine|Yours'
	leave
}

@test "a mailbox created later is watched too, if it is one of those asked for" {
	session 'a NOTIFY SET (subtree Lists (MessageNew MessageExpunge)) (subscribed (MessageNew MessageExpunge))'
	other 'a CREATE Lists.one' 'b CREATE Other'
	say 'b NOOP'
	told '^b OK'
	put .Lists.one/new/1700000001.M1P1.h
	told '^\* STATUS Lists\.one \(MESSAGES 1 UIDNEXT 2\)'
	other 'a SUBSCRIBE Other'
	say 'c NOOP'
	told '^c OK'
	put .Other/new/1700000001.M1P1.h
	told '^\* STATUS Other \(MESSAGES 1 UIDNEXT 2\)'
	leave
}

@test "annotations: which ones changed, of mailboxes and the server" {
	other 'a SETMETADATA Sent (/private/a "1" /private/b "2")'
	session 'a NOTIFY SET (personal (MailboxMetadataChange ServerMetadataChange))'
	other 'a SETMETADATA Sent (/private/a "changed" /private/c "new")'
	told '^\* METADATA Sent /private/a /private/c'
	other 'a SETMETADATA Sent (/private/b NIL)'
	told '^\* METADATA Sent /private/b'
	other 'a SETMETADATA INBOX (/private/comment "x")'
	told '^\* METADATA INBOX /private/comment'
	other 'a SETMETADATA "" (/shared/comment "x")'
	told '^\* METADATA "" /shared/comment'
	say 'b SETMETADATA Trash (/private/mine "x")'
	told '^b OK'
	say 'c NOOP'
	told '^c OK'
	hasnt "$(<"$OUT")" '/private/mine'
	leave
}

@test "too much to watch: [NOTIFICATIONOVERFLOW], and the session goes on" {
	"$LIB/without-inotify" instances true || skip "needs a user namespace"
	printf '%s\r\n' \
		'a NOTIFY SET (personal (MessageNew MessageExpunge))' \
		'b NOOP' >"$BATS_TEST_TMPDIR/commands"
	run -0 "$LIB/without-inotify" watches "$BIN/imap-session" -u "$BOB" \
		<"$BATS_TEST_TMPDIR/commands"
	has "$output" '^a NO \[NOTIFICATIONOVERFLOW\]'
	has "$output" '^b OK'
	run -0 "$LIB/without-inotify" instances "$BIN/imap-session" -u "$BOB" \
		<"$BATS_TEST_TMPDIR/commands"
	has "$output" '^a NO \[NOTIFICATIONOVERFLOW\]'
}

@test "a mailbox that cannot be opened is no reason not to tell of the others" {
	mkdir -p "$BOX"/.Odd/{new,tmp} "$BOX"/.Late/{new,tmp}
	ln -s /etc "$BOX/.Odd/cur"
	ln -s / "$BOX/.Elsewhere"
	session 'a NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))'
	told '^a OK'
	ln -s /etc "$BOX/.Late/cur"
	other 'a CREATE Other'
	told '^\* LIST .* Other'
	put .Sent/cur/1700000001.M1P1.mx:2,S
	told '^\* STATUS Sent .*MESSAGES 1'
	leave
}

@test "mailboxes that become too many: the rest of the session is told nothing" {
	session 'a NOTIFY SET (personal (MailboxName))'
	(cd "$BOX" && eval 'mkdir -p .{1..1010}/cur')
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	told '^\* OK \[NOTIFICATIONOVERFLOW\]'
	other 'a CREATE One'
	say 'b NOOP'
	told '^b OK'
	hasnt "$(<"$OUT")" '" One'
	leave
}
