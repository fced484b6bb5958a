#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# METADATA (RFC 5464) and LIST-METADATA (RFC 9590).

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
}

@test "METADATA: set, get, replace, remove, of a mailbox and of the server" {
	user_dialogue <<-'END'
	S~ \* PREAUTH .* METADATA
	C: a SETMETADATA INBOX (/Private/Comment "mine" /shared/comment {7+}
	C: a"b\r\nc?)
	S: a OK
	C: b GETMETADATA INBOX (/private/comment /shared/comment /shared/none)
	S= * METADATA INBOX (/private/comment "mine" /shared/comment {7}
	S= a"b
	S= c? /shared/none NIL)
	S: b OK GETMETADATA
	C: c SETMETADATA INBOX (/private/comment NIL /shared/comment "")
	S: c OK
	C: d GETMETADATA "INBOX" /private/comment
	S= * METADATA INBOX (/private/comment NIL)
	S: d OK
	C: e GETMETADATA "INBOX" /shared/comment
	S= * METADATA INBOX (/shared/comment "")
	S: e OK
	C: f SETMETADATA "" (/shared/comment "all" /private/vendor/x/y NIL)
	S: f OK
	C: g GETMETADATA "" (/shared/comment)
	S= * METADATA "" (/shared/comment "all")
	S: g OK
	C: h GETMETADATA INBOX /shared/comment
	S= * METADATA INBOX (/shared/comment "")
	S: h OK
	C: i SETMETADATA INBOX (/shared/comment ~{3+}
	C: a\0b)
	S: i OK
	C: j GETMETADATA INBOX /shared/comment
	S= * METADATA INBOX (/shared/comment ~{3}
	S= a\0b)
	S: j OK
	C: k SETMETADATA "" (/shared/admin "mailto:x@y")
	S: k NO [NOPERM]
	END
}

@test "METADATA: MAXSIZE and DEPTH, before the mailbox and after it" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SETMETADATA Sent (/private/f/v "1" /private/f/v/s "22" /private/f/v/s/t "333" /private/f/vx "4")
	S: a OK
	C: b GETMETADATA (DEPTH 1) Sent /private/f/v
	S= * METADATA Sent (/private/f/v "1" /private/f/v/s "22")
	S: b OK GETMETADATA
	C: c GETMETADATA Sent (depth infinity) (/private/f/v)
	S= * METADATA Sent (/private/f/v "1" /private/f/v/s "22" /private/f/v/s/t "333")
	S: c OK
	C: d GETMETADATA (MAXSIZE 1 DEPTH infinity) Sent (/private/f)
	S= * METADATA Sent (/private/f/v "1" /private/f/vx "4")
	S: d OK [METADATA LONGENTRIES 3] GETMETADATA
	C: e GETMETADATA (DEPTH 0) Sent /private/f/v
	S= * METADATA Sent (/private/f/v "1")
	S: e OK
	C: f GETMETADATA (DEPTH infinity) Sent /private/none
	S: f OK
	C: g GETMETADATA Sent "/private/f/vx"
	S= * METADATA Sent (/private/f/vx "4")
	S: g OK
	END
}

@test "METADATA: wrong arguments, missing mailboxes" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a GETMETADATA
	S: a BAD
	C: b GETMETADATA INBOX
	S: b BAD
	C: c GETMETADATA INBOX comment
	S: c BAD
	C: d GETMETADATA INBOX "/shared/*"
	S: d BAD
	C: e GETMETADATA INBOX /shared//comment
	S: e BAD
	C: f GETMETADATA INBOX /shared/
	S: f BAD
	C: g GETMETADATA (DEPTH 2) INBOX /shared
	S: g BAD
	C: h GETMETADATA (WIDTH 1) INBOX /shared
	S: h BAD
	C: i GETMETADATA INBOX ()
	S: i BAD
	C: j SETMETADATA INBOX ()
	S: j BAD
	C: k SETMETADATA INBOX (/shared/x)
	S: k BAD
	C: l SETMETADATA INBOX (/comment "x")
	S: l BAD
	C: m SETMETADATA INBOX /shared/x "x"
	S: m BAD
	C: n SETMETADATA INBOX (/shared/x atom)
	S: n BAD
	C: o GETMETADATA None /shared/x
	S: o NO [NONEXISTENT]
	C: p SETMETADATA None (/shared/x "x")
	S: p NO [NONEXISTENT]
	C: q SETMETADATA "../x" (/shared/x "x")
	S: q NO
	C: r SETMETADATA INBOX (/shared/x "x"
	S: r BAD
	END
	[ ! -e "$BOX/besace.metadata" ]
}

@test "METADATA: limits, all or nothing" {
	{
		echo 'S: * PREAUTH'
		printf 'C: a SETMETADATA INBOX (/shared/a "1" /shared/b {32769+}\n'
		printf 'C: %s)\n' "$(head -c 32769 /dev/zero | tr '\0' x)"
		echo 'S: a NO [METADATA MAXSIZE 32768]'
		printf 'C: b SETMETADATA INBOX (/shared/b {32768+}\n'
		printf 'C: %s)\n' "$(head -c 32768 /dev/zero | tr '\0' x)"
		echo 'S: b OK'
		for i in {1..99}; do
			printf 'C| c SETMETADATA INBOX (/shared/n%d "x")\n' "$i"
		done
		echo 'C: d SETMETADATA INBOX (/shared/last "x" /shared/n1 "y")'
		for i in {1..99}; do
			echo 'S: c OK'
		done
		echo 'S: d NO [METADATA TOOMANY]'
		echo 'C: e GETMETADATA INBOX (/shared/a /shared/n1 /shared/last)'
		echo 'S= * METADATA INBOX (/shared/n1 "x" /shared/a NIL /shared/last NIL)'
		echo 'S: e OK'
		echo 'C: f SETMETADATA INBOX (/shared/n2 NIL /shared/last "x")'
		echo 'S: f OK'
	} | user_dialogue
}

@test "METADATA follows RENAME, goes with DELETE, is copied from INBOX" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C| a CREATE One
	C| b CREATE One.Two
	C| c SETMETADATA One.Two (/private/comment "two")
	C| d SETMETADATA INBOX (/private/comment "in")
	C| e RENAME One Three
	C: f GETMETADATA Three.Two /private/comment
	S: a OK
	S: b OK
	S: c OK
	S: d OK
	S: e OK
	S= * METADATA Three.Two (/private/comment "two")
	S: f OK
	C| g DELETE Three.Two
	C| h CREATE Three.Two
	C: i GETMETADATA Three.Two /private/comment
	S: g OK
	S: h OK
	S= * METADATA Three.Two (/private/comment NIL)
	S: i OK
	C| j RENAME INBOX Old
	C| k GETMETADATA INBOX /private/comment
	C: l GETMETADATA Old /private/comment
	S: j OK
	S= * METADATA INBOX (/private/comment "in")
	S: k OK
	S= * METADATA Old (/private/comment "in")
	S: l OK
	END
}

@test "LIST-METADATA" {
	user_dialogue <<-'END'
	S~ \* PREAUTH .* LIST-METADATA
	C: a SETMETADATA Drafts (/shared/comment "here")
	S: a OK
	C: b LIST "" (Drafts Sent) RETURN (METADATA (/shared/comment /private/x) SUBSCRIBED)
	S~ \* LIST \(.*\\Drafts.*\\Subscribed.*\) "." Drafts
	S= * METADATA Drafts (/shared/comment "here" /private/x NIL)
	S~ \* LIST \(.*\) "." Sent
	S= * METADATA Sent (/shared/comment NIL /private/x NIL)
	S: b OK
	C: c LIST "" % RETURN (METADATA)
	S: c BAD
	C: d LIST "" % RETURN (METADATA (x))
	S: d BAD
	END
}

@test "METADATA's file is damaged or hostile: what is whole shows, and can be set" {
	{
		printf 'besace metadata 1\n2 /shared/a\nxx\n'
		printf '99999999999999999999 /shared/b\nxx\n'
	} >"$BOX/besace.metadata"
	mkfifo "$BOX/.Sent/besace.metadata"
	ln -s /etc/passwd "$BOX/.Drafts/besace.metadata"
	head -c 300000 /dev/zero >"$BOX/.Trash/besace.metadata"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a GETMETADATA INBOX (/shared/a /shared/b)
	S= * METADATA INBOX (/shared/a "xx" /shared/b NIL)
	S: a OK
	C: b SETMETADATA INBOX (/shared/b "y")
	S: b OK
	C: c GETMETADATA INBOX (/shared/a /shared/b)
	S= * METADATA INBOX (/shared/a "xx" /shared/b "y")
	S: c OK
	C: d GETMETADATA Sent /shared/a
	S: d NO
	C: e GETMETADATA Drafts /shared/a
	S: e NO
	C: f GETMETADATA Trash /shared/a
	S: f NO
	C: g LIST "" Sent
	S: * LIST (\\HasNoChildren \\Sent) "." Sent
	S: g OK
	END
	logged 'damaged'
}
