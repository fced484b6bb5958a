#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# QUOTA (RFC 9208), and what every command does to maildirsize.

load lib/helpers
load lib/imap
load lib/quota

setup()
{
	instance_new
	BOX=$(maildir bob)
	quota bob 20000
}

# raw < commands, one a line: the session's answers.
raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

# append FOLDER OCTETS: the command, octets as they lie in the file.
append()
{
	local message
	message=$(mail_of "$2")
	echo "a APPEND $1 {$(crlf <<<"$message" | wc -c)+}"
	printf '%s\n\n' "$message"
}

# keep FOLDER OCTETS
keep()
{
	run -0 raw < <(append "$@")
	has "$output" '^a OK'
}

@test "CAPABILITY names QUOTA and its resources" {
	run -0 raw <<<'a CAPABILITY'
	has "$output" '^\* CAPABILITY .* QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE'
}

@test "S36: GETQUOTAROOT and GETQUOTA show limit and usage of all folders" {
	keep INBOX 3000
	keep Trash 2000
	run -0 raw <<-'END'
	a GETQUOTAROOT INBOX
	b GETQUOTAROOT Trash
	c GETQUOTA "User quota"
	d GETQUOTAROOT "not there"
	END
	has "$output" '^\* QUOTAROOT INBOX "User quota"$'
	has "$output" '^\* QUOTAROOT Trash "User quota"$'
	has "$output" '^\* QUOTAROOT "not there" "User quota"$'
	is 4 "$(grep -cxF '* QUOTA "User quota" (STORAGE 5 20)' <<<"$output")"
	is 4 "$(grep -c '^[a-d] OK' <<<"$output")"
}

@test "S36: virtual_mailbox_limit counts where the mailbox has no limit" {
	sed -i 's/ quota=.*//' "$BESACE_ETC/mailboxes"
	setting virtual_mailbox_limit 5368709120
	run -0 raw <<<'a GETQUOTAROOT INBOX'
	has "$output" '^\* QUOTA "User quota" \(STORAGE 0 5242880\)$'
}

@test "a limit of messages is a resource of its own" {
	quota bob 5G,3
	keep INBOX 100
	run -0 raw <<<'a GETQUOTA "User quota"'
	has "$output" '^\* QUOTA "User quota" \(STORAGE 1 5242880 MESSAGE 1 3\)$'
	quota bob 0,2
	run -0 raw <<<'a GETQUOTA "User quota"'
	has "$output" '^\* QUOTA "User quota" \(MESSAGE 1 2\)$'
	keep INBOX 100
	run -0 raw < <(append INBOX 100)
	has "$output" '^a NO \[OVERQUOTA\]'
}

@test "without a limit there is no quota root, and no maildirsize" {
	sed -i 's/ quota=.*//' "$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	keep INBOX 100
	run -0 raw <<-'END'
	a GETQUOTAROOT INBOX
	b GETQUOTA "User quota"
	END
	has "$output" '^\* QUOTAROOT INBOX$'
	hasnt "$output" '^\* QUOTA '
	has "$output" '^b NO \[NONEXISTENT\]'
	[ ! -e "$BOX/maildirsize" ]
}

@test "without a limit, a maildirsize of another program is kept right" {
	sed -i 's/ quota=.*//' "$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	printf '777S\n0 0\n' >"$BOX/maildirsize"
	chown --reference="$BOX" "$BOX/maildirsize"
	keep INBOX 100
	is 777S "$(head -1 "$BOX/maildirsize")"
	noted_right "$BOX"
}

@test "SETQUOTA is the administrator's; what is no quota command is BAD" {
	run -0 raw <<-'END'
	a SETQUOTA "User quota" (STORAGE 999999)
	b SETQUOTA "User quota" ()
	c SETQUOTA "User quota"
	d GETQUOTA
	e GETQUOTA "User quota" x
	f GETQUOTAROOT
	g GETQUOTA ""
	h SETQUOTA "User quota" (STORAGE)
	END
	has "$output" '^a NO \[NOPERM\]'
	has "$output" '^b NO \[NOPERM\]'
	has "$output" '^c BAD'
	has "$output" '^d BAD'
	has "$output" '^e BAD'
	has "$output" '^f BAD'
	has "$output" '^g NO'
	has "$output" '^h BAD'
}

@test "APPEND to a full mailbox: OVERQUOTA, before a literal is sent and after" {
	keep INBOX 15000
	run -0 raw < <(append INBOX 9000)
	has "$output" '^a NO \[OVERQUOTA\]'
	run -0 raw <<<'a APPEND INBOX {9000}'
	has "$output" '^a NO \[OVERQUOTA\]'
	hasnt "$output" '^\+'
	noted_right "$BOX"
	is 1 "$(in_maildir "$BOX" | cut -d' ' -f2)"
	keep INBOX 4000
	noted_right "$BOX"
}

@test "APPEND that fails gives its room back" {
	keep INBOX 1000
	chmod 500 "$BOX/.Trash/new"
	run -0 raw < <(append Trash 1000)
	has "$output" '^a NO'
	noted_right "$BOX"
}

@test "COPY takes room, all or none; MOVE needs none" {
	keep INBOX 5000
	keep INBOX 4000
	run -0 raw <<-'END'
	a SELECT INBOX
	b COPY 1:2 Trash
	c GETQUOTA "User quota"
	d COPY 1:2 Sent
	e COPY 2 INBOX
	f MOVE 1 Sent
	END
	has "$output" '^b OK'
	has "$output" '^\* QUOTA "User quota" \(STORAGE 18 20\)$'
	has "$output" '^d NO \[OVERQUOTA\]'
	has "$output" '^e NO \[OVERQUOTA\]'
	has "$output" '^f OK'
	noted_right "$BOX"
	is 4 "$(in_maildir "$BOX" | cut -d' ' -f2)"
	is 1 "$(find "$BOX/.Sent/cur" -type f | wc -l)"
}

@test "EXPUNGE, UID EXPUNGE, CLOSE and DELETE give room back" {
	for _ in 1 2 3; do
		keep INBOX 1000
	done
	run -0 raw <<-'END'
	a SELECT INBOX
	b COPY 1:3 Sent
	b1 CREATE Old.Things
	b2 COPY 1:3 Old.Things
	c STORE 1:2 +FLAGS (\Deleted)
	d UID EXPUNGE 1
	e EXPUNGE
	f STORE 1 +FLAGS (\Deleted)
	g CLOSE
	h DELETE Old.Things
	i GETQUOTA "User quota"
	END
	is 11 "$(grep -c '^[a-i]2\?1\? OK' <<<"$output")"
	is 3 "$(in_maildir "$BOX" | cut -d' ' -f2)"
	has "$output" '^\* QUOTA "User quota" \(STORAGE 3 20\)$'
	noted_right "$BOX"
}

@test "RENAME moves what is counted, also that of INBOX" {
	keep INBOX 1000
	keep Sent 1000
	run -0 raw <<-'END'
	a RENAME Sent Gone
	b RENAME INBOX Old
	c GETQUOTA "User quota"
	END
	has "$output" '^\* QUOTA "User quota" \(STORAGE 2 20\)$'
	noted_right "$BOX"
}

@test "a full mailbox is emptied: MOVE to Trash, EXPUNGE and APPEND go again" {
	keep INBOX 15000
	quota bob 100
	run -0 raw <<-'END'
	a SELECT INBOX
	b MOVE 1 Trash
	c SELECT Trash
	d STORE 1 +FLAGS (\Deleted)
	e CLOSE
	f GETQUOTA "User quota"
	END
	is 6 "$(grep -c '^[a-f] OK' <<<"$output")"
	has "$output" '^\* QUOTA "User quota" \(STORAGE 0 1\)$'
	is 100S "$(head -1 "$BOX/maildirsize")"
	keep INBOX 50
	noted_right "$BOX"
}

@test "STATUS DELETED and DELETED-STORAGE say what EXPUNGE would give" {
	keep INBOX 1000
	keep INBOX 2000
	run -0 raw <<-'END'
	a SELECT INBOX
	b STORE 2 +FLAGS (\Deleted)
	c STATUS INBOX (DELETED DELETED-STORAGE MESSAGES)
	d STATUS Trash (DELETED-STORAGE)
	END
	has "$output" '^\* STATUS INBOX \(MESSAGES 2 DELETED 1 DELETED-STORAGE 2000\)$'
	has "$output" '^\* STATUS Trash \(DELETED-STORAGE 0\)$'
}

@test "a message without S= in its name counts with its size" {
	mail_of 3000 >"$BOX/cur/1700000001.M1P1.h:2,S"
	mail_of 2000 >"$BOX/cur/1700000002.M1P1.h,S=7000:2,S"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	run -0 raw <<-'END'
	a GETQUOTA "User quota"
	b SELECT INBOX
	c COPY 1:2 Trash
	d STORE 1:2 +FLAGS (\Deleted)
	e EXPUNGE
	f GETQUOTA "User quota"
	END
	has "$output" '^\* QUOTA "User quota" \(STORAGE 10 20\)$'
	has "$output" '^c OK'
	is '20000S
10000 2
10000 2
-10000 -2' "$(cat "$BOX/maildirsize")"
}

@test "S36: a message that is gone takes no room when it is copied" {
	quota bob 6500
	keep INBOX 1000
	keep INBOX 5000
	export BIN BOB
	export -f other
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	RUN other 'STORE 2 +FLAGS (\Deleted)' EXPUNGE
	C: b COPY 1:2 Trash
	S.~ b OK \[COPYUID \d+ 1 1\]
	END
}
