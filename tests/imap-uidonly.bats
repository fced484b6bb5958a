#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# UIDONLY: message numbers are no more.

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

@test "UIDONLY: numbers are refused, answers name UIDs" {
	put_messages 3
	user_dialogue <<-'END'
	S~ \* PREAUTH \[CAPABILITY .* UIDONLY[ \]]
	C: a ENABLE UIDONLY
	S= * ENABLED UIDONLY
	S: a OK
	C: b SELECT INBOX
	S.. b OK
	C: c FETCH 1 FLAGS
	S: c BAD [UIDREQUIRED]
	C: c STORE 1 FLAGS ()
	S: c BAD [UIDREQUIRED]
	C: c COPY 1 Trash
	S: c BAD [UIDREQUIRED]
	C: c MOVE 1 Trash
	S: c BAD [UIDREQUIRED]
	C: c SEARCH ALL
	S: c BAD [UIDREQUIRED]
	C: d UID MOVE 1 Trash
	S: * OK [COPYUID
	S= * VANISHED 1
	S: d OK
	C: e UID FETCH 1:3 RFC822.SIZE
	S~ \* 2 UIDFETCH \(RFC822.SIZE \d+\)
	S~ \* 3 UIDFETCH \(RFC822.SIZE \d+\)
	S: e OK
	C: f UID FETCH 2 (UID FLAGS)
	S= * 2 UIDFETCH (UID 2 FLAGS ())
	S: f OK
	C: g UID STORE 3 +FLAGS (\\Deleted)
	S= * 3 UIDFETCH (FLAGS (\\Deleted))
	S: g OK
	C: h EXPUNGE
	S= * VANISHED 3
	S: h OK EXPUNGE
	C: i UID SEARCH ALL
	S= * SEARCH 2
	S: i OK
	C: i UID SEARCH NOT 1
	S: i BAD [UIDREQUIRED]
	C: i UID SORT (DATE) UTF-8 OR SEEN (DELETED 1:2)
	S: i BAD [UIDREQUIRED]
	C: i UID THREAD REFS UTF-8 1
	S: i BAD [UIDREQUIRED]
	C: j UID FETCH 2 BODY[TEXT]<0.1>
	S: * 2 UIDFETCH (BODY[TEXT]<0> {1}
	S~ . FLAGS \(\\Seen\)\)
	S: j OK
	RUN other 'STORE 1 +FLAGS (\Flagged)'
	C: k NOOP
	S= * 2 UIDFETCH (FLAGS (\\Flagged \\Seen))
	S: k OK
	RUN other 'STORE 1 +FLAGS (\Deleted)' 'EXPUNGE'
	C: l NOOP
	S= * VANISHED 2
	S: l OK
	END
}

@test "UIDONLY with mod-sequences, and no pairs of numbers and UIDs for QRESYNC" {
	put_messages 2
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a ENABLE QRESYNC UIDONLY
	S= * ENABLED QRESYNC UIDONLY
	S: a OK
	C: b SELECT INBOX (QRESYNC (1 1 1:2 (1 1)))
	S: b BAD [UIDREQUIRED]
	C: c SELECT INBOX
	S.~ \* OK \[UIDVALIDITY (?P<VALIDITY>\d+)\]
	S.. c OK
	C: d UID STORE 2 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)
	S~ \* 2 UIDFETCH \(FLAGS \(\) MODSEQ \(\d+\)\)
	S: d OK [MODIFIED 2]
	C: e UID STORE 2 +FLAGS.SILENT (\\Deleted)
	S~ \* 2 UIDFETCH \(MODSEQ \(\d+\)\)
	S: e OK
	C: f EXPUNGE
	S= * VANISHED 2
	S: f OK [HIGHESTMODSEQ 
	C: g SELECT INBOX (QRESYNC (${VALIDITY} 1))
	S.. * OK [HIGHESTMODSEQ
	S= * VANISHED (EARLIER) 2
	S~ \* 1 UIDFETCH \(FLAGS \(\) MODSEQ \(\d+\)\)
	S: g OK
	END
}

@test "UIDONLY: SELECT does not say which message is the first unseen" {
	put_messages 1
	run -0 other 'ENABLE UIDONLY' 'EXAMINE INBOX'
	is 1 "$(grep -c 'OK \[UNSEEN 1\]' <<<"$output")"
	is 2 "$(grep -c '^\* 1 EXISTS' <<<"$output")"
}
