#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# CONTEXT=SEARCH and CONTEXT=SORT (RFC 5267): results that are kept up to date.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
	export BOX
}

# put NUMBER SUBJECT [FLAGS]: a message that came on day NUMBER.
put()
{
	mail_text "$2" >"$BOX/cur/$((1700000000 + $1)).M$1P1.mx:2,${3-}"
	touch -d "2024-01-0$1" "$BOX/cur/$((1700000000 + $1)).M$1P1.mx:2,${3-}"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# Subjects out of order, the second and the fourth seen.
six()
{
	put 1 delta
	put 2 bravo S
	put 3 echo
	put 4 alpha S
	put 5 charlie
	put 6 foxtrot
}

@test "CONTEXT: named in CAPABILITY" {
	user_dialogue <<-'END'
	S~ .* CONTEXT=SEARCH CONTEXT=SORT .*
	END
}

@test "CONTEXT: RETURN (UPDATE) tells what flags change, its other options hold" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b UID SEARCH RETURN (UPDATE COUNT ALL) UNSEEN
	S= * ESEARCH (TAG "b") UID ALL 1,3,5:6 COUNT 4
	S: b OK
	C: c STORE 3,5 +FLAGS (\\Seen)
	S: * 3 FETCH
	S: * 5 FETCH
	S= * ESEARCH (TAG "b") UID REMOVEFROM (0 3,5)
	S: c OK
	C: d STORE 2:4 -FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") UID ADDTO (0 2:4)
	S: d OK
	C: e STORE 2 +FLAGS.SILENT (\\Flagged)
	S: e OK
	C: f NOOP
	S: f OK
	END
}

@test "CONTEXT: RETURN (UPDATE) alone, with SAVE, with CONTEXT" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (CONTEXT) SEEN
	S= * ESEARCH (TAG "b")
	S: b OK
	C: c SEARCH RETURN (UPDATE) SEEN
	S= * ESEARCH (TAG "c")
	S: c OK
	C: d SEARCH RETURN (SAVE UPDATE) FLAGGED
	S: d OK
	C: e SEARCH RETURN (UPDATE CONTEXT PARTIAL 1:1 MIN) UNSEEN
	S= * ESEARCH (TAG "e") MIN 1 PARTIAL (1:1 1)
	S: e OK
	C: f STORE 6 +FLAGS.SILENT (\\Seen \\Flagged)
	S= * ESEARCH (TAG "e") REMOVEFROM (0 6)
	S= * ESEARCH (TAG "d") ADDTO (0 6)
	S= * ESEARCH (TAG "c") ADDTO (0 6)
	S: f OK
	END
}

@test "CONTEXT: a message that comes is told after EXISTS, one that goes before EXPUNGE" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (UPDATE) UNSEEN
	S: * ESEARCH
	S: b OK
	C: c UID SEARCH RETURN (UPDATE) SUBJECT o
	S: * ESEARCH
	S: c OK
	C: d APPEND INBOX {18+}
	C: Subject: golf
	C: 
	C: x
	S= * 7 EXISTS
	S= * 1 RECENT
	S= * ESEARCH (TAG "c") UID ADDTO (0 7)
	S= * ESEARCH (TAG "b") ADDTO (0 7)
	S: d OK
	C: e UID STORE 3,6 +FLAGS.SILENT (\\Deleted)
	S: e OK
	C: f EXPUNGE
	S= * ESEARCH (TAG "c") UID REMOVEFROM (0 3,6)
	S= * ESEARCH (TAG "b") REMOVEFROM (0 3,6)
	S= * 6 EXPUNGE
	S= * 3 EXPUNGE
	S: f OK
	# numbers are those of now
	C: g UID STORE 7 +FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") REMOVEFROM (0 5)
	S: g OK
	C: h APPEND INBOX (\\Seen) {18+}
	C: Subject: home
	C: 
	C: x
	S= * 6 EXISTS
	S: * 1 RECENT
	S= * ESEARCH (TAG "c") UID ADDTO (0 8)
	S: h OK
	END
}

@test "CONTEXT: FETCH, STORE and SEARCH leave out what they may not tell" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (UPDATE) UNSEEN
	S: * ESEARCH
	S: b OK
	RUN rm "$BOX/cur/"*M1P1*
	C: c FETCH 3 UID
	S: * 3 FETCH
	S: c OK
	C: d STORE 3 +FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") REMOVEFROM (0 3)
	S: d OK
	C: e NOOP
	S= * ESEARCH (TAG "b") REMOVEFROM (0 1)
	S= * 1 EXPUNGE
	S: e OK
	END
}

@test "CONTEXT=SORT: places in the order" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED
	S= * ESEARCH (TAG "b") UID ALL 4,2,5,1,3,6
	S: b OK
	C: c SORT RETURN (UPDATE COUNT) (REVERSE SUBJECT) UTF-8 UNSEEN
	S= * ESEARCH (TAG "c") COUNT 4
	S: c OK
	C: d UID STORE 2,5,3 +FLAGS.SILENT (\\Deleted)
	S= * ESEARCH (TAG "b") UID REMOVEFROM (5 3 2 2,5)
	S: d OK
	C: e UID STORE 3,5 -FLAGS.SILENT (\\Deleted)
	S= * ESEARCH (TAG "b") UID ADDTO (2 5 4 3)
	S: e OK
	C: f STORE 2 -FLAGS.SILENT (\\Deleted \\Seen)
	S= * ESEARCH (TAG "c") ADDTO (5 2)
	S= * ESEARCH (TAG "b") UID ADDTO (2 2)
	S: f OK
	C: g APPEND INBOX {22+}
	C: Subject: Re: beta
	C: 
	C: .
	S: * 7 EXISTS
	S: * 1 RECENT
	S= * ESEARCH (TAG "c") ADDTO (6 7)
	S= * ESEARCH (TAG "b") UID ADDTO (2 7)
	S: g OK
	C: h STORE 4,7 +FLAGS.SILENT (\\Deleted)
	S= * ESEARCH (TAG "b") UID REMOVEFROM (1 4,7)
	S: h OK
	C: i EXPUNGE
	S= * ESEARCH (TAG "c") REMOVEFROM (6 7)
	S= * 7 EXPUNGE
	S= * 4 EXPUNGE
	S: i OK
	END
}

@test "CONTEXT: equal messages stay in the order of the mailbox" {
	for i in 1 2 3 4; do put "$i" same; done
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b UID SORT RETURN (UPDATE ALL) (REVERSE SUBJECT) UTF-8 UNSEEN
	S= * ESEARCH (TAG "b") UID ALL 1:4
	S: b OK
	C: c UID STORE 2:3 +FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") UID REMOVEFROM (2 2:3)
	S: c OK
	C: d UID STORE 3 -FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") UID ADDTO (2 3)
	S: d OK
	C: e UID STORE 2 -FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") UID ADDTO (2 2)
	S: e OK
	END
}

@test "CONTEXT: CANCELUPDATE, and a tag that is in use" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: z CANCELUPDATE "b"
	S: z BAD
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (UPDATE) UNSEEN
	S: * ESEARCH
	S: b OK
	C: c SEARCH RETURN (UPDATE) SEEN
	S: * ESEARCH
	S: c OK
	C: b SEARCH RETURN (UPDATE) FLAGGED
	S: b BAD
	C: b SEARCH RETURN (COUNT) FLAGGED
	S: * ESEARCH
	S: b OK
	C: d CANCELUPDATE
	S: d BAD
	C: d CANCELUPDATE b
	S: d BAD
	C: d CANCELUPDATE "b" "c" x
	S: d BAD
	C: e SEARCH RETURN (UPDATE) SEEN
	S: * ESEARCH
	S: e OK
	C: f CANCELUPDATE "e" "b"
	S: f NO
	C: g SEARCH RETURN (UPDATE UPDATE) SEEN
	S: g BAD
	C: h SEARCH RETURN (UPDATE) SEEN
	S: * ESEARCH
	S: h OK
	C: i CANCELUPDATE "h"
	S: i OK
	C: j STORE 1:6 +FLAGS.SILENT (\\Seen)
	S: j OK
	C: b SEARCH RETURN (UPDATE) SEEN
	S: * ESEARCH
	S: b OK
	C: k STORE 1 -FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "b") REMOVEFROM (0 1)
	S: k OK
	END
}

@test "CONTEXT: the mailbox is left, and all ends" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (UPDATE) UNSEEN
	S: * ESEARCH
	S: b OK
	C: c SELECT INBOX
	S.. c OK
	C: d STORE 1 +FLAGS.SILENT (\\Seen)
	S: d OK
	C: e CANCELUPDATE "b"
	S: e NO
	END
}

@test "CONTEXT: NOUPDATE for what does not last, and for too many" {
	six
	{
		cat <<-'END'
		S: * PREAUTH
		C: a SELECT INBOX
		S.. a OK
		C: b SEARCH RETURN (UPDATE COUNT) 1:3 UNSEEN
		S: * NO [NOUPDATE "b"]
		S= * ESEARCH (TAG "b") COUNT 2
		S: b OK
		C: c SEARCH RETURN (UPDATE COUNT) NOT YOUNGER 60
		S: * NO [NOUPDATE "c"]
		S: * ESEARCH (TAG "c") COUNT 6
		S: c OK
		C: d SEARCH RETURN (UPDATE COUNT) UID 9:*
		S: * NO [NOUPDATE "d"]
		S: * ESEARCH (TAG "d") COUNT 1
		S: d OK
		C: e STORE 1:6 +FLAGS.SILENT (\\Seen)
		S: e OK
		END
		for i in {1..16}; do
			printf 'C: f%s SEARCH RETURN (UPDATE) KEYWORD k\n' "$i"
			printf 'S: * ESEARCH (TAG "f%s")\nS: f%s OK\n' "$i" "$i"
		done
		cat <<-'END'
		C: g SEARCH RETURN (UPDATE COUNT) KEYWORD k
		S: * NO [NOUPDATE "g"]
		S= * ESEARCH (TAG "g") COUNT 0
		S: g OK
		C: h CANCELUPDATE "f4"
		S: h OK
		C: g SEARCH RETURN (UPDATE COUNT) KEYWORD k
		S= * ESEARCH (TAG "g") COUNT 0
		S: g OK
		END
	} | user_dialogue
}

@test "CONTEXT: UIDs up to *, 1:* and what was saved go on" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b UID SEARCH RETURN (UPDATE) UID 5:* UNSEEN
	S: * ESEARCH
	S: b OK
	C: c UID SEARCH RETURN (UPDATE) *:1
	S: * ESEARCH
	S: c OK
	C: d SEARCH RETURN (SAVE) SEEN
	S: d OK
	C: e UID SEARCH RETURN (UPDATE) $ FLAGGED
	S: * ESEARCH
	S: e OK
	C: f STORE 1:6 +FLAGS.SILENT (\\Flagged \\Seen)
	S= * ESEARCH (TAG "e") UID ADDTO (0 2,4)
	S= * ESEARCH (TAG "b") UID REMOVEFROM (0 5:6)
	S: f OK
	C: g APPEND INBOX {18+}
	C: Subject: golf
	C: 
	C: x
	S: * 7 EXISTS
	S: * 1 RECENT
	S= * ESEARCH (TAG "c") UID ADDTO (0 7)
	S= * ESEARCH (TAG "b") UID ADDTO (0 7)
	S: g OK
	END
}

@test "CONTEXT: IDLE tells what other clients do, with QRESYNC before VANISHED" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a ENABLE QRESYNC
	S.. a OK
	C: b SELECT INBOX
	S.. b OK
	C: c UID SORT RETURN (UPDATE) (REVERSE ARRIVAL) UTF-8 UNSEEN
	S: * ESEARCH
	S: c OK
	C: d IDLE
	S: +
	RUN other 'STORE 4 -FLAGS (\Seen)' >/dev/null
	S: * 4 FETCH
	S= * ESEARCH (TAG "c") UID ADDTO (3 4)
	RUN other 'STORE 5 +FLAGS (\Deleted)' 'EXPUNGE' >/dev/null
	S.. * ESEARCH (TAG "c") UID REMOVEFROM (2 5)
	S= * VANISHED 5
	C: DONE
	S: d OK
	END
}

@test "CONTEXT: with UIDONLY nothing tells numbers" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (UPDATE) UNSEEN
	S: * ESEARCH
	S: b OK
	C: c UID SEARCH RETURN (UPDATE) UNSEEN
	S: * ESEARCH
	S: c OK
	C: d ENABLE UIDONLY
	S: * ENABLED UIDONLY
	S: * NO [NOUPDATE "b"]
	S: d OK
	C: e UID STORE 1 +FLAGS.SILENT (\\Seen)
	S= * ESEARCH (TAG "c") UID REMOVEFROM (0 1)
	S: e OK
	END
}

@test "CONTEXT: MODSEQ and keywords as criteria" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (UPDATE) MODSEQ 9000000000000000
	S.. b OK
	C: c SEARCH RETURN (UPDATE) KEYWORD work
	S: * ESEARCH
	S: c OK
	C: d STORE 1 +FLAGS.SILENT (work)
	S.. * ESEARCH (TAG "c") ADDTO (0 1)
	S: d OK
	C: e STORE 1 -FLAGS.SILENT (work)
	S.. * ESEARCH (TAG "c") REMOVEFROM (0 1)
	S: e OK
	END
}

@test "CONTEXT: NOTIFY between commands; UPDATE with what to fetch of new messages" {
	six
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b UID SEARCH RETURN (UPDATE (BODY.PEEK[HEADER.FIELDS (SUBJECT)])) UNSEEN
	S: * ESEARCH
	S: b OK
	C: c SEARCH RETURN (UPDATE(UID)) ALL
	S: * ESEARCH
	S: c OK
	C: d SEARCH RETURN (UPDATE (NONSENSE)) ALL
	S: d BAD
	C: e NOTIFY SET (SELECTED (MessageNew MessageExpunge))
	S: e OK
	RUN printf 'Subject: golf\n\nx\n' | "$BIN/deliver" "$BOB"
	S: * 7 EXISTS
	S: * 1 RECENT
	S= * 7 FETCH (UID 7)
	S= * ESEARCH (TAG "c") ADDTO (0 7)
	S= * 7 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)] {17}
	S= Subject: golf
	S= 
	S= )
	S= * ESEARCH (TAG "b") UID ADDTO (0 7)
	# flags wait for a command, and are no news to fetch
	RUN other 'STORE 2 -FLAGS (\Seen)' 'STORE 4 +FLAGS (\Deleted)' >/dev/null
	RUN other 'EXPUNGE' >/dev/null
	S= * ESEARCH (TAG "c") REMOVEFROM (0 4)
	S= * 4 EXPUNGE
	C: f NOOP
	S.. * ESEARCH (TAG "b") UID ADDTO (0 2)
	S: f OK
	END
}
