#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# IMAP4rev2 (RFC 9051, appendix E): what is another after ENABLE IMAP4rev2, and
# that it is as ever without it.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	mail_text 'one' | "$BIN/deliver" "$BOB"
	mail_text 'two' | "$BIN/deliver" "$BOB"
}

# What IMAP4rev2 has of its own accord is there.
@test "IMAP4rev2 is told beside IMAP4rev1, before and after the login" {
	setting disable_plaintext_auth no
	imap_dialogue <<-END
	S~ \* OK \[CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL\+ SASL-IR
	C: a LOGIN $BOB $BOB_PASSWORD
	S~ a OK \[CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL\+ SASL-IR
	END
	user_dialogue <<-'END'
	S~ \* PREAUTH .* ENABLE IDLE BINARY .* ESEARCH .* LIST-EXTENDED .* LIST-STATUS .* MOVE .* NAMESPACE .* SEARCHRES .* SPECIAL-USE STATUS=SIZE .* UIDPLUS UNSELECT
	END
}

@test "IMAP4rev2: SELECT tells the name and no RECENT, no UNSEEN; CLOSED before the next" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a ENABLE IMAP4rev2
	S= * ENABLED IMAP4rev2
	S: a OK
	C: b SELECT INBOX
	S: * FLAGS
	S: * OK [PERMANENTFLAGS
	S: * 2 EXISTS
	S: * OK [MAILBOXID
	S: * OK [UIDVALIDITY
	S: * OK [UIDNEXT
	S: * OK [HIGHESTMODSEQ
	S= * LIST () "." INBOX
	S: b OK [READ-WRITE]
	C: c FETCH 1:2 FLAGS
	S= * 1 FETCH (FLAGS ())
	S= * 2 FETCH (FLAGS ())
	S: c OK
	C: d EXAMINE inbox
	S: * OK [CLOSED]
	S.. * LIST () "." INBOX ("OLDNAME" (inbox))
	S: d OK [READ-ONLY]
	C: e SELECT missing
	S: * OK [CLOSED]
	S: e NO [NONEXISTENT]
	C: f CREATE "Entw\xc3\xbcrfe"
	S: f OK
	C: g SELECT "Entw\xc3\xbcrfe"
	S.. * LIST () "." "Entw\xc3\xbcrfe"
	S: g OK
	C: h LIST (SUBSCRIBED) "" inbox
	S= * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S: h OK
	END
}

@test "IMAP4rev2: SEARCH is answered by ESEARCH, and a CHARSET may be said" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH ALL
	S= * SEARCH 1 2
	S: b OK
	C: c ENABLE IMAP4REV2
	S= * ENABLED IMAP4rev2
	S: c OK
	C: d SEARCH ALL
	S= * ESEARCH (TAG "d") ALL 1:2
	S: d OK
	C: e UID SEARCH SUBJECT two
	S~ \* ESEARCH \(TAG "e"\) UID ALL [12]$
	S: e OK
	C: f SEARCH SEEN
	S= * ESEARCH (TAG "f")
	S: f OK
	C: g SEARCH RETURN (COUNT) LARGER 0 SMALLER 5000000000
	S= * ESEARCH (TAG "g") COUNT 2
	S: g OK
	C: h SEARCH CHARSET UTF-8 LARGER 9223372036854775807
	S= * ESEARCH (TAG "h")
	S: h OK
	C: i SEARCH LARGER 9223372036854775808
	S: i BAD
	C: j FETCH 1 BODY.PEEK[]<5000000000.9223372036854775807>
	S= * 1 FETCH (BODY[]<4294967295> {0}
	S: )
	S: j OK
	END
}

@test "IMAP4rev2: every FETCH nobody asked for has the UID; EXISTS comes alone" {
	local bob
	bob=$(maildir bob)
	{
		printf 'S: * PREAUTH\nC: a ENABLE IMAP4REV2\nS: * ENABLED\nS: a OK\n'
		printf 'C: b SELECT INBOX\nS.. b OK\n'
		printf 'C: c STORE 1 +FLAGS (\\\\Seen)\nS= * 1 FETCH (UID 1 FLAGS (\\\\Seen))\nS: c OK\n'
		printf 'C: d APPEND INBOX {5+}\nC: a: b\nS= * 3 EXISTS\nS: d OK\n'
		printf 'C: e FETCH 3 FLAGS\nS= * 3 FETCH (FLAGS ())\nS: e OK\n'
		printf 'C: f STATUS INBOX (MESSAGES SIZE DELETED)\n'
		printf 'S~ \\* STATUS INBOX \\(MESSAGES 3 DELETED 0 SIZE [0-9]+\\)\nS: f OK\n'
		printf 'C: g FETCH 1 BINARY.SIZE[1]\nS~ \\* 1 FETCH \\(BINARY.SIZE\\[1\\] [0-9]+\\)\nS: g OK\n'
		printf 'C: h MOVE 1 Trash\nS: * OK [COPYUID\nS: * 1 EXPUNGE\nS: h OK\n'
	} | user_dialogue
	is 2 "$(count bob)"
}

@test "without ENABLE all is IMAP4rev1" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a EXAMINE INBOX
	S.. * 2 EXISTS
	S: * 2 RECENT
	S: * OK [UNSEEN 1]
	S.~ (?!\* LIST)
	S.. a OK
	C: b FETCH 1 FLAGS
	S= * 1 FETCH (FLAGS (\\Recent))
	S: b OK
	END
}
