#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The same questions about the same messages, to us and to Dovecot: what they
# answer is compared by its meaning (lib/imap-differential, with the table of
# differences and why ours is right). BESACE_MESSAGES, a folder of .eml files,
# takes these instead of ours (lib/oddmail.py).

load ../lib/helpers

DOVECOT_IMAP=/usr/lib/dovecot/imap

setup_file()
{
	needs_root "the mailbox belongs to its own user"
	[ -x "$DOVECOT_IMAP" ] || skip "dovecot-imapd is not installed"
	local work box
	work=$(mktemp -d /tmp/besace-peer.XXXXXX)
	export WORK=$work
	chmod 755 "$work"
	instance_new -d "$work/i"
	chmod 755 "$INSTANCE" "$MAIL"
	box=$(maildir bob)
	"$LIB/imap-differential" make "$box" ${BESACE_MESSAGES:+"$BESACE_MESSAGES"}
	cp -a "$box" "$work/theirs"
	mkdir "$work/dovecot"
	cat >"$work/conf" <<-END
	mail_location = maildir:$work/theirs
	base_dir = $work/dovecot
	log_path = $work/dovecot/log
	ssl = no
	first_valid_uid = 0
	stats_writer_socket_path =
	END
	chown -R 5000:5000 "$box" "$work/theirs" "$work/dovecot"
	export TZ=UTC
}

teardown_file()
{
	[ -z "${WORK-}" ] || rm -rf "$WORK"
}

# same WHAT: nothing differs that the table does not explain.
same()
{
	run -0 "$LIB/imap-differential" "$1" "$BIN/imap-session -u $BOB" \
		"setpriv --reuid=5000 --regid=5000 --clear-groups env -i TZ=UTC \
		HOME=/ USER=bob $DOVECOT_IMAP -c $WORK/conf" "$WORK/theirs"
}

@test "ENVELOPE, BODY, BODYSTRUCTURE, sizes, dates and flags are Dovecot's, twice" {
	same structure
	same structure # from what was kept the first time
}

@test "sections and pieces of every message are Dovecot's" {
	same sections
}

@test "SEARCH finds what Dovecot finds" {
	same search
}

@test "SORT puts in Dovecot's order" {
	same sort
}

@test "THREAD puts in Dovecot's conversations" {
	same thread
}
