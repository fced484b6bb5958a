#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# OBJECTID (RFC 8474) and STATUS=SIZE (RFC 8438).

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
}

# raw < commands, one a line: the session's answers.
raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

own()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# mailbox_of FOLDER, emails_of FOLDER: what SELECT and FETCH say.
mailbox_of()
{
	raw <<<"a SELECT $1" | sed -nE 's/.*MAILBOXID \(([A-Za-z0-9_-]+)\).*/\1/p'
}

emails_of()
{
	printf '%s\n' "a EXAMINE $1" 'b UID FETCH 1:* (EMAILID THREADID)' | raw |
		sed -nE 's/.*EMAILID \(([A-Za-z0-9_-]+)\) THREADID NIL\)$/\1/p'
}

@test "MAILBOXID: in CREATE, SELECT, EXAMINE, STATUS and LIST; kept by RENAME" {
	local id
	run -0 raw <<-'END'
	a CREATE One
	b STATUS One (MAILBOXID MESSAGES)
	c LIST "" One RETURN (STATUS (MAILBOXID))
	d RENAME One Two
	END
	id=$(sed -nE 's/^a OK \[MAILBOXID \((F[0-9a-f]{32})\)\].*/\1/p' <<<"$output")
	[ -n "$id" ]
	has "$output" "^\* STATUS One \(MESSAGES 0 MAILBOXID \($id\)\)$"
	has "$output" "^\* STATUS One \(MAILBOXID \($id\)\)$"
	is "$id" "$(mailbox_of Two)"
	raw <<<'a CREATE One'
	[ "$(mailbox_of One)" != "$id" ]
	[ "$(mailbox_of INBOX)" != "$id" ]
	has "$(raw <<<'a CAPABILITY')" ' OBJECTID '
}

@test "MAILBOXID of a mailbox that another server gave no GUID: made once" {
	mail_text one >"$BOX/cur/1700000001.M1P1.h:2,"
	printf '3 V77 N9\n4 W9 :1700000001.M1P1.h\n' >"$BOX/dovecot-uidlist"
	own
	local id
	id=$(mailbox_of INBOX)
	[ -n "$id" ]
	is "$id" "$(mailbox_of INBOX)"
	has "$(head -1 "$BOX/dovecot-uidlist")" '^3 V77 N9 G[0-9a-f]{32}$'
	has "$(sed -n 2p "$BOX/dovecot-uidlist")" '^4 W9 :1700000001.M1P1.h$'
}

@test "EMAILID: another for each message, kept by COPY, MOVE and flags" {
	mail_text one >"$BOX/cur/1700000001.M1P1.h:2,"
	mail_text two | "$BIN/deliver" "$BOB"
	mail_text three >"$BOX/cur/with space.h:2,"
	own
	local ids
	ids=$(emails_of INBOX | sort)
	is 3 "$(sort -u <<<"$ids" | grep -c .)"
	raw <<-'END'
	a SELECT INBOX
	b STORE 1:* +FLAGS (\Flagged)
	c COPY 1:* Trash
	END
	is "$ids" "$(emails_of INBOX | sort)"
	# a name with a space cannot be kept as a GUID
	is 2 "$(comm -12 <(echo "$ids") <(emails_of Trash | sort) | grep -c .)"
	raw <<-'END'
	a SELECT Trash
	b COPY 1:* Sent
	c MOVE 1:* Drafts
	END
	is 2 "$(comm -12 <(echo "$ids") <(emails_of Sent | sort) | grep -c .)"
	is "$(emails_of Sent | sort)" "$(emails_of Drafts | sort)"
	# a second copy in one mailbox is the same message
	raw <<-'END'
	a SELECT Sent
	b COPY 1:* Sent
	END
	is 3 "$(emails_of Sent | sort -u | grep -c .)"
	is 6 "$(emails_of Sent | grep -c .)"
}

@test "SEARCH EMAILID and THREADID" {
	local id
	mail_text one >"$BOX/cur/1700000001.M1P1.h:2,"
	mail_text two >"$BOX/cur/1700000002.M1P1.h:2,"
	own
	id=$(emails_of INBOX | tail -1)
	run -0 raw <<-END
	a SELECT INBOX
	b SEARCH EMAILID $id
	c SEARCH NOT EMAILID "$id"
	d SEARCH EMAILID Mnone
	e SEARCH THREADID T1
	f SEARCH EMAILID
	g FETCH 1 (EMAILID BOGUS)
	END
	has "$output" '^\* SEARCH 2$'
	has "$output" '^\* SEARCH 1$'
	is 2 "$(grep -c '^\* SEARCH$' <<<"$output")"
	has "$output" '^f BAD'
	has "$output" '^g BAD'
}

@test "STATUS SIZE: the sum of RFC822.SIZE" {
	mail_text one >"$BOX/cur/1700000001.M1P1.h:2,"
	mail_text two | "$BIN/deliver" "$BOB"
	mail_text three >"$BOX/cur/1700000003.M1P1.h,S=5,W=6:2,"
	own
	local sum
	run -0 raw <<-'END'
	a EXAMINE INBOX
	b FETCH 1:* RFC822.SIZE
	c STATUS INBOX (SIZE)
	d STATUS Trash (SIZE MESSAGES)
	END
	sum=$(sed -nE 's/.*RFC822.SIZE ([0-9]+).*/\1/p' <<<"$output" | paste -sd+ | bc)
	[ "$sum" -gt 100 ]
	has "$output" "^\* STATUS INBOX \(SIZE $sum\)$"
	has "$output" '^\* STATUS Trash \(MESSAGES 0 SIZE 0\)$'
}
