#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Each verb of the session after the login: a good case, wrong arguments, the
# wrong state.

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

# user_dialogue < transcript: as bob, logged in at once.
# put [FOLDER] [SUBJECT] [FLAGS]: a message in a mailbox of bob's.
put()
{
	local dir
	dir=$(maildir bob ${1:+"$1"})
	PUT=$((${PUT:-0} + 1))
	mail_text "${2:-greetings}" >"$dir/cur/17000000$((10 + PUT)).M1P1.mx:2,${3-}"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$dir"
}

@test "tags, unknown verbs, wrong states, wrong arguments" {
	user_dialogue <<-'END'
	S: * PREAUTH [CAPABILITY IMAP4rev1
	C: a BOGUS
	S: a BAD
	C: a
	S: a BAD
	C: a+b NOOP
	S: * BAD
	C: (a) NOOP
	S: * BAD
	C:
	C: a NOOP x
	S: a BAD
	C: a NOOP 
	S: a BAD
	C: a FETCH 1 FLAGS
	S: a BAD No mailbox
	C: a UID
	S: a BAD
	C: a UID NOOP
	S: a BAD
	C: a SELECT
	S: a BAD
	C: a LOGIN x y
	S: a BAD
	C: a STARTTLS
	S: a BAD
	C: tag.1]/2 noop
	S: tag.1]/2 OK
	C: a logout
	S: * BYE
	S: a OK
	S$
	END
}

@test "CAPABILITY, ID, NAMESPACE, NOOP" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CAPABILITY
	S~ \* CAPABILITY IMAP4rev1 .*LITERAL\+.* MOVE.* UIDPLUS.* APPENDLIMIT=52428800
	S: a OK
	C: b ID NIL
	S: * ID ("name" "besace")
	S: b OK
	C: c ID ("name" "mutt" "version" NIL)
	S: * ID
	S: c OK
	C: d ID ()
	S: * ID
	S: d OK
	C: e ID (x)
	S: e BAD
	C: f ID
	S: f BAD
	C: g NAMESPACE
	S= * NAMESPACE (("" ".")) NIL NIL
	S: g OK
	C: h NOOP
	S: h OK
	END
	logged 'client user=bob@example.test name=mutt'
}

@test "literals: synchronising, not, empty, in rows; NUL; too large" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT {5}
	S: + 
	C: INBOX
	S.. a OK
	C: b SELECT {5+}
	C: INBOX
	S.. b OK
	C: c LIST {0}
	S: + 
	C:  {5+}
	C: INBOX
	S: * LIST
	S: c OK
	C: d SELECT {5+}
	C: IN\0OX
	S: d BAD
	C: e SELECT "IN\0OX"
	S: e BAD
	C: f SELECT {70000}
	S: f BAD [TOOBIG]
	C: g NOOP
	S: g OK
	C: h SELECT {99999999999999999999}
	S: h BAD [TOOBIG]
	C: i SELECT {2000000000+}
	S: * BYE
	S$
	END
}

@test "a large literal nobody asked for is read past, and the session stays in step" {
	{
		echo 'S: * PREAUTH'
		echo 'C: a SELECT {70000+}'
		printf 'C> '
		head -c 70000 /dev/zero | tr '\0' 'x'
		echo
		echo 'C:'
		echo 'S: a BAD [TOOBIG]'
		echo 'C: b NOOP'
		echo 'S: b OK'
	} | user_dialogue
}

@test "long commands: a UID set of 60 kB is read, one of 600 kB is not" {
	local set
	set=$(seq -s, 1 2 22000)
	{
		echo 'S: * PREAUTH'
		echo 'C: a SELECT INBOX'
		echo 'S.. a OK'
		echo "C: b UID FETCH $set FLAGS"
		echo 'S: b OK'
		echo "C: c UID FETCH $(seq -s, 1 100000) FLAGS"
		echo 'S: c BAD [TOOBIG]'
		echo 'C: d NOOP'
		echo 'S: d OK'
	} | user_dialogue
}

@test "pipelined commands run in order" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C| a SELECT INBOX
	C| b NOOP
	C| c IDLE
	C| DONE
	C| d UNSELECT
	C: e LOGOUT
	S.. a OK
	S: b OK
	S: + idling
	S: c OK
	S: d OK
	S: * BYE
	S: e OK
	S$
	END
}

@test "SELECT, EXAMINE, CLOSE, UNSELECT" {
	put '' one S
	put '' two T
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a EXAMINE INBOX
	S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
	S= * OK [PERMANENTFLAGS ()] Flags that last
	S: * 2 EXISTS
	S: * 0 RECENT
	S: * OK [UNSEEN 2]
	S~ \* OK \[MAILBOXID \(F[0-9a-f]{32}\)\]
	S~ \* OK \[UIDVALIDITY [1-9][0-9]*\]
	S: * OK [UIDNEXT 3]
	S: * OK [HIGHESTMODSEQ 
	S: a OK [READ-ONLY]
	C: b STORE 1 +FLAGS (\\Flagged)
	S: b NO
	C: c EXPUNGE
	S: c NO
	C: d CLOSE
	S: d OK
	C: e FETCH 1 FLAGS
	S: e BAD
	C: f SELECT "inbox"
	S.. * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)]
	S.. f OK [READ-WRITE]
	C: g UNSELECT
	S: g OK
	C: h SELECT INBOX
	S.. * 2 EXISTS
	S.. h OK
	C: i SELECT Missing
	S: * OK [CLOSED]
	S: i NO [NONEXISTENT]
	C: j FETCH 1 FLAGS
	S: j BAD
	C: k SELECT INBOX
	S.. k OK
	C: l CLOSE
	S: l OK
	C: m SELECT INBOX
	S.. * 1 EXISTS
	S.. m OK
	END
	is 1 "$(count bob)"
}

@test "names that are none stay outside, and nothing is made or read" {
	local name
	{
		echo 'S: * PREAUTH'
		while IFS= read -r name; do
			printf 'C: a CREATE "%s"\nS: a NO\n' "$name"
			printf 'C: b SELECT "%s"\nS: b NO\n' "$name"
			printf 'C: c RENAME Trash "%s"\nS: c NO\n' "$name"
		done <<-'END'
		..
		../x
		../../etc/passwd
		/etc/passwd
		a/b
		.a
		a..b
		&AC4-
		&AC8-
		&AC4-&AC4-
		&
		&Jjo
		END
		printf 'C: d CREATE {2+}\nC: é\nS: d NO\n'
		printf 'C: d CREATE %s\nS: d NO\n' "$(printf 'x%.0s' {1..255})"
		printf 'C: d CREATE %s\nS: d NO\n' "$(printf 'x%.0s' {1..300})"
	} | user_dialogue
	is "$(printf '%s\n' .Drafts .Junk .Sent .Trash)" \
		"$(cd "$(maildir bob)" && find . -mindepth 1 -maxdepth 1 -name '.*' -printf '%f\n' | sort)"
}

@test "CREATE, DELETE, RENAME" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Work.Sub
	S: a OK
	C: b CREATE Work.Sub
	S: b NO [ALREADYEXISTS]
	C: c CREATE INBOX
	S: c NO
	C: d CREATE Trailing.
	S: d OK
	C: e LIST "" Tr*
	S= * LIST (\\HasNoChildren) "." Trailing
	S= * LIST (\\HasNoChildren \\Trash) "." Trash
	S: e OK
	C: f LIST "" W*
	S= * LIST (\\Noselect \\HasChildren) "." Work
	S= * LIST (\\HasNoChildren) "." Work.Sub
	S: f OK
	C: g SELECT Work
	S: g NO
	C: h DELETE Work
	S: h NO
	C: i RENAME Work Job
	S: i OK
	C: j LIST "" *ob*
	S: * LIST (\\Noselect \\HasChildren) "." Job
	S: * LIST (\\HasNoChildren) "." Job.Sub
	S: j OK
	C: k CREATE Job
	S: k OK
	C: l DELETE Job
	S: l OK
	C: m STATUS Job.Sub (MESSAGES)
	S: * STATUS Job.Sub (MESSAGES 0)
	S: m OK
	C: n RENAME Missing Other
	S: n NO [NONEXISTENT]
	C: o RENAME Job.Sub Trash
	S: o NO [ALREADYEXISTS]
	C: p RENAME Job Job.Sub.Deeper
	S: p NO
	C: q DELETE INBOX
	S: q NO
	C: r DELETE Missing
	S: r NO [NONEXISTENT]
	C: s DELETE
	S: s BAD
	C: t RENAME Trash
	S: t BAD
	C: u CREATE inbox.kid
	S: u OK
	C: v LIST "" INBOX*
	S: * LIST (\\HasChildren) "." INBOX
	S: * LIST (\\HasNoChildren) "." INBOX.kid
	S: v OK
	END
	is '' "$(find "$(maildir bob)" -name '..*')"
}

@test "RENAME INBOX moves the messages and leaves an empty INBOX" {
	put '' one S
	put '' two ''
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a RENAME INBOX Old
	S: a OK
	C: b STATUS INBOX (MESSAGES)
	S: * STATUS INBOX (MESSAGES 0)
	S: b OK
	C: c STATUS Old (MESSAGES UNSEEN)
	S: * STATUS Old (MESSAGES 2 UNSEEN 1)
	S: c OK
	END
}

@test "a mailbox deleted and made again has another UIDVALIDITY" {
	local one two
	one=$(printf 'a CREATE X\r\nb STATUS X (UIDVALIDITY)\r\nc DELETE X\r\n' |
		imap_session -u "$BOB" | sed -nE 's/.*UIDVALIDITY ([0-9]+).*/\1/p')
	two=$(printf 'a CREATE X\r\nb STATUS X (UIDVALIDITY)\r\n' |
		imap_session -u "$BOB" | sed -nE 's/.*UIDVALIDITY ([0-9]+).*/\1/p')
	[ "$two" -gt "$one" ]
}

@test "SUBSCRIBE, UNSUBSCRIBE, LSUB" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LSUB "" *
	S: * LSUB () "." INBOX
	S: * LSUB () "." Drafts
	S: * LSUB () "." Junk
	S: * LSUB () "." Sent
	S: * LSUB () "." Trash
	S: a OK
	C: b CREATE A.B
	S: b OK
	C: c SUBSCRIBE A.B
	S: c OK
	C: d LSUB "" %
	S: * LSUB () "." INBOX
	S: * LSUB (\\Noselect) "." A
	S.. d OK
	C: e LSUB "" A*
	S: * LSUB () "." A.B
	S: e OK
	C: f DELETE A.B
	S: f OK
	C: g LSUB "" A*
	S: * LSUB () "." A.B
	S: g OK
	C: h UNSUBSCRIBE A.B
	S: h OK
	C: i LSUB "" A*
	S: i OK
	C: j SUBSCRIBE Missing
	S: j NO
	C: k SUBSCRIBE ../x
	S: k NO
	C: l LSUB ""
	S: l BAD
	END
}

@test "LIST: separator, wildcards, references" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LIST "" ""
	S= * LIST (\\Noselect) "." ""
	S: a OK
	C: b CREATE a.b.c
	S: b OK
	C: c LIST "" a%
	S= * LIST (\\Noselect \\HasChildren) "." a
	S: c OK
	C: d LIST a. %
	S= * LIST (\\Noselect \\HasChildren) "." a.b
	S: d OK
	C: e LIST "" a.%.%
	S= * LIST (\\HasNoChildren) "." a.b.c
	S: e OK
	C: f LIST "" "*%*%c"
	S= * LIST (\\HasNoChildren) "." a.b.c
	S: f OK
	C: g LIST "" {1+}
	C: %
	S: * LIST (\\HasNoChildren) "." INBOX
	S.. g OK
	C: h CREATE "with \\"quote"
	S: h OK
	C: i LIST "" with*
	S= * LIST (\\HasNoChildren) "." {11}
	S= with "quote
	S: i OK
	C: j CREATE NIL
	S: j OK
	C: k LIST "" NIL
	S= * LIST (\\HasNoChildren) "." "NIL"
	S: k OK
	C: l LIST "" (
	S: l BAD
	C: m LIST ""
	S: m BAD
	END
}

@test "LIST: extended (RFC 5258, 5819, 6154)" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LIST (SPECIAL-USE) "" *
	S: * LIST (\\HasNoChildren \\Drafts) "." Drafts
	S: * LIST (\\HasNoChildren \\Junk) "." Junk
	S: * LIST (\\HasNoChildren \\Sent) "." Sent
	S: * LIST (\\HasNoChildren \\Trash) "." Trash
	S: a OK
	C: b LIST "" (INBOX Tra%) RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES))
	S: * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S: * STATUS INBOX (MESSAGES 0)
	S: * LIST (\\HasNoChildren \\Trash \\Subscribed) "." Trash
	S: * STATUS Trash (MESSAGES 0)
	S: b OK
	C: c CREATE p.q
	S: c OK
	C: d SUBSCRIBE p.q
	S: d OK
	C: e DELETE p.q
	S: e OK
	C: f LIST (SUBSCRIBED) "" p*
	S: * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "." p.q
	S: f OK
	C: g LIST (SUBSCRIBED RECURSIVEMATCH) "" %
	S: * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S.. * LIST (\\NonExistent \\HasChildren) "." p ("CHILDINFO" ("SUBSCRIBED"))
	S: g OK
	C: h LIST (RECURSIVEMATCH) "" *
	S: h BAD
	C: i LIST () "" "" RETURN ()
	S: i OK
	C: j LIST (BOGUS) "" *
	S: j BAD
	C: k LIST "" * RETURN (STATUS)
	S: k BAD
	END
}

@test "STATUS" {
	put Junk one S
	put Junk two ''
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a STATUS Junk (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
	S~ \* STATUS Junk \(MESSAGES 2 RECENT 0 UIDNEXT 3 UIDVALIDITY [0-9]+ UNSEEN 1\)
	S: a OK
	C: b STATUS Missing (MESSAGES)
	S: b NO
	C: c STATUS Junk ()
	S: c BAD
	C: d STATUS Junk (BOGUS)
	S: d BAD
	C: e STATUS Junk
	S: e BAD
	END
}

@test "STORE: all forms, and what is not a flag" {
	put '' one ''
	put '' two S
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b STORE 1 FLAGS (\\Seen \\Answered)
	S= * 1 FETCH (FLAGS (\\Answered \\Seen))
	S: b OK
	C: c STORE 1:2 +FLAGS \\Flagged
	S= * 1 FETCH (FLAGS (\\Answered \\Flagged \\Seen))
	S= * 2 FETCH (FLAGS (\\Flagged \\Seen))
	S: c OK
	C: d STORE 1 -FLAGS.SILENT (\\Answered)
	S: d OK
	C: e UID STORE 1 +flags (NIL $Label1)
	S.. * 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen NIL $Label1))
	S: e OK
	C: f STORE 1 FLAGS ()
	S= * 1 FETCH (FLAGS ())
	S: f OK
	C: g STORE 1 +FLAGS (\\Bogus)
	S: g BAD
	C: h STORE 1 +FLAGS (\\Recent)
	S: h BAD
	C: i STORE 1 +FLAGS (a]b)
	S: i BAD
	C: j STORE 3 +FLAGS (\\Seen)
	S: j BAD
	C: k STORE 0 +FLAGS (\\Seen)
	S: k BAD
	C: l UID STORE 99 +FLAGS (\\Seen)
	S: l OK
	C: m STORE 1 +FLAGS
	S: m BAD
	C: n STORE 1 BOGUS (\\Seen)
	S: n BAD
	END
}

@test "the 27th keyword is refused, the 26 stay" {
	put '' one ''
	{
		echo 'S: * PREAUTH'
		echo 'C: s SELECT INBOX'
		echo 'S.. s OK'
		for i in {1..26}; do
			printf 'C: a STORE 1 +FLAGS.SILENT (k%d)\nS.. a OK\n' "$i"
		done
		echo 'C: b STORE 1 +FLAGS (k27)'
		echo 'S.. b NO [LIMIT]'
		echo 'C: c EXAMINE INBOX'
		echo 'S: * OK [CLOSED]'
		echo 'S~ \* FLAGS .* k26\)'
		echo 'S.. c OK'
	} | user_dialogue
	is 26 "$(wc -l <"$(maildir bob)/dovecot-keywords")"
	has "$(messages bob)" ':2,abcdefghijklmnopqrstuvwxyz$'
}

@test "COPY and MOVE: UIDs told, keywords translated, missing mailboxes" {
	put '' one S
	put '' two ''
	put Trash other ''
	user_dialogue <<-'END'
	S: * PREAUTH
	C: k SELECT Trash
	S.. k OK
	C: l STORE 1 +FLAGS.SILENT (Zeta)
	S.. l OK
	C: a SELECT INBOX
	S.. a OK
	C: b STORE 1 +FLAGS.SILENT (Alpha)
	S.. b OK
	C: c COPY 1:2 Trash
	S~ c OK \[COPYUID [0-9]+ 1:2 2:3\]
	C: d COPY 1 Missing
	S: d NO [TRYCREATE]
	C: e COPY 3 Trash
	S: e BAD
	C: f UID COPY 77 Trash
	S: f OK COPY
	C: g MOVE 1 Junk
	S~ \* OK \[COPYUID [0-9]+ 1 1\]
	S: * 1 EXPUNGE
	S: g OK
	C: h UID MOVE 2 Junk
	S~ \* OK \[COPYUID [0-9]+ 2 2\]
	S: * 1 EXPUNGE
	S: h OK
	C: i SELECT Trash
	S.. * 3 EXISTS
	S.. i OK
	C: j FETCH 2 FLAGS
	S~ \* 2 FETCH \(FLAGS \(\\Seen Alpha\)\)
	S: j OK
	C: m COPY 2
	S: m BAD
	C: n EXAMINE Junk
	S.. n OK
	C: o MOVE 1 Trash
	S: o NO
	END
	is 0 "$(count bob)"
	is 3 "$(count bob Trash)"
	is 2 "$(count bob Junk)"
	is '0 Zeta
1 Alpha' "$(cat "$(maildir bob Trash)/dovecot-keywords")"
}

@test "COPY into the same mailbox, and a message without sizes in its name" {
	put '' one S
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b COPY 1 INBOX
	S: * 2 EXISTS
	S.. b OK [COPYUID
	C: c COPY 2 INBOX
	S: * 3 EXISTS
	S.. c OK [COPYUID
	C: d MOVE 1 INBOX
	S~ \* OK \[COPYUID [0-9]+ 1 4\]
	S: * 1 EXPUNGE
	S: * 3 EXISTS
	S.. d OK
	END
	is 3 "$(count bob)"
}

@test "EXPUNGE and UID EXPUNGE" {
	put '' one T
	put '' two ST
	put '' three S
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b UID EXPUNGE 2:3
	S= * 2 EXPUNGE
	S: b OK
	C: c EXPUNGE
	S= * 1 EXPUNGE
	S: c OK
	C: d EXPUNGE 1
	S: d BAD
	C: e UID EXPUNGE
	S: e BAD
	C: f UID FETCH 1:* UID
	S= * 1 FETCH (UID 3)
	S: f OK
	END
	is 1 "$(count bob)"
}

@test "APPEND: flags, date, line ends, mailboxes, mistakes" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND INBOX (\\Seen Foo) "17-Jul-1996 02:44:25 -0700" {18}
	S: + OK
	C: Subject: x\r\n\r\nbody
	S~ a OK \[APPENDUID [0-9]+ 1\]
	C: b APPEND INBOX {11+}
	C: a: b\r\n\r\n\xe9c\n
	S~ b OK \[APPENDUID [0-9]+ 2\]
	C: c APPEND Missing {3}
	S: c NO [TRYCREATE]
	C: d APPEND Missing {3+}
	C: abc
	S: d NO [TRYCREATE]
	C: e APPEND INBOX {0}
	S: e NO
	C: f APPEND INBOX (\\Recent) {3+}
	C: abc
	S: f BAD
	C: g APPEND INBOX "17-Jul-1996" {3+}
	C: abc
	S: g BAD
	C: h APPEND INBOX {3+}
	C: a\0c
	S: h BAD
	C: i APPEND INBOX {3+}
	C: abcdef
	S: i BAD
	C: j APPEND INBOX abc
	S: j BAD
	C: k APPEND {5}
	S: + 
	C: INBOX {3}
	S: + 
	C: abc
	S: k OK [APPENDUID
	C: l SELECT INBOX
	S.. * 3 EXISTS
	S.. * 2 RECENT
	S.. l OK
	C: m FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)
	S~ \* 1 FETCH \(FLAGS \(\\Seen Foo\) INTERNALDATE "17-Jul-1996 ..:44:25 .....?" RFC822.SIZE 18\)
	S: m OK
	C: n APPEND INBOX (\\Seen) {3+}
	C: abc
	S: * 4 EXISTS
	S.. n OK
	END
	is 4 "$(count bob)"
	is '' "$(find "$(maildir bob)/tmp" -type f)"
	# stored with LF; a lone LF stays, a lone CR would
	is 1 "$(messages bob | xargs grep -lc $'^\xe9c$' | wc -l)"
	is '' "$(messages bob | xargs grep -l $'\r')"
}

@test "APPEND of 20 MB: bytes unchanged, memory flat" {
	needs python3
	run -0 python3 - "$BIN/imap-session" "$BOB" <<-'END'
	import re, subprocess, sys
	body = b"Subject: big\r\n\r\n" + (b"x" * 70 + b"\r\n") * 300000
	session = subprocess.Popen([sys.argv[1], "-u", sys.argv[2]],
	                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
	                           stderr=subprocess.DEVNULL)
	out = session.stdout
	session.stdin.write(b"a APPEND INBOX {%d+}\r\n" % len(body) + body
	                    + b"\r\nb SELECT INBOX\r\nc FETCH 1 BODY.PEEK[]\r\n")
	session.stdin.flush()
	while True:
	    line = out.readline()
	    assert line, "no answer"
	    if b"BODY[] {" in line:
	        break
	assert line.endswith(b"{%d}\r\n" % len(body)), line
	assert out.read(len(body)) == body, "changed"
	status = open("/proc/%d/status" % session.pid).read()
	print("peak", re.search(r"VmHWM:\s*(\d+)", status).group(1), "kB")
	session.stdin.write(b"\r\nd LOGOUT\r\n")
	session.stdin.close()
	assert b"d OK" in out.read()
	END
	# the sanitizers keep what was freed
	[[ $BIN = *san* ]] || [ "$(awk '/^peak/ { print $2 }' <<<"$output")" -lt 16000 ]
}

@test "CHECK, and IDLE's end" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CHECK
	S: a BAD
	C: b SELECT INBOX
	S.. b OK
	C: c CHECK
	S: c OK
	C: d IDLE
	S: + idling
	C: done
	S: d OK
	C: e IDLE
	S: + idling
	C: NOOP
	S: e BAD
	C: f NOOP
	S: f OK
	END
}
