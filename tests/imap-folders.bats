#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# CREATE, DELETE and RENAME where it is hard: names at their limits, hierarchies,
# the selected mailbox, INBOX.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
}

# long COUNT: so many letters.
long()
{
	printf "%0$1d" 0
}

# tree: the directories of bob's mailboxes.
tree()
{
	find "$BOX" -mindepth 1 -maxdepth 1 -name '.*' -printf '%f\n' | sort
}

@test "names of 255 octets on disk, and one more" {
	{
		echo 'S: * PREAUTH'
		printf 'C: a CREATE %s\nS: a OK\n' "$(long 254)"
		printf 'C: b CREATE %s\nS: b NO [CANNOT]\n' "$(long 255)"
		printf 'C: c CREATE a.%s\nS: c NO [CANNOT]\n' "$(long 253)"
		printf 'C: d LIST "" 000*\nS: * LIST\nS: d OK\n'
		printf 'C: e SETMETADATA %s (/private/a "x")\nS: e OK\n' "$(long 254)"
		printf 'C: f SELECT %s\nS.. f OK\n' "$(long 254)"
		printf 'C: g DELETE %s\nS: g OK\n' "$(long 254)"
	} | user_dialogue
	is "$(printf '.%s\n' Drafts Junk Sent Trash)" "$(tree)"
}

@test "RENAME of a hierarchy: all of it or nothing" {
	local before name
	name=$(long 100)
	{
		echo 'S: * PREAUTH'
		printf 'C: a CREATE A.%s\nS: a OK\n' "$name"
		printf 'C: b CREATE A.z\nS: b OK\n'
		printf 'C: c CREATE B.z\nS: c OK\n'
		printf 'C: d CREATE A\nS: d OK\n'
	} | user_dialogue
	before=$(tree)
	{
		echo 'S: * PREAUTH'
		# too long for one below it
		printf 'C: a RENAME A %s\nS: a NO [CANNOT]\n' "$(long 154)"
		# there is one below it already
		printf 'C: b RENAME A B\nS: b NO [ALREADYEXISTS]\n'
		printf 'C: c RENAME A A.z.y\nS: c NO [CANNOT]\n'
		printf 'C: d RENAME A A\nS: d NO\n'
	} | user_dialogue
	is "$before" "$(tree)"
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a RENAME A C.D
	S: a OK
	C: b LIST "" "C*"
	S= * LIST (\\Noselect \\HasChildren) "." C
	S= * LIST (\\HasChildren) "." C.D
	S~ \* LIST \(\\HasNoChildren\) "\." C\.D\.0+
	S= * LIST (\\HasNoChildren) "." C.D.z
	S: b OK
	C: c LIST "" "A*"
	S: c OK
	END
}

@test "RENAME of the selected mailbox or of one above it: it stays selected" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE One.Two
	S: a OK
	C: b APPEND One.Two {8+}
	C: A: b\r\n\r\n
	S: b OK
	C: c SELECT One.Two
	S.. c OK
	C: d RENAME One Three
	S: d OK
	C: e COPY 1 Three.Two
	S: * 2 EXISTS
	S: * 1 RECENT
	S: e OK [COPYUID
	C: f RENAME Three.Two Four
	S: f OK
	C: g STORE 1 +FLAGS (\\Deleted)
	S: * 1 FETCH (FLAGS (\\Deleted \\Recent))
	S: g OK
	C: h EXPUNGE
	S: * 1 EXPUNGE
	S: h OK
	C: i FETCH 1 (UID)
	S: * 1 FETCH (UID 2)
	S: i OK
	C: j CREATE One.Two
	S: j OK
	C: k NOOP
	S: k OK
	C: l DELETE Four
	S: l OK
	C: m FETCH 1 (UID)
	S: m NO [NONEXISTENT]
	END
}

@test "RENAME INBOX: what is under it stays, twice gives two mailboxes" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE INBOX.kid
	S: a OK
	C: b APPEND INBOX {8+}
	C: A: b\r\n\r\n
	S: b OK
	C: c RENAME inbox Old
	S: c OK
	C: d RENAME INBOX Old
	S: d NO [ALREADYEXISTS]
	C: e RENAME INBOX Older
	S: e OK
	C: f LIST "" (INBOX* Old*) RETURN (STATUS (MESSAGES))
	S= * LIST (\\HasChildren) "." INBOX
	S= * STATUS INBOX (MESSAGES 0)
	S= * LIST (\\HasNoChildren) "." INBOX.kid
	S= * STATUS INBOX.kid (MESSAGES 0)
	S= * LIST (\\HasNoChildren) "." Old
	S= * STATUS Old (MESSAGES 1)
	S= * LIST (\\HasNoChildren) "." Older
	S= * STATUS Older (MESSAGES 0)
	S: f OK
	C: g RENAME INBOX INBOX.kid.kid
	S: g OK
	C: h RENAME INBOX ..
	S: h NO
	END
}

@test "what a killed DELETE left goes with the next one, a day later" {
	mkdir -p "$BOX/..besace-deleted."{old,new}/{cur,new,tmp}
	touch "$BOX/..besace-deleted."{old,new}/cur/message
	touch -d '2 days ago' "$BOX/..besace-deleted.old"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a DELETE Drafts
	S: a OK
	END
	is "$(printf '%s\n' ..besace-deleted.new .Junk .Sent .Trash)" "$(tree)"
}
