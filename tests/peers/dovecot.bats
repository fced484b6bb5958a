#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# One mailbox used by us, then by Dovecot, then by us again: UIDVALIDITY, UIDs,
# flags, keywords, dates and subscriptions stay what they were, both ways, with
# the indexes of both lying there. Dovecot's IMAP program runs on stdin and
# stdout, with a configuration of its own.

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

# Commands on stdin, tagged by line number, but for the text of a literal, which
# is one line; LOGOUT is added.
tagged()
{
	awk '!literal { printf "t%d ", NR } { print; literal = /\+}$/ }
		END { print "bye LOGOUT" }' | crlf
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
# one order, without \Recent), sizes, dates, subscriptions.
view()
{
	"$1" <<-END |
	EXAMINE ${2-INBOX}
	UID FETCH 1:* (UID FLAGS RFC822.SIZE INTERNALDATE)
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

# A FETCH response as "uid N size N FLAG... date", the flags sorted.
fetched()
{
	[[ $1 = *" FETCH ("* ]] || return 1
	local uid size flags date
	uid=$(sed -E 's/.*UID ([0-9]+).*/\1/' <<<"$1")
	size=$(sed -E 's/.*RFC822.SIZE ([0-9]+).*/\1/' <<<"$1")
	flags=$(sed -E 's/.*FLAGS \(([^)]*)\).*/\1/' <<<"$1" |
		tr ' ' '\n' | grep . | sort | xargs -r -d '\n')
	date=$(sed -E 's/.*INTERNALDATE "[ 0]?([^"]*)".*/\1/' <<<"$1")
	echo "uid $uid size $size${flags:+ $flags} $date"
}

# account SERVER: the view of every folder.
account()
{
	local folder
	"$1" <<<'LIST "" *' |
		sed -nE 's/^\* LIST \([^)]*\) "." "?([^"]*)"?$/\1/p' | sort |
		while IFS= read -r folder; do
			echo "== $folder"
			view "$1" "$folder" | grep -v '^subscribed'
		done
	view "$1" | grep '^subscribed'
}

# Both show the same account, which stays in $account.
same_account()
{
	account=$(account ours)
	is "$account" "$(account dovecot)"
}

# done_by SERVER < commands: all of them are answered OK.
done_by()
{
	run -0 "$1"
	has "$output" '^t1 OK'
	hasnt "$output" '^t[0-9]+ (NO|BAD)|^\* BYE.*[Ee]rror'
}

# modseq SERVER [FOLDER]
modseq()
{
	"$1" <<<"STATUS ${2-INBOX} (HIGHESTMODSEQ)" |
		sed -nE 's/.*HIGHESTMODSEQ ([0-9]+).*/\1/p'
}

deliver_all()
{
	local subject
	for subject; do
		mail_text "$subject" | "$BIN/deliver" "$BOB" 2>/dev/null
	done
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
	has "$before" '^uid 1 size [0-9]+ \\Flagged \\Seen [0-9]'
	has "$before" '^uid 2 size [0-9]+ \$Forwarded work [0-9]'
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
	has "$before" '^uid 1 size [0-9]+ \\Answered [0-9]'
	has "$before" '^uid 4 size [0-9]+ from-dovecot [0-9]'
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

@test "MOVE, COPY, RENAME, keywords, dates: each takes the account over as it is" {
	deliver_all one two three four five six
	done_by ours <<-'END'
	SELECT INBOX
	UID STORE 1:2 +FLAGS ($Forwarded first)
	CREATE Work
	CREATE Work.Sub
	SUBSCRIBE Work.Sub
	UID COPY 1:2 Work
	UID MOVE 3 Work
	UID COPY 1 Work.Sub
	RENAME Work Office
	APPEND Office (\Draft second) "07-Feb-1994 21:52:25 -0800" {10+}
	Subject: a
	END
	same_account
	has "$account" '^uid 4 size [0-9]+ \\Draft second 8-Feb-1994 05:52:25'
	has "$account" '^uid 1 size [0-9]+ \$Forwarded first '

	done_by dovecot <<-'END'
	SELECT Office
	UID STORE 2 +FLAGS (third \Answered)
	UID MOVE 1 INBOX
	UID COPY 2:3 Office.Sub
	CREATE New
	SUBSCRIBE New
	UNSUBSCRIBE Office.Sub
	APPEND New (\Flagged fourth) "17-Jul-1996 02:44:25 -0700" {10+}
	Subject: b
	RENAME Office Desk
	SELECT INBOX
	UID MOVE 5 New
	UID STORE 2 +FLAGS (\Deleted)
	CLOSE
	END
	same_account
	has "$account" '^== Desk.Sub$'
	has "$account" '\\Flagged fourth 17-Jul-1996 09:44:25'
	hasnt "$account" '^== Office'

	deliver_all seven
	done_by ours <<-'END'
	SELECT Desk
	UID MOVE 2 New
	UID STORE 3 +FLAGS (fifth)
	RENAME Desk.Sub Top
	SELECT INBOX
	UID COPY 1:* Top
	UID MOVE 6:7 Desk
	SUBSCRIBE Top
	END
	same_account
	has "$account" '^subscribed Top$'

	done_by ours <<-'END'
	RENAME INBOX Old
	END
	same_account
	done_by dovecot <<-'END'
	SELECT Old
	UID MOVE 1:* INBOX
	DELETE New
	END
	same_account
}

@test "HIGHESTMODSEQ is far above Dovecot's, and never goes back" {
	deliver_all one two
	done_by ours <<-'END'
	SELECT INBOX
	UID STORE 1 +FLAGS (\Seen)
	END
	first=$(modseq ours)
	theirs=$(modseq dovecot)
	((first > theirs * 1000))
	done_by dovecot <<-'END'
	SELECT INBOX
	UID STORE 2 +FLAGS (\Seen)
	END
	second=$(modseq ours)
	((second > first))
	rm -f "$(maildir bob)"/besace.*
	third=$(modseq ours)
	((third >= second))
	((third > $(modseq dovecot) * 1000))
}

@test "an old index of ours that comes back does no harm" {
	deliver_all one two three
	done_by ours <<-'END'
	SELECT INBOX
	UID STORE 1:3 +FLAGS (kept)
	FETCH 1:* (ENVELOPE BODYSTRUCTURE)
	END
	box=$(maildir bob)
	mkdir "$BATS_TEST_TMPDIR/old"
	find "$box" -maxdepth 1 -name 'besace.*' \
		-exec cp -p -t "$BATS_TEST_TMPDIR/old" {} +
	before=$(modseq ours)
	done_by dovecot <<-'END'
	SELECT INBOX
	UID STORE 1 FLAGS (other \Flagged)
	UID STORE 2 +FLAGS (\Deleted)
	CLOSE
	END
	deliver_all four
	dovecot <<<'SELECT INBOX' >/dev/null
	account=$(account dovecot)
	now=$(modseq ours)
	find "$BATS_TEST_TMPDIR/old" -type f -exec cp -p -t "$box" {} +
	is "$account" "$(account ours)"
	is "$account" "$(account dovecot)"
	((now > before))
	(($(modseq ours) >= now))
	has "$(ours <<<$'SELECT INBOX\nFETCH 3 ENVELOPE')" '"four"'
}
