#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# IDLE (RFC 2177): what others do is told at once, with inotify and without.

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
	OUT=$BATS_TEST_TMPDIR/out
	mkfifo "$BATS_TEST_TMPDIR/in"
}

# put FILE: a message there, whole at once.
put()
{
	mail_text greetings >"$BOX/tmp/put"
	own
	mv "$BOX/tmp/put" "$BOX/$1"
}

own()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# idle [FOLDER] [PROGRAM...]: a session of bob's in IDLE, written to by
# descriptor 5; started by PROGRAM. PID is the process.
idle()
{
	local folder=${1-INBOX}
	shift || true
	"$@" "$BIN/imap-session" -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$OUT" \
		2>>"$(log_file)" &
	PID=$!
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT %s\r\nb IDLE\r\n' "$folder" >&5
	told '^\+ idling'
}

# told REGEX: the session has sent such a line, or does soon.
told()
{
	wait_until 20 grep -Eq "$1" "$OUT"
}

leave()
{
	printf 'dONe\r\nc LOGOUT\r\n' >&5
	exec 5>&-
	told '^b OK'
	told '^c OK'
}

# all_news: a message comes, is flagged, gets a keyword, goes.
all_news()
{
	put new/1700000002.M1P1.h
	told '^\* 2 EXISTS'
	wait_until 5 test -e "$BOX/cur/1700000002.M1P1.h:2,"
	mv "$BOX/cur/1700000002.M1P1.h:2," "$BOX/cur/1700000002.M1P1.h:2,F"
	told '^\* 2 FETCH .*FLAGS \(\\Flagged'
	imap_session -u "$BOB" >"$OUT.2" <<-'END'
		a SELECT INBOX
		b STORE 2 +FLAGS.SILENT (word)
	END
	told '^\* 2 FETCH .*FLAGS \(\\Flagged.* word\)'
	rm "$BOX/cur/1700000001.M1P1.h:2,"
	told '^\* 1 EXPUNGE'
}

@test "news by others: a message, its flags, a keyword, an expunge" {
	put cur/1700000001.M1P1.h:2,
	idle
	all_news
	leave
}

# without LIMIT: all_news, where inotify has run out.
without()
{
	"$LIB/without-inotify" "$1" true || skip "needs a user namespace"
	put cur/1700000001.M1P1.h:2,
	idle INBOX "$LIB/without-inotify" "$1"
	all_news
	leave
}

@test "the same when this user has no inotify instance left" {
	without instances
}

@test "the same when this user may watch no more directories" {
	without watches
}

@test "cur/ goes away for a while: nothing is told expunged, news afterwards" {
	put cur/1700000001.M1P1.h:2,
	idle
	mv "$BOX/cur" "$BOX/elsewhere"
	put new/1700000002.M1P1.h
	mv "$BOX/elsewhere" "$BOX/cur"
	told '^\* 2 EXISTS'
	hasnt "$(<"$OUT")" EXPUNGE
	put new/1700000003.M1P1.h
	told '^\* 3 EXISTS'
	leave
}

@test "IDLE without a mailbox, and in one that is deleted meanwhile" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a IDLE
	S: + idling
	C: DONE
	S: a OK
	C: b CREATE Short
	S: b OK
	END
	idle Short
	imap_session -u "$BOB" <<<'a DELETE Short' >"$OUT.2"
	told '^\* NO \[NONEXISTENT\]'
	leave
}

@test "a sign of life every imap_idle_notify_interval" {
	setting imap_idle_notify_interval 1s
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b IDLE
	S: + idling
	S: * OK Still here
	S: * OK Still here
	C: DONE
	S: b OK
	END
}

# dirty PID: KiB of memory that are this process's alone.
dirty()
{
	awk '$1 == "Private_Dirty:" { print $2 }' "/proc/$1/smaps_rollup"
}

at_most()
{
	(($(dirty "$1") <= $2))
}

@test "a session in IDLE gives the memory of its commands back" {
	! sanitized || skip "the checking build keeps what is freed"
	local before
	put cur/1700000001.M1P1.h:2,
	idle
	printf 'DONE\r\nc NOOP\r\n' >&5
	told '^c OK'
	before=$(dirty "$PID")
	{
		printf 'd UID FETCH 1'
		printf ',%d' {100001..160000}
		printf ' FLAGS\r\ne IDLE\r\n'
	} >&5
	told '^d OK'
	wait_until 20 at_most "$PID" $((before + 60))
	put new/1700000002.M1P1.h
	told '^\* 2 EXISTS'
	printf 'DONE\r\n' >&5
	told '^e OK'
	leave
}
