#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# One mailbox with a limit, used by us and by Dovecot's IMAP program with its
# maildir quota: both say the same of it, whoever changed or counted it.

load ../lib/helpers
load ../lib/deliver
load ../lib/quota

DOVECOT_IMAP=/usr/lib/dovecot/imap

setup()
{
	needs_root "the mailbox belongs to its own user"
	[ -x "$DOVECOT_IMAP" ] || skip "dovecot-imapd is not installed"
	instance_new -d "$(mktemp -d /tmp/besace-peer.XXXXXX)/i" \
		-o quota_warning= -o quota_grace=0
	chmod 755 "${INSTANCE%/i}" "$INSTANCE" "$MAIL"
	BOX=$(maildir bob)
	quota bob 20000,20
	mkdir "$INSTANCE/dovecot"
	chown 5000:5000 "$INSTANCE/dovecot"
	cat >"$INSTANCE/dovecot/conf" <<-END
	mail_location = maildir:$BOX
	base_dir = $INSTANCE/dovecot
	log_path = $INSTANCE/dovecot/log
	ssl = no
	first_valid_uid = 0
	stats_writer_socket_path =
	protocol imap {
	  mail_plugins = quota imap_quota
	}
	plugin {
	  quota = maildir:User quota
	  quota_rule = *:bytes=20000:messages=20
	}
	END
}

teardown()
{
	[ -z "${INSTANCE-}" ] || rm -rf "${INSTANCE%/i}"
}

# Commands on stdin, tagged by line number; LOGOUT is added.
tagged()
{
	awk '{ print "t" NR " " $0 } END { print "bye LOGOUT" }' | crlf
}

ours()
{
	tagged | imap_session -u "$BOB" | tr -d '\r'
}

dovecot()
{
	tagged | setpriv --reuid=5000 --regid=5000 --clear-groups \
		env -i HOME=/ USER=bob MAIL_PLUGINS="quota imap_quota" \
		"$DOVECOT_IMAP" -c "$INSTANCE/dovecot/conf" \
		2>"$INSTANCE/dovecot/errors" | tr -d '\r'
}

# usage SERVER: what it says of the quota.
usage()
{
	"$1" <<<'GETQUOTAROOT INBOX' | grep '^\* QUOTA'
}

# Neither counts anew, both say the same, and it is true.
agree()
{
	noted_right "$BOX"
	local inode
	inode=$(stat -c %i "$BOX/maildirsize")
	is "$(usage dovecot)" "$(usage ours)"
	is "$inode" "$(stat -c %i "$BOX/maildirsize")"
	hasnt "$(cat "$INSTANCE/dovecot/errors")" " (Error|Panic|Fatal): "
}

deliver()
{
	mail_of "$1" | "$BIN/deliver" "$BOB" 2>/dev/null
}

@test "S36: what we deliver, copy and expunge, Dovecot counts the same" {
	for n in 1000 2000 3000; do
		deliver "$n"
		agree
	done
	run -0 ours <<-'END'
	SELECT INBOX
	COPY 1:2 Trash
	MOVE 3 Sent
	STORE 1 +FLAGS (\Deleted)
	EXPUNGE
	CREATE Old
	COPY 1 Old
	DELETE Old
	END
	hasnt "$output" '^t[0-9]+ (NO|BAD)'
	agree
	is 20000S,20C "$(head -1 "$BOX/maildirsize")"
}

@test "what Dovecot appends, copies and expunges, we count the same" {
	deliver 1000
	deliver 2000
	run -0 dovecot <<-'END'
	SELECT INBOX
	COPY 1:2 Trash
	STORE 1 +FLAGS (\Deleted)
	EXPUNGE
	CREATE Old
	COPY 1 Old
	END
	hasnt "$output" '^t[0-9]+ (NO|BAD)'
	agree
	deliver 500
	agree
	run -0 dovecot <<<'DELETE Old'
	has "$output" '^t1 OK'
	deliver 500
	is "$(usage dovecot)" "$(usage ours)"
}

@test "counted anew by either, the other finds it right" {
	deliver 1000
	mail_of 700 >"$BOX/.Trash/cur/1700000001.M1P1.h:2,S"
	mail_of 700 >"$BOX/cur/1700000002.M1P1.h,S=900:2,S"
	chown -R 5000:5000 "$BOX"
	rm "$BOX/maildirsize"
	run -0 usage ours
	cp "$BOX/maildirsize" "$INSTANCE/by-us"
	is "$output" "$(usage dovecot)"
	rm "$BOX/maildirsize"
	run -0 usage dovecot
	is "$(cat "$INSTANCE/by-us")" "$(cat "$BOX/maildirsize")"
	is "$output" "$(usage ours)"
	is "$(cat "$INSTANCE/by-us")" "$(cat "$BOX/maildirsize")"
}

@test "full by our count or by Dovecot's, for both" {
	deliver 9000
	deliver 9000
	run -77 deliver 3000
	run -0 dovecot <<-'END'
	SELECT INBOX
	COPY 1 Trash
	END
	has "$output" '^t2 NO \[OVERQUOTA\]'
	run -0 ours <<-'END'
	SELECT INBOX
	COPY 1 Trash
	END
	has "$output" '^t2 NO \[OVERQUOTA\]'
	agree
	run -0 dovecot <<-'END'
	SELECT INBOX
	STORE 1 +FLAGS (\Deleted)
	EXPUNGE
	END
	deliver 3000
	agree
}
