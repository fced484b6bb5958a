#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A Maildir that Dovecot made comes in and is served with the same UIDVALIDITY,
# UIDs, flags and keywords; Dovecot reads what we export.

load ../lib/helpers

DOVECOT_IMAP=/usr/lib/dovecot/imap

setup()
{
	needs_root "the mailbox belongs to its own user"
	[ -x "$DOVECOT_IMAP" ] || skip "dovecot-imapd is not installed"
	instance_new -d "$(mktemp -d /tmp/besace-peer.XXXXXX)/i"
	chmod 755 "${INSTANCE%/i}" "$INSTANCE" "$MAIL"
	OLD=$INSTANCE/old
	mkdir "$OLD" "$INSTANCE/dovecot"
	chown 5000:5000 "$OLD" "$INSTANCE/dovecot"
}

teardown()
{
	[ -z "${INSTANCE-}" ] || rm -rf "${INSTANCE%/i}"
}

# dovecot LOCATION: tagged commands on stdin.
dovecot()
{
	cat >"$INSTANCE/dovecot/conf" <<-END
	mail_location = $1
	base_dir = $INSTANCE/dovecot
	log_path = $INSTANCE/dovecot/log
	ssl = no
	first_valid_uid = 0
	stats_writer_socket_path =
	END
	crlf | setpriv --reuid=5000 --regid=5000 --clear-groups \
		env -i HOME="$INSTANCE/dovecot" USER=bob "$DOVECOT_IMAP" \
		-c "$INSTANCE/dovecot/conf" 2>"$INSTANCE/dovecot/errors" | tr -d '\r'
}

ours()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

# What must not change.
look()
{
	sed 's/[A-Z]*INBOX/INBOX/' <<-'END'
	a EXAMINE INBOX
	b UID FETCH 1:* (UID FLAGS RFC822.SIZE INTERNALDATE)
	c EXAMINE Work.Sub
	d UID FETCH 1:* (UID FLAGS RFC822.SIZE INTERNALDATE)
	e LSUB "" Work*
	f LOGOUT
	END
}

facts()
{
	sed -nE 's/.*(UIDVALIDITY [0-9]+).*/\1/p
		s/.*(UIDNEXT [0-9]+).*/\1/p
		s/\\Recent ?//
		s/INTERNALDATE " /INTERNALDATE "0/
		/^\* [0-9]+ FETCH/p
		s/^\* LSUB \([^)]*\) "." "?([^"]*)"?$/subscribed \1/p' |
	while IFS= read -r line; do
		if [[ $line = *FETCH* ]]; then
			grep -oE 'UID [0-9]+|RFC822.SIZE [0-9]+|INTERNALDATE "[^"]*"' <<<"$line" | sort
			sed -E 's/.*FLAGS \(([^)]*)\).*/\1/' <<<"$line" | tr ' ' '\n' | grep . | sort
		else
			echo "$line"
		fi
	done
}

# append FOLDER FLAGS SUBJECT
append()
{
	printf 'x APPEND %s (%s) "03-Feb-2001 04:05:06 +0000" {%d+}\nSubject: %s\n\nFrom here\n\n' \
		"$1" "$2" $((${#3} + 24)) "$3"
}

@test "Dovecot's Maildir is served as it was" {
	{
		echo 'c CREATE Work.Sub'
		echo 's SUBSCRIBE Work.Sub'
		append INBOX '\Seen $Forwarded' one
		append INBOX '\Deleted' gone
		echo 'e SELECT INBOX'
		echo 'f EXPUNGE'
		append INBOX '\Answered kw2 $Forwarded' two
		append INBOX '' three
		append Work.Sub '\Flagged other' four
		echo 'z LOGOUT'
	} | dovecot "maildir:$OLD" >/dev/null
	look | dovecot "maildir:$OLD" | facts >"$INSTANCE/before"
	has "$(cat "$INSTANCE/before")" 'UID 3'
	run -0 "$BIN/besace" import "$BOB" "$OLD"
	has "$output" 'INBOX: 3 came'
	look | ours | facts >"$INSTANCE/after"
	diff "$INSTANCE/before" "$INSTANCE/after"
	# and Dovecot gets it back
	look | dovecot "maildir:$(maildir bob)" | facts >"$INSTANCE/back"
	diff "$INSTANCE/before" "$INSTANCE/back"
}

@test "Dovecot reads an exported mbox, and we one of Dovecot's" {
	{
		append INBOX '\Seen $Forwarded' one
		append INBOX '\Answered \Flagged' two
		echo 'z LOGOUT'
	} | ours >/dev/null
	mkdir "$INSTANCE/mbox"
	"$BIN/besace" export "$BOB" --mbox "$INSTANCE/mbox/inbox"
	chown -R 5000:5000 "$INSTANCE/mbox"
	run -0 dovecot "mbox:$INSTANCE/mbox:INBOX=$INSTANCE/mbox/inbox" <<-'END'
	a SELECT INBOX
	b UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])
	c STORE 2 +FLAGS (\Draft kw)
	d EXPUNGE
	e LOGOUT
	END
	has "$output" '1 FETCH .*\\Seen.*\$Forwarded'
	has "$output" '2 FETCH .*\\Answered.*\\Flagged|2 FETCH .*\\Flagged.*\\Answered'
	run -0 "$BIN/besace" import "$BOB" "$INSTANCE/mbox/inbox" --folder Back
	has "$output" 'Back: 2 came'
	run -0 ours <<-'END'
	a SELECT Back
	b UID FETCH 1:* (FLAGS)
	c LOGOUT
	END
	has "$output" '1 FETCH .*\\Seen.*\$Forwarded'
	has "$output" '2 FETCH .*\\Answered \\Flagged \\Draft.*kw'
}
