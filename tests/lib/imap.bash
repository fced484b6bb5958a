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
