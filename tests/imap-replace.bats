#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# REPLACE (RFC 8508).

load lib/helpers
load lib/imap
load lib/quota

setup()
{
	instance_new
	BOX=$(maildir bob)
	put Drafts 1700000001.M1P1.h one
	put Drafts 1700000002.M1P1.h two
	put Drafts 1700000003.M1P1.h three
}

# put FOLDER BASE SUBJECT
put()
{
	mail_text "$3" >"$BOX/.$1/cur/$2:2,S"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# subjects FOLDER
subjects()
{
	messages bob "$1" | xargs -r grep -h '^Subject:' | cut -d' ' -f2- | sort
}

@test "REPLACE and UID REPLACE: the new message is told before the old one goes" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CAPABILITY
	S~ \* CAPABILITY .* REPLACE
	S: a OK
	C: b SELECT Drafts
	S.. b OK
	C: c REPLACE 2 Drafts (\\Draft kw) "17-Jul-1996 02:44:25 +0000" {16}
	S: + 
	C: Subject: new\r\n\r\n
	S~ \* OK \[APPENDUID \d+ 4\]
	S: * 2 EXPUNGE
	S.. * 3 EXISTS
	S.. c OK
	C: d UID REPLACE 1 Drafts {18+}
	C: Subject: newer\r\n\r\n
	S~ \* OK \[APPENDUID \d+ 5\]
	S: * 1 EXPUNGE
	S.. * 3 EXISTS
	S.. d OK
	C: e UID FETCH 1:* FLAGS
	S: * 1 FETCH (UID 3 FLAGS (\\Seen))
	S~ \* 2 FETCH \(UID 4 FLAGS \(\\Draft kw\)\)
	S~ \* 3 FETCH \(UID 5 FLAGS \(.*Recent\)\)
	S: e OK
	C: f REPLACE * Trash {17+}
	C: Subject: last\r\n\r\n
	S~ \* OK \[APPENDUID \d+ 1\]
	S: * 3 EXPUNGE
	S: f OK
	END
	is "$(printf '%s\n' new three)" "$(subjects Drafts)"
	is last "$(subjects Trash)"
}

@test "REPLACE by parts of the message that goes" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT Drafts
	S.. a OK
	C: b UID REPLACE 2 Drafts CATENATE (TEXT {6+}
	C> A: b\r\n
	C:  URL ";UID=2")
	S~ \* OK \[APPENDUID \d+ 4\]
	S: * 2 EXPUNGE
	S.. b OK
	C: c UID FETCH 4 BODY.PEEK[HEADER.FIELDS (A Subject)]
	S: * 3 FETCH
	S= A: b
	S= Subject: two
	S= 
	S: )
	S: c OK
	END
}

@test "REPLACE: what fails leaves the old message and no new one" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a REPLACE 1 Drafts {3}
	S: a BAD No mailbox
	C: b REPLACE 1 Drafts {3+}
	C: abc
	S: b BAD No mailbox
	C: c SELECT Drafts
	S.. c OK
	C: d REPLACE 4 Drafts {3}
	S: d BAD
	C: e UID REPLACE 9 Drafts {3+}
	C: abc
	S: e NO
	C: f REPLACE 1 Missing {3}
	S: f NO [TRYCREATE]
	C: g REPLACE 1 Drafts {3+}
	C: a\0c
	S: g BAD
	C: h REPLACE 1 Drafts {3+}
	C> abc
	C:  {3}
	S: h BAD
	C: i REPLACE 1:2 Drafts {3}
	S: i BAD
	C: j REPLACE 1 Drafts
	S: j BAD
	C: k REPLACE 1 Drafts {0}
	S: k NO
	C: l REPLACE 1 Drafts {60000000}
	S: l NO [TOOBIG]
	C: m EXAMINE Drafts
	S.. m OK
	C: n REPLACE 1 Drafts {3}
	S: n NO
	END
	is "$(printf '%s\n' one three two)" "$(subjects Drafts)"
	is '' "$(find "$BOX/.Drafts/tmp" -type f)"
}

@test "REPLACE of a message that another session has removed fails" {
	user_dialogue <<-END
	S: * PREAUTH
	C: a SELECT Drafts
	S.. a OK
	C: b REPLACE 1 Drafts {16}
	S: +
	RUN rm $BOX/.Drafts/cur/1700000001.M1P1.h:2,S
	C: Subject: new\r\n\r\n
	S.. b NO [EXPUNGEISSUED]
	END
	is "$(printf '%s\n' three two)" "$(subjects Drafts)"
}

@test "REPLACE in a full mailbox: only what the new message is larger counts" {
	local size text
	size=$(cat "$BOX"/.Drafts/cur/* | wc -c)
	quota bob "$size"
	text=$(mail_text eno | crlf | wc -c)
	{
		echo 'S: * PREAUTH'
		echo 'C: a SELECT Drafts'
		echo 'S.. a OK'
		echo 'C: b APPEND Drafts {20}'
		echo 'S: b NO [OVERQUOTA]'
		echo "C: c REPLACE 3 Drafts {$text}"
		echo 'S: c NO [OVERQUOTA]'
		echo 'C: d REPLACE 1 Drafts {18}'
		printf 'S: + \nC: Subject: short\\r\\n\\r\\n\n'
		echo 'S: * OK [APPENDUID'
		echo 'S.. d OK'
	} | user_dialogue
	is "$(printf '%s\n' short three two)" "$(subjects Drafts)"
	is "$(cat "$BOX"/.Drafts/{cur,new}/* | wc -c)" \
		"$(awk 'NR > 1 { sum += $1 } END { print sum }' "$BOX/maildirsize")"
}

@test "REPLACE with UIDONLY wants a UID; with QRESYNC the old one is VANISHED" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a ENABLE QRESYNC
	S.. a OK
	C: b SELECT Drafts
	S.. b OK
	C: c REPLACE 2 Drafts {16+}
	C: Subject: new\r\n\r\n
	S: * OK [APPENDUID
	S: * VANISHED 2
	S.~ c OK \[HIGHESTMODSEQ \d+\]
	C: d ENABLE UIDONLY
	S.. d OK
	C: e REPLACE 1 Drafts {3+}
	C: abc
	S: e BAD [UIDREQUIRED]
	C: f UID REPLACE 1 Drafts {16+}
	C: Subject: new\r\n\r\n
	S: * OK [APPENDUID
	S: * VANISHED 1
	S.. f OK
	END
}
