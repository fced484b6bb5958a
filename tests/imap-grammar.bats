#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Every command of RFC 3501 and RFC 9051, as the grammar has it and as it has it
# not; what is told of it by RFC 5530; and that nothing of it ends the session.

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

# table < "ANSWER | COMMAND" a line: each command, with its escapes, is answered
# so; all are sent in one go, behind SELECT INBOX with three messages.
table()
{
	local want command n=0
	for n in 1 2 3; do
		mail_text "number $n" | "$BIN/deliver" "$BOB" 2>/dev/null
	done
	printf 'select SELECT INBOX\r\n' >"$BATS_TEST_TMPDIR/in"
	: >"$BATS_TEST_TMPDIR/wanted"
	while IFS= read -r line; do
		n=$((n + 1))
		want=${line%% | *} command=${line#* | }
		printf 't%d %s\n' "$n" "$want" >>"$BATS_TEST_TMPDIR/wanted"
		printf 't%d %b\r\n' "$n" "$command" >>"$BATS_TEST_TMPDIR/in"
		printf '# t%d %s\n' "$n" "$command"
	done
	printf 'last LOGOUT\r\n' >>"$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	grep -a -q '^last OK' "$BATS_TEST_TMPDIR/out"
	# the answers, cut to what is wanted of each
	while read -r tag want; do
		printf '%s %s\n' "$tag" "$(grep -a -m1 "^$tag " "$BATS_TEST_TMPDIR/out" |
			tr -d '\r' | cut -d' ' -f2- | head -c ${#want})"
	done <"$BATS_TEST_TMPDIR/wanted" >"$BATS_TEST_TMPDIR/got"
	diff "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/got"
}

@test "the commands of any state" {
	table <<-'END'
	OK | CAPABILITY
	OK | capability
	BAD | CAPABILITY x
	BAD | CAPABILITY 
	OK | NOOP
	BAD |  NOOP
	BAD | NOOP  
	BAD | UID NOOP
	OK | CHECK
	BAD | CHECK 1
	OK | NAMESPACE
	BAD | NAMESPACE ""
	OK | ID NIL
	OK | ID nil
	OK | ID ()
	OK | ID ("name" "x" "version" NIL)
	OK | ID ("name" {1+}\r\nx)
	BAD | ID (name "x")
	BAD | ID ("name")
	BAD | ID ("name" x)
	BAD | ID NIL NIL
	BAD | ID
	BAD | LOGIN a b
	BAD | AUTHENTICATE PLAIN
	BAD | STARTTLS
	BAD | BOGUS
	BAD | UID
	BAD | UID 
	BAD | UID BOGUS 1
	BAD | UID UID FETCH 1 FLAGS
	END
}

@test "names of mailboxes: atoms, quoted, literals, NIL, ], letter case of INBOX" {
	table <<-'END'
	OK | CREATE a
	NO [ALREADYEXISTS] | CREATE a
	NO [ALREADYEXISTS] | CREATE "a"
	NO [ALREADYEXISTS] | CREATE {1+}\r\na
	NO [ALREADYEXISTS] | CREATE iNbOx
	OK | CREATE NIL
	OK | STATUS NIL (MESSAGES)
	OK | STATUS "NIL" (MESSAGES)
	OK | CREATE b]c+d
	OK | STATUS "b]c+d" (MESSAGES)
	OK | CREATE "with \\"quotes\\" and \\\\"
	OK | STATUS {19+}\r\nwith "quotes" and \\ (MESSAGES)
	OK | CREATE {9+}\r\n(%*"\\\\{}) (USE ())
	NO [USEATTR] | CREATE used (USE (\\Bogus))
	BAD | CREATE used (USE \\Sent)
	BAD | CREATE used (USE (Sent))
	BAD | CREATE used ()
	BAD | CREATE
	BAD | CREATE 
	BAD | CREATE a b
	BAD | CREATE (a)
	BAD | CREATE a*
	BAD | CREATE a%
	BAD | CREATE "a
	BAD | CREATE a"b"
	BAD | CREATE "\\x"
	BAD | CREATE {4+}\r\na\0bc
	NO [CANNOT] | CREATE ""
	NO [CANNOT] | CREATE {0+}\r\n
	NO [CANNOT] | CREATE a..b
	NO [CANNOT] | CREATE .
	NO [CANNOT] | CREATE a/b
	NO [CANNOT] | CREATE &
	NO [CANNOT] | CREATE &AC4-
	NO [CANNOT] | CREATE "a\tb"
	OK | RENAME a {3+}\r\nnew
	NO [NONEXISTENT] | RENAME a other
	NO [NONEXISTENT] | RENAME .. other
	NO [ALREADYEXISTS] | RENAME new NIL
	NO [ALREADYEXISTS] | RENAME new inbox
	NO [CANNOT] | RENAME new ..
	BAD | RENAME new
	BAD | RENAME new b c
	BAD | RENAME  new b
	OK | DELETE {3+}\r\nnew
	NO [NONEXISTENT] | DELETE new
	NO [CANNOT] | DELETE inbox
	BAD | DELETE new new
	OK | SUBSCRIBE NIL
	NO [NONEXISTENT] | SUBSCRIBE missing
	BAD | SUBSCRIBE
	BAD | SUBSCRIBE a b
	OK | UNSUBSCRIBE "NIL"
	OK | UNSUBSCRIBE missing
	BAD | UNSUBSCRIBE
	END
}

@test "LIST, LSUB, STATUS" {
	table <<-'END'
	OK | LIST "" ""
	OK | LIST "" *
	OK | LIST "" %
	OK | LIST "" "*"
	OK | LIST {0+}\r\n {1+}\r\n*
	OK | LIST NIL NIL
	OK | LIST a]b *]%
	OK | LIST () "" (INBOX %)
	OK | LIST (SUBSCRIBED REMOTE) "" * RETURN (CHILDREN)
	OK | LIST (SUBSCRIBED RECURSIVEMATCH) "" *
	OK | list (subscribed) "" * return (status (messages))
	OK | LIST "" * RETURN ()
	BAD | LIST
	BAD | LIST ""
	BAD | LIST "" 
	BAD | LIST * *
	BAD | LIST "" * x
	OK | LIST "" ()
	BAD | LIST "" (a
	BAD | LIST "" (a  b)
	BAD | LIST (RECURSIVEMATCH) "" *
	BAD | LIST (SUBSCRIBED "" *
	BAD | LIST (BOGUS) "" *
	BAD | LIST "" * RETURN
	BAD | LIST "" * RETURN (BOGUS)
	BAD | LIST "" * RETURN (STATUS ())
	OK | LSUB "" *
	OK | LSUB {1+}\r\na "%"
	BAD | LSUB "" (a b)
	BAD | LSUB () "" *
	BAD | LSUB ""
	OK | STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
	OK | STATUS {5+}\r\nINBOX (messages)
	NO [NONEXISTENT] | STATUS missing (MESSAGES)
	NO [NONEXISTENT] | STATUS .. (MESSAGES)
	BAD | STATUS INBOX ()
	BAD | STATUS INBOX (BOGUS)
	BAD | STATUS INBOX MESSAGES
	BAD | STATUS INBOX (MESSAGES UNSEEN
	BAD | STATUS INBOX (MESSAGES) x
	BAD | STATUS INBOX
	BAD | STATUS
	END
}

@test "SELECT, EXAMINE, CLOSE, UNSELECT, EXPUNGE" {
	table <<-'END'
	OK [READ-WRITE] | SELECT INBOX
	OK [READ-ONLY] | EXAMINE "inbox"
	OK [READ-WRITE] | SELECT {5+}\r\ninbox
	BAD | SELECT
	BAD | SELECT INBOX x
	BAD | SELECT INBOX ()
	BAD | SELECT INBOX (BOGUS)
	BAD | SELECT ""x
	OK | NOOP
	NO [NONEXISTENT] | SELECT missing
	BAD | EXPUNGE
	NO [NONEXISTENT] | SELECT ..
	NO [NONEXISTENT] | EXAMINE ""
	OK [READ-ONLY] | EXAMINE INBOX
	NO [CANNOT] | EXPUNGE
	NO [CANNOT] | UID EXPUNGE 1
	NO [CANNOT] | STORE 1 +FLAGS (\\Seen)
	NO [CANNOT] | MOVE 1 Trash
	OK | CLOSE
	BAD | CLOSE
	BAD | UNSELECT
	BAD | FETCH 1 FLAGS
	BAD | STORE 1 +FLAGS (\\Seen)
	BAD | SEARCH ALL
	BAD | COPY 1 Trash
	BAD | MOVE 1 Trash
	BAD | CHECK
	OK | SELECT INBOX
	BAD | CLOSE x
	BAD | UNSELECT x
	BAD | EXPUNGE 1
	BAD | UID EXPUNGE
	BAD | UID EXPUNGE 0
	BAD | UID EXPUNGE 1 2
	OK | UID EXPUNGE 99
	OK | EXPUNGE
	OK | UNSELECT
	END
}

@test "FETCH: items, sections, partials, numbers" {
	table <<-'END'
	OK | FETCH 1 FLAGS
	OK | fetch 1 flags
	OK | FETCH 1:* (UID FLAGS)
	OK | FETCH *:1 ALL
	OK | FETCH 3,1 FAST
	OK | UID FETCH 1:* FULL
	OK | UID FETCH 4294967295 FLAGS
	OK | UID FETCH 99:* FLAGS
	OK | FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject "From" {2+}\r\nTo)]
	OK | FETCH 1 (BODY.PEEK[]<0.5> BODY.PEEK[1.MIME])
	OK | FETCH 1 (RFC822.SIZE RFC822.HEADER INTERNALDATE ENVELOPE)
	BAD | FETCH 4 FLAGS
	BAD | FETCH 0 FLAGS
	BAD | FETCH 1:0 FLAGS
	BAD | FETCH -1 FLAGS
	BAD | FETCH 01 FLAGS
	BAD | FETCH 4294967296 FLAGS
	BAD | FETCH 1, FLAGS
	BAD | FETCH 1:2:3 FLAGS
	BAD | FETCH "1" FLAGS
	BAD | FETCH {1+}\r\n1 FLAGS
	BAD | FETCH 1  FLAGS
	BAD | FETCH 1
	BAD | FETCH 1 
	BAD | FETCH
	BAD | FETCH 1 ()
	BAD | FETCH 1 (ALL)
	BAD | FETCH 1 (FLAGS  UID)
	BAD | FETCH 1 (FLAGS
	BAD | FETCH 1 FLAGS)
	BAD | FETCH 1 FLAGS UID
	BAD | FETCH 1 "FLAGS"
	BAD | FETCH 1 BODY[
	BAD | FETCH 1 BODY[]<1>
	BAD | FETCH 1 BODY[]<0.0>
	BAD | FETCH 1 BODY[]<1.
	BAD | FETCH 1 BODY[0]
	BAD | FETCH 1 BODY[MIME]
	BAD | FETCH 1 BODY[HEADER.FIELDS]
	BAD | FETCH 1 BODY[HEADER.FIELDS ()]
	BAD | FETCH 1 BODY[BOGUS]
	BAD | FETCH 1 BOGUS
	BAD | UID FETCH 0 FLAGS
	END
}

@test "STORE: flags as the grammar has them" {
	table <<-'END'
	OK | STORE 1 FLAGS (\\Seen)
	OK | STORE 1:3 +FLAGS.SILENT (\\Answered \\fLaGgEd)
	OK | STORE 1 -flags \\Seen
	OK | STORE 1 FLAGS ()
	OK | STORE 1 +FLAGS (NIL)
	OK | STORE 1 +FLAGS NIL $Forwarded
	OK | STORE 1 +FLAGS (a+b $MDNSent [x)
	OK | UID STORE 99 FLAGS ()
	BAD | STORE 1 FLAGS
	BAD | STORE 1 FLAGS 
	BAD | STORE 1 +FLAGS (\\Recent)
	BAD | STORE 1 +FLAGS (\\Bogus)
	BAD | STORE 1 +FLAGS (\\)
	BAD | STORE 1 +FLAGS (\\*)
	BAD | STORE 1 +FLAGS ("x")
	BAD | STORE 1 +FLAGS (a]b)
	BAD | STORE 1 +FLAGS (a%b)
	BAD | STORE 1 +FLAGS (x
	BAD | STORE 1 +FLAGS (x )
	BAD | STORE 1 +FLAGS x)
	BAD | STORE 1 +-FLAGS (x)
	BAD | STORE 1 +FLAGS.BOGUS (x)
	BAD | STORE 4 +FLAGS (x)
	BAD | STORE x +FLAGS (x)
	BAD | STORE 1 x
	BAD | STORE
	END
}

@test "SEARCH: keys, lists, strings in each form" {
	table <<-'END'
	OK | SEARCH ALL
	OK | search all unseen
	OK | SEARCH 1:* NOT NOT SEEN
	OK | SEARCH OR (SEEN) (OR 1 UID 3)
	OK | SEARCH SUBJECT "x y" FROM {3+}\r\na b TO x]y
	OK | SEARCH HEADER "X-Y" ""
	OK | SEARCH BEFORE 1-Feb-1994 SINCE "01-feb-1990"
	OK | SEARCH KEYWORD $Label1 UNKEYWORD NIL
	OK | SEARCH CHARSET "US-ASCII" TEXT x
	OK | SEARCH RETURN () ALL
	OK | SEARCH RETURN (MIN MAX COUNT ALL) UNDELETED
	OK | UID SEARCH UID 1:3
	OK | SEARCH 99
	NO [BADCHARSET | SEARCH CHARSET x-klingon TEXT x
	BAD | SEARCH
	BAD | SEARCH 
	BAD | SEARCH ()
	BAD | SEARCH (ALL
	BAD | SEARCH ALL)
	BAD | SEARCH ALL  SEEN
	BAD | SEARCH NOT
	BAD | SEARCH OR ALL
	BAD | SEARCH SUBJECT
	BAD | SEARCH SUBJECT (x)
	BAD | SEARCH HEADER x
	BAD | SEARCH BEFORE 30-Feb-1994
	BAD | SEARCH BEFORE yesterday
	BAD | SEARCH LARGER -1
	BAD | SEARCH LARGER x
	BAD | SEARCH 0
	BAD | SEARCH UID
	BAD | SEARCH KEYWORD \\Seen
	BAD | SEARCH CHARSET UTF-8
	BAD | SEARCH RETURN ALL
	BAD | SEARCH RETURN (BOGUS) ALL
	BAD | SEARCH BOGUS
	END
}

@test "COPY, MOVE, APPEND" {
	table <<-'END'
	OK [COPYUID | COPY 1:2 Trash
	OK [COPYUID | COPY * {5+}\r\nTrash
	OK | UID COPY 99 Trash
	NO [TRYCREATE] | COPY 1 missing
	NO [TRYCREATE] | UID MOVE 1 "missing"
	BAD | COPY 1
	BAD | COPY 4 Trash
	BAD | COPY 1 Trash x
	BAD | COPY Trash
	BAD | COPY x Trash
	BAD | MOVE 1
	BAD | MOVE 4 Trash
	OK | MOVE 1 Junk
	OK [APPENDUID | APPEND Trash {3+}\r\na:b
	OK [APPENDUID | APPEND {5+}\r\nTrash (\\Seen NIL) " 1-Jan-2020 00:00:00 +0000" {3+}\r\na:b
	OK [APPENDUID | APPEND Trash () {3+}\r\na:b
	NO [TRYCREATE] | APPEND missing {3+}\r\na:b
	NO [CANNOT] | APPEND Trash {0+}\r\n
	BAD | APPEND
	BAD | APPEND Trash
	BAD | APPEND Trash 
	BAD | APPEND Trash "message"
	BAD | APPEND Trash (\\Recent) {3+}\r\na:b
	BAD | APPEND Trash (\\Seen {3+}\r\na:b
	BAD | APPEND Trash "1-Jan-2020 00:00:00 +0000" {3+}\r\na:b
	BAD | APPEND Trash {3+}\r\na:b x
	BAD | APPEND Trash {3+}\r\na\0b
	OK | NOOP
	END
}

@test "tags: every octet they may have; what is no tag has no answer of its own" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: !#$&',-./0:;<=>?@AZ[]^_`az|}~ NOOP
	S: !#$&',-./0:;<=>?@AZ[]^_`az|}~ OK
	C: a+b NOOP
	S: * BAD
	C: a"b NOOP
	S: * BAD
	C: a\x01 NOOP
	S: * BAD
	C: \xc3\xa9 NOOP
	S: * BAD
	C:  NOOP
	S: * BAD
	C: {3} NOOP
	S: * BAD
	C: a{3+}
	C: x y
	S: * BAD
	C: x NOOP
	S: x OK
	END
}

@test "no number of wrong commands ends the session of a user" {
	{
		echo 'S: * PREAUTH'
		for i in {1..200}; do
			printf 'C| a%d X\n' "$i"
		done
		printf 'C: b NOOP\nS.. a200 BAD\nS: b OK\n'
	} | user_dialogue
}

@test "literals: in each place, in a row, refused ones in both ways, 4 GB before it is read" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a RENAME {5}
	S: +
	C: Trash {3}
	S: +
	C: Bin
	S: a OK
	C: b STATUS "Bin" (MESSAGES {3}
	S: +
	C: abc)
	S: b BAD
	C: c SELECT {4294967296}
	S: c BAD [TOOBIG]
	C: d SELECT {18446744073709551617}
	S: d BAD [TOOBIG]
	C: e APPEND INBOX {4294967296}
	S: e NO [TOOBIG]
	C: f NOOP {65537}
	S: f BAD [TOOBIG]
	C: g NOOP {3+}
	C: abc
	S: g BAD
	C: h BOGUS {3}
	S: +
	C: abc
	S: h BAD
	C: i NOOP
	S: i OK
	C: j APPEND INBOX {4294967296+}
	S: * BYE
	S$
	END
}

@test "SEARCH nested 10,000 deep, LIST of a thousand wildcards, a line of 600 kB: an answer at once" {
	{
		printf 'S: * PREAUTH\nC: a SELECT INBOX\nS.. a OK\n'
		printf 'C: b SEARCH %sALL%s\nS: b BAD\n' "$(printf '(%.0s' {1..10000})" \
			"$(printf ')%.0s' {1..10000})"
		printf 'C: c SEARCH %sALL\nS: c BAD\n' "$(printf 'NOT %.0s' {1..10000})"
		printf 'C: d SEARCH %sALL ALL\nS: d BAD\n' "$(printf 'OR ALL %.0s' {1..10000})"
		printf 'C: e LIST "" "%s"\nS.. e OK\n' "$(printf '*%%%.0s' {1..250})"
		printf 'C: f LIST "" "%s"\nS: f BAD\n' "$(printf '*%%%.0s' {1..1000})"
		printf 'C: g NOOP %s\nS: g BAD [TOOBIG]\n' "$(head -c 600000 /dev/zero | tr '\0' x)"
		printf 'C: h NOOP\nS: h OK\n'
	} | user_dialogue
}

@test "a command has imap_idle_timeout in all, however slowly it drips" {
	setting imap_idle_timeout 2s
	(while printf x; do sleep 0.2; done) 2>/dev/null |
		timeout 20 "$BIN/imap-session" -u "$BOB" >"$BATS_TEST_TMPDIR/out" 2>/dev/null
	grep -q '^\* BYE' "$BATS_TEST_TMPDIR/out"
}
