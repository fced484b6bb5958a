#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# LIST and its extensions (RFC 3501, 3348, 5258, 5819), by the traps.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
}

# folders NAME...: mailboxes of bob's.
folders()
{
	local name
	for name; do
		mkdir -p "$BOX/.$name"/{cur,new,tmp}
	done
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

@test "S107: subscribed names, missing ones too, and their parents by CHILDINFO" {
	printf 'V\t2\n\nINBOX\ngone\tkid\nhere\tkid\nhere\tother\n' \
		>"$BOX/subscriptions"
	folders here.kid lone a.b
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LIST (SUBSCRIBED) "" *
	S= * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S= * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "." gone.kid
	S= * LIST (\\HasNoChildren \\Subscribed) "." here.kid
	S= * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "." here.other
	S: a OK
	C: b LIST (SUBSCRIBED) "" %
	S= * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S: b OK
	C: c LIST (RECURSIVEMATCH SUBSCRIBED) "" %
	S= * LIST (\\HasNoChildren \\Subscribed) "." INBOX
	S= * LIST (\\NonExistent \\HasChildren) "." gone ("CHILDINFO" ("SUBSCRIBED"))
	S= * LIST (\\NonExistent \\HasChildren) "." here ("CHILDINFO" ("SUBSCRIBED"))
	S: c OK
	C: d LIST (RECURSIVEMATCH) "" *
	S: d BAD
	C: e LIST (RECURSIVEMATCH REMOTE) "" *
	S: e BAD
	C: f LIST (REMOTE) "" lon*
	S= * LIST (\\HasNoChildren) "." lone
	S: f OK
	C: g LIST "" (here.%) RETURN (SUBSCRIBED)
	S= * LIST (\\HasNoChildren \\Subscribed) "." here.kid
	S: g OK
	END
}

@test "LIST: no options, no patterns, empty patterns, wrong ones" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LIST () "" inbox
	S= * LIST (\\HasNoChildren) "." INBOX
	S: a OK
	C: b LIST "" INBOX RETURN ()
	S= * LIST (\\HasNoChildren) "." INBOX
	S: b OK
	C: c LIST "" ()
	S: c OK
	C: d LIST "" ""
	S= * LIST (\\Noselect) "." ""
	S: d OK
	C: e LIST "" "" RETURN (CHILDREN)
	S: e OK
	C: f LIST "" ("")
	S: f OK
	C: g LIST () "" ""
	S: g OK
	C: h LIST (BOGUS) "" *
	S: h BAD
	C: i LIST "" * RETURN (BOGUS)
	S: i BAD
	C: j LIST "" * RETURN
	S: j BAD
	C: k LIST "" * RETURN CHILDREN
	S: k BAD
	C: l LIST "" (* %
	S: l BAD
	C: m LIST "" * RETURN (STATUS)
	S: m BAD
	C: n LIST "" * RETURN (STATUS ())
	S: n BAD
	C: o LIST (SUBSCRIBED "" *
	S: o BAD
	END
}

@test "LIST: each mailbox once, in the order of the tree; missing parents" {
	folders a a-b a.c a.c.d x.y INBOX.kid
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LIST "" ("a*" "a" "x" "x.%" "INBOX*")
	S= * LIST (\\HasChildren) "." INBOX
	S= * LIST (\\HasNoChildren) "." INBOX.kid
	S= * LIST (\\HasChildren) "." a
	S= * LIST (\\HasChildren) "." a.c
	S= * LIST (\\HasNoChildren) "." a.c.d
	S= * LIST (\\HasNoChildren) "." a-b
	S= * LIST (\\NonExistent \\HasChildren) "." x
	S= * LIST (\\HasNoChildren) "." x.y
	S: a OK
	C: b LIST "" x
	S= * LIST (\\Noselect \\HasChildren) "." x
	S: b OK
	END
}

@test "LIST-STATUS: of what can be selected, after its LIST" {
	folders x.y
	mail_text one >"$BOX/.x.y/cur/1700000001.M1P1.h:2,S"
	mail_text two >"$BOX/.x.y/cur/1700000002.M1P1.h:2,T"
	folders x.y
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a LIST "" (x x.y) RETURN (STATUS (MESSAGES UNSEEN DELETED UIDNEXT))
	S= * LIST (\\NonExistent \\HasChildren) "." x
	S= * LIST (\\HasNoChildren) "." x.y
	S= * STATUS x.y (MESSAGES 2 UIDNEXT 3 UNSEEN 1 DELETED 1)
	S: a OK
	END
}

@test "a bomb of wildcards, and of patterns, costs no more than its length" {
	local i name
	name=$(printf '%0120d' 0)
	for i in {1..40}; do
		folders "$name$i.$name"
	done
	{
		echo 'S: * PREAUTH'
		printf 'C: a LIST "" "%s1"\n' "$(printf '*%%%.0s' {1..100})"
		printf 'S.~ a OK\n'
		printf 'C: b LIST "" "%sx"\n' "$(printf '*0%.0s' {1..200})"
		echo 'S: b OK'
		printf 'C: c LIST "" "%s"\n' "$(printf '%%%.0s' {1..2000})"
		echo 'S: c BAD'
		printf 'C: d LIST "" (%s)\n' "$(printf '*0*0*x %.0s' {1..9000})x"
		echo 'S: d BAD'
		echo 'C: e LIST "" *%*%*%z'
		echo 'S: e OK'
	} | user_dialogue
}
