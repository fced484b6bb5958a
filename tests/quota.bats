#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a mailbox may hold: counted, kept in maildirsize, and held at RCPT and
# when a message is written.

load lib/helpers
load lib/deliver
load lib/quota

setup()
{
	# the mail's owner reads a text beside the maps
	PLACE=$(mktemp -d /tmp/besace-quota.XXXXXX)
	chmod 755 "$PLACE"
	store_new "$PLACE"
	BOX=$MAIL/example.test/carol
	mkdir -p "$BOX"/{new,cur,tmp}
	owned_by_vmail "$MAIL/example.test"
	limits quota=10000
	rules
}

teardown()
{
	rm -rf "$PLACE"
}

# rules [NAME=VALUE]...: settings with no grace and no warnings, unless given.
rules()
{
	settings "$@" quota_grace=0 quota_warning=
}

# limits OPTION: those of carol, whom bob's alias leads to.
limits()
{
	map mailboxes <<-EOM
		alice@example.test=>example.test/alice
		carol@example.test=>example.test/carol${1:+\t$1}
	EOM
	map aliases <<-'EOM'
		sales@example.test=>carol@example.test
		both@example.test=>alice@example.test\ncarol@example.test
		@domain.net=>carol@example.test
	EOM
}

# fill NAME OCTETS: a message in the mailbox, by another program.
fill()
{
	mkdir -p "$(dirname "$BOX/$1")"
	mail_of "$2" >"$BOX/$1"
	owned_by_vmail "$BOX"
}

# send OCTETS [RECIPIENT]...
send()
{
	local octets=$1
	shift
	mail_of "$octets" | "$DELIVER" -f sender@elsewhere.test \
		"${@:-carol@example.test}" 2>&1
}

full()
{
	has "$output" '^5.2.2 <carol@example.test>: mailbox is full$'
}

# --- limits

@test "S36: at 5 GB by virtual_mailbox_limit, 5.2.2, or 4.2.2 with quota_full_tempfail" {
	limits
	rules virtual_mailbox_limit=5368709120
	fill cur/1700000001.M1P1.h,S=5368709110:2,S 100
	run -77 send 500
	full
	is "5368709120S
5368709110 1" "$(cat "$BOX/maildirsize")"
	rules virtual_mailbox_limit=5368709120 quota_full_tempfail=yes
	run -75 send 500
	has "$output" '^4.2.2 <carol@example.test>: mailbox is full$'
	is 0 "$(new_count example.test/carol)"
	is '' "$(find "$BOX/tmp" -type f)"
}

@test "S37: the one limit holds by alias, catch-all, extension, and in the spam folder" {
	fill cur/1700000001.M1P1.h:2,S 9900
	for to in carol sales carol+shop CAROL; do
		run -77 send 500 "$to@example.test"
		has "$output" '^5.2.2 <carol'
	done
	run -77 send 500 any@domain.net
	has "$output" '^5.2.2 <carol'
	run -77 "$DELIVER" carol@example.test <<-'END'
	X-Spam-Flag: YES
	Subject: a message that has no room

	It is longer than the hundred octets that are left of the ten thousand.
	END
	has "$output" '^5.2.2 <carol'
	noted_right "$BOX"
}

@test "S37: a mailbox_command is not run for a full mailbox" {
	printf '#!/bin/sh\necho >"%s/ran"\n' "$PLACE" >"$PLACE/program"
	chmod 755 "$PLACE/program"
	chmod 777 "$PLACE"
	rules mailbox_command="$PLACE/program"
	fill cur/1700000001.M1P1.h:2,S 9900
	run -77 send 500
	full
	[ ! -e "$PLACE/ran" ]
	run -0 send 50
	[ -e "$PLACE/ran" ]
}

@test "the limit in mailboxes goes before virtual_mailbox_limit, 0 is none" {
	limits quota=0
	rules virtual_mailbox_limit=1000
	run -0 send 5000
	[ ! -e "$BOX/maildirsize" ]
	run -77 send 5000 alice@example.test
}

@test "a count of messages is a limit, too" {
	limits quota=0,2
	run -0 send 500
	run -0 send 500
	run -77 send 500
	full
	is 2C "$(head -1 "$BOX/maildirsize")"
	noted_right "$BOX"
}

@test "quota_grace: the message that fills the mailbox comes, none after it" {
	rules quota_grace=5000
	run -0 send 9000
	run -0 send 4000
	run -77 send 100
	full
	noted_right "$BOX"
}

@test "a message larger than limit and grace is refused by an empty mailbox" {
	rules quota_grace=5000
	run -77 send 15100
	full
	is 0 "$(new_count example.test/carol)"
}

# --- what counts

@test "all folders count, also Trash; tmp, dot files and what is no folder do not" {
	fill new/1700000001.M1P1.h 1000
	fill cur/1700000002.M1P1.h:2,ST 1000
	fill .Trash/cur/1700000003.M1P1.h:2,S 1000
	fill .Trash/new/1700000004.M1P1.h 1000
	fill .Work.Sub/cur/1700000005.M1P1.h,S=1500,W=1600:2,S 1000
	fill tmp/1700000006.M1P1.h 1000
	fill cur/.hidden 1000
	fill other/cur/1700000007.M1P1.h 1000
	fill ..besace-deleted.x/cur/1700000008.M1P1.h 1000
	mkdir "$BOX/cur/1700000009.M1P1.h,S=1000:2,"
	run -77 send 5000
	is "10000S
5500 5" "$(cat "$BOX/maildirsize")"
}

@test "an S= that is no number is not believed" {
	fill cur/1700000001.M1P1.h,S=x:2,S 1000
	fill cur/1700000002.M1P1.h,S=:2,S 1000
	fill cur/1700000003.M1P1.h,S=5x:2,S 1000
	fill cur/1700000004.M1P1.h,S=99999999999999999999:2,S 1000
	run -77 send 9000
	is "10000S
4000 4" "$(cat "$BOX/maildirsize")"
}

@test "sums beyond 63 bits end there" {
	fill cur/1700000001.M1P1.h,S=99999999999999999:2,S 100
	for n in {1..99}; do
		cp -p "$BOX/cur/1700000001.M1P1.h,S=99999999999999999:2,S" \
			"$BOX/cur/1700000001.M${n}P2.h,S=99999999999999999:2,S"
	done
	run -77 send 500
	is "10000S
9223372036854775807 100" "$(cat "$BOX/maildirsize")"
}

# --- the file

@test "each delivery appends one line" {
	run -0 send 500
	run -0 send 700
	is 10000S "$(head -1 "$BOX/maildirsize")"
	is 4 "$(wc -l <"$BOX/maildirsize")"
	noted_right "$BOX"
}

@test "a delivery that fails takes its line back" {
	run -0 send 500
	chmod 500 "$BOX/new"
	run -75 send 700
	chmod 700 "$BOX/new"
	noted_right "$BOX"
}

@test "one full mailbox of two: what the other was counted for is right" {
	run -0 send 500 alice@example.test
	rules virtual_mailbox_limit=100000
	run -0 send 500 alice@example.test
	fill cur/1700000001.M1P1.h:2,S 9900
	run send 5000 both@example.test
	is 1 "$(in_maildir "$BOX" | cut -d' ' -f2)"
	noted_right "$MAIL/example.test/alice"
	noted_right "$BOX"
}

@test "counted anew: another limit, a torn or wrong line, a sum below 0, no line" {
	local bad
	fill cur/1700000001.M1P1.h:2,S 1000
	for bad in '9999S\n5 1\n' '10000S\n5 1' '10000S\n5 x\n' '10000S\n5\n' \
		'10000S\n5 1\n-6 0\n' '10000S\n5 1\n0 -2\n' '10000S\n' '\n' \
		'' '5 1\n' '10000S\n99999999999999999999 1\n' \
		'10000S\n9223372036854775807 1\n9223372036854775807 1\n' \
		'10000S\n5 1\n\0\n' '10000S,1C\n5 1\n' 'x\n'; do
		# shellcheck disable=SC2059 # it is a format
		printf "$bad" >"$BOX/maildirsize"
		owned_by_vmail "$BOX/maildirsize"
		rm -f "$BOX"/new/*
		run -0 send 500
		is "10000S" "$(head -1 "$BOX/maildirsize")"
		is "1000 1" "$(sed -n 2p "$BOX/maildirsize")"
		noted_right "$BOX"
	done
}

@test "counted anew: a file over 5120 octets" {
	{
		echo 10000S
		yes '0 0' | head -1300
	} >"$BOX/maildirsize"
	owned_by_vmail "$BOX/maildirsize"
	run -0 send 500
	is 3 "$(wc -l <"$BOX/maildirsize")"
}

@test "a no rests on a count that is one line and not 15 minutes old" {
	note "$BOX" 10000S '9000 1' '2000 1'
	run -0 send 500
	is 3 "$(wc -l <"$BOX/maildirsize")"
	noted_right "$BOX"
	note "$BOX" 10000S '11000 1'
	touch -d '-16 minutes' "$BOX/maildirsize"
	run -0 send 500
	note "$BOX" 10000S '11000 1'
	touch -d '-14 minutes' "$BOX/maildirsize"
	run -77 send 500
	full
	# by a clock that was wrong
	touch -d '+1 year' "$BOX/maildirsize"
	run -0 send 500
}

@test "after the message that fills it, the mailbox is counted at once" {
	rules quota_grace=5000
	run -0 send 9000
	run -0 send 4000
	is 2 "$(wc -l <"$BOX/maildirsize")"
	noted_right "$BOX"
}

@test "in its place a link, a pipe, what cannot be read: never followed, replaced" {
	fill cur/1700000001.M1P1.h:2,S 1000
	echo precious >"$BATS_TEST_TMPDIR/victim"
	owned_by_vmail "$BATS_TEST_TMPDIR/victim"
	ln -s "$BATS_TEST_TMPDIR/victim" "$BOX/maildirsize"
	run -0 timeout 20 bash -c "printf 'a: b\n\nc\n' | $DELIVER carol@example.test"
	is precious "$(cat "$BATS_TEST_TMPDIR/victim")"
	[ ! -L "$BOX/maildirsize" ]
	noted_right "$BOX"
	rm "$BOX/maildirsize"
	mkfifo "$BOX/maildirsize"
	run -0 timeout 20 bash -c "printf 'a: b\n\nc\n' | $DELIVER carol@example.test"
	noted_right "$BOX"
	chmod 400 "$BOX/maildirsize"
	run -0 send 500
	noted_right "$BOX"
	chmod 0 "$BOX/maildirsize"
	run -0 send 500
	noted_right "$BOX"
}

@test "in its place a directory: mail comes, the limit holds, it is said" {
	mkdir "$BOX/maildirsize"
	owned_by_vmail "$BOX/maildirsize"
	run -0 send 9000
	has "$output" 'error what=write object=maildirsize mailbox=example.test/carol'
	run -77 send 9000
	is 1 "$(new_count example.test/carol)"
}

@test "in its place a file of 1 GB: not read, replaced" {
	truncate -s 1G "$BOX/maildirsize"
	owned_by_vmail "$BOX/maildirsize"
	run -0 timeout 20 bash -c "printf 'a: b\n\nc\n' | $DELIVER carol@example.test"
	noted_right "$BOX"
}

@test "a folder that cannot be read: for now, not for good" {
	fill .Closed/cur/1700000001.M1P1.h:2,S 1000
	chmod 0 "$BOX/.Closed/cur"
	run -75 send 500
	has "$output" '^4.3.0 '
	chmod 700 "$BOX/.Closed/cur"
}

@test "no space for maildirsize: the mail comes, and the count is right again" {
	needs strace
	run -0 send 500
	local error
	for error in ENOSPC EDQUOT EIO; do
		run -0 bash -c "printf 'a: b\n\nc\n' | strace -f -o $BATS_TEST_TMPDIR/trace \
			-P $BOX/maildirsize -e inject=write:error=$error \
			$DELIVER carol@example.test"
		has "$output" 'error what="append to" object=maildirsize'
		[ ! -e "$BOX/maildirsize" ]
		run -0 send 500
		noted_right "$BOX"
	done
}

@test "a file system without locks: nobody is waited for" {
	needs strace
	limits quota=1M
	local trace=$BATS_TEST_TMPDIR/trace error
	for error in EOPNOTSUPP ENOLCK ENOSYS; do
		rm -f "$BOX/maildirsize"
		run -0 bash -c "printf 'a: b\n\nc\n' | strace -f -o $trace \
			-e trace=flock -e inject=flock:error=$error \
			'$BIN/deliver' -f a@sender.test -- carol@example.test"
		((0 < $(grep -c 'flock(' "$trace") &&
			$(grep -c 'flock(' "$trace") < 10))
	done
	is 3 "$(new_count example.test/carol)"
	is 3 "$(awk 'NR > 1 { n += $2 } END { print n }' "$BOX/maildirsize")"
}

@test "many at once: the limit holds, the count is right" {
	local n
	limits quota=3100
	for ((n = 0; n < 20; n++)); do
		send 500 >/dev/null 2>&1 &
	done
	wait
	# headers of the delivery add some octets to each
	is 5 "$(new_count example.test/carol)"
	run -77 send 500
	noted_right "$BOX"
}

@test "many at once, files counted anew meanwhile: the next count is right" {
	local n
	limits quota=10M
	for ((n = 0; n < 40; n++)); do
		send 500 >/dev/null 2>&1 &
		((n % 4)) || rm -f "$BOX/maildirsize"
	done
	wait
	is 40 "$(new_count example.test/carol)"
	run -0 send 500
	noted_right "$BOX"
}

# --- warnings

warnings()
{
	grep -lr '^Subject: Your mailbox is' "$BOX/new" "$BOX/cur" 2>/dev/null | wc -l
}

@test "a warning at 80 and at 95 percent, once each, and again after it was less" {
	rules 'quota_warning=80 95'
	limits quota=100k
	run -0 send 70000
	is 0 "$(warnings)"
	run -0 send 15000
	is 1 "$(warnings)"
	noted_right "$BOX"
	run -0 send 100
	is 1 "$(warnings)"
	run -0 send 14000
	is 2 "$(warnings)"
	run -0 send 100
	is 2 "$(warnings)"
	find "$BOX/new" -size +50k -delete
	rm "$BOX/maildirsize"
	run -0 send 100
	is 2 "$(warnings)"
	run -0 send 66000
	is 3 "$(warnings)"
	noted_right "$BOX"
}

@test "from 0 to 96 percent there is one warning; less later is no other" {
	rules 'quota_warning=80 95'
	limits quota=100k
	run -0 send 98500
	is 1 "$(warnings)"
	is 1 "$(grep -lr '^Subject: Your mailbox is 96% full' "$BOX/new" | wc -l)"
}

@test "a warning is a message of the postmaster's that nobody answers" {
	rules 'quota_warning=80 95'
	limits quota=0,5
	for _ in 1 2 3 4; do
		run -0 send 100
	done
	is 1 "$(warnings)"
	run -0 grep -lr '^Subject: Your mailbox is 80% full$' "$BOX/new"
	run -0 cat "$output"
	has "$output" '^Return-Path: <>$'
	has "$output" '^Delivered-To: carol@example.test$'
	has "$output" '^From: Mail system <postmaster@example.test>$'
	has "$output" '^To: <carol@example.test>$'
	has "$output" '^Date: ...,? '
	has "$output" '^Message-ID: <[^<> ]+@mx.example.test>$'
	has "$output" '^Auto-Submitted: auto-generated$'
	has "$output" '^The mailbox of carol@example.test is 80% full: 4 messages of 5 messages\.$'
}

@test "the warning's text and its steps are the administrator's" {
	rules quota_warning=50
	limits quota=100k
	printf 'Subject: Voll\n\n%%{address}: %%{percent}%%, %%{used} / %%{limit} %%{x} 100%% %%' \
		>"$BESACE_ETC/quota-warning"
	run -0 send 60000
	run -0 grep -lr '^Subject: Voll$' "$BOX/new"
	is 'carol@example.test: 58%, 58 KB / 100 KB %{x} 100% %' \
		"$(tail -n 1 "$output")"
	rules
	run -0 send 30000
	is 3 "$(new_count example.test/carol)"
}

@test "a warning that cannot be written does not hold the mail up" {
	rules 'quota_warning=80 95'
	limits quota=1100
	mkdir "$BOX/besace.quota-warned.80" "$BOX/besace.quota-warned.95"
	run -0 send 900
	is 1 "$(new_count example.test/carol)"
}
