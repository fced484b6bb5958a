#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# QRESYNC: a client comes back and is told what has happened meanwhile; a
# selected mailbox that is closed, deleted or made anew.

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

@test "VANISHED in UIDs instead of EXPUNGE, and HIGHESTMODSEQ where the client expunged" {
	put_messages 6
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a ENABLE QRESYNC
	S= * ENABLED QRESYNC
	S: a OK
	C: b SELECT INBOX
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: b OK
	C: c STORE 1,3 +FLAGS.SILENT (\\Deleted)
	S: * 1 FETCH (UID 1 MODSEQ (
	S: * 3 FETCH (UID 3 MODSEQ (
	S: c OK
	C: d EXPUNGE
	S= * VANISHED 1,3
	S~ d OK \[HIGHESTMODSEQ (?P<AFTER>\d+)\]
	RUN (( AFTER > HIGHEST ))
	C: e EXPUNGE
	S: e OK EXPUNGE
	C: f STORE 2:3 +FLAGS.SILENT (\\Deleted)
	S: * 2 FETCH (UID 4 MODSEQ (
	S: * 3 FETCH (UID 5 MODSEQ (
	S: f OK
	C: g UID EXPUNGE 5:9
	S= * VANISHED 5
	S: g OK [HIGHESTMODSEQ 
	# by others, also during UID commands, but not during FETCH
	RUN other 'UID STORE 6 +FLAGS (\Deleted)' 'UID EXPUNGE 6'
	C: h FETCH 1 UID
	S= * 1 FETCH (UID 2)
	S: * OK [HIGHESTMODSEQ 
	S: h OK
	C: i UID FETCH 2 UID
	S= * 1 FETCH (UID 2)
	S= * VANISHED 6
	S: * OK [HIGHESTMODSEQ 
	S: i OK
	# numbers in a search: not during that either
	RUN other 'UID STORE 4 +FLAGS (\Deleted)' 'UID EXPUNGE 4'
	C: i UID SEARCH 1 ALL
	S= * SEARCH 2
	S: * OK [HIGHESTMODSEQ 
	S: i OK
	C: i UID SEARCH ALL
	S: * SEARCH 2
	S: * 
	S.. i OK
	C: j CLOSE
	S: j OK CLOSE
	C: k SELECT INBOX
	S.. * 1 EXISTS
	S.. k OK
	C: l UID MOVE 2 Trash
	S: * OK [COPYUID
	S= * VANISHED 2
	S: l OK [HIGHESTMODSEQ 
	END
}

@test "SELECT with QRESYNC tells what vanished and what changed" {
	put_messages 9
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a ENABLE QRESYNC
	S: * ENABLED
	S: a OK
	C: b SELECT INBOX
	S.~ \* OK \[UIDVALIDITY (?P<VALIDITY>\d+)\]
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: b OK
	C: c UID STORE 2,3,5 +FLAGS.SILENT (\\Deleted)
	S.. c OK
	C: d EXPUNGE
	S= * VANISHED 2:3,5
	S: d OK
	C: e STORE 1 +FLAGS (\\Flagged)
	S: * 1 FETCH
	S: e OK
	C: f UNSELECT
	S: f OK
	C: g SELECT INBOX (QRESYNC (${VALIDITY} ${HIGHEST}))
	S.. * OK [HIGHESTMODSEQ
	S= * VANISHED (EARLIER) 2:3,5
	S~ \* 1 FETCH \(UID 1 FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)
	S.. g OK
	# of known UIDs only
	C: h EXAMINE INBOX (QRESYNC (${VALIDITY} 1 3:4))
	S: * OK [CLOSED]
	S.. * OK [HIGHESTMODSEQ
	S= * VANISHED (EARLIER) 3
	S: * 2 FETCH (UID 4
	S: h OK
	# pairs that are right hide what is before them
	C: i EXAMINE INBOX (CONDSTORE QRESYNC (${VALIDITY} 1 1:7 (1:2,6 1,4,8)))
	S: * OK [CLOSED]
	S.. * OK [HIGHESTMODSEQ
	S= * VANISHED (EARLIER) 5
	S.. * 4 FETCH (UID 7
	S: i OK
	C: j EXAMINE INBOX (QRESYNC (${VALIDITY} 1 (3 6)))
	S.. * OK [HIGHESTMODSEQ
	S: * 1 FETCH (UID 1
	S.. j OK
	# another UIDVALIDITY: nothing
	C: k EXAMINE INBOX (QRESYNC (1 1))
	S.. * OK [HIGHESTMODSEQ
	S: k OK [READ-ONLY]
	END
}

@test "SELECT with QRESYNC: wrong arguments, and without ENABLE" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (QRESYNC (1 1))
	S: a BAD
	C: b ENABLE QRESYNC CONDSTORE
	S= * ENABLED CONDSTORE QRESYNC
	S: b OK
	C: c SELECT INBOX (QRESYNC)
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (0 1))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1 1 ))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1 1 1:*))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1 1 1:2 (1 2,3)))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1 1 1:2 (2,1 2,3)))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1 1 1:2 (1:2 3:2)))
	S: c BAD
	C: c SELECT INBOX (QRESYNC (1 1) QRESYNC (1 1))
	S: c BAD
	C: d FETCH 1 FLAGS
	S: d BAD No mailbox
	C: e SELECT INBOX (QRESYNC (1 1 1:4294967295 (1:4294967295 1:4294967295)))
	S.. e OK
	END
}

@test "SELECT of another mailbox says that the one before is closed" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S: * FLAGS
	S.. a OK
	C: b SELECT Missing
	S: * OK [CLOSED]
	S: b NO
	C: c SELECT Trash
	S: * FLAGS
	S.. c OK
	END
}

@test "a selected mailbox that is deleted: NO, and the session goes on" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Short
	S: a OK
	C: b SELECT Short
	S.. b OK
	RUN other 'DELETE Short'
	C: c NOOP
	S: * NO [NONEXISTENT]
	S: c OK
	C: d FETCH 1:* FLAGS
	S: d NO [NONEXISTENT]
	C: e EXPUNGE
	S: e NO [NONEXISTENT]
	C: f IDLE
	S: + idling
	C: DONE
	S: f OK
	# one of the same name is not the same
	RUN other 'CREATE Short'
	C: g UID STORE 1:* FLAGS ()
	S: g NO [NONEXISTENT]
	C: h SELECT Short
	S: * OK [CLOSED]
	S.. h OK
	RUN other 'DELETE Short'
	C: i CLOSE
	S.. i 
	C: j SELECT INBOX
	S.. j OK
	C: k FETCH 1 FLAGS
	S: k BAD
	END
}

@test "the session's own DELETE of its mailbox, whatever its name is now" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Short
	S: a OK
	C: b SELECT Short
	S.. b OK
	RUN other 'RENAME Short Long' 'CREATE Short'
	C: c DELETE Short
	S: c OK
	C: d FETCH 1:* FLAGS
	S: d OK
	C: e DELETE Long
	S: e OK
	C: f FETCH 1:* FLAGS
	S: f NO [NONEXISTENT]
	C: g NOOP
	S: g OK
	C: h SELECT INBOX
	S: * OK [CLOSED]
	S.. h OK
	END
}

# A DELETE that goes no further than its second file.
half_deleted()
{
	printf 'a DELETE Short\r\n' |
		strace -f -qq -o /dev/null -e trace=unlinkat \
			-e inject=unlinkat:signal=KILL:when=2 \
			"$BIN/imap-session" -u "$BOB" >/dev/null 2>&1 || true
	local left=("$BOX"/..besace-deleted.*/cur/*)
	((${#left[@]} > 0 && ${#left[@]} < 4))
}

@test "a DELETE that is under way expunges nothing" {
	needs strace
	BOX=$(maildir bob)
	export BOX
	export -f half_deleted
	put_messages 4
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Short
	S: a OK
	RUN other 'COPY 1:4 Short'
	C: b SELECT Short
	S: * FLAGS
	S.. * 4 EXISTS
	S.. b OK
	RUN half_deleted
	C: c NOOP
	S: * NO [NONEXISTENT]
	S: c OK
	C: d FETCH 1:* FLAGS
	S: d NO [NONEXISTENT]
	END
}

@test "a deleted mailbox ends no IDLE, and can be left" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Short
	S: a OK
	C: b SELECT Short
	S.. b OK
	C: c IDLE
	S: + idling
	RUN other 'DELETE Short'
	C: DONE
	S.. c OK
	C: d NOOP
	S.. d OK
	C: e UNSELECT
	S: e OK
	C: f FETCH 1 FLAGS
	S: f BAD No mailbox
	END
}

@test "UIDs that are not the same any more are nobody's" {
	put_messages 2
	BOX=$(maildir bob)
	export BOX
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	RUN printf '3 V4294967200 N10\n4 :17000001001.M1P1.mx\n' >"$BOX/dovecot-uidlist"
	C: b STORE 1 +FLAGS (\\Seen)
	S: * NO [NONEXISTENT]
	S: b NO [NONEXISTENT]
	C: c SELECT INBOX
	S: * OK [CLOSED]
	S.. * OK [UIDVALIDITY 4294967200]
	S.. c OK
	C: d FETCH 1:* FLAGS
	S= * 1 FETCH (FLAGS ())
	S= * 2 FETCH (FLAGS ())
	S: d OK
	END
}

@test "a selected mailbox that is renamed stays what it is" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Old
	S: a OK
	C: b APPEND Old {4+}
	C> a:b\n
	C:
	S: b OK
	C: c SELECT Old
	S.. c OK
	RUN other 'RENAME Old New'
	RUN other 'CREATE Old'
	C: d STORE 1 +FLAGS (\\Seen)
	S: * 1 FETCH (FLAGS (\\Seen
	S: d OK
	# a copy goes to the one that has the name now
	C: e COPY 1 Old
	S: e OK [COPYUID
	C: f STATUS Old (MESSAGES)
	S= * STATUS Old (MESSAGES 1)
	S: f OK
	C: g STATUS New (MESSAGES)
	S= * STATUS New (MESSAGES 1)
	S: g OK
	END
}

@test "UID FETCH with VANISHED tells what is gone before what is left" {
	put_messages 6
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	C: b UID FETCH 1:* FLAGS (CHANGEDSINCE ${HIGHEST} VANISHED)
	S: b BAD
	C: c ENABLE QRESYNC
	S: * ENABLED QRESYNC
	S: * OK [HIGHESTMODSEQ ${HIGHEST}]
	S: c OK
	C: d FETCH 1:* FLAGS (CHANGEDSINCE ${HIGHEST} VANISHED)
	S: d BAD
	C: e UID FETCH 1:* FLAGS (VANISHED)
	S: e BAD
	C: f STORE 2,5:6 +FLAGS.SILENT (\\Deleted)
	S.. f OK
	C: g UID EXPUNGE 2,6
	S= * VANISHED 2,6
	S: g OK
	C: h UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${HIGHEST} VANISHED)
	S= * VANISHED (EARLIER) 2,6
	S: * 4 FETCH (UID 5 MODSEQ (
	S: h OK
	C: i UID FETCH 3:* FLAGS (VANISHED CHANGEDSINCE ${HIGHEST})
	S= * VANISHED (EARLIER) 6
	S: * 4 FETCH (UID 5 MODSEQ (
	S: i OK
	C: j UID FETCH 100 UID (CHANGEDSINCE 1 VANISHED)
	S: j OK
	END
}

@test "what imapflow says, line by line" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: 1 ID ("name" "imapflow" "version" "2.1.2" "vendor" "Postal Systems" "support-url" "https://github.com/postalsys/imapflow/issues")
	S: * ID
	S: 1 OK
	C: 4 NAMESPACE
	S: * NAMESPACE
	S: 4 OK
	C: 6 ENABLE CONDSTORE UTF8=ACCEPT QRESYNC
	S= * ENABLED CONDSTORE QRESYNC UTF8=ACCEPT
	S: 6 OK
	C: 7 LIST "" "*" RETURN (STATUS (UNSEEN MESSAGES HIGHESTMODSEQ) SPECIAL-USE CHILDREN SUBSCRIBED)
	S: * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S~ \* STATUS INBOX \(HIGHESTMODSEQ \d+ MESSAGES 0 UNSEEN 0\)
	S.. 7 OK
	C: 8 SELECT INBOX
	S.~ \* OK \[UIDVALIDITY (?P<VALIDITY>\d+)\]
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: 8 OK [READ-WRITE]
	C: 9 APPEND INBOX {38+}
	C> From: a@b\r\nSubject: flow 0\r\n\r\nbody 0\r\n
	C:
	S= * 1 EXISTS
	S= * 1 RECENT
	S: 9 OK [APPENDUID ${VALIDITY} 1]
	C: A APPEND INBOX (\\Seen) {38+}
	C> From: a@b\r\nSubject: flow 1\r\n\r\nbody 1\r\n
	C:
	S= * 2 EXISTS
	S: * 
	S: A OK [APPENDUID ${VALIDITY} 2]
	C: E FETCH 1:* (UID FLAGS BODYSTRUCTURE ENVELOPE MODSEQ)
	S~ \* 1 FETCH \(UID 1 FLAGS \(\\Recent\) BODYSTRUCTURE .* MODSEQ \(\d+\)\)
	S~ \* 2 FETCH \(UID 2 FLAGS \(\\Seen\) BODYSTRUCTURE .* MODSEQ \(\d+\)\)
	S: E OK
	C: F STORE 1:2 +FLAGS (\\Flagged kw)
	S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft kw)
	S: * OK [PERMANENTFLAGS
	S: * 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent kw) MODSEQ (
	S: * 2 FETCH (UID 2 FLAGS (\\Flagged \\Seen kw) MODSEQ (
	S: F OK
	C: 10 STORE 1 +FLAGS (\\Answered) (UNCHANGEDSINCE ${HIGHEST})
	S: * 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent kw) MODSEQ (
	S: 10 OK [MODIFIED 1]
	C: 11 IDLE
	S: + idling
	RUN other 'STORE 2 +FLAGS (\Deleted)' EXPUNGE
	S.. * VANISHED 2
	C: DONE
	S: 11 OK
	C: 12 SEARCH MODSEQ ${HIGHEST}
	S~ \* SEARCH 1 \(MODSEQ \d+\)
	S: 12 OK
	C: 14 CLOSE
	S: 14 OK CLOSE
	C: 15 SELECT INBOX (QRESYNC (${VALIDITY} ${HIGHEST}))
	S.. * 1 EXISTS
	S.. * OK [HIGHESTMODSEQ
	S= * VANISHED (EARLIER) 2
	S: * 1 FETCH (UID 1 FLAGS (\\Flagged kw) MODSEQ (
	S: 15 OK [READ-WRITE]
	C: 16 FETCH 1:* (UID FLAGS MODSEQ) (CHANGEDSINCE ${HIGHEST})
	S: * 1 FETCH (UID 1 FLAGS (\\Flagged kw) MODSEQ (
	S: 16 OK
	C: 17 CREATE Flow
	S: 17 OK
	C: 19 MOVE 1 Flow
	S: * OK [COPYUID
	S= * VANISHED 1
	S: 19 OK [HIGHESTMODSEQ 
	C: 1B STATUS Flow (MESSAGES HIGHESTMODSEQ UIDNEXT)
	S~ \* STATUS Flow \(HIGHESTMODSEQ \d+ MESSAGES 1 UIDNEXT 2\)
	S: 1B OK
	C: 1D SELECT Flow
	S: * OK [CLOSED]
	S.. 1D OK
	C: 1E LOGOUT
	S: * BYE
	S: 1E OK
	S$
	END
}

@test "a client that comes and goes by QRESYNC knows the mailbox while others change it" {
	put_messages 5
	run -0 "$LIB/imap-resync" "$BIN/imap-session" "$BOB" 15
	has "$output" ' 0 faults$'
}
