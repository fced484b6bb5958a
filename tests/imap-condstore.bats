#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# ENABLE and CONDSTORE: what changed since when, and changes on condition.

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

@test "ENABLE names what it knows and has nothing against the rest" {
	user_dialogue <<-'END'
	S~ \* PREAUTH \[CAPABILITY .* ENABLE[ \]]
	C: a ENABLE X-UNHEARD-OF
	S= * ENABLED
	S: a OK
	C: a ENABLE X-UNHEARD-OF condstore X-NEITHER
	S= * ENABLED CONDSTORE
	S: a OK
	C: a ENABLE
	S: a BAD
	C: a ENABLE (X)
	S: a BAD
	C: a ENABLE X 
	S: a BAD
	END
}

@test "HIGHESTMODSEQ is told by every SELECT, and once by what makes the client see mod-sequences" {
	put_messages 1
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT Trash
	S.~ \* OK \[HIGHESTMODSEQ [1-9][0-9]{14,17}\]
	S: a OK
	C: b EXAMINE INBOX (CONDSTORE)
	S: * OK [CLOSED]
	S.~ \* OK \[HIGHESTMODSEQ [1-9][0-9]{14,17}\]
	S: b OK [READ-ONLY]
	C: c ENABLE CONDSTORE
	S= * ENABLED CONDSTORE
	S: c OK
	END
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.~ \* OK \[HIGHESTMODSEQ (?P<MODSEQ>\d+)\]
	S: a OK
	C: b ENABLE CONDSTORE
	S= * ENABLED CONDSTORE
	S: * OK [HIGHESTMODSEQ ${MODSEQ}]
	S: b OK
	C: c SELECT INBOX (CONDSTORE CONDSTORE)
	S: c BAD
	C: c SELECT INBOX (X)
	S: c BAD
	C: c SELECT INBOX ()
	S: c BAD
	C: c SELECT INBOX (CONDSTORE
	S: c BAD
	END
}

@test "STORE tells MODSEQ, with the UID, also where it is silent" {
	put_messages 2
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b STORE 1 +FLAGS.SILENT \\Seen
	S: b OK
	C: c ENABLE CONDSTORE
	S: * ENABLED
	S~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: c OK
	C: d STORE 1:2 +FLAGS.SILENT \\Flagged
	S~ \* 1 FETCH \(UID 1 MODSEQ \((?P<ONE>\d+)\)\)$
	S~ \* 2 FETCH \(UID 2 MODSEQ \((?P<TWO>\d+)\)\)$
	S: d OK
	RUN (( ONE > HIGHEST && TWO > HIGHEST ))
	C: e STORE 2 +FLAGS \\Deleted
	S~ \* 2 FETCH \(UID 2 FLAGS \(\\Flagged \\Deleted\) MODSEQ \((?P<THREE>\d+)\)\)$
	S: e OK
	RUN (( THREE > TWO ))
	# what changes nothing is no change
	C: f STORE 2 +FLAGS \\Deleted
	S= * 2 FETCH (UID 2 FLAGS (\\Flagged \\Deleted) MODSEQ (${THREE}))
	S: f OK
	C: g STORE 2 +FLAGS.SILENT \\Deleted
	S: g OK
	END
}

@test "what others change is told with its MODSEQ" {
	put_messages 1
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (CONDSTORE)
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	RUN other 'STORE 1 +FLAGS (\Seen)'
	C: b NOOP
	S~ \* 1 FETCH \(UID 1 FLAGS \(\\Seen\) MODSEQ \((?P<MODSEQ>\d+)\)\)
	S: b OK
	RUN (( MODSEQ > HIGHEST ))
	END
}

@test "STORE UNCHANGEDSINCE changes what is unchanged and tells the rest" {
	put_messages 4
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	# the first time, the mailbox's; silent or not
	C: b STORE 1 (UNCHANGEDSINCE ${HIGHEST}) +FLAGS.SILENT (\\Seen)
	S: * OK [HIGHESTMODSEQ ${HIGHEST}]
	S~ \* 1 FETCH \(UID 1 MODSEQ \((?P<ONE>\d+)\)\)
	S: b OK STORE
	C: c STORE 1:3 (UNCHANGEDSINCE ${HIGHEST}) FLAGS.SILENT (\\Draft)
	S= * 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (${ONE}))
	S~ \* 2 FETCH \(UID 2 MODSEQ \(\d+\)\)
	S~ \* 3 FETCH \(UID 3 MODSEQ \(\d+\)\)
	S: c OK [MODIFIED 1]
	C: d UID STORE 4,1:2 (UNCHANGEDSINCE ${HIGHEST}) FLAGS (x)
	S: * FLAGS
	S: * OK [PERMANENTFLAGS
	S: * 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (
	S: * 2 FETCH (UID 2 FLAGS (\\Draft) MODSEQ (
	S: * 4 FETCH (UID 4 FLAGS (x) MODSEQ (
	S: d OK [MODIFIED 1:2]
	# zero is before everything
	C: e STORE 3 (UNCHANGEDSINCE 0) +FLAGS (\\Seen)
	S: * 3 FETCH (UID 3 FLAGS (\\Draft)
	S: e OK [MODIFIED 3]
	# where a message is gone too
	RUN other 'STORE 2 +FLAGS (\Deleted)' EXPUNGE
	C: f STORE 1:2 (UNCHANGEDSINCE 1) FLAGS (\\Seen)
	S: * 1 FETCH (UID 1
	S: * OK [HIGHESTMODSEQ
	S: f NO [MODIFIED 1]
	END
}

@test "STORE UNCHANGEDSINCE adds a flag when others have only touched other flags" {
	put_messages 2
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (CONDSTORE)
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	RUN other 'STORE 1 +FLAGS (\Seen)' 'STORE 2 +FLAGS (\Flagged)'
	C: b STORE 1:2 (UNCHANGEDSINCE ${HIGHEST}) +FLAGS.SILENT (\\Flagged)
	S: * 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen) MODSEQ
	S: * 2 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ
	S: b OK [MODIFIED 2]
	# all flags at once are another matter
	RUN other 'STORE 1 -FLAGS (\Seen)'
	C: c STORE 1 (UNCHANGEDSINCE ${HIGHEST}) FLAGS.SILENT (\\Flagged)
	S: * 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ
	S: c OK [MODIFIED 1]
	END
}

@test "STORE's condition may stand behind the flags; other arguments are wrong" {
	put_messages 1
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b STORE 1 +FLAGS.SILENT (\\Seen) (UNCHANGEDSINCE 1)
	S: * OK [HIGHESTMODSEQ
	S: * 1 FETCH (UID 1 FLAGS () MODSEQ
	S: b OK [MODIFIED 1]
	C: c STORE 1 (UNCHANGEDSINCE) FLAGS (\\Seen)
	S: c BAD
	C: c STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS (\\Seen)
	S: c BAD
	C: c STORE 1 (UNCHANGEDSINCE -1) FLAGS (\\Seen)
	S: c BAD
	C: c STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS (\\Seen)
	S: c BAD
	C: c STORE 1 (X 1) FLAGS (\\Seen)
	S: c BAD
	C: c STORE 1 () FLAGS (\\Seen)
	S: c BAD
	C: c STORE 1 (UNCHANGEDSINCE 1) FLAGS (\\Seen) (UNCHANGEDSINCE 1)
	S: c BAD
	C: d STORE 1 (UNCHANGEDSINCE 9223372036854775807) FLAGS (\\Seen)
	S: * 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ
	S: d OK
	END
}

@test "a message whose EXPUNGE has to wait holds HIGHESTMODSEQ back" {
	put_messages 3
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (CONDSTORE)
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	RUN other 'STORE 2 +FLAGS (\Deleted)' EXPUNGE
	C: b STORE 1 +FLAGS.SILENT (\\Seen)
	S: * 1 FETCH (UID 1 MODSEQ
	S: * OK [HIGHESTMODSEQ ${HIGHEST}]
	S: b OK
	C: c NOOP
	S= * 2 EXPUNGE
	S~ \* OK \[HIGHESTMODSEQ (?P<AFTER>\d+)\]
	S: c OK
	RUN (( AFTER > HIGHEST ))
	C: d NOOP
	S: d OK
	END
}

@test "FETCH MODSEQ, and MODSEQ beside FLAGS from then on" {
	put_messages 2
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b FETCH 1 FLAGS
	S= * 1 FETCH (FLAGS ())
	S: b OK
	C: c FETCH 1:2 (MODSEQ)
	S~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S~ \* 1 FETCH \(MODSEQ \((?P<ONE>\d+)\)\)
	S~ \* 2 FETCH \(MODSEQ \((?P<TWO>\d+)\)\)
	S: c OK
	RUN (( ONE <= HIGHEST && TWO <= HIGHEST ))
	C: d UID FETCH 1 FLAGS
	S= * 1 FETCH (UID 1 MODSEQ (${ONE}) FLAGS ())
	S: d OK
	C: e FETCH 1 RFC822.SIZE
	S~ \* 1 FETCH \(RFC822.SIZE \d+\)
	S: e OK
	# a body that is read
	C: f FETCH 2 BODY[TEXT]<0.1>
	S: * 2 FETCH (BODY[TEXT]<0> {1}
	S~ . UID 2 FLAGS \(\\Seen\) MODSEQ \((?P<SEEN>\d+)\)\)
	S: f OK
	RUN (( SEEN > HIGHEST ))
	END
}

@test "FETCH CHANGEDSINCE" {
	put_messages 4
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	C: b FETCH 1:* FLAGS (CHANGEDSINCE ${HIGHEST})
	S: * OK [HIGHESTMODSEQ ${HIGHEST}]
	S: b OK
	C: c STORE 2,4 +FLAGS.SILENT (\\Flagged)
	S: * 2 FETCH
	S: * 4 FETCH
	S: c OK
	C: d FETCH 1:3 RFC822.SIZE (CHANGEDSINCE ${HIGHEST})
	S~ \* 2 FETCH \(MODSEQ \(\d+\) RFC822.SIZE \d+\)
	S: d OK
	# only these are read
	C: e UID FETCH 1:* (BODY[HEADER.FIELDS (X)]) (CHANGEDSINCE ${HIGHEST})
	S~ \* 2 FETCH \(UID 2 MODSEQ \(\d+\) BODY
	S:
	S:  FLAGS (\\Flagged \\Seen))
	S: * 4 FETCH
	S:
	S:  FLAGS (\\Flagged \\Seen))
	S: e OK
	C: f FETCH 1,3 FLAGS
	S: * 1 FETCH (MODSEQ (
	S~ \* 3 FETCH \(MODSEQ \(\d+\) FLAGS \(\)\)
	S: f OK
	C: g FETCH 1:* FLAGS (CHANGEDSINCE 9223372036854775807)
	S: g OK
	C: h FETCH 1:* FLAGS (CHANGEDSINCE x)
	S: h BAD
	C: i UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)
	S: i BAD
	END
}

@test "STATUS HIGHESTMODSEQ is SELECT's" {
	put_messages 1
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a STATUS INBOX (HIGHESTMODSEQ MESSAGES)
	S~ \* STATUS INBOX \(HIGHESTMODSEQ [1-9]\d{14,17} MESSAGES 1\)
	S: a OK
	C: b SELECT INBOX
	S.. b OK
	# it was enough to see them
	C: c STORE 1 +FLAGS (\\Seen)
	S: * 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (
	S: c OK
	END
}

@test "an annotation that changes raises HIGHESTMODSEQ" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a STATUS Trash (HIGHESTMODSEQ)
	S~ \* STATUS Trash \(HIGHESTMODSEQ (?P<BEFORE>\d+)\)
	S: a OK
	C: b STATUS Trash (HIGHESTMODSEQ)
	S= * STATUS Trash (HIGHESTMODSEQ ${BEFORE})
	S: b OK
	C: c SETMETADATA Trash (/private/comment "mine")
	S: c OK
	C: d STATUS Trash (HIGHESTMODSEQ)
	S~ \* STATUS Trash \(HIGHESTMODSEQ (?P<AFTER>\d+)\)
	S: d OK
	RUN (( AFTER > BEFORE ))
	END
}

@test "mod-sequences are the same in all sessions" {
	put_messages 4
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (CONDSTORE)
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: a OK
	C: b STORE 2:3 +FLAGS.SILENT (\\Seen)
	S~ \* 2 FETCH \(UID 2 MODSEQ \((?P<TWO>\d+)\)\)
	S~ \* 3 FETCH \(UID 3 MODSEQ \((?P<THREE>\d+)\)\)
	S: b OK
	RUN other 'FETCH 1:* MODSEQ (CHANGEDSINCE ${HIGHEST})' | tr -d '\r' | grep 'MODSEQ (.*))' | cmp - <(printf '* %s FETCH (MODSEQ (%s))\n' 2 ${TWO} 3 ${THREE})
	END
}

@test "a silent STORE that is answered NO tells what the flags are now" {
	put_messages 3
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX (CONDSTORE)
	S.. a OK
	RUN other 'STORE 2 +FLAGS (\Deleted)' EXPUNGE
	C: b STORE 1:3 +FLAGS.SILENT (\\Seen)
	S~ \* 1 FETCH \(UID 1 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$
	S~ \* 3 FETCH \(UID 3 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$
	S: * OK [HIGHESTMODSEQ
	S: b NO [EXPUNGEISSUED]
	END
}

# states FILE COMMAND: "UID MODSEQ flags" of all that is told behind COMMAND's
# answer there.
states()
{
	tr -d '\r' <"$1" | sed "1,/^$2 OK/d" |
		sed -nE 's/.*FETCH \(UID ([0-9]+) FLAGS \((.*)\) MODSEQ \(([0-9]+)\)\)/\1 \3 \2/p' |
		sort -u
}

# It had renamed the first file when it stood still for so long that its lock went.
@test "a session that has lost its lock agrees with the others on every mod-sequence" {
	needs strace
	put_messages 3
	other 'ENABLE CONDSTORE' 'FETCH 1:* FLAGS' >/dev/null
	local dir=$BATS_TEST_TMPDIR stopped
	mkfifo "$dir/in"
	strace -o "$dir/trace" -e trace=renameat2 \
		-e inject=renameat2:signal=STOP:when=2 \
		"$BIN/imap-session" -u "$BOB" <"$dir/in" >"$dir/first" 2>/dev/null 3>&- &
	exec 5>"$dir/in"
	printf '%s\r\n' 'a ENABLE CONDSTORE' 'b SELECT INBOX' \
		'c STORE 1:3 +FLAGS.SILENT (\Flagged)' >&5
	wait_until 20 grep -q 'stopped by SIGSTOP' "$dir/trace"
	rm "$(maildir bob)/dovecot-uidlist.lock"

	printf '%s\r\n' 'a ENABLE CONDSTORE' 'b SELECT INBOX' \
		'c STORE 1:3 +FLAGS.SILENT (\Seen)' 'd LOGOUT' |
		imap_session -u "$BOB" >"$dir/second"
	has "$(cat "$dir/second")" '^c OK'

	stopped=$(pgrep -P $!)
	kill -CONT "$stopped"
	printf '%s\r\n' 'd UID FETCH 1:* (FLAGS MODSEQ)' 'e LOGOUT' >&5
	exec 5>&-
	wait_until 20 grep -q '^e OK' "$dir/first"
	printf '%s\r\n' 'a EXAMINE INBOX' 'b UID FETCH 1:* (FLAGS MODSEQ)' 'c LOGOUT' |
		imap_session -u "$BOB" >"$dir/third"
	is 3 "$(states "$dir/third" a | grep -c 'Flagged .Seen')"
	is "$(states "$dir/third" a)" "$(states "$dir/first" c)"
	! grep -q '^[^*].* BAD' "$dir/first"
}
