#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# APPEND: literals of every kind, APPENDLIMIT (RFC 7889), MULTIAPPEND (RFC 3502).

load lib/helpers
load lib/imap
load lib/quota

setup()
{
	instance_new
	BOX=$(maildir bob)
}

# Nothing half done: neither in tmp/ nor in sight.
untouched()
{
	is '' "$(find "$BOX"/{cur,new,tmp} -type f)"
}

@test "APPENDLIMIT: told, asked for, and a literal over it refused before it is sent" {
	setting message_size_limit 1000
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CAPABILITY
	S~ \* CAPABILITY .* APPENDLIMIT=1000( |$)
	S: a OK
	C: b STATUS INBOX (MESSAGES APPENDLIMIT)
	S= * STATUS INBOX (MESSAGES 0 APPENDLIMIT 1000)
	S: b OK
	C: c APPEND INBOX {1001}
	S: c NO [TOOBIG]
	C: d APPEND INBOX {4294967296}
	S: d NO [TOOBIG]
	C: e APPEND INBOX {99999999999999999999}
	S: e NO [TOOBIG]
	END
	untouched
	{
		echo 'S: * PREAUTH'
		echo 'C: a APPEND INBOX {1000}'
		echo 'S: + '
		printf 'C: '
		printf 'x%.0s' {1..1000}
		printf '\nS: a OK\n'
	} | user_dialogue
	is 1 "$(count bob)"
}

@test "a literal over the limit that is not waited for is read past; a huge one is not read" {
	setting message_size_limit 1000
	{
		echo 'S: * PREAUTH'
		echo 'C: a APPEND INBOX {1200+}'
		printf 'C: '
		printf 'x%.0s' {1..1200}
		printf '\nS: a NO [TOOBIG]\n'
		printf 'C: b NOOP\nS: b OK\n'
		echo 'C: c APPEND INBOX {4294967296+}'
		echo 'S: * BYE [TOOBIG]'
		echo 'S$'
	} | user_dialogue
	untouched
}

@test "LITERAL+: one of more than 4096 octets needs no wait; LITERAL- is not named beside it" {
	{
		echo 'S: * PREAUTH'
		echo 'C: a CAPABILITY'
		echo 'S~ (?!.*LITERAL-)\* CAPABILITY .*LITERAL\+'
		echo 'S: a OK'
		echo 'C| b APPEND INBOX {5000+}'
		printf 'C| '
		printf 'x%.0s' {1..5000}
		printf '\nC: c NOOP\nS: b OK [APPENDUID\nS: c OK\n'
	} | user_dialogue
}

@test "MULTIAPPEND: each message with its own flags and date, UIDs in their order" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CAPABILITY
	S~ \* CAPABILITY .* MULTIAPPEND
	S: a OK
	C: b APPEND INBOX (\\Seen) {9}
	S: + 
	C> A: 1\r\n\r\nx
	C:  "17-Jul-1996 02:44:25 +0000" {9+}
	C> A: 2\r\n\r\nx
	C:  (kw \\Flagged) " 1-Feb-2001 00:00:00 +0000" {9}
	S: + 
	C: A: 3\r\n\r\nx
	S~ b OK \[APPENDUID [0-9]+ 1:3\]
	C: c SELECT INBOX
	S.. * 3 EXISTS
	S.. c OK
	C: d FETCH 1:3 (UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (A)])
	S~ \* 1 FETCH \(UID 1 FLAGS \(\\Seen\) INTERNALDATE ".*
	S= A: 1
	S= 
	S= )
	S~ \* 2 FETCH \(UID 2 FLAGS \(\\Recent\) INTERNALDATE "17-Jul-1996 
	S= A: 2
	S= 
	S= )
	S~ \* 3 FETCH \(UID 3 FLAGS \(\\Flagged kw\) INTERNALDATE "(31-Jan| 1-Feb)-2001 
	S= A: 3
	S= 
	S= )
	S: d OK
	END
	is '' "$(find "$BOX/tmp" -type f)"
}

@test "MULTIAPPEND: a mistake in the last message leaves nothing of the others" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND INBOX {3+}
	C> abc
	C:  {3+}
	C: a\0c
	S: a BAD
	C: b APPEND INBOX {3+}
	C> abc
	C:  (\\Bogus) {3+}
	C: abc
	S: b BAD
	C: c APPEND INBOX {3+}
	C> abc
	C:  {3+}
	C: abc x
	S: c BAD
	C: d APPEND INBOX {3+}
	C> abc
	C:  {0}
	S: d NO
	C: e APPEND INBOX {3+}
	C> abc
	C:  {60000000}
	S: e NO [TOOBIG]
	C: f APPEND Missing {3+}
	C> abc
	C:  {3+}
	C: abc
	S: f NO [TRYCREATE]
	C: g NOOP
	S: g OK
	END
	untouched
}

@test "MULTIAPPEND cut off leaves nothing" {
	printf 'a APPEND INBOX {3+}\r\nabc {3+}\r\nab' | imap_session -u "$BOB"
	untouched
}

@test "MULTIAPPEND: the quota counts over all of them" {
	quota bob 1000
	{
		echo 'S: * PREAUTH'
		echo 'C: a APPEND INBOX {600+}'
		printf 'C> '
		printf 'x%.0s' {1..600}
		printf '\nC:  {600}\n'
		echo 'S: a NO [OVERQUOTA]'
		echo 'C: b APPEND INBOX {600+}'
		printf 'C> '
		printf 'x%.0s' {1..600}
		printf '\nC:  {300}\nS: + \nC: '
		printf 'x%.0s' {1..300}
		printf '\nS: b OK [APPENDUID\n'
		echo 'C: c GETQUOTA "User quota"'
		echo 'S: * QUOTA "User quota" (STORAGE 1 1)'
		echo 'S: c OK'
	} | user_dialogue
	is 2 "$(count bob)"
	is 900 "$(awk 'NR > 1 { sum += $1 } END { print sum }' "$BOX/maildirsize")"
}

@test "APPEND with a keyword leaves new messages recent for the next session" {
	mail_text one >"$BOX/new/1700000001.M1P1.h"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND INBOX (kw) {3+}
	C: abc
	S: a OK
	END
	is 1700000001.M1P1.h "$(ls "$BOX/new")"
}

@test "APPEND of UTF8 data, once UTF8=ACCEPT is enabled" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND INBOX UTF8 (~{16}
	S: a BAD
	C: b ENABLE UTF8=ACCEPT
	S.. b OK
	C: c APPEND INBOX (\\Seen) UTF8 (~{16}
	S: + 
	C> Subject: \xc3\xa4\r\n\r\nx
	C: )
	S: c OK [APPENDUID
	C: d APPEND INBOX UTF8 (~{16+}
	C> Subject: \xc3\xa4\r\n\r\nx
	C:
	S: d BAD
	C: e APPEND INBOX UTF8 ({16+}
	C> Subject: \xc3\xa4\r\n\r\nx
	C: )
	S: e BAD
	C: f SELECT INBOX
	S.. * 1 EXISTS
	S.. f OK
	C: g FETCH 1 BODY.PEEK[]
	S= * 1 FETCH (BODY[] {16}
	S= Subject: \xc3\xa4
	S= 
	S= x)
	S: g OK
	END
}
