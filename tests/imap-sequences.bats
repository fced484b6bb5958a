#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What clients send that cannot be run here, in the order and the spelling in
# which they send it, with the answers they build on.

load lib/helpers

setup()
{
	instance_new
	put 1 first S <<-'END'
	From: Carol <carol@elsewhere.test>
	To: bob@example.test
	Subject: banana
	Date: Mon, 06 Jan 2025 10:00:00 +0000
	Message-ID: <1@elsewhere.test>

	Hello Bob.
	END
	put 2 second '' <<-'END'
	From: =?utf-8?q?J=C3=BCrgen?= <j@elsewhere.test>
	To: bob@example.test
	Subject: Re: banana
	Date: Mon, 06 Jan 2025 11:00:00 +0000
	Message-ID: <2@elsewhere.test>
	In-Reply-To: <1@elsewhere.test>
	MIME-Version: 1.0
	Content-Type: multipart/mixed; boundary=b

	--b
	Content-Type: text/plain; charset=utf-8

	See the file.
	--b
	Content-Type: application/octet-stream; name=a.bin
	Content-Disposition: attachment; filename=a.bin
	Content-Transfer-Encoding: base64

	aGVsbG8=
	--b--
	END
}

# put NUMBER NAME FLAGS: a message in bob's INBOX.
put()
{
	cat >"$(maildir bob)/cur/170000000$1.M1P$2:2,$3"
	touch -d "2025-01-06 1$1:00:00 UTC" "$(maildir bob)/cur/170000000$1.M1P$2:2,$3"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$(maildir bob)"
}

# deliver_one SUBJECT: by RUN lines.
deliver_one()
{
	mail_text "$1" | "$BIN/deliver" "$BOB" 2>/dev/null
}

# played < transcript
played()
{
	export -f deliver_one mail_text
	imap_dialogue
}

@test "Apple Mail: ID first, CONDSTORE, LIST with STATUS, CHANGEDSINCE, flags of its own" {
	played <<-'END'
	S: * OK [CAPABILITY IMAP4rev1
	C: 1.1 CAPABILITY
	S: * CAPABILITY IMAP4rev1
	S: 1.1 OK
	C: 2.1 ID ("name" "Mac OS X Mail" "version" "16.0 (3826.400.131.1.6)" "os" "Mac OS X" "os-version" "15.3 (24D60)" "vendor" "Apple Inc.")
	S: * ID (
	S: 2.1 OK
	C: 3.1 AUTHENTICATE PLAIN
	S= + 
	C: ${BOB_PLAIN}
	S~ 3.1 OK \[CAPABILITY .*CONDSTORE
	C: 4.1 CAPABILITY
	S~ \* CAPABILITY .*ESEARCH.*LIST-STATUS.*MOVE
	S: 4.1 OK
	C: 5.1 ENABLE CONDSTORE
	S= * ENABLED CONDSTORE
	S: 5.1 OK
	C: 6.1 NAMESPACE
	S= * NAMESPACE (("" ".")) NIL NIL
	S: 6.1 OK
	C: 7.1 LIST "" ""
	S= * LIST (\\Noselect) "." ""
	S: 7.1 OK
	C: 8.1 LIST "" "*" RETURN (SPECIAL-USE SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ))
	S.~ \* LIST \(.*\\Junk.*\) "\." Junk
	S.~ 8.1 OK
	C: 9.1 STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)
	S~ \* STATUS INBOX \(HIGHESTMODSEQ [1-9]\d+ MESSAGES 2 .*UIDNEXT 3 .*UNSEEN 1\)
	S: 9.1 OK
	C: 10.1 SELECT INBOX (CONDSTORE)
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: 10.1 OK [READ-WRITE]
	C: 11.1 FETCH 1:2 (FLAGS UID)
	S~ \* 1 FETCH \(.*FLAGS \(\\Seen\)
	S~ \* 2 FETCH \(.*UID 2
	S: 11.1 OK
	C: 12.1 UID FETCH 1:2 (INTERNALDATE UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority x-uniform-type-identifier x-universally-unique-identifier list-id list-unsubscribe bimi-indicator authentication-results dkim-signature)] MODSEQ)
	S~ \* 1 FETCH \(INTERNALDATE " 6-Jan-2025 11:00:00 \+0000" UID 1 RFC822.SIZE 160 FLAGS \(\\Seen\) BODY\[HEADER.FIELDS \(.*\)\] \{148\}
	S= From: Carol <carol@elsewhere.test>
	S.. * 2 FETCH
	S.. 12.1 OK
	C: 13.1 UID FETCH 2 BODYSTRUCTURE
	S~ \* 2 FETCH \(.*BODYSTRUCTURE \(\("text" "plain" \("charset" "utf-8"\).*"mixed"
	S: 13.1 OK
	C: 14.1 UID FETCH 2 (BODY.PEEK[1.MIME] BODY.PEEK[1] BODY.PEEK[2.MIME])
	S.. See the file.
	S.. 14.1 OK
	C: 15.1 UID FETCH 2 BODY.PEEK[2]<0.6>
	S~ \* 2 FETCH \(.*BODY\[2\]<0> \{6\}
	S= aGVsbG)
	S: 15.1 OK
	C: 16.1 UID STORE 2 +FLAGS.SILENT (\\Seen $NotJunk NotJunk $MailFlagBit0 \\Flagged)
	S.. 16.1 OK
	C: 17.1 UID FETCH 1:2 (FLAGS) (CHANGEDSINCE ${HIGHEST})
	S~ \* 2 FETCH \(UID 2 MODSEQ \(\d+\) FLAGS \(\\Flagged \\Seen \$NotJunk NotJunk \$MailFlagBit0\)\)
	S: 17.1 OK
	C: 18.1 UID SEARCH RETURN (ALL) UNDELETED
	S= * ESEARCH (TAG "18.1") UID ALL 1:2
	S: 18.1 OK
	C: 19.1 UID SEARCH RETURN (COUNT) UNSEEN UNDELETED
	S= * ESEARCH (TAG "19.1") UID COUNT 0
	S: 19.1 OK
	C: 20.1 CREATE "Deleted Messages"
	S: 20.1 OK
	C: 21.1 SUBSCRIBE "Deleted Messages"
	S: 21.1 OK
	C: 22.1 UID MOVE 1 "Deleted Messages"
	S: * OK [COPYUID
	S: * 1 EXPUNGE
	S: 22.1 OK
	C: 23.1 IDLE
	S: + 
	RUN deliver_one news
	S= * 2 EXISTS
	S.. * 
	C: DONE
	S.. 23.1 OK
	C: 24.1 GETQUOTAROOT INBOX
	S: * QUOTAROOT INBOX
	S.. 24.1 OK
	C: 25.1 CLOSE
	S: 25.1 OK
	C: 26.1 LOGOUT
	S: * BYE
	S: 26.1 OK
	S$
	END
}

@test "K-9 Mail: SASL-IR, LIST RETURN (SPECIAL-USE), pieces, a message found by its Message-ID" {
	played <<-'END'
	S: * OK
	C: 1 CAPABILITY
	S~ \* CAPABILITY .*SASL-IR.*AUTH=PLAIN
	S: 1 OK
	C: 2 AUTHENTICATE PLAIN ${BOB_PLAIN}
	S: 2 OK [CAPABILITY
	C: 3 ID ("name" "K-9 Mail" "version" "6.804")
	S: * ID (
	S: 3 OK
	C: 4 COMPRESS DEFLATE
	S: 4 OK
	DEFLATE
	C: 5 NAMESPACE
	S= * NAMESPACE (("" ".")) NIL NIL
	S: 5 OK
	C: 6 LIST "" "*" RETURN (SPECIAL-USE)
	S.~ \* LIST \(.*\\Drafts\) "\." Drafts
	S.. 6 OK
	C: 7 LSUB "" "*"
	S.. 7 OK
	C: 8 SELECT "INBOX"
	S.. * 2 EXISTS
	S.. 8 OK [READ-WRITE]
	C: 9 UID SEARCH *:*
	S= * SEARCH 2
	S: 9 OK
	C: 10 UID SEARCH 1:2 SINCE 05-Jan-2025 NOT DELETED
	S= * SEARCH 1 2
	S: 10 OK
	C: 11 UID FETCH 2,1 (UID FLAGS)
	S= * 1 FETCH (UID 1 FLAGS (\\Seen))
	S= * 2 FETCH (UID 2 FLAGS ())
	S: 11 OK
	C: 12 UID FETCH 1,2 (UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (date subject from content-type to cc reply-to message-id references in-reply-to list-unsubscribe sender X-K9mail-Identity Chat-Version)] BODYSTRUCTURE)
	S: * 1 FETCH (UID 1 INTERNALDATE " 6-Jan-2025 11:00:00 +0000" RFC822.SIZE 160 FLAGS (\\Seen) BODY[HEADER.FIELDS (
	S.. * 2 FETCH (UID 2
	S.. 12 OK
	C: 13 UID FETCH 1 (UID BODY.PEEK[]<0.32768>)
	S= * 1 FETCH (UID 1 BODY[]<0> {160}
	S= From: Carol <carol@elsewhere.test>
	S.. Hello Bob.
	S= )
	S: 13 OK
	C: 14 UID FETCH 2 (UID BODY.PEEK[2])
	S= * 2 FETCH (UID 2 BODY[2] {8}
	S= aGVsbG8=)
	S: 14 OK
	C: 15 UID STORE 2 +FLAGS.SILENT (\\Seen)
	S: 15 OK
	C: 16 APPEND "Sent" (\\Seen) {55}
	S: + 
	C> Message-ID: <up@bob.test>\r\nSubject: sent\r\n\r\nSent so.\r\n
	C:
	S: 16 OK [APPENDUID
	C: 17 SELECT "Sent"
	S.. 17 OK
	C: 18 UID SEARCH HEADER MESSAGE-ID "<up@bob.test>"
	S= * SEARCH 1
	S: 18 OK
	C: 19 SELECT "INBOX"
	S.. 19 OK
	C: 20 UID COPY 1 "Trash"
	S: 20 OK [COPYUID
	C: 21 UID STORE 1 +FLAGS.SILENT (\\Deleted)
	S: 21 OK
	C: 22 UID EXPUNGE 1
	S= * 1 EXPUNGE
	S: 22 OK
	C: 23 UID MOVE 2 "Junk"
	S: * OK [COPYUID
	S= * 1 EXPUNGE
	S: 23 OK
	C: 24 IDLE
	S: + 
	RUN deliver_one pushed
	S= * 1 EXISTS
	C: DONE
	S.. 24 OK
	C: 25 LOGOUT
	S: * BYE
	END
}

@test "Thunderbird: lower case, quoted names, HEADER.FIELDS, previews, tags, junk" {
	played <<-'END'
	S: * OK
	C: 1 capability
	S: * CAPABILITY
	S: 1 OK
	C: 2 authenticate PLAIN ${BOB_PLAIN}
	S: 2 OK
	C: 3 ID ("name" "Thunderbird" "version" "128.6.0")
	S: * ID
	S: 3 OK
	C: 4 namespace
	S: * NAMESPACE
	S: 4 OK
	C: 5 list (subscribed) "" "*" return (special-use)
	S.. 5 OK
	C: 6 list "" "INBOX"
	S~ \* LIST \(.*\) "\." INBOX
	S: 6 OK
	C: 7 list "" "%" return (special-use)
	S.~ \* LIST \(.*\\Trash\) "\." Trash
	S.. 7 OK
	C: 8 select "INBOX"
	S.. 8 OK [READ-WRITE]
	C: 9 getquotaroot "INBOX"
	S: * QUOTAROOT INBOX
	S.. 9 OK
	C: 10 UID fetch 1:* (FLAGS)
	S= * 1 FETCH (UID 1 FLAGS (\\Seen))
	S= * 2 FETCH (UID 2 FLAGS ())
	S: 10 OK
	C: 11 UID fetch 1:2 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])
	S~ \* 1 FETCH \(UID 1 RFC822.SIZE 160 FLAGS \(\\Seen\) BODY\[HEADER.FIELDS \(From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To\)\] \{148\}
	S= From: Carol <carol@elsewhere.test>
	S.. * 2 FETCH (UID 2
	S.. 11 OK
	C: 12 UID fetch 1:2 (UID BODY.PEEK[HEADER.FIELDS (Content-Type Content-Transfer-Encoding)] BODY.PEEK[TEXT]<0.2048>)
	S= * 1 FETCH (UID 1 BODY[HEADER.FIELDS (Content-Type Content-Transfer-Encoding)] {2}
	S= 
	S=  BODY[TEXT]<0> {12}
	S= Hello Bob.
	S= )
	S~ \* 2 FETCH \(UID 2 BODY\[HEADER.FIELDS \(Content-Type Content-Transfer-Encoding\)\] \{45\}
	S.. 12 OK
	C: 13 UID fetch 1 (UID RFC822.SIZE BODY.PEEK[]<0.100>)
	S= * 1 FETCH (UID 1 RFC822.SIZE 160 BODY[]<0> {100}
	S.. 13 OK
	C: 14 UID fetch 1 (UID RFC822.SIZE BODY.PEEK[]<100.16384>)
	S= * 1 FETCH (UID 1 RFC822.SIZE 160 BODY[]<100> {60}
	S.. 14 OK
	C: 15 UID fetch 2 (UID RFC822.SIZE BODY[])
	S.. 15 OK
	C: 16 uid store 2 +Flags ($label1 NonJunk)
	S.~ \* 2 FETCH \(.*FLAGS \(\\Seen .*\$label1.*\)
	S: 16 OK
	C: 17 uid store 2 -Flags (Junk)
	S.. 17 OK
	C: 18 UID SEARCH UNDELETED SUBJECT "banana"
	S= * SEARCH 1 2
	S: 18 OK
	C: 19 UID SEARCH CHARSET UTF-8 UNDELETED FROM {7+}
	C: j\xc3\xbcrgen
	S= * SEARCH 2
	S: 19 OK
	C: 20 create "Archives"
	S: 20 OK
	C: 21 create "Archives.2025"
	S: 21 OK
	C: 22 subscribe "Archives.2025"
	S: 22 OK
	C: 23 rename "Archives.2025" "Archives.2024"
	S: 23 OK
	C: 24 uid move 1 "Archives.2024"
	S: * OK [COPYUID
	S= * 1 EXPUNGE
	S: 24 OK
	C: 25 uid copy 2 "Archives.2024"
	S: 25 OK [COPYUID
	C: 26 IDLE
	S: + 
	RUN deliver_one news
	S= * 2 EXISTS
	S.. * 
	C: DONE
	S.. 26 OK
	C: 27 UID fetch 3:* (UID RFC822.SIZE FLAGS)
	S: * 2 FETCH (UID 3 
	S: 27 OK
	C: 28 append "Sent" (\\Seen) {30+}
	C> Subject: sent\r\n\r\nSent so now.\r\n
	C:
	S: 28 OK [APPENDUID
	C: 29 noop
	S: 29 OK
	C: 30 close
	S: 30 OK
	C: 31 logout
	S: * BYE
	END
}

@test "Roundcube: SORT and THREAD with RETURN, LIST-STATUS, QRESYNC, BINARY, literals in searches" {
	played <<-'END'
	S: * OK
	C: A0001 ID ("name" "Roundcube" "version" "1.6.10" "php" "8.2.29" "os" "Linux" "command" "/?_task=login")
	S: * ID
	S: A0001 OK
	C: A0002 AUTHENTICATE PLAIN ${BOB_PLAIN}
	S~ A0002 OK \[CAPABILITY .*SORT.*THREAD=REFS
	C: A0003 NAMESPACE
	S: * NAMESPACE
	S: A0003 OK
	C: A0004 ENABLE QRESYNC
	S= * ENABLED QRESYNC
	S: A0004 OK
	C: A0005 LIST (SUBSCRIBED) "" * RETURN (SPECIAL-USE)
	S.. A0005 OK
	C: A0006 LIST (SUBSCRIBED) "" "*" RETURN (STATUS (MESSAGES UNSEEN))
	S.. A0006 OK
	C: A0007 LIST "" INBOX RETURN (STATUS (MESSAGES UNSEEN UIDNEXT))
	S~ \* LIST \(.*\) "\." INBOX
	S= * STATUS INBOX (MESSAGES 2 UIDNEXT 3 UNSEEN 1)
	S: A0007 OK
	C: A0008 STATUS INBOX (MESSAGES UNSEEN RECENT)
	S: * STATUS INBOX (MESSAGES 2 RECENT 0 UNSEEN 1)
	S: A0008 OK
	C: A0009 SELECT INBOX
	S.~ \* OK \[UIDVALIDITY (?P<VALIDITY>\d+)\]
	S.~ \* OK \[HIGHESTMODSEQ (?P<HIGHEST>\d+)\]
	S: A0009 OK
	C: A0010 UID SORT RETURN (ALL) (REVERSE DATE) US-ASCII ALL UNDELETED
	S= * ESEARCH (TAG "A0010") UID ALL 2,1
	S: A0010 OK
	C: A0011 UID SORT (DISPLAYFROM) UTF-8 ALL
	S= * SORT 1 2
	S: A0011 OK
	C: A0012 UID THREAD REFS US-ASCII ALL
	S= * THREAD (1 2)
	S: A0012 OK
	C: A0013 UID THREAD REFERENCES US-ASCII UNDELETED
	S= * THREAD (1 2)
	S: A0013 OK
	C: A0014 UID SEARCH RETURN (MIN MAX COUNT) UNDELETED
	S= * ESEARCH (TAG "A0014") UID MIN 1 MAX 2 COUNT 2
	S: A0014 OK
	C: A0015 UID SEARCH RETURN (ALL COUNT) UNSEEN
	S= * ESEARCH (TAG "A0015") UID ALL 2 COUNT 1
	S: A0015 OK
	C: A0016 UID FETCH 2,1 (UID RFC822.SIZE FLAGS INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (DATE FROM TO SUBJECT CONTENT-TYPE CC REPLY-TO LIST-POST DISPOSITION-NOTIFICATION-TO X-PRIORITY)])
	S~ \* 1 FETCH \(.*UID 1 RFC822.SIZE 160 FLAGS \(\\Seen\) INTERNALDATE 
	S.~ \* 2 FETCH \(.*UID 2 
	S.. A0016 OK
	C: A0017 UID FETCH 2 (UID RFC822.SIZE FLAGS INTERNALDATE BODY.PEEK[HEADER] BODYSTRUCTURE BODY.PEEK[1.MIME])
	S.. A0017 OK
	C: A0018 UID FETCH 2 (BINARY.PEEK[2])
	S= * 2 FETCH (UID 2 BINARY[2] {5}
	S= hello)
	S: A0018 OK
	C: A0019 UID FETCH 2 (BODY.PEEK[1]<0.5>)
	S= * 2 FETCH (UID 2 BODY[1]<0> {5}
	S= See t)
	S: A0019 OK
	C: A0020 UID STORE 2 +FLAGS.SILENT (\\Seen)
	S.. A0020 OK
	C: A0021 UID SEARCH CHARSET UTF-8 OR HEADER SUBJECT {7}
	S: + 
	C: j\xc3\xbcrgen HEADER FROM {7}
	S: + 
	C: j\xc3\xbcrgen
	S= * SEARCH 2
	S: A0021 OK
	C: A0022 UID MOVE 1 Trash
	S: * OK [COPYUID
	S= * VANISHED 1
	S: A0022 OK
	C: A0023 CREATE "Gr&APwA3w-e" (USE (\\Archive))
	S: A0023 OK
	C: A0024 SUBSCRIBE "Gr&APwA3w-e"
	S: A0024 OK
	C: A0025 LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)
	S.~ \* LIST \(.*\\Archive.*\) "\." "?Gr&APwA3w-e"?
	S.. A0025 OK
	C: A0026 APPEND Drafts (\\Seen) {16+}
	C> Subject: d\r\n\r\nD\r\n
	C:
	S: A0026 OK [APPENDUID
	C: A0027 CLOSE
	S: A0027 OK
	C: A0028 SELECT INBOX (QRESYNC (${VALIDITY} ${HIGHEST}))
	S.. * VANISHED (EARLIER) 1
	S~ \* 1 FETCH \(UID 2 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)
	S: A0028 OK
	C: A0029 GETQUOTAROOT INBOX
	S: * QUOTAROOT INBOX
	S.. A0029 OK
	C: A0030 LOGOUT
	S: * BYE
	END
}
