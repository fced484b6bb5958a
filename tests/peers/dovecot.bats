#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# One mailbox used by us, then by Dovecot, then by us again: UIDVALIDITY, UIDs,
# flags, keywords and subscriptions stay what they were, both ways. Dovecot's
# IMAP program runs on stdin and stdout, with a configuration of its own.

load ../lib/helpers

DOVECOT_IMAP=/usr/lib/dovecot/imap

setup()
{
	needs_root "the mailbox belongs to its own user"
	[ -x "$DOVECOT_IMAP" ] || skip "dovecot-imapd is not installed"
	instance_new -d "$(mktemp -d /tmp/besace-peer.XXXXXX)/i"
	chmod 755 "${INSTANCE%/i}" "$INSTANCE" "$MAIL"
	mkdir "$INSTANCE/dovecot"
	chown 5000:5000 "$INSTANCE/dovecot"
	cat >"$INSTANCE/dovecot/conf" <<-END
	mail_location = maildir:$(maildir bob)
	base_dir = $INSTANCE/dovecot
	log_path = $INSTANCE/dovecot/log
	ssl = no
	first_valid_uid = 0
	stats_writer_socket_path =
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
		env -i HOME=/ USER=bob "$DOVECOT_IMAP" \
		-c "$INSTANCE/dovecot/conf" 2>"$INSTANCE/dovecot/errors" | tr -d '\r'
}

# view SERVER [FOLDER]: what must not change: UIDVALIDITY, UIDs with flags (in
# one order, without \Recent), sizes, subscriptions.
view()
{
	"$1" <<-END |
	EXAMINE ${2-INBOX}
	UID FETCH 1:* (UID FLAGS RFC822.SIZE)
	LSUB "" *
	END
		sed -nE 's/.*(UIDVALIDITY [0-9]+).*/\1/p
			s/\\Recent ?//
			/^\* [0-9]+ FETCH/p
			s/^\* LSUB \([^)]*\) "." "?([^"]*)"?$/subscribed \1/p' |
		while IFS= read -r line; do
			fetched "$line" || echo "$line"
		done | sort
}

# A FETCH response as "uid N size N FLAG...", the flags sorted.
fetched()
{
	[[ $1 = *" FETCH ("* ]] || return 1
	local uid size flags
	uid=$(sed -E 's/.*UID ([0-9]+).*/\1/' <<<"$1")
	size=$(sed -E 's/.*RFC822.SIZE ([0-9]+).*/\1/' <<<"$1")
	flags=$(sed -E 's/.*FLAGS \(([^)]*)\).*/\1/' <<<"$1" |
		tr ' ' '\n' | grep . | sort | xargs -r -d '\n')
	echo "uid $uid size $size${flags:+ $flags}"
}

same_view()
{
	is "$(view ours "$@")" "$(view dovecot "$@")"
}

@test "what we number, flag and file, Dovecot shows with the same UIDs" {
	for subject in one two three; do
		mail_text "$subject" | "$BIN/deliver" "$BOB" 2>/dev/null
	done
	run -0 ours <<-'END'
	SELECT INBOX
	UID STORE 1 +FLAGS (\Seen \Flagged)
	UID STORE 2 +FLAGS ($Forwarded work)
	CREATE Projects.One
	SUBSCRIBE Projects.One
	UID COPY 1:2 Projects.One
	UID STORE 3 +FLAGS (\Deleted)
	EXPUNGE
	END
	hasnt "$output" '^t[0-9]+ (NO|BAD)'
	mail_text four | "$BIN/deliver" "$BOB" 2>/dev/null
	before=$(view ours)
	has "$before" '^uid 1 size [0-9]+ \\Flagged \\Seen$'
	has "$before" '^uid 2 size [0-9]+ \$Forwarded work$'
	has "$before" '^uid 4 '
	has "$before" '^subscribed Projects.One$'
	is "$before" "$(view dovecot)"
	same_view Projects.One
}

@test "what Dovecot numbers, flags and expunges, we show with the same UIDs" {
	for subject in one two three four; do
		mail_text "$subject" | "$BIN/deliver" "$BOB" 2>/dev/null
	done
	run -0 dovecot <<-'END'
	SELECT INBOX
	UID STORE 1 +FLAGS (\Answered)
	UID STORE 4 +FLAGS (from-dovecot)
	UID STORE 2 +FLAGS (\Deleted)
	CLOSE
	SELECT INBOX
	CREATE Kept
	SUBSCRIBE Kept
	UID COPY 1,4 Kept
	END
	hasnt "$output" '^t[0-9]+ (NO|BAD)'
	before=$(view dovecot)
	has "$before" '^uid 1 size [0-9]+ \\Answered$'
	has "$before" '^uid 4 size [0-9]+ from-dovecot$'
	hasnt "$before" '^uid 2 '
	is "$before" "$(view ours)"
	same_view Kept
}

@test "to and fro: each adds, nobody renumbers, no UID comes twice" {
	mail_text one | "$BIN/deliver" "$BOB" 2>/dev/null
	first=$(view ours)
	for _ in 1 2 3; do
		mail_text again | "$BIN/deliver" "$BOB" 2>/dev/null
		dovecot <<<'SELECT INBOX' >/dev/null
		mail_text again | "$BIN/deliver" "$BOB" 2>/dev/null
		ours <<<'SELECT INBOX' >/dev/null
	done
	same_view
	last=$(view ours)
	is "$(head -n 1 <<<"$first")" "$(head -n 1 <<<"$last")"
	is "1 2 3 4 5 6 7" \
		"$(sed -n 's/^uid \([0-9]*\) .*/\1/p' <<<"$last" | sort -n | xargs)"
}
