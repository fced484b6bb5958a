#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# CATENATE (RFC 4469): new messages of parts that are there.

load lib/helpers
load lib/imap
load lib/quota

setup()
{
	instance_new
	BOX=$(maildir bob)
	printf '%s\n' 'Subject: one' 'From: a@b' \
		'Content-Type: multipart/mixed; boundary=b' '' \
		'--b' 'Content-Type: text/plain' '' 'first part' 'of it' \
		'--b' 'Content-Type: image/x' '' 'second' '--b--' |
		put '' 1700000001.M1P1.h
	mkdir -p "$BOX/.a.b c"/{cur,new,tmp} "$BOX/.&AOQ-"/{cur,new,tmp}
	printf 'Subject: two\r\n\r\nCRLF\r\n' | put 'a.b c' 1700000002.M1P1.h
	printf 'Subject: \303\244\n\nx\0y\n' | put '&AOQ-' 1700000003.M1P1.h
}

# put FOLDER NAME < message
put()
{
	cat >"$BOX/${1:+.$1/}cur/$2:2,"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

@test "CATENATE: text and parts of messages by absolute and relative URLs" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CAPABILITY
	S~ \* CAPABILITY .* CATENATE.* URL-PARTIAL
	S: a OK
	C: b APPEND Drafts (\\Draft) "17-Jul-1996 02:44:25 +0000" CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER" TEXT {6}
	S: + 
	C> text\r\n
	C:  URL /inbox/;uid=1/;section=1)
	S: b OK [APPENDUID
	C: c SELECT INBOX
	S.. c OK
	C: d APPEND Drafts CATENATE (TEXT {14+}
	C> Subject: x\r\n\r\n
	C:  URL {12}
	S: + 
	C> ;UID=1/;SECT
	C: )
	S: d NO [BADURL ";UID=1/;SECT"]
	C: f APPEND Drafts CATENATE (TEXT {14+}
	C> Subject: x\r\n\r\n
	C:  URL {22+}
	C> ;UID=1/;SECTION=2.MIME
	C:  URL ";UID=1/;SECTION=HEADER.FIELDS%20(From%20To)")
	S: f OK [APPENDUID
	C: g SELECT Drafts
	S.. * 2 EXISTS
	S.. g OK
	C: h FETCH 1 (FLAGS BODY.PEEK[])
	S~ \* 1 FETCH \(FLAGS \(\\Draft\) BODY\[\] \{\d+\}
	S= Subject: one
	S= From: a@b
	S= Content-Type: multipart/mixed; boundary=b
	S= 
	S= text
	S= first part
	S= of it)
	S: h OK
	C: i FETCH 2 BODY.PEEK[]
	S~ \* 2 FETCH \(BODY\[\] \{\d+\}
	S= Subject: x
	S= 
	S= Content-Type: image/x
	S= 
	S= From: a@b
	S= 
	S= )
	S: i OK
	END
}

@test "CATENATE: partials, whole messages, folders with spaces and beyond ASCII" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND INBOX CATENATE (URL "/a.b%20c/;UID=1")
	S: a OK [APPENDUID
	C: b APPEND INBOX CATENATE (URL "/%C3%A4/;UID=1/;PARTIAL=0.9" URL "/a.b%20c/;UID=1/;SECTION=TEXT/;PARTIAL=0.5" TEXT {1+}
	C> \n
	C:  URL "/a.b c/;UID=1/;SECTION=TEXT/;PARTIAL=3" URL "/a.b%20c/;UID=1/;PARTIAL=1000")
	S: b OK [APPENDUID
	C: c SELECT INBOX
	S.. c OK
	C: d FETCH 1:2 BODY.PEEK[]
	S= * 1 FETCH (BODY[] {22}
	S= Subject: two
	S= 
	S= CRLF
	S= )
	S= * 2 FETCH (BODY[] {18}
	S= Subject: CRLF
	S= F
	S= )
	S: d OK
	END
	is '' "$(messages bob | xargs grep -l $'\r')"
}

@test "CATENATE: a part with NUL stays as it is" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND Sent CATENATE (TEXT ~{6+}
	C> A: \0\r\n
	C:  URL "/%C3%A4/;UID=1")
	S: a OK [APPENDUID
	C: b APPEND Sent CATENATE (TEXT {6+}
	C> A: \0\r\n
	C:  URL "/%C3%A4/;UID=1")
	S: b BAD
	END
	is 1 "$(count bob Sent)"
	is 2 "$(tr -cd '\0' <"$(messages bob Sent)" | wc -c)"
}

@test "CATENATE: what no URL names is BADURL, and leaves nothing" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND Sent CATENATE (URL "/INBOX/;UID=2")
	S: a NO [BADURL "/INBOX/;UID=2"]
	C: b APPEND Sent CATENATE (URL "/INBOX;UIDVALIDITY=7/;UID=1")
	S: b NO [BADURL "/INBOX;UIDVALIDITY=7/;UID=1"]
	C: c APPEND Sent CATENATE (URL "/Missing/;UID=1")
	S: c NO [BADURL
	C: d APPEND Sent CATENATE (URL "/INBOX/;UID=1/;SECTION=9")
	S: d NO [BADURL
	C: e APPEND Sent CATENATE (URL ";UID=1")
	S: e NO [BADURL
	C: f APPEND Sent CATENATE (URL "imap://host/INBOX/;UID=1")
	S: f NO [BADURL
	C: g APPEND Sent CATENATE (URL "/../INBOX/;UID=1")
	S: g NO [BADURL
	C: h APPEND Sent CATENATE (URL "/INBOX/;UID=1/;SECTION=1]<0.5>")
	S: h NO [BADURL "/INBOX/;UID=1/;SECTION=1%5D<0.5>"]
	C: i APPEND Sent CATENATE (URL "/INBOX/;UID=1/;SECTION=1%0D%0A")
	S: i NO [BADURL
	C: j APPEND Sent CATENATE (TEXT {3+}
	C> abc
	C:  URL "/INBOX/;UID=9" TEXT {3}
	S: j NO [BADURL
	C: k APPEND Sent CATENATE (TEXT {3+}
	C> abc
	C:  URL "/INBOX/;UID=9" TEXT {3+}
	C> abc
	C: )
	S: k NO [BADURL
	C: l APPEND Missing CATENATE (URL "/INBOX/;UID=1")
	S: l NO [TRYCREATE]
	C: m NOOP
	S: m OK
	END
	is 0 "$(count bob Sent)"
	is '' "$(find "$BOX/.Sent/tmp" -type f)"
}

@test "CATENATE: mistakes of grammar" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND Sent CATENATE ()
	S: a BAD
	C: b APPEND Sent CATENATE URL "/INBOX/;UID=1"
	S: b BAD
	C: c APPEND Sent CATENATE (URL "/INBOX/;UID=1"
	S: c BAD
	C: d APPEND Sent CATENATE (URL "/INBOX/;UID=1")x
	S: d BAD
	C: e APPEND Sent CATENATE (BLOB {3}
	S: e BAD
	C: f APPEND Sent CATENATE (TEXT "abc")
	S: f BAD
	C: g APPEND Sent CATENATE (TEXT {0+}
	C> 
	C: )
	S: g NO
	C: h APPEND Sent CATENATE (URL {9000}
	S: h BAD [TOOBIG]
	C: i APPEND Sent CATENATE
	S: i BAD
	END
	is 0 "$(count bob Sent)"
}

@test "CATENATE: the limit of a message and the quota count what comes together" {
	{
		printf 'Subject: big\n\n'
		head -c 600 /dev/zero | tr '\0' 'x'
		echo
	} | put '' 1700000009.M1P1.h
	setting message_size_limit 1000
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND Sent CATENATE (URL "/INBOX/;UID=2" URL "/INBOX/;UID=2")
	S: a NO [TOOBIG]
	C: b APPEND Sent CATENATE (URL "/INBOX/;UID=2" TEXT {500}
	S: b NO [TOOBIG]
	C: c APPEND Sent CATENATE (URL "/INBOX/;UID=2" TEXT {3+}
	C> abc
	C: )
	S: c OK
	END
	is 1 "$(count bob Sent)"
	quota bob 1500
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND Sent CATENATE (URL "/INBOX/;UID=2")
	S: a NO [OVERQUOTA]
	END
	is 1 "$(count bob Sent)"
}

@test "CATENATE with MULTIAPPEND: both, or neither" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND Sent CATENATE (URL "/INBOX/;UID=1") (\\Seen) {3+}
	C> abc
	C:  CATENATE (URL "/INBOX/;UID=1/;SECTION=1")
	S~ a OK \[APPENDUID \d+ 1:3\]
	C: b APPEND Sent CATENATE (URL "/INBOX/;UID=1") CATENATE (URL "/INBOX/;UID=9")
	S: b NO [BADURL
	END
	is 3 "$(count bob Sent)"
}
