#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Status 0 means on disk: the order of the system calls, how many syncs there
# are, and that a model of what a power cut may take finds nothing to take.

load lib/helpers
load lib/deliver

teardown()
{
	! mountpoint -q "$MAIL" || umount "$MAIL"
}

setup()
{
	needs strace
	store_new
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
}

# steps RECIPIENT...: what a delivery of standard input does, one step a line.
steps()
{
	"$LIB/durable" "$MAIL" "${BESACE_VAR:-$MAIL}" -- \
		"$DELIVER" -f '' "$@" 2>"$BATS_TEST_TMPDIR/err" || {
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

# syncs TEXT: how many of its steps are syncs.
syncs()
{
	grep -c '^sync ' <<<"$1"
}

@test "S63: one mailbox: data, its sync, the name, its sync; 2 syncs a message" {
	deliver_to alice@example.test
	run -0 steps alice@example.test < <(mail_text)
	is "create mail/example.test/alice/tmp/m1
write mail/example.test/alice/tmp/m1
sync mail/example.test/alice/tmp/m1
rename mail/example.test/alice/tmp/m1 to mail/example.test/alice/new/m1
sync mail/example.test/alice/new
exit 0" "$output"
	is 2 "$(syncs "$output")"
}

@test "a new Maildir: each directory is synced in its parent" {
	run -0 steps alice@example.test < <(mail_text)
	is "make mail/example.test
sync mail
make mail/example.test/alice
sync mail/example.test
make mail/example.test/alice/cur
make mail/example.test/alice/new
sync mail/example.test/alice
make mail/example.test/alice/tmp
create mail/example.test/alice/tmp/m1
write mail/example.test/alice/tmp/m1
sync mail/example.test/alice/tmp/m1
rename mail/example.test/alice/tmp/m1 to mail/example.test/alice/new/m1
sync mail/example.test/alice/new
exit 0" "$output"
}

@test "a Maildir whose maker died: everything above it is synced anew" {
	deliver_to alice@example.test
	rmdir "$MAIL/example.test/alice/tmp"
	run -0 steps alice@example.test < <(mail_text)
	is "sync mail
sync mail/example.test
sync mail/example.test/alice
make mail/example.test/alice/tmp" "$(sed '/create/,$d' <<<"$output")"
}

@test "S63: several mailboxes: all data on disk, all names, then their syncs" {
	deliver_to alice@example.test bob@example.test eve@domain.net
	run -0 steps alice@example.test bob@example.test eve@domain.net \
		< <(mail_text)
	is "create mail/example.test/alice/tmp/m1
write mail/example.test/alice/tmp/m1
sync mail/example.test/alice/tmp/m1
create mail/example.test/bob/tmp/m2
write mail/example.test/bob/tmp/m2
sync mail/example.test/bob/tmp/m2
create mail/domain.net/eve/tmp/m3
write mail/domain.net/eve/tmp/m3
sync mail/domain.net/eve/tmp/m3
rename mail/example.test/alice/tmp/m1 to mail/example.test/alice/new/m1
rename mail/example.test/bob/tmp/m2 to mail/example.test/bob/new/m2
rename mail/domain.net/eve/tmp/m3 to mail/domain.net/eve/new/m3
sync mail/example.test/alice/new
sync mail/example.test/bob/new
sync mail/domain.net/eve/new
exit 0" "$output"
	is 6 "$(syncs "$output")"
}

@test "a new folder: with its mark and its subscription, all of it synced" {
	deliver_to alice@example.test
	spam()
	{
		echo 'X-Spam-Flag: YES'
		mail_text
	}
	run -0 steps alice@example.test < <(spam)
	is "make mail/example.test/alice/.Junk
sync mail/example.test/alice
make mail/example.test/alice/.Junk/cur
make mail/example.test/alice/.Junk/new
create mail/example.test/alice/.Junk/maildirfolder
sync mail/example.test/alice/.Junk/maildirfolder
sync mail/example.test/alice/.Junk
make mail/example.test/alice/.Junk/tmp
create mail/example.test/alice/subscriptions.lock
write mail/example.test/alice/subscriptions.lock
sync mail/example.test/alice/subscriptions.lock
rename mail/example.test/alice/subscriptions.lock to mail/example.test/alice/subscriptions
sync mail/example.test/alice
create mail/example.test/alice/.Junk/tmp/m1
write mail/example.test/alice/.Junk/tmp/m1
sync mail/example.test/alice/.Junk/tmp/m1
rename mail/example.test/alice/.Junk/tmp/m1 to mail/example.test/alice/.Junk/new/m1
sync mail/example.test/alice/.Junk/new
exit 0" "$output"
	run -0 steps alice@example.test < <(spam)
	is 2 "$(syncs "$output")"
}

@test "the queue: 2 syncs for one destination, 1 more for each other" {
	run -0 steps dave@elsewhere.test < <(mail_text)
	is "create var/queue/tmp/q1
write var/queue/tmp/q1
sync var/queue/tmp/q1
rename var/queue/tmp/q1 to var/queue/new/q1
sync var/queue/new
exit 0" "$output"
	run -0 steps dave@elsewhere.test emma@elsewhere.test fred@other.test \
		< <(mail_text)
	is 3 "$(syncs "$output")"
}

@test "S63: a mailbox and the queue: the queue last, for it is not taken back" {
	deliver_to alice@example.test
	run -0 steps dave@elsewhere.test alice@example.test fred@other.test \
		< <(mail_text)
	is "create mail/example.test/alice/tmp/m1
write mail/example.test/alice/tmp/m1
sync mail/example.test/alice/tmp/m1
create var/queue/tmp/q2
write var/queue/tmp/q2
sync var/queue/tmp/q2
create var/queue/tmp/q3
write var/queue/tmp/q3
sync var/queue/tmp/q3
rename mail/example.test/alice/tmp/m1 to mail/example.test/alice/new/m1
sync mail/example.test/alice/new
rename var/queue/tmp/q2 to var/queue/new/q2
rename var/queue/tmp/q3 to var/queue/new/q3
sync var/queue/new
exit 0" "$output"
	is 5 "$(syncs "$output")"
}

@test "by link, where a rename cannot refuse to replace: as safe" {
	deliver_to alice@example.test
	mail_text >"$BATS_TEST_TMPDIR/message"
	run -0 strace -qq -y -o "$BATS_TEST_TMPDIR/trace" \
		-e inject=renameat2:error=EINVAL -e trace=fsync,renameat2,linkat,unlinkat \
		"$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/message"
	is "fsync renameat2 linkat unlinkat fsync" \
		"$(sed -n 's/^\([a-z0-9]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/trace" |
			tr '\n' ' ' | sed 's/ $//')"
}

@test "the model itself: what is not synced is told" {
	local program
	mkdir -p "$MAIL/new" "$MAIL/tmp"
	program='
import os, sys
def sync(name):
    fd = os.open(name, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
def deliver(name, data=True, directory=True, made=True):
    base = sys.argv[1]
    place = base + "/new"
    if not made:
        place = base + "/box/new"
        os.makedirs(place)
        sync(base + "/box")
    fd = os.open(base + "/tmp/" + name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(fd, b"x")
    if data:
        os.fsync(fd)
    os.close(fd)
    os.rename(base + "/tmp/" + name, place + "/" + name)
    if directory:
        sync(place)
deliver("m", **{word: False for word in sys.argv[2:]})
'
	run -0 "$LIB/durable" "$MAIL" -- python3 -c "$program" "$MAIL"
	run -1 "$LIB/durable" "$MAIL" -- python3 -c "$program" "$MAIL" data
	has "$output" 'new/m is visible before its data is on disk'
	has "$output" 'new/m: its data may be lost'
	run -1 "$LIB/durable" "$MAIL" -- python3 -c "$program" "$MAIL" directory
	has "$output" 'the name mail/new/m may be lost'
	run -1 "$LIB/durable" "$MAIL" -- python3 -c "$program" "$MAIL" made
	has "$output" 'the name mail/box may be lost'
}

@test "S63: the power is cut after status 0: every message is there, whole" {
	needs python3
	"$LIB/power-cut" "$DELIVER" ext4 8 >"$BATS_TEST_TMPDIR/out" || {
		local status=$?
		cat "$BATS_TEST_TMPDIR/out"
		((status != 77)) || skip "$(tail -n 1 "$BATS_TEST_TMPDIR/out")"
		return 1
	}
	has "$(cat "$BATS_TEST_TMPDIR/out")" '^ext4: 8 power cuts, [4-8] messages accepted, 0 faults'
}
