# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# For tests of programs that keep a Maildir, $NEAR, as bob's INBOX, $FAR. Such a
# test brings "synchronize", one run of the program, and "drop DIRECTORY REGEX",
# how one deletes the messages of this subject on a side.

# both_sides: the two, empty.
both_sides()
{
	mail_clear
	NEAR=$BATS_TEST_TMPDIR/near/INBOX
	FAR=$(maildir bob)
	mkdir -p "$NEAR"/{cur,new,tmp}
}

# The instance's certificate, which is its own authority.
save_certificate()
{
	export CERTIFICATE=$BATS_FILE_TMPDIR/certificate
	timeout 20 openssl s_client -connect "127.0.0.1:$IMAPS" -showcerts \
		</dev/null 2>/dev/null | openssl x509 >"$CERTIFICATE"
}

# fill DIRECTORY SIDE FROM TO: messages with these numbers and, in turn, the
# flags of FLAGS. In one process: there may be thousands.
FLAGS="S F RS FRS D"
fill()
{
	awk -v dir="$1/cur" -v side="$2" -v from="$3" -v to="$4" -v flags="$FLAGS" '
	BEGIN {
		n = split(flags, flag, " ")
		for (i = from; i <= to; i++) {
			file = dir "/1700000000.M" i "P" side ".mx:2," flag[i % (n + 1)]
			printf "From: c@elsewhere.test\nSubject: number %d %s\nMessage-ID: <%d.%s@x.test>\n\nText.\n",
				i, side, i, side >file
			close(file)
		}
	}'
	own
}

own()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$FAR"
}

# What a mailbox holds, both sides alike: subject and flags of each message.
state()
{
	(cd "$1" && grep -rH '^Subject: number' new cur 2>/dev/null) |
		sed -E 's#^(new|cur)/([^:]*)(:2,([A-Z]*))?:Subject: (.*)#\5 \4#' |
		tr -d '\r' | sort
}

# What a run without news may not touch: names, flags, times of every message.
listing()
{
	(cd "$1" && find new cur -type f -printf '%p %s %T@\n' | sort)
	[ "$1" = "$NEAR" ] || cat "$1/dovecot-uidlist"
}

# Sides that hold the same; a run changes nothing.
in_step()
{
	local far=$BATS_TEST_TMPDIR/far.listing near=$BATS_TEST_TMPDIR/near.listing
	diff <(state "$NEAR") <(state "$FAR")
	listing "$FAR" >"$far"
	listing "$NEAR" >"$near"
	run -0 synchronize
	diff "$far" <(listing "$FAR")
	diff "$near" <(listing "$NEAR")
}

uidvalidity()
{
	sed -nE '1s/^3 .*V([0-9]+).*/\1/p' "$FAR/dovecot-uidlist"
}

# files SIDE REGEX: the files of messages whose subject is "number REGEX".
files()
{
	grep -rlE "^Subject: number $2.?$" "$1/cur" "$1/new"
}

# reflag SIDE REGEX FLAGS
reflag()
{
	local file base
	while read -r file; do
		base=${file##*/}
		mv "$file" "$1/cur/${base%:2,*}:2,$3"
	done < <(files "$1" "$2")
}

# UID and name of each message.
uids()
{
	sed -E '1d;s/^([0-9]+) .*:/\1 /' "$FAR/dovecot-uidlist" | sort
}

# deliver_some COUNT: one after the other.
deliver_some()
{
	local i
	for ((i = 1; i <= $1; i++)); do
		mail_text "number $i delivered" | "$BIN/deliver" "$BOB"
	done
}

# both_ways NEAR FAR: with so many messages there at first. Numbers are such
# that each side holds all of its tens.
both_ways()
{
	local near=$1 far=$2 total=$(($1 + $2)) validity new
	fill "$NEAR" near 1 "$near"
	fill "$FAR" far 1 "$far"
	run -0 synchronize
	is "$total" "$(state "$FAR" | wc -l)"
	in_step
	validity=$(uidvalidity)
	[ -n "$validity" ]

	# flags and deletions on both sides, new messages on one
	uids >"$BATS_TEST_TMPDIR/before"
	reflag "$NEAR" '[0-9]*3 near' FS
	drop "$NEAR" '[0-9]*5 near'
	reflag "$FAR" '[0-9]*7 far' FRS
	drop "$FAR" '[0-9]*9 far'
	files "$FAR" '[0-9]*1 far' | xargs rm
	fill "$NEAR" fresh 1 20
	# and what comes while the client is at work
	deliver_some 10 3>&- &
	run -0 synchronize
	wait "$!"
	run -0 synchronize
	in_step
	total=$((total - near / 10 - far / 10 * 2 + 20 + 10))
	state "$FAR" >"$BATS_TEST_TMPDIR/after"
	is "$total" "$(wc -l <"$BATS_TEST_TMPDIR/after")"
	hasnt "$(cat "$BATS_TEST_TMPDIR/after")" '(5 near|9 far|1 far)( |$)'
	is $((near / 10)) "$(grep -c '3 near FS$' "$BATS_TEST_TMPDIR/after")"
	is $((far / 10)) "$(grep -c '7 far FRS$' "$BATS_TEST_TMPDIR/after")"
	# a UID stays with its message
	is "$validity" "$(uidvalidity)"
	new=$(uids | comm -13 "$BATS_TEST_TMPDIR/before" - | wc -l)
	is 30 "$new"
}
