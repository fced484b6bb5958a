# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# For tests of IMAP sessions.

# user_dialogue < transcript: as bob, logged in at once.
user_dialogue()
{
	export BIN BOB
	export -f other
	imap_dialogue -u "$BOB"
}

# put_messages COUNT: into bob's INBOX, with the UIDs from 1 on.
put_messages()
{
	local i dir
	dir=$(maildir bob)
	for ((i = 1; i <= $1; i++)); do
		mail_text "number $i" >"$dir/cur/1700000$((1000 + i)).M1P1.mx:2,"
	done
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$dir"
}

# other COMMAND...: bob's other client, in INBOX. For RUN lines too.
other()
{
	printf '%s\r\n' 'a SELECT INBOX' "${@/#/b }" 'c LOGOUT' |
		"$BIN/imap-session" -u "$BOB" 2>/dev/null
}

# mbsync_tunnel COMMAND [OPTION]...: mbsync brings three messages each way through
# an IMAP session as bob that COMMAND starts. $output is what it says.
mbsync_tunnel()
{
	local near=$BATS_TEST_TMPDIR/near i
	mkdir -p "$near/INBOX"/{cur,new,tmp}
	for i in 1 2 3; do
		mail_text "far $i" | "$BIN/deliver" "$BOB"
		mail_text "near $i" >"$near/INBOX/cur/1700000000.$i.x:2,S"
	done
	cat >"$BATS_TEST_TMPDIR/rc" <<-END
	IMAPStore far
	Tunnel "$1"

	MaildirStore near
	Path $near/
	Inbox $near/INBOX

	Channel both
	Far :far:INBOX
	Near :near:INBOX
	Expunge Both
	SyncState *
	END
	HOME=$BATS_TEST_TMPDIR run -0 timeout 60 mbsync "${@:2}" -c "$BATS_TEST_TMPDIR/rc" both
	is 6 "$(count bob)"
	is 6 "$(find "$near/INBOX/cur" "$near/INBOX/new" -type f | wc -l)"
}
